"""Work that may never come back, like that on a dead network share, done with a time limit."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

SLICE_SECONDS = 0.2  # a signal that comes just before a wait does not interrupt it


def call_with_timeout(seconds: float, work: Callable[[], Result]) -> Result:
    """What `work` returns or raises. Raises TimeoutError when it takes longer, and leaves it behind."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    deadline = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < deadline:
        thread.join(SLICE_SECONDS)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return results[0]
