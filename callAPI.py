#!/usr/bin/env python3
"""Send today's totals to the authority's API: how many are inside, came in, went out. Then end."""

import argparse
import logging
import signal
import sys
from datetime import date, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from visitorsflow import __version__, logs, report, settings
from visitorsflow.database import PeopleFlow
from visitorsflow.errors import ConfigurationError, TemporaryError
from visitorsflow.settings import Settings

HERE = Path(__file__).resolve().parent
# A run may take four minutes; one that was asked for another day must not be skipped.
LOCK_SECONDS = 240
log = logging.getLogger("callAPI")


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0 accepted or nothing to send, 1 not now, 2 wrong settings or arguments."""
    options = _options(argv)
    try:
        chosen = settings.load(options.config or HERE / "config.py", required=options.config is not None)
        logs.set_up("callAPI", chosen.home)
        return _report(chosen, options.date, options.dry_run)
    except ConfigurationError as error:
        print(f"callAPI: {error}\n{error.advice}".rstrip(), file=sys.stderr)
        return 2
    except TemporaryError as error:
        log.error("%s", error)
        return 1
    except KeyboardInterrupt:
        log.warning("stopped; nothing confirms that the report has arrived")
        return 1


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="callAPI.py", description=__doc__)
    parser.add_argument("--date", type=_day, help="YYYY-MM-DD, today or yesterday (default: today so far)")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    parser.add_argument("--config", type=Path, help="the settings (default: config.py beside this script)")
    parser.add_argument("--version", action="version", version=f"VisitorsFlow {__version__}")
    return parser.parse_args(argv)


def _day(text: str) -> date | timedelta:
    """A date, or how long before today it is."""
    if text in ("today", "yesterday"):
        return timedelta(days=text == "yesterday")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither YYYY-MM-DD nor today nor yesterday") from None


def _report(chosen: Settings, asked: date | timedelta | None, dry_run: bool) -> int:
    if dry_run:
        body = _body(chosen, asked)
        if body:
            print(body)
        return 0
    if not chosen.api_url:
        raise ConfigurationError("api_url is not set in config.py (--dry-run works without)")
    try:
        with _lock(chosen.home).acquire(timeout=LOCK_SECONDS if asked else 0):
            body = _body(chosen, asked)
            if body:
                log.info("accepted: %s", report.post(body, chosen))
    except Timeout:
        log.warning("another callAPI.py is still running; this one ends")
        return 1 if asked else 0
    return 0


def _lock(home: Path) -> FileLock:
    path = home / "log" / "callAPI.lock"
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{path.parent} can't be made: {error.strerror}") from None
    return FileLock(path)


def _body(chosen: Settings, asked: date | timedelta | None) -> str:
    """The report as it is to be sent; empty when the day has no rows yet."""
    now = chosen.now()
    day = asked if isinstance(asked, date) else now.date() - (asked or timedelta())
    period = report.period_of(day, now)
    table = PeopleFlow(chosen)
    try:
        table.prepare()
        totals = table.totals(*period)
    finally:
        table.close()
    if totals.first is None:
        log.info("no rows for %s in %s yet: nothing to send", day, table)
        return ""
    tags = report.tags_of(totals, chosen)
    log.info("%s until %s: %s", day, totals.last, ", ".join(f"{t['TagType']} {t['TagValue']}" for t in tags))
    return report.body_of(tags)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise SystemExit(main())
