"""The limits of a venue and of a disk: people inside against `capacity`, and free space. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import IntEnum

from visitorsflow.events import Ended, Event, Lasts
from visitorsflow.reasons import Reason
from visitorsflow.rules.condition import Condition
from visitorsflow.subjects import CAPACITY, CAPACITY_NEAR, DISK

NEAR = 90  # percent of the capacity
FULL = 100
BELOW = 5  # so many percent of the capacity must people be fewer again, before it is over
GB = 2**30
LEAST_BYTES = GB
LEAST_PERCENT = 2
ROOM_AGAIN = 1.25  # times the limit: what is deleted for a moment is no end


class Fill(IntEnum):
    """In the view: nothing, amber, red."""

    FREE = 0
    NEAR = 1
    FULL = 2


def fill(people: int, capacity: int) -> Fill:
    """The fill at this moment.

    >>> [fill(people, 500).name for people in (449, 450, 499, 500)]
    ['FREE', 'NEAR', 'NEAR', 'FULL']
    """
    percent = 100 * people
    return Fill((percent >= NEAR * capacity) + (percent >= FULL * capacity))


class Capacity:
    """Tells each of the two limits once, and again only after people were fewer by 5 % in between."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._near = Condition(CAPACITY_NEAR)
        self._full = Condition(CAPACITY)

    def resume(self, what: str, since: float, reason: Reason | None) -> None:
        """It was told before this program started that `what` lasts."""
        for condition in (self._near, self._full):
            if condition.what.key == what:
                condition.resume(since, reason)

    def check(self, people: int, now: float) -> tuple[Event, ...]:
        """Tell what is new with so many people inside; `now` in monotonic seconds."""
        near = self._limit(self._near, NEAR, people, now)
        full = self._limit(self._full, FULL, people, now)
        # One message at a time: the fuller when it fills, the emptier when it empties.
        if any(isinstance(event, Lasts) for event in full):
            near = tuple(event for event in near if not isinstance(event, Lasts))
        if any(isinstance(event, Ended) for event in near):
            full = tuple(replace(event, told=False) if isinstance(event, Ended) else event for event in full)
        return (*near, *full)

    def _limit(self, condition: Condition, percent: int, people: int, now: float) -> tuple[Event, ...]:
        if not condition.active and 100 * people >= percent * self._capacity:
            reason = Reason("people", people=people, capacity=self._capacity)
            return (*condition.begin(now, reason), *condition.check(now))
        if condition.active and 100 * people < (percent - BELOW) * self._capacity:
            return condition.end(now)
        return ()


class Disk:
    """`now` in monotonic seconds."""

    def __init__(self) -> None:
        self._condition = Condition(DISK)

    def check(self, free: int, total: int, now: float) -> tuple[Event, ...]:
        """Tell what is new with so many bytes `free` of `total` on the disk of the watched folder."""
        limit = max(LEAST_BYTES, LEAST_PERCENT / 100 * total)
        if free < limit and not self._condition.active:
            return self._condition.begin(now, Reason("gigabytes", gigabytes=f"{free / GB:.1f}"))
        if free >= ROOM_AGAIN * limit:
            return self._condition.end(now)
        return self._condition.check(now)


def peak(changes: Iterable[tuple[datetime, int]]) -> tuple[int, datetime | None]:
    """The most people that were inside at once, and since when; (0, None) when there never was anybody.

    `changes`: the moments of a day in their order, each with how many more came in than went out.

    >>> ten, eleven, noon = (datetime(2018, 11, 3, hour) for hour in (10, 11, 12))
    >>> peak([(ten, 3), (eleven, -2), (noon, 2)])
    (3, datetime.datetime(2018, 11, 3, 10, 0))
    """
    people, most, at = 0, 0, None
    for moment, more in changes:
        people += more
        if people > most:
            most, at = people, moment
    return most, at
