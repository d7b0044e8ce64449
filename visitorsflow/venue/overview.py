"""One thread that says in the database how this camera is, and tells what the database knows of today.

It has a connection of its own. Whatever that meets, the storing never waits for it and never hears of it.
"""

import logging
import math
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime

from visitorsflow import __version__, timeouts
from visitorsflow.database.connection import Database
from visitorsflow.database.day import Today
from visitorsflow.database.status_tables import (
    LONGEST_TEXT,
    PEOPLE_FLOW_CAMERA,
    Beat,
    Cameras,
    MessageStore,
)
from visitorsflow.database.told import ToldThings
from visitorsflow.errors import DatabaseAway, DatabaseRefuses
from visitorsflow.events import (
    Began,
    DayRead,
    DayUnread,
    Delivered,
    Ended,
    Event,
    Lasts,
    Listed,
    Rejected,
    Stored,
    TableReady,
    Tell,
    Warned,
)
from visitorsflow.facts import CameraState, Day, Missing, missing_reason
from visitorsflow.reasons import Reason
from visitorsflow.rules.condition import Backoff
from visitorsflow.rules.health import Trouble, is_alive, newest_rejected, on_one_clock, troubles_text
from visitorsflow.rules.period import is_open
from visitorsflow.settings import Settings
from visitorsflow.subjects import Subject
from visitorsflow.text import printable
from visitorsflow.venue.told import Told

LONGEST_BACKOFF_SECONDS = 20
_NONE = object()
EVERY_SECONDS = 20
READ_EVERY_SECONDS = 1  # where somebody looks at it
BEAT_AT_MOST_EVERY_SECONDS = 1  # however much happens
STORING_FIRST_SECONDS = 0.3  # what has changed is a file, mostly, that is being stored just now
AT_END_SECONDS = 1
STRANGE, REMEMBERED_BEATS = 3, 200
LONGEST_NAME = 80  # of a rejected file: its reason must fit in too
_NOT_SAID = "the database was not told that this is an end in order: %s"
log = logging.getLogger(__name__)


