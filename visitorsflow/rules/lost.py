"""Which cameras' PCs do not answer, and who must still be told. Pure: the clock is passed in.

Who has been told stands in the table, so that it is said once, whichever PC says it.
"""

from datetime import datetime, timedelta

from visitorsflow.events import CamerasBack, CamerasLost, Event
from visitorsflow.facts import Absence, CameraState, Day, Return
from visitorsflow.rules.condition import Condition
from visitorsflow.rules.health import open_for
from visitorsflow.rules.silence import OpenHours
from visitorsflow.rules.speaker import ALIVE, is_alive

EPOCH = datetime(1970, 1, 1)
# Of open time: so long an ended program may be away, and so long staff have to switch on a PC in the morning.
STOPPED = timedelta(minutes=5)
# What has missed three beats when another is lost is lost too: several at once are one message.
IN_COMPANY = timedelta(seconds=60)


class LostCameras:
    """What the PC of the camera `name` sees of the others."""

    def __init__(self, name: str, open_hours: OpenHours | None) -> None:
        self._name = name
        self._open_hours = open_hours
        self._conditions: dict[str, Condition] = {}
        self._lost_at: dict[str, datetime] = {}  # camera -> its last sign of life before its last loss
        self._quiet_since: dict[str, datetime] = {}  # of those that lately were quiet
        self._said: dict[str, datetime] = {}  # camera -> the last sign of life before the loss that was said
        self._said_back: dict[str, datetime] = {}  # camera -> the `told_at` that its return answers

    def check(self, day: Day, now: datetime, *, speaks: bool) -> tuple[Event, ...]:
        """What is new: for the log on each PC, and for the phone on the one that `speaks`.

        `now` is the local time at which the day was read.
        """
        others = [camera for camera in day.cameras if camera.name != self._name]
        open_since = _ago(day.read_at, open_for(now.time(), self._open_hours))
        lost = [camera for camera in others if _is_lost(camera, day.read_at, open_since)]
        if any(not _was_told(camera) for camera in lost):
            lost = [c for c in others if c in lost or _is_quiet(c, day.read_at, open_since)]
        for camera in others:
            if camera.stopped_at or day.read_at - camera.alive_at >= IN_COMPANY:
                self._quiet_since[camera.name] = _last_sign(camera)
        logged = self._logged(others, lost, day.read_at, now)
        # Of its own return too: it may be the only one that is left.
        return (*logged, *(self._told(day.cameras, lost, day.read_at, now) if speaks else ()))

    def _logged(
        self, others: list[CameraState], lost: list[CameraState], read_at: datetime, now: datetime
    ) -> tuple[Event, ...]:
        events: list[Event] = []
        for camera in others:
            what = f"camera {camera.name}"
            condition = self._conditions.setdefault(what, Condition(what))
            last = _last_sign(camera)
            if camera in lost and not condition.active:
                self._lost_at[camera.name] = last
                word = "stopped" if camera.stopped_at else "no sign of life"
                reason = f"{word} since {now - (read_at - last):%Y-%m-%d %H:%M:%S}"
                events += condition.begin(_seconds(last), reason)
            elif is_alive(camera, read_at) and last != self._lost_at.get(camera.name):
                events += condition.end(_seconds(last))
        return tuple(events)

    def _told(
        self, cameras: tuple[CameraState, ...], lost: list[CameraState], read_at: datetime, now: datetime
    ) -> tuple[Event, ...]:
        absences, returns = [], []
        for camera in cameras:
            name, last, told_at = camera.name, _last_sign(camera), camera.told_at
            if camera in lost and not _was_told(camera) and self._said.get(name) != last:
                self._said[name] = last
                absences.append(Absence(name, now - (read_at - last), camera.stopped_at is not None))
            elif told_at and _is_back(camera, read_at) and self._said_back.get(name) != told_at:
                self._said_back[name] = told_at
                since = min(told_at, self._quiet_since.get(name, told_at))
                returns.append(Return(name, (last - since).total_seconds()))
        back = (CamerasBack(tuple(returns)),) if returns else ()
        return (*back, CamerasLost(tuple(absences))) if absences else back


def _is_lost(camera: CameraState, read_at: datetime, open_since: datetime) -> bool:
    """Whether it has been quiet for too long in this opening."""
    last = _last_sign(camera)
    died_while_open = camera.stopped_at is None and last > open_since
    return read_at - max(last, open_since) >= (ALIVE if died_while_open else STOPPED)


def _is_quiet(camera: CameraState, read_at: datetime, open_since: datetime) -> bool:
    """Whether it has missed three beats in this opening."""
    died_while_open = camera.stopped_at is None and camera.alive_at > open_since
    return died_while_open and read_at - camera.alive_at >= IN_COMPANY


def _was_told(camera: CameraState) -> bool:
    """Whether somebody was told after its last sign of life: of this loss, not of one before."""
    return camera.told_at is not None and camera.told_at >= _last_sign(camera)


def _is_back(camera: CameraState, read_at: datetime) -> bool:
    """Whether it has beaten again after somebody was told that it does not."""
    return camera.told_at is not None and camera.alive_at > camera.told_at and is_alive(camera, read_at)


def _last_sign(camera: CameraState) -> datetime:
    return max(camera.alive_at, camera.stopped_at or camera.alive_at)


def _ago(now: datetime, seconds: float | None) -> datetime:
    return EPOCH if seconds is None else now - timedelta(seconds=seconds)


def _seconds(moment: datetime) -> float:
    return (moment - EPOCH).total_seconds()
