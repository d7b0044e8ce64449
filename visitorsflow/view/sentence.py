"""The day in one sentence: all is well, or what is to be done. Pure."""

from collections.abc import Iterable

from visitorsflow.facts import missing_reason
from visitorsflow.rules.health import Health
from visitorsflow.rules.limits import Fill
from visitorsflow.view.course import Shown
from visitorsflow.view.model import DatabaseState, ReportShown, ViewModel
from visitorsflow.view.phrases import health_text, trouble_text
from visitorsflow.words import Words

OLD: tuple[DatabaseState, ...] = ("old", "away", "refuses")
BAD = (Health.DEAD, Health.SILENT, Health.STOPPED, Health.TROUBLE)


def to_do(shown: Shown, words: Words) -> Iterable[str]:
    """Each thing that somebody must look at, the most urgent first; none of a day that is over."""
    model = shown.model
    if model is None:
        return
    if model.database in OLD:
        yield f"{words('view database')} {words(f'view database {model.database}')}"
    if model.fill is Fill.FULL:
        yield f"{words('view inside')} {words('view full')}"
    yield from _cameras(model, words)
    if model.short:
        yield words("page partial", cameras=words("list").join(short_names(model)))
    if model.report and not model.report.accepted:
        yield verdict_text(model.report, words)
    elif model.report_is_late:
        yield words("page report late")
    for camera in model.devices():
        if camera.rejected:
            yield words("page rejected", name=camera.name, count=camera.rejected)
    if model.missing:
        yield words("view missing", what=words.say(missing_reason(model.missing)))


def short_names(model: ViewModel) -> list[str]:
    """The cameras whose rows are missing in the totals of today."""
    return list(dict.fromkeys(gap.camera for gap in model.short))


def verdict_text(sent: ReportShown, words: Words) -> str:
    """Accepted, refused, or no answer."""
    return words(f"page report {'yes' if sent.accepted else 'silent' if sent.http_status is None else 'no'}")


def _cameras(model: ViewModel, words: Words) -> Iterable[str]:
    for camera in model.cameras:
        if camera.health in BAD:
            trouble = trouble_text(camera.troubles, words) if camera.health is Health.TROUBLE else ""
            yield f"{camera.name} {trouble or health_text(camera.health, camera.seconds, words)}"
