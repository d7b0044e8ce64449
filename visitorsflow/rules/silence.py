"""The rule of silence: when no file has come for too long.

Pure: the clock is passed in. Silence is counted up in the time that really passed and was open, look
by look, so that neither a closed night, nor a jump of the wall clock, nor a moment in which the folder
could not be seen makes a false alert.
"""

from datetime import time

from visitorsflow.events import Event
from visitorsflow.rules.condition import Condition
from visitorsflow.rules.period import OpenHours, is_open
from visitorsflow.subjects import SILENCE, Subject

GLANCE_SECONDS = 15  # between two looks: what failed in between has hidden nothing


class Silence:
    """`limit` in seconds; `now` everywhere in seconds of one monotonic clock.

    `what` is the subject of its events, where something else than files is waited for.
    """

    def __init__(
        self, limit: float, open_hours: OpenHours | None, now: float, what: Subject = SILENCE
    ) -> None:
        self._condition = Condition(what, limit)  # its clock is the seconds of silence counted so far
        self._condition.begin(0.0, None)
        self._open_hours = open_hours
        self._counted = 0.0
        self._looked = now
        self._blind = False

    def arrived(self, now: float) -> tuple[Event, ...]:
        """A file came. Returns the end of the silence if that had been told."""
        told = self._condition.told
        ended = self._condition.end(self._counted)
        self._condition.begin(0.0, None)
        self._counted, self._looked, self._blind = 0.0, now, False
        return ended if told else ()

    def resume(self, seconds: float) -> None:
        """It has lasted for so long, and was told, before this program started."""
        self._condition.resume(0.0, None)
        self._counted = seconds

    def quiet(self, now: float, wall: time) -> tuple[Event, ...]:
        """No file came since the last look. Returns, once per silence, that it is worth telling."""
        is_known = not self._blind or now - self._looked <= GLANCE_SECONDS
        if is_known and is_open(wall, self._open_hours):
            self._counted += now - self._looked
        self._looked, self._blind = now, False
        return self._condition.check(self._counted)

    def blind(self) -> None:
        """The folder could not be seen: the time since the last look, and until the next, is no silence.

        Unless the next comes soon: a share that fails now and then would hide a dead camera for ever.
        """
        self._blind = True

    def seconds_left(self, wall: time) -> float:
        """The seconds until silence may be worth telling; infinite while closed and after it was told."""
        if not is_open(wall, self._open_hours):
            return float("inf")
        return self._condition.seconds_left(self._counted)
