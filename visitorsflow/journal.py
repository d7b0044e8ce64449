"""The journal: events become lines in the log."""

import logging

from visitorsflow.events import Began, Ended, Event, ReadAgain, Rejected, Stored
from visitorsflow.subjects import SILENCE, TELEGRAM, Waits
from visitorsflow.text import counted

log = logging.getLogger(__name__)

# The alert of silence stands in the log as it is, and the outbox says why alerts wait.
_SAID_ELSEWHERE = (SILENCE, TELEGRAM)


class Journal:
    """A listener."""

    def __init__(self, camera: str) -> None:
        self._camera = camera

    def __call__(self, event: Event) -> None:
        match event:
            case Stored(files, records, until):
                up_to = f" up to {until}" if until else ""
                counts = f"{counted(files, 'file')}, {counted(records, 'record')}"
                log.info("stored %s from camera %s%s", counts, self._camera, up_to)
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
