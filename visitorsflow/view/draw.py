"""The hours of the day as bars: who came in rises, who went out hangs down, on one scale. Pure."""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from visitorsflow.view.model import HourShown
from visitorsflow.words import Words

Line = list[Segment]
# A colour never stands alone: a word says the same. What warns has its own ground: yellow on white can't be
# read, and red on black hardly.
GOOD, WARN, BAD, FAINT, STRONG = "green", "black on yellow", "bold white on red", "dim", "bold"
IN, OUT = "cyan", "bright_blue"
_BITS = {
    "0": ("███", "█ █", "█ █", "█ █", "███"),
    "1": (" █ ", "██ ", " █ ", " █ ", "███"),
    "2": ("███", "  █", "███", "█  ", "███"),
    "3": ("███", "  █", "███", "  █", "███"),
    "4": ("█ █", "█ █", "███", "  █", "  █"),
    "5": ("███", "█  ", "███", "  █", "███"),
    "6": ("███", "█  ", "███", "█ █", "███"),
    "7": ("███", "  █", "  █", "  █", "  █"),
    "8": ("███", "█ █", "███", "█ █", "███"),
    "9": ("███", "█ █", "███", "  █", "███"),
    "-": ("   ", "   ", "███", "   ", "   "),
}
HEIGHT = 5
LABEL_WIDTH = 8
_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROUND = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80)


def part(text: str, style: str = "") -> Segment:
    return Segment(text, Style.parse(style) if style else None)


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells.

    >>> cut("entrance", 6), cut("北側入口", 6), cut("entrance", 8)
    ('entr..', '北側..', 'entrance')
    """
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 2)).rstrip() + ".."[:width]


def cell(text: str, width: int, style: str = "", *, right: bool = False) -> Segment:
    """The text in just `width` cells, to their left or `right`."""
    text = cut(text, width)
    blanks = " " * (width - cell_len(text))
    return part(blanks + text if right else text + blanks, style)


def padded(text: str, width: int, style: str = "") -> Line:
    """The same, with the style behind the text alone."""
    text = cut(text, width)
    return [part(text, style), part(" " * (width - cell_len(text)))]


_NOT_FIRST = "，。；：、）？！"  # no line begins with these


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, between words where it has some.

    >>> wrapped("two words", 6), wrapped("請重新啟動", 6)
    (['two', 'words'], ['請重新', '啟動'])
    """
    lines = []
    while cell_len(text) > width > 1:
        head = set_cell_size(text, width).rstrip(" ")
        rest = text[len(head) :]
        space = head.rfind(" ")
        if space > 0 and not rest.startswith(" ") and head[-1].isascii():
            head = head[:space]
        elif rest[0] in _NOT_FIRST and len(head) > 1:
            head = head[:-1]
        lines.append(head)
        text = text[len(head) :].lstrip(" ")
    return [*lines, text] if text else lines


def length(line: Iterable[Segment]) -> int:
    """The cells that a line takes."""
    return sum(cell_len(segment.text) for segment in line)


def fit(line: Line, width: int) -> Line:
    """The line in just `width` cells."""
    fitted: Line = []
    left = width
    for segment in line:
        text = cut(segment.text, left)
        fitted.append(Segment(text, segment.style))
        left -= cell_len(text)
        if text != segment.text:
            break
    return [*fitted, part(" " * left)]


def spread(left: Line, right: Line, width: int) -> Line:
    """One line with something at both ends; the left one is cut when there is no room for both."""
    room = width - length(right)
    return [*fit(left, room), *right] if room > 0 else fit(right, width)


def plain(lines: Iterable[Line]) -> str:
    """The lines as text without colours."""
    return "".join("".join(segment.text for segment in line).rstrip() + "\n" for line in lines)


