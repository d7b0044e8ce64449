"""The table of subjects: what can be the matter, one row each.

No text is taken apart to know what it is about. Who only reads what others have said loads no events.
"""

from dataclasses import dataclass
from enum import Enum


class Waits(Enum):
    """Which of the camera's files wait while something is the matter."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Something that can be the matter; there is one object of each, which is equal to itself alone.

    `key` names its texts, "KEY" and "KEY over" in `words.alerts`; `name` is what the log calls it.
    `of_venue`: each PC sees it, and the one that speaks tells it; else it concerns one PC alone.
    `patience`: so many seconds it must last to be worth telling.
    """

    key: str
    name: str
    waits: Waits = Waits.NONE
    of_venue: bool = False
    patience: float = 30.0


DATABASE = Subject("database", "the database", Waits.ALL)  # it can't be reached
REFUSAL = Subject("refusal", "the database", Waits.ALL)  # it is there and refuses
FOLDER = Subject("folder", "the folder", Waits.ALL)  # it can't be listed
PART = Subject("part", "a part of the folder", Waits.SOME)  # a sub-folder can't be listed
FILES = Subject("files", "the folder", Waits.SOME)  # some can't be read or moved
WAITING = Subject("waiting", "a file that waits", Waits.SOME)  # for long
DELAY = Subject("delay", "late files")  # they are stored, but late
LOOP = Subject("loop", "a disk or a network share", Waits.ALL, patience=60.0)  # it does not answer
PROGRAM = Subject("program", "the program itself", Waits.ALL)  # a defect of ours
SILENCE = Subject("silence", "silence", patience=60.0)  # no file comes
CLOCK_FAST = Subject("clock fast", "clock fast", patience=60.0)  # this PC's
CLOCK_SLOW = Subject("clock slow", "clock slow", patience=60.0)
CLOCK_ZONE = Subject("clock zone", "timezone", patience=60.0)  # this PC's: it is whole hours wrong
CAMERA_CLOCK_FAST = Subject("camera's clock fast", "camera's clock fast", patience=0.0)
CAMERA_CLOCK_SLOW = Subject("camera's clock slow", "camera's clock slow", patience=0.0)
CAMERA_CLOCK_ZONE = Subject("camera's clock zone", "camera's timezone", patience=0.0)
DISK = Subject("disk", "disk")  # it is nearly full
TELEGRAM = Subject("telegram", "Telegram", patience=600.0)  # no alert can go: another PC tells it
CAMERA = Subject("camera", "camera", of_venue=True)  # its PC does not answer
CAPACITY_NEAR = Subject("capacity near", "capacity near", of_venue=True, patience=0.0)
CAPACITY = Subject("capacity", "capacity", of_venue=True, patience=0.0)
REPORT = Subject("report", "report", of_venue=True, patience=900.0)  # none is sent
REPORT_REFUSED = Subject("report refused", "report refused", of_venue=True, patience=0.0)

SUBJECTS = {row.key: row for row in list(globals().values()) if isinstance(row, Subject)}
