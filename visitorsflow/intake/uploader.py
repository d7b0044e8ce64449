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
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses, FolderTrouble, NotCrossings
from visitorsflow.events import Event, Listed, Passed, ReadAgain, Rejected, Stored
from visitorsflow.intake.archive import Archive, Outcome, ReadFile
from visitorsflow.intake.crossings import parse, time_in_name
from visitorsflow.intake.files import digest
from visitorsflow.intake.inbox import Inbox, Stamp, WaitingFile
from visitorsflow.intake.watch import FolderWatch, Pulse, Wake
from visitorsflow.rules.condition import Backoff, Conditions
from visitorsflow.rules.limits import Disk
from visitorsflow.rules.silence import Silence

BATCH_ROWS = 5_000

BATCH_FILES = 500

STUCK_SECONDS = 10  # until a file that can't be read or moved is tried again


class Batches:
    """`tell` takes the events Rejected and Stored."""

    def __init__(self, inbox: Inbox, archive: Archive, tell: Callable[..., None]) -> None:
        self.rejected = 0  # files of which all or something was rejected
        self._inbox = inbox
        self._archive = archive
        self._tell = tell
        self._stuck: dict[str, str] = {}  # files that can't be read or moved now, and why

    def read(self, files: Iterable[WaitingFile]) -> Iterator[list[ReadFile]]:
        """Those that are due and whole, in batches. Rejects those that have settled and are not whole.

        A batch may be empty: who works them off looks up after BATCH_FILES, whatever was in these files.
        """
        batch: list[ReadFile] = []
        rows = looked_at = 0
        for file in filter(self._inbox.is_due, files):
            looked_at += 1
            read = self._read(file)
            if read:
                batch.append(read)
                rows += len(read.parsed.crossings) + len(read.parsed.rejected)
            if rows >= BATCH_ROWS or looked_at >= BATCH_FILES:
                yield batch
                batch, rows, looked_at = [], 0, 0
        if batch:
            yield batch

    def archive(self, batch: list[ReadFile]) -> int:
        """Move away a batch whose rows are committed. Returns how many files were moved."""
        moved = [read for read in batch if self._is_moved(read)]
        times = [crossing.time for read in moved for crossing in read.parsed.crossings]
        if moved:
            last = moved[-1]
            written = last.stamp.mtime_ns / 1e9
            self._tell(Stored(len(moved), len(times), max(times, default=None), _said(last), written))
        return len(moved)

    def look_again(self) -> str:
        """Notice what was written into files after they were moved. Returns why that can't be done, or ""."""
        try:
            for name in self._archive.look_again():
                self._tell(ReadAgain(name))
        except FolderTrouble as error:
            return str(error)
        return ""

    def why_stuck(self, files: Iterable[WaitingFile]) -> str:
        """Why the first of these files can't be read or moved; "" when there is none such."""
        if self._stuck:
            self._stuck = {file.path: self._stuck[file.path] for file in files if file.path in self._stuck}
        return next(iter(self._stuck.values()), "")

    def _read(self, file: WaitingFile) -> ReadFile | None:
        """A file that is whole; None when it was rejected, or is to be tried again later."""
        stamp, writer = file.stamp, None
        try:
            raw, stamp, writer = self._inbox.read(file)
            if writer and not (self._inbox.is_settled(file) and stamp == file.stamp):
                self._inbox.postpone(file, has_writer=True)
                return None
            return ReadFile(file, stamp, digest(raw), parse(raw, file.name), writer)
        except FileNotFoundError:
            self._inbox.postpone(file, STUCK_SECONDS)  # somebody else took it
        except NotCrossings as error:
            if self._inbox.is_settled(file) and stamp == file.stamp:
                self._reject(file, stamp, str(error))
            else:
                self._inbox.postpone(file)
        except (FolderTrouble, MemoryError) as error:
            self._set_aside(file, str(error) or "a file is too large for this machine's memory")
        return None

    def _reject(self, file: WaitingFile, stamp: Stamp, reason: str) -> None:
        try:
            outcome = self._archive.reject(file, stamp, reason)
        except FolderTrouble as error:
            self._set_aside(file, str(error))
            return
        if outcome is not Outcome.CHANGED:
            self._inbox.forget(file)
        if outcome is Outcome.MOVED:
            self._was_rejected(file, reason)

    def _is_moved(self, read: ReadFile) -> bool:
        try:
            outcome = self._archive.archive(read)
        except FolderTrouble as error:
            self._set_aside(read.file, str(error))
            return False
        if outcome is Outcome.CHANGED:
            self._inbox.postpone(read.file)  # due when it is listed as changed; for ever is told
            return False
        self._stuck.pop(read.file.path, None)
        self._inbox.forget(read.file)
        if outcome is Outcome.MOVED and read.parsed.rejected:
            self._was_rejected(read.file, read.parsed.summary())
        return outcome is Outcome.MOVED

    def _set_aside(self, file: WaitingFile, reason: str) -> None:
        self._stuck[file.path] = reason
        self._inbox.postpone(file, STUCK_SECONDS)

    def _was_rejected(self, file: WaitingFile, reason: str) -> None:
        self.rejected += 1
        self._tell(Rejected(file.name, reason))


