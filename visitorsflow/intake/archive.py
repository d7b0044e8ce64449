"""Where a file goes afterwards: FOLDER/stored/YYYY-MM-DD/ or FOLDER/rejected/.

Files are renamed, never copied, and never over another file.
"""

import contextlib
import enum
import math
import os
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from visitorsflow.errors import FolderTrouble
from visitorsflow.intake import lease
from visitorsflow.intake.crossings import Parsed
from visitorsflow.intake.digest import content, digest
from visitorsflow.intake.inbox import Stamp, WaitingFile
from visitorsflow.intake.names import REASON, Names, short
from visitorsflow.intake.pulse import Pulse
from visitorsflow.intake.rejected import RejectedFolder
from visitorsflow.intake.rename import rename
from visitorsflow.intake.second_look import Moved, SecondLook
from visitorsflow.text import printable

FOUND_FOR_SECONDS = 1
_PUT_BACK = re.compile(r"\.[0-9]{19}$")  # what we have added before


class ReadFile(NamedTuple):
    """A file as it was read: its stamp from then, what was in it, and whether somebody still wrote to it."""

    file: WaitingFile
    stamp: Stamp
    digest: int
    parsed: Parsed
    has_writer: bool | None = None  # None: that can't be told


class Outcome(enum.Enum):
    """What became of a file that was to be moved."""

    MOVED = enum.auto()
    GONE = enum.auto()  # somebody else, like a second uploader, has moved it
    CHANGED = enum.auto()  # somebody writes or has written to it since it was read: it waits to be read again


class Archive:
    """stored/ and rejected/ below `folder`; `today` is the local date that names the day's sub-folder.

    All methods raise FolderTrouble when a file can't be moved. Then it is where it was, and will be
    moved later. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        folder: Path,
        today: Callable[[], date],
        clock: Callable[[], float] = time.monotonic,
        pulse: Pulse | None = None,
    ) -> None:
        self._folder = folder
        self._today = today
        self._names = Names(folder)
        self._rejected = RejectedFolder(self._names)
        self._second_look = SecondLook(self._put_back, clock)
        self._clock = clock
        self._found = ("", -math.inf)  # today's folder in stored/, and until when it is taken to be there
        self._pulse = pulse or Pulse()

    def archive(self, read: ReadFile) -> Outcome:
        """Move a file whose rows are committed to stored/, after its rejected records to rejected/."""
        self._pulse.beat(read.file.path)
        try:
            return _outcome(read.file, lambda: self._archive(read))
        except FolderTrouble:
            self._found = ("", -math.inf)  # somebody may have taken it away
            raise

    def reject(self, file: WaitingFile, stamp: Stamp, reason: str) -> Outcome:
        """Move a file (or whatever it is) as it is to rejected/, with the reason beside it.

        `stamp` is that of the content to which the reason belongs.
        """
        self._pulse.beat(file.path)
        return _outcome(file, lambda: self._reject(file, stamp, reason))

    def look_again(self) -> list[str]:
        """Put back what was written to after it was moved; returns the names that these files had."""
        self._pulse.beat(str(self._folder))
        try:
            return [os.path.basename(moved.origin) for moved in self._second_look.look()]
        except OSError as error:
            raise FolderTrouble(str(error)) from error

    def _archive(self, read: ReadFile) -> Outcome:
        path, is_ours = read.file.path, read.has_writer is False
        fd = os.open(path, lease.OPEN_FLAGS)
        try:
            # Where no writer was seen, none can come from here on until it is moved.
            if is_ours and lease.has_writer(fd, read.file.device):
                return Outcome.CHANGED
            found = os.fstat(fd)
            if Stamp.of(found) != read.stamp or digest(content(fd, read.stamp.size)) != read.digest:
                return Outcome.CHANGED
            if is_ours:
                return self._move_to_stored(read, found)
        finally:
            os.close(fd)
        return self._move_to_stored(read)  # Windows moves no file that is open

    def _move_to_stored(self, read: ReadFile, expected: os.stat_result | None = None) -> Outcome:
        """`expected`: the file that was compared; on a disk that tells files apart it must be this one."""
        file, stamp, _, parsed, writer = read
        if parsed.rejected:
            self._rejected.keep_records(file.name, parsed)
        moved = Moved(self._move(file.path, self._todays_folder()), stamp, file.path)
        found = os.lstat(moved.path)
        is_other = expected is not None and not os.path.samestat(found, expected)
        if is_other or Stamp.of(found) != stamp:  # it was replaced or written to just before it was moved
            self._put_back(moved)
            return Outcome.CHANGED
        if writer is not False or found.st_nlink > 1:  # by another name it may still be written to
            self._second_look.add(moved)
        return Outcome.MOVED

    def _reject(self, file: WaitingFile, stamp: Stamp, reason: str) -> Outcome:
        if Stamp.of(os.lstat(file.path)) != stamp:
            return Outcome.CHANGED
        path = self._rejected.write_reason(file.name, f"{printable(file.name)} {printable(reason)}\n")
        assert path is not None
        try:
            os.rename(file.path, path)
        except OSError:
            os.unlink(path + REASON)
            raise
        self._second_look.add(Moved(path, stamp, file.path))
        return Outcome.MOVED

    def _todays_folder(self) -> str:
        """In stored/. It is looked for once a second, not for each of a thousand files."""
        folder, until = self._found
        now = self._clock()
        if now >= until:
            folder = self._names.folder("stored", f"{self._today():%Y-%m-%d}")
            self._found = (folder, now + FOUND_FOR_SECONDS)
        return folder

    def _put_back(self, moved: Moved) -> None:
        """Back into the queue, under a name that no camera writes and no other file has."""
        stem, extension = os.path.splitext(short(os.path.basename(moved.origin)))
        stem = _PUT_BACK.sub("", stem)
        name = f"{stem}.{time.time_ns()}{extension}"
        for folder in (os.path.dirname(moved.origin), str(self._folder)):
            with contextlib.suppress(OSError):
                os.rename(moved.path, os.path.join(folder, name))
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(moved.path + REASON)
                return
        raise OSError(f"it was written to while it was moved away; move {moved.path} back into the folder")

    def _move(self, source: str, folder: str) -> str:
        """Rename into `folder` under a free name; returns where it is now."""
        for path in self._names.candidates(folder, os.path.basename(source)):
            with contextlib.suppress(FileExistsError):
                rename(source, path)
                return path
        raise AssertionError("unreachable")


def _outcome(file: WaitingFile, move: Callable[[], Outcome]) -> Outcome:
    try:
        return move()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.lexists(file.path):
            return Outcome.GONE
        raise FolderTrouble(f"{file.path} can't be moved: {error}") from error
