"""The folder is the queue: which files wait, and what is in them.

All that is remembered here beside the last listing is which files to leave alone for how long, since
they did not parse or could not be moved.
"""

import contextlib
import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from visitorsflow.errors import FolderTrouble, NotCrossings

LARGEST_FILE = 64 * 2**20
OURS = frozenset({"stored", "rejected"})


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

    @property
    def name(self) -> str:
        return os.path.basename(self.path)


class Listing(NamedTuple):
    files: list[WaitingFile]  # oldest first
    arrived: bool  # whether one of them is new, or has changed
    trouble: str  # why a sub-folder could not be listed, or ""


class Inbox:
    """`folder` with its sub-folders, without FOLDER/stored and FOLDER/rejected.

    `settle_seconds`: how long a file that does not parse must lie unchanged (by `clock`, in monotonic
    seconds) before it may be rejected.
    """

    def __init__(
        self, folder: Path, settle_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder = folder
        self.folders = [str(folder)]  # with the sub-folders that the last listing found
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._seen: dict[str, Stamp] = {}
        self._postponed: dict[str, tuple[Stamp, float]] = {}

    def pending(self) -> Listing:
        """All files that wait. Raises FolderTrouble when the folder can't be listed."""
        waiting: list[WaitingFile] = []
        folders = [str(self.folder)]
        trouble = ""
        for folder in folders:  # grows while it is walked
            try:
                self._list(folder, waiting, folders)
            except OSError as error:
                if folder == folders[0]:
                    raise FolderTrouble(f"{self.folder} can't be listed: {error.strerror}") from error
                if os.path.lexists(folder):
                    trouble = f"{folder} can't be listed: {error.strerror}"
        waiting.sort(key=lambda file: (file.stamp.mtime_ns, file.path))
        seen = {file.path: file.stamp for file in waiting}
        arrived = any(self._seen.get(path) != stamp for path, stamp in seen.items())
        self._seen = seen
        self._postponed = {p: kept for p, kept in self._postponed.items() if seen.get(p) == kept[0]}
        self.folders = folders
        return Listing(waiting, arrived, trouble)

    def _list(self, folder: str, waiting: list[WaitingFile], folders: list[str]) -> None:
        ours = OURS if folder == folders[0] else ()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name in ours:
                    continue
                if entry.name.lower().endswith(".json"):
                    with contextlib.suppress(FileNotFoundError):  # gone since it was listed
                        status = entry.stat(follow_symlinks=False)
                        waiting.append(WaitingFile(entry.path, Stamp.of(status), _obstacle(status)))
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)

    def read(self, file: WaitingFile) -> tuple[bytes, Stamp]:
        """The content of a file, and the stamp that tells later whether somebody has written to it since.

        Raises NotCrossings when it can't be read as it is, FolderTrouble when the disk fails, and
        FileNotFoundError when it has gone.
        """
        if file.obstacle:
            raise NotCrossings(file.obstacle)
        # What was listed as a file may by now be a link or a pipe: follow nothing, wait for nothing.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            with open(os.open(file.path, flags), "rb") as stream:
                status = os.fstat(stream.fileno())
                obstacle = _obstacle(status)
                if obstacle:
                    raise NotCrossings(obstacle)
                return stream.read(status.st_size + 1), Stamp.of(status)  # what it grows by comes later
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.ELOOP):
                raise NotCrossings(f"can't be opened: {error.strerror}") from None
            raise FolderTrouble(f"{file.path} can't be read: {error.strerror}") from error

    def postpone(self, file: WaitingFile, seconds: float | None = None) -> None:
        """Leave it alone until it has changed, or for `seconds` (until it has settled)."""
        wait = self._settle_seconds if seconds is None else seconds
        self._postponed[file.path] = (file.stamp, self._clock() + wait)

    def is_due(self, file: WaitingFile) -> bool:
        """Whether it is time to read it (again)."""
        return file.path not in self._postponed or self.is_settled(file)

    def is_settled(self, file: WaitingFile) -> bool:
        """Whether it was postponed, and has not changed for all of that time."""
        postponed = self._postponed.get(file.path)
        return postponed is not None and self._clock() >= postponed[1]

    def has_postponed(self) -> bool:
        return bool(self._postponed)

    def seconds_left(self) -> float:
        """How long until the next postponed file is due; infinite when there is none."""
        first = min((until for _, until in self._postponed.values()), default=float("inf"))
        return max(0.0, first - self._clock())

    def forget(self, file: WaitingFile) -> None:
        """It was moved away: the next file of that name is a new one, however alike."""
        self._seen.pop(file.path, None)


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
