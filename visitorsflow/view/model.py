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
from visitorsflow.rules.health import (
    DEAD_AFTER,
    Health,
    Trouble,
    health,
    is_alive,
    newest_rejected,
    open_for,
    troubles,
)
from visitorsflow.rules.limits import Fill
from visitorsflow.rules.partial import Gap, Moment, gaps
from visitorsflow.rules.period import is_open, period_of
from visitorsflow.settings import Settings
from visitorsflow.subjects import TELEGRAM
from visitorsflow.text import printable

TelegramState = Literal["none", "works", "waits", "nobody"]

DatabaseState = Literal["works", "unread", "old", "away", "refuses"]


@dataclass(frozen=True, slots=True)
class HourShown:
    """The counts of all cameras of the venue in one hour of today."""

    hour: int  # 0 to 23
    came_in: int
    went_out: int
    is_open: bool
    short: tuple[str, ...] = ()  # the cameras whose rows of this hour are missing, or some of them


@dataclass(frozen=True, slots=True)
class CameraShown:
    """A camera, as far as the database knows it. Times are the venue's local time, naive.

    Lengths go on while the database can't be read.
    """

    name: str
    health: Health
    seconds: float  # for how long it has not beaten, has been silent, is stopped or unknown
    crossing_at: datetime | None
    file_at: datetime | None
    file_age: float | None  # seconds
    waiting: int
    rejected: int
    troubles: tuple[Trouble, ...]
    came_in: int  # today
    went_out: int
    alive_age: float = 0.0  # seconds since its last beat
    is_own: bool = False  # its uploader is this process
    rejected_last: Reason | None = None  # which file of today, and why
    device: str = ""  # the name under which it beats: a device with lines is several cameras

    @property
    def knows_waiting(self) -> bool:
        """False: `waiting` is of a time before the database was away."""
        return self.is_own or self.health is not Health.UNKNOWN


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a backlog. `seconds_left` is None while the speed is not known."""

    done: int  # files
    total: int
    per_second: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class UploaderShown:
    """This PC's own uploader, today."""

    camera: str
    stored: int  # since the program was started
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
    counted_at: datetime | None  # the time that the numbers are of: that of the last reading
    inside: int | None
    came_in: int | None
    went_out: int | None
    hours: tuple[HourShown, ...]
    cameras: tuple[CameraShown, ...]  # the worst first
    database: DatabaseState
    missing: tuple[Missing, ...]  # of the day: tables
    short: tuple[Gap, ...]  # the cameras whose rows are missing in the totals, the longest first
    troubles: dict[str, Reason | None]  # what is the matter here now, and why
    report: ReportShown | None
    report_is_late: bool
    fill: Fill  # how full the venue is, where a capacity is set
    reached_at: datetime | None  # when a message last arrived on the phone, as far as is known
    uploader: UploaderShown | None  # None: it is another PC's
    happenings: tuple[Happening, ...]  # the newest last
    capacity: int | None = None
    notices: tuple[Happening, ...] = ()  # warnings of the start, which nobody has read yet
    last_told: Happening | None = None  # the last alert of today that reached the phone
    venue: str = ""
    phone: TelegramState = "works"  # of all PCs together, as they said last

    def devices(self) -> tuple[CameraShown, ...]:
        """The cameras, but one for each device: what waits, and what was rejected, is of all its lines."""
        first = {camera.device or camera.name: camera for camera in reversed(self.cameras)}
        return tuple(dataclasses.replace(one, name=name) for name, one in reversed(first.items()))

    def as_json(self) -> str:
        """One JSON object; times as 2018-05-31T10:18:25, lengths in seconds.

        There are no hours while nothing is known of today: an hour of 0 would say that nobody came.
        """
        known = dataclasses.asdict(self)
        if self.came_in is None:
            known["hours"] = []
        for camera in known["cameras"]:
            lasting = camera.pop("troubles")
            camera["trouble"] = "; ".join(f"{what}: {why}" if why else what for what, why in lasting)
        known["short"] = [gap._asdict() for gap in self.short]
        known["missing"] = str(missing_reason(self.missing) or "")
        known["troubles"] = {what: str(why or "") for what, why in self.troubles.items()}
        return json.dumps(known, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def busiest(hours: tuple[HourShown, ...], way: Literal["came_in", "went_out"]) -> HourShown | None:
    """The first of the hours with the most people in that direction; None when there were none."""
    most = max(hours, key=lambda hour: int(getattr(hour, way)), default=None)
    return most if most and getattr(most, way) else None


class ShownDay:
    """The settings say the venue's open hours and its time zone; `own`: the camera of this process, or ""."""

    def __init__(self, settings: Settings, own: str = "") -> None:
        self._own = own
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
        missing = self._short_hours(day) if day else [()] * 24
        return tuple(
            HourShown(hour, came_in, went_out, self._is_open[hour], missing[hour])
            for hour, (came_in, went_out) in enumerate(counts)
        )

    def cameras(
        self, day: Day, age: float = 0.0, *, is_old: bool = False, is_back: bool = False
    ) -> tuple[CameraShown, ...]:
        """The worst first; the day was read `age` seconds ago.

        `is_old`: how they are now is not known. `is_back`: the database could not be reached until lately,
        so that nobody has had the time to beat.
        """
        is_open_for = open_for(self._local(day.read_at).time(), self._open_hours)
        shown = [
            self._camera(camera, one.name, day, age, is_open_for, is_own=one.name == self._own)
            for one in day.cameras
            for camera in one.shown()
        ]
        if is_old or is_back:
            shown = [_unknown(camera, age if is_old else None) for camera in shown]
        return tuple(sorted(shown, key=lambda camera: (camera.health.badness, camera.name)))

    def short(self, day: Day) -> tuple[Gap, ...]:
        """The cameras whose rows are missing in the totals of the day, as it was read."""
        wall = self._local(day.read_at)
        found = gaps(day.cameras, Moment(day.read_at, wall), period_of(day.day, wall), self._open_hours)
        return tuple(gap._replace(camera=printable(gap.camera)) for gap in found)

    def told(self, day: Day) -> list[Happening]:
        """Tell what the phone was told today, by whichever PC, as the table has it; the newest last."""
        found = []
        for one in day.told:
            values = {"camera": printable(one.camera), "about": one.what, "reason": one.reason}
            if one.told_at and self._local(one.told_at).date() == day.day:
                found.append(Happening(self._local(one.told_at), "view told", values))
            # What has no end was over when it was told.
            if one.end_told_at and one.end_told_at != one.told_at:
                length = ((one.ended_at or one.end_told_at) - one.since).total_seconds()
                if self._local(one.end_told_at).date() == day.day:
                    over = values | {"reason": None, "seconds": length}
                    found.append(Happening(self._local(one.end_told_at), "view told over", over, False))
        return sorted(found, key=lambda happening: happening.at)

    def reached_at(self, day: Day) -> datetime | None:
        """When the phone was last told something, as the table has it."""
        times = [at for one in day.told for at in (one.told_at, one.end_told_at) if at]
        return self._local(max(times)) if times else None

    def phone(self, day: Day) -> TelegramState:
        """Tell if some PC can tell the phone; if none can, whether one says that it tries."""
        alive = [camera for camera in day.cameras if is_alive(camera, day.read_at)]
        if any(camera.can_tell for camera in alive):
            return "works"
        tried = any(one.what == TELEGRAM.key for camera in alive for one in troubles(camera.trouble))
        return "waits" if tried else "nobody"

    def counted_at(self, day: Day) -> datetime:
        """The venue's local time of the reading."""
        return self._local(day.read_at)

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

    def _short_hours(self, day: Day) -> list[tuple[str, ...]]:
        """By hour: the cameras of which rows are missing, from their last one until the reading."""
        wall = self._local(day.read_at)
        if wall.date() != day.day:
            return [()] * 24
        missing = [
            (gap.camera, gap.since.hour if gap.since.date() == day.day else 0) for gap in self.short(day)
        ]
        return [
            tuple(name for name, first in missing if first <= hour <= wall.hour and self._is_open[hour])
            for hour in range(24)
        ]

    def _camera(
        self,
        camera: CameraState,
        device: str,
        day: Day,
        age: float,
        is_open_for: float | None,
        *,
        is_own: bool,
    ) -> CameraShown:
        how = health(camera, day.read_at, is_open_for)
        counts = [hour for hour in day.hours if hour.camera == camera.name]
        is_of_today = self._local(camera.alive_at).date() == day.day
        file_age = (day.read_at - camera.file_at).total_seconds() if camera.file_at else None
        return CameraShown(
            name=printable(camera.name),
            health=how.health,
            seconds=how.seconds + age if how.seconds else 0.0,
            crossing_at=camera.crossing_at,
            file_at=self._local(camera.file_at) if camera.file_at else None,
            file_age=None if file_age is None else max(0.0, file_age) + age,
            waiting=camera.waiting,
            rejected=camera.rejected if is_of_today else 0,
            troubles=tuple(troubles(camera.trouble)),
            came_in=sum(hour.came_in for hour in counts),
            went_out=sum(hour.went_out for hour in counts),
            alive_age=max(0.0, (day.read_at - camera.alive_at).total_seconds()) + age,
            is_own=is_own,
            rejected_last=newest_rejected(camera.trouble) if is_of_today else None,
            device=printable(device),
        )

    def _local(self, utc: datetime) -> datetime:
        """A naive UTC time as the venue's local time."""
        return utc.replace(tzinfo=UTC).astimezone(self._timezone).replace(tzinfo=None)


def _unknown(camera: CameraShown, seconds: float | None) -> CameraShown:
    """Nothing is known of it for so many seconds; None: of one that seems dead, until it has beaten."""
    if seconds is not None:
        return dataclasses.replace(camera, health=Health.UNKNOWN, seconds=seconds)
    if camera.health is not Health.DEAD:
        return camera
    return dataclasses.replace(camera, health=Health.UNKNOWN)


# So long after the database is back, each camera that lives has beaten.
TIME_TO_BEAT_SECONDS = DEAD_AFTER.total_seconds()
