"""Files that are whole become batches: read together, inserted in one transaction, then archived.

What can't be read or moved now does not hold back the others.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from visitorsflow.errors import FolderTrouble, NotCrossings
from visitorsflow.events import ReadAgain, Rejected, Stored
from visitorsflow.intake.archive import Archive, Outcome, ReadFile
from visitorsflow.intake.crossings import parse, time_in_name
from visitorsflow.intake.digest import digest
from visitorsflow.intake.inbox import Inbox, Stamp, WaitingFile

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
