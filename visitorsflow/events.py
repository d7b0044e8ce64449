"""The events, and telling them to all who listen.

The loop says what happened and does not know who listens: the journal (log lines), the alerts, the view.
What can be the matter is a row of the table in `subjects`.
"""

import logging
import threading
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from visitorsflow.facts import Absence, Day, Return
from visitorsflow.reasons import Reason
from visitorsflow.subjects import Subject

log = logging.getLogger(__name__)


REJECTED = "rejected"  # what is told of files that were rejected: no Subject, since it has no end


@dataclass(frozen=True, slots=True)
class TableReady:
    """PeopleFlow was found or made: from now on the other tables may be written too."""


@dataclass(frozen=True, slots=True)
class Warned:
    """What a person must put right, or crossings may count twice or not at all; said once."""

    reason: Reason


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
    """These files are in the database and were moved away.

    `records` is the number of their crossings; `since` and `until` are the times of the first and the last,
    None without any.

    `said` is what the camera thought that it was when it wrote the last of them (its local time), or None;
    `written` is when that was by this PC, in seconds since 1970.
    """

    files: int
    records: int
    until: datetime | None
    said: datetime | None = None
    written: float = 0.0
    since: datetime | None = None
    lines: Set[str] = frozenset()  # of the device, with or without anybody
    left_out: int = 0  # records that are not meant: staff, for example
    longest: float = 0.0  # seconds of the longest interval, where the camera counts per interval


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file, or some of its records, went to rejected/."""

    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class RejectedBefore:
    """Found at the start: so many files were rejected today before it; the newest one, with its reason."""

    count: int
    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Somebody wrote into a file after it was stored or rejected: it is back in the queue."""

    name: str


@dataclass(frozen=True, slots=True)
class Began:
    """Something is the matter, or still is, for a new reason. `who`: the camera, where several may be."""

    what: Subject
    reason: Reason | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Lasts:
    """It has been the matter for longer than `patience` seconds: worth telling, once."""

    what: Subject
    reason: Reason | None
    patience: float


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over after `seconds`. `told`: there was a Lasts. `caught_up`: files stored in the meantime."""

    what: Subject
    seconds: float
    told: bool
    caught_up: int
    who: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """A pass of the loop has ended, whatever came of it."""


@dataclass(frozen=True, slots=True)
class DayRead:
    """The database was asked what it knows of today."""

    day: Day


@dataclass(frozen=True, slots=True)
class DayUnread:
    """The database was asked, and could not be reached, or did not answer in time."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class CamerasLost:
    """The PCs of these cameras do not answer, and somebody must be told: by this PC."""

    cameras: tuple[Absence, ...]


@dataclass(frozen=True, slots=True)
class CamerasBack:
    """They answer again, which those who were told that they did not must be told: by this PC."""

    cameras: tuple[Return, ...]


@dataclass(frozen=True, slots=True)
class LastsThere:
    """It has been the matter for long at the PC of `camera`, which can't tell it: this PC does, once.

    `patience`: so many seconds it has lasted at least. `waiting`: files, there.
    """

    camera: str
    what: Subject
    reason: Reason | None
    patience: float
    waiting: int


@dataclass(frozen=True, slots=True)
class EndedThere:
    """It is over there after `seconds`, and this PC tells it. `caught_up`: files stored since it was told."""

    camera: str
    what: Subject
    seconds: float
    caught_up: int


@dataclass(frozen=True, slots=True)
class DayClosed:
    """The venue has closed, and the day's closing message is to be sent: by this PC."""

    day: date


class Stage(Enum):
    """A message tells that something lasts, that it is over, or what needs no end."""

    LASTS = "lasts"
    OVER = "over"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Telling:
    """A message tells this of `camera`, or of the whole venue (""); `what`: the key of a Subject.

    `since`: it began then; `made`: it was to be told then. Both are monotonic seconds of this PC.
    """

    what: str
    camera: str
    stage: Stage
    since: float
    made: float
    reason: Reason | None = None


About = Telling | DayClosed


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that told this has arrived on the phone."""

    what: About


@dataclass(frozen=True, slots=True)
class StatusShown:
    """The status message on the phone shows the newest text."""


Event = (
    TableReady
    | Warned
    | Listed
    | Passed
    | Stored
    | Rejected
    | RejectedBefore
    | ReadAgain
    | Began
    | Lasts
    | Ended
    | DayRead
    | DayUnread
    | CamerasLost
    | CamerasBack
    | LastsThere
    | EndedThere
    | DayClosed
    | Delivered
    | StatusShown
)


class Listener(Protocol):
    """Takes note of an event and returns at once."""

    def __call__(self, event: Event, /) -> None: ...


class Tell(Protocol):
    """Tells events to all who listen, from any thread."""

    def __call__(self, *events: Event) -> None: ...


class Events:
    """Tells each event to each listener, in order, from any thread, one event at a time.

    A listener must return at once. One that fails is logged and stops neither the others nor the storing.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._one_at_a_time = threading.RLock()

    def subscribe(self, *listeners: Listener) -> None:
        """From now on these hear what is told, after those that were there before."""
        self._listeners.extend(listeners)

    def tell(self, *events: Event) -> None:
        with self._one_at_a_time:
            for event in events:
                for listener in self._listeners:
                    try:
                        listener(event)
                    except Exception:
                        log.exception("a listener failed at %s", event)
