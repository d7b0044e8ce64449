"""The journal: events become lines in the log."""

import logging
import math

from visitorsflow.events import SILENCE, TELEGRAM, Began, Ended, Event, ReadAgain, Rejected, Stored, Waits
from visitorsflow.text import counted

log = logging.getLogger(__name__)

# The alert of silence stands in the log as it is, and the outbox says why alerts wait.
_SAID_ELSEWHERE = (SILENCE, TELEGRAM)


class Journal:
    """A listener. `idle_seconds`: after so long without a file, silence is told."""

    def __init__(self, camera: str, idle_seconds: float = math.inf) -> None:
        self._camera = camera
        self._idle_seconds = idle_seconds
        self._has_said_rhythm = False

    def __call__(self, event: Event) -> None:
        match event:
            case Stored(files, records, until, left_out=left_out, longest=longest):
                up_to = f" up to {until}" if until else ""
                counts = f"{counted(files, 'file')}, {counted(records, 'crossing')}"
                but = f"; left out: {counted(left_out, 'record')}" if left_out else ""
                log.info("stored %s from camera %s%s%s", counts, self._camera, up_to, but)
                self._look_at_rhythm(longest)
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
