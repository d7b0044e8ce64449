"""The hours of the day as bars: who came in rises, who went out hangs down, on one scale. Pure."""

from visitorsflow.view.lines import FAINT, IN, OUT, Line, cell, part
from visitorsflow.view.picture import HourShown
from visitorsflow.words import Words

LABEL_WIDTH = 8
_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROUND = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80)


def hours(shown: tuple[HourShown, ...], now: int, up: int, down: int, width: int, words: Words) -> list[Line]:
    """`up` rows of bars, a row that names the hours, and `down` rows; `now` is the current hour.

    The text stands left of the bars: a terminal may show these wider than others do.
    """
    each = (width - LABEL_WIDTH + 1) // 24  # cells an hour, with a gap
    unit = _unit(max(hour.came_in for hour in shown) / up, max(hour.went_out for hour in shown) / down)
    rows = []
    for row in reversed(range(up)):
        label = f"{words('view in')} {unit * up}" if row == up - 1 else ""
        bars = [_bar(hour.came_in, row, unit, each, _style(IN, hour)) for hour in shown]
        rows.append([cell(label, LABEL_WIDTH, IN), *(segment for bar in bars for segment in bar)])
    rows.append(_names(shown, now, each, words))
    for row in range(down):
        label = f"{words('view out')} {unit * down}" if row == down - 1 else ""
        bars = [_bar(hour.went_out, row, unit, each, _style(OUT, hour), hangs=True) for hour in shown]
        rows.append([cell(label, LABEL_WIDTH, OUT), *(segment for bar in bars for segment in bar)])
    return rows


def progress_bar(done: int, total: int, width: int) -> str:
    """How much is done, in `width` cells.

    >>> progress_bar(3, 4, 8)
    '██████▁▁'
    """
    full = width * done // max(1, total)
    return "█" * full + "▁" * (width - full)


def _unit(*needed: float) -> int:
    """How many people a row stands for: the next round number."""
    power = 1
    while True:
        for step in _ROUND:
            if step * power >= max(needed):
                return step * power
        power *= 10


def _bar(people: int, row: int, unit: int, each: int, style: str, hangs: bool = False) -> Line:
    """One row of one hour's bar, and the gap after it; what is not nobody is seen."""
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
