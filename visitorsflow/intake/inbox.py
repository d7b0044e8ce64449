"""The folder is the queue: the files that wait, and their content.

All that is remembered here beside the last listing is which files to leave alone until when, and why: they
are not whole yet, are still being written, or can't be read or moved now.
"""

import errno
import math
import os
import stat
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from visitorsflow.errors import FolderTrouble, NotCrossings
from visitorsflow.intake.claim import Claim
from visitorsflow.intake.crossings import Parsed
from visitorsflow.intake.files import OPEN_FLAGS, Stamp, content, has_writer
from visitorsflow.intake.watch import Watchdog
from visitorsflow.reasons import Reason, os_reason, quoted

LARGEST_FILE = 64 * 2**20
ASIDE_SECONDS = 10  # until what can't be read or moved is tried again
LONGEST_ASIDE_SECONDS = 60
OURS = frozenset({"stored", "rejected", "lost+found"})  # the last is the file system's


class WaitingFile(NamedTuple):
    path: str
    stamp: Stamp
    obstacle: Reason | None  # why it can never be read
    device: int  # its st_dev

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


class Listing(NamedTuple):
    files: list[WaitingFile]  # oldest first
    newest: str  # the name of the newest of those that are new, or have changed; "" when none is
    trouble: Reason | None  # why a sub-folder could not be listed

    @property
    def arrived(self) -> bool:
        """Is one of them new, or has it changed."""
        return bool(self.newest)


class Content(NamedTuple):
    """The content of a file when it was read; `has_writer`: None when that can't be told."""

    raw: bytes
    stamp: Stamp
    has_writer: bool | None


class ReadFile(NamedTuple):
    """A file as it was read: its stamp and content from then, and if somebody still wrote to it."""

    file: WaitingFile
    stamp: Stamp
    digest: int
    parsed: Parsed
    has_writer: bool | None = None  # None: that can't be told
    records: int = 0  # crossings
    until: datetime | None = None  # the time of its last crossing
    since: datetime | None = None  # of its first
    said: datetime | None = None  # the camera's time when it wrote the file, as far as that is known
    longest: float = 0.0  # seconds of its longest interval

    def without_rows(self) -> "ReadFile":
        """The same without its rows, when they are committed: what waits for its move needs none."""
        return (
            self
            if self.parsed.rejected
            else self._replace(parsed=self.parsed._replace(crossings=[], intervals=()))
        )


class _Left(NamedTuple):
    """A file that is left alone until it has changed, or until then."""

    stamp: Stamp
    until: float
    since: float  # when it was first left alone, however it has changed since then
    has_writer: bool = False  # it stays due: nothing but reading tells when its writer has closed it
    is_set_aside: bool = False  # it can't be read or moved now
    reason: Reason | None = None  # that is told by itself
    committed: ReadFile | None = None  # its rows are in the table: only its move is tried again
    wait: float = 0.0  # the last one, which the next one doubles


class IsStopping(Protocol):
    """Is the program to end now."""

    def __call__(self) -> bool: ...


