"""The journal: events become lines in the log.

An ordinary day is files that are stored: they are summed up in a line a minute. All else has its own line.
"""

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.events import SILENCE, TELEGRAM, Began, Ended, Event, ReadAgain, Rejected, Stored, Waits
from visitorsflow.text import counted

log = logging.getLogger(__name__)

# The alert of silence stands in the log as it is, and the outbox says why alerts wait.
_SAID_ELSEWHERE = (SILENCE, TELEGRAM)
SUM_SECONDS = 60


class Journal:
    """A listener. `every`: so many seconds lie between two lines of what was stored.

    The first file after a rest has its line at once. `clock` gives monotonic seconds.
    """

    def __init__(
        self, camera: str, every: float = SUM_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._camera = camera
        self._every = every
        self._clock = clock
        self._written = -math.inf
        self._files = self._records = 0
        self._until: datetime | None = None

    def sum_up(self) -> None:
        """Write the line of what was stored since the last one, if anything was."""
        if self._files:
            up_to = f" up to {self._until}" if self._until else ""
            counts = f"{counted(self._files, 'file')}, {counted(self._records, 'record')}"
            log.info("stored %s from camera %s%s", counts, self._camera, up_to)
            self._written, self._files, self._records, self._until = self._clock(), 0, 0, None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Stored):
            self._files += event.files
            self._records += event.records
            self._until = max((time for time in (self._until, event.until) if time), default=None)
        if self._clock() - self._written >= self._every:  # the loop tells something every few seconds
            self.sum_up()
        match event:
            case Rejected(name, reason):
                log.warning("rejected: %s %s", name, reason)
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
