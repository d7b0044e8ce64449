"""The loop: list the folder, read what waits, commit it, move it away; and notice when nothing comes.

One pass, which is all there is, whether a camera writes one file, a backlog waits or a crash came:

1. list the folder, oldest first; a listing without anything new is silence
2. read and parse; what does not parse is left until it has settled, then rejected
3. store many whole files in one transaction
4. only then move them to stored/

The folder is the only memory: a process that dies at any point leaves files that the next one stores
again, which adds nothing.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from visitorsflow.alerts import Alerts
from visitorsflow.archive import Archive
from visitorsflow.crossings import Parsed, parse
from visitorsflow.database import PeopleFlow
from visitorsflow.errors import ConfigurationError, DatabaseAway, FolderTrouble, NotCrossings
from visitorsflow.idle import IdleTimer
from visitorsflow.inbox import Inbox, Stamp, WaitingFile
from visitorsflow.trouble import Trouble
from visitorsflow.wake import FolderWatch, Wake

log = logging.getLogger(__name__)

LIST_EVERY_SECONDS = 5
SHORTEST_WAIT_SECONDS = 0.01
BATCH_ROWS = 5_000
BATCH_FILES = 500


class ReadFile(NamedTuple):
    file: WaitingFile
    stamp: Stamp
    parsed: Parsed


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
        self._refusal = ""  # why a file could not be listed, read or moved in this pass
        self._moved = 0
        self._caught_up: int | None = None  # files stored since a trouble that was alerted

    def open_table(self) -> None:
        """Make or check the table. Raises ConfigurationError; a database that is away is waited for."""
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
            if not self.inbox.is_ripening():
                return self.rejected == 0
            self.wake.wait(self._seconds_to_next_pass())
        return False

    def _supervised_pass(self) -> bool:
        try:
            return self._pass()
        except Exception as error:  # a defect of ours must not end a process that runs for months
            self._refusal = repr(error)
            if self._look_after_folder():
                log.exception("this pass failed, the next one follows")
            return False
        finally:
            self.alerts.tick()

    def _pass(self) -> bool:
        """List and work. True when there is more to do at once."""
        self._refusal, self._moved = "", 0
        try:
            waiting, arrived = self.inbox.pending()
        except FolderTrouble as error:
            self.idle.blind(self.clock())
            self._refusal = str(error)
            self._look_after_folder()
            return False
        self._look_for_silence(arrived)
        more = False
        if self._database.is_due() and self._folder.is_due():
            more = self._work_off(waiting)
            self._look_after_folder()
        if self._database.is_worth_telling():
            self.alerts.database_away(len(waiting))
            self._caught_up = 0
        return more

    def _look_for_silence(self, arrived: bool) -> None:
        if arrived:
            silence = self.idle.arrived(self.clock())
            if silence is not None:
                self.alerts.data_again(silence)
        elif self.idle.quiet(self.clock(), self.now().time()):
            self.alerts.idle(self.idle.limit)

    def _look_after_folder(self) -> bool:
        """Remember whether anything was refused in this pass; True when it was, for a new reason."""
        if not self._refusal:
            if self._folder.over():
                self.alerts.folder_well()
            return False
        is_new = self._folder.failed(self._refusal, back_off=not self._moved)
        if self._folder.is_worth_telling():
            self.alerts.folder_trouble(self._refusal)
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
            rows += len(read.parsed.crossings)
            if rows >= BATCH_ROWS or len(batch) >= BATCH_FILES:
                yield batch
                batch, rows = [], 0
        if batch:
            yield batch

    def _read(self, file: WaitingFile) -> ReadFile | None:
        """A file that is whole; None when it is to be tried again later, or was rejected."""
        try:
            raw, stamp = self.inbox.read(file)
            return ReadFile(file, stamp, parse(raw, file.name))
        except FileNotFoundError:
            return None  # somebody else took it
        except NotCrossings as error:
            if self.inbox.is_settled(file):
                self._reject(file, str(error))
            else:
                self.inbox.leave_to_ripen(file)
        except FolderTrouble as error:
            self._refusal = str(error)
        return None

    def _reject(self, file: WaitingFile, reason: str) -> None:
        try:
            self.archive.reject(file, reason)
        except FolderTrouble as error:
            self._refusal = str(error)
        else:
            self._moved += 1
            self._say_rejected(file, reason)

    def _put_away(self, batch: list[ReadFile]) -> None:
        """Their rows are committed."""
        moved = [read for read in batch if self._store_away(read)]
        self._moved += len(moved)
        if self._caught_up is not None:
            self._caught_up += len(moved)
        times = [c.time for read in moved for c in read.parsed.crossings]
        if moved:
            counts = f"{_count(len(moved), 'file')}, {_count(len(times), 'record')}"
            until = f" up to {max(times)}" if times else ""
            log.info("stored %s from camera %s%s", counts, self.camera, until)

    def _store_away(self, read: ReadFile) -> bool:
        try:
            self.archive.store_away(*read)
        except FolderTrouble as error:
            self._refusal = str(error)
            return False
        if read.parsed.rejected:
            self._say_rejected(read.file, read.parsed.summary())
        return True

    def _say_rejected(self, file: WaitingFile, reason: str) -> None:
        log.warning("rejected: %s %s", file.name, reason)
        self.alerts.rejected(file.name)
        self.rejected += 1

    def _seconds_to_next_pass(self) -> float:
        if self._database.lasts or self._folder.lasts:
            work = min(t.seconds_left() for t in (self._database, self._folder) if t.lasts)
        else:
            work = self.inbox.seconds_to_settle()
        silence = self.idle.seconds_left(self.now().time())
        return max(SHORTEST_WAIT_SECONDS, min(LIST_EVERY_SECONDS, work, silence))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
