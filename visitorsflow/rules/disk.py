"""Whether the disk is nearly full. Pure: the clock is passed in."""

from visitorsflow.events import Event
from visitorsflow.rules.condition import Condition

GB = 2**30
LEAST_BYTES = GB
LEAST_PERCENT = 2
ROOM_AGAIN = 1.25  # times the limit: what is deleted for a moment is no end


class Disk:
    """`now` in monotonic seconds."""

    def __init__(self) -> None:
        self._condition = Condition("disk")

    def check(self, free: int, total: int, now: float) -> tuple[Event, ...]:
        """What is new with so many bytes `free` of `total` on the disk of the watched folder."""
        limit = max(LEAST_BYTES, LEAST_PERCENT / 100 * total)
        if free < limit and not self._condition.active:
            return self._condition.begin(now, f"{free / GB:.1f} GB")
        if free >= ROOM_AGAIN * limit:
            return self._condition.end(now)
        return self._condition.check(now)
