"""The picture of the day as the lines of a screen. Pure: a picture, a size and the words go in.

The height of each block follows from the size and from how many cameras there are, never from what
happens: nothing on the screen jumps.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from visitorsflow.events import PROGRAM, SILENCE
from visitorsflow.facts import missing_reason
from visitorsflow.reasons import Reason
from visitorsflow.rules.health import Health, Trouble
from visitorsflow.rules.limits import Fill
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
from visitorsflow.view.model import CameraShown, Happening, Picture, UploaderShown
from visitorsflow.view.phrases import age, moment
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
    if PROGRAM.key in picture.troubles:
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
    trouble = _trouble(camera.troubles, words)
    if trouble and left >= 8:
        line += [part("  "), cell(trouble, left, WARN)]
    return line


def _trouble(troubles: tuple[Trouble, ...], words: Words) -> str:
    """What lasts at a camera besides silence, which the state says already."""
    said = (
        f"{words.about(what)} {words.say(reason)}".rstrip()
        for what, reason in troubles
        if what != SILENCE.key
    )
    return printable(words("list").join(said))


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
        name, reason = shown.rejected_name, printable(words.say(shown.rejected_reason))
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
    values: dict[str, Any] = {
        name: printable(words.say(value)) if isinstance(value, Reason) else value
        for name, value in one.values.items()
    }
    values["reason"] = values.get("reason") or ""
    if "health" in values:
        values["health"] = _health(values["health"], values["seconds"], words)
    if "patience" in values:
        values["limit"] = words.limit(values["patience"])
    if "seconds" in values:
        values["length"] = words.length(values["seconds"])
    if words.has(one.what):
        return words(one.what, **values)
    return f"{words.about(one.what)} {values.get('reason') or ''}".rstrip()


COLUMNS, ROWS = 80, 24  # the smallest size for all of it

FEWEST_CAMERA_ROWS, MOST_CAMERA_ROWS = 4, 12


def screen(picture: Picture, columns: int, rows: int, words: Words) -> list[Line]:
    """Just `rows` lines of `columns` - 1 cells: some terminals scroll when their last cell is written."""
    width = max(1, columns - 1)
    if columns < COLUMNS or rows < ROWS:
        lines = _small(picture, width, words)
    else:
        lines = _whole(picture, width, rows, words)
    blank: Line = [part("")]
    return [fit(line, width) for line in (lines + [blank] * rows)[:rows]]


def _whole(picture: Picture, width: int, rows: int, words: Words) -> list[Line]:
    extra = rows - ROWS
    gap: list[Line] = [[part("")]] if extra >= 6 else []
    extra -= 3 * len(gap)
    more_bars = min(4, (extra + 1) // 4)
    extra -= 2 * more_bars
    room = min(MOST_CAMERA_ROWS, FEWEST_CAMERA_ROWS + extra // 2)
    lines = [_title(picture, width, words), *_numbers(picture, width, words), states(picture, width, words)]
    lines += gap
    lines += draw.hour_bars(picture.hours, picture.now.hour, 3 + more_bars, 2 + more_bars, width, words)
    lines += gap
    lines += cameras(picture.cameras, picture.now, room, width, words)
    lines += gap
    if picture.uploader:
        lines += uploader(picture.uploader, width, words)
    return lines + happenings(picture, rows - len(lines), width, words)


def _title(picture: Picture, width: int, words: Words) -> Line:
    middle: Line = [part("VisitorsFlow", STRONG)]
    if picture.inside is None:
        middle.append(part(f"  {words('view nothing yet')}", WARN))
    elif picture.is_old and picture.age is not None:
        middle.append(part(f"  {words('view old', age=age(picture.age, words))}", BAD))
    elif picture.missing:
        middle.append(
            part(f"  {words('view missing', what=words.say(missing_reason(picture.missing)))}", WARN)
        )
    return spread(middle, [part(f"  {picture.now:%Y-%m-%d %H:%M:%S}", STRONG)], width)


def _numbers(picture: Picture, width: int, words: Words) -> list[Line]:
    """Inside, in and out: each as large as there is room for, inside first."""
    full, colour = {
        Fill.FREE: ("", "bold"),
        Fill.NEAR: (words("view nearly full"), f"bold {WARN}"),
        Fill.FULL: (words("view full"), BAD),
    }[picture.fill]
    labels = [f"{words('view inside')} {full}".rstrip(), words("view in"), words("view out")]
    numbers = [_digits(n) for n in (picture.inside, picture.came_in, picture.went_out)]
    styles = [f"dim {style}".strip() if picture.is_old else style for style in (colour, IN, OUT)]
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


def _small(picture: Picture, width: int, words: Words) -> list[Line]:
    three = zip(
        ("view inside", "view in", "view out"),
        (picture.inside, picture.came_in, picture.went_out),
        strict=True,
    )
    lines: list[Line] = [[part(f"{words(key)} {_digits(number)}", STRONG)] for key, number in three]
    wrapped = _wrapped(words("view too small"), width, lambda line: [part(line, WARN)])
    return [*lines, *wrapped, [part(f"{picture.now:%H:%M:%S}", FAINT)]]


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
