"""A day as the database knows it: today so far, for everybody who looks; and a day that is over.

All of it is read in one transaction; where the server refuses that, part by part, to tell what is missing.
"""

import time as clocks
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection, case, func, select

from visitorsflow.database.connection import Database
from visitorsflow.database.kept import NO_COUNTS, KeptCounts
from visitorsflow.database.people_flow import PEOPLE_FLOW, hours_between
from visitorsflow.database.status_tables import (
    PEOPLE_FLOW_CAMERA,
    PEOPLE_FLOW_MESSAGE,
    PEOPLE_FLOW_REPORT,
    MessageStore,
    Reports,
    known_cameras,
)
from visitorsflow.database.tables import make_when_missing, utc_now
from visitorsflow.database.told import PEOPLE_FLOW_TOLD, read_told
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import CameraState, Day, DayEnd, DayGaps, Hour, Missing, SentReport, ToldThing, Totals
from visitorsflow.rules.limits import peak
from visitorsflow.rules.period import OpenHours, Period

NO_CAMERAS: tuple[CameraState, ...] = ()
NOTHING_TOLD: tuple[ToldThing, ...] = ()
NEVER = datetime.min  # noqa: DTZ901 - naive, as the times of rows are
NOT_KNOWN: date | None = date.max  # which closing message was the last: then none is due
# Where no program has run for long yet, or none has sent a report, whoever only reads misses nothing.
MADE_LATER = {PEOPLE_FLOW_REPORT.name, PEOPLE_FLOW_TOLD.name}

Part = TypeVar("Part")


class Today:
    """`now` gives the local time of the venue, which says what day it is.

    `makes`: make the tables that are missing, since the camera's is made too; else no right but SELECT is
    needed. `closing`: read which closing message was the last. `open_hours`: since when the people inside
    are counted. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        makes: bool,
        closing: bool = False,
        open_hours: OpenHours | None = None,
        clock: Callable[[], float] = clocks.monotonic,
    ) -> None:
        self.counts = KeptCounts(open_hours, clock)
        self._database = database
        self._now = now
        self._makes = makes
        self._reads_closing = closing
        self._crossed: dict[str, datetime] = {}  # the newest crossing of each camera, as it was read last

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

    def _expect_late_rows(self, cameras: Iterable[CameraState], now: datetime) -> None:
        """Have read again what a camera has stored since the last reading, late or not.

        Else the numbers would be too low for minutes after a PC has caught up, and nothing would say so.
        """
        for camera in cameras:
            before, newest = self._crossed.get(camera.name, NEVER), camera.crossing_at
            if newest and before < newest:
                self.counts.stored(before, min(newest, now.replace(tzinfo=None)))
                self._crossed[camera.name] = newest

    def _part_by_part(self) -> Day:
        missing: list[Missing] = []

        def ask(name: str, read: Callable[[Connection], Part], instead: Part) -> Part:
            try:
                return self._database.transaction(read)
            except DatabaseRefuses as error:
                is_not_there_yet = name in MADE_LATER and error.reason.key == "database no table"
                if self._makes or not is_not_there_yet:
                    missing.append(Missing(name, error.reason))
                return instead

        day = self._day(self._database.transaction(utc_now), ask, makes=self._makes)
        return day._replace(missing=tuple(missing))

    def _day(self, read_at: datetime, ask: "_Ask", *, makes: bool) -> Day:
        def last_report(connection: Connection) -> SentReport | None:
            if makes:
                make_when_missing(connection, PEOPLE_FLOW_REPORT)
            return Reports.last(connection)

        def last_closing(connection: Connection) -> date | None:
            if makes:
                make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            return MessageStore.last_closing(connection)

        def told(connection: Connection) -> tuple[ToldThing, ...]:
            if makes:
                make_when_missing(connection, PEOPLE_FLOW_TOLD)
            return read_told(connection)

        now = self._now()
        cameras = ask(PEOPLE_FLOW_CAMERA.name, known_cameras, NO_CAMERAS)
        self._expect_late_rows(cameras, now)
        report = ask(PEOPLE_FLOW_REPORT.name, last_report, None)
        refused = 0
        if report and not report.accepted:
            refused = ask(PEOPLE_FLOW_REPORT.name, Reports.refused_in_a_row, 0)
        counted = ask(PEOPLE_FLOW.name, lambda connection: self.counts.read(connection, now), NO_COUNTS)
        closing = ask(PEOPLE_FLOW_MESSAGE.name, last_closing, NOT_KNOWN) if self._reads_closing else None
        things = ask(PEOPLE_FLOW_TOLD.name, told, NOTHING_TOLD)
        return Day(read_at, now.date(), *counted, cameras, report, (), refused, closing, things)


def counts(connection: Connection, period: Period) -> tuple[Totals, tuple[Hour, ...]]:
    """The totals and the hours of a period within one day, from one pass over its rows: they fit together."""
    rows = connection.execute(hours_between(*period)).all()
    hours = tuple(Hour(*row[:4]) for row in rows)
    totals = Totals(
        sum(hour.came_in for hour in hours),
        sum(hour.went_out for hour in hours),
        min((row[4] for row in rows), default=None),
        max((row[5] for row in rows), default=None),
    )
    return totals, hours


def read_end(database: Database, day: date, gaps: DayGaps | None) -> DayEnd:
    """The whole of `day`; `gaps` come from outside. May raise DatabaseAway."""
    start = datetime.combine(day, time())
    period = Period(start, start + timedelta(days=1))
    totals, hours = database.transaction(lambda connection: counts(connection, period))
    most, at = peak(database.transaction(lambda connection: _changes(connection, period)))
    try:
        sent, accepted = database.transaction(lambda connection: _reports(connection, day))
    except DatabaseRefuses:  # there is no such table, or no right to read it
        sent = accepted = 0
    end = DayEnd(day, totals, hours, most, at, None, sent, accepted)
    if gaps is None:
        return end
    silent = tuple((name, sum(span.seconds for span in its)) for name, its in sorted(gaps.spans.items()))
    spans = tuple(sorted(span for its in gaps.spans.values() for span in its))
    return end._replace(
        gaps=silent, gaps_since=gaps.since, spans=spans, gone=tuple(sorted(gaps.gone.items()))
    )


def _changes(connection: Connection, period: Period) -> list[tuple[datetime, int]]:
    """By second: how many more came in than went out."""
    when, state = PEOPLE_FLOW.c.time, PEOPLE_FLOW.c.state
    more = func.count(case((state == 0, 1))) - func.count(case((state == 1, 1)))
    query = select(when, more).where(when >= period.start, when < period.end).group_by(when).order_by(when)
    return [(moment, int(change)) for moment, change in connection.execute(query)]


def _reports(connection: Connection, day: date) -> tuple[int, int]:
    columns = PEOPLE_FLOW_REPORT.c
    query = select(func.count(), func.count(case((columns.accepted, 1)))).where(columns.day == day)
    sent, accepted = connection.execute(query).one()
    return int(sent), int(accepted)


class _Ask(Protocol):
    """Reads a part of the day, called `name`; gives `instead` where the server refuses."""

    def __call__(self, name: str, read: Callable[[Connection], Part], instead: Part) -> Part: ...
