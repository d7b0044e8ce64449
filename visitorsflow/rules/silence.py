"""When is silence too long.

Pure: the clock is passed in. Silence is counted up in the time that really passed and was open, look
by look, so that neither a closed night, nor a jump of the wall clock, nor a moment in which the folder
could not be seen makes a false alert.
"""

from datetime import time

OpenHours = tuple[time, time]


class IdleTimer:
    """`limit` in seconds; `now` everywhere in seconds of one monotonic clock."""

    def __init__(self, limit: float, open_hours: OpenHours | None, now: float) -> None:
        self.limit = limit
        self.silence = 0.0
        self._open_hours = open_hours
        self._looked = now
        self._blind = False
        self._alerted = False

    def arrived(self, now: float) -> float | None:
        """A file came. Returns the seconds of silence that this ends if they were alerted, else None."""
        ended = self.silence if self._alerted else None
        self.silence, self._looked, self._blind, self._alerted = 0.0, now, False, False
        return ended

    def quiet(self, now: float, wall: time) -> bool:
        """No file came since the last look. True when an alert is due: once per silence."""
        if is_open(wall, self._open_hours) and not self._blind:
            self.silence += now - self._looked
        self._looked, self._blind = now, False
        if self._alerted or self.silence < self.limit:
            return False
        self._alerted = True
        return True

    def blind(self) -> None:
        """The folder could not be seen: the time since the last look, and until the next, is no silence."""
        self._blind = True

    def seconds_left(self, wall: time) -> float:
        """How long until an alert may be due; infinite while closed and after an alert."""
        if self._alerted or not is_open(wall, self._open_hours):
            return float("inf")
        return max(0.0, self.limit - self.silence)


def is_open(wall: time, open_hours: OpenHours | None) -> bool:
    """Whether a local time lies in the window [start, end), which may span midnight.

    >>> is_open(time(23, 30), (time(18), time(2))), is_open(time(2), (time(18), time(2)))
    (True, False)
    """
    if open_hours is None:
        return True
    start, end = open_hours
    if start < end:
        return start <= wall < end
    return wall >= start or wall < end
