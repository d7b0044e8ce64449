"""Whose rows are missing in a day's totals, as far as the cameras' last beats tell. Pure.

The clock is passed in. Of a camera that has delivered since, an earlier gap is not known here: its files may
have come late.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from visitorsflow.facts import CameraState
from visitorsflow.rules.health import is_alive, troubles
from visitorsflow.rules.period import OpenHours, Period, last_opening
from visitorsflow.subjects import DELAY, SUBJECTS, Waits

TAKEN_AWAY = timedelta(days=7)  # what has not delivered for so long is expected no more
LONG_WAIT = timedelta(seconds=60)
# A camera writes a file every few seconds: of so many, the first has waited for a minute.
BACKLOG_FILES = 12
_HOLDING = {what.key for what in SUBJECTS.values() if what.waits is not Waits.NONE} | {DELAY.key}


class Gap(NamedTuple):
    """A camera whose rows are missing since a local time; `waits`: they wait in files on its PC."""

    camera: str
    since: datetime
    waits: bool


class Moment(NamedTuple):
    """One moment: naive UTC by the database's clock, and the venue's naive local time."""

    read_at: datetime
    wall: datetime

    def local(self, at: datetime) -> datetime:
        """The local time of a time by the database's clock."""
        return self.wall - (self.read_at - at)


def gaps(
    cameras: Iterable[CameraState], now: Moment, period: Period, open_hours: OpenHours | None
) -> list[Gap]:
    """The cameras whose rows are missing in `period`, a day or today so far; the longest gap first.

    Files have waited for longer than a minute; or a camera that has delivered within the seven days before
    did not deliver when the venue was last open in that period, by its own `idle_seconds`: silent, dead,
    stopped in order, or never switched on that day.
    """
    found: list[Gap] = []
    for camera in cameras:
        if camera.file_at is None:
            continue
        came = now.local(camera.file_at)
        if _waits(camera, came, now, period):
            found.append(Gap(camera.name, camera.crossing_at or came, waits=True))
        elif _is_missed(camera, came, now, period, open_hours):
            found.append(Gap(camera.name, came, waits=False))
    return sorted(found, key=lambda gap: (gap.since, gap.camera))


def _waits(camera: CameraState, came: datetime, now: Moment, period: Period) -> bool:
    """Do files of this period wait there, and longer than it takes to store one."""
    is_past_it = camera.crossing_at and camera.crossing_at >= period.end and now.wall >= period.end
    if not camera.waiting or is_past_it or came < period.start:
        return False
    return (
        camera.waiting > BACKLOG_FILES
        or _known_at(camera, now) - came > LONG_WAIT  # all that waits has come before
        or holds_files(camera)
    )


def holds_files(camera: CameraState) -> bool:
    """True where its uploader says that something lasts because of which files wait, or are late."""
    return any(one.what in _HOLDING for one in troubles(camera.trouble))


def _is_missed(
    camera: CameraState, came: datetime, now: Moment, period: Period, open_hours: OpenHours | None
) -> bool:
    at = period.end - timedelta(seconds=1)  # now, or the last second of a day that is over
    opening = last_opening(at, open_hours)
    if at - came > TAKEN_AWAY or opening.end <= period.start:
        return False
    until = opening.end
    if is_alive(camera, now.read_at):
        until = min(until, _known_at(camera, now))
        if opening.end == at and now.wall < period.end and not camera.open_now:
            return False  # its gate has hours of its own
    return until - max(came, opening.start) > timedelta(seconds=camera.idle_seconds)


def _known_at(camera: CameraState, now: Moment) -> datetime:
    """Until when its silence is known (local time): between two beats of one that lives, a file may come."""
    return now.local(camera.alive_at) if is_alive(camera, now.read_at) else now.wall
