"""What an uploader says of itself in its next beat: it listens to what happens, and remembers."""

import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from visitorsflow import __version__
from visitorsflow.database.cameras import Beat
from visitorsflow.events import Began, Ended, Event, Lasts, Listed, Rejected, Stored, is_of_venue
from visitorsflow.facts import CameraState
from visitorsflow.rules.silence import is_open
from visitorsflow.settings import Settings
from visitorsflow.text import printable


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
        self._troubles: dict[str, str] = {}  # subject -> reason

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
                case Stored(files, until=until):
                    self._waiting = max(0, self._waiting - files)  # the next listing may be seconds away
                    self._crossing_at = until or self._crossing_at
                case Rejected():
                    self._rejected = self._rejected_today() + 1
                case Began(what, reason) | Lasts(what, reason) if not is_of_venue(what):
                    is_new = self._troubles.get(what) != reason
                    self._troubles[what] = reason
                    return is_new
                case Ended(what):
                    return self._troubles.pop(what, None) is not None
                case _:
                    return False
            return True

    def beat(self) -> Beat:
        """What is to be said now."""
        with self._lock:
            self._file_in_beat = self._file_came
            is_new = self._file_came is not None and self._file_came != self._file_said
            troubles = (f"{what}: {reason}" if reason else what for what, reason in self._troubles.items())
            return Beat(
                name=self._settings.camera,
                # Said once: said again, it would be a second earlier or later each time.
                file_age=self._clock() - self._file_came if is_new and self._file_came is not None else None,
                file_name=self._file_name,
                crossing_at=self._crossing_at,
                waiting=self._waiting,
                rejected=self._rejected_today(),
                idle_seconds=self._settings.idle_seconds,
                open_now=is_open(self._settings.now().time(), self._settings.open_hours),
                can_tell=self._can_tell(),
                trouble=printable("; ".join(troubles)),
                version=__version__,
                host=self.host,
            )

    def was_said(self) -> None:
        """What `beat` returned last is in the database."""
        self._file_said = self._file_in_beat

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
            return True

    def _rejected_today(self) -> int:
        today = self._settings.now().date()
        if self._rejected_on != today:
            self._rejected, self._rejected_on = 0, today
        return self._rejected
