"""One run of callAPI.py at a time, by a lock on a file; but a lock never keeps a report from being sent.

Two runs at once are harmless: the totals are cumulative, and the report that arrives last is right, or is
followed by a right one within five minutes. So a lock that can't be used, and one that is held by a run
which is suspended, are said and not respected.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from visitorsflow import logs
from visitorsflow.timeouts import call_with_timeout

# A run that has the lock ends itself after this time; those for the database and the API end it sooner.
LOCK_SECONDS = 240
DISK_SECONDS = 5

log = logging.getLogger("callAPI")


@contextlib.contextmanager
def taken(folder: Path, patience: float) -> Iterator[None]:
    """Hold the lock in `folder`; another run that is at work is waited for, `patience` seconds at most.

    Raises filelock.Timeout when that run is still at work then. The time of the lock's file says since when
    it is held; who passes by a suspended run writes its own time there, so that no third one comes beside it.
    """
    path = folder / "callAPI.lock"
    lock = FileLock(path, thread_local=False)
    before = None
    try:
        before = call_with_timeout(patience + DISK_SECONDS, lambda: _take(lock, path, patience))
    except Timeout:
        raise
    except OSError as error:
        where, why = error.filename or folder, error.strerror or error
        log.warning("the lock %s can't be used (%s): the report is sent without it", where, why)
    deadline = threading.Timer(LOCK_SECONDS, _end)
    deadline.daemon = True
    deadline.start()
    try:
        yield
    finally:
        deadline.cancel()
        deadline.join()
        if before:
            with contextlib.suppress(OSError):
                os.utime(path, (before, before))
        elif lock.is_locked:
            lock.release()


def _take(lock: FileLock, path: Path, patience: float) -> float | None:
    """Take the lock; or pass its holder by, if that is suspended, and return since when it is."""
    path.parent.mkdir(exist_ok=True)
    deadline = time.monotonic() + patience
    since = None
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if since := _since_long_ago(path):
                at = f"{datetime.fromtimestamp(since):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ006 - for people here
                log.warning("a callAPI.py at work since %s hangs: end it; this one does not wait for it", at)
                break
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)
    with contextlib.suppress(OSError):
        os.utime(path)
    return since


def _since_long_ago(path: Path) -> float | None:
    """Return since when the lock is held, if that is longer than any run does its work; else None.

    A time to come counts as long ago: the clock was set, and nobody knows. Looks twice: a run that has
    just taken the lock sets the time of its file a moment later.
    """
    for is_last in (False, True):
        since = path.stat().st_mtime
        if abs(time.time() - since) <= LOCK_SECONDS:
            return None
        if not is_last:
            time.sleep(1)
    return since


def _end() -> None:
    log.error("this run is not done after %g s: it ends here", LOCK_SECONDS)
    logs.end_now(1)
