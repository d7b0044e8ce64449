"""The folder is the queue: which files wait, and what is in them.

All that is remembered here beside the last listing is which files to leave alone for how long, since
they are not whole yet, are still being written, or could not be moved.
"""

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from visitorsflow.errors import FolderTrouble, NotCrossings
from visitorsflow.intake.files import OPEN_FLAGS, content, has_writer
from visitorsflow.intake.watch import Pulse

LARGEST_FILE = 64 * 2**20
OURS = frozenset({"stored", "rejected", "lost+found"})  # the last is the file system's


class Stamp(NamedTuple):
    """What changes whenever somebody writes into a file."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        return cls(status.st_size, status.st_mtime_ns)


class WaitingFile(NamedTuple):
    path: str
    stamp: Stamp
    obstacle: str  # why it can never be read, or ""
    device: int  # its st_dev

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


class Listing(NamedTuple):
    files: list[WaitingFile]  # oldest first
    newest: str  # the name of the newest of those that are new, or have changed; "" when none is
    trouble: str  # why a sub-folder could not be listed, or ""

    @property
    def arrived(self) -> bool:
        """Whether one of them is new, or has changed."""
        return bool(self.newest)


class Content(NamedTuple):
    """What was in a file when it was read; `has_writer`: None when that can't be told."""

    raw: bytes
    stamp: Stamp
    has_writer: bool | None


class _Postponed(NamedTuple):
    stamp: Stamp
    until: float
    since: float  # when it was first not whole, however it has changed since then; or infinite
    has_writer: bool


class Inbox:
    """`folder` with its sub-folders, without FOLDER/stored and FOLDER/rejected.

    `settle_seconds`: how long a file that does not parse, or has a writer, must lie unchanged (by
    `clock`, in monotonic seconds) before it is rejected, or taken as it is.
    """

    def __init__(
        self,
        folder: Path,
        settle_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        pulse: Pulse | None = None,
    ) -> None:
        self.folder = folder
        self.folders = [str(folder)]  # with the sub-folders that the last listing found
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._pulse = pulse or Pulse()
        self._is_made = False
        self._seen: dict[str, Stamp] = {}
        self._postponed: dict[str, _Postponed] = {}

    def pending(self) -> Listing:
        """All files that wait. Raises FolderTrouble when the folder can't be listed, or made at the start."""
        self._make_once()
        waiting: list[WaitingFile] = []
        folders = [str(self.folder)]
        trouble = ""
        for folder in folders:  # grows while it is walked
            try:
                trouble = _list(folder, waiting, folders, self._pulse) or trouble
            except OSError as error:
                if folder == folders[0]:
                    raise FolderTrouble(f"{self.folder} can't be listed: {error.strerror}") from error
                if os.path.lexists(folder):
                    trouble = f"{folder} can't be listed: {error.strerror}"
        waiting.sort(key=lambda file: (file.stamp.mtime_ns, file.path))
        seen = {file.path: file.stamp for file in waiting}
        new = (file.name for file in reversed(waiting) if self._seen.get(file.path) != file.stamp)
        newest = next(new, "")
        self._seen = seen
        self._postponed = {path: kept for path, kept in self._postponed.items() if path in seen}
        self.folders = folders
        return Listing(waiting, newest, trouble)

    def _make_once(self) -> None:
        """Make the folder at the start. A share that is not mounted yet is a trouble that may pass."""
        if self._is_made:
            return
        self._pulse.beat(str(self.folder))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderTrouble(f"{self.folder} can't be made: {error.strerror}") from error
        self._is_made = True

    def read(self, file: WaitingFile) -> Content:
        """What is in a file, and whether somebody still writes to it.

        Raises NotCrossings when it can't be read as it is, FolderTrouble when the disk fails, and
        FileNotFoundError when it has gone.
        """
        if file.obstacle:
            raise NotCrossings(file.obstacle)
        self._pulse.beat(file.path)
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
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.ELOOP):
                raise NotCrossings(f"can't be opened: {error.strerror}") from None
            raise FolderTrouble(f"{file.path} can't be read: {error.strerror}") from error

    def postpone(self, file: WaitingFile, seconds: float | None = None, *, has_writer: bool = False) -> None:
        """Leave it alone until it has changed, or for `seconds` (until it has settled).

        With `has_writer` it stays due, since nothing but reading tells when its writer has closed it.
        With `seconds` it does not wait for its writer, but for something that is told by itself.
        """
        now = self._clock()
        before = self._postponed.get(file.path)
        until = now + (self._settle_seconds if seconds is None else seconds)
        if before and has_writer and before.has_writer and before.stamp == file.stamp:
            until = before.until
        since = before.since if before and before.since < float("inf") else now
        if seconds is not None:
            since = float("inf")
        self._postponed[file.path] = _Postponed(file.stamp, until, since, has_writer)

    def is_due(self, file: WaitingFile) -> bool:
        """Whether it is time to read it (again)."""
        kept = self._postponed.get(file.path)
        return kept is None or kept.stamp != file.stamp or kept.has_writer or self._clock() >= kept.until

    def is_settled(self, file: WaitingFile) -> bool:
        """Whether it was postponed, and has not changed for all of that time."""
        kept = self._postponed.get(file.path)
        return kept is not None and kept.stamp == file.stamp and self._clock() >= kept.until

    def has_postponed(self) -> bool:
        return bool(self._postponed)

    def seconds_left(self) -> float:
        """How long until the next postponed file is due; infinite when there is none."""
        first = min((kept.until for kept in self._postponed.values()), default=float("inf"))
        return max(0.0, first - self._clock())

    def long_waiting(self, seconds: float) -> str:
        """The name of the file that has been postponed for longest, if that is for so long; else ""."""
        path, kept = min(self._postponed.items(), key=lambda item: item[1].since, default=("", _NEVER))
        return "" if self._clock() - kept.since < seconds else os.path.basename(path)

    def forget(self, file: WaitingFile) -> None:
        """It was moved away: the next file of that name is a new one, however alike."""
        self._seen.pop(file.path, None)
        self._postponed.pop(file.path, None)


def _list(folder: str, waiting: list[WaitingFile], folders: list[str], pulse: Pulse) -> str:
    """List one folder. Returns why something in it can't be looked at, which holds up nothing else."""
    trouble = ""
    ours = OURS if folder == folders[0] else ()
    pulse.beat(folder)
    with os.scandir(folder) as entries:
        for entry in entries:
            pulse.beat(folder)
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
                continue  # gone since it was listed
            except OSError as error:
                trouble = f"{entry.path} can't be looked at: {error.strerror}"
    return trouble


_NEVER = _Postponed(Stamp(0, 0), 0, float("inf"), has_writer=False)


def _obstacle(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link, and links are not followed"
    if stat.S_ISDIR(status.st_mode):
        return "is a folder, not a file"
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file"
    if status.st_size > LARGEST_FILE:
        return f"is larger than {LARGEST_FILE // 2**20} MB"
    return ""
