"""What wakes the loop: file system events as mere hints, a stop, or nothing for five seconds.

What is to be done is always the listing of the folder, so an event that is lost, doubled or wrong
costs at most time.
"""

import contextlib
import logging
import os
import queue
import sys

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

log = logging.getLogger(__name__)

MOST_FOLDERS = 50

# Never what our own reading makes, or the loop would wake itself.
_HINTS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirMovedEvent, FileCreatedEvent, FileMovedEvent]
# Linux tells when a writer has closed a file; elsewhere every change is a hint.
_HINTS.append(FileClosedEvent if sys.platform == "linux" else FileModifiedEvent)


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
                log.warning("no file system events (%s): the folder is listed every few seconds", error)
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
