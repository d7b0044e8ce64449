"""What happened becomes what is shown: a listener that remembers, and gives the picture of any moment."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

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
from visitorsflow.rules.silence import is_open
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.view.backlog import Backlog
from visitorsflow.view.counts import Counts
from visitorsflow.view.day import ShownDay
from visitorsflow.view.notes import Notes
from visitorsflow.view.picture import DatabaseState, Picture, TelegramState, UploaderShown

OLD_SECONDS = 60.0  # a picture of that age is old, unless the day is read more seldom
OLD_READS = 3
LATE_REPORT_SECONDS = 15 * 60.0
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
        self._read_every = 0.0  # seconds between the last two reads
        self._backlog = Backlog()
        self._counts = Counts()
        self._troubles: dict[str, str] = {}
        self._notes = Notes()

    def __call__(self, event: Event) -> None:
        now = self._local_now()
        with self._lock:
            self._counts.begin_day(now.date())
            match event:
                case Listed(waiting):
                    self._backlog.listed(waiting, self._clock())
                case Stored(files):
                    self._backlog.stored(files, self._clock())
                    self._counts.stored(files, now)
                case Rejected(name, reason):
                    self._counts.rejected(name, reason)
                    self._notes.note(now, "view rejected", name=name, reason=reason)
                case ReadAgain(name):
                    self._notes.note(now, "view read again", name=name)
                case Began(what, reason):
                    self._troubles[what] = printable(reason)
                case Lasts(what, reason, patience):
                    self._troubles[what] = printable(reason)
                    waiting = self._backlog.waiting
                    self._notes.note(now, what, reason=reason, patience=patience, waiting=waiting)
                case Ended(what, seconds, told, caught_up):
                    self._troubles.pop(what, None)
                    if told:
                        self._notes.note(now, f"{what} over", False, seconds=seconds, caught_up=caught_up)
                case DayRead(day):
                    self._note_what_changed(day, now)
                    before, self._read_at = self._read_at, self._clock()
                    self._read_every = self._read_at - before if self._day else 0.0
                    self._day = day

    def remark(self, text: str) -> None:
        """A line of the log that is worth showing, and that no event tells."""
        now = self._local_now()
        with self._lock:
            self._notes.note(now, "view remark", text=text)

    def snapshot(self, now: datetime) -> Picture:
        """What is known at `now`, the local time of the venue."""
        now = now.replace(tzinfo=None)
        with self._lock:
            self._counts.begin_day(now.date())
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
                is_old=self._is_old(age),
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
                happenings=self._notes.all(),
            )

    def _note_what_changed(self, day: Day, now: datetime) -> None:
        """Since the day was read before."""
        ours = self._settings.camera if self._uploads else ""
        self._notes.note_cameras(now, self._shown.cameras(day), but=ours)
        if day.report and self._day:
            self._notes.note_report(now, day.report, self._day.report)

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
        return "old" if self._is_old(age) else "works"

    def _is_old(self, age: float | None) -> bool:
        return age is not None and age > max(OLD_SECONDS, OLD_READS * self._read_every)

    def _uploader(self) -> UploaderShown:
        has_trouble = any(what in self._troubles for what in FOLDER_SUBJECTS)
        telegram: TelegramState = "none"
        if self._has_telegram:
            telegram = "waits" if "telegram" in self._troubles else "works"
        camera, clock = self._settings.camera, self._clock()
        return self._counts.shown(camera, self._backlog, clock, has_trouble, telegram)

    def _local_now(self) -> datetime:
        return self._settings.now().replace(tzinfo=None)
