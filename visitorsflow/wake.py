"""What wakes the loop: file system events as mere hints, a stop, or nothing for five seconds.

What is to be done is always the listing of the folder, so an event that is lost, doubled or wrong
costs at most time.
"""

import logging
import os
import queue
import sys
from collections.abc import Iterable

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

log = logging.getLogger(__name__)

# Never what our own reading and moving away makes, or the loop would wake itself.
_HINTS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirMovedEvent, FileCreatedEvent, FileMovedEvent]
# Linux tells when a writer has closed a file; elsewhere every change is a hint.
_HINTS.append(FileClosedEvent if sys.platform == "linux" else FileModifiedEvent)


class Wake:
    """Like threading.Event, but safe to set from a signal handler, which an Event is not."""

    def __init__(self) -> None:
        self.stopping = False
        self._hints: queue.SimpleQueue[None] = queue.SimpleQueue()

    def set(self) -> None:
        if self._hints.empty():
            self._hints.put(None)

    def stop(self) -> None:
        self.stopping = True
        self.set()

    def wait(self, seconds: float) -> None:
        """Return as soon as it is set, or after `seconds`."""
        if self.stopping:
            return
        try:
            self._hints.get(timeout=seconds)
        except queue.Empty:
            return


class FolderWatch:
    """Keeps one watch on each folder of the queue; on trouble it says so once and goes without."""

    def __init__(self, wake: Wake) -> None:
        self._handler = _Hint(wake)
        self._observer: BaseObserver | None = None
        self._watched: dict[str, int] = {}
        self._complained = False

    def follow(self, folders: Iterable[str]) -> None:
        """Watch exactly these folders from now on. Raises nothing."""
        try:
            wanted = {folder: os.stat(folder).st_ino for folder in folders}
            if wanted != self._watched or not self._alive():
                self.close()
                self._observer = Observer()
                for folder in wanted:
                    self._observer.schedule(self._handler, folder, event_filter=_HINTS)
                self._observer.start()
                self._watched = wanted
        except (OSError, RuntimeError) as error:
            self.close()
            if not self._complained:
                log.warning("no file system events (%s): the folder is listed every few seconds", error)
            self._complained = True

    def close(self) -> None:
        observer, self._observer, self._watched = self._observer, None, {}
        if observer and observer.is_alive():
            observer.stop()
            observer.join(5)

    def _alive(self) -> bool:
        observer = self._observer
        return bool(observer and observer.is_alive() and all(e.is_alive() for e in observer.emitters))


class _Hint(FileSystemEventHandler):
    def __init__(self, wake: Wake) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._wake.set()
