"""Files that were moved away although somebody may still write to them are looked at again.

Where a writer can't be seen (a network share, another user's file), or pauses for longer than a file is
waited for, what it writes later lands in a file that was moved already. For a minute that is noticed,
and the file comes back into the queue; as long as a writer is seen to have it open, also after that.
"""

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from visitorsflow.intake import lease
from visitorsflow.intake.inbox import Stamp

LOOKS_SECONDS = (10, 60)  # after it was moved
LONGEST_LOOK_SECONDS = 1.0  # on a slow share, files that come now do not wait for those that came
MOST_FILES = 10_000  # of each look; the oldest are no longer looked at when more come


class Moved(NamedTuple):
    """A file in stored/ or rejected/: its stamp when it was read, and where it came from."""

    path: str
    stamp: Stamp
    origin: str


class SecondLook:
    """`put_back` moves a file back into the queue; `clock` gives monotonic seconds."""

    def __init__(
        self, put_back: Callable[[Moved], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._put_back = put_back
        self._clock = clock
        self._looks = [deque[tuple[float, Moved]](maxlen=MOST_FILES) for _ in LOOKS_SECONDS]

    def add(self, moved: Moved) -> None:
        """Look at it again, twice."""
        self._looks[0].append((self._clock() + LOOKS_SECONDS[0], moved))

    def look(self) -> list[Moved]:
        """Put back what has changed since it was read; returns these files.

        What takes long is left for the next call; so is one that can't be put back, which raises OSError.
        """
        changed = []
        began = self._clock()
        waits = (LOOKS_SECONDS[1] - LOOKS_SECONDS[0], LOOKS_SECONDS[1])
        for number, (look, wait) in enumerate(zip(self._looks, waits, strict=True)):
            while look and look[0][0] <= (now := self._clock()) < began + LONGEST_LOOK_SECONDS:
                moved = look[0][1]
                with contextlib.suppress(FileNotFoundError):  # somebody took it away: it is theirs now
                    if Stamp.of(os.lstat(moved.path)) != moved.stamp:
                        self._put_back(moved)
                        changed.append(moved)
                    elif number == 0 or _has_writer(moved.path):
                        self._looks[1].append((now + wait, moved))
                look.popleft()
        return changed


def _has_writer(path: str) -> bool:
    with contextlib.suppress(OSError), lease.opened(path) as (_, writer):
        return writer is True
    return False
