"""When the day's closing message is due. Pure: the local time is passed in."""

from datetime import date, datetime, time, timedelta

from visitorsflow.rules.silence import OpenHours

AFTER_MIDNIGHT = time(0, 5)  # the last files of the day before are in by then
LATE = timedelta(hours=12)  # who was off at closing says it at the next start, if that comes sooner


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
