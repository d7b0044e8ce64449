"""Days and openings: which rows are theirs, and when the closing message is due. Pure.

Times are passed in.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

OpenHours = tuple[time, time]

# Clocks that are nearly right differ by less.
AHEAD = timedelta(minutes=5)
AFTER_MIDNIGHT = time(0, 5)  # the last files of the day before are in by then
LATE = timedelta(hours=12)  # who was off at closing says it at the next start, if that comes sooner


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


def is_open(wall: time, open_hours: OpenHours | None) -> bool:
    """Does a local time lie in the window [start, end), which may span midnight.

    >>> is_open(time(23, 30), (time(18), time(2))), is_open(time(2), (time(18), time(2)))
    (True, False)
    """
    if open_hours is None:
        return True
    start, end = open_hours
    if start < end:
        return start <= wall < end
    return wall >= start or wall < end


def last_opening(at: datetime, open_hours: OpenHours | None) -> Period:
    """The open time that lasts at `at` (naive local time), until then; or else the last one before it.

    >>> hours = time(8), time(22)
    >>> last_opening(datetime(2018, 5, 31, 10, 18), hours).end
    datetime.datetime(2018, 5, 31, 10, 18)
    >>> last_opening(datetime(2018, 5, 31, 7), hours).end
    datetime.datetime(2018, 5, 30, 22, 0)
    """
    if open_hours is None:
        return Period(datetime(1, 1, 1), at)
    start, end = open_hours
    opened = datetime.combine(at, start)
    if opened > at:
        opened -= timedelta(days=1)
    closed = datetime.combine(opened, end) + timedelta(days=end <= start)
    return Period(opened, min(closed, at))


def ahead_from(now: datetime) -> datetime:
    """A row of this time or later lies ahead of `now`: by more than AHEAD, on this day or a later one.

    >>> ahead_from(datetime(2018, 5, 31, 23, 58))
    datetime.datetime(2018, 6, 1, 0, 3, 1)
    """
    return _end_of(now) + AHEAD


def _end_of(now: datetime) -> datetime:
    """The end of the second `now`; in an hour that is repeated, the end of what its first passage had."""
    so_far = now.replace(tzinfo=None, microsecond=0) + timedelta(seconds=1)
    if now.fold:
        so_far += now.astimezone(UTC) - now.replace(fold=0).astimezone(UTC)
    return so_far


def inside_since(now: datetime, open_hours: OpenHours | None) -> datetime:
    """The naive local time from which the people inside are counted: the beginning of the day.

    Where the venue is open over midnight, it is the middle of its last closed hours: then nobody is inside,
    and who comes before the opening or leaves after the end is counted too.

    >>> night = (time(18), time(2))
    >>> inside_since(datetime(2018, 6, 1, 0, 30), night), inside_since(datetime(2018, 6, 1, 10), night)
    (datetime.datetime(2018, 5, 31, 10, 0), datetime.datetime(2018, 6, 1, 10, 0))
    """
    midnight = datetime(now.year, now.month, now.day)
    if open_hours is None or open_hours[0] <= open_hours[1]:
        return midnight
    start, end = open_hours
    since = midnight + (_since_midnight(start) + _since_midnight(end)) / 2
    return since if since <= now.replace(tzinfo=None) else since - timedelta(days=1)


def _since_midnight(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)


class Closing:
    """At the end of `open_hours`; where that is midnight, or it is always open: at 00:05, for the day before.

    A window that spans midnight closes the calendar day in which it began.
    """

    def __init__(self, open_hours: OpenHours | None) -> None:
        start, end = open_hours or (time(0), time(0))
        self._next_day = end <= start
        self._end = max(end, AFTER_MIDNIGHT) if self._next_day else end
        if start == end:  # always open
            self._end = AFTER_MIDNIGHT
        self._asked: date | None = None

    def take_back(self, day: date) -> None:
        """It could not be said: it is due again."""
        if self._asked == day:
            self._asked = None

    def due(self, now: datetime, said: date | None) -> date | None:
        """The day whose closing message is due; None when there is none. Each day is due once.

        `said` is the last day for which it was said, by this PC or another, whatever was restarted since.
        """
        today = now.date()
        for day in (today, today - timedelta(days=1), today - timedelta(days=2)):
            closed = datetime.combine(day + timedelta(days=self._next_day), self._end, now.tzinfo)
            if closed <= now < closed + LATE:
                last = max(said or date.min, self._asked or date.min)
                if last < day:
                    self._asked = day
                    return day
        return None
