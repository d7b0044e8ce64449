"""The blocks of the screen that are made of words: states, cameras, this uploader, what happened. Pure."""

from collections import Counter
from datetime import datetime

from visitorsflow.rules.health import Health, troubles
from visitorsflow.view.bars import progress_bar
from visitorsflow.view.lines import BAD, FAINT, GOOD, STRONG, WARN, Line, cell, length, part
from visitorsflow.view.picture import CameraShown, Happening, Picture, UploaderShown
from visitorsflow.view.spans import age, moment
from visitorsflow.words import Words

_STATE_STYLES = {
    "works": GOOD,
    "none": FAINT,
    "unread": WARN,
    "old": BAD,
    "away": BAD,
    "refuses": BAD,
    "trouble": BAD,
    "waits": BAD,
}
_HEALTH_STYLES = {
    Health.DEAD: BAD,
    Health.SILENT: BAD,
    Health.STOPPED: WARN,
    Health.TROUBLE: WARN,
    Health.NEW: WARN,
    Health.CLOSED: FAINT,
    Health.WELL: GOOD,
}
WITH_A_LENGTH = (Health.SILENT, Health.DEAD, Health.STOPPED)


def states(picture: Picture, width: int, words: Words) -> Line:
    """The last report, the database, and of this uploader the folder and Telegram, each in a word."""
    line = _report(picture, words)
    rest: Line = []

    def add(name: str, state: str) -> None:
        rest.append(part(f"  {words(f'view {name}')} "))
        rest.append(part(words(f"view {name} {state}"), _STATE_STYLES[state]))

    add("database", picture.database)
    if picture.uploader:
        add("folder", picture.uploader.folder)
        add("telegram", picture.uploader.telegram)
    if "program" in picture.troubles:
        rest.append(part(f"  {words('view program')}", BAD))
    if length(line) + length(rest) > width:
        line = _report(picture, words, with_time=False)
    return line + rest


def _report(picture: Picture, words: Words, *, with_time: bool = True) -> Line:
    sent = picture.report
    line = [part(words("view report") + " ", STRONG)]
    if sent is None:
        return [*line, part(words("view report none"), WARN)]
    if with_time:
        line.append(part(f"{moment(sent.sent_at, picture.now)} "))
    verdict = "yes" if sent.accepted else "silent" if sent.http_status is None else "no"
    line.append(part(words(f"view report {verdict}"), f"bold {GOOD}" if sent.accepted else BAD))
    line.append(part(f" {words('view ago', age=age(sent.age, words))}"))
    if picture.report_is_late:
        line.append(part(" " + words("view report late"), WARN))
    elif sent.partial:
        line.append(part(" " + words("view report partial"), WARN))
    return line


def cameras(shown: tuple[CameraShown, ...], now: datetime, room: int, width: int, words: Words) -> list[Line]:
    """A heading and at most `room` rows, a row a camera; when they are more, the last row counts the rest."""
    name_width = 14 + min(20, max(0, width - 79) // 2)
    heading: Line = [
        cell(words("view camera name"), name_width, FAINT),
        cell(words("view camera health"), 20, FAINT),
        cell(words("view camera crossing"), 14, FAINT),
        cell(words("view camera file"), 12, FAINT),
        cell(words("view camera age"), 9, FAINT, right=True),
        cell(words("view camera waiting"), 8, FAINT, right=True),
    ]
    if not shown:
        return [heading, [part(words("view camera none"), WARN)]]
    fitting = shown if len(shown) <= room else shown[: room - 1]
    rows = [heading, *(_camera(camera, now, name_width, width, words) for camera in fitting)]
    rest = Counter(camera.health for camera in shown[len(fitting) :])
    if rest:
        healths = words("list").join(
            f"{words(f'view health {one}')} {rest[one]}" for one in Health if rest[one]
        )
        text = words("view camera more", count=rest.total(), healths=healths)
        rows.append([part(text, _HEALTH_STYLES[min(rest, key=lambda one: one.badness)])])
    return rows


def _camera(camera: CameraShown, now: datetime, name_width: int, width: int, words: Words) -> Line:
    line: Line = [
        cell(camera.name, name_width - 1),
        part(" "),
        cell(_health(camera.health, camera.seconds, words), 19, _HEALTH_STYLES[camera.health]),
        part(" "),
        cell(moment(camera.crossing_at, now), 14),
        cell(moment(camera.file_at, now), 12),
        cell("-" if camera.file_age is None else age(camera.file_age, words), 9, right=True),
        cell(str(camera.waiting), 8, right=True),
    ]
    left = width - length(line) - 2
    trouble = _trouble(camera.trouble, words)
    if trouble and left >= 8:
        line += [part("  "), cell(trouble, left, WARN)]
    return line


def _trouble(text: str, words: Words) -> str:
    """What lasts at a camera besides silence, which the state says already."""
    lasting = [(what, reason) for what, reason in troubles(text) if what != "silence"]
    said = (words.about(what) + (f" {reason}" if reason else "") for what, reason in lasting)
    return words("list").join(said)


def _health(health: Health, seconds: float, words: Words) -> str:
    text = words(f"view health {health}")
    return f"{text} {age(seconds, words)}" if health in WITH_A_LENGTH else text


def uploader(shown: UploaderShown, width: int, words: Words) -> list[Line]:
    """Two lines: the counts; and the progress of a backlog, or else the newest file that was rejected."""
    counts: Line = [
        part(words("view uploader", camera=shown.camera), STRONG),
        part("  " + words("view stored", count=shown.stored)),
    ]
    if shown.stored_at:
        counts.append(part(words("view stored at", at=f"{shown.stored_at:%H:%M:%S}"), FAINT))
    counts.append(part("  " + words("view waiting", count=shown.waiting), WARN if shown.waiting else ""))
    rejected = words("view rejected count", count=shown.rejected)
    counts.append(part("  " + rejected, BAD if shown.rejected else ""))
    return [counts, _second_line(shown, width, words)]


def _second_line(shown: UploaderShown, width: int, words: Words) -> Line:
    progress = shown.progress
    if progress:
        speed = f"{progress.per_second:.0f}"
        text = words("view progress", done=progress.done, total=progress.total, speed=speed)
        if progress.seconds_left is not None:
            text += words("view left", left=age(progress.seconds_left, words))
        line = [part(text, WARN), part("  ")]
        return [*line, part(progress_bar(progress.done, progress.total, max(1, width - length(line))), GOOD)]
    if shown.rejected_name:
        name, reason = shown.rejected_name, shown.rejected_reason
        return [part(words("view newest rejected", name=name, reason=reason), BAD)]
    return [part(words("view none rejected"), FAINT)]


def happenings(picture: Picture, room: int, width: int, words: Words) -> list[Line]:
    """The last `room` things that happened, the newest first."""
    if not picture.happenings:
        return [[part(words("view no happenings"), FAINT)]]
    newest = reversed(picture.happenings[-room:])
    return [
        [
            part(f"{moment(one.at, picture.now)} ", FAINT),
            part(_text(one, words), WARN if one.is_bad else GOOD),
        ]
        for one in newest
    ]


def _text(one: Happening, words: Words) -> str:
    """In the words of the alerts, where they have some for it."""
    values = dict(one.values)
    if "health" in values:
        values["health"] = _health(values["health"], values["seconds"], words)
    if "patience" in values:
        values["limit"] = words.limit(values["patience"])
    if "seconds" in values:
        values["length"] = words.length(values["seconds"])
    if words.has(one.what):
        return words(one.what, **values)
    return f"{words.about(one.what)} {values.get('reason', '')}".rstrip()
