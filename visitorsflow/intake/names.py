"""Folders and free names of our own below the watched folder."""

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from visitorsflow.intake.crossings import time_in_name

REASON = ".reason.txt"
LONGEST_NAME = 255 - len(REASON) - len(".123456789")  # bytes; what most file systems allow


class Names:
    """Names in folders below `folder`, by which no file is ever moved over another one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers: dict[str, int] = {}

    def folder(self, *parts: str) -> str:
        """A folder of ours, made when missing. A link there could lead out of the queue: OSError."""
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

    def candidates(self, folder: str, name: str) -> Iterator[str]:
        """NAME.json, NAME.1.json, NAME.2.json … in `folder`, from the last number that was used."""
        name = short(name)
        stem, extension = os.path.splitext(name)
        first = os.path.join(folder, name)
        if len(self._numbers) > 10_000:
            self._numbers.clear()
        for number in itertools.count(self._numbers.get(first, 0)):
            if number:
                self._numbers[first] = number
            yield os.path.join(folder, f"{stem}.{number}{extension}") if number else first


def short(name: str) -> str:
    """The name, cut so that what we append to it still fits.

    At its end; at its beginning where that end tells its time, without which its rows would be others.
    """
    stem, extension = os.path.splitext(name)
    raw, room = os.fsencode(stem), LONGEST_NAME - len(extension)
    if len(raw) <= room:
        return name
    cuts = [part.decode(errors="ignore") + extension for part in (raw[:room], raw[-room:])]
    return next((cut for cut in cuts if time_in_name(cut) == time_in_name(name)), cuts[0])