class Overview:
    """A listener. `database` is for it alone, and it closes it.

    `tell` takes the event DayRead, from another thread. The day is read every `read_every` seconds: 1 where
    somebody looks at it. Without `beats` it only reads, and needs no right but SELECT. `can_tell()`: an
    alert can go from here now. `told` hears here of what has arrived, and is written with the beats. `clock`
    gives monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        tell: Tell,
        *,
        beats: bool = True,
        beat_every: float = EVERY_SECONDS,
        read_every: float = EVERY_SECONDS,
        can_tell: Callable[[], bool] = lambda: False,
        told: Told | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._beats = beats
        self.own = OwnCamera(settings, can_tell, clock)
        self._camera = settings.camera
        self._cameras = Cameras(database)
        self._told = told or Told(settings.camera)
        self._stores = self._cameras, MessageStore(database), ToldThings(database)
        self._today = Today(
            database,
            settings.now,
            makes=beats,
            closing=beats and settings.may_show_status,
            open_hours=settings.open_hours,
            clock=clock,
        )
        self._tell = tell
        self._beating = PeriodicTask(
            "saying how this camera is", self._beat, beat_every if beats else math.inf, clock=clock
        )
        self._reading = PeriodicTask("reading the day", self._read, read_every, clock)
        self._has_beaten = False
        self._namesakes = Namesakes()
        self._remarks: set[Reason] = set()  # that have been made
        self._changed, self._ended = threading.Event(), threading.Event()
        self._is_ready = not beats
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="overview", daemon=True)

    def __call__(self, event: Event) -> None:
        if isinstance(event, TableReady):
            self._is_ready = True
            self._ready.set()
        if isinstance(event, Stored) and event.since and event.until:
            self._today.counts.stored(event.since, event.until)
        self._told(event)
        if self.own(event) or isinstance(event, Delivered):
            self._changed.set()

    def start(self) -> None:
        """Begin to beat and to read, as soon as PeopleFlow is ready; at once where it only reads."""
        self._thread.start()

    def close(self) -> None:
        """Say that this is an end in order, if that can be said within a second."""
        self._ended.set()
        self._changed.set()
        self._ready.set()
        if self._thread.ident is None:  # never started
            self._database.close()
            return
        self._thread.join(AT_END_SECONDS)
        timeouts.leave_behind(self._thread)  # then it is the one to close the database
        if self._thread.is_alive():
            log.warning(_NOT_SAID, "it does not answer")

    def _run(self) -> None:
        if not self._is_ready:
            self._ready.wait()
        while self._is_ready and not self._ended.is_set():
            if self._beating.is_due():
                self._changed.clear()
                self._beating.take()
            if self._reading.is_due() and not self._ended.is_set():
                self._reading.take()
            has_changed = self._changed.is_set()
            if has_changed:
                self._beating.hurry(BEAT_AT_MOST_EVERY_SECONDS)
            seconds = min(self._beating.seconds_left(), self._reading.seconds_left())
            (self._ended if has_changed else self._changed).wait(seconds)
            if self._changed.is_set() and not has_changed:
                self._ended.wait(STORING_FIRST_SECONDS)
        if self._beats and self._is_ready:
            self._say_the_end()
        self._database.close()

    def _beat(self) -> None:
        self._cameras.prepare()
        beat = self.own.beat()
        self._namesakes.beats(beat)
        before = self._cameras.beat(beat, lines=self.own.lines())
        self.own.was_said()
        if not self._has_beaten and self.own.go_on_from(before):
            self._changed.set()
        self._has_beaten = True
        if host := self._namesakes.found(before):
            twice = Reason("same camera twice", camera=self._camera, host=host)
            if self._is_new(twice):
                self._tell(Warned(twice))
        self._told.write(*self._stores)

    def _read(self) -> None:
        try:
            day = self._today.read()
        except DatabaseAway as error:
            self._tell(DayUnread(error.reason))
            raise
        day = day._replace(cameras=on_one_clock(day.cameras, self._camera))
        if day.missing:
            self._remark(Reason("not in the overview", why=missing_reason(day.missing)))
        for camera, ssid in self.own.of_other_venues(day):
            self._remark(Reason("other venue here", camera=camera, ssid=ssid))
        if self._beating.refusal:
            refusal = Reason("table unwritten", why=self._beating.refusal)
            day = day._replace(missing=(Missing(PEOPLE_FLOW_CAMERA.name, refusal), *day.missing))
        self._tell(DayRead(day))

    def _say_the_end(self) -> None:
        try:
            self._cameras.prepare()
            self._cameras.beat(self.own.beat(), stopped=True, lines=self.own.lines())
            self._told.write(*self._stores)
        except DatabaseAway as error:
            if not self._beating.is_failing:  # else it has been said
                log.warning(_NOT_SAID, error)

    def _remark(self, said: Reason) -> None:
        if self._is_new(said):
            log.warning("%s", said)

    def _is_new(self, said: Reason) -> bool:
        """Is it to be said now: each remark is made once."""
        is_new = said not in self._remarks
        self._remarks.add(said)
        return is_new


class Namesakes:
    """Notices another uploader with our camera's name: the table says what we have not said."""

    def __init__(self) -> None:
        self._sent = deque[Beat](maxlen=REMEMBERED_BEATS)  # the last that arrived, and since then all others
        self._name: str | None = None  # the file's in the table after that one
        self._strange = deque[bool](maxlen=REMEMBERED_BEATS)

    def beats(self, beat: Beat) -> None:
        """Take note of a beat of ours, before it is sent."""
        as_kept = {name: getattr(beat, name)[:LONGEST_TEXT] for name in ("file_name", "version", "host")}
        self._sent.append(beat._replace(**as_kept))

    def found(self, before: CameraState | None) -> str:
        """Find its host, or "". The beat has arrived, and `before` is what the table said until then.

        One that ends, or is on our own PC, must be seen several times: an uploader whose place we took may
        still say its end, and a node of a cluster may know an older beat.
        """
        arrived = self._sent[-1]
        is_strange = self._name is not None and before is not None and not self._is_ours(before)
        stays = before is not None and arrived.file_age is None
        self._sent.clear()
        self._sent.append(arrived)
        self._name = before.file_name if before and stays else arrived.file_name
        self._strange.append(is_strange)
        if not (before and is_strange):
            return ""
        is_elsewhere = before.host != arrived.host and before.stopped_at is None
        return before.host if is_elsewhere or sum(self._strange) >= STRANGE else ""

    def _is_ours(self, row: CameraState) -> bool:
        names = {self._name, *(one.file_name for one in self._sent if one.file_age is not None)}
        said = {(one.waiting, one.rejected, one.version, one.host) for one in self._sent}
        is_said = (row.waiting, row.rejected, row.version, row.host) in said
        return is_said and row.file_name in names and row.stopped_at is None


