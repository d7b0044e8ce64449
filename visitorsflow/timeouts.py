"""Work that may never come back, like that on a dead network share, done with a time limit."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

SLICE_SECONDS = 0.2  # a signal that comes just before a wait does not interrupt it
Result = TypeVar("Result")

_abandoned: list[threading.Thread] = []
_unfinished: set[object] = set()  # a mark for each call whose work has not come back
_lock = threading.Lock()


def call_with_timeout(seconds: float, work: Callable[[], Result]) -> Result:
    """Return or raise what `work` does. Raises TimeoutError when it takes longer, and leaves it behind.

    What it uses, like a connection, is its own from then on: nobody else may close it.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            errors.append(error)
        finally:
            _unfinished.discard(mark)

    thread = threading.Thread(target=attempt, daemon=True)
    # Before it starts: a signal in the middle of that leaves a thread which does not count as alive yet.
    mark = object()
    _unfinished.add(mark)
    try:
        thread.start()
        deadline = time.monotonic() + seconds
        while thread.is_alive() and time.monotonic() < deadline:
            thread.join(SLICE_SECONDS)
    except RuntimeError:  # there is no room for one more thread
        _unfinished.discard(mark)
        raise
    finally:
        leave_behind(thread)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return results[0]


def leave_behind(thread: threading.Thread) -> None:
    """Nobody waits for this thread any more, whether it still works or not."""
    with _lock:
        _abandoned[:] = [one for one in (*_abandoned, thread) if one.is_alive()]


def left_behind() -> bool:
    """Tell whether work was left behind that still goes on: such a process must not end as usual.

    Python would take away what its thread stands on (signal 11).
    """
    return bool(_unfinished) or any(thread.is_alive() for thread in _abandoned)
