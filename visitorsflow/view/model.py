"""The view model: what is known of the day at one moment, as values for any face (a terminal, a page).

Pure: what the database knows of a day becomes what is shown of it.
"""

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from visitorsflow.facts import CameraState, Day, Missing, missing_reason
from visitorsflow.reasons import Reason, kept
from visitorsflow.rules.health import Health, Trouble, health, newest_rejected, open_for, troubles
from visitorsflow.rules.limits import Fill
from visitorsflow.rules.period import is_open
from visitorsflow.settings import Settings
from visitorsflow.text import printable

TelegramState = Literal["none", "works", "waits"]

DatabaseState = Literal["works", "unread", "old", "away", "refuses"]


@dataclass(frozen=True, slots=True)
class HourShown:
    """The counts of all cameras of the venue in one hour of today."""

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
    troubles: tuple[Trouble, ...]
    alive_age: float = 0.0  # seconds since its last beat
    rejected_last: Reason | None = None  # which file of today, and why


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a backlog. `seconds_left` is None while the speed is not known."""

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
    rejected_reason: Reason | None
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
class ViewModel:
    """All of it. The counts are None while nothing is known of today."""

    now: datetime  # the venue's local time, naive
    age: float | None  # seconds since the database was read; None: it never was
    is_old: bool  # it should have been read again by now
    inside: int | None
    came_in: int | None
    went_out: int | None
    hours: tuple[HourShown, ...]
    cameras: tuple[CameraShown, ...]  # the worst first
    database: DatabaseState
    missing: tuple[Missing, ...]  # of the day
    troubles: dict[str, Reason | None]  # what is the matter here now, and why
    report: ReportShown | None
    report_is_late: bool
    fill: Fill  # how full the venue is, where a capacity is set
    uploader: UploaderShown | None  # None: it is another PC's
    happenings: tuple[Happening, ...]  # the newest last
    capacity: int | None = None

    def as_json(self) -> str:
        """One JSON object; times as 2018-05-31T10:18:25, lengths in seconds."""
        known = dataclasses.asdict(self)
        for camera in known["cameras"]:
            lasting = camera.pop("troubles")
            camera["trouble"] = "; ".join(f"{what}: {why}" if why else what for what, why in lasting)
        known["missing"] = str(missing_reason(self.missing) or "")
        known["troubles"] = {what: str(why or "") for what, why in self.troubles.items()}
        return json.dumps(known, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


class ShownDay:
    """The settings say the venue's open hours and its time zone."""

    def __init__(self, settings: Settings) -> None:
        self._open_hours = settings.open_hours
        self._timezone = settings.timezone
        # An hour is open when any part of it is.
        self._is_open = [
            any(is_open(time(hour, minute), self._open_hours) for minute in range(60)) for hour in range(24)
        ]

    def hours(self, day: Day | None) -> tuple[HourShown, ...]:
        """All 24, of all cameras together; empty ones when nothing is known of the day."""
        counts = [[0, 0] for _ in range(24)]
        for hour in day.hours if day else ():
            counts[hour.hour][0] += hour.came_in
            counts[hour.hour][1] += hour.went_out
        return tuple(
            HourShown(hour, came_in, went_out, self._is_open[hour])
            for hour, (came_in, went_out) in enumerate(counts)
        )

    def cameras(self, day: Day) -> tuple[CameraShown, ...]:
        """The worst first, each as it was when the day was read."""
        is_open_for = open_for(self._local(day.read_at).time(), self._open_hours)
        shown = [
            self._camera(camera, day.read_at, is_open_for) for one in day.cameras for camera in one.shown()
        ]
        return tuple(sorted(shown, key=lambda camera: (camera.health.badness, camera.name)))

    def report(self, day: Day, age: float) -> ReportShown | None:
        """The last report; `age`: how many seconds ago the day was read."""
        sent = day.report
        if sent is None:
            return None
        return ReportShown(
            sent_at=self._local(sent.sent_at),
            age=max(0.0, (day.read_at - sent.sent_at).total_seconds()) + age,
            day=sent.day,
            accepted=sent.accepted,
            http_status=sent.http_status,
            reply=printable(str(kept(sent.reply))),
            partial=printable(sent.partial),
        )

    def _camera(self, camera: CameraState, read_at: datetime, is_open_for: float | None) -> CameraShown:
        how = health(camera, read_at, is_open_for)
        return CameraShown(
            name=printable(camera.name),
            health=how.health,
            seconds=how.seconds,
            crossing_at=camera.crossing_at,
            file_at=self._local(camera.file_at) if camera.file_at else None,
            file_age=max(0.0, (read_at - camera.file_at).total_seconds()) if camera.file_at else None,
            waiting=camera.waiting,
            rejected=camera.rejected,
            troubles=tuple(troubles(camera.trouble)),
            alive_age=max(0.0, (read_at - camera.alive_at).total_seconds()),
            rejected_last=newest_rejected(camera.trouble),
        )

    def _local(self, utc: datetime) -> datetime:
        """A naive UTC time as the venue's local time."""
        return utc.replace(tzinfo=UTC).astimezone(self._timezone).replace(tzinfo=None)
