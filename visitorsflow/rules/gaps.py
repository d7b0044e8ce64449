"""For how long each camera sent no files today. Pure: the clock is passed in."""

from datetime import date, datetime, time, timedelta

from visitorsflow.facts import CameraState, Day
from visitorsflow.rules.health import open_for
from visitorsflow.rules.silence import OpenHours

SHORTEST_SECONDS = 90  # a file is known to the table only with the next beat
PAUSE_SECONDS = 300  # of open time between two readings: then something may have been missed


class Gaps:
    """Adds up each camera's silences that were longer than its `idle_seconds`, in open time.

    What had ended before this PC could read the day, at its start or after a pause, is not known: `since` is
    the local time of the first reading then, or None where there was none such in today's open time.
    """

    def __init__(self, open_hours: OpenHours | None) -> None:
        self.since: datetime | None = None
        self._looked: datetime | None = None  # local time of the last reading
        self._open_hours = open_hours
        start, end = open_hours or (time(0), time(0))
        self._opens, self._closes = (start, end) if start < end else (time.min, time.max)
        self._day: date | None = None
        self._over: dict[str, float] = {}  # seconds of silences that have ended
        self._lasting: dict[str, float] = {}

    @property
    def seconds(self) -> dict[str, float]:
        """Of today by camera; one without a gap is left out."""
        names = self._over.keys() | self._lasting.keys()
        return {name: self._over.get(name, 0) + self._lasting.get(name, 0) for name in sorted(names)}

    def look(self, day: Day, now: datetime) -> bool:
        """One more reading of the day; `now` is its local time. False: without any camera it is none."""
        if not day.cameras:
            return False
        if day.day != self._day:
            self._day, self._over, self._lasting, self.since = day.day, {}, {}, None
        if self._unseen(now) > timedelta(seconds=PAUSE_SECONDS):
            self.since = now
        self._looked = now
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        today, opened = (now - midnight).total_seconds(), open_for(now.time(), self._open_hours)
        longest = today if opened is None else min(today, opened)
        for camera in day.cameras:
            silence = min(longest, _silence(camera, day.read_at))
            before = self._lasting.pop(camera.name, 0.0)
            if before > silence:
                self._over[camera.name] = self._over.get(camera.name, 0) + before
            if silence > max(camera.idle_seconds, SHORTEST_SECONDS):
                self._lasting[camera.name] = silence
        return True

    def _unseen(self, now: datetime) -> timedelta:
        """How much of today's open time has passed since the last reading."""
        start = datetime.combine(now, self._opens)
        end = datetime.combine(now, self._closes)
        return min(now, end) - max(self._looked or start, start)


def _silence(camera: CameraState, read_at: datetime) -> float:
    if camera.file_at is None:
        return float("inf")
    return (read_at - camera.file_at).total_seconds()
