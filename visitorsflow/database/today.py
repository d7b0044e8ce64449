"""What the database knows of today: counts, cameras, the last report. No right but SELECT is needed."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, func

from visitorsflow.database.cameras import PEOPLE_FLOW_CAMERA, Cameras
from visitorsflow.database.clock import utc_now
from visitorsflow.database.reports import PEOPLE_FLOW_REPORT, Reports
from visitorsflow.database.schema import PEOPLE_FLOW, hours_between, make_when_missing
from visitorsflow.database.transaction import Database
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import CameraState, Day, Hour, SentReport, Totals
from visitorsflow.rules.period import Period, period_of

Part = TypeVar("Part")
NO_COUNTS: tuple[Totals, tuple[Hour, ...]] = (Totals(0, 0, None, None), ())
NO_CAMERAS: tuple[CameraState, ...] = ()


class Today:
    """`now` gives the local time of the venue, which says what day it is.

    `makes`: make the table of reports when it is missing, since the camera's table is made too.
    """

    def __init__(self, database: Database, now: Callable[[], datetime], *, makes: bool) -> None:
        self._database = database
        self._now = now
        self._makes = makes

    def read(self) -> Day:
        """Today until now. What the server refuses, or does not have, is left out and named in `missing`.

        Raises DatabaseAway when it can't be reached.
        """
        missing: list[str] = []

        def part(name: str, read: Callable[[], Part], instead: Part) -> Part:
            try:
                return read()
            except DatabaseRefuses as error:
                missing.append(f"{name}: {error}")
                return instead

        now = self._now()
        period = period_of(now.date(), now)
        totals, hours = part(
            PEOPLE_FLOW.name,
            lambda: self._database.transaction(lambda connection: counts(connection, period)),
            NO_COUNTS,
        )
        report = part(PEOPLE_FLOW_REPORT.name, self._last_report, None)
        read_at = self._database.transaction(utc_now)
        cameras = part(PEOPLE_FLOW_CAMERA.name, Cameras(self._database).read, NO_CAMERAS)
        return Day(read_at, now.date(), totals, hours, cameras, report, "; ".join(missing))

    def _last_report(self) -> SentReport | None:
        try:
            return self._database.transaction(Reports.last)
        except DatabaseRefuses:
            if not self._makes:
                raise
        self._database.transaction(lambda connection: make_when_missing(connection, PEOPLE_FLOW_REPORT))
        return self._database.transaction(Reports.last)


def counts(connection: Connection, period: Period) -> tuple[Totals, tuple[Hour, ...]]:
    """The totals and the hours of a period within one day, from one pass over its rows: they fit together."""
    when = PEOPLE_FLOW.c.time
    query = hours_between(*period).add_columns(func.min(when), func.max(when))
    rows = connection.execute(query).all()
    hours = tuple(Hour(*row[:4]) for row in rows)
    totals = Totals(
        sum(hour.came_in for hour in hours),
        sum(hour.went_out for hour in hours),
        min((row[4] for row in rows), default=None),
        max((row[5] for row in rows), default=None),
    )
    return totals, hours
