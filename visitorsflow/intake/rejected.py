"""rejected/: what could not be stored, and beside it why."""

import contextlib
import os
import stat
from pathlib import Path

from visitorsflow.intake.crossings import Parsed
from visitorsflow.intake.names import REASON, Names
from visitorsflow.text import printable

REASONS_SHOWN = 1000
HOW_TO_TRY_AGAIN = "To try again, mend the file and move it back into the watched folder.\n"


class RejectedFolder:
    """The folder rejected/ of `names`. Both methods raise OSError, and leave nothing behind then."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def keep_records(self, name: str, parsed: Parsed) -> None:
        """Write the rejected records of a file, verbatim, beside their reasons."""
        raw = ("[" + ",\n ".join(record.text for record in parsed.rejected) + "]\n").encode()
        total = len(parsed.crossings) + len(parsed.rejected)
        lines = [
            f"{printable(name)}: {len(parsed.rejected)} of {total} records rejected, the rest stored.",
            *(f"record {r.number}: {printable(r.reason)}" for r in parsed.rejected[:REASONS_SHOWN]),
        ]
        path = self.write_reason(name, "\n".join(lines) + "\n", raw)
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

    def write_reason(self, name: str, text: str, raw: bytes | None = None) -> str | None:
        """Write the reason, which claims the free name in rejected/ that is returned.

        None when just these bytes, `raw`, are there already: a crash came before the file was moved.
        """
        for path in self._names.candidates(self._names.folder("rejected"), name):
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


def _holds(path: str, raw: bytes) -> bool:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == len(raw) and Path(path).read_bytes() == raw
