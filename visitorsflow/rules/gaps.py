"""For how long each camera sent no files today. Pure: the clock is passed in."""

from datetime import date, datetime, time, timedelta

from visitorsflow.facts import CameraState, Day
from visitorsflow.rules.health import open_for
from visitorsflow.rules.silence import OpenHours

SHORTEST_SECONDS = 90  # a file is known to the table only with the next beat
SOON_SECONDS = 300  # who looks from then after opening on has missed nothing


class Gaps:
    """Adds up each camera's silences that were longer than its `idle_seconds`, in open time.

    A silence that had ended before this PC's program started is not known: `since` is the local time of its
    start, or None where it has seen the day from its opening on.
    """

    def __init__(self, open_hours: OpenHours | None) -> None:
        self.since: datetime | None = None
        self._open_hours = open_hours
        start, end = open_hours or (time(0), time(0))
        self._opens = start if start < end else time(0)
        self._day: date | None = None
        self._over: dict[str, float] = {}  # seconds of silences that have ended
        self._lasting: dict[str, float] = {}

    @property
    def seconds(self) -> dict[str, float]:
        """Of today by camera; one without a gap is left out."""
        names = self._over.keys() | self._lasting.keys()
        return {name: self._over.get(name, 0) + self._lasting.get(name, 0) for name in sorted(names)}

    def look(self, day: Day, now: datetime) -> None:
        """One more reading of the day; `now` is its local time."""
        if day.day != self._day:
            has_run = self._day == day.day - timedelta(days=1)
            soon = datetime.combine(day.day, self._opens) + timedelta(seconds=SOON_SECONDS)
            self.since = None if has_run or now <= soon else now
            self._day, self._over, self._lasting = day.day, {}, {}
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


def _silence(camera: CameraState, read_at: datetime) -> float:
    if camera.file_at is None:
        return float("inf")
    return (read_at - camera.file_at).total_seconds()
