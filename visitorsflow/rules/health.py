"""The health of a camera in one word, by its uploader's last beat. Pure: the clock is passed in."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from visitorsflow.facts import CameraState
from visitorsflow.reasons import Reason, from_json, quoted
from visitorsflow.rules.period import OpenHours, is_open
from visitorsflow.subjects import SILENCE

# An uploader beats every 20 s: of four beats in a row one gets through.
DEAD_AFTER = timedelta(seconds=90)
_REJECTED = "rejected"  # stands among the troubles, and is none
NEAR_NODES, FARTHEST_NODES = timedelta(seconds=10), timedelta(seconds=300)


class Health(StrEnum):
    """The worst first."""

    DEAD = "dead"  # its uploader does not beat, and has not said that it ends
    SILENT = "silent"  # no file comes although the venue is open
    STOPPED = "stopped"  # its uploader has ended in order
    TROUBLE = "trouble"  # its uploader says what is the matter
    UNKNOWN = "unknown"  # the database, which knows it, can't be read
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
    """The health of `camera` at `now`, naive UTC by the database's clock.

    `open_for`: how many seconds ago the venue opened; silence before that is none. None: always open.
    """
    unseen = _seconds(now, camera.alive_at)
    if camera.stopped_at is not None:
        return Reading(Health.STOPPED, _seconds(now, camera.stopped_at))
    if unseen > DEAD_AFTER.total_seconds():
        return Reading(Health.DEAD, unseen)
    has_trouble = any(one.what != SILENCE.key for one in troubles(camera.trouble))
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


def is_alive(camera: CameraState, read_at: datetime) -> bool:
    """Has its PC beaten lately, and not ended in order; `read_at` as in Day."""
    return camera.stopped_at is None and read_at - camera.alive_at < DEAD_AFTER


def on_one_clock(cameras: Iterable[CameraState], own: str) -> tuple[CameraState, ...]:
    """The cameras as the clock of the server of camera `own` would have noted their beats.

    The nodes of a cluster may have clocks that differ by minutes: then a camera that beats at another node
    looks dead. Each beat holds its PC's clock minus its node's; where two PCs' clocks are right, their
    offsets differ by what the nodes differ. A beat is only ever made later by that, and by at most
    FARTHEST_NODES, since a PC's clock may be wrong too: then its death is told that much later.
    """
    known = tuple(cameras)
    offsets = [camera.clock_offset for camera in known if camera.name == own]
    if not offsets:
        return known

    def moved(camera: CameraState) -> CameraState:
        behind = min(timedelta(seconds=camera.clock_offset - offsets[0]), FARTHEST_NODES)
        if behind <= NEAR_NODES:
            return camera
        return camera._replace(
            alive_at=camera.alive_at + behind,
            stopped_at=camera.stopped_at and camera.stopped_at + behind,
            file_at=camera.file_at and camera.file_at + behind,
        )

    return tuple(map(moved, known))


class Trouble(NamedTuple):
    """Something that lasts at a camera: the key of its subject, and why, if that is known."""

    what: str
    reason: Reason | None = None


def troubles(text: str) -> list[Trouble]:
    """Read the troubles of a camera out of what its uploader says of it: JSON, or an older version's text.

    >>> troubles('[["silence", null], ["folder", ["ENOENT", {}]]]')[0].what
    'silence'
    >>> troubles("silence; folder: No such file")[1]
    Trouble(what='folder', reason=Reason('quoted', {'text': 'No such file'}))
    """
    return [one for one in _kept(text) if one.what != _REJECTED]


def newest_rejected(text: str) -> Reason | None:
    """Read out of the same which file was rejected last, and why; None where that is not known.

    >>> str(newest_rejected('[["silence", null], ["rejected", ["quoted", {"text": "a.json is empty"}]]]'))
    'a.json is empty'
    """
    return next((one.reason for one in _kept(text) if one.what == _REJECTED), None)


def _kept(text: str) -> list[Trouble]:
    try:
        return [Trouble(what, from_json(reason) if reason else None) for what, reason in json.loads(text)]
    except (ValueError, TypeError):
        lasting = (one.partition(": ") for one in text.split("; ") if one)
        return [Trouble(what, quoted(reason) if reason else None) for what, _, reason in lasting]


def troubles_text(lasting: Iterable[Trouble], longest: int, rejected: Reason | None = None) -> str:
    """The same as JSON of at most `longest` characters; "" for none. Reasons that are too long are cut.

    `rejected`: which file was rejected last, and why.

    >>> troubles_text([Trouble("folder", quoted("x" * 99))], 60)
    '[["folder", ["quoted", {"text": "xxxxxxxxxxxxxxxxxxxx"}]]]'
    """
    known = [*lasting, *([Trouble(_REJECTED, rejected)] if rejected else [])]
    cuts = [partial(form, room=room) for form in (_short, _flat) for room in _ROOMS]
    forms: list[Callable[[Reason], list[object] | None]] = [_whole, *cuts, _none]
    for form in forms:
        text = json.dumps([[what, reason and form(reason)] for what, reason in known], ensure_ascii=False)
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
        if len(text) <= longest:
            return text if known else ""
    return ""


_ROOMS = (100, 60, 40, 20)


def _whole(reason: Reason) -> list[object]:
    return reason.as_json()


def _short(reason: Reason, room: int) -> list[object]:
    """Cut what is quoted in it: it can still be said in each language."""

    def cut(value: object) -> object:
        if isinstance(value, Reason):
            return _short(value, room)
        return value[:room] if isinstance(value, str) else value

    return [reason.key, {name: cut(value) for name, value in reason.values.items()}]


def _flat(reason: Reason, room: int) -> list[object]:
    return quoted(str(reason)[:room]).as_json()


def _none(_reason: Reason) -> None:
    return None


def open_for(wall: time, open_hours: OpenHours | None) -> float | None:
    """The seconds since the venue opened by its own clock; None when it never closes.

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
