"""What happened becomes lines in the log."""

import logging

from visitorsflow.events import Began, Ended, Event, ReadAgain, Rejected, Stored
from visitorsflow.text import counted

log = logging.getLogger(__name__)

_NAMES = {
    "database": "the database",
    "refusal": "the database",
    "folder": "the folder",
    "part": "a part of the folder",
    "files": "the folder",
    "waiting": "a file that waits",
    "loop": "a disk or a network share",
    "program": "the program itself",
}


# Of these neither files nor anything else waits: they are only said.
_REMARKS = ("camera ", "capacity", "report", "clock", "camera's clock", "disk")


class Journal:
    """A listener. Silence has no line of its own here: its alert stands in the log."""

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
            case Began(what, reason) if what in _NAMES:
                log.warning(
                    "trouble with %s: %s; files wait, trying again until it works", _NAMES[what], reason
                )
            case Ended(what) if what in _NAMES:
                log.info("%s works again", _NAMES[what])
            case Began(what, reason) if what.startswith(_REMARKS):
                log.warning("%s: %s", what, reason)
            case Ended(what, seconds) if what.startswith(_REMARKS):
                log.info("%s: over after %.0f s", what, seconds)
