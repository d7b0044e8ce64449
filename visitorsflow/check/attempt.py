"""`uploadData.py --try FILE`: how files are read with the present settings. Nothing is stored or moved."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from rich.cells import cell_len

from visitorsflow.errors import NotCrossings
from visitorsflow.facts import Crossing
from visitorsflow.intake.crossings import Parsed, parse
from visitorsflow.reasons import Reason, os_reason
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.words import Words

WIDTHS = (19, 9, 20, 20)  # of all columns but the last


def show(settings: Settings, paths: Sequence[Path]) -> int:
    """Print a table for each file, and the sums of all. Returns the exit code: 1 if anything is rejected."""
    words = Words(settings.language)
    crossings: set[Crossing] = set()  # a file that comes again adds nothing
    is_well = True
    for path in paths:
        print(printable(str(path)))
        read = read_file(settings, path)
        if isinstance(read, Reason):
            is_well = False
            print(f"  {words('try rejected', why=printable(words.say(read)))}")
            continue
        for line in _lines(read, words):
            print(f"  {line}".rstrip())
        is_well = is_well and not read.rejected
        crossings.update(read.crossings)
    print(sums(crossings, words))
    return 0 if is_well else 1


def read_file(settings: Settings, path: Path) -> Parsed | Reason:
    """The file as it would be stored, or the reason why all of it would be rejected."""
    try:
        return parse(path.read_bytes(), path.name, settings.format, settings.camera)
    except NotCrossings as error:
        return error.reason
    except OSError as error:
        return os_reason(error)


def sums(crossings: Collection[Crossing], words: Words) -> str:
    """In, out, and the times of the first and of the last, in one line."""
    times = [crossing.time for crossing in crossings]
    states = [crossing.state for crossing in crossings]
    return words(
        "try sums",
        came_in=states.count(0),
        went_out=states.count(1),
        since=min(times, default="-"),
        until=max(times, default="-"),
    )


def _lines(read: Parsed, words: Words) -> Iterator[str]:
    counts = bool(read.intervals)
    heading = ("time", "direction", "people" if counts else "person", "line", "output time")
    yield _row(words(f"try {column}") for column in heading)
    if counts:
        for one in read.intervals:
            yield _row((one.start, _direction(one.state, words), one.people, one.line, one.end))
    else:
        for crossing in read.crossings:
            direction = _direction(crossing.state, words)
            yield _row((crossing.time, direction, crossing.person, crossing.line, crossing.output_time))
    if read.left_out:
        yield words("try left out", count=read.left_out)
    for bad in read.rejected:
        yield words("try rejected record", number=bad.number, why=printable(words.say(bad.reason)))


def _direction(state: int, words: Words) -> str:
    return words({0: "try in", 1: "try out"}.get(state, "try neither"))


def _row(cells: Iterator[str] | Sequence[object]) -> str:
    *first, last = (printable(str(cell)) for cell in cells)
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(first, WIDTHS, strict=True))
    return "  ".join((*padded, last))
