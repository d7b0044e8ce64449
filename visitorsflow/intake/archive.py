"""Where a file goes afterwards: FOLDER/stored/YYYY-MM-DD/ or FOLDER/rejected/.

Files are renamed, never copied, and never over another file.
"""

import contextlib
import enum
import math
import os
import re
import stat
import time
from collections import deque
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import IO, Any, NamedTuple

from visitorsflow.errors import FolderTrouble
from visitorsflow.intake import files
from visitorsflow.intake.crossings import Parsed
from visitorsflow.intake.files import REASON, Names, Stamp, content, digest, rename, short
from visitorsflow.intake.inbox import ReadFile, WaitingFile
from visitorsflow.intake.thinning import Thinning
from visitorsflow.intake.watch import Watchdog
from visitorsflow.reasons import Reason, os_reason
from visitorsflow.text import printable
from visitorsflow.words import Language

LOOKS_SECONDS = (10, 60)  # after it was moved
LONGEST_LOOK_SECONDS = 1.0  # on a slow share, files that come now do not wait for those that came
MOST_FILES = 10_000  # of each look; the oldest are no longer looked at when more come
REASONS_SHOWN = 1000
LONGEST_RECORD = 200  # letters of a record in its reason
FOUND_FOR_SECONDS = 1
_PUT_BACK = re.compile(r"\.[0-9]{19}$")  # what we have added before


class Moved(NamedTuple):
    """A file in stored/ or rejected/: its stamp when it was read, and where it came from."""

    path: str
    stamp: Stamp
    origin: str


class Outcome(enum.Enum):
    """The fate of a file that was to be moved."""

    MOVED = enum.auto()
    GONE = enum.auto()  # somebody else, like a second uploader, has moved it
    CHANGED = enum.auto()  # somebody writes or has written to it since it was read: it waits to be read again


class Archive:
    """stored/ and rejected/ below `folder`; `today` is the local date that names the day's sub-folder.

    `stored_days`: so many of these are kept; None: all. For one thread at a time.

    All methods raise FolderTrouble when a file can't be moved. Then it is where it was, and will be
    moved later. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        folder: Path,
        today: Callable[[], date],
        clock: Callable[[], float] = time.monotonic,
        watchdog: Watchdog | None = None,
        stored_days: int | None = None,
    ) -> None:
        self._folder = folder
        self._today = today
        self._names = Names(folder)
        self._rejected = _RejectedFolder(self._names)
        self._second_look = SecondLook(self._put_back, clock)
        self._clock = clock
        self._found = ("", -math.inf)  # today's folder in stored/, and until when it is taken to be there
        self._watchdog = watchdog or Watchdog()
        stored = str(folder / "stored")
        self._thinning = Thinning(stored, stored_days, today, clock) if stored_days else None

    def archive(self, read: ReadFile) -> Outcome:
        """Move a file whose rows are committed to stored/, after its rejected records to rejected/."""
        self._watchdog.enter(read.file.path)
        try:
            return _outcome(read.file, lambda: self._archive(read))
        except FolderTrouble:
            self._found = ("", -math.inf)  # somebody may have taken it away
            raise
        finally:
            self._watchdog.leave()  # what follows is our own work

    def reject(self, file: WaitingFile, stamp: Stamp, reason: Reason) -> Outcome:
        """Move a file (or whatever it is) as it is to rejected/, with the reason beside it.

        `stamp` is that of the content to which the reason belongs.
        """
        self._watchdog.enter(file.path)
        return _outcome(file, lambda: self._reject(file, stamp, reason))

    def look_again(self) -> list[str]:
        """Put back what was written to after it was moved; returns the names that these files had."""
        self._watchdog.enter(str(self._folder))
        try:
            return [os.path.basename(moved.origin) for moved in self._second_look.look()]
        except OSError as error:
            raise FolderTrouble(_why(error)) from error

    def thin_out(self) -> None:
        """Delete a few of the files in stored/ that are older than `stored_days`; without it none."""
        if self._thinning:
            self._watchdog.enter(str(self._folder))
            self._thinning.thin()

    def _archive(self, read: ReadFile) -> Outcome:
        path, is_ours = read.file.path, read.has_writer is False
        fd = os.open(path, files.OPEN_FLAGS)
        try:
            # Where no writer was seen, none can come from here on until it is moved.
            if is_ours and files.has_writer(fd, read.file.device):
                return Outcome.CHANGED
            found = os.fstat(fd)
            if Stamp.of(found) != read.stamp:
                return Outcome.CHANGED
            raw = content(fd, read.stamp.size)
            if digest(raw) != read.digest:
                return Outcome.CHANGED
            if is_ours:
                return self._move_to_stored(read, raw, found)
        finally:
            os.close(fd)
        return self._move_to_stored(read, raw)  # Windows moves no file that is open

    def _move_to_stored(self, read: ReadFile, raw: bytes, expected: os.stat_result | None = None) -> Outcome:
        """`expected`: the file that was compared; on a disk that tells files apart it must be this one."""
        file, stamp, parsed, writer = read.file, read.stamp, read.parsed, read.has_writer
        if parsed.rejected:
            self._rejected.keep(file.name, parsed, raw)
        moved = Moved(self._move(file.path, self._todays_folder()), stamp, file.path)
        found = os.lstat(moved.path)
        is_other = expected is not None and not os.path.samestat(found, expected)
        if is_other or Stamp.of(found) != stamp:  # it was replaced or written to just before it was moved
            self._put_back(moved)
            return Outcome.CHANGED
        if writer is not False or found.st_nlink > 1:  # by another name it may still be written to
            self._second_look.add(moved)
        return Outcome.MOVED

    def _reject(self, file: WaitingFile, stamp: Stamp, reason: Reason) -> Outcome:
        if Stamp.of(os.lstat(file.path)) != stamp:
            return Outcome.CHANGED
        path = self._rejected.write_reason(file.name, [Reason("rejected file", name=file.name, why=reason)])
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
        raise _NotPutBackError(Reason("moved too early", path=moved.path))

    def _move(self, source: str, folder: str) -> str:
        """Rename into `folder` under a free name; returns where it is now."""
        for path in self._names.candidates(folder, os.path.basename(source)):
            with contextlib.suppress(FileExistsError):
                rename(source, path)
                return path
        raise AssertionError("unreachable")


class _NotPutBackError(OSError):
    """A file that was moved too early, and can't be moved back."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _why(error: OSError) -> Reason:
    return error.reason if isinstance(error, _NotPutBackError) else os_reason(error)


