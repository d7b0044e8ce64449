"""What can happen, and telling it to whoever listens.

The loop says what happened and does not know who listens: the journal (log lines), the alerts, the view.

`what` names a subject: "silence"; "database" (it can't be reached), "refusal" (it is there and refuses);
"folder" (can't be listed), "part" (a sub-folder can't), "files" (some can't be read or moved), "waiting"
(one has waited for long), "loop" (a disk or a share does not answer); "program" (a defect of ours);
"clock fast", "clock slow" (this PC's), "camera's clock fast", "camera's clock slow"; "disk" (it is nearly
full). And of the venue as a whole: "camera NAME" (its PC does not answer); "capacity", "capacity near" (so
full is it); "report" (none is sent), "report refused" (they are not accepted).
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from visitorsflow.facts import Absence, Day, Return

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """The folder was listed: so many files wait; `arrived` tells whether one of them is new.

    `newest` is the name of the newest of those that are new, or "".
    """

    waiting: int
    arrived: bool
    newest: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """These files are in the database and were moved away; `until` is the time of their last crossing.

    `said` is what the camera thought that it was when it wrote the last of them (its local time), or None;
    `written` is when that was by this PC, in seconds since 1970.
    """

    files: int
    records: int
    until: datetime | None
    said: datetime | None = None
    written: float = 0.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file, or some of its records, went to rejected/."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Somebody wrote into a file after it was stored or rejected: it is back in the queue."""

    name: str


@dataclass(frozen=True, slots=True)
class Began:
    """Something is the matter, or still is, for a new reason."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lasts:
    """It has been the matter for longer than `patience` seconds: worth telling, once."""

    what: str
    reason: str
    patience: float


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over after `seconds`. `told`: there was a Lasts. `caught_up`: files stored in the meantime."""

    what: str
    seconds: float
    told: bool
    caught_up: int


@dataclass(frozen=True, slots=True)
class Passed:
    """A pass of the loop has ended, whatever came of it."""


@dataclass(frozen=True, slots=True)
class DayRead:
    """The database was asked what it knows of today."""

    day: Day


@dataclass(frozen=True, slots=True)
class CamerasLost:
    """The PCs of these cameras do not answer, and somebody must be told: by this PC."""

    cameras: tuple[Absence, ...]


@dataclass(frozen=True, slots=True)
class CamerasBack:
    """They answer again, which those who were told that they did not must be told: by this PC."""

    cameras: tuple[Return, ...]


Event = (
    Listed
    | Passed
    | Stored
    | Rejected
    | ReadAgain
    | Began
    | Lasts
    | Ended
    | DayRead
    | CamerasLost
    | CamerasBack
)
Listener = Callable[[Event], None]


def is_of_venue(what: str) -> bool:
    """Whether a subject concerns the venue as a whole: each PC sees it, and it is no trouble of one of them.

    >>> [is_of_venue(what) for what in ("camera 17", "report refused", "camera's clock slow", "disk")]
    [True, True, False, False]
    """
    return what.startswith(("camera ", "capacity", "report"))


class Events:
    """Tells each event to each listener, in order, from any thread, one event at a time.

    A listener must return at once. One that fails is logged and stops neither the others nor the storing.
    """

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners
        self._one_at_a_time = threading.RLock()

    def tell(self, *events: Event) -> None:
        with self._one_at_a_time:
            for event in events:
                for listener in self._listeners:
                    try:
                        listener(event)
                    except Exception:
                        log.exception("a listener failed at %s", event)
