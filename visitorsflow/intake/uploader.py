"""The loop: list the folder, read what waits, insert it, archive it, and tell what happened.

There is only one kind of pass, whether a camera writes one file, a backlog waits or a crash came:

1. list the folder, oldest first; a listing without anything new is silence
2. read and parse; what does not parse, or is still being written, is left until it has settled
3. insert many whole files in one transaction, and only then move them to stored/

The folder is the only memory. A process that dies at any point leaves files that the next one inserts
again, which adds nothing.
"""

import contextlib
import logging
import math
import shutil
import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import FolderTrouble
from visitorsflow.events import Event, Listed, Passed
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.batches import Batches
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.pulse import Pulse
from visitorsflow.intake.storing import Storing
from visitorsflow.intake.watch import FolderWatch, Wake
from visitorsflow.rules.condition import Conditions
from visitorsflow.rules.disk import Disk
from visitorsflow.rules.silence import Silence

log = logging.getLogger(__name__)

LIST_EVERY_SECONDS = 5
SHORTEST_WAIT_SECONDS = 0.01
LONG_WAIT_SECONDS = 600  # a file that has waited for so long is said
DISK_EVERY_SECONDS = 60
OUT_OF_SIGHT_SECONDS = 60  # between two listings: then nobody can say that nothing came


class Uploader:
    """`tell` takes the events; `now` gives the local time of the venue, `clock` monotonic seconds."""

    def __init__(
        self,
        inbox: Inbox,
        archive: Archive,
        table: PeopleFlow,
        silence: Silence,
        tell: Callable[..., None],
        wake: Wake,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        pulse: Pulse | None = None,
    ) -> None:
        self._inbox = inbox
        self._silence = silence
        self._tell = tell
        self._wake = wake
        self._now = now
        self._clock = clock
        self._pulse = pulse or Pulse(clock)
        self._conditions = Conditions(tell, clock)
        self._batches = Batches(inbox, archive, tell)
        self._storing = Storing(self._batches, table, self._conditions, self._pulse, clock)
        self._disk = Disk()
        self._disk_looked = -math.inf
        self._listed = clock()
        self._waiting = 0  # files in the last listing

    def run(self) -> bool:
        """Work until the wake says stop, whatever fails; then return True.

        Raises ConfigurationError at the start.
        """
        self._storing.open_table()
        watch = FolderWatch(self._wake)
        try:
            while not self._wake.stopping:
                seconds = self.make_pass()
                self._pulse.beat(str(self._inbox.folder))
                is_new = watch.follow(self._inbox.folders)
                self._pulse.rest()
                # What came into a folder before it was watched is found by listing it once more.
                if not is_new:
                    self._wake.wait(seconds)
        finally:
            watch.close()
        return True

    def once(self) -> bool:
        """Work off what is in the folder. False when anything was rejected or still waits.

        Raises ConfigurationError at the start.
        """
        self._storing.open_table()
        while not self._wake.stopping:
            seconds = self.make_pass()
            if not seconds:
                continue
            if self._conditions.any():
                return False
            if self._inbox.has_postponed():
                self._wake.wait(seconds)
            elif not self._waiting:
                return self._batches.rejected == 0
        return False

    def make_pass(self) -> float:
        """Make one pass. Returns how many seconds to wait before the next; 0 when there is more to do."""
        try:
            more = self._pass()
            self._conditions.end("program")
            return 0.0 if more else self._seconds_to_next_pass()
        except FolderTrouble as error:
            self._silence.blind()
            self._conditions.keep("folder", str(error))
        except Exception as error:  # a defect of ours must not end a process that runs for months
            if repr(error) != self._conditions["program"].reason:
                log.exception("this pass failed, the next one follows")
            self._conditions.keep("program", repr(error))
        finally:
            self._pulse.rest()
            self._storing.check()
            self._tell(Passed())
        return LIST_EVERY_SECONDS

    def _pass(self) -> bool:
        """List and work. True when there is more to do at once."""
        listing = self._inbox.pending()
        self._conditions.end("folder")
        self._conditions.keep("part", listing.trouble)
        self._waiting = len(listing.files)
        listed = Listed(self._waiting, listing.arrived, listing.newest)
        self._tell(listed, *self._listen(listing.arrived))
        more = self._storing.work_off(listing.files, lambda: self._wake.stopping)
        trouble = self._batches.look_again() or self._batches.why_stuck(listing.files)
        self._conditions.keep("files", trouble)
        self._conditions.keep("waiting", self._inbox.long_waiting(LONG_WAIT_SECONDS))
        self._look_at_the_disk()
        return more

    def _look_at_the_disk(self) -> None:
        now = self._clock()
        if now - self._disk_looked < DISK_EVERY_SECONDS:
            return
        self._disk_looked = now
        self._pulse.beat(str(self._inbox.folder))
        with contextlib.suppress(OSError):
            usage = shutil.disk_usage(self._inbox.folder)
            self._tell(*self._disk.check(usage.free, usage.total, now))

    def _listen(self, arrived: bool) -> tuple[Event, ...]:
        """Whether this listing ends a silence, or makes it too long."""
        before, self._listed = self._listed, self._clock()
        if arrived:
            return self._silence.arrived(self._listed)
        if self._listed - before > OUT_OF_SIGHT_SECONDS:
            self._silence.blind()
        return self._silence.quiet(self._listed, self._now().time())

    def _seconds_to_next_pass(self) -> float:
        waits = (
            self._storing.seconds_left(),
            self._silence.seconds_left(self._now().time()),
            float("inf") if self._storing.seconds_left() < float("inf") else self._inbox.seconds_left(),
        )
        return max(SHORTEST_WAIT_SECONDS, min(LIST_EVERY_SECONDS, *waits))