def _outcome(file: WaitingFile, move: Callable[[], Outcome]) -> Outcome:
    try:
        return move()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.lexists(file.path):
            return Outcome.GONE
        to = error.filename2 or error.filename
        if to and os.fspath(to) != file.path:
            raise FolderTrouble(Reason("unmoved to", path=file.path, to=str(to), why=_why(error))) from error
        raise FolderTrouble(Reason("unmoved", path=file.path, why=_why(error))) from error


class _RejectedFolder:
    """The folder rejected/ of `names`. Both methods raise OSError, and leave nothing behind then."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def keep(self, name: str, parsed: Parsed, raw: bytes) -> None:
        """Write a file of which some records were rejected, whole and to the letter, beside their reasons.

        Whole: a record that is alike to another one is numbered among all records of its file, so when it is
        fixed and the file comes back, each row is the same as before, and the fixed one is a row more.
        """
        bad, total = len(parsed.rejected), parsed.records + len(parsed.rejected)
        shown = parsed.rejected[:REASONS_SHOWN]
        lines = [
            Reason("rejected records", name=name, bad=bad, total=total),
            *(
                Reason("rejected record", number=r.number, why=r.reason, text=r.text[:LONGEST_RECORD])
                for r in shown
            ),
        ]
        path = self.write_reason(name, lines, raw)
        if path is None:
            return
        try:
            with open(path, "xb") as stream:
                stream.write(raw)
                _onto_disk(stream)
            _folder_onto_disk(os.path.dirname(path))
        except OSError:
            for part in (path, path + REASON):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(part)
            raise

    def write_reason(self, name: str, lines: list[Reason], raw: bytes | None = None) -> str | None:
        """Write the reasons in both languages, which claims the free name in rejected/ that is returned.

        None when just these bytes, `raw`, are there already: a crash came before the file was moved.
        """
        said = [*lines, Reason("try again")]
        languages: tuple[Language, ...] = ("en", "zh-TW")
        text = "\n".join("".join(f"{printable(one.text(lang))}\n" for one in said) for lang in languages)
        for path in self._names.candidates(self._names.folder("rejected"), name):
            if raw is not None and _holds(path, raw):
                return None
            if os.path.lexists(path):
                continue
            try:
                with open(path + REASON, "x", encoding="utf-8") as stream:
                    stream.write(text)
                    _onto_disk(stream)
            except FileExistsError:
                continue
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(path + REASON)
                raise
            return path
        raise AssertionError("unreachable")


def _onto_disk(stream: IO[Any]) -> None:
    """Wait until the file outlives a power cut: only then may the original move."""
    stream.flush()
    os.fsync(stream.fileno())


def _folder_onto_disk(folder: str) -> None:
    """The same for the names in a folder, where a system can do that."""
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _holds(path: str, raw: bytes) -> bool:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == len(raw) and Path(path).read_bytes() == raw


class SecondLook:
    """`put_back` moves a file back into the queue; `clock` gives monotonic seconds."""

    def __init__(
        self, put_back: Callable[[Moved], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._put_back = put_back
        self._clock = clock
        self._looks = [deque[tuple[float, Moved]](maxlen=MOST_FILES) for _ in LOOKS_SECONDS]

    def add(self, moved: Moved) -> None:
        """Look at it again, twice."""
        self._looks[0].append((self._clock() + LOOKS_SECONDS[0], moved))

    def look(self) -> list[Moved]:
        """Put back what has changed since it was read; returns these files.

        What takes long is left for the next call; so is one that can't be put back, which raises OSError.
        """
        changed = []
        began = self._clock()
        waits = (LOOKS_SECONDS[1] - LOOKS_SECONDS[0], LOOKS_SECONDS[1])
        for number, (look, wait) in enumerate(zip(self._looks, waits, strict=True)):
            while look and look[0][0] <= (now := self._clock()) < began + LONGEST_LOOK_SECONDS:
                moved = look[0][1]
                with contextlib.suppress(FileNotFoundError):  # somebody took it away: it is theirs now
                    if Stamp.of(os.lstat(moved.path)) != moved.stamp:
                        self._put_back(moved)
                        changed.append(moved)
                    elif number == 0 or _has_writer(moved.path):
                        self._looks[1].append((now + wait, moved))
                look.popleft()
        return changed


def _has_writer(path: str) -> bool:
    with contextlib.suppress(OSError), files.opened(path) as (_, writer):
        return writer is True
    return False
