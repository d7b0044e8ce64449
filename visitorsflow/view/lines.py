"""Lines of a screen: parts of text with a style, fitted to a number of cells. Pure.

A Chinese character takes two cells; what is cut off ends with two dots.
"""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

Line = list[Segment]

# A colour never stands alone: a word says the same.
GOOD, WARN, BAD, FAINT, STRONG = "green", "yellow", "bold red", "dim", "bold"
IN, OUT = "cyan", "magenta"


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


def length(line: Iterable[Segment]) -> int:
    """How many cells a line takes."""
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
