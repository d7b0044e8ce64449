"""Whether somebody still has a file open for writing, who may write more into it.

Linux can tell: a read lease is refused while there is a writer. A writer who comes while we have the
lease waits until we close the file, and the kernel sends us SIGIO, whose usual effect is to end the
process: `ignore_signals` must have been called first, else nobody is asked.
"""

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from functools import lru_cache

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
    """Whether somebody has the file open for writing; None when that can't be told.

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