def huge(number: str, scale: int) -> list[str]:
    """The digits of a number in HEIGHT rows, each digit 3 × `scale` cells wide.

    >>> print("\\n".join(row.rstrip() for row in huge("17", 1)))
     █  ███
    ██    █
     █    █
     █    █
    ███   █
    """
    rows = ["", "", "", "", ""]
    for index, digit in enumerate(number):
        for row, bits in enumerate(_BITS[digit]):
            gap = " " * scale if index else ""
            rows[row] += gap + "".join(bit * scale for bit in bits)
    return rows


def digits_width(number: str, scale: int) -> int:
    """The cells that `huge` takes."""
    return (4 * len(number) - 1) * scale


def hour_bars(
    shown: tuple[HourShown, ...], now: int, up: int, down: int, width: int, words: Words
) -> list[Line]:
    """`up` rows of bars, a row that names the hours, and `down` rows; `now` is the current hour.

    The text stands left of the bars: a terminal may show these wider than others do.
    """
    each = (width - LABEL_WIDTH + 1) // 24  # cells an hour, with a gap
    unit = _unit(max(hour.came_in for hour in shown) / up, max(hour.went_out for hour in shown) / down)
    is_empty = not any(hour.came_in or hour.went_out for hour in shown)

    def labels(way: str, rows: int) -> list[str]:
        """The direction, and what a bar of full height stands for, where there are bars."""
        scale = ["", ""] if is_empty else [words("view scale"), words("view scale of", count=unit * rows)]
        return [f"{words(way)} {scale[0]}".rstrip(), scale[1]]

    rows = []
    texts = labels("view in", up)
    for row in reversed(range(up)):
        label = texts[up - 1 - row] if up - 1 - row < 2 else ""
        bars = [_bar(hour.came_in, row, unit, each, _style(IN, hour)) for hour in shown]
        rows.append([cell(label, LABEL_WIDTH, FAINT), *(segment for bar in bars for segment in bar)])
    rows.append(_names(shown, now, each, words))
    texts = labels("view out", down)
    for row in range(down):
        label = texts[row - down + 2] if row >= down - 2 else ""
        bars = [_bar(hour.went_out, row, unit, each, _style(OUT, hour), hangs=True) for hour in shown]
        rows.append([cell(label, LABEL_WIDTH, FAINT), *(segment for bar in bars for segment in bar)])
    return rows


def progress_bar(done: int, total: int, width: int) -> str:
    """A bar of `width` cells, filled as far as the work is done.

    >>> progress_bar(3, 4, 8)
    '██████▁▁'
    """
    full = width * done // max(1, total)
    return "█" * full + "▁" * (width - full)


def _unit(*needed: float) -> int:
    """The people that a row stands for: the next round number."""
    power = 1
    while True:
        for step in _ROUND:
            if step * power >= max(needed):
                return step * power
        power *= 10


def _bar(people: int, row: int, unit: int, each: int, style: str, hangs: bool = False) -> Line:
    """One row of one hour's bar, and the gap after it. One person already leaves a mark."""
    eighths = -(-8 * people // unit) if people else 0
    eighths = min(8, max(0, eighths - 8 * row))
    if hangs and 0 < eighths < 8:  # there is no block that hangs from above: one of the rest, turned over
        return [part(_BLOCKS[8 - eighths] * (each - 1), f"reverse {style}"), part(" ")]
    return [part(_BLOCKS[eighths] * (each - 1), style), part(" ")]


def _names(shown: tuple[HourShown, ...], now: int, each: int, words: Words) -> Line:
    """The hours, with a > before the current one."""
    line = [cell(words("view hour"), LABEL_WIDTH - 1, FAINT)]
    for hour in shown:
        if hour.hour == now:
            line.append(part(f">{hour.hour:02}".ljust(each), "bold reverse"))
        else:
            line.append(part(f" {hour.hour:02}".ljust(each), "" if hour.is_open else FAINT))
    return line


def _style(colour: str, hour: HourShown) -> str:
    return colour if hour.is_open else f"dim {colour}"
