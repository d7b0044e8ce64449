"""The view model as the lines of a screen. Pure: the model, a size and the words go in.

The height of each block follows from the size and from how many cameras there are, never from what
happens: nothing on the screen jumps.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from visitorsflow.facts import missing_reason
from visitorsflow.reasons import Reason
from visitorsflow.rules.health import Health
from visitorsflow.rules.limits import Fill
from visitorsflow.subjects import PROGRAM
from visitorsflow.text import day_time, printable
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
    padded,
    part,
    progress_bar,
    spread,
    wrapped,
)
from visitorsflow.view.model import CameraShown, HourShown, UploaderShown, ViewModel, busiest
from visitorsflow.view.phrases import age, happening_text, health_text, moment, trouble_text, waiting_text
from visitorsflow.words import Words

_STATE_STYLES = {
    "works": GOOD,
    "none": FAINT,
    "unread": WARN,
    "old": BAD,
    "away": BAD,
    "refuses": BAD,
    "trouble": BAD,
    "waits": WARN,
    "nobody": FAINT,
}
_HEALTH_STYLES = {
    Health.DEAD: BAD,
    Health.SILENT: BAD,
    Health.STOPPED: WARN,
    Health.TROUBLE: WARN,
    Health.UNKNOWN: WARN,
    Health.NEW: WARN,
    Health.CLOSED: FAINT,
    Health.WELL: GOOD,
}
COLUMNS, ROWS = 80, 24  # the smallest size for all of it
COLUMNS_FOR_GATES = 99  # from here on there is room for the counts of each camera
MOST_CAMERA_ROWS = 16
FEWEST_HAPPENINGS = 2
FEWEST_OF_VENUE = 4  # cells of its name


class Prompt(NamedTuple):
    """What the program has to say to whoever sits at the keyboard."""

    hint: str = ""  # the keys
    is_urgent: bool = False
    question: str = ""  # it waits for an answer


NO_PROMPT = Prompt()


def screen(model: ViewModel, columns: int, rows: int, words: Words, prompt: Prompt = NO_PROMPT) -> list[Line]:
    """Just `rows` lines of `columns` - 1 cells: some terminals scroll when their last cell is written."""
    width = max(1, columns - 1)
    if columns < COLUMNS or rows < ROWS:
        lines = _small(model, width, words, prompt)
    else:
        lines = _whole(model, width, rows, words, prompt)
    return _fitted(lines, width, rows)


def help_screen(columns: int, rows: int, words: Words) -> list[Line]:
    """The words of the screen explained, in the same size."""
    width = max(1, columns - 1)
    lines: list[Line] = [[part(words("view help title"), STRONG)]]
    for text in words("view help").splitlines():
        word, _, meaning = text.partition("|")
        indent = "  " if meaning else ""
        lines += [[part(line)] for line in wrapped(f"{word}{indent}{meaning}", width)]
    return _fitted([*lines[: max(1, rows - 1)], [part(words("view help end"), FAINT)]], width, rows)


def _fitted(lines: list[Line], width: int, rows: int) -> list[Line]:
    blank: Line = [part("")]
    return [fit(line, width) for line in (lines + [blank] * rows)[:rows]]


def _whole(model: ViewModel, width: int, rows: int, words: Words, prompt: Prompt) -> list[Line]:
    extra = rows - ROWS
    gap: list[Line] = [[part("")]] if extra >= 6 else []
    extra -= 3 * len(gap)
    more_bars = min(4, (extra + 1) // 4)
    up, down = 3 + more_bars, 2 + more_bars
    lines = [_title(model, width, words), *_numbers(model, width, words), states(model, width, words)]
    lines += gap
    if prompt.question or model.notices:
        lines += _to_be_read(model, up + 1 + down, width, words, prompt.question)
    else:
        lines += draw.hour_bars(model.hours, model.now.hour, up, down, width, words)
    lines += gap
    own = uploader(model.uploader, width, words) if model.uploader else others(model.devices(), words)
    happened = FEWEST_HAPPENINGS + (extra - 2 * more_bars) // 3
    # Without the heading, and the line with reasons; what happened gives way to cameras, but for one line.
    room = rows - len(lines) - len(own) - len(gap) - happened - 2
    room = min(MOST_CAMERA_ROWS, room + max(0, min(len(model.cameras) - room, happened - 1)))
    lines += cameras(model.cameras, model.now, room, width, words)
    lines += [*gap, *own]
    return lines + happenings(model, rows - len(lines), width, words, prompt)


def _title(model: ViewModel, width: int, words: Words) -> Line:
    middle: Line = []
    if model.inside is None:
        middle.append(part(words("view nothing yet"), WARN))
    elif model.is_old and model.age is not None:
        at, so_old = moment(model.counted_at, model.now), age(model.age, words)
        middle.append(part(words("view old", at=at, age=so_old), BAD))
    elif not model.cameras and any(one.why.key == "database no table" for one in model.missing):
        middle.append(part(words("view not yet"), WARN))
    elif model.missing:
        what = words.say(missing_reason(model.missing))
        middle.append(part(words("view missing", what=what), WARN))
    name, time = part("VisitorsFlow  ", STRONG), part(f"  {model.now:%Y-%m-%d %H:%M:%S}", STRONG)
    room = width - length([name, *middle, time]) - 2  # what is the matter comes before the venue's name
    if model.venue and room >= FEWEST_OF_VENUE:
        middle = [part(cut(model.venue, room), STRONG), part("  "), *middle]
    return spread([name, *middle], [time], width)


def _to_be_read(model: ViewModel, room: int, width: int, words: Words, question: str) -> list[Line]:
    """In place of the bars: a question, or else the warnings of the start."""
    if question:
        lines = [[part(line, STRONG)] for line in wrapped(question, width)]
    else:
        lines = [[part(words("view notices"), WARN)]]
        for one in model.notices:
            lines += [[part(line)] for line in wrapped(f"- {happening_text(one, words)}", width)]
    blank: Line = [part("")]
    return (lines + [blank] * room)[:room]


def _numbers(model: ViewModel, width: int, words: Words) -> list[Line]:
    """Inside, in and out: each as large as there is room for, inside first."""
    numbers = [_digits(n) for n in (model.inside, model.came_in, model.went_out)]
    inside = {Fill.FREE: "bold", Fill.NEAR: "bold yellow", Fill.FULL: "bold red"}[model.fill]
    styles = [f"dim {style}".strip() if model.is_old else style for style in (inside, IN, OUT)]
    forms = (
        _inside_labels(model, words),
        _way_labels("view came in", busiest(model.hours, "came_in"), words),
        _way_labels("view went out", busiest(model.hours, "went_out"), words),
    )
    # The names of those whose rows are missing matter more than the size of the digits.
    for inside_label in (_longest(forms[0], width * 2 // 5), forms[0][-1]):
        least = [length(label) + 1 for label in (inside_label, forms[1][-1], forms[2][-1])]
        scales, widths = _scales(numbers, least, width)
        if sum(widths) + 1 <= width:
            break
    # The names of those whose rows are missing come first; what is left is shared.
    for i, labels in enumerate(forms):
        widths[i] += max(0, min(width - sum(widths), length(labels[0]) + 1 - widths[i]))
    gap = max(0, width - sum(widths)) // 3
    widths = [widths[0] + gap, widths[1] + gap, width - sum(widths[:2]) - 2 * gap]
    shown = [draw.huge(number, scale) for number, scale in zip(numbers, scales, strict=True)]
    chosen = [_longest(labels, widths[i] - (i < 2)) for i, labels in enumerate(forms)]
    lines: list[Line] = [[segment for i in range(3) for segment in fit(chosen[i], widths[i])]]
    for row in range(draw.HEIGHT):
        lines.append([cell(shown[i][row], widths[i], styles[i]) for i in range(3)])
    return lines


def _scales(numbers: list[str], least: list[int], width: int) -> tuple[tuple[int, int, int], list[int]]:
    """The scale of each number, and the cells that it needs: `least` at least. The smallest may not fit."""
    for scales in ((3, 3, 3), (3, 2, 2), (2, 2, 2), (2, 1, 1), (1, 1, 1)):
        digits = [draw.digits_width(number, scale) for number, scale in zip(numbers, scales, strict=True)]
        widths = [max(digit + 2 * max(scales), label) for digit, label in zip(digits, least, strict=True)]
        if sum(widths) + 1 <= width and max(scales) <= (3 if width >= 100 else 2):
            break
    return scales, widths


def _inside_labels(model: ViewModel, words: Words) -> list[Line]:
    """Say what the number is, with the capacity, and whose rows are missing in it; the shortest last."""
    label: Line = [part(words("view inside"), STRONG)]
    if model.capacity:
        label.append(part(words("view capacity", capacity=model.capacity)))
    if model.fill is not Fill.FREE:
        is_full = model.fill is Fill.FULL
        label += [
            part(" "),
            part(words("view full" if is_full else "view nearly full"), BAD if is_full else WARN),
        ]
    return _with_short(label, model, words)


def inside_label(model: ViewModel, width: int, words: Words) -> Line:
    """Say what the number is, with as many names of those whose rows are missing as there is room for."""
    return _longest(_inside_labels(model, words), width)


def _with_short(label: Line, model: ViewModel, words: Words) -> list[Line]:
    """With all names, with some, with their count."""
    names = [gap.camera for gap in model.short]
    if not names:
        return [label]
    short = [words.without(names, most) for most in (len(names), 2, 1)]
    texts = (*short, words("view without", count=len(names)))
    return [[*label, part(" "), part(text, WARN)] for text in texts]


def _way_labels(way: str, hour: HourShown | None, words: Words) -> list[Line]:
    """The direction, and its busiest hour."""
    label: Line = [part(words(way), STRONG)]
    if not hour:
        return [label]
    count = hour.came_in if way == "view came in" else hour.went_out
    keys = ("view busiest", "view busiest short")
    return [[*label, part(" " + words(key, hour=hour.hour, count=count))] for key in keys]


def _longest(lines: list[Line], width: int) -> Line:
    """The first that fits, or else the last."""
    return next((line for line in lines if length(line) <= width), lines[-1])


def _small(model: ViewModel, width: int, words: Words, prompt: Prompt) -> list[Line]:
    lines: list[Line] = [[part(f"{words('view inside')} {_digits(model.inside)}", STRONG)]]
    lines = [_longest(_with_short(lines[0], model, words), width)]
    for key, number in (("view in", model.came_in), ("view out", model.went_out)):
        lines.append([part(f"{words(key)} {_digits(number)}", STRONG)])
    if model.is_old and model.age is not None:
        at, so_old = moment(model.counted_at, model.now), age(model.age, words)
        lines += [[part(line, BAD)] for line in wrapped(words("view old", at=at, age=so_old), width)]
    lines += [[part(line, WARN)] for line in wrapped(words("view too small"), width)]
    if prompt.question or prompt.is_urgent:
        lines += [[part(line, STRONG)] for line in wrapped(prompt.question or prompt.hint, width)]
    return [*lines, [part(f"{model.now:%H:%M:%S}", FAINT)]]


def _digits(number: int | None) -> str:
    return "--" if number is None else str(number)


def states(model: ViewModel, width: int, words: Words) -> Line:
    """The last report, the database, the folder of this uploader, and the phone, each in a word."""
    rest: list[Line] = [_state("database", model.database, words)]
    if model.uploader:
        rest.append(_state("folder", model.uploader.folder, words))
    if PROGRAM.key in model.troubles:
        rest.append([part(words("view program"), BAD)])
    line: Line = []
    for with_time, gap, is_whole in (
        (True, "  ", True),
        (False, "  ", True),
        (False, " ", True),
        (False, " ", False),
    ):
        line = _report(model, words, with_time=with_time)
        for state in (*rest, _phone(model, words, is_whole=is_whole)):
            line = [*line, part(gap), *state]
        if length(line) <= width:
            break
    return line


def _state(name: str, state: str, words: Words) -> Line:
    return [part(f"{words(f'view {name}')} "), part(words(f"view {name} {state}"), _STATE_STYLES[state])]


def _phone(model: ViewModel, words: Words, *, is_whole: bool) -> Line:
    """When a message last arrived there; where none has, whether one would."""
    state = model.uploader.telegram if model.uploader else model.phone
    if state in ("none", "waits"):
        return _state("telegram", state, words)
    name = part(f"{words('view telegram')} ")
    if model.reached_at:
        at = day_time(model.reached_at, model.now)
        return [name, part(words("view telegram reached", at=at) if is_whole else at, GOOD)]
    return _state("telegram", state, words)


def _report(model: ViewModel, words: Words, *, with_time: bool) -> Line:
    sent = model.report
    if sent is None:
        return [part(words("view report none"), WARN)]
    verdict = "yes" if sent.accepted else "silent" if sent.http_status is None else "no"
    line = [part(words(f"view report {verdict}"), f"bold {GOOD}" if sent.accepted else BAD)]
    if with_time:
        line.append(part(f" {moment(sent.sent_at, model.now)}"))
    line.append(part(f" {words('view ago', age=age(sent.age, words))}"))
    if model.report_is_late:
        line += [part(" "), part(words("view report late"), WARN)]
    elif sent.partial:
        line += [part(" "), part(words("view report partial"), WARN)]
    return line


class Column(NamedTuple):
    """A column of the table of cameras: the key of its heading, and its cells."""

    key: str
    cells: int
    is_number: bool = False


def _columns(width: int) -> list[Column]:
    """Without the name, which takes what is left."""
    counts = [Column("view camera in", 7, True), Column("view camera out", 7, True)]
    return [
        *(counts if width >= COLUMNS_FOR_GATES else ()),
        Column("view camera crossing", 14, True),
        Column("view camera file", 14, True),
        Column("view camera age", 9, True),
        Column("view camera waiting", 6, True),
    ]


STATE_CELLS = 19


def cameras(shown: tuple[CameraShown, ...], now: datetime, room: int, width: int, words: Words) -> list[Line]:
    """A heading, at most `room` rows, a row a camera, and a line with reasons.

    These are of the troubles for which the rows have no room, and, where no camera is our own, of the files
    that were rejected last. When there are more cameras, the last row counts the rest; our own camera is
    always listed.
    """
    columns = _columns(width)
    taken = STATE_CELLS + sum(column.cells for column in columns)
    name_width = min(34, max(14, width - taken - max(0, width - COLUMNS_FOR_GATES)))
    heading: Line = [
        cell(words("view camera name"), name_width, FAINT),
        cell(words("view camera health"), STATE_CELLS, FAINT),
        *(cell(words(column.key), column.cells, FAINT, right=column.is_number) for column in columns),
    ]
    if not shown:
        return [heading, [part(words("view camera none"), WARN)]]
    fitting = list(shown if len(shown) <= room else shown[: max(1, room - 1)])
    own = next((camera for camera in shown if camera.is_own), None)
    if own and own not in fitting:
        fitting[-1] = own
    rows = [heading]
    untold, rejected = dict[str, list[str]](), dict[str, CameraShown]()
    for camera in fitting:
        line = _camera(camera, columns, now, name_width, words)
        trouble = trouble_text(camera.troubles, words)
        if trouble and length(line) + length([part(trouble)]) + 2 <= width:
            line += [part("  "), part(trouble, WARN)]
        elif trouble:
            untold.setdefault(trouble, []).append(camera.name)
        if camera.rejected_last and not own:
            rejected[camera.device or camera.name] = camera
        rows.append(line)
    rest = [camera for camera in shown if camera not in fitting]
    if rest:
        rows.append(_rest(rest, words))
    whys = [
        words("view reason of", camera=words("list").join(names), text=text) for text, names in untold.items()
    ]
    newest_first = sorted(rejected.items(), key=lambda one: _file_name(one[1]), reverse=True)
    for with_name in (True, False):  # the reason matters more than the name of the file
        files = [_rejected_text(name, one, words, with_name=with_name) for name, one in newest_first]
        reasons: Line = [part(words("view reasons").join([*whys, *files]), WARN if whys or files else "")]
        if length(reasons) <= width:
            break
    return [*rows, reasons]


def _file_name(camera: CameraShown) -> str:
    """Of the file that was rejected last: a time, mostly. An older version does not say it."""
    return str(camera.rejected_last.values.get("name", "")) if camera.rejected_last else ""


def _rejected_text(device: str, camera: CameraShown, words: Words, *, with_name: bool) -> str:
    reason = camera.rejected_last
    if reason and not with_name and isinstance(why := reason.values.get("why"), Reason):
        reason = why
    return words("of camera", camera=device, text=printable(words.say(reason)))


def _rest(rest: Iterable[CameraShown], words: Words) -> Line:
    """Count those for which there is no row."""
    healths = Counter(camera.health for camera in rest)
    texts = words("list").join(
        f"{words(f'view health {one}')} {healths[one]}" for one in Health if healths[one]
    )
    text = words("view camera more", count=healths.total(), healths=texts)
    return [part(text, _HEALTH_STYLES[min(healths, key=lambda one: one.badness)])]


def _camera(camera: CameraShown, columns: list[Column], now: datetime, name_width: int, words: Words) -> Line:
    state = padded(
        health_text(camera.health, camera.seconds, words), STATE_CELLS - 1, _HEALTH_STYLES[camera.health]
    )
    texts = {
        "view camera in": str(camera.came_in),
        "view camera out": str(camera.went_out),
        "view camera crossing": moment(camera.crossing_at, now),
        "view camera file": moment(camera.file_at, now),
        "view camera age": "-" if camera.file_age is None else age(camera.file_age, words),
        "view camera waiting": waiting_text(camera),
    }
    return [
        cell(camera.name, name_width - 1),
        part(" "),
        *state,
        part(" "),
        *(cell(texts[column.key], column.cells, right=column.is_number) for column in columns),
    ]


def uploader(shown: UploaderShown, width: int, words: Words) -> list[Line]:
    """Two lines: the counts; and the progress of a backlog, or else the newest file that was rejected."""
    stored = part("  " + words("view stored", count=shown.stored))
    rest: Line = [part("  "), part(words("view waiting", count=shown.waiting), WARN if shown.waiting else "")]
    rejected = words("view rejected count", count=shown.rejected)
    rest += [part("  "), part(rejected, WARN if shown.rejected else "")]
    # A long name gives way to the counts.
    name = cut(words("view uploader", camera=shown.camera), max(1, width - length([stored, *rest])))
    counts: Line = [part(name, STRONG), stored]
    if shown.stored_at:
        at = part(words("view stored at", at=f"{shown.stored_at:%H:%M:%S}"), FAINT)
        if length([*counts, at, *rest]) <= width:
            counts.append(at)
    return [[*counts, *rest], _second_line(shown, width, words)]


def others(shown: tuple[CameraShown, ...], words: Words) -> list[Line]:
    """A line of all PCs together, for one that has no uploader: what waits, and what was rejected.

    `shown`: one for each device.
    """
    waiting = sum(camera.waiting for camera in shown)
    count = str(waiting) if all(camera.knows_waiting for camera in shown) else "?"
    rejected = sum(camera.rejected for camera in shown)
    return [
        [
            part(words("view all PCs"), STRONG),
            part("  "),
            part(words("view waiting", count=count), WARN if count != "0" else ""),
            part("  "),
            part(words("view rejected count", count=rejected), WARN if rejected else ""),
        ]
    ]


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
        whole = part(words("view newest rejected", name=name, reason=reason))
        # The reason matters more than the sentence around it.
        return [whole if length([whole]) <= width else part(words("of camera", camera=name, text=reason))]
    return [part(words("view none rejected"), FAINT)]


def happenings(model: ViewModel, room: int, width: int, words: Words, prompt: Prompt) -> list[Line]:
    """The last things that happened, the newest first, in just `room` lines; the last one has the keys."""
    lines = list(_happened(model, room, words))
    blank: Line = [part("")]
    lines = (lines + [blank] * room)[:room]
    if prompt.hint and lines:
        style = BAD if prompt.is_urgent else FAINT
        lines[-1] = spread(lines[-1], [part("  "), part(prompt.hint, style)], width)
    return lines


def _happened(model: ViewModel, room: int, words: Words) -> Iterator[Line]:
    if not model.happenings:
        yield [part(words("view no happenings"), FAINT)]
    for one in reversed(model.happenings[-room:]):
        text = happening_text(one, words)
        yield [part(f"{moment(one.at, model.now)} ", FAINT), part(text, STRONG if one.is_bad else "")]
