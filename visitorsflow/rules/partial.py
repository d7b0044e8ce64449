"""Which cameras are silent, so that a day's totals are known to be partial. Pure: the clock is passed in."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from visitorsflow.facts import CameraState

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
