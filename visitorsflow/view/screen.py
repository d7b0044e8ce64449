"""The view model as the lines of a screen. Pure: the model, a size and the words go in.

The height of each block follows from the size and from how many cameras there are, never from what
happens: nothing on the screen jumps.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from visitorsflow.facts import missing_reason
from visitorsflow.rules.health import Health
from visitorsflow.rules.limits import Fill
from visitorsflow.subjects import PROGRAM
from visitorsflow.text import printable
from visitorsflow.view import draw
from visitorsflow.view.draw import (
    BAD,
    FAINT,
    GOOD,
    IN,
    OUT,
    STRONG,
    WARN,
    Line,
    cell,
    cut,
    fit,
    length,
    part,
    progress_bar,
    spread,
)
from visitorsflow.view.model import CameraShown, UploaderShown, ViewModel
from visitorsflow.view.phrases import age, happening_text, health_text, moment, trouble_text
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
COLUMNS, ROWS = 80, 24  # the smallest size for all of it
FEWEST_CAMERA_ROWS, MOST_CAMERA_ROWS = 4, 12


def screen(model: ViewModel, columns: int, rows: int, words: Words) -> list[Line]:
    """Just `rows` lines of `columns` - 1 cells: some terminals scroll when their last cell is written."""
    width = max(1, columns - 1)
    if columns < COLUMNS or rows < ROWS:
        lines = _small(model, width, words)
    else:
        lines = _whole(model, width, rows, words)
    blank: Line = [part("")]
    return [fit(line, width) for line in (lines + [blank] * rows)[:rows]]


def _whole(model: ViewModel, width: int, rows: int, words: Words) -> list[Line]:
    extra = rows - ROWS
    gap: list[Line] = [[part("")]] if extra >= 6 else []
    extra -= 3 * len(gap)
    more_bars = min(4, (extra + 1) // 4)
    extra -= 2 * more_bars
    room = min(MOST_CAMERA_ROWS, FEWEST_CAMERA_ROWS + extra // 2)
    lines = [_title(model, width, words), *_numbers(model, width, words), states(model, width, words)]
    lines += gap
    lines += draw.hour_bars(model.hours, model.now.hour, 3 + more_bars, 2 + more_bars, width, words)
    lines += gap
    lines += cameras(model.cameras, model.now, room, width, words)
    lines += gap
    if model.uploader:
        lines += uploader(model.uploader, width, words)
    return lines + happenings(model, rows - len(lines), width, words)


def _title(model: ViewModel, width: int, words: Words) -> Line:
    middle: Line = [part("VisitorsFlow", STRONG)]
    if model.inside is None:
        middle.append(part(f"  {words('view nothing yet')}", WARN))
    elif model.is_old and model.age is not None:
        middle.append(part(f"  {words('view old', age=age(model.age, words))}", BAD))
    elif model.missing:
        what = words.say(missing_reason(model.missing))
        middle.append(part(f"  {words('view missing', what=what)}", WARN))
    return spread(middle, [part(f"  {model.now:%Y-%m-%d %H:%M:%S}", STRONG)], width)


def _numbers(model: ViewModel, width: int, words: Words) -> list[Line]:
    """Inside, in and out: each as large as there is room for, inside first."""
    full, colour = {
        Fill.FREE: ("", "bold"),
        Fill.NEAR: (words("view nearly full"), f"bold {WARN}"),
        Fill.FULL: (words("view full"), BAD),
    }[model.fill]
    labels = [f"{words('view inside')} {full}".rstrip(), words("view in"), words("view out")]
    numbers = [_digits(n) for n in (model.inside, model.came_in, model.went_out)]
    styles = [f"dim {style}".strip() if model.is_old else style for style in (colour, IN, OUT)]
    for scales in ((3, 3, 3), (3, 2, 2), (2, 2, 2), (2, 1, 1), (1, 1, 1)):
        widths = [draw.digits_width(number, scale) for number, scale in zip(numbers, scales, strict=True)]
        if sum(widths) + 6 * max(scales) <= width and max(scales) <= (3 if width >= 100 else 2):
            break
    gap = (width - sum(widths)) // 3
    lines: list[Line] = [[cell(labels[i], widths[i] + gap, styles[i]) for i in range(3)]]
    shown = [draw.huge(number, scale) for number, scale in zip(numbers, scales, strict=True)]
    for row in range(draw.HEIGHT):
        lines.append([cell(shown[i][row], widths[i] + gap, styles[i]) for i in range(3)])
    return lines


def _small(model: ViewModel, width: int, words: Words) -> list[Line]:
    three = zip(
        ("view inside", "view in", "view out"),
        (model.inside, model.came_in, model.went_out),
        strict=True,
    )
    lines: list[Line] = [[part(f"{words(key)} {_digits(number)}", STRONG)] for key, number in three]
    wrapped = _wrapped(words("view too small"), width, lambda line: [part(line, WARN)])
    return [*lines, *wrapped, [part(f"{model.now:%H:%M:%S}", FAINT)]]


def _wrapped(text: str, width: int, line: Callable[[str], Line]) -> list[Line]:
    lines = []
    while text:
        head = text
        while len(head) > 1 and cut(head, width) != head:
            head = head[:-1]
        lines.append(line(head))
        text = text[len(head) :]
    return lines


def _digits(number: int | None) -> str:
    return "--" if number is None else str(number)


def states(model: ViewModel, width: int, words: Words) -> Line:
    """The last report, the database, and of this uploader the folder and Telegram, each in a word."""
    line = _report(model, words)
    rest: Line = []

    def add(name: str, state: str) -> None:
        rest.append(part(f"  {words(f'view {name}')} "))
        rest.append(part(words(f"view {name} {state}"), _STATE_STYLES[state]))

    add("database", model.database)
    if model.uploader:
        add("folder", model.uploader.folder)
        add("telegram", model.uploader.telegram)
    if PROGRAM.key in model.troubles:
        rest.append(part(f"  {words('view program')}", BAD))
    if length(line) + length(rest) > width:
        line = _report(model, words, with_time=False)
    return line + rest


def _report(model: ViewModel, words: Words, *, with_time: bool = True) -> Line:
    sent = model.report
    line = [part(words("view report") + " ", STRONG)]
    if sent is None:
        return [*line, part(words("view report none"), WARN)]
    if with_time:
        line.append(part(f"{moment(sent.sent_at, model.now)} "))
    verdict = "yes" if sent.accepted else "silent" if sent.http_status is None else "no"
    line.append(part(words(f"view report {verdict}"), f"bold {GOOD}" if sent.accepted else BAD))
    line.append(part(f" {words('view ago', age=age(sent.age, words))}"))
    if model.report_is_late:
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
        cell(health_text(camera.health, camera.seconds, words), 19, _HEALTH_STYLES[camera.health]),
        part(" "),
        cell(moment(camera.crossing_at, now), 14),
        cell(moment(camera.file_at, now), 12),
        cell("-" if camera.file_age is None else age(camera.file_age, words), 9, right=True),
        cell(str(camera.waiting), 8, right=True),
    ]
    left = width - length(line) - 2
    trouble = trouble_text(camera.troubles, words)
    if trouble and left >= 8:
        line += [part("  "), cell(trouble, left, WARN)]
    return line


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
        name, reason = shown.rejected_name, printable(words.say(shown.rejected_reason))
        return [part(words("view newest rejected", name=name, reason=reason), BAD)]
    return [part(words("view none rejected"), FAINT)]


def happenings(model: ViewModel, room: int, width: int, words: Words) -> list[Line]:
    """The last `room` things that happened, the newest first."""
    if not model.happenings:
        return [[part(words("view no happenings"), FAINT)]]
    newest = reversed(model.happenings[-room:])
    return [
        [
            part(f"{moment(one.at, model.now)} ", FAINT),
            part(happening_text(one, words), WARN if one.is_bad else GOOD),
        ]
        for one in newest
    ]
