"""The PC that says what concerns the whole venue. Pure: all times are the database's.

All PCs read the same table and come to the same answer: the first by name of those that live and can tell.
That one tells it at once; what nobody has told for a minute, any other tells (`told`).
"""

from datetime import datetime, timedelta

from visitorsflow.facts import CameraState, Day
from visitorsflow.rules.health import is_alive

EPOCH = datetime(1970, 1, 1)
# After a break nobody has beaten for as long as it was: the others get this long to do it first.
SETTLING = timedelta(seconds=60)
BREAK = timedelta(seconds=60)
LONGEST_PACE = timedelta(seconds=100)
# Until the others have seen that one more can tell, and have delivered and marked their last message.
HANDOVER = timedelta(seconds=40)


def speaking(day: Day) -> CameraState | None:
    """The camera whose PC speaks for all; None when nobody who lives can tell."""
    able = (camera for camera in day.cameras if camera.can_tell and is_alive(camera, day.read_at))
    return min(able, key=lambda camera: camera.name, default=None)


class Speaker:
    """Who speaks, as the PC of the camera `name` knows it. `look` at each Day comes first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._read_at: datetime | None = None
        self._since = EPOCH  # when it began to read the day without a break
        self._pace = timedelta(0)  # between the last two readings
        self._chosen: CameraState | None = None
        self._able_since: datetime | None = None  # by its own row
        self._is_alone = False

    def look(self, day: Day) -> None:
        before, self._read_at = self._read_at, day.read_at
        pace = day.read_at - before if before else timedelta(0)
        longest = max(BREAK, 2 * min(self._pace, LONGEST_PACE))  # a big day is read less often
        if before is None or not timedelta(0) <= pace <= longest:
            self._since = day.read_at
        self._pace = pace
        self._chosen = speaking(day)
        able = {one.name for one in day.cameras if one.can_tell and is_alive(one, day.read_at)}
        self._able_since = (self._able_since or day.read_at) if self._name in able else None
        self._is_alone = able == {self._name}

    @property
    def is_ready(self) -> bool:
        """Has it read the day for a minute without a break, so that the others' beats count.

        The beat of a PC that is not ready says that it can't tell; else nobody spoke in that minute.
        """
        return self._read_at is not None and self._read_at - self._since >= SETTLING

    @property
    def speaks(self) -> bool:
        if self._read_at is None or self._able_since is None:
            return False
        is_known = self._is_alone or self._read_at - self._able_since >= HANDOVER
        return self.is_ready and is_known and _name(self._chosen) == self._name


def _name(camera: CameraState | None) -> str | None:
    return camera.name if camera else None
