"""The files that were rejected today before this start, as FOLDER/rejected/ shows them."""

import contextlib
import os
from datetime import datetime
from pathlib import Path

from visitorsflow.events import RejectedBefore
from visitorsflow.intake.files import REASON
from visitorsflow.reasons import Reason
from visitorsflow.text import printable

LONGEST_REASON = 4096  # bytes that are read of one


def rejected_today(folder: Path, now: datetime) -> RejectedBefore | None:
    """Those that were rejected on the day of `now`, a local time, and are still there; None for none."""
    found: list[tuple[float, str]] = []
    with contextlib.suppress(OSError), os.scandir(folder / "rejected") as entries:
        for entry in entries:
            if not entry.name.endswith(REASON):
                continue
            with contextlib.suppress(OSError):
                written = entry.stat(follow_symlinks=False).st_mtime
                is_there = os.path.lexists(entry.path.removesuffix(REASON))
                if is_there and datetime.fromtimestamp(written, now.tzinfo).date() == now.date():
                    found.append((written, entry.path))
    if not found:
        return None
    _, newest = max(found)
    name = os.path.basename(newest).removesuffix(REASON)
    return RejectedBefore(len(found), printable(name), _reason(Path(newest), name))


def _reason(path: Path, name: str) -> Reason:
    """The reason as it was written: a block in English, an empty line, a block in Chinese.

    A block begins with the file's name and says then what is wrong; its last line says what to do.
    """
    text = ""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        text = file.read(LONGEST_REASON).decode("utf-8", "replace")
    english, _, chinese = text.partition("\n\n")
    return Reason("in both languages", chinese=_short(chinese, name), english=_short(english, name))


def _short(block: str, name: str) -> str:
    """The first line without the name, and the line of the first bad record if there is one."""
    lines = [line for line in block.splitlines() if line][:-1]
    return printable(" ".join(lines[:2]).removeprefix(name).lstrip(":： "))
