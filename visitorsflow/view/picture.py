"""What is known of the day at one moment: values only, for any face (a terminal, a page, a message)."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from visitorsflow.rules.capacity import Fill
from visitorsflow.rules.health import Health

TelegramState = Literal["none", "works", "waits"]
DatabaseState = Literal["works", "unread", "old", "away", "refuses"]


@dataclass(frozen=True, slots=True)
class HourShown:
    """What all cameras of the venue counted in one hour of today."""

    hour: int  # 0 to 23
    came_in: int
    went_out: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class CameraShown:
    """A camera, as it was when the database was last read. Times are the venue's local time, naive."""

    name: str
    health: Health
    seconds: float  # for how long it has not beaten, has been silent or is stopped
    crossing_at: datetime | None
    file_at: datetime | None
    file_age: float | None  # seconds
    waiting: int
    rejected: int
    trouble: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backlog is worked off. `seconds_left` is None while the speed is not known."""

    done: int  # files
    total: int
    per_second: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class UploaderShown:
    """This PC's own uploader; the counts are those of today, since it was started."""

    camera: str
    stored: int
    stored_at: datetime | None
    waiting: int
    rejected: int
    rejected_name: str  # of the newest
    rejected_reason: str
    progress: Progress | None
    folder: Literal["works", "trouble"]
    telegram: TelegramState


@dataclass(frozen=True, slots=True)
class ReportShown:
    """The last report to the authority."""

    sent_at: datetime  # the venue's local time, naive
    age: float  # seconds
    day: date
    accepted: bool
    http_status: int | None
    reply: str
    partial: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened. `what` is a key of the texts, `values` are what is put into it."""

    at: datetime
    what: str
    values: dict[str, Any]
    is_bad: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it. The counts are None while nothing is known of today."""

    now: datetime  # the venue's local time, naive
    age: float | None  # seconds since the database was read; None: it never was
    inside: int | None
    came_in: int | None
    went_out: int | None
    hours: tuple[HourShown, ...]
    cameras: tuple[CameraShown, ...]  # the worst first
    database: DatabaseState
    missing: str  # what of the day can't be read, and why; or ""
    troubles: dict[str, str]  # what is the matter here now, and why
    report: ReportShown | None
    report_is_late: bool
    fill: Fill  # how full the venue is, where a capacity is set
    uploader: UploaderShown | None  # None: it is another PC's
    happenings: tuple[Happening, ...]  # the newest last

    def as_json(self) -> str:
        """One JSON object; times as 2018-05-31T10:18:25, lengths in seconds."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
