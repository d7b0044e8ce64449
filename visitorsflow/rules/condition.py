"""What fails now and may work later: when to try again, and when it is worth an alert."""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 30  # what is over sooner is nobody's business
LONGEST_BACKOFF_SECONDS = 30


class Trouble:
    """The state of one thing, `what`; `clock` gives monotonic seconds."""

    def __init__(self, what: str, clock: Callable[[], float]) -> None:
        self._what = what
        self._clock = clock
        self._since: float | None = None
        self._tries = 0
        self._next_try = 0.0
        self._reason = ""
        self._told = False

    @property
    def lasts(self) -> bool:
        return self._since is not None

    def failed(self, reason: str) -> bool:
        """It failed (again). The next try is due after 1, 2, 4 … 30 s. True when the reason is a new one."""
        now = self._clock()
        if self._since is None:
            self._since = now
        self._next_try = now + min(LONGEST_BACKOFF_SECONDS, 2 ** min(self._tries, 10))
        self._tries += 1
        if reason == self._reason:
            return False
        self._reason = reason
        log.warning("trouble with %s: %s; files wait, trying again until it works", self._what, reason)
        return True

    def over(self) -> bool:
        """It worked. True when somebody had been told that it did not."""
        told = self._told
        if self.lasts:
            log.info("%s works again", self._what)
        self._since, self._tries, self._next_try, self._reason, self._told = None, 0, 0.0, "", False
        return told

    def is_due(self) -> bool:
        return self._clock() >= self._next_try

    def seconds_left(self) -> float:
        return max(0.0, self._next_try - self._clock())

    def is_worth_telling(self) -> bool:
        """True once a trouble, when it has lasted for longer than PATIENCE_SECONDS."""
        if self._since is None or self._told or self._clock() - self._since < PATIENCE_SECONDS:
            return False
        self._told = True
        return True
