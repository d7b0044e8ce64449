"""The loop: list the folder, read what waits, insert it, archive it, and tell what happened.

There is only one kind of pass, whether a camera writes one file, a backlog waits or a crash came:

1. list the folder, oldest first; a listing without anything new is silence
2. read and parse; what does not parse is left until it has settled, then rejected
3. insert many whole files in one transaction, and only then move them to stored/

The folder is the only memory. A process that dies at any point leaves files that the next one inserts
again, which adds nothing.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import ConfigurationError, DatabaseAway, FolderTrouble
from visitorsflow.events import Event, Listed, Passed
from visitorsflow.intake.archive import Archive, ReadFile
from visitorsflow.intake.batches import Batches
from visitorsflow.intake.inbox import Inbox, Listing, WaitingFile
from visitorsflow.intake.watch import FolderWatch, Wake
from visitorsflow.rules.backoff import Backoff
from visitorsflow.rules.condition import Condition
from visitorsflow.rules.silence import Silence

log = logging.getLogger(__name__)

LIST_EVERY_SECONDS = 5
SHORTEST_WAIT_SECONDS = 0.01
LONGEST_BACKOFF_SECONDS = 30


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
    ) -> None:
        self._inbox = inbox
        self._batches = Batches(inbox, archive, tell)
        self._table = table
        self._silence = silence
        self._tell = tell
        self._wake = wake
        self._now = now
        self._clock = clock
        self._database = Condition("database")
        self._folder = Condition("folder")
        self._files = Condition("files")
        self._program = Condition("program")
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)  # of the database
        self._waiting = 0  # files in the last listing

    def open_table(self) -> None:
        """Make or check the table. Raises ConfigurationError; goes on when the database is away."""
        try:
            self._table.prepare()
        except DatabaseAway as error:
            self._database_failed(error)

    def run(self) -> None:
        """Work until the wake says stop; whatever fails, it goes on."""
        watch = FolderWatch(self._wake)
        try:
            while not self._wake.stopping:
                seconds = self.make_pass()
                # What came into a folder before it was watched is found by listing it once more.
                if not watch.follow(self._inbox.folders):
                    self._wake.wait(seconds)
        finally:
            watch.close()

    def once(self) -> bool:
        """Work off what is in the folder. False when anything was rejected or still waits."""
        troubles = (self._database, self._folder, self._files, self._program)
        while not self._wake.stopping:
            seconds = self.make_pass()
            if not seconds:
                continue
            if any(trouble.active for trouble in troubles):
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
            self._keep(self._program, "")
            return 0.0 if more else self._seconds_to_next_pass()
        except FolderTrouble as error:
            self._silence.blind()
            self._keep(self._folder, str(error))
        except Exception as error:  # a defect of ours must not end a process that runs for months
            if repr(error) != self._program.reason:
                log.exception("this pass failed, the next one follows")
            self._keep(self._program, repr(error))
        finally:
            if self._retry.failing:
                self._tell(*self._database.check(self._clock()))
            self._tell(Passed())
        return LIST_EVERY_SECONDS

    def _pass(self) -> bool:
        """List and work. True when there is more to do at once."""
        listing = self._inbox.pending()
        self._waiting = len(listing.files)
        self._tell(Listed(self._waiting, listing.arrived), *self._listen(listing))
        more = self._retry.is_due(self._clock()) and self._work_off(listing.files)
        self._keep(self._folder, listing.trouble)
        self._keep(self._files, self._batches.why_stuck(listing.files))
        return more

    def _listen(self, listing: Listing) -> tuple[Event, ...]:
        if listing.trouble:
            self._silence.blind()
        if listing.arrived:
            return self._silence.arrived(self._clock())
        return self._silence.quiet(self._clock(), self._now().time())

    def _keep(self, condition: Condition, trouble: str) -> None:
        """Tell what is new of a condition; it is the matter while `trouble` says something."""
        now = self._clock()
        events = condition.begin(now, trouble) + condition.check(now) if trouble else condition.end(now)
        self._tell(*events)

    def _work_off(self, files: list[WaitingFile]) -> bool:
        """Insert and archive what is due. True when it was broken off to list again."""
        listed = self._clock()
        try:
            self._table.prepare()
            for batch in self._batches.read(files):
                self._insert(batch)
                self._database.catch_up(self._batches.archive(batch))
                if self._wake.stopping or self._clock() - listed > LIST_EVERY_SECONDS:
                    return True
        except (DatabaseAway, ConfigurationError) as error:
            self._database_failed(error)
            return False
        self._retry.reset()
        self._tell(*self._database.end(self._clock()))
        return False

    def _insert(self, batch: list[ReadFile]) -> None:
        """Commit the rows of a batch."""
        if self._table.insert(crossing for read in batch for crossing in read.parsed.crossings):
            self._retry.reset()
            # If it was told that the database is away, it is over only when all has been caught up.
            if not self._database.told:
                self._tell(*self._database.end(self._clock()))

    def _database_failed(self, error: Exception) -> None:
        self._retry.failed(self._clock())
        self._tell(*self._database.begin(self._clock(), str(error)))

    def _seconds_to_next_pass(self) -> float:
        now = self._clock()
        work = self._retry.seconds_left(now) if self._retry.failing else self._inbox.seconds_left()
        silence = self._silence.seconds_left(self._now().time())
        return max(SHORTEST_WAIT_SECONDS, min(LIST_EVERY_SECONDS, work, silence))
