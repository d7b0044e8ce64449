"""The picture of the day as the lines of a screen. Pure: a picture, a size and the words go in.

The height of each block follows from the size and from how many cameras there are, never from what
happens: nothing on the screen jumps.
"""

from collections.abc import Callable

from visitorsflow.rules.capacity import Fill
from visitorsflow.view import bars, digits
from visitorsflow.view.blocks import cameras, happenings, states, uploader
from visitorsflow.view.lines import BAD, FAINT, IN, OUT, STRONG, WARN, Line, cell, cut, fit, part, spread
from visitorsflow.view.picture import Picture
from visitorsflow.view.spans import age
from visitorsflow.words import Words

COLUMNS, ROWS = 80, 24  # the smallest size for all of it
FEWEST_CAMERA_ROWS, MOST_CAMERA_ROWS = 4, 12
OLD_SECONDS = 60


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
    lines += bars.hours(picture.hours, picture.now.hour, 3 + more_bars, 2 + more_bars, width, words)
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
    elif picture.age is not None and picture.age > OLD_SECONDS:
        middle.append(part(f"  {words('view old', age=age(picture.age, words))}", BAD))
    elif picture.missing:
        middle.append(part(f"  {words('view missing', what=picture.missing)}", WARN))
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
    is_old = picture.age is None or picture.age > OLD_SECONDS
    styles = [f"dim {style}".strip() if is_old else style for style in (colour, IN, OUT)]
    for scales in ((3, 3, 3), (3, 2, 2), (2, 2, 2), (2, 1, 1), (1, 1, 1)):
        widths = [digits.width(number, scale) for number, scale in zip(numbers, scales, strict=True)]
        if sum(widths) + 2 * 4 <= width and max(scales) <= (3 if width >= 100 else 2):
            break
    gap = (width - sum(widths)) // 3
    lines: list[Line] = [[cell(labels[i], widths[i] + gap, styles[i]) for i in range(3)]]
    shown = [digits.huge(number, scale) for number, scale in zip(numbers, scales, strict=True)]
    for row in range(digits.HEIGHT):
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
