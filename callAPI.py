#!/usr/bin/env python3
"""Send today's totals to the authority's API: how many are inside, came in, went out. Then end."""

import argparse
import logging
import re
import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from filelock import Timeout

from visitorsflow import __version__, logs, script
from visitorsflow.database.cameras import Cameras
from visitorsflow.database.clock import utc_now
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.reports import Reports
from visitorsflow.database.schema import COUNTED_AT_MOST
from visitorsflow.database.transaction import Database
from visitorsflow.errors import ConfigurationError, DatabaseAway, ReportRefused
from visitorsflow.facts import Totals
from visitorsflow.report import tags, turn
from visitorsflow.rules.partial import silent
from visitorsflow.settings import Settings
from visitorsflow.text import counted
from visitorsflow.within import within

HISTORY = 20
KEEP_SECONDS = 10
log = logging.getLogger("callAPI")


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0 accepted or nothing to send, 1 not now, 2 wrong settings or arguments."""
    options = _options(argv)
    return script.run(
        "callAPI",
        options.config,
        lambda settings: _run(options, settings),
        when_interrupted=_interrupted,
    )


def _interrupted() -> int:
    log.warning("stopped; nothing confirms that the report has arrived")
    return 1


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="callAPI.py", description=__doc__)
    parser.add_argument("--date", type=_day, help="YYYY-MM-DD, today or yesterday (default: today so far)")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    instead.add_argument("--csv", action="store_true", help="print each camera's hours of the day, for Excel")
    instead.add_argument(
        "--history",
        type=_count,
        nargs="?",
        const=HISTORY,
        metavar="N",
        help=f"show the last N reports, of all days or of --date (default: {HISTORY})",
    )
    parser.add_argument("--config", type=Path, help="the settings (default: config.py beside this script)")
    parser.add_argument("--version", action="version", version=f"VisitorsFlow {__version__}")
    return parser.parse_args(argv)


def _day(text: str) -> date | timedelta:
    """A date, or how long before today it is."""
    if text in ("today", "yesterday"):
        return timedelta(days=text == "yesterday")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither YYYY-MM-DD nor today nor yesterday") from None
    if day == date.max:
        raise argparse.ArgumentTypeError("that day has no end")
    return day


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 999999")
    return int(text)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    asked, today = options.date, settings.now().date()
    day = asked if isinstance(asked, date) else today - (asked or timedelta())
    database = Database(settings)
    try:
        if options.history:
            _show_history(database, settings, options.history, day if asked is not None else None)
        elif options.csv:
            _print_hours(database, settings, day)
        elif options.dry_run:
            if report := _read(database, settings, day):
                print(report.body)
        elif settings.api_url:
            return _take_turn(database, settings, day, is_over=day < today)
        else:
            raise ConfigurationError("api_url is not set in config.py (--dry-run works without)")
    finally:
        database.close()
    return 0


def _show_history(database: Database, settings: Settings, count: int, day: date | None) -> None:
    from visitorsflow.view import history  # what it prints tables with is not for every five minutes

    reports = Reports(database).newest(count, day)
    history.show(reports, str(database), settings)


def _print_hours(database: Database, settings: Settings, day: date) -> None:
    from visitorsflow.view import sheet

    now = settings.now()
    table = PeopleFlow(database, settings.camera)
    table.prepare()
    period = tags.period_of(day, now)
    sheet.write(day, period, table.hours(*period), settings.language)


def _take_turn(database: Database, settings: Settings, day: date, *, is_over: bool) -> int:
    # Today's next run makes good what this one skips; a day that is over has to wait for its turn.
    try:
        with turn.taken(settings.home / "log", turn.LOCK_SECONDS if is_over else 0):
            report = _read(database, settings, day)
            if report:
                _send(database, settings, report)
    except Timeout:
        log.warning("another callAPI.py is still running; this one ends")
        return 1 if is_over else 0
    return 0


class _Report(NamedTuple):
    day: date
    totals: Totals
    body: str
    partial: str  # which cameras are silent, and since when


def _read(database: Database, settings: Settings, day: date) -> _Report | None:
    """The report as it is to be sent; None when the day has no rows yet."""
    now = settings.now()
    table = PeopleFlow(database, settings.camera)
    try:
        table.prepare()
        totals = table.totals(*tags.period_of(day, now))
        if day >= now.date():
            _say_what_lies_ahead(table, now)
        if totals.first is None:
            log.info("no rows for %s in %s yet: nothing to send", day, database)
            return None
        report = tags.tags_of(totals, settings)
        values = ", ".join(f"{tag['TagType']} {tag['TagValue']}" for tag in report)
        log.info("%s until %s: %s", day, totals.last, values)
        partial = _partial(database, now) if day == now.date() else ""
    finally:
        database.close()  # nothing holds a connection while the API is asked
    return _Report(day, totals, tags.body_of(report), partial)


def _send(database: Database, settings: Settings, report: _Report) -> None:
    """POST the report, and keep what came of it. Raises ReportRefused."""
    from visitorsflow.report import api  # a tenth of our memory and start-up

    try:
        answer = api.post(report.body, settings)
    except ReportRefused as refused:
        _keep(database, report, refused.status, False, refused.reply)
        raise
    log.info("accepted: %s", answer.said)
    _keep(database, report, answer.status, True, answer.reply)


def _keep(database: Database, report: _Report, status: int | None, accepted: bool, reply: str) -> None:
    """Add the report to the history, or say why not: what was sent is sent in either case."""

    def add() -> None:
        day, totals = report.day, report.totals
        Reports(database).add(
            day, tags.inside(totals), totals,
            http_status=status, accepted=accepted, reply=reply, partial=report.partial,
        )  # fmt: skip

    try:
        within(KEEP_SECONDS, add)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the report's own result stays as it is
        log.warning("this report is missing in --history: %s", error or type(error).__name__)


def _partial(database: Database, now: datetime) -> str:
    """Say which cameras are silent, so that something may be missing in the totals."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    try:
        cameras, clock = Cameras(database).read(), database.transaction(utc_now)
    except DatabaseAway as error:  # the totals are known: they are sent all the same
        log.warning("which cameras are silent could not be read: %s", error)
        return ""
    found = silent(cameras, clock, midnight.astimezone(UTC).replace(tzinfo=None))
    since = {one.camera: one.since.replace(tzinfo=UTC).astimezone(now.tzinfo) for one in found}
    if since:
        cameras_since = (f"camera {name} silent since {at:%H:%M}" for name, at in since.items())
        log.warning("partial: %s", ", ".join(cameras_since))
    return ", ".join(f"{name} ({at:%H:%M})" for name, at in since.items())


def _say_what_lies_ahead(table: PeopleFlow, now: datetime) -> None:
    """Rows that the day so far leaves out, and should not: a clock or its zone is wrong somewhere."""
    try:
        ahead = table.rows_from(tags.ahead_from(now))
    except DatabaseAway as error:  # the totals are known: they are sent all the same
        log.warning("whether rows lie ahead of now could not be read: %s", error)
        return
    if ahead.last is None:
        return
    rows = counted(ahead.rows, "row") + (" or more" if ahead.rows == COUNTED_AT_MOST else "")
    log.warning(
        "%s ahead of now (%s), until %s, not counted yet: set `timezone` in config.py to that of the cameras,"
        " or set the clock that is wrong, this PC's or a camera's",
        rows, f"{now:%Y-%m-%d %H:%M:%S}", ahead.last,
    )  # fmt: skip


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise SystemExit(logs.leave(main()))
