"""Where the loop is, so that somebody else notices when it gets no further."""

import time
from collections.abc import Callable


class Pulse:
    """`clock` gives monotonic seconds. Written by the loop, read by whoever watches it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = ("", clock())

    def beat(self, place: str) -> None:
        """The loop begins with something on a disk or a share, which may not answer."""
        self._at = (place, self._clock())

    def rest(self) -> None:
        """It waits, or works on what has time limits of its own."""
        self.beat("")

    def held_up(self) -> tuple[str, float]:
        """Where it has been for how many seconds; ("", 0) when it rests."""
        place, since = self._at  # in one step: the loop may be writing it
        return (place, self._clock() - since) if place else ("", 0.0)
