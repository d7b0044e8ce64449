"""Waking the loop, and watching it.

File system events are mere hints: the work is always the listing of the folder, so an event that is lost,
doubled or wrong costs at most time. A dead network share can hold a listing, a read or a rename for ever,
and nothing but the end of the process frees a thread from that: so the loop runs in a thread of its own,
and the main thread answers people and signals.
"""

import contextlib
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Protocol

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.utils import UnsupportedLibcError

from visitorsflow import timeouts
from visitorsflow.events import Tell
from visitorsflow.reasons import Reason, os_reason
from visitorsflow.rules.condition import Condition
from visitorsflow.subjects import LOOP

MOST_FOLDERS = 50
# Never what our own reading makes, or the loop would wake itself.
_HINTS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirMovedEvent, FileCreatedEvent, FileMovedEvent]
# Linux tells when a writer has closed a file; elsewhere every change is a hint.
_HINTS.append(FileClosedEvent if sys.platform == "linux" else FileModifiedEvent)
LOOK_EVERY_SECONDS = 0.5
SHORTEST_LIMIT_SECONDS = 60
WORTH_A_LINE_SECONDS = 10
AT_END_SECONDS = 1
STOPPED_SECONDS = 5  # between two looks: then this process stood still, and not a disk
log = logging.getLogger(__name__)


class Wake:
    """Like threading.Event, but safe to set from a signal handler, which an Event is not."""

    def __init__(self) -> None:
        self.stopping = False
        self.why = ""  # it is to stop
        self._hints: queue.SimpleQueue[None] = queue.SimpleQueue()

    def set(self) -> None:
        if self._hints.empty():
            self._hints.put(None)

    def stop(self, why: str = "") -> None:
        self.stopping, self.why = True, why
        self.set()

    def wait(self, seconds: float) -> bool:
        """Return True as soon as it is set, or False after `seconds`.

        Not for the main thread: it takes the signals.
        """
        with contextlib.suppress(queue.Empty):
            self._hints.get(timeout=0 if self.stopping else max(0.0, seconds))
            return True
        return False


class FolderWatch:
    """Keeps a watch on each folder of the queue; on trouble it says so once, and the loop goes on without."""

    def __init__(self, wake: Wake) -> None:
        self._handler = _Hint(wake)
        self._observer: BaseObserver | None = None
        self._watched: dict[str, int] = {}
        self._complained = False

    def follow(self, folders: list[str]) -> bool:
        """Watch these folders from now on. True when it was not watching just them until now."""
        try:
            # Each costs a thread. Folders that are many are mostly named by date: the newest are last.
            chosen = {folders[0], *sorted(folders)[-MOST_FOLDERS:]}
            wanted = {folder: os.stat(folder).st_ino for folder in chosen}
            if wanted == self._watched and self._is_alive():
                return False
            self.close()
            self._observer = _new_observer()
            for folder in wanted:
                self._observer.schedule(self._handler, folder, event_filter=_HINTS)
            self._observer.start()
        except (OSError, RuntimeError) as error:
            self.close()
            if not self._complained:
                why = os_reason(error) if isinstance(error, OSError) else str(error)
                log.warning("%s", Reason("no file events", why=why))
            self._complained = True
            return False
        self._watched, self._complained = wanted, False
        return True

    def close(self) -> None:
        observer, self._observer, self._watched = self._observer, None, {}
        if observer:
            observer.stop()  # also one that could not start: it has threads and descriptors
            if observer.is_alive():
                observer.join(5)
                timeouts.leave_behind(observer)

    def _is_alive(self) -> bool:
        observer = self._observer
        return bool(observer and observer.is_alive() and all(e.is_alive() for e in observer.emitters))


def _new_observer() -> BaseObserver:
    """One that is not told what leaves a folder: mostly that is our own moving away.

    On Linux watchdog would hold back everything that comes after it for half a second, in case the file
    turns up again (InotifyMoveEventGrouper.delay): the camera's next file too.
    """
    observer = Observer()
    with contextlib.suppress(ImportError, AttributeError, UnsupportedLibcError):  # then it is only slower
        from watchdog.observers.inotify import InotifyEmitter, InotifyObserver
        from watchdog.observers.inotify_c import InotifyConstants, Mask

        class Arrivals(InotifyEmitter):
            def get_event_mask_from_filter(self) -> Mask:
                return Mask(super().get_event_mask_from_filter() & ~InotifyConstants.IN_MOVED_FROM)

        if isinstance(observer, InotifyObserver):
            observer._emitter_class = Arrivals  # noqa: SLF001 - its constructor leaves no other choice
    return observer


class _Hint(FileSystemEventHandler):
    def __init__(self, wake: Wake) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._wake.set()


class Watchdog:
    """Where the loop is, and who works for it: so that somebody else notices when it gets no further.

    `clock` gives monotonic seconds. Written by any thread, each for itself; read by whoever watches.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[int, tuple[str, float]] = {}  # by thread
        self._changed = clock()

    def enter(self, place: str) -> None:
        """This thread begins with something on a disk or a share, which may not answer."""
        self._at[threading.get_ident()] = (place, self._clock())

    def leave(self) -> None:
        """It waits, or works on what has time limits of its own."""
        self._changed = self._clock()
        self._at.pop(threading.get_ident(), None)

    def where(self) -> tuple[str, float]:
        """The place where one has been for longest, and for how many seconds.

        The place is "" when none is at a disk or a share; the seconds are then those since the last change.
        """
        # The list is made in one step: they may be writing.
        place, since = min(list(self._at.values()), key=lambda at: at[1], default=("", self._changed))
        return place, self._clock() - since


class Look(Protocol):
    """Hears twice a second for how many seconds the loop has been at a place, or at none: ""."""

    def __call__(self, place: str, seconds: float) -> None: ...


def run_watched(
    work: Callable[[], bool],
    watchdog: Watchdog,
    wake: Wake,
    tell: Tell,
    limit: float,
    clock: Callable[[], float] = time.monotonic,
    look: Look = lambda place, seconds: None,
) -> bool:
    """Do `work` in a thread and return what it returns, or raise what it raises.

    Tells when the watchdog shows that it is held up for max(60, `limit`) seconds, and when that is over.
    When the wake says stop while it is held up, it is left behind, and that is False. Time in which the whole
    process stood still does not count, for `look` neither.
    """
    results: list[bool] = []
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that can report it
            errors.append(error)

    loop = threading.Thread(target=attempt, name="loop", daemon=True)
    loop.start()
    condition = Condition(LOOP, max(SHORTEST_LIMIT_SECONDS, limit))
    awake = looked = clock()
    try:
        while loop.is_alive():
            loop.join(LOOK_EVERY_SECONDS)
            now = clock()
            if now - looked > STOPPED_SECONDS:  # by Ctrl-Z, or with the whole machine
                awake = now
            looked = now
            place, seconds = watchdog.where()
            seconds = min(seconds, now - awake)
            look(place, seconds)
            if wake.stopping and place and seconds > AT_END_SECONDS:
                log.warning("ended without waiting for %s, which does not answer; nothing is lost", place)
                return False
            if place and seconds > WORTH_A_LINE_SECONDS:
                reason = Reason("no answer from", place=place)
                tell(*condition.begin(now - seconds, reason), *condition.check(now))
            else:
                tell(*condition.end(now))
    finally:
        timeouts.leave_behind(loop)
    if errors:
        raise errors[0]
    return results[0]
