"""Where a file goes afterwards: FOLDER/stored/YYYY-MM-DD/ or FOLDER/rejected/.

Files are renamed, never copied, and never over another file.
"""

import contextlib
import enum
import errno
import itertools
import os
import stat
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from visitorsflow.errors import FolderTrouble
from visitorsflow.intake.crossings import Parsed
from visitorsflow.intake.inbox import Stamp, WaitingFile
from visitorsflow.intake.rename import rename
from visitorsflow.text import printable

REASON = ".reason.txt"
REASONS_SHOWN = 1000
LONGEST_NAME = 255 - len(REASON) - len(".123456789")  # bytes; what most file systems allow
HOW_TO_TRY_AGAIN = "To try again, mend the file and move it back into the watched folder.\n"


class ReadFile(NamedTuple):
    """A file as it was read: its stamp from then, and what is in it."""

    file: WaitingFile
    stamp: Stamp
    parsed: Parsed


class Outcome(enum.Enum):
    """What became of a file that was to be moved."""

    MOVED = enum.auto()
    GONE = enum.auto()  # somebody else, like a second uploader, has moved it
    CHANGED = enum.auto()  # somebody has written to it since it was read: it waits, to be read once more


class Archive:
    """stored/ and rejected/ below `folder`; `today` is the local date that names the day's sub-folder.

    All methods raise FolderTrouble when a file can't be moved. Then it is where it was, and will be
    archived or rejected again.
    """

    def __init__(self, folder: Path, today: Callable[[], date]) -> None:
        self._folder = folder
        self._today = today
        self._numbers: dict[str, int] = {}

    def archive(self, read: ReadFile) -> Outcome:
        """Move a file whose rows are committed to stored/, after its rejected records to rejected/."""
        return _outcome(read.file, lambda: self._archive(read))

    def reject(self, file: WaitingFile, reason: str) -> Outcome:
        """Move a file (or whatever it is) as it is to rejected/, with the reason beside it."""
        return _outcome(file, lambda: self._reject(file, reason))

    def _archive(self, read: ReadFile) -> Outcome:
        file, stamp, parsed = read
        day = self._own("stored", f"{self._today():%Y-%m-%d}")
        if Stamp.of(os.lstat(file.path)) != stamp:
            return Outcome.CHANGED
        if parsed.rejected:
            self._keep_rejected_records(file, parsed)
        destination = self._move(file.path, day)
        if Stamp.of(os.lstat(destination)) != stamp:  # it was written to just before it was moved
            self._put_back(destination, file)
            return Outcome.CHANGED
        return Outcome.MOVED

    def _reject(self, file: WaitingFile, reason: str) -> Outcome:
        path = self._write_reason(file, f"{printable(file.name)} {printable(reason)}\n")
        assert path is not None
        try:
            os.rename(file.path, path)
        except OSError:
            os.unlink(path + REASON)
            raise
        return Outcome.MOVED

    def _keep_rejected_records(self, file: WaitingFile, parsed: Parsed) -> None:
        raw = ("[" + ",\n ".join(record.text for record in parsed.rejected) + "]\n").encode()
        total = len(parsed.crossings) + len(parsed.rejected)
        lines = [
            f"{printable(file.name)}: {len(parsed.rejected)} of {total} records rejected, the rest stored.",
            *(f"record {r.number}: {printable(r.reason)}" for r in parsed.rejected[:REASONS_SHOWN]),
        ]
        path = self._write_reason(file, "\n".join(lines) + "\n", raw)
        if path is None:
            return
        try:
            with open(path, "xb") as stream:
                stream.write(raw)
        except OSError:
            for part in (path, path + REASON):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(part)
            raise

    def _write_reason(self, file: WaitingFile, text: str, raw: bytes | None = None) -> str | None:
        """Write the reason, which claims the free name in rejected/ that is returned.

        None when just these bytes, `raw`, are there already: a crash came before the file was moved.
        """
        for path in self._names(self._own("rejected"), file.name):
            if raw is not None and _holds(path, raw):
                return None
            if os.path.lexists(path):
                continue
            try:
                with open(path + REASON, "x", encoding="utf-8") as stream:
                    stream.write(text + HOW_TO_TRY_AGAIN)
            except FileExistsError:
                continue
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(path + REASON)
                raise
            return path
        raise AssertionError("unreachable")

    def _put_back(self, path: str, file: WaitingFile) -> None:
        """Back into the queue, under a name that no camera writes and no other file has."""
        stem, extension = os.path.splitext(_short(file.name))
        name = f"{stem}.{time.time_ns()}{extension}"
        for folder in (os.path.dirname(file.path), self._folder):
            with contextlib.suppress(OSError):
                os.rename(path, os.path.join(folder, name))
                return
        raise OSError(f"it was written to while it was put away; move {path} back into the folder")

    def _move(self, source: str, folder: str) -> str:
        """Rename into `folder` under a free name; returns where it is now."""
        for path in self._names(folder, os.path.basename(source)):
            with contextlib.suppress(FileExistsError):
                rename(source, path)
                return path
        raise AssertionError("unreachable")

    def _names(self, folder: str, name: str) -> Iterator[str]:
        """NAME.json, NAME.1.json, NAME.2.json … in `folder`, from the last number that was used."""
        name = _short(name)
        stem, extension = os.path.splitext(name)
        first = os.path.join(folder, name)
        if len(self._numbers) > 10_000:
            self._numbers.clear()
        for number in itertools.count(self._numbers.get(first, 0)):
            if number:
                self._numbers[first] = number
            yield os.path.join(folder, f"{stem}.{number}{extension}") if number else first

    def _own(self, *parts: str) -> str:
        """A folder of ours below the queue, made when missing; a link there could lead out of it."""
        folder = str(self._folder)
        for part in parts:
            folder = os.path.join(folder, part)
            try:
                if stat.S_ISLNK(os.lstat(folder).st_mode):
                    raise OSError(errno.ELOOP, "is a symbolic link", folder)
            except FileNotFoundError:
                with contextlib.suppress(FileExistsError):  # another uploader's
                    os.mkdir(folder)
        return folder


def _outcome(file: WaitingFile, move: Callable[[], Outcome]) -> Outcome:
    try:
        return move()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.lexists(file.path):
            return Outcome.GONE
        raise FolderTrouble(f"{file.path} can't be moved: {error}") from error


def _holds(path: str, raw: bytes) -> bool:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == len(raw) and Path(path).read_bytes() == raw


def _short(name: str) -> str:
    """The name, cut so that what we append to it still fits."""
    stem, extension = os.path.splitext(name)
    return os.fsdecode(os.fsencode(stem)[: LONGEST_NAME - len(extension)]) + extension
