"""Notes of what has arrived on the phone, written into the database as soon as that works."""

import logging
import threading
from datetime import date

from visitorsflow.database.status_tables import Cameras, MessageStore
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.events import CamerasBack, CamerasLost, DayClosed, Delivered, Event
from visitorsflow.text import printable

log = logging.getLogger(__name__)


class Told:
    """A listener: remembers it, from any thread, until `write` has written it."""

    def __init__(self, cameras: Cameras, messages: MessageStore) -> None:
        self._cameras = cameras
        self._messages = messages
        self._lock = threading.Lock()
        self._names: dict[str, bool] = {}  # camera -> told that it is back, or that it is dead
        self._closing: date | None = None

    def __call__(self, event: Event) -> None:
        with self._lock:
            match event:
                case Delivered(CamerasLost(cameras)):
                    self._names |= {one.camera: False for one in cameras}
                case Delivered(CamerasBack(cameras)):
                    self._names |= {one.camera: True for one in cameras}
                case Delivered(DayClosed(day)):
                    self._closing = max(day, self._closing or day)

    def write(self) -> None:
        """Raises DatabaseAway; then it is to be called again."""
        with self._lock:
            told, closing = dict(self._names), self._closing
        for back, write in ((False, self._cameras.told), (True, self._cameras.told_back)):
            names = [name for name, is_back in told.items() if is_back == back]
            if names:
                write(names)
        with self._lock:
            self._names = {n: back for n, back in self._names.items() if told.get(n) != back}
        if closing:
            self._write_closing(closing)

    def _write_closing(self, day: date) -> None:
        """In a table of its own, which may be missing although that of the cameras is there."""
        try:
            self._messages.keep_closing(day)
        except DatabaseRefuses as error:
            log.warning("after a restart the closing message may come again: %s", printable(str(error)))
        with self._lock:
            if self._closing == day:
                self._closing = None
