"""One run of callAPI.py at a time, by a lock on a file; but a lock never keeps a report from being sent.

Two runs at once are harmless: the totals are cumulative, and the report that arrives last is right, or is
followed by a right one within five minutes. So a lock that can't be used, and one that is held by a run
which should have ended long ago, are said and not respected.
"""

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from visitorsflow.errors import TemporaryError
from visitorsflow.timeouts import call_with_timeout

# The time limits for the database and the API end a run sooner.
LOCK_SECONDS = 240

# So many runs may hang, each with a lock of its own. More would only fill the memory: what made so many
# hang makes the next one hang too.
LOCKS = 8

DISK_SECONDS = 5

log = logging.getLogger("callAPI")


@contextlib.contextmanager
def taken(folder: Path, patience: float) -> Iterator[None]:
    """Hold the lock in `folder`; another run that is at work is waited for, `patience` seconds at most.

    Raises filelock.Timeout when that run is still at work then, and TemporaryError when too many runs hang.
    """
    lock = None
    try:
        lock = call_with_timeout(
            patience + DISK_SECONDS, lambda: _first_free(folder, time.monotonic() + patience)
        )
    except Timeout:
        raise
    except OSError as error:
        where, why = error.filename or folder, error.strerror or error
        log.warning("the lock %s can't be used (%s): the report is sent without it", where, why)
    try:
        yield
    finally:
        if lock:
            lock.release()


def _first_free(folder: Path, deadline: float) -> FileLock:
    """Take callAPI.lock; while a run that hangs holds it, take callAPI.2.lock, and so on.

    Runs that come at the same time meet at the same file, so only one of them gets it. The file of
    the run that hangs stays: on Windows it can't be removed, and elsewhere two runs would then lock two
    files of one name.
    """
    folder.mkdir(exist_ok=True)
    for number in range(1, LOCKS + 1):
        path = folder / ("callAPI.lock" if number == 1 else f"callAPI.{number}.lock")
        lock = FileLock(path, thread_local=False)
        while not _take(lock, path):
            if _hangs(path):
                since = datetime.fromtimestamp(path.stat().st_mtime)  # noqa: DTZ006 - for people here
                log.warning(
                    "a callAPI.py at work since %s hangs: end it; this one does not wait for it",
                    f"{since:%Y-%m-%d %H:%M:%S}",
                )
                break
            if time.monotonic() >= deadline:
                raise Timeout(str(path))
            time.sleep(0.2)
        else:
            return lock
    raise TemporaryError(f"{LOCKS} runs of callAPI.py hang: end them, and find out why")


def _take(lock: FileLock, path: Path) -> bool:
    """Whether it could be taken now. The time of the lock's file says since when it is held."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    with contextlib.suppress(OSError):
        os.utime(path)
    return True


def _hangs(path: Path) -> bool:
    """Whether the lock is held for longer than a run takes.

    A time to come counts as long ago: the clock was set, and nobody knows. Looks twice: a run that has
    just taken the lock sets the time of its file a moment later.
    """

    def is_long_ago() -> bool:
        return abs(time.time() - path.stat().st_mtime) > LOCK_SECONDS

    if not is_long_ago():
        return False
    time.sleep(1)
    return is_long_ago()
