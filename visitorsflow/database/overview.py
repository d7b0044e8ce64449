"""One thread that says in the database how this camera is, and tells what the database knows of today.

It has a connection of its own. Whatever that meets, the storing never waits for it and never hears of it.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable
from datetime import date

from visitorsflow.database.again import Again
from visitorsflow.database.cameras import PEOPLE_FLOW_CAMERA, Cameras
from visitorsflow.database.messages import Messages
from visitorsflow.database.own_camera import OwnCamera
from visitorsflow.database.today import Today
from visitorsflow.database.told import Told
from visitorsflow.database.transaction import Database
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import DayRead, Event
from visitorsflow.settings import Settings
from visitorsflow.text import printable

log = logging.getLogger(__name__)

EVERY_SECONDS = 20
BEAT_AT_MOST_EVERY_SECONDS = 1  # however much happens
STORING_FIRST_SECONDS = 0.3  # what has changed is a file, mostly, that is being stored just now
REST = 50  # so many times as long as the last read took, the day is not read
AT_END_SECONDS = 1


class Overview:
    """A listener. `database` is for it alone, and it closes it.

    The day is read every `read_every` seconds: 1 where somebody looks at it. Without `beats` it only
    reads, and needs no right but SELECT. `can_tell`: whether Telegram works here now. `clock` gives
    monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        beats: bool = True,
        beat_every: float = EVERY_SECONDS,
        read_every: float = EVERY_SECONDS,
        can_tell: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._beats = beats
        self._own = OwnCamera(settings, can_tell, clock)
        self._camera = settings.camera
        self._cameras = Cameras(database)
        self._told = Told(self._cameras, Messages(database))
        self._today = Today(database, settings.now, makes=beats, closing=beats and settings.status_message)
        self._tell: Callable[..., None] = lambda event: None
        self._beating = Again(
            "saying how this camera is", self._beat, beat_every if beats else math.inf, clock=clock
        )
        self._reading = Again("reading the day", self._read, read_every, REST, clock)
        self._has_beaten = False
        self._remarks: set[str] = set()  # that have been made
        self._changed, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="overview", daemon=True)

    def __call__(self, event: Event) -> None:
        if self._own(event):
            self._changed.set()

    def start(self, tell: Callable[..., None]) -> None:
        """Begin to beat and to read; `tell` takes the event DayRead, from another thread."""
        self._tell = tell
        self._thread.start()

    def told(self, names: Iterable[str], *, back: bool = False) -> None:
        """Somebody has been told that these cameras are dead, or `back`: write it as soon as that works."""
        self._told.of_cameras(names, back=back)
        self._changed.set()

    def closing_said(self, day: date) -> None:
        """The closing message of this day was delivered: write it as soon as that works."""
        self._told.of_closing(day)
        self._changed.set()

    def close(self) -> None:
        """Say that this is an end in order, if that can be said within a second."""
        self._ended.set()
        self._changed.set()
        if self._thread.ident is None:  # never started
            self._database.close()
            return
        self._thread.join(AT_END_SECONDS)
        if self._thread.is_alive():
            log.warning(_NOT_SAID, "it does not answer")

    def _run(self) -> None:
        while not self._ended.is_set():
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
        if self._beats:
            self._say_the_end()
        self._database.close()

    def _beat(self) -> None:
        self._cameras.prepare()
        before = self._cameras.beat(self._own.beat())
        self._own.was_said()
        if not self._has_beaten and self._own.go_on_from(before):
            self._changed.set()
        elif self._has_beaten and before and before.host != self._own.host:
            self._remark(
                f"another uploader with the name {self._camera} runs on {before.host}:"
                " give each camera a name of its own in config.py"
            )
        self._has_beaten = True
        self._told.write()

    def _read(self) -> None:
        day = self._today.read()
        if day.missing:
            self._remark(f"missing in the overview of the day: {day.missing}")
        if self._beating.refusal:
            refusal = f"{PEOPLE_FLOW_CAMERA.name} can't be written: {self._beating.refusal}"
            day = day._replace(missing="; ".join(filter(None, (refusal, day.missing))))
        self._tell(DayRead(day))

    def _say_the_end(self) -> None:
        try:
            self._cameras.prepare()
            self._cameras.beat(self._own.beat(), stopped=True)
            self._told.write()
        except DatabaseAway as error:
            if not self._beating.is_failing:  # else it has been said
                log.warning(_NOT_SAID, error)

    def _remark(self, text: str) -> None:
        if text not in self._remarks:
            self._remarks.add(text)
            log.warning("%s", printable(text))


_NOT_SAID = "the database was not told that this is an end in order: %s"
