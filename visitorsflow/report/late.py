"""Rows may come late: a past day whose totals are no longer those that were accepted is reported again.

The table does not tell when a row came, so a day must be counted to know that it has changed. Where that
takes long, each run counts one day only, and the next run the next one.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import Reports
from visitorsflow.errors import TemporaryError
from visitorsflow.facts import PastDay, SentReport, Totals
from visitorsflow.report.report import Report, report_of, send_report
from visitorsflow.report.tags import inside
from visitorsflow.rules.period import period_of
from visitorsflow.settings import Settings
from visitorsflow.timeouts import left_behind

COUNT_SECONDS = 0.2  # then no further day is counted in this run
# Together with the database's time limits these stay below those of a run (LOCK_SECONDS).
START_SECONDS = 60
POST_SECONDS = 60
EVERY_SECONDS = 300  # cron's, as docs/setup.md has it

log = logging.getLogger("callAPI")


def send_late(database: Database, settings: Settings, began: float) -> None:
    """Report one past day again whose totals differ from what was last accepted for it, if there is one.

    `began`: when this run did, in monotonic seconds. Raises nothing: today's report, which was before it,
    keeps its result.
    """
    if not settings.report_days:
        return
    if left_behind() or time.monotonic() - began > START_SECONDS:
        log.info("this run took long: the next one compares the days before today")
        return
    try:
        if report := _find(database, settings):
            send_report(database, settings, report, POST_SECONDS)
    except (TemporaryError, KeyboardInterrupt) as error:
        log.warning("a day before today was not reported again: %s", str(error) or "stopped")
    except Exception:
        log.exception("comparing the days before today has a defect; today's report is not affected")


def in_turn(days: Sequence[PastDay], turn: int) -> Iterator[PastDay]:
    """All days, beginning with another one each `turn`; the oldest is first when `turn` is 0."""
    first = turn % len(days) if days else 0
    yield from days[first:]
    yield from days[:first]


def differs(totals: Totals, accepted: SentReport) -> bool:
    """Would the report now be another one. A day without rows has none."""
    sent = (accepted.inside, accepted.came_in, accepted.went_out, accepted.start, accepted.end)
    return totals.first is not None and (inside(totals), *totals) != sent


def first_to_send(changed: Sequence[tuple[PastDay, Totals]]) -> tuple[PastDay, Totals]:
    """The oldest day; but one that is refused again and again lets the others go first."""
    return min(changed, key=lambda one: (one[0].refused, one[0].accepted.day))


def _find(database: Database, settings: Settings) -> Report | None:
    now = settings.now()
    today = now.date()
    try:
        past = Reports(database).past_days(today - timedelta(days=settings.report_days), today)
        # Of a day without reports, as when the venue is closed, the clock tells which turn it is.
        turn = past.reports_of_today or int(now.timestamp() // EVERY_SECONDS)
        changed = list(_changed(PeopleFlow(database, settings.camera), in_turn(past.days, turn), now))
        if not changed:
            return None
        day, totals = first_to_send(changed)
        log.info("%s has changed since its report was accepted: it is reported again", day.accepted.day)
        return report_of(database, settings, day.accepted.day, totals)
    finally:
        database.close()  # nothing holds a connection while the API is asked


def _changed(table: PeopleFlow, days: Iterator[PastDay], now: datetime) -> Iterator[tuple[PastDay, Totals]]:
    began = time.monotonic()
    for day in days:
        totals = table.totals(*period_of(day.accepted.day, now))
        if differs(totals, day.accepted):
            yield day, totals
        if time.monotonic() - began >= COUNT_SECONDS:
            return