class Inbox:
    """`folder` with its sub-folders, without FOLDER/stored and FOLDER/rejected.

    `settle_seconds`: how long a file that does not parse, or has a writer, must lie unchanged (by
    `clock`, in monotonic seconds) before it is rejected, or taken as it is. A listing ends early when
    `is_stopping()`: on a slow share one may take minutes. `claim` is taken when the folder is there.
    """

    def __init__(
        self,
        folder: Path,
        settle_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        watchdog: Watchdog | None = None,
        is_stopping: IsStopping = lambda: False,
        claim: Claim | None = None,
    ) -> None:
        self.folder = folder
        self.folders = [str(folder)]  # with the sub-folders that the last listing found
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._watchdog = watchdog or Watchdog()
        self._is_made = False
        self._seen: dict[str, Stamp] = {}
        self._left: dict[str, _Left] = {}  # by path
        self._not_found: dict[str, float] = {}  # listed names that lead to no file, and since when
        self._is_stopping = is_stopping
        self._claim = claim

    def pending(self) -> Listing:
        """All files that wait. Raises FolderTrouble when the folder can't be listed, or made at the start.

        Raises FolderTaken when another uploader works on it.
        """
        self.make()
        waiting: list[WaitingFile] = []
        folders = [str(self.folder)]
        trouble: Reason | None = None
        not_found: list[str] = []
        for folder in folders:  # grows while it is walked
            try:
                trouble = self._list(folder, waiting, folders, not_found) or trouble
            except OSError as error:
                if folder == folders[0]:
                    raise FolderTrouble(_unlisted(folder, error)) from error
                if os.path.lexists(folder):
                    trouble = _unlisted(folder, error)
        self._watchdog.leave()
        waiting.sort(key=lambda file: (file.stamp.mtime_ns, file.path))
        seen = {file.path: file.stamp for file in waiting}
        new = (file.name for file in reversed(waiting) if self._seen.get(file.path) != file.stamp)
        newest = next(new, "")
        self._seen = seen
        self._left = {path: left for path, left in self._left.items() if path in seen}
        now = self._clock()
        self._not_found = {path: self._not_found.get(path, now) for path in not_found}
        self.folders = folders
        return Listing(waiting, newest, trouble)

    def _list(
        self, folder: str, waiting: list[WaitingFile], folders: list[str], not_found: list[str]
    ) -> Reason | None:
        """List one folder. Returns why something in it can't be looked at, which holds up nothing else."""
        trouble = None
        ours = OURS if folder == folders[0] else ()
        self._watchdog.enter(folder)
        with os.scandir(folder) as entries:
            for entry in entries:
                self._watchdog.enter(folder)
                if self._is_stopping():
                    break
                if entry.name.startswith(".") or entry.name in ours:
                    continue
                try:
                    if entry.name.lower().endswith(".json"):
                        status = entry.stat(follow_symlinks=False)
                        found = WaitingFile(entry.path, Stamp.of(status), _obstacle(status), status.st_dev)
                        waiting.append(found)
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                except FileNotFoundError:
                    not_found.append(entry.path)  # gone since it was listed, mostly
                except OSError as error:
                    trouble = Reason("unseen", path=entry.path, why=os_reason(error))
        return trouble

    def make(self) -> None:
        """Make the folder at the start. A share that is not mounted yet is a trouble that may pass."""
        if self._is_made:
            return
        self._watchdog.enter(str(self.folder))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderTrouble(Reason("unmade", path=str(self.folder), why=os_reason(error))) from error
        if self._claim:
            self._claim.take()
        self._is_made = True

    def read(self, file: WaitingFile) -> Content:
        """Read a file, and ask if somebody still writes to it.

        Raises NotCrossings when it can't be read as it is, FolderTrouble when the disk fails, and
        FileNotFoundError when it has gone.
        """
        if file.obstacle:
            raise NotCrossings(file.obstacle)
        self._watchdog.enter(file.path)
        # What was listed as a file may by now be a link or a pipe: follow nothing, wait for nothing.
        try:
            fd = os.open(file.path, OPEN_FLAGS)
            try:
                writer = has_writer(fd, file.device)
                status = os.fstat(fd)
                if obstacle := _obstacle(status):
                    raise NotCrossings(obstacle)
                # What it grows by meanwhile comes later: then it does not parse, or has another stamp.
                return Content(content(fd, status.st_size), Stamp.of(status), writer)
            finally:
                os.close(fd)
                self._watchdog.leave()  # what follows is our own work
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.ELOOP):
                raise NotCrossings(Reason("unopened", why=os_reason(error))) from None
            raise FolderTrouble(Reason("unread", path=file.path, why=os_reason(error))) from error

    def leave(self, file: WaitingFile, *, has_writer: bool = False) -> None:
        """Leave alone what is not whole yet, until it has changed or has settled."""
        before = self._left.get(file.path)
        since = before.since if before and not before.is_set_aside else self._clock()
        until = self._clock() + self._settle_seconds
        if before and has_writer and before.has_writer and before.stamp == file.stamp:
            until = before.until
        self._left[file.path] = _Left(file.stamp, until, since, has_writer)

    def set_aside(self, file: WaitingFile, reason: Reason | None) -> None:
        """Try again later what can't be read or moved now; `reason` is None where somebody took it away."""
        now = self._clock()
        self._left[file.path] = _Left(file.stamp, now + ASIDE_SECONDS, now, is_set_aside=True, reason=reason)

    def keep_for_its_move(self, read: ReadFile, reason: Reason) -> None:
        """Retry the move of a file whose rows are committed, after 10, 20 … 60 s; it is not read again."""
        now, before = self._clock(), self._left.get(read.file.path)
        wait = min(LONGEST_ASIDE_SECONDS, 2 * before.wait if before and before.committed else ASIDE_SECONDS)
        self._left[read.file.path] = _Left(read.file.stamp, now + wait, now, False, True, reason, read, wait)

    def to_move(self) -> list[ReadFile]:
        """The files whose rows are committed, and whose move is due."""
        now = self._clock()
        return [left.committed for left in self._left.values() if left.committed and now >= left.until]

    def is_due(self, file: WaitingFile) -> bool:
        """Is it time to read it (again)."""
        left = self._left.get(file.path)
        if left is None or left.stamp != file.stamp or left.has_writer:
            return True
        return self._clock() >= left.until and not left.committed

    def is_settled(self, file: WaitingFile) -> bool:
        """Was it left alone, and has it not changed for all of that time."""
        left = self._left.get(file.path)
        return left is not None and left.stamp == file.stamp and self._clock() >= left.until

    def leaves_any(self) -> bool:
        return bool(self._left)

    def seconds_left(self) -> float:
        """The seconds until the next file is due that was left alone; infinite when there is none."""
        first = min((left.until for left in self._left.values()), default=math.inf)
        return max(0.0, first - self._clock())

    def why_set_aside(self) -> Reason | None:
        """Why the first of those that were set aside can't be read or moved; None when there is none."""
        return next((left.reason for left in self._left.values() if left.reason), None)

    def long_waiting(self, seconds: float) -> Reason | None:
        """The name of the file that is not whole, or can't be found, for longest, if that is for so long."""
        waiting = [(left.since, path) for path, left in self._left.items() if not left.is_set_aside]
        waiting += [(since, path) for path, since in self._not_found.items()]
        since, path = min(waiting, default=(math.inf, ""))
        return quoted(os.path.basename(path)) if self._clock() - since >= seconds else None

    def forget(self, file: WaitingFile) -> None:
        """Take note that it was moved away: the next file of that name is a new one, however alike."""
        self._seen.pop(file.path, None)
        self._left.pop(file.path, None)


def _unlisted(folder: str, error: OSError) -> Reason:
    return Reason("unlisted", path=folder, why=os_reason(error))


def _obstacle(status: os.stat_result) -> Reason | None:
    if stat.S_ISLNK(status.st_mode):
        return Reason("is a link")
    if stat.S_ISDIR(status.st_mode):
        return Reason("is a folder")
    if not stat.S_ISREG(status.st_mode):
        return Reason("is no file")
    if status.st_size > LARGEST_FILE:
        return Reason("is too large", megabytes=LARGEST_FILE // 2**20)
    return None
