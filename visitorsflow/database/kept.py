"""The counts of the day, kept in memory between the readings: a reading is cheap however big the day is.

The day is cut into slots of five minutes. A reading asks the database again for the newest slots, for those
of the late rows that this PC has stored itself, and for some of the others in turn: each comes round within
ten minutes, so late rows of other PCs and corrections by hand are noticed. Of those in turn MySQL and MariaDB
give a checksum, which costs a fraction of counting them by camera; they are counted where it is another one.
"""

import random
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, case, extract, func, select

from visitorsflow.database.people_flow import PEOPLE_FLOW, by_camera
from visitorsflow.facts import Hour, Totals
from visitorsflow.rules.period import OpenHours, Period, inside_since, period_of

SLOT_MINUTES = 5
SLOT = timedelta(minutes=SLOT_MINUTES)
SECOND = timedelta(seconds=1)
LONGEST = timedelta(hours=1)
SLOTS_OF_A_DAY = timedelta(days=1) // SLOT
# Rows of live files are in the table by then, from whichever PC.
SETTLED = timedelta(minutes=5)
REMEMBERED = 100
TURN_SECONDS = 570.0  # with the longest pause between two readings it is less than ten minutes
_KEPT = "visitorsflow.kept"  # under this name a connection knows which counts were read over it


class Counts(NamedTuple):
    """The counts of today, which fit together, and the people inside since `inside_since`."""

    totals: Totals
    inside: int
    hours: tuple[Hour, ...]


NO_COUNTS = Counts(Totals(0, 0, None, None), 0, ())
Slots = dict[datetime, dict[str, Totals]]  # by the slot's start, then by camera
Checksum = tuple[int, datetime | None, datetime | None]
# Another camera, another direction, a row more or fewer: each makes another sum.
_CHECKSUM = func.sum(
    func.crc32(PEOPLE_FLOW.c.ip) * case((PEOPLE_FLOW.c.state == 0, 1), (PEOPLE_FLOW.c.state == 1, 2), else_=0)
)


class _Kept(NamedTuple):
    slots: Slots
    now: datetime  # naive local time of the reading
    period: Period
    turned: float  # slots that had come round by then


class KeptCounts:
    """Counts of all cameras. `read` is for one thread, `stored` for any. `clock` gives monotonic seconds."""

    def __init__(self, open_hours: OpenHours | None, clock: Callable[[], float]) -> None:
        self._open_hours = open_hours
        self._clock = clock
        self._begins = random.random() * SLOTS_OF_A_DAY  # else all PCs read the same at once
        self._kept: _Kept | None = None
        self._lock = threading.Lock()
        self._late: list[Period] = []  # in which this PC has stored rows since the last reading

    @property
    def slots(self) -> Slots:
        """The slots of the last reading; none when it has failed. For the thread that reads."""
        return self._kept.slots if self._kept else {}

    def stored(self, since: datetime, until: datetime) -> None:
        """Take note that this PC has stored rows of these times (naive local): the next reading has them."""
        with self._lock:
            if len(self._late) >= REMEMBERED:
                since = min(since, *(late.start for late in self._late))
                until = max(until, *(late.end for late in self._late))
                self._late.clear()
            self._late.append(Period(since, until))

    def read(self, connection: Connection, now: datetime) -> Counts:
        """Today until `now` (local time), exact but for late rows of others in the last ten minutes.

        Where this fails, or the connection is another one than the last time, the whole day is read again.
        """
        day = period_of(now.date(), now)
        opened = _slot_of(inside_since(now, self._open_hours))
        period = Period(min(day.start, opened), day.end)
        kept, self._kept = self._kept, None  # what fails leaves nothing
        with self._lock:  # what is stored from now on is for the next reading
            late, self._late = self._late, []
        plain, turned = now.replace(tzinfo=None), self._turned()
        slots: Slots = {}
        stale: set[datetime] | None = None
        if kept and connection.info.get(_KEPT) is self and _goes_on(kept, period):
            slots = {start: slot for start, slot in kept.slots.items() if start >= period.start}
            newest = Period(min(kept.now, plain) - SETTLED, period.end)
            stale = set()
            for part in (newest, *late):
                # `until` is the time of a row: its slot counts.
                stale.update(_slots(max(part.start, period.start), min(part.end + SECOND, period.end)))
            for part in _ranges(set(_come_round(kept.turned, turned, period)) - stale, period):
                if not _is_as_kept(connection, part, slots):
                    stale.update(_slots(*part))
        connection.info[_KEPT] = self
        if stale is None:
            stale = set(_slots(*period))
        for part in _ranges(stale, period):
            for start in _slots(*part):
                slots.pop(start, None)
            slots.update(read_slots(connection, part))
        counts = _counts(slots, day.start, opened)
        self._kept = _Kept(slots, plain, period, turned)
        return counts

    def _turned(self) -> float:
        return self._begins + self._clock() / TURN_SECONDS * SLOTS_OF_A_DAY


