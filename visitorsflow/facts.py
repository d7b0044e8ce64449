"""Values without behaviour, which every room may know."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from visitorsflow.reasons import Reason


class Crossing(NamedTuple):
    """One person crossing the line once. Times are the camera's local time, whole seconds, naive."""

    time: datetime
    output_time: datetime
    person: int
    state: int  # 0 came in, 1 went out, anything else is stored and never counted
    frame: int
    occurrence: int  # 0, or 1, 2, … for records of one file that are alike in everything else
    line: str = ""  # of a device that has several, each of which is a camera


def camera_of(camera: str, line: str) -> str:
    """The camera's name under which a line's crossings are stored, and shown.

    >>> camera_of("north", "Gate 1"), camera_of("north", "")
    ('north/Gate 1', 'north')
    """
    return f"{camera}/{line}" if line else camera


class Totals(NamedTuple):
    """A day's counts; `first` and `last` are naive local times, None when there are no rows."""

    came_in: int
    went_out: int
    first: datetime | None
    last: datetime | None


class Rows(NamedTuple):
    """A number of rows, and the naive local time of the last one, None when there are none."""

    rows: int
    last: datetime | None


class Hour(NamedTuple):
    """The counts of one camera in one hour (0 to 23, by the cameras' clocks) of a day."""

    hour: int
    camera: str
    came_in: int
    went_out: int


class CameraState(NamedTuple):
    """The last beat of a camera's uploader.

    All times are naive UTC by the database's clock, but `crossing_at`, which is the camera's own local time.
    """

    name: str
    alive_at: datetime
    stopped_at: datetime | None  # an end in order; None while it runs, or when it died
    file_at: datetime | None  # when its last file came
    file_name: str
    crossing_at: datetime | None  # the time of its last crossing
    waiting: int  # files
    rejected: int  # files, since midnight
    idle_seconds: float
    open_now: bool
    clock_offset: float  # this PC's clock minus the database's, in seconds
    can_tell: bool  # Telegram works there
    trouble: str  # what lasts now, or ""
    told_at: datetime | None  # when somebody was told that it is dead
    version: str  # "" in the row of a line, for which its device's PC beats
    host: str
    lines: tuple[str, ...] = ()  # the names of its lines, which people see in its place

    def shown(self) -> list["CameraState"]:
        """What people see of it: each of its lines as a camera, or itself where it has none."""
        return [self._replace(name=line) for line in self.lines] or [self]


class Answer(NamedTuple):
    """The API's reply when it accepted a report."""

    status: int  # of HTTP
    reply: str  # the whole text
    said: str  # both in one line, to be shown


class SentReport(NamedTuple):
    """One POST of callAPI.py. `sent_at` is naive UTC by the database's clock."""

    sent_at: datetime
    day: date
    inside: int  # what was sent as Count
    came_in: int
    went_out: int
    start: datetime
    end: datetime
    http_status: int | None  # None when there was no answer
    accepted: bool
    reply: str  # its beginning; where there was none, what went wrong
    partial: str  # whose rows were missing, and since when, or ""


class PastDay(NamedTuple):
    """A past day of which a report was accepted: the last such one, and the number of the last refused one.

    That number is 0 where none was refused; a higher one is that of a later report.
    """

    accepted: SentReport
    refused: int


class PastDays(NamedTuple):
    """The past days of which something was accepted, oldest first, and how many reports today has had."""

    days: tuple[PastDay, ...]
    reports_of_today: int


class ToldThing(NamedTuple):
    """Something that the phone was told, or is about to be told. Times: naive UTC by the database's clock."""

    what: str  # the key of its subject
    camera: str  # "": the whole venue
    number: int  # tells the things of one subject and camera apart; NEW_NUMBER: not in the table yet
    since: datetime
    told_at: datetime | None  # None: nobody has heard of it yet
    ended_at: datetime | None
    end_told_at: datetime | None
    teller: str  # the camera whose PC told it last, or is about to
    taken_at: datetime | None  # since then it is about to; None: nobody is
    reason: Reason | None


