"""Tables that callAPI.py prints: the reports that were sent (--history), and a day for Excel (--csv)."""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from visitorsflow.facts import Course, Hour, SentReport
from visitorsflow.reasons import kept
from visitorsflow.text import printable
from visitorsflow.words import Words

SHORT = 20  # cells of a reply in the narrowest terminal
WIDE = 100_000  # in a pipe nothing is cut or folded


def show_history(
    reports: list[SentReport] | None, day: date | None, where: str, zone: tzinfo | None, words: Words
) -> None:
    """Print the reports of `day`, or of all days where it is None, or in one line why there are none.

    `reports` is None when the database, `where`, has no table of them. Times are shown in `zone`; None is
    that of this machine.
    """
    if reports is None:
        print(words("history no table", where=where))
    elif not reports:
        print(words("history none of day" if day else "history none", day=day, where=where))
    elif sys.stdout.isatty():
        console = _console(None, is_terminal=True)
        left = console.width - console.measure(_table(reports, zone, words)).maximum - 1
        console.print(_table(reports, zone, words, max(SHORT, left)))
    else:
        console = _console(WIDE, is_terminal=False)
        with console.capture() as captured:
            console.print(_table(reports, zone, words, WIDE))
        print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _console(width: int | None, *, is_terminal: bool) -> Console:
    # Replies are other people's text: nothing in them is taken for a style.
    return Console(force_terminal=is_terminal, width=width, highlight=False, markup=False, emoji=False)


def _table(reports: list[SentReport], zone: tzinfo | None, words: Words, longest: int = 0) -> Table:
    """One row a report; the last column, with `longest` cells of each reply, is left out where that is 0.

    The cameras whose rows were missing are a column only where there were any.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("sent", "day"):
        table.add_column(words(f"history {name}"), no_wrap=True)
    for name in ("inside", "in", "out"):
        table.add_column(words(f"history {name}"), justify="right", no_wrap=True)
    table.add_column(words("history verdict"), no_wrap=True)
    has_partial = any(report.partial for report in reports)
    if has_partial:
        table.add_column(words("history partial"), overflow="fold")
    if longest:
        table.add_column(words("history reply"), overflow="fold")
    for report in reports:
        cells = [*_cells(report, zone, words)]
        if has_partial:
            cells.append(Text(printable(report.partial), "yellow"))
        if longest:
            cells.append(_cut(_reply(report, words), longest))
        table.add_row(*cells)
    return table


def _cells(report: SentReport, zone: tzinfo | None, words: Words) -> Iterator[str | Text]:
    yield f"{_local(report.sent_at, zone):%Y-%m-%d %H:%M:%S}"
    yield f"{report.day}"
    for count in (report.inside, report.came_in, report.went_out):
        yield f"{count}"
    if report.accepted:
        yield Text(words("history accepted"), "green")
    elif report.http_status is None:
        yield Text(words("history no answer"), "yellow")
    else:
        yield Text(words("history refused"), "red")


def _reply(report: SentReport, words: Words) -> str:
    said = words.say(kept(report.reply))
    return printable(" ".join(str(part) for part in (report.http_status, said) if part))


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone)


def _cut(text: str, longest: int) -> str:
    """At most `longest` cells wide: a Chinese sign has two."""
    return text if cell_len(text) <= longest else chop_cells(text, longest - 2)[0] + ".."


def export_csv(hours: Sequence[Hour], start: datetime, end: datetime, words: Words) -> None:
    """Write the sheet of start <= time < end to standard output, as Excel opens it: UTF-8 with its mark."""
    sys.stdout.flush()
    sys.stdout.buffer.write(sheet(hours, start, end, words).encode("utf-8-sig"))
    sys.stdout.buffer.flush()


def sheet(hours: Sequence[Hour], start: datetime, end: datetime, words: Words) -> str:
    """The sheet as CSV: the hours that have begun before `end` on the day of `start`, and their sum.

    Every heading begins with a word of ours, so that no camera's name is taken for a formula.
    """
    counted = {(hour, camera): (came_in, went_out) for hour, camera, came_in, went_out in hours}
    cameras = sorted({hour.camera for hour in hours})
    of = [*(printable(camera) for camera in cameras), words("sheet total")]
    rows: list[list[int]] = []
    for hour in range(-(-(end - start) // timedelta(hours=1))):
        row = [number for camera in cameras for number in counted.get((hour, camera), (0, 0))]
        rows.append([*row, sum(row[::2]), sum(row[1::2])])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([start.date(), *(words(f"sheet {way}", of=one) for one in of for way in ("in", "out"))])
    writer.writerows([f"{hour:02}:00", *row] for hour, row in enumerate(rows))
    writer.writerow([words("sheet total"), *(sum(row[i] for row in rows) for i in range(2 * len(of)))])
    return text.getvalue()


def days_sheet(courses: Sequence[Course], until: datetime, words: Words) -> str:
    """One day or several as one sheet: a row for each hour that has begun before `until`, and the sum."""
    cameras = sorted({slot.camera for course in courses for slot in course.slots})
    counts: dict[tuple[date, int, str], list[int]] = {}
    for course in courses:
        for slot in course.slots:
            if slot.start.date() == course.day:
                counted = counts.setdefault((course.day, slot.start.hour, slot.camera), [0, 0])
                counted[0] += slot.came_in
                counted[1] += slot.went_out
    of = [*(printable(camera) for camera in cameras), words("sheet total")]
    rows: list[tuple[date, int, list[int]]] = []
    for course in courses:
        for hour in range(24):
            if datetime(course.day.year, course.day.month, course.day.day, hour) < until:
                row = [n for camera in cameras for n in counts.get((course.day, hour, camera), (0, 0))]
                rows.append((course.day, hour, [*row, sum(row[::2]), sum(row[1::2])]))
    text = io.StringIO()
    writer = csv.writer(text)
    heads = (words(f"sheet {way}", of=one) for one in of for way in ("in", "out"))
    writer.writerow([words("history day"), words("view hour"), *heads])
    writer.writerows([day, f"{hour:02}:00", *row] for day, hour, row in rows)
    writer.writerow(
        [words("sheet total"), "", *(sum(row[i] for *_, row in rows) for i in range(2 * len(of)))]
    )
    return text.getvalue()
