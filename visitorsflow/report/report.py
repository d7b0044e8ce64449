"""One report of callAPI.py: read from the database, sent to the API, and kept with what came of it.

Only the totals and the POST decide whether it has worked; whatever else fails is one line in the log.
"""

import logging
from datetime import date, datetime
from typing import NamedTuple

from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import COUNTED_AT_MOST, PeopleFlow
from visitorsflow.database.status_tables import Cameras, Reports
from visitorsflow.database.tables import utc_now
from visitorsflow.errors import DatabaseAway, ReportRefused
from visitorsflow.facts import Totals
from visitorsflow.report import tags
from visitorsflow.report.tags import inside
from visitorsflow.rules.partial import Gap, Moment, gaps
from visitorsflow.rules.period import ahead_from, period_of
from visitorsflow.settings import Settings
from visitorsflow.text import counted, day_time
from visitorsflow.timeouts import call_with_timeout

KEEP_SECONDS = 10

log = logging.getLogger("callAPI")


class Report(NamedTuple):
    """The body to be sent for `day`, and the totals that it was made of."""

    day: date
    totals: Totals
    body: str
    partial: str  # whose rows are missing, and since when


def read_report(database: Database, settings: Settings, day: date) -> Report | None:
    """Make the report as it is to be sent; None when the day has no rows yet."""
    now = settings.now()
    table = PeopleFlow(database, settings.camera)
    try:
        table.prepare()
        totals = table.totals(*period_of(day, now))
        if day >= now.date():
            _say_what_lies_ahead(table, now)
        if totals.first is None:
            log.info("no rows for %s in %s yet: nothing to send", day, database)
            return None
        return report_of(database, settings, day, totals)
    finally:
        database.close()  # nothing holds a connection while the API is asked


def report_of(database: Database, settings: Settings, day: date, totals: Totals) -> Report:
    """Make the report of these totals, which have rows."""
    now = settings.now()
    report = tags.tags_of(totals, settings)
    values = ", ".join(f"{tag['TagType']} {tag['TagValue']}" for tag in report)
    log.info("%s until %s: %s", day, totals.last, values)
    return Report(day, totals, tags.body_of(report), _partial(database, settings, day, now))


def send_report(database: Database, settings: Settings, report: Report, seconds: float | None = None) -> None:
    """POST the report, within `seconds` if given, and keep what came of it. Raises ReportRefused."""
    from visitorsflow.report import api  # a tenth of our memory and start-up

    try:
        answer = api.post(report.body, settings, seconds)
    except ReportRefused as refused:
        _keep(database, report, refused.status, False, refused.reply)
        raise
    log.info("accepted: %s", answer.said)
    _keep(database, report, answer.status, True, answer.reply)


def _keep(database: Database, report: Report, status: int | None, accepted: bool, reply: str) -> None:
    """Add the report to the history, or say why not: what was sent is sent in either case."""

    def add() -> None:
        day, totals = report.day, report.totals
        Reports(database).add(
            day, inside(totals), totals,
            http_status=status, accepted=accepted, reply=reply, partial=report.partial,
        )  # fmt: skip

    try:
        call_with_timeout(KEEP_SECONDS, add)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the report's own result stays as it is
        log.warning("this report is missing in --history: %s", str(error) or type(error).__name__)


def gaps_of(database: Database, settings: Settings, day: date, now: datetime) -> list[Gap]:
    """The cameras of which something may be missing in the totals of `day`; `now` is the local time."""
    try:
        cameras, clock = Cameras(database).read(), database.transaction(utc_now)
    except DatabaseAway as error:  # the totals are known: they are told all the same
        log.info("whether a camera's rows are missing could not be read: %s", error)
        return []
    wall = now.replace(tzinfo=None)
    return gaps(cameras, Moment(clock, wall), period_of(day, now), settings.open_hours)


def _partial(database: Database, settings: Settings, day: date, now: datetime) -> str:
    """Say of which cameras something may be missing in the totals of `day`."""
    wall = now.replace(tzinfo=None)
    found = gaps_of(database, settings, day, now)
    if found:
        log.warning(
            "partial: %s",
            ", ".join(
                f"{'files wait at' if waits else 'no files from'} camera {name} since {day_time(since, wall)}"
                for name, since, waits in found
            ),
        )
    return ", ".join(f"{name} ({since:%H:%M})" for name, since, _ in found)


def _say_what_lies_ahead(table: PeopleFlow, now: datetime) -> None:
    """Warn of rows that the day so far leaves out, and should not: a clock or its zone is wrong somewhere."""
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
