#!/usr/bin/env python3
"""Send today's totals to the authority's API: how many are inside, came in, went out. Then end."""

import argparse
import logging
import signal
from datetime import date, datetime, timedelta
from pathlib import Path

from filelock import Timeout

from visitorsflow import __version__, logs, script
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.schema import COUNTED_AT_MOST
from visitorsflow.database.transaction import Database
from visitorsflow.errors import ConfigurationError, DatabaseAway
from visitorsflow.report import tags, turn
from visitorsflow.rules.period import ahead_from, period_of
from visitorsflow.settings import Settings
from visitorsflow.text import counted

log = logging.getLogger("callAPI")


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0 accepted or nothing to send, 1 not now, 2 wrong settings or arguments."""
    options = _options(argv)
    return script.run(
        "callAPI",
        options.config,
        lambda settings: _report(settings, options.date, options.dry_run),
        when_interrupted=_interrupted,
    )


def _interrupted() -> int:
    log.warning("stopped; nothing confirms that the report has arrived")
    return 1


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="callAPI.py", description=__doc__)
    parser.add_argument(
        "--date", type=_day, default="today", help="YYYY-MM-DD, today or yesterday (default: today so far)"
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
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


def _report(settings: Settings, asked: date | timedelta, dry_run: bool) -> int:
    today = settings.now().date()
    day = asked if isinstance(asked, date) else today - asked
    if dry_run:
        body = _body(settings, day)
        if body:
            print(body)
        return 0
    if not settings.api_url:
        raise ConfigurationError("api_url is not set in config.py (--dry-run works without)")
    # Today's next run makes good what this one skips; a day that is over has to wait for its turn.
    is_over = day < today
    try:
        with turn.taken(settings.home / "log", turn.LOCK_SECONDS if is_over else 0):
            body = _body(settings, day)
            if body:
                from visitorsflow.report import api  # a tenth of our memory and start-up

                log.info("accepted: %s", api.post(body, settings))
    except Timeout:
        log.warning("another callAPI.py is still running; this one ends")
        return 1 if is_over else 0
    return 0


def _body(settings: Settings, day: date) -> str:
    """The report as it is to be sent; empty when the day has no rows yet."""
    now = settings.now()
    database = Database(settings)
    table = PeopleFlow(database, settings.camera)
    try:
        table.prepare()
        totals = table.totals(*period_of(day, now))
        if day >= now.date():
            _say_what_lies_ahead(table, now)
    finally:
        database.close()
    if totals.first is None:
        log.info("no rows for %s in %s yet: nothing to send", day, database)
        return ""
    report = tags.tags_of(totals, settings)
    values = ", ".join(f"{tag['TagType']} {tag['TagValue']}" for tag in report)
    log.info("%s until %s: %s", day, totals.last, values)
    return tags.body_of(report)


def _say_what_lies_ahead(table: PeopleFlow, now: datetime) -> None:
    """Rows that the day so far leaves out, and should not: a clock or its zone is wrong somewhere."""
    try:
        ahead = table.rows_from(ahead_from(now))
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
