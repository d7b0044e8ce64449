"""The course of a day: its counts in slots of five minutes, and its reports. Needs no right but SELECT."""

from datetime import date, datetime, time, timedelta

from visitorsflow.database.connection import Database
from visitorsflow.database.kept import Slots, read_slots
from visitorsflow.database.status_tables import MOST_A_DAY, Reports
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import Course, SentReport, Slot
from visitorsflow.rules.period import OpenHours, Period, inside_since

HOUR = timedelta(hours=1)


def read_course(
    database: Database, day: date, open_hours: OpenHours | None, *, reports: bool = True
) -> Course:
    """Read the whole of `day` hour by hour, so that each statement ends in time however big the day is.

    Where the venue is open over midnight, it begins on the evening before. May raise DatabaseAway.
    """
    start = datetime.combine(day, time())
    hour, end = inside_since(start, open_hours).replace(minute=0), start + timedelta(days=1)
    slots: Slots = {}
    while hour < end:
        period = Period(hour, hour + HOUR)
        slots |= database.transaction(lambda connection, period=period: read_slots(connection, period))  # type: ignore[misc]
        hour += HOUR
    return Course(day, in_order(slots), read_reports(database, day) if reports else ())


def read_reports(database: Database, day: date) -> tuple[SentReport, ...]:
    """Read the reports of `day`, oldest first; none where there is no table, or no right to read it."""
    try:
        return tuple(reversed(Reports(database).newest(MOST_A_DAY, day) or ()))
    except DatabaseRefuses:
        return ()


def in_order(slots: Slots) -> tuple[Slot, ...]:
    """The slots by time, then by camera."""
    return tuple(
        Slot(start, camera, counted.came_in, counted.went_out)
        for start in sorted(slots)
        for camera, counted in sorted(slots[start].items())
    )
