"""Work with single files: is there a writer, what is its content, a free name, a rename.

Linux can tell whether somebody still has a file open for writing, who may write more into it: a read lease
is refused while there is a writer. A writer who comes while we have the lease waits until we close the
file, and the kernel sends us SIGIO, whose usual effect is to end the process: `ignore_signals` must have
been called first, else nobody is asked. Size and time do not tell one content from another: a file system
counts time in steps (4 ms on Linux, 2 s on a USB stick), records are of one length, and a copy brings the
time of its original.
"""

import contextlib
import ctypes
import errno
import itertools
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from visitorsflow.intake.crossings import time_in_name


class Stamp(NamedTuple):
    """The size and time of a file, which change whenever somebody writes into it."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        return cls(status.st_size, status.st_mtime_ns)


def digest(raw: bytes) -> int:
    """Valid in this process only: Python chooses its hash anew at each start."""
    return hash(raw)


def content(fd: int, size: int) -> bytes:
    """The first `size` bytes of a file that has just been opened for reading, or all where it has fewer."""
    raw = part = os.read(fd, size)
    while part and len(raw) < size:  # a disk may give it in parts
        part = os.read(fd, size - len(raw))
        raw += part
    return raw


if sys.platform == "linux":
    import fcntl

OPEN_FLAGS = (
    os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
)

# Through these, a writer on another machine can't be seen; CIFS refuses leases even when there is none.
_NETWORK = frozenset({"cifs", "smb3", "smbfs", "nfs", "nfs4", "9p", "ceph", "afs", "vboxsf", "virtiofs"})

_may_ask = False


def ignore_signals() -> None:
    """To be called once, in the main thread, before anybody is asked about."""
    global _may_ask
    if sys.platform == "linux":
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        _may_ask = True


def has_writer(fd: int, device: int) -> bool | None:
    """Has somebody the file open for writing; None when that can't be told.

    `fd` must be open for reading only. If the answer is False, it holds until `fd` is closed, which must
    be soon. `device` is the file's st_dev.
    """
    if sys.platform != "linux" or not _may_ask or _is_remote(device):
        return None
    try:
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        # Only the owner of a file, or root, may ask; some file systems can't be asked at all.
        return True if error.errno == errno.EAGAIN else None
    return False


@contextlib.contextmanager
def opened(path: str) -> Iterator[tuple[int, bool | None]]:
    """The file's descriptor, and whether it has a writer; if not, there is none while this lasts."""
    fd = os.open(path, OPEN_FLAGS)
    try:
        yield fd, has_writer(fd, os.fstat(fd).st_dev)
    finally:
        os.close(fd)


@lru_cache(32)
def _is_remote(device: int) -> bool:
    number = f"{os.major(device)}:{os.minor(device)}"
    with (
        contextlib.suppress(OSError),
        open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts,
    ):
        for line in mounts:
            mount, _, kind = line.partition(" - ")
            if mount.split()[2] == number:
                name = kind.split()[0]
                return name in _NETWORK or name.startswith("fuse")
    return False


def rename(source: str, path: str) -> None:
    """Rename, but never over another file: raises FileExistsError when `path` is taken."""
    if in_one_step:
        code = in_one_step(source, path)
        if code == 0:
            return
        if code in (errno.EEXIST, errno.ENOENT):
            raise OSError(code, os.strerror(code), source, None, path)
    # This system, file system or container can't do it in one step, or has another error, which comes
    # again below. An empty file claims the name first: that takes several times as long.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        os.replace(source, path)
    except OSError:
        os.unlink(path)
        raise


def linux_call() -> Callable[[str, str], int] | None:
    """Linux' renameat2(RENAME_NOREPLACE), which returns 0 or an errno; None where there is no such call."""
    if sys.platform != "linux":
        return None
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return None

    def renameat2(source: str, path: str) -> int:
        done = call(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(path), _RENAME_NOREPLACE)
        return 0 if done == 0 else ctypes.get_errno()

    return renameat2


_AT_FDCWD = -100  # Linux' fcntl.h
_RENAME_NOREPLACE = 1  # and fs.h

in_one_step = linux_call()  # None: always in two steps

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
