"""The loop: list the folder, read what waits, insert it, archive it, and tell what happened.

There is only one kind of pass, whether a camera writes one file, a backlog waits or a crash came:

1. list the folder, oldest first; a listing without anything new is silence
2. read and parse; what does not parse, or is still being written, is left until it has settled
3. insert many whole files in one transaction, and only then move them to stored/

The folder is the only memory. A process that dies at any point leaves files that the next one inserts
again, which adds nothing. What can't be read or moved now does not hold back the others.
"""

import contextlib
import logging
import math
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import (
    ConfigurationError,
    DatabaseAway,
    FolderTaken,
    FolderTrouble,
    NotCrossings,
)
from visitorsflow.events import (
    Event,
    Listed,
    Passed,
    ReadAgain,
    Rejected,
    Stored,
    TableReady,
    Tell,
    Warned,
)
from visitorsflow.formats import OURS, Format
from visitorsflow.intake import first_look
from visitorsflow.intake.archive import Archive, Outcome
from visitorsflow.intake.database_trouble import DatabaseTrouble
from visitorsflow.intake.files import Stamp
from visitorsflow.intake.inbox import Inbox, ReadFile, WaitingFile
from visitorsflow.intake.reader import BATCH_ROWS, Batch, Reader, Unread
from visitorsflow.intake.records import Interval
from visitorsflow.intake.rejected import rejected_today
from visitorsflow.intake.watch import FolderWatch, Wake, Watchdog
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.condition import Conditions
from visitorsflow.rules.delay import Delay
from visitorsflow.rules.limits import Disk
from visitorsflow.rules.silence import Silence
from visitorsflow.subjects import FILES, FOLDER, PART, PROGRAM, WAITING
from visitorsflow.text import counted, printable

LIST_EVERY_SECONDS = 5
SHORTEST_WAIT_SECONDS = 0.01
LONG_WAIT_SECONDS = 600  # a file that has waited for so long is said
DISK_EVERY_SECONDS = 60
OUT_OF_SIGHT_SECONDS = 60  # from one listing to the next: then nobody can say that nothing came
LONGEST_TURN_SECONDS = 5  # then the folder is listed again, whatever still waits
AT_END_SECONDS = 1  # for so long a batch is archived at the end, where moving a file takes long
Fate = Outcome | Reason  # of a file that was to be archived; or why it can't be moved
log = logging.getLogger(__name__)


class MayStore(Protocol):
    """Asks a person if files that may count twice are to be stored; None where nobody answers."""

    def __call__(self, reason: Reason) -> bool | None: ...


def nobody_to_ask(reason: Reason) -> bool | None:
    return None


class Archiving(NamedTuple):
    """A batch, without its rows, that is being archived; the fates are those of its first files so far."""

    batch: list[ReadFile]
    fates: list[Fate]
    done: "Future[None]"