def read_slots(connection: Connection, period: Period) -> Slots:
    """The counts in one range of the primary key, by slot and camera."""
    when = PEOPLE_FLOW.c.time
    minute = extract("minute", when)
    slot = minute - minute % SLOT_MINUTES
    slots: Slots = {}
    query = by_camera(*period, extract("hour", when), slot)
    for hour, minutes, camera, came_in, went_out, first, last in connection.execute(query):
        start = datetime.combine(first, time(hour, minutes))
        slots.setdefault(start, {})[camera] = Totals(came_in, went_out, first, last)
    return slots


def checksum(slots: Slots, period: Period) -> Checksum:
    """The sum of `_CHECKSUM` over the rows counted in these slots; and their first and last time."""
    counted = [camera for start in _slots(*period) for camera in slots.get(start, {}).items()]
    return (
        sum(zlib.crc32(name.encode()) * (one.came_in + 2 * one.went_out) for name, one in counted),
        min((one.first for _, one in counted if one.first), default=None),
        max((one.last for _, one in counted if one.last), default=None),
    )


def checksum_there(connection: Connection, period: Period) -> Checksum:
    """The same by the rows that are in the database now; MySQL and MariaDB alone can tell."""
    when = PEOPLE_FLOW.c.time
    query = select(_CHECKSUM, func.min(when), func.max(when)).where(when >= period.start, when < period.end)
    there, first, last = connection.execute(query).one()
    return int(there or 0), first, last


def _is_as_kept(connection: Connection, period: Period, slots: Slots) -> bool:
    if connection.dialect.name == "sqlite":
        return False
    return checksum_there(connection, period) == checksum(slots, period)


def _goes_on(kept: _Kept, period: Period) -> bool:
    """Is it a later moment of the same time: no clock was set back, and something of it is kept."""
    return kept.period.start <= period.start <= kept.period.end <= period.end


def _come_round(before: float, now: float, period: Period) -> Iterator[datetime]:
    """The slots of the period whose turn it was between two readings."""
    first = _slot_of(period.start)
    place = first.hour * 60 // SLOT_MINUTES + first.minute // SLOT_MINUTES
    for number in range(int(before), min(int(now), int(before) + SLOTS_OF_A_DAY)):
        yield first + (number - place) % SLOTS_OF_A_DAY * SLOT


def _ranges(slots: Iterable[datetime], period: Period) -> Iterator[Period]:
    """The slots within the period, put together to ranges; a longer one would not be answered in time."""
    start = end = period.start
    for slot in sorted(slots):
        if slot > end or slot - start >= LONGEST:
            if start < end:
                yield Period(start, end)
            start = slot
        start, end = max(start, period.start), min(slot + SLOT, period.end)
    if start < end:
        yield Period(start, end)


def _slots(start: datetime, end: datetime) -> Iterator[datetime]:
    slot = _slot_of(start)
    while slot < end:
        yield slot
        slot += SLOT


def _slot_of(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute - moment.minute % SLOT_MINUTES, second=0, microsecond=0)


def _counts(slots: Slots, day: datetime, opened: datetime) -> Counts:
    hours: dict[tuple[int, str], list[int]] = {}
    firsts, lasts, inside = [], [], 0
    for start, cameras in slots.items():
        for camera, counted in cameras.items():
            if start >= opened:
                inside += counted.came_in - counted.went_out
            if start >= day:
                hour = hours.setdefault((start.hour, camera), [0, 0])
                hour[0] += counted.came_in
                hour[1] += counted.went_out
                firsts.append(counted.first)
                lasts.append(counted.last)
    totals = Totals(
        sum(came_in for came_in, _ in hours.values()),
        sum(went_out for _, went_out in hours.values()),
        min((first for first in firsts if first), default=None),
        max((last for last in lasts if last), default=None),
    )
    in_order = tuple(Hour(*at, *hours[at]) for at in sorted(hours))
    return Counts(totals, max(0, inside), in_order)
