"""Whether an uploader uses a Telegram session now: two programs on one session lock each other out.

Known by a lock on a file beside the session, which ends with the process, however that ends. It says so
and no more: nothing is ever refused for its sake.
"""

from pathlib import Path

from filelock import FileLock

_held: list[FileLock] = []  # until this process ends


def hold(session: Path) -> None:
    """From now on, others can see that this process uses `session`. Raises nothing."""
    lock = FileLock(_lock_of(session), thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(timeout=1)
    except (OSError, NotImplementedError):  # Timeout, which is an OSError: another uploader holds it
        return
    _held.append(lock)


def is_held(session: Path) -> bool:
    """Whether another process uses it. Makes no file; where it can't be known, the answer is yes."""
    path = _lock_of(session)
    try:
        if not path.exists():
            return False
        with FileLock(path, timeout=0, fallback_to_soft=False):
            return False
    except (OSError, NotImplementedError):
        return True


def _lock_of(session: Path) -> Path:
    return session.with_name(f"{session.name}.lock")
