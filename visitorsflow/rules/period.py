"""Which rows belong to a day, and which lie ahead of now. Pure: the clock is passed in."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

# Clocks that are nearly right differ by less.
AHEAD = timedelta(minutes=5)


class Period(NamedTuple):
    """start <= time < end, in the naive local time of the table."""

    start: datetime
    end: datetime


def period_of(day: date, now: datetime) -> Period:
    """A day from 00:00:00 to its end, or to `now` (local time, with its `fold`) if that is earlier.

    In the hour that a clock set back repeats, the rows of its first passage may be later by the clock
    than now: they belong to the day so far.

    >>> period_of(date(2018, 5, 31), datetime(2018, 5, 31, 10, 18, 25)).end
    datetime.datetime(2018, 5, 31, 10, 18, 26)
    """
    start = datetime(day.year, day.month, day.day)
    return Period(start, min(start + timedelta(days=1), max(start, _end_of(now))))


def ahead_from(now: datetime) -> datetime:
    """A row of this time or later lies ahead of `now`: by more than AHEAD, on this day or a later one.

    >>> ahead_from(datetime(2018, 5, 31, 23, 58))
    datetime.datetime(2018, 6, 1, 0, 3, 1)
    """
    return _end_of(now) + AHEAD


def _end_of(now: datetime) -> datetime:
    """The end of the second `now`; in an hour that is repeated, the end of what its first passage had."""
    so_far = now.replace(tzinfo=None, fold=0, microsecond=0) + timedelta(seconds=1)
    if now.fold:
        so_far += now.astimezone(UTC) - now.replace(fold=0).astimezone(UTC)
    return so_far
