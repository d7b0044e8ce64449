"""What the database knows of today: counts, cameras, the last report. No right but SELECT is needed."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, func, select

from visitorsflow.database.cameras import PEOPLE_FLOW_CAMERA, Cameras
from visitorsflow.database.clock import utc_ago
from visitorsflow.database.schema import PEOPLE_FLOW, hours_between
from visitorsflow.database.transaction import Database
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import CameraState, Day, Hour, Totals
from visitorsflow.rules.period import Period, period_of

Part = TypeVar("Part")
NO_COUNTS: tuple[Totals, tuple[Hour, ...]] = (Totals(0, 0, None, None), ())
NO_CAMERAS: tuple[CameraState, ...] = ()


class Today:
    """`now` gives the local time of the venue, which says what day it is."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

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
        read_at = self._database.transaction(
            lambda connection: connection.execute(select(utc_ago())).scalar_one()
        )
        cameras = part(PEOPLE_FLOW_CAMERA.name, Cameras(self._database).read, NO_CAMERAS)
        return Day(read_at, now.date(), totals, hours, cameras, report=None, missing="; ".join(missing))


def counts(connection: Connection, period: Period) -> tuple[Totals, tuple[Hour, ...]]:
    """The totals and the hours of a period within one day, from one pass over its rows: they fit together."""
    when = PEOPLE_FLOW.c.time
    query = hours_between(*period).add_columns(func.min(when), func.max(when))
    rows = connection.execute(query).tuples().all()
    hours = tuple(Hour(*row[:4]) for row in rows)
    totals = Totals(
        sum(hour.came_in for hour in hours),
        sum(hour.went_out for hour in hours),
        min((row[4] for row in rows), default=None),
        max((row[5] for row in rows), default=None),
    )
    return totals, hours
