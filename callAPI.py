#!/usr/bin/env python3
"""Send today's totals to the authority's API: how many are inside, came in, went out. Then end."""

from visitorsflow import garbage

if __name__ == "__main__":
    garbage.collect_seldom()

import argparse
import logging
import re
import signal
import time
from datetime import date, timedelta

from filelock import Timeout

from visitorsflow import __version__, command_line, script
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import Reports
from visitorsflow.errors import ConfigurationError
from visitorsflow.reasons import Reason
from visitorsflow.report import lock
from visitorsflow.report.late import send_late
from visitorsflow.report.report import gaps_of, read_report, send_report
from visitorsflow.rules.period import period_of
from visitorsflow.settings import Settings
from visitorsflow.timeouts import left_behind
from visitorsflow.words import Words

HISTORY = 20
MOST_DAYS = 366  # in one sheet
log = logging.getLogger("callAPI")


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0 accepted or nothing to send, 1 not now, 2 wrong settings or arguments."""
    parser = command_line.in_language_of_machine(options_parser())
    options = parser.parse_args(argv)
    if isinstance(options.date, tuple) and not options.csv:
        parser.error(command_line.said(Reason("days without csv")))
    return script.run(
        "callAPI",
        options.config,
        lambda settings: _run(options, settings),
        when_interrupted=_interrupted,
    )


def _interrupted() -> int:
    log.warning("stopped; nothing confirms that the report has arrived")
    return 1


def options_parser() -> argparse.ArgumentParser:
    """Makes the parser of the options; docs/make_tables.py lists them from it."""
    parser = argparse.ArgumentParser(prog="callAPI.py", description=__doc__)
    parser.add_argument(
        "--date",
        type=_days,
        help="YYYY-MM-DD, today or yesterday (default: today so far); with --csv also the days A..B",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    instead.add_argument(
        "--csv",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write each camera's hours of the day for Excel, into FILE or to the screen",
    )
    instead.add_argument(
        "--history",
        type=_count,
        nargs="?",
        const=HISTORY,
        metavar="N",
        help=f"show the last N reports, of all days or of --date (default: {HISTORY})",
    )
    parser.add_argument(
        "--config", type=command_line.config, help="the settings (default: config.py beside this script)"
    )
    parser.add_argument("--version", action="version", version=f"VisitorsFlow {__version__}")
    return parser


def _days(text: str) -> date | timedelta | tuple[date | timedelta, date | timedelta]:
    """A day, or with A..B the first and the last of several."""
    first, dots, last = text.partition("..")
    return (_day(first), _day(last)) if dots else _day(first)


def _day(text: str) -> date | timedelta:
    """A date, or how long before today it is."""
    if text in ("today", "yesterday"):
        return timedelta(days=text == "yesterday")
    try:
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):  # Python takes the days of weeks too
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise command_line.wrong(Reason("no day", text=repr(text))) from None
    if day == date.max:
        raise command_line.wrong(Reason("day without end"))
    return day


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) == 0:
        raise command_line.wrong(Reason("no count", text=repr(text)))
    return int(text)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    today = settings.now().date()
    asked = options.date if isinstance(options.date, tuple) else (options.date, options.date)
    day, last = (one if isinstance(one, date) else today - (one or timedelta()) for one in asked)
    if last < day:
        raise ConfigurationError(Reason("wrong order"))
    if (last - day).days >= MOST_DAYS:
        raise ConfigurationError(Reason("many days", most=MOST_DAYS))
    database = Database(settings)
    try:
        if options.history:
            _show_history(database, settings, options.history, day if options.date is not None else None)
        elif options.csv:
            days = [day + timedelta(number) for number in range((last - day).days + 1)]
            _export_csv(database, settings, days, options.csv)
        elif options.dry_run:
            if report := read_report(database, settings, day):
                print(report.body)
        elif settings.api_url:
            return _take_turn(database, settings, None if options.date is None else day, today)
        else:
            raise ConfigurationError(Reason("no api_url"))
    finally:
        if not left_behind():  # it may be using the connection still
            database.close()
    return 0


def _show_history(database: Database, settings: Settings, count: int, day: date | None) -> None:
    from visitorsflow.view import tables  # rich would be half of what a run for cron loads

    reports = Reports(database).newest(count, day)
    tables.show_history(reports, day, str(database), settings.timezone, Words(settings.language))


def _export_csv(database: Database, settings: Settings, days: list[date], file: str) -> None:
    from visitorsflow.view import tables

    table = PeopleFlow(database, settings.camera)
    table.prepare()
    now = settings.now()
    before = days[0] - timedelta(days[0] > date.min)
    hours = {day: table.hours(*period_of(day, now)) for day in (before, *days)}
    sheets = []
    for evening, day in zip((before, *days), days, strict=False):
        short = [gap.camera for gap in gaps_of(database, settings, day, now)]
        both = {one: hours[one] for one in (evening, day)}
        sheets.append(tables.SheetDay(period_of(day, now), both, short))
    tables.export_csv(sheets, settings.open_hours, Words(settings.language), file)


def _take_turn(database: Database, settings: Settings, day: date | None, today: date) -> int:
    """Report `day`; None: today so far, and then perhaps a day before it that has changed."""
    # Today's next run makes good what this one skips; a day that is over has to wait for its turn.
    is_over = day is not None and day < today
    try:
        with lock.taken(settings.home / "log", lock.LOCK_SECONDS if is_over else 0):
            began = time.monotonic()
            report = read_report(database, settings, day or today)
            if report:
                send_report(database, settings, report)
            if day is None:
                send_late(database, settings, began)
    except Timeout:
        log.warning("another callAPI.py is still running; this one ends")
        return 1 if is_over else 0
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    script.start(main)
