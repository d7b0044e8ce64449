"""What happened becomes what is shown: a listener that remembers, and gives the picture of any moment."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import date, datetime

from visitorsflow.events import (
    Began,
    DayRead,
    Ended,
    Event,
    Lasts,
    Listed,
    ReadAgain,
    Rejected,
    Stored,
)
from visitorsflow.facts import Day, Totals
from visitorsflow.rules.capacity import Fill, fill, inside
from visitorsflow.rules.health import Health
from visitorsflow.rules.silence import is_open
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.view.backlog import Backlog
from visitorsflow.view.day import ShownDay
from visitorsflow.view.picture import DatabaseState, Happening, Picture, TelegramState, UploaderShown

OLD_SECONDS = 60.0  # a picture of that age is old: the day is read every few seconds
LATE_REPORT_SECONDS = 15 * 60.0
REMEMBERED = 100  # happenings
FOLDER_SUBJECTS = ("folder", "loop", "part", "files", "waiting")


class State:
    """A listener, for any thread; nothing in it is of a terminal.

    `uploads`: there is an uploader in this process. `has_telegram`: alerts go there. `clock` gives
    monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        uploads: bool = True,
        has_telegram: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._shown = ShownDay(settings)
        self._uploads = uploads
        self._has_telegram = has_telegram
        self._clock = clock
        self._lock = threading.Lock()
        self._day: Day | None = None
        self._read_at = 0.0  # by our own clock
        self._healths: dict[str, Health] = {}
        self._backlog = Backlog()
        self._counted_on: date | None = None
        self._stored = self._rejected = 0
        self._stored_at: datetime | None = None
        self._newest_rejected = ("", "")
        self._troubles: dict[str, str] = {}
        self._happenings: deque[Happening] = deque(maxlen=REMEMBERED)

    def __call__(self, event: Event) -> None:
        now = self._local_now()
        with self._lock:
            self._begin_day(now.date())
            match event:
                case Listed(waiting):
                    self._backlog.listed(waiting, self._clock())
                case Stored(files):
                    self._backlog.stored(files, self._clock())
                    self._stored, self._stored_at = self._stored + files, now
                case Rejected(name, reason):
                    self._rejected += 1
                    self._newest_rejected = (printable(name), printable(reason))
                    self._note(now, "view rejected", name=name, reason=reason)
                case ReadAgain(name):
                    self._note(now, "view read again", name=name)
                case Began(what, reason):
                    self._troubles[what] = printable(reason)
                case Lasts(what, reason, patience):
                    self._troubles[what] = printable(reason)
                    waiting = self._backlog.waiting
                    self._note(now, what, reason=reason, patience=patience, waiting=waiting)
                case Ended(what, seconds, told, caught_up):
                    self._troubles.pop(what, None)
                    if told:
                        self._note(now, f"{what} over", False, seconds=seconds, caught_up=caught_up)
                case DayRead(day):
                    self._note_what_changed(day, now)
                    self._day, self._read_at = day, self._clock()

    def remark(self, text: str) -> None:
        """A line of the log that is worth showing, and that no event tells."""
        now = self._local_now()
        with self._lock:
            self._note(now, "view remark", text=text)

    def snapshot(self, now: datetime) -> Picture:
        """What is known at `now`, the local time of the venue."""
        now = now.replace(tzinfo=None)
        with self._lock:
            self._begin_day(now.date())
            day = self._day
            age = self._clock() - self._read_at if day else None
            # Of the day before nothing is shown: at midnight it is all over.
            today = day if day and day.day == now.date() else None
            totals = today.totals if today else None
            report = self._shown.report(day, age or 0.0) if day else None
            is_late = bool(
                report and report.age > LATE_REPORT_SECONDS and is_open(now.time(), self._settings.open_hours)
            )
            return Picture(
                now=now,
                age=age,
                inside=inside(totals) if totals else None,
                came_in=totals.came_in if totals else None,
                went_out=totals.went_out if totals else None,
                hours=self._shown.hours(today),
                cameras=self._shown.cameras(day) if day else (),
                database=self._database(age),
                missing=day.missing if day else "",
                troubles=dict(self._troubles),
                report=report,
                report_is_late=is_late,
                fill=self._fill(totals),
                uploader=self._uploader() if self._uploads else None,
                happenings=tuple(self._happenings),
            )

    def _begin_day(self, today: date) -> None:
        if self._counted_on != today:
            self._counted_on, self._stored, self._rejected = today, 0, 0
            self._newest_rejected = ("", "")

    def _note(self, at: datetime, what: str, is_bad: bool = True, **values: object) -> None:
        values = {k: printable(v) if isinstance(v, str) else v for k, v in values.items()}
        self._happenings.append(Happening(at, what, values, is_bad))

    def _note_what_changed(self, day: Day, now: datetime) -> None:
        """How a camera is, since the day was read before; of our own camera other events tell it."""
        for camera in self._shown.cameras(day):
            before, self._healths[camera.name] = self._healths.get(camera.name), camera.health
            is_ours = self._uploads and camera.name == self._settings.camera
            if before in (None, camera.health) or is_ours:
                continue
            is_bad = camera.health in (Health.DEAD, Health.SILENT, Health.STOPPED, Health.TROUBLE)
            values = {"name": camera.name, "health": camera.health, "seconds": camera.seconds}
            self._note(now, "view camera", is_bad, **values)
        sent, before_it = day.report, self._day.report if self._day else None
        is_new = sent and self._day and (before_it is None or sent.sent_at != before_it.sent_at)
        # One that is accepted is every five minutes' business: only the first after another is told.
        if sent and is_new and not (sent.accepted and before_it and before_it.accepted):
            what = "view report accepted" if sent.accepted else "view report refused"
            self._note(now, what, not sent.accepted, reply=sent.reply)

    def _fill(self, totals: Totals | None) -> Fill:
        capacity = self._settings.capacity
        return fill(inside(totals), capacity) if totals and capacity else Fill.FREE

    def _database(self, age: float | None) -> DatabaseState:
        if "database" in self._troubles:
            return "away"
        if "refusal" in self._troubles:
            return "refuses"
        if age is None:
            return "unread"
        return "old" if age > OLD_SECONDS else "works"

    def _uploader(self) -> UploaderShown:
        has_trouble = any(what in self._troubles for what in FOLDER_SUBJECTS)
        name, reason = self._newest_rejected
        telegram: TelegramState = "none"
        if self._has_telegram:
            telegram = "waits" if "telegram" in self._troubles else "works"
        return UploaderShown(
            camera=printable(self._settings.camera),
            stored=self._stored,
            stored_at=self._stored_at,
            waiting=self._backlog.waiting,
            rejected=self._rejected,
            rejected_name=name,
            rejected_reason=reason,
            progress=self._backlog.progress(self._clock()),
            folder="trouble" if has_trouble else "works",
            telegram=telegram,
        )

    def _local_now(self) -> datetime:
        return self._settings.now().replace(tzinfo=None)