class Uploader:
    """`tell` takes the events; `now` gives the local time of the venue, `clock` monotonic seconds.

    `form`: the format of the camera's files.
    """

    def __init__(
        self,
        inbox: Inbox,
        archive: Archive,
        table: PeopleFlow,
        silence: Silence,
        tell: Tell,
        wake: Wake,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        watchdog: Watchdog | None = None,
        form: Format = OURS,
        may_store: MayStore = nobody_to_ask,
    ) -> None:
        self._may_store = may_store
        self._inbox = inbox
        self._archive = archive
        self._table = table
        self._silence = silence
        self._tell = tell
        self._wake = wake
        self._now = now
        self._clock = clock
        self._watchdog = watchdog or Watchdog(clock)
        self._form = form
        self._reader = Reader(
            inbox,
            self._watchdog,
            form,
            table.camera,
            is_stopping=lambda: wake.stopping,
            rows=lambda: table.portion.of(BATCH_ROWS),
        )
        self._archiving: Archiving | None = None
        self._conditions = Conditions(tell, clock)
        self._database = DatabaseTrouble(self._conditions, clock)
        self._is_ready = False
        self._delay = Delay()
        self._disk = Disk()
        self._disk_looked = -math.inf
        self._listed = clock()
        self._waiting = 0  # files in the last listing
        self._rejected = 0  # files of which all or something was rejected

    def run(self) -> bool:
        """Work until the wake says stop, whatever fails; then return True.

        Raises ConfigurationError at the start, and FolderTaken.
        """
        self._begin()
        self._look_at_the_rejected()
        watch = FolderWatch(self._wake)
        try:
            while not self._wake.stopping:
                seconds = self.make_pass()
                self._watchdog.enter(str(self._inbox.folder))
                is_new = watch.follow(self._inbox.folders)
                self._watchdog.leave()
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
        self._begin()
        while not self._wake.stopping:
            seconds = self.make_pass()
            if not seconds:
                continue
            if self._conditions.any():
                return False
            if self._inbox.leaves_any():
                self._wake.wait(seconds)
            elif not self._waiting:
                return self._rejected == 0
        return False

    def make_pass(self) -> float:
        """Make one pass. Returns how many seconds to wait before the next; 0 when there is more to do."""
        try:
            more = self._pass()
            self._conditions.end(PROGRAM)
            return 0.0 if more else self._seconds_to_next_pass()
        except FolderTaken:
            raise
        except FolderTrouble as error:
            self._silence.blind()
            self._conditions.keep(FOLDER, error.reason)
        except Exception as error:  # a defect of ours must not end a process that runs for months
            reason = quoted(repr(error))
            if reason != self._conditions[PROGRAM].reason:
                log.exception("this pass failed, the next one follows")
            self._conditions.keep(PROGRAM, reason)
        finally:
            self._watchdog.leave()
            self._database.check()
            self._tell(Passed())
        return LIST_EVERY_SECONDS

    def _pass(self) -> bool:
        """List and work. True when there is more to do at once."""
        began = self._clock()
        listing = self._inbox.pending()
        if self._wake.stopping:  # the listing may be a part of the folder only
            return False
        self._conditions.end(FOLDER)
        self._conditions.keep(PART, listing.trouble)
        self._waiting = len(listing.files)
        listed = Listed(self._waiting, listing.arrived, listing.newest)
        self._tell(listed, *self._listen(listing.arrived, began))
        more = self._work_off(listing.files)
        self._look_at_the_delay(more)
        self._move_again()
        self._conditions.keep(FILES, self._look_again() or self._inbox.why_set_aside())
        self._conditions.keep(WAITING, self._inbox.long_waiting(LONG_WAIT_SECONDS))
        self._look_at_the_disk()
        self._archive.thin_out()
        return more

    def _listen(self, arrived: bool, began: float) -> tuple[Event, ...]:
        """Tell if this listing ends a silence, or makes it too long; on a slow share it began long ago."""
        before, self._listed = self._listed, self._clock()
        if arrived:
            return self._silence.arrived(self._listed)
        if began - before > OUT_OF_SIGHT_SECONDS:
            self._silence.blind()
        return self._silence.quiet(self._listed, self._now().time())

    def _work_off(self, files: list[WaitingFile]) -> bool:
        """Insert and archive what is due; nothing until the database's next retry. True: more to do."""
        began = self._clock()
        if not self._database.is_due(began):
            return False
        try:
            self._prepare_table()
            if not self._is_ready:
                return False
            more = self._store(files, began)
        except (DatabaseAway, ConfigurationError) as error:
            self._database.failed(error)
            return False
        if not more:
            self._database.caught_up()
        return more

    def _store(self, files: list[WaitingFile], began: float) -> bool:
        """Batch by batch: read, insert, archive. True when time is over before they are all stored.

        A batch is archived while the next one is inserted.
        """
        try:
            with contextlib.closing(self._reader.batches(files)) as batches:
                for read in batches:
                    batch = self._whole_files(read)
                    self._insert(batch)
                    self._tell_archived()
                    self._archive_meanwhile(batch)
                    if self._wake.stopping or self._clock() - began > LONGEST_TURN_SECONDS:
                        return True
        finally:
            self._tell_archived()
        return self._wake.stopping

    def _begin(self) -> None:
        """Take the folder, then make or check the table. Goes on when one of them is away.

        Raises FolderTaken and ConfigurationError; then nobody has heard of this uploader.
        """
        with contextlib.suppress(FolderTrouble):  # the first pass tells it
            self._inbox.make()
        try:
            self._prepare_table()
        except DatabaseAway as error:
            self._database.failed(error)

    def _prepare_table(self) -> None:
        self._watchdog.leave()  # the database has time limits of its own
        self._table.prepare()
        if not self._is_ready:
            double = first_look.look(self._table, self._inbox.folder, self._watchdog)
            self._watchdog.leave()
            if double and not self._is_to_be_stored(double):
                return
            self._is_ready = True
            self._tell(TableReady())

    def _is_to_be_stored(self, double: Reason) -> bool:
        """Ask; where nobody answers, say it and go on. After a no the loop ends."""
        answer = self._may_store(double)
        if self._wake.stopping:
            return False
        if answer is None:
            self._tell(Warned(double))
        if answer is False:
            self._wake.stop(": nothing was stored, as you have answered; see docs/migration.md")
        return answer is not False

    def _look_at_the_rejected(self) -> None:
        """Tell what was rejected today before this start."""
        self._watchdog.enter(str(self._inbox.folder))
        before = rejected_today(self._inbox.folder, self._now())
        self._watchdog.leave()
        if before:
            self._tell(before)

    def _whole_files(self, batch: Batch) -> list[ReadFile]:
        """Those that can be inserted. Rejects what has settled and is not whole, leaves the others."""
        whole = []
        for read in batch:
            if isinstance(read, ReadFile):
                whole.append(read)
            else:
                self._tell_archived()  # the batch before is older; and one thread at a time moves files
                self._leave(read)
        return whole

    def _leave(self, read: Unread) -> None:
        """Reject a file that was read and can't be taken, or let it be tried again later."""
        match read.error:
            case None:
                self._inbox.leave(read.file, has_writer=True)
            case NotCrossings() as error if read.is_settled:
                self._reject(read.file, error.reason, stamp=read.stamp)
            case NotCrossings():
                self._inbox.leave(read.file)
            case FolderTrouble() as error:
                self._inbox.set_aside(read.file, error.reason)
            case FileNotFoundError():
                self._inbox.set_aside(read.file, None)  # somebody else took it
            case error:
                reason = quoted(error) if str(error) else Reason("too large for memory")
                self._inbox.set_aside(read.file, reason)

    def _reject(self, file: WaitingFile, reason: Reason, *, stamp: Stamp) -> None:
        try:
            outcome = self._archive.reject(file, stamp, reason)
        except FolderTrouble as error:
            self._inbox.set_aside(file, error.reason)
            return
        if outcome is not Outcome.CHANGED:
            self._inbox.forget(file)
        if outcome is Outcome.MOVED:
            self._was_rejected(file, reason)

    def _insert(self, batch: list[ReadFile]) -> None:
        """Commit the rows of a batch."""
        self._watchdog.leave()
        if self._form.counts:
            self._say_what_is_lower(batch)
        if self._table.insert(crossing for read in batch for crossing in read.parsed.crossings):
            self._database.works()

    def _say_what_is_lower(self, batch: list[ReadFile]) -> None:
        """A count that is lower than the one before takes nobody out of the table: a person should know."""
        known = self._table.stored([one.next() for read in batch for one in read.parsed.intervals])
        for read in batch:
            lower = []
            for one in read.parsed.intervals:
                if one.next() in known:
                    lower.append(one)
                known.update(map(one.crossing, range(one.people)))
            if lower:
                log.warning("%s: %s", printable(read.file.name), _lower(lower))

    def _archive_meanwhile(self, batch: list[ReadFile]) -> None:
        """Have a batch moved away whose rows are committed."""
        moving, fates = [read.without_rows() for read in batch], list[Fate]()
        done = self._reader.meanwhile(partial(self._archive_batch, moving, fates))
        self._archiving = Archiving(moving, fates, done)

    def _archive_batch(self, batch: list[ReadFile], fates: list[Fate]) -> None:
        """Move its files, in whichever thread. What an end leaves is inserted again, which adds nothing."""
        began = self._clock()
        for read in batch:
            if self._wake.stopping and self._clock() - began > AT_END_SECONDS:
                return
            fates.append(self._fate(read))

    def _fate(self, read: ReadFile) -> Fate:
        try:
            return self._archive.archive(read)
        except FolderTrouble as error:
            return error.reason

    def _tell_archived(self) -> None:
        """Wait for the batch that is being archived, and tell of it, also when a defect has ended that."""
        if self._archiving is None:
            return
        archived, self._archiving = self._archiving, None
        try:
            archived.done.result()
        finally:
            fates = zip(archived.batch, archived.fates, strict=False)
            moved = [read for read, fate in fates if self._is_moved(read, fate)]
            self._database.caught_up_by(len(moved))
            if archived.batch:  # oldest first: a file that is put back, however old, is no backlog
                written = archived.batch[-1].stamp.mtime_ns / 1e9
                self._delay.stored(len(moved), self._now().timestamp() - written)
            self._tell_stored(moved)

    def _move_again(self) -> None:
        """Retry the moves that failed, after the fresh files; the next pass goes on when time is over."""
        began, moved = self._clock(), []
        for read in self._inbox.to_move():
            if self._is_moved(read, self._fate(read)):
                moved.append(read)
            if self._wake.stopping or self._clock() - began > LONGEST_TURN_SECONDS:
                break
        self._tell_stored(moved)

    def _tell_stored(self, moved: list[ReadFile]) -> None:
        if moved:
            last, records = moved[-1], sum(read.records for read in moved)
            until = max((read.until for read in moved if read.until), default=None)
            since = min((read.since for read in moved if read.since), default=None)
            lines = frozenset(line for read in moved for line in read.parsed.lines)
            left_out = sum(read.parsed.left_out for read in moved)
            longest = max(read.longest for read in moved)
            written = last.stamp.mtime_ns / 1e9
            self._tell(
                Stored(len(moved), records, until, last.said, written, since, lines, left_out, longest)
            )

    def _is_moved(self, read: ReadFile, fate: Fate) -> bool:
        if isinstance(fate, Reason):
            self._inbox.keep_for_its_move(read, fate)
            return False
        if fate is Outcome.CHANGED:
            self._inbox.leave(read.file)  # due when it is listed as changed; if that goes on, it is said
            return False
        self._inbox.forget(read.file)
        if fate is Outcome.MOVED and read.parsed.rejected:
            self._was_rejected(read.file, read.parsed.summary())
        return fate is Outcome.MOVED

    def _was_rejected(self, file: WaitingFile, reason: Reason) -> None:
        self._rejected += 1
        self._tell(Rejected(file.name, reason))

    def _look_again(self) -> Reason | None:
        """Notice what was written into files after they were moved. Returns why that can't be done."""
        try:
            for name in self._archive.look_again():
                self._tell(ReadAgain(name))
        except FolderTrouble as error:
            return error.reason
        return None

    def _look_at_the_delay(self, more: bool) -> None:
        """Notice that more files wait than can be stored. While the database is away, that is the trouble."""
        if not self._database.is_failing and not self._wake.stopping:
            now, is_told = self._clock(), self._database.is_told
            self._tell(*self._delay.check(now, more_wait=more, is_told=is_told))

    def _look_at_the_disk(self) -> None:
        now = self._clock()
        if now - self._disk_looked < DISK_EVERY_SECONDS:
            return
        self._disk_looked = now
        self._watchdog.enter(str(self._inbox.folder))
        with contextlib.suppress(OSError):
            usage = shutil.disk_usage(self._inbox.folder)
            self._tell(*self._disk.check(usage.free, usage.total, now))

    def _seconds_to_next_pass(self) -> float:
        retry = self._database.seconds_left()
        waits = (
            retry,
            self._silence.seconds_left(self._now().time()),
            math.inf if retry < math.inf else self._inbox.seconds_left(),
        )
        return max(SHORTEST_WAIT_SECONDS, min(LIST_EVERY_SECONDS, *waits))


def _lower(intervals: list[Interval]) -> str:
    first = intervals[0]
    return (
        f"{counted(len(intervals), 'count')} lower than before, which changes nothing;"
        f" the first is that of {first.start} to {first.end}"
    )
