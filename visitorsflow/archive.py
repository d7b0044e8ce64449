"""Where a file goes afterwards: FOLDER/stored/YYYY-MM-DD/ or FOLDER/rejected/.

Files are renamed, never copied, and never over another file: an empty file claims the new name first.
"""

import contextlib
import errno
import itertools
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from visitorsflow.crossings import Parsed
from visitorsflow.errors import FolderTrouble
from visitorsflow.inbox import Stamp, WaitingFile
from visitorsflow.logs import printable

REASON = ".reason.txt"
REASONS_SHOWN = 1000
LONGEST_NAME = 255 - len(REASON) - len(".123456789")  # bytes; what most file systems allow
HOW_TO_TRY_AGAIN = "To try again, mend the file and move it back into the watched folder.\n"


class Archive:
    """stored/ and rejected/ below `folder`; `today` is the local date that names the day's sub-folder.

    All methods raise FolderTrouble when a file can't be moved; then it is where it was, and will be
    stored or rejected again.
    """

    def __init__(self, folder: Path, today: Callable[[], date]) -> None:
        self._folder = folder
        self._today = today
        self._numbers: dict[str, int] = {}

    def store_away(self, file: WaitingFile, read: Stamp, parsed: Parsed) -> None:
        """Move a file whose rows are committed to stored/, after its rejected records to rejected/.

        A file that was written to after it was read goes back into the queue, to be read once more.
        """
        with _moving(file):
            if parsed.rejected:
                self._keep_rejected_records(file, parsed)
            destination = self._move(file.path, self._own("stored", f"{self._today():%Y-%m-%d}"))
            if Stamp.of(os.lstat(destination)) != read:
                self._move(destination, Path(file.path).parent)

    def reject(self, file: WaitingFile, reason: str) -> None:
        """Move a file (or whatever it is) as it is to rejected/, with the reason beside it."""
        with _moving(file):
            path = self._write_reason(file, f"{printable(file.name)} {printable(reason)}\n")
            try:
                os.rename(file.path, path)
            except OSError:
                os.unlink(path + REASON)
                raise

    def _keep_rejected_records(self, file: WaitingFile, parsed: Parsed) -> None:
        raw = ("[" + ",\n ".join(record.text for record in parsed.rejected) + "]\n").encode()
        first = self._own("rejected") / _short(file.name)
        if first.is_file() and not first.is_symlink() and first.read_bytes() == raw:
            return  # a crash came between this and the move; it is all there
        total = len(parsed.crossings) + len(parsed.rejected)
        lines = [
            f"{printable(file.name)}: {len(parsed.rejected)} of {total} records rejected, the rest stored.",
            *(f"record {r.number}: {printable(r.reason)}" for r in parsed.rejected[:REASONS_SHOWN]),
        ]
        path = self._write_reason(file, "\n".join(lines) + "\n")
        try:
            with open(path, "xb") as stream:
                stream.write(raw)
        except OSError:
            for part in (path, path + REASON):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(part)
            raise

    def _write_reason(self, file: WaitingFile, text: str) -> str:
        """Write the reason, which claims the free name in rejected/ that is returned."""
        for path in self._names(self._own("rejected"), file.name):
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

    def _move(self, source: str, folder: Path) -> str:
        """Rename into `folder` under a free name; returns where it is now."""
        for path in self._names(folder, os.path.basename(source)):
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            except FileExistsError:
                continue
            try:
                os.replace(source, path)
            except OSError:
                os.unlink(path)
                raise
            return path
        raise AssertionError("unreachable")

    def _names(self, folder: Path, name: str) -> Iterator[str]:
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

    def _own(self, *parts: str) -> Path:
        """A folder of ours below the queue, made when missing; a link there could lead out of it."""
        folder = self._folder
        for part in parts:
            folder = folder / part
            if folder.is_symlink():
                raise OSError(errno.ELOOP, "is a symbolic link", str(folder))
            folder.mkdir(exist_ok=True)
        return folder


@contextlib.contextmanager
def _moving(file: WaitingFile) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        pass  # somebody else has taken it, and what was to be done with it
    except OSError as error:
        raise FolderTrouble(f"{file.path} can't be moved: {error}") from error


def _short(name: str) -> str:
    """The name, cut so that what we append to it still fits."""
    stem, extension = os.path.splitext(name)
    return os.fsdecode(os.fsencode(stem)[: LONGEST_NAME - len(extension)]) + extension
