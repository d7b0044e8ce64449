"""When to try again what has failed. Pure: the clock is passed in."""


class Backoff:
    """The next try is due 1, 2, 4 … and at most `longest` seconds after a failure."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._failures = 0
        self._next_try = 0.0

    @property
    def failing(self) -> bool:
        """Whether the last try failed."""
        return self._failures > 0

    def failed(self, now: float, at_least: float = 0) -> None:
        """A try failed at `now`; the next one is due after `at_least` seconds or more."""
        wait = min(self._longest, 2.0 ** min(self._failures, 30))
        self._failures += 1
        self._next_try = now + max(wait, at_least)

    def reset(self) -> None:
        """A try succeeded."""
        self._failures, self._next_try = 0, 0.0

    def is_due(self, now: float) -> bool:
        return not self.failing or now >= self._next_try

    def seconds_left(self, now: float) -> float:
        """How long until the next try is due; 0 when it is."""
        return max(0.0, self._next_try - now) if self.failing else 0.0
