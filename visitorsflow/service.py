"""Tells a service manager how the program is: systemd's notify protocol, datagrams to a Unix socket.

The protocol is one `sendto`, so there is no library for it here: it would be one more thing to install and to
trust. Where the environment names no socket (a terminal, cron, Windows), nothing happens.
"""

import contextlib
import math
import os
import socket
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from visitorsflow.events import Began, Ended, Event, Listed, Passed, Stored
from visitorsflow.text import counted, printable

READY_SECONDS = 10  # a disk that has not answered for so long at the start is told, and is no failed start
STATUS_SECONDS = 5  # from one status to the next
LONGEST_STATUS = 400


class Manager:
    """The service manager that `environment` names, if any. `watchdog`: WatchdogSec, or None without one."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        name = environment.get("NOTIFY_SOCKET", "") if hasattr(socket, "AF_UNIX") else ""
        self._address = name.replace("@", "\0", 1) if name.startswith("@") else name
        microseconds = environment.get("WATCHDOG_USEC", "")
        is_ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog = int(microseconds) / 1e6 if is_ours and microseconds.isdecimal() else None

    def __bool__(self) -> bool:
        return bool(self._address)

    def tell(self, *lines: str) -> None:
        """Send the lines, and return at once. A manager that does not listen is no trouble of ours."""
        if self:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
                link.setblocking(False)
                link.sendto("\n".join(lines).encode("utf-8", "replace"), self._address)


class Service:
    """A listener, which makes the status; `look` is for the thread that watches the loop.

    The manager hears WATCHDOG=1 as long as the loop goes on. So it does while it waits for a disk or a share,
    which a new start would not help, and for the database, which has time limits. A loop that has stood still
    elsewhere for twice WatchdogSec has a defect: then there is silence, and the manager starts the program
    again. `now` gives the local time of the venue, `clock` monotonic seconds.
    """

    def __init__(
        self, manager: Manager, now: Callable[[], datetime], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._manager = manager
        self._now = now
        self._clock = clock
        self._is_ready = self._has_begun = False
        self._pinged = self._said = -math.inf
        self._status = self._told = ""
        self._stored = self._waiting = 0
        self._stored_at = ""
        self._troubles: dict[str, str] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case Passed():
                self._has_begun = True
                self._status = self._in_a_line()
            case Listed(waiting):
                self._has_begun = True  # all that ends a start was before; a huge file may take minutes now
                self._waiting = waiting
            case Stored(files):
                self._stored += files
                self._waiting = max(0, self._waiting - files)
                self._stored_at = f"{self._now():%H:%M:%S}"
            case Began(what, reason, who):
                name = f"{what.name} {who}".rstrip()
                self._troubles[f"{what.key} {who}"] = f"{name}: {reason}" if reason else name
            case Ended(what, who=who):
                self._troubles.pop(f"{what.key} {who}", None)

    def look(self, place: str, seconds: float) -> None:
        """Tell what is to be told; the loop has been at `place` (a path, or "") for so many seconds."""
        now = self._clock()
        if not self._is_ready and (self._has_begun or (place and seconds > READY_SECONDS)):
            self._is_ready = True
            self._manager.tell("READY=1")
        limit = self._manager.watchdog
        stands_still = limit is not None and not place and seconds >= 2 * limit
        status = self._status
        if place and seconds > READY_SECONDS:
            status = f"waits for {place}, which does not answer"
        elif stands_still:
            status = "the loop stands still: a defect"
        if status != self._told and now - self._said >= STATUS_SECONDS:
            self._told, self._said = status, now
            self._manager.tell(f"STATUS={printable(status)[:LONGEST_STATUS]}")
        if limit and self._is_ready and not stands_still and now - self._pinged >= limit / 4:
            self._pinged = now
            self._manager.tell("WATCHDOG=1")

    def end(self) -> None:
        """Tell that the program is about to end."""
        self._manager.tell("STOPPING=1")

    def _in_a_line(self) -> str:
        at = f", the last at {self._stored_at}" if self._stored_at else ""
        parts = [f"{counted(self._stored, 'file')} stored{at}", f"{self._waiting} waiting"]
        return "; ".join([", ".join(parts), *self._troubles.values()])
