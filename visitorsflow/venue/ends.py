"""The end of what was told of this PC before it started: the program of today does not know that it lasted.

Pure: `now` in monotonic seconds.
"""

from visitorsflow.events import Began, Ended, Event, Lasts, Listed, Passed, Stored, TableReady
from visitorsflow.facts import Day
from visitorsflow.rules.telling import lasting
from visitorsflow.subjects import (
    CAMERA_CLOCK_FAST,
    CAMERA_CLOCK_SLOW,
    CAMERA_CLOCK_ZONE,
    DATABASE,
    DELAY,
    REFUSAL,
    SILENCE,
    SUBJECTS,
    TELEGRAM,
    WAITING,
    Subject,
)

SETTLED_SECONDS = 120  # what is still the matter is noticed within this
LONG_WAIT_SECONDS = 600  # but a file that waits, only when it has waited for so long
FILES = 10  # so many show that they are in time, and that the camera's clock is right
_BY_FILES = (DELAY, CAMERA_CLOCK_FAST, CAMERA_CLOCK_SLOW, CAMERA_CLOCK_ZONE)
ON_ITS_WAY_SECONDS = 5  # a time of the table is whole seconds, and a little old


class OwnEnds:
    """A listener at the PC of the camera `name`: what lasts here, and what has been seen to be well."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lasting: set[Subject] = set()
        self._ended: dict[Subject, float] = {}  # when its end was to be told
        self._working_since: float | None = None
        self._has_table = self._has_file = False
        self._stored = 0

    def note(self, event: Event, now: float) -> None:
        match event:
            case Began(what) | Lasts(what):
                self._lasting.add(what)
            case Ended(what, told=told):
                self._lasting.discard(what)
                if told:
                    self._ended[what] = now
            case Passed() if self._working_since is None:
                self._working_since = now
            case TableReady():
                self._has_table = True
            case Listed(arrived=True):
                self._has_file = True
            case Stored(files):
                self._stored += files

    def check(self, day: Day, now: float) -> tuple[Event, ...]:
        """Tell the end of what stands in the table as told and lasting, and does not."""
        ends = []
        for one in lasting(day.told):
            what = SUBJECTS.get(one.what)
            if (
                one.camera != self._name
                or one.told_at is None
                or what is None
                or not self._is_well(what, now)
            ):
                continue
            told = now - (day.read_at - one.told_at).total_seconds()
            if self._ended.get(what, float("-inf")) < told - ON_ITS_WAY_SECONDS:
                ends.append(Ended(what, (day.read_at - one.since).total_seconds(), True, self._stored))
        return tuple(ends)

    def _is_well(self, what: Subject, now: float) -> bool:
        if what in self._lasting or what.of_venue or what is TELEGRAM:  # another PC tells that one
            return False
        if what is SILENCE:
            return self._has_file
        settled = SETTLED_SECONDS + (LONG_WAIT_SECONDS if what is WAITING else 0)
        if self._working_since is None or now - self._working_since < settled:
            return False
        if what in (DATABASE, REFUSAL):
            return self._has_table
        return self._stored >= FILES if what in _BY_FILES else True
