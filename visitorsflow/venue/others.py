"""The troubles of PCs from which no alert can go: the table says what lasts there.

Pure: all times are the database's.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from visitorsflow.events import EndedThere, Event, LastsThere
from visitorsflow.facts import CameraState, Day, ToldThing
from visitorsflow.reasons import Reason
from visitorsflow.rules.condition import Condition
from visitorsflow.rules.health import is_alive, troubles
from visitorsflow.rules.telling import lasting
from visitorsflow.subjects import LOOP, SILENCE, SUBJECTS, TELEGRAM, Subject
from visitorsflow.venue.speaker import EPOCH

# For so long a PC may be unable to tell: after its start, or while its outbox tries again.
PATIENCE_SECONDS = 120
BY_IDLE_SECONDS = (SILENCE, LOOP)  # these last for as long as is set at that PC


class OthersTroubles:
    """The rule, as the PC of the camera `name` sees the others. Each PC comes to the same events."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._conditions: dict[tuple[str, Subject], Condition] = {}
        self._waiting: dict[tuple[str, Subject], int] = {}  # files, when it was told
        self._well_since: dict[ToldThing, datetime] = {}  # what was told, and is not seen to last
        self._over: set[ToldThing] = set()

    def check(self, day: Day) -> tuple[Event, ...]:
        """Tell what is new: what has lasted at a PC that can't tell it, once, and that it is over.

        Of a PC that does not answer nothing is known. One that can tell again says the rest itself,
        but not that it can.
        """
        now = (day.read_at - EPOCH).total_seconds()
        events: list[Event] = []
        others = [one for one in day.cameras if one.name != self._name and is_alive(one, day.read_at)]
        for camera in others:
            events += self._look(camera, now)
        return (*events, *self._over_since_told(day, {camera.name: camera for camera in others}))

    def _over_since_told(self, day: Day, cameras: dict[str, CameraState]) -> Iterator[Event]:
        """The end of what was told before this program started, or by the PC that is able no more.

        A PC that has just started does not know yet what lasts there.
        """
        # Without what changes while a PC tries to tell it.
        rows = (one._replace(teller="", taken_at=None) for one in lasting(day.told))
        told = {one for one in rows if one.camera in cameras}
        self._over &= told
        lasts = {*self._conditions, *((one.camera, SUBJECTS.get(one.what)) for one in told)}
        self._waiting = {key: files for key, files in self._waiting.items() if key in lasts}
        seen = self._well_since
        self._well_since = {one: seen.get(one, day.read_at) for one in told if not _goes_on(one, cameras)}
        for one, since in self._well_since.items():
            camera, what = cameras[one.camera], SUBJECTS.get(one.what)
            if what is None or what.of_venue or (camera.can_tell and what is not TELEGRAM):
                continue
            key = one.camera, what
            is_ours = one in self._over or key in self._conditions
            if not is_ours and day.read_at - since >= timedelta(seconds=PATIENCE_SECONDS):
                self._over.add(one)
                stored = max(0, self._waiting.get(key, 0) - camera.waiting)
                yield EndedThere(*key, (day.read_at - one.since).total_seconds(), stored)

    def _look(self, camera: CameraState, now: float) -> list[Event]:
        lasting = {} if camera.can_tell else _lasting(camera)
        events: list[Event] = []
        for what, reason in lasting.items():
            key = camera.name, what
            patience = max(what.patience, PATIENCE_SECONDS)
            condition = self._conditions.setdefault(key, Condition(what, patience))
            condition.begin(now, reason)
            if condition.check(now):
                self._waiting[key] = camera.waiting
                limit = camera.idle_seconds if what in BY_IDLE_SECONDS else what.patience
                events.append(LastsThere(camera.name, what, reason, limit, camera.waiting))
        for key in [key for key in self._conditions if key[0] == camera.name and key[1] not in lasting]:
            condition, what = self._conditions.pop(key), key[1]
            if condition.told and (what is TELEGRAM or not camera.can_tell):
                stored = max(0, self._waiting[key] - camera.waiting)
                events.append(EndedThere(camera.name, what, condition.seconds(now), stored))
        return events


def _goes_on(thing: ToldThing, cameras: dict[str, CameraState]) -> bool:
    camera = cameras[thing.camera]
    if any(one.what == thing.what for one in troubles(camera.trouble)):
        return True
    came = camera.file_at
    return thing.what == SILENCE.key and not (came and thing.told_at and came > thing.told_at)


def _lasting(camera: CameraState) -> dict[Subject, Reason | None]:
    """What concerns that PC alone. What a newer version there calls by a name of its own is left out."""
    known = ((SUBJECTS.get(one.what), one.reason) for one in troubles(camera.trouble))
    return {what: reason for what, reason in known if what and not what.of_venue}
