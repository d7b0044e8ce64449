"""When to try again what has failed.

Pure: the clock is passed in. The waits double, so that a short trouble costs little time and a long
one causes little work.
"""

import math


class Backoff:
    """Waits of 1, 2, 4 … `longest` seconds; `now` everywhere in seconds of one monotonic clock."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._wait = 0.0
        self._due = -math.inf

    @property
    def failing(self) -> bool:
        """Whether the last try failed."""
        return self._wait > 0

    def failed(self, now: float) -> None:
        """The try failed: the next one is due after twice the wait before, 1 s for the first."""
        self._wait = min(self._longest, 2 * self._wait or 1)
        self.postpone(now, self._wait)

    def postpone(self, now: float, seconds: float) -> None:
        """The next try is due in `seconds` or later; a longer wait that runs already stays."""
        self._due = max(self._due, now + seconds)

    def reset(self) -> None:
        """It worked: the next try is due at once, and the next wait is 1 s again."""
        self._wait, self._due = 0.0, -math.inf

    def is_due(self, now: float) -> bool:
        return now >= self._due

    def seconds_left(self, now: float) -> float:
        """How long until the next try is due; 0 when it is."""
        return max(0.0, self._due - now)
