"""The loop: list the folder, read what waits, commit it, move it away; and notice when nothing comes.

One pass, which is all there is, whether a camera writes one file, a backlog waits or a crash came:

1. list the folder, oldest first; a listing without anything new is silence
2. read and parse; what does not parse is left until it has settled, then rejected
3. store many whole files in one transaction, and only then move them to stored/

The folder is the only memory: a process that dies at any point leaves files that the next one stores
again, which adds nothing.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from visitorsflow.alerts.alerts import Alerts
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import ConfigurationError, DatabaseAway, FolderTrouble, NotCrossings
from visitorsflow.intake.archive import Archive, ReadFile
from visitorsflow.intake.crossings import parse
from visitorsflow.intake.inbox import Inbox, WaitingFile
from visitorsflow.intake.watch import FolderWatch, Wake
from visitorsflow.rules.condition import Trouble
from visitorsflow.rules.silence import IdleTimer

log = logging.getLogger(__name__)

LIST_EVERY_SECONDS = 5
SHORTEST_WAIT_SECONDS = 0.01
REFUSED_SECONDS = 10
BATCH_ROWS = 5_000
BATCH_FILES = 500


@dataclass
class Uploader:
    """`clock` gives monotonic seconds, `now` the local time of the venue."""

    inbox: Inbox
    archive: Archive
    table: PeopleFlow
    camera: str
    idle: IdleTimer
    alerts: Alerts
    wake: Wake
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    rejected: int = field(default=0, init=False)  # files of which all or something was rejected

    def __post_init__(self) -> None:
        self._database = Trouble("the database", self.clock)
        self._folder = Trouble("the folder", self.clock)
        self._refused: dict[str, str] = {}  # files that can't be read or moved now, and why
        self._waiting = 0  # files in the last listing
        self._whole_pass = True  # the last one came to its end
        self._caught_up: int | None = None  # files stored since a trouble that was alerted

    def open_table(self) -> None:
        """Make or check the table. Raises ConfigurationError; waits for a database that is away."""
        try:
            self.table.prepare()
        except DatabaseAway as error:
            self._database.failed(str(error))

    def run(self) -> None:
        """Work until the wake says stop; whatever fails, it goes on."""
        watch = FolderWatch(self.wake)
        try:
            while not self.wake.stopping:
                more = self._supervised_pass()
                # What came into a folder before it was watched is found by listing it once more.
                if not (watch.follow(self.inbox.folders) or more):
                    self.wake.wait(self._seconds_to_next_pass())
        finally:
            watch.close()

    def once(self) -> bool:
        """Work off what is in the folder. False when anything was rejected or still waits."""
        while not self.wake.stopping:
            if self._supervised_pass():
                continue
            if self._database.lasts or self._folder.lasts:
                return False
            if self.inbox.is_resting():
                self.wake.wait(self._seconds_to_next_pass())
            elif not self._waiting:
                return self.rejected == 0
        return False

    def _supervised_pass(self) -> bool:
        try:
            return self._pass()
        except FolderTrouble as error:
            self.idle.blind()
            self._look_after_folder(str(error))
        except Exception as error:  # a defect of ours must not end a process that runs for months
            if self._look_after_folder(repr(error)):
                log.exception("this pass failed, the next one follows")
        finally:
            if self._database.is_worth_telling() and self._caught_up is None:
                self.alerts.database_away(self._waiting)
                self._caught_up = 0
            self.alerts.tick()
        return False

    def _pass(self) -> bool:
        """List and work. True when there is more to do at once."""
        self._whole_pass = False
        waiting, arrived, trouble = self.inbox.pending()
        self._waiting = len(waiting)
        if trouble:
            self.idle.blind()
        self._look_for_silence(arrived)
        more = self._database.is_due() and self._work_off(waiting)
        if self._refused:
            self._refused = {f.path: self._refused[f.path] for f in waiting if f.path in self._refused}
        self._look_after_folder(trouble or next(iter(self._refused.values()), ""))
        self._whole_pass = True
        return more

    def _look_for_silence(self, arrived: bool) -> None:
        if arrived:
            silence = self.idle.arrived(self.clock())
            if silence is not None:
                self.alerts.data_again(silence)
        elif self.idle.quiet(self.clock(), self.now().time()):
            self.alerts.idle(self.idle.limit)

    def _look_after_folder(self, trouble: str) -> bool:
        """Say what is wrong with the folder, if anything is; True when that is something new."""
        if not trouble:
            if self._folder.over():
                self.alerts.folder_well()
            return False
        is_new = self._folder.failed(trouble)
        if self._folder.is_worth_telling():
            self.alerts.folder_trouble(trouble)
        return is_new

    def _work_off(self, waiting: list[WaitingFile]) -> bool:
        """Store what is ripe. True when it was broken off to list again."""
        listed = self.clock()
        try:
            self.table.prepare()
            for batch in self._batches(waiting):
                if self.table.store(c for read in batch for c in read.parsed.crossings):
                    self._database.over()
                self._put_away(batch)
                if self.wake.stopping or self.clock() - listed > LIST_EVERY_SECONDS:
                    return True
        except (DatabaseAway, ConfigurationError) as error:
            self._database.failed(str(error))
            return False
        self._database.over()
        if self._caught_up is not None:
            self.alerts.database_back(self._caught_up)
            self._caught_up = None
        return False

    def _batches(self, waiting: Iterable[WaitingFile]) -> Iterator[list[ReadFile]]:
        batch: list[ReadFile] = []
        rows = 0
        for file in waiting:
            read = self._read(file) if self.inbox.is_ripe(file) else None
            if read is None:
                continue
            batch.append(read)
            rows += len(read.parsed.crossings) + len(read.parsed.rejected)
            if rows >= BATCH_ROWS or len(batch) >= BATCH_FILES:
                yield batch
                batch, rows = [], 0
        if batch:
            yield batch

    def _read(self, file: WaitingFile) -> ReadFile | None:
        """A file that is whole; None when it is to be tried again later, or was rejected."""
        stamp = file.stamp
        try:
            raw, stamp = self.inbox.read(file)
            return ReadFile(file, stamp, parse(raw, file.name))
        except FileNotFoundError:
            self.inbox.rest(file, REFUSED_SECONDS)  # somebody else took it
        except NotCrossings as error:
            if self.inbox.is_settled(file) and stamp == file.stamp:
                self._reject(file, str(error))
            else:
                self.inbox.rest(file)
        except (FolderTrouble, MemoryError) as error:
            self._refuse(file, str(error) or "a file is too large for this machine's memory")
        return None

    def _reject(self, file: WaitingFile, reason: str) -> None:
        try:
            self.archive.reject(file, reason)
        except FolderTrouble as error:
            self._refuse(file, str(error))
        else:
            self.inbox.forget(file)
            self._say_rejected(file, reason)

    def _refuse(self, file: WaitingFile, reason: str) -> None:
        """It can't be read or moved now; the others go on."""
        self._refused[file.path] = reason
        self.inbox.rest(file, REFUSED_SECONDS)

    def _put_away(self, batch: list[ReadFile]) -> None:
        """Their rows are committed."""
        moved = [read for read in batch if self._store_away(read)]
        if self._caught_up is not None:
            self._caught_up += len(moved)
        times = [c.time for read in moved for c in read.parsed.crossings]
        if moved:
            counts = f"{_count(len(moved), 'file')}, {_count(len(times), 'record')}"
            until = f" up to {max(times)}" if times else ""
            log.info("stored %s from camera %s%s", counts, self.camera, until)

    def _store_away(self, read: ReadFile) -> bool:
        try:
            if not self.archive.store_away(read):
                return False
        except FolderTrouble as error:
            self._refuse(read.file, str(error))
            return False
        self._refused.pop(read.file.path, None)
        self.inbox.forget(read.file)
        if read.parsed.rejected:
            self._say_rejected(read.file, read.parsed.summary())
        return True

    def _say_rejected(self, file: WaitingFile, reason: str) -> None:
        log.warning("rejected: %s %s", file.name, reason)
        self.alerts.rejected(file.name)
        self.rejected += 1

    def _seconds_to_next_pass(self) -> float:
        if not self._whole_pass:
            return LIST_EVERY_SECONDS
        work = self._database.seconds_left() if self._database.lasts else self.inbox.seconds_to_settle()
        silence = self.idle.seconds_left(self.now().time())
        return max(SHORTEST_WAIT_SECONDS, min(LIST_EVERY_SECONDS, work, silence))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
