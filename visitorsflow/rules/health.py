"""Which cameras are silent, so that a day's totals are known to be partial. Pure: the clock is passed in."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from visitorsflow.facts import CameraState
from visitorsflow.rules.silence import OpenHours, is_open

DEAD_SECONDS = 90.0  # an uploader beats every 20 s


class Health(StrEnum):
    """The worst first."""

    DEAD = "dead"  # its uploader does not beat, and has not said that it ends
    SILENT = "silent"  # no file comes although the venue is open
    STOPPED = "stopped"  # its uploader has ended in order
    TROUBLE = "trouble"  # its uploader says what is the matter
    NEW = "new"  # no file has come yet
    CLOSED = "closed"  # no file comes, and none need come: the venue is closed
    WELL = "well"

    @property
    def badness(self) -> int:
        """0 for the worst."""
        return list(Health).index(self)


class Reading(NamedTuple):
    """A camera's health, and for how many seconds it has not beaten, has been silent or is stopped."""

    health: Health
    seconds: float


def health(camera: CameraState, now: datetime, open_for: float | None = None) -> Reading:
    """How `camera` is at `now`, naive UTC by the database's clock.

    `open_for`: how many seconds ago the venue opened; silence before that is none. None: always open.
    """
    unseen = _seconds(now, camera.alive_at)
    if camera.stopped_at is not None:
        return Reading(Health.STOPPED, _seconds(now, camera.stopped_at))
    if unseen > DEAD_SECONDS:
        return Reading(Health.DEAD, unseen)
    has_trouble = any(what != "silence" for what, _ in troubles(camera.trouble))
    if camera.file_at is None:
        return Reading(Health.TROUBLE if has_trouble else Health.NEW, 0.0)
    # Between two beats a file may have come: its silence is known until the last one.
    silent = _seconds(camera.alive_at, camera.file_at)
    counted = silent if open_for is None else min(silent, open_for)
    if camera.open_now and counted > camera.idle_seconds:
        return Reading(Health.SILENT, silent)
    if has_trouble:
        return Reading(Health.TROUBLE, 0.0)
    if not camera.open_now and silent > camera.idle_seconds:
        return Reading(Health.CLOSED, silent)
    return Reading(Health.WELL, 0.0)


def troubles(text: str) -> list[tuple[str, str]]:
    """What lasts at a camera, subject and reason, out of what its uploader says of it.

    >>> troubles("silence; folder: No such file")
    [('silence', ''), ('folder', 'No such file')]
    """
    return [(what, reason) for what, _, reason in (one.partition(": ") for one in text.split("; ") if one)]


def open_for(wall: time, open_hours: OpenHours | None) -> float | None:
    """How many seconds ago the venue opened by its own clock; None when it never closes.

    >>> open_for(time(8, 1), (time(8), time(22))), open_for(time(1), (time(18), time(2)))
    (60.0, 25200.0)
    >>> open_for(time(23), (time(8), time(22)))
    0.0
    """
    if open_hours is None:
        return None
    if not is_open(wall, open_hours):
        return 0.0
    start = open_hours[0]
    since = timedelta(hours=wall.hour - start.hour, minutes=wall.minute - start.minute, seconds=wall.second)
    return since.total_seconds() % timedelta(days=1).total_seconds()


def _seconds(later: datetime, earlier: datetime) -> float:
    return max(0.0, (later - earlier).total_seconds())


ALIVE = timedelta(seconds=90)  # an uploader beats every 20 s


class Silent(NamedTuple):
    """A camera, and when its last file came (naive UTC by the database's clock)."""

    camera: str
    since: datetime


def silent(cameras: Iterable[CameraState], now: datetime, day_began: datetime) -> list[Silent]:
    """The cameras that delivered today and now do not, in the order in which they fell silent.

    Each is measured by its own `idle_seconds` and its own open hours; one that has ended in order is none
    of them. `now` and `day_began`, the last midnight of the venue, are naive UTC by the database's clock.
    """
    found = [
        Silent(camera.name, camera.file_at)
        for camera in cameras
        if camera.file_at is not None
        and camera.file_at >= day_began
        and camera.stopped_at is None
        and camera.open_now
        and _known_at(camera, now) - camera.file_at > timedelta(seconds=camera.idle_seconds)
    ]
    return sorted(found, key=lambda one: (one.since, one.camera))


def _known_at(camera: CameraState, now: datetime) -> datetime:
    """Until when its silence is known: between two beats of one that lives, a file may have come."""
    return camera.alive_at if now - camera.alive_at <= ALIVE else now
