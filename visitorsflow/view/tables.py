"""Tables that callAPI.py prints: the reports that were sent (--history), and a day for Excel (--csv)."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from visitorsflow.errors import ConfigurationError
from visitorsflow.facts import Hour, SentReport
from visitorsflow.reasons import Reason, kept, os_reason
from visitorsflow.rules.period import OpenHours, Period, inside_since
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

    The cameras whose rows were missing stand beside the counts, where there were any.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("sent", "day"):
        table.add_column(words(f"history {name}"), no_wrap=True)
    for name in ("inside", "in", "out"):
        table.add_column(words(f"history {name}"), justify="right", no_wrap=True)
    has_partial = any(report.partial for report in reports)
    if has_partial:
        table.add_column(words("history partial"), overflow="fold")
    table.add_column(words("history verdict"), no_wrap=True)
    if longest:
        table.add_column(words("history reply"), overflow="fold")
    for report in reports:
        cells = [*_cells(report, zone)]
        if has_partial:
            names = [printable(report.partial)] if report.partial else []
            cells.append(Text(words.without(names), "yellow"))
        cells.append(_verdict(report, words))
        if longest:
            cells.append(_cut(_reply(report, words), longest))
        table.add_row(*cells)
    return table


def _cells(report: SentReport, zone: tzinfo | None) -> Iterator[str | Text]:
    yield f"{_local(report.sent_at, zone):%Y-%m-%d %H:%M:%S}"
    yield f"{report.day}"
    for count in (report.inside, report.came_in, report.went_out):
        yield f"{count}"


def _verdict(report: SentReport, words: Words) -> Text:
    if report.accepted:
        return Text(words("history accepted"), "green")
    if report.http_status is None:
        return Text(words("history no answer"), "yellow")
    return Text(words("history refused"), "red")


def _reply(report: SentReport, words: Words) -> str:
    said = words.say(kept(report.reply))
    return printable(" ".join(str(part) for part in (report.http_status, said) if part))


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone)


def _cut(text: str, longest: int) -> str:
    """At most `longest` cells wide: a Chinese sign has two."""
    return text if cell_len(text) <= longest else chop_cells(text, longest - 2)[0] + ".."


class SheetDay(NamedTuple):
    """A day of the sheet: its period, its hours and those of the day before, and whose rows are missing."""

    period: Period
    hours: Mapping[date, Sequence[Hour]]
    short: Sequence[str] = ()


def export_csv(days: Sequence[SheetDay], open_hours: OpenHours | None, words: Words, file: str) -> None:
    """Write the sheet to `file`, or to standard output for "-", as Excel opens it: UTF-8 with its mark.

    Raises ConfigurationError where the file can't be written.
    """
    text = sheet(days, open_hours, words).encode("utf-8-sig")
    if file == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return
    try:
        with open(file, "wb") as stream:
            stream.write(text)
    except OSError as error:
        raise ConfigurationError(Reason("unwritten", path=file, why=os_reason(error))) from error
    print(words("sheet written", file=printable(file)))


def sheet(days: Sequence[SheetDay], open_hours: OpenHours | None, words: Words) -> str:
    """The sheet as CSV: the hours that have begun, by camera, the people inside after each, and the sum.

    A camera without any row in an hour leaves its cells empty: nobody can tell if nobody came. Every heading
    begins with a word of ours, so that no camera's name is taken for a formula.
    """
    cameras = sorted({hour.camera for day in days for hour in day.hours.get(day.period.start.date(), ())})
    of = [*(printable(camera) for camera in cameras), words("sheet total")]
    text = io.StringIO()
    writer = csv.writer(text)
    named = "..".join(dict.fromkeys(f"{day.period.start:%Y-%m-%d}" for day in (days[0], days[-1])))
    ways = (words(f"sheet {way}", of=one) for one in of for way in ("in", "out"))
    writer.writerow([named, *ways, words("history inside")])
    totals = [0] * (2 * len(of))
    for day in days:
        for start, row in _hours(day, cameras, open_hours):
            writer.writerow([f"{start:%Y-%m-%d %H:%M}" if len(days) > 1 else f"{start:%H:%M}", *row])
            totals = [sum(pair) for pair in zip(totals, (int(cell or 0) for cell in row[:-1]), strict=True)]
    short = list(dict.fromkeys(name for day in days for name in day.short))
    writer.writerow([f"{words('sheet total')} {words.without(short)}".rstrip(), *totals, ""])
    return text.getvalue()


def _hours(
    day: SheetDay, cameras: Sequence[str], open_hours: OpenHours | None
) -> Iterator[tuple[datetime, list[int | str]]]:
    """Each hour that has begun, with its cells: in and out of each camera and of all, and inside after it."""
    counted = {
        (datetime.combine(on, time(hour.hour)), hour.camera): (hour.came_in, hour.went_out)
        for on, hours in day.hours.items()
        for hour in hours
    }
    start, end = day.period
    while start < end:
        pairs = [counted.get((start, camera)) for camera in cameras]
        known = [pair for pair in pairs if pair]
        row: list[int | str] = []
        for pair in pairs:
            row += pair or ("", "")
        if known:
            opened = inside_since(start, open_hours).replace(minute=0)
            so_far = [pair for (at, _), pair in counted.items() if opened <= at <= start]
            row += [sum(pair[0] for pair in known), sum(pair[1] for pair in known)]
            row.append(max(0, sum(came_in - went_out for came_in, went_out in so_far)))
        else:
            row += ["", "", ""]
        yield start, row
        start += timedelta(hours=1)
