"""The rule of clocks: is this PC's right, and its camera's. Pure: the clocks are passed in."""

from datetime import datetime, timedelta
from typing import NamedTuple

from visitorsflow.events import Event
from visitorsflow.reasons import Reason
from visitorsflow.rules.condition import Condition
from visitorsflow.subjects import CAMERA_CLOCK_FAST, CAMERA_CLOCK_SLOW, CLOCK_FAST, CLOCK_SLOW, Subject

OFF_SECONDS = 120
RIGHT_SECONDS = 60  # again: in between nothing changes
LIVE_SECONDS = 30  # after it was written: what is seen later has waited, or came from elsewhere
FILES_IN_A_ROW = 5
# A copy of old files keeps no pace with the clock: their names run on faster than they are written.
ROW_LASTS_SECONDS = 30
SAME_PACE_SECONDS = 10


class OwnClock:
    """This PC's clock against the database's. `now` in monotonic seconds."""

    def __init__(self) -> None:
        self._clock = _Clock(CLOCK_FAST, CLOCK_SLOW)

    def check(self, offset: float, now: float) -> tuple[Event, ...]:
        """Tell what is new, with this PC's clock minus the database's in seconds."""
        return self._clock.check(offset, now)


class CameraClock:
    """The camera's clock against this PC's: by live files, five in a row that keep pace with the clock."""

    def __init__(self) -> None:
        self._clock = _Clock(CAMERA_CLOCK_FAST, CAMERA_CLOCK_SLOW)
        self._row: list[_LiveFile] = []

    def look(self, said: datetime, written: datetime, wall: datetime, now: float) -> tuple[Event, ...]:
        """Tell what is new, with one more file, when it is first seen.

        `said` is what the camera thinks that it is: the later of the time in the name and that of the
        newest record; `written` is when the file was written (mtime), `wall` now: all local times.
        """
        if not timedelta(0) <= wall - written <= timedelta(seconds=LIVE_SECONDS):
            return ()
        file = _LiveFile(said, written)
        keeps_pace = self._row and abs(file.offset - self._row[0].offset) <= SAME_PACE_SECONDS
        is_next = self._row and said >= self._row[-1].said and written >= self._row[-1].written
        self._row = [*self._row, file] if keeps_pace and is_next else [file]
        lasts = (written - self._row[0].written).total_seconds()
        if len(self._row) < FILES_IN_A_ROW or lasts < ROW_LASTS_SECONDS:
            return ()
        self._row = self._row[1:] if lasts > 2 * ROW_LASTS_SECONDS else self._row
        return self._clock.check(file.offset, now)


class _LiveFile(NamedTuple):
    said: datetime
    written: datetime

    @property
    def offset(self) -> float:
        """The camera's clock minus this PC's, in seconds."""
        return (self.said - self.written).total_seconds()


class _Clock:
    """Two conditions: a clock is fast, or slow. Their reason is by how many minutes."""

    def __init__(self, fast: Subject, slow: Subject) -> None:
        self._fast = Condition(fast)
        self._slow = Condition(slow)

    def check(self, offset: float, now: float) -> tuple[Event, ...]:
        return (*_check(self._fast, offset, now), *_check(self._slow, -offset, now))


def _check(condition: Condition, offset: float, now: float) -> tuple[Event, ...]:
    if offset > OFF_SECONDS and not condition.active:
        reason = Reason("minutes", minutes=f"{offset / 60:.0f}")
        return (*condition.begin(now, reason), *condition.check(now))
    if offset <= RIGHT_SECONDS:
        return condition.end(now)
    return condition.check(now)
