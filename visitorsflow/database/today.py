"""What the database knows of today: counts, cameras, the last report, the last closing message."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection, func

from visitorsflow.database.cameras import PEOPLE_FLOW_CAMERA, known_cameras
from visitorsflow.database.clock import utc_now
from visitorsflow.database.messages import PEOPLE_FLOW_MESSAGE, Messages
from visitorsflow.database.reports import PEOPLE_FLOW_REPORT, Reports
from visitorsflow.database.schema import PEOPLE_FLOW, hours_between, make_when_missing
from visitorsflow.database.transaction import Database
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import CameraState, Day, Hour, SentReport, Totals
from visitorsflow.rules.period import Period, period_of

Part = TypeVar("Part")
NO_COUNTS: tuple[Totals, tuple[Hour, ...]] = (Totals(0, 0, None, None), ())
NO_CAMERAS: tuple[CameraState, ...] = ()
NOT_KNOWN: date | None = date.max  # which closing message was the last: then none is due


class _Ask(Protocol):
    """Reads a part of the day, called `name`; gives `instead` where the server refuses."""

    def __call__(self, name: str, read: Callable[[Connection], Part], instead: Part) -> Part: ...


class Today:
    """`now` gives the local time of the venue, which says what day it is.

    `makes`: make the tables that are missing, since the camera's is made too; else no right but SELECT is
    needed. `closing`: read which closing message was the last.
    """

    def __init__(
        self, database: Database, now: Callable[[], datetime], *, makes: bool, closing: bool = False
    ) -> None:
        self._database = database
        self._now = now
        self._makes = makes
        self._reads_closing = closing

    def read(self) -> Day:
        """Today until now. What the server refuses, or does not have, is left out and named in `missing`.

        Raises DatabaseAway when it can't be reached.
        """
        try:
            return self._database.transaction(self._whole)
        except DatabaseRefuses:
            return self._part_by_part()

    def _whole(self, connection: Connection) -> Day:
        def ask(name: str, read: Callable[[Connection], Part], instead: Part) -> Part:
            return read(connection)

        return self._day(utc_now(connection), ask, makes=False)

    def _part_by_part(self) -> Day:
        missing: list[str] = []

        def ask(name: str, read: Callable[[Connection], Part], instead: Part) -> Part:
            try:
                return self._database.transaction(read)
            except DatabaseRefuses as error:
                missing.append(f"{name}: {error}")
                return instead

        day = self._day(self._database.transaction(utc_now), ask, makes=self._makes)
        return day._replace(missing="; ".join(missing))

    def _day(self, read_at: datetime, ask: _Ask, *, makes: bool) -> Day:
        def last_report(connection: Connection) -> SentReport | None:
            if makes:
                make_when_missing(connection, PEOPLE_FLOW_REPORT)
            return Reports.last(connection)

        def last_closing(connection: Connection) -> date | None:
            if makes:
                make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            return Messages.last_closing(connection)

        now = self._now()
        period = period_of(now.date(), now)
        cameras = ask(PEOPLE_FLOW_CAMERA.name, known_cameras, NO_CAMERAS)
        report = ask(PEOPLE_FLOW_REPORT.name, last_report, None)
        refused = 0
        if report and not report.accepted:
            refused = ask(PEOPLE_FLOW_REPORT.name, Reports.refused_in_a_row, 0)
        totals, hours = ask(PEOPLE_FLOW.name, lambda connection: counts(connection, period), NO_COUNTS)
        closing = ask(PEOPLE_FLOW_MESSAGE.name, last_closing, NOT_KNOWN) if self._reads_closing else None
        return Day(read_at, now.date(), totals, hours, cameras, report, "", refused, closing)


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
