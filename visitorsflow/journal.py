"""The journal: events become lines in the log.

An ordinary day is files that are stored: they are summed up in a line a minute. All else has its own line.
"""

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.events import Began, Ended, Event, ReadAgain, Rejected, Stored, Warned
from visitorsflow.subjects import SILENCE, TELEGRAM, Waits
from visitorsflow.text import counted

log = logging.getLogger(__name__)

# The alert of silence stands in the log as it is, and the outbox says why alerts wait.
_SAID_ELSEWHERE = (SILENCE, TELEGRAM)
SUM_SECONDS = 60


class Journal:
    """A listener. `idle_seconds`: after so long without a file, silence is told.

    So many seconds as `every` lie between two lines of what was stored; the first file after a rest has its
    line at once. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        camera: str,
        idle_seconds: float = math.inf,
        every: float = SUM_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._camera = camera
        self._idle_seconds = idle_seconds
        self._has_said_rhythm = False
        self._every = every
        self._clock = clock
        self._written = -math.inf
        self._files = self._crossings = self._left_out = 0
        self._until: datetime | None = None

    def sum_up(self) -> None:
        """Write the line of what was stored since the last one, if anything was."""
        if self._files:
            up_to = f" up to {self._until}" if self._until else ""
            counts = f"{counted(self._files, 'file')}, {counted(self._crossings, 'crossing')}"
            but = f"; left out: {counted(self._left_out, 'record')}" if self._left_out else ""
            log.info("stored %s from camera %s%s%s", counts, self._camera, up_to, but)
            self._written, self._until = self._clock(), None
            self._files = self._crossings = self._left_out = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Stored):
            self._files += event.files
            self._crossings += event.records
            self._left_out += event.left_out
            self._until = max((time for time in (self._until, event.until) if time), default=None)
        if self._clock() - self._written >= self._every:  # the loop tells something every few seconds
            self.sum_up()
        if isinstance(event, Stored):
            self._look_at_rhythm(event.longest)
        match event:
            case Rejected(name, reason):
                log.warning("rejected: %s %s", name, reason)
            case Warned(reason):
                log.warning("%s", reason)
            case ReadAgain(name):
                log.warning("read again, since it was written to after it was moved: %s", name)
            case Began(what) | Ended(what) if what in _SAID_ELSEWHERE:
                pass
            case Began(what, reason, who) if what.waits is Waits.NONE:
                log.warning("%s: %s", f"{what.name} {who}".rstrip(), reason)
            case Ended(what, seconds, who=who) if what.waits is Waits.NONE:
                log.info("%s: over after %.0f s", f"{what.name} {who}".rstrip(), seconds)
            case Began(what, reason):
                log.warning("trouble with %s: %s; files wait, trying again until it works", what.name, reason)
            case Ended(what):
                log.info("%s works again", what.name)

    def _look_at_rhythm(self, longest: float) -> None:
        """Say once that each interval will end in a false alert."""
        if longest > self._idle_seconds and not self._has_said_rhythm:
            self._has_said_rhythm = True
            log.warning(
                "the camera counts intervals of %g s, and silence is told after idle_seconds = %g:"
                " set it to a little more than the time between two files",
                longest,
                self._idle_seconds,
            )