NEW_NUMBER = -1


class Day(NamedTuple):
    """A day as the database knows it, read in one go. `read_at` is naive UTC by the database's clock."""

    read_at: datetime
    day: date
    totals: Totals
    inside: int  # people, since the opening: it may have been before midnight
    hours: tuple[Hour, ...]
    cameras: tuple[CameraState, ...]  # by name; those that have not beaten for a week are left out
    report: SentReport | None  # the last one, whatever day it was for
    missing: tuple["Missing", ...]  # of this
    refused_in_a_row: int = 0  # so many of the last reports, counted from the newest, were not accepted
    closing_said: date | None = None  # the last day whose closing message was delivered; date.max: not known
    told: tuple[ToldThing, ...] = ()  # what the phone was told: what lasts, and the newest of the rest


class Slot(NamedTuple):
    """The counts of one camera in five minutes; `start` is the cameras' local time, naive."""

    start: datetime
    camera: str
    came_in: int
    went_out: int


class Course(NamedTuple):
    """A day in slots, in order, and its reports, oldest first.

    The first slots may be of the evening before, where the people inside are counted from there.
    """

    day: date
    slots: tuple[Slot, ...]
    reports: tuple[SentReport, ...]


class Missing(NamedTuple):
    """A table that can't be read, or not be written, and why."""

    table: str
    why: Reason


def missing_reason(missing: Iterable[Missing]) -> Reason | None:
    """All that is missing as one reason; None when nothing is."""
    whole: Reason | None = None
    for table, why in missing:
        reason = Reason("what and why", what=table, why=why)
        whole = Reason("both", one=whole, other=reason) if whole else reason
    return whole


class Absence(NamedTuple):
    """A camera whose PC does not answer since a local time; `stopped`: its program ended in order."""

    camera: str
    since: datetime
    stopped: bool


class Return(NamedTuple):
    """A camera whose PC answers again after so many seconds."""

    camera: str
    seconds: float


class StatusMessage(NamedTuple):
    """The status message of `day` in one chat. `number` is 0 as long as Telegram has not said it.

    `random_id` (63 bits) is that under which it was sent. `older` is the number of the one before it, which
    is to be unpinned then; 0 if there is none.
    """

    day: date
    random_id: int
    number: int = 0
    older: int = 0


class Span(NamedTuple):
    """A stretch of time, in the venue's naive local time."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


class DayGaps(NamedTuple):
    """When each camera sent no files in open time; what ended before `since` may not be known.

    `gone`: the cameras that were taken out that day (`--forget`), and since when. Local times.
    """

    spans: Mapping[str, tuple[Span, ...]]
    since: datetime | None  # None: the whole day is known
    gone: Mapping[str, datetime]


class DayEnd(NamedTuple):
    """A day that is over, in numbers; local times."""

    day: date
    totals: Totals
    hours: tuple[Hour, ...]
    peak: int  # the most people that were inside at once
    peak_at: datetime | None  # None when there were none
    gaps: tuple[tuple[str, float], ...] | None  # camera, seconds of open time without files; None: not known
    sent: int  # reports
    accepted: int
    gaps_since: datetime | None = None  # earlier gaps may not be known; None: all are
    spans: tuple[Span, ...] = ()  # of the gaps, whichever camera's
    gone: tuple[tuple[str, datetime], ...] = ()  # cameras that were taken out, and since when


class Message(NamedTuple):
    """A message to be delivered. Every try has the same `random_id` (63 bits), so it is shown once.

    With a `picture` (PNG, RGB) the text is its caption. A `silent` one does not ring.
    """

    text: str
    random_id: int
    picture: bytes | None = None
    silent: bool = False


class Status(NamedTuple):
    """The text of the one status message that a day has."""

    day: date
    text: str