class OwnCamera:
    """A listener, for any thread. `clock` gives monotonic seconds; `can_tell`: Telegram works here now."""

    def __init__(
        self,
        settings: Settings,
        can_tell: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.host = printable(socket.gethostname())
        self._settings = settings
        self._can_tell = can_tell
        self._clock = clock
        self._lock = threading.Lock()
        self._file_came: float | None = None
        self._file_name = ""
        self._file_in_beat: float | None = None
        self._file_said: float | None = None  # that of the last beat that arrived
        self._crossing_at: datetime | None = None
        self._waiting = 0
        self._rejected = 0
        self._rejected_on: date | None = None  # the day that it is counted for
        self._rejected_last: Reason | None = None  # the file of that day, and why
        self._troubles: dict[Subject, Reason | None] = {}
        self._lines: set[str] = set()  # of the device, of which the table has not heard yet
        self._lines_in_beat: set[str] = set()

    def __call__(self, event: Event) -> bool:
        """Take note of an event. True when the next beat should not wait."""
        with self._lock:
            match event:
                case Listed(waiting, arrived, newest):
                    is_new = arrived or waiting != self._waiting
                    self._waiting = waiting
                    if arrived:
                        self._file_came, self._file_name = self._clock(), printable(newest)
                    return is_new
                case Stored(files, until=until, lines=lines):
                    self._lines |= lines
                    self._waiting = max(0, self._waiting - files)  # the next listing may be seconds away
                    self._crossing_at = until or self._crossing_at
                case Rejected(name, reason):
                    self._rejected = self._rejected_today() + 1
                    self._rejected_last = Reason("rejected file", name=name[:LONGEST_NAME], why=reason)
                case Began(what, reason) | Lasts(what, reason) if not what.of_venue:
                    is_new = what not in self._troubles or self._troubles[what] != reason
                    self._troubles[what] = reason
                    return is_new
                case Ended(what):
                    return self._troubles.pop(what, _NONE) is not _NONE
                case _:
                    return False
            return True

    def of_other_venues(self, day: Day) -> list[tuple[str, str]]:
        """The cameras that beat for another `ssid`, each with that one; none where no config.py names it."""
        own = self._version().partition(" ")[2]
        alive = ((c.name, c.version.partition(" ")[2]) for c in day.cameras if is_alive(c, day.read_at))
        return [(name, ssid) for name, ssid in alive if own and ssid and ssid != own]

    def _version(self) -> str:
        """Behind the program's version, the ssid, where config.py names it."""
        is_named = "ssid" in self._settings.model_fields_set
        return f"{__version__} {printable(self._settings.ssid)}"[:LONGEST_TEXT] if is_named else __version__

    def beat(self) -> Beat:
        """The beat to write now."""
        with self._lock:
            self._file_in_beat = self._file_came
            is_new = self._file_came is not None and self._file_came != self._file_said
            lasting = [Trouble(what.key, reason) for what, reason in self._troubles.items()]
            rejected = self._rejected_today()
            return Beat(
                name=self._settings.camera,
                # Said once: said again, it would be a second earlier or later each time.
                file_age=self._clock() - self._file_came if is_new and self._file_came is not None else None,
                file_name=self._file_name,
                crossing_at=self._crossing_at,
                waiting=self._waiting,
                rejected=rejected,
                idle_seconds=self._settings.idle_seconds,
                open_now=is_open(self._settings.now().time(), self._settings.open_hours),
                can_tell=self._can_tell(),
                trouble=troubles_text(lasting, LONGEST_TEXT, self._rejected_last),
                version=self._version(),
                host=self.host,
            )

    def lines(self) -> set[str]:
        """The lines to tell with the beat."""
        with self._lock:
            self._lines_in_beat = set(self._lines)
            return self._lines_in_beat

    def was_said(self) -> None:
        """Take note that the last beat is in the database."""
        self._file_said = self._file_in_beat
        with self._lock:
            self._lines -= self._lines_in_beat

    def go_on_from(self, before: CameraState | None) -> bool:
        """Go on counting where the uploader before this one ended. True when that changes anything."""
        if before is None or not before.rejected:
            return False
        ended_on = before.alive_at.replace(tzinfo=UTC).astimezone(self._settings.timezone).date()
        with self._lock:
            rejected = self._rejected_today()
            if ended_on != self._rejected_on:
                return False
            self._rejected = rejected + before.rejected
            self._rejected_last = self._rejected_last or newest_rejected(before.trouble)
            return True

    def _rejected_today(self) -> int:
        today = self._settings.now().date()
        if self._rejected_on != today:
            self._rejected, self._rejected_on, self._rejected_last = 0, today, None
        return self._rejected


class PeriodicTask:
    """`work` every so many seconds after it was done.

    `name` is what the log says it is. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], None],
        every: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.refusal: Reason | None = None  # why the server refuses it now
        self._name = name
        self._work = work
        self._every = every
        self._clock = clock
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)
        self._began = float("-inf")
        self._due = clock() if every < float("inf") else every

    @property
    def is_failing(self) -> bool:
        return self._retry.failing

    def hurry(self, seconds: float) -> None:
        """It is due so many seconds after it was done last; but what fails, and what is never done, waits."""
        if self._every < float("inf"):
            self._due = min(self._due, self._began + seconds)

    def is_due(self) -> bool:
        return self.seconds_left() == 0

    def seconds_left(self) -> float:
        """The seconds until it is due; infinite when it never is."""
        now = self._clock()
        return max(0.0, self._due - now, self._retry.seconds_left(now))

    def take(self) -> None:
        """Do it now. Raises nothing."""
        self._began = self._clock()
        try:
            self._work()
        except DatabaseAway as error:
            self.refusal = error.reason if isinstance(error, DatabaseRefuses) else None
            if not self.is_failing:
                # That the database is away, and what it refuses, is told by events.
                log.warning(
                    "%s does not work, storing goes on: %s", self._name, error, extra={"is_told": True}
                )
            self._retry.failed(self._clock())
        except Exception:  # a defect of ours must not end a thread that runs for months
            if not self.is_failing:
                log.exception("%s has a defect, storing goes on", self._name)
            self._retry.failed(self._clock())
        else:
            self.refusal = None
            if self.is_failing:
                log.info("%s works again", self._name)
            self._retry.reset()
        self._due = self._clock() + (0 if self.is_failing else self._every)