def _said(read: ReadFile) -> datetime | None:
    """What the camera thought that it was: the later of the time in the name and the last crossing's."""
    named = time_in_name(read.file.name)
    times = [crossing.time for crossing in read.parsed.crossings] + ([named] if named else [])
    return max(times, default=None)


LONGEST_BACKOFF_SECONDS = 30

LONGEST_TURN_SECONDS = 5  # then the folder is listed again, whatever still waits

AWAY, REFUSES = "database", "refusal"  # the subjects


class Storing:
    """`batches` reads and archives, `table` takes the rows; `clock` gives monotonic seconds."""

    def __init__(
        self,
        batches: Batches,
        table: PeopleFlow,
        conditions: Conditions,
        pulse: Pulse,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._batches = batches
        self._table = table
        self._conditions = conditions
        self._pulse = pulse
        self._clock = clock
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)
        self._failing_since = 0.0

    def open_table(self) -> None:
        """Make or check the table. Raises ConfigurationError; goes on when the database is away."""
        try:
            self._table.prepare()
        except DatabaseAway as error:
            self._failed(error)

    def work_off(self, files: list[WaitingFile], is_stopping: Callable[[], bool]) -> bool:
        """Insert and archive what is due, or nothing while the database rests. True: there is more to do."""
        began = self._clock()
        if not self._retry.is_due(began):
            return False
        try:
            self._prepare()
            for batch in self._batches.read(files):
                self._insert(batch)
                self._archive(batch)
                if is_stopping() or self._clock() - began > LONGEST_TURN_SECONDS:
                    return True
        except (DatabaseAway, ConfigurationError) as error:
            self._failed(error)
            return False
        self._retry.reset()
        for what in (AWAY, REFUSES):
            self._conditions.end(what)
        return False

    def check(self) -> None:
        """Tell that the database is away, or refuses, when that has lasted."""
        if self._retry.failing:
            for what in (AWAY, REFUSES):
                self._conditions.check(what)

    def seconds_left(self) -> float:
        """How long until the next try; infinite when the last one did not fail."""
        return self._retry.seconds_left(self._clock()) if self._retry.failing else float("inf")

    def _prepare(self) -> None:
        self._pulse.rest()
        self._table.prepare()

    def _insert(self, batch: list[ReadFile]) -> None:
        """Commit the rows of a batch."""
        self._pulse.rest()  # the database has time limits of its own
        if self._table.insert(crossing for read in batch for crossing in read.parsed.crossings):
            self._retry.reset()
            # What has been told is over only when all has been caught up.
            for what in (AWAY, REFUSES):
                if not self._conditions[what].told:
                    self._conditions.end(what)

    def _archive(self, batch: list[ReadFile]) -> None:
        moved = self._batches.archive(batch)
        for what in (AWAY, REFUSES):
            self._conditions[what].catch_up(moved)

    def _failed(self, error: Exception) -> None:
        now = self._clock()
        if not self._retry.failing:
            self._failing_since = now
        self._retry.failed(now)
        is_there = isinstance(error, DatabaseRefuses | ConfigurationError)
        what, other = (REFUSES, AWAY) if is_there else (AWAY, REFUSES)
        if not self._conditions[other].told:
            self._conditions.end(other)  # it is something else now
        # A proxy may lead to a dead server and to one that refuses by turns: for us that is one trouble.
        self._conditions.begin(what, str(error), self._failing_since)


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
