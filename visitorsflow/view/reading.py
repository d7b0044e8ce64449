"""Reads for a face that is asked: today every few seconds, other days when somebody asks. Only SELECTs."""

import logging
import threading
import time
from datetime import date, datetime, timedelta

from visitorsflow import timeouts
from visitorsflow.database.connection import Database
from visitorsflow.database.course import in_order, read_course, read_reports
from visitorsflow.database.day import Today
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import Began, DayRead, DayUnread
from visitorsflow.facts import Course, Day, SentReport
from visitorsflow.reasons import Reason
from visitorsflow.rules.health import on_one_clock
from visitorsflow.rules.partial import Moment, gaps
from visitorsflow.rules.period import period_of
from visitorsflow.settings import Settings
from visitorsflow.subjects import PROGRAM
from visitorsflow.view.course import Shown, beside, shown_course
from visitorsflow.view.state import State

EVERY_SECONDS = 5.0
BESIDE_SECONDS = 600.0  # late rows of other days are rare
ANOTHER_DAY_SECONDS = 60.0
REMEMBERED = 40
BUSY_SECONDS = 5
AT_END_SECONDS = 0.2
YESTERDAY, WEEK_AGO = timedelta(days=1), timedelta(days=7)

log = logging.getLogger(__name__)


class Reading:
    """A thread that reads today; `shown` gives what is known at this moment, to any thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings)
        self._today = Today(self._database, settings.now, makes=False, open_hours=settings.open_hours)
        self._state = State(settings, uploads=False)
        self._lock = threading.Lock()
        self._course: Course | None = None
        self._day: Day | None = None
        self._others: dict[date, Course] = {}
        self._others_read = float("-inf")
        self._reports: tuple[SentReport, ...] = ()
        self._newest: SentReport | None = None
        self._failing_since: float | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End within a moment; a thread that waits for the database is left behind."""
        self._ended.set()
        self._thread.join(AT_END_SECONDS)
        timeouts.leave_behind(self._thread)

    def shown(self) -> Shown:
        """What is known now."""
        now = self._settings.now().replace(tzinfo=None)
        model = self._state.snapshot(now)
        with self._lock:
            course, others = self._course, self._others
        today = now.date()
        if course is None or course.day != today:
            return Shown(today, model, None)
        one, other = (others.get(today - days) for days in (YESTERDAY, WEEK_AGO))
        hours = self._settings.open_hours
        return Shown(
            today,
            model,
            shown_course(course, self._settings, now, model.short),
            beside(one, now, hours) if one else None,
            beside(other, now, hours) if other else None,
        )

    def missing_in(self, day: date) -> tuple[str, ...]:
        """The cameras of which something may be missing in the totals of `day`, as far as is known now."""
        now = self._settings.now()
        with self._lock:
            known = self._day
        if known is None:
            return ()
        moment = Moment(known.read_at, now.replace(tzinfo=None))
        found = gaps(known.cameras, moment, period_of(day, now), self._settings.open_hours)
        return tuple(dict.fromkeys(gap.camera for gap in found))

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._read()
            except DatabaseAway as error:
                if self._failing_since is None:
                    self._failing_since = time.monotonic()
                    log.warning("the database can't be read: %s", error)
                self._state(DayUnread(error.reason))
            except Exception:  # a defect of ours must not end a thread that runs for months
                log.exception("reading the day has a defect")
                self._state(Began(PROGRAM))
            self._ended.wait(EVERY_SECONDS)
        self._database.close()

    def _read(self) -> None:
        self._database.see_that_it_is_there()
        day = self._today.read()
        day = day._replace(cameras=on_one_clock(day.cameras, self._settings.camera))
        self._state(DayRead(day))
        if self._failing_since is not None:
            log.info("the database can be read again")
            self._failing_since = None
        self._read_reports(day)
        course = Course(day.day, in_order(self._today.counts.slots), self._reports)
        with self._lock:
            self._course, self._day = course, day
        self._read_others(day.day)

    def _read_reports(self, day: Day) -> None:
        """All of today's again, when there is another one."""
        if day.report != self._newest or any(sent.day != day.day for sent in self._reports):
            self._reports = read_reports(self._database, day.day)
            self._newest = day.report

    def _read_others(self, today: date) -> None:
        """Yesterday and a week ago: at once after midnight, else now and then."""
        days = [today - YESTERDAY, today - WEEK_AGO]
        is_old = time.monotonic() - self._others_read > BESIDE_SECONDS
        if not is_old and all(day in self._others for day in days):
            return
        hours = self._settings.open_hours
        others = {day: read_course(self._database, day, hours, reports=False) for day in days}
        with self._lock:
            self._others = others
        self._others_read = time.monotonic()


class OtherDays:
    """Reads any day when somebody asks, over a connection of its own, one at a time; remembers a few."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings)
        self._lock = threading.Lock()
        self._known: dict[date, tuple[float, Course]] = {}

    def read(self, day: date) -> Course:
        """The course of a day. Raises DatabaseAway, also when it takes others too long to be answered."""
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise DatabaseAway(Reason("database in use", where=str(self._database)))
        try:
            at, known = self._known.get(day, (float("-inf"), None))
            if known is None or time.monotonic() - at > ANOTHER_DAY_SECONDS:
                self._database.see_that_it_is_there()
                known = read_course(self._database, day, self._settings.open_hours)
                while len(self._known) >= REMEMBERED:
                    self._known.pop(next(iter(self._known)))
                self._known.pop(day, None)
                self._known[day] = time.monotonic(), known
            return known
        finally:
            self._lock.release()

    def shown(self, day: date, today: date) -> Shown:
        """An earlier day as it is shown. Raises DatabaseAway."""
        end = datetime(day.year, day.month, day.day) + timedelta(days=1)
        return Shown(today, None, shown_course(self.read(day), self._settings, end))
