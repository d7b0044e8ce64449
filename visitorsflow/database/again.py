"""Work with the database that is done again and again, beside the storing: its failures are said once."""

import logging
import time
from collections.abc import Callable

from visitorsflow.errors import DatabaseAway, DatabaseRefuses
from visitorsflow.rules.backoff import Backoff

log = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 20


class Again:
    """`work` every so many seconds, or `rest` times as long as it took last, whichever is longer.

    `name` is what the log says it is. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], None],
        every: float,
        rest: float = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.refusal = ""  # why the server refuses it now
        self._name = name
        self._work = work
        self._every = every
        self._rest = rest
        self._clock = clock
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)
        self._began = float("-inf")
        self._due = clock() if every < float("inf") else every

    @property
    def is_failing(self) -> bool:
        return self._retry.failing

    def hurry(self, seconds: float) -> None:
        """It is due so many seconds after it was done last; but what fails, and what is never done, waits."""
        if self._every < float("inf"):
            self._due = min(self._due, self._began + seconds)

    def is_due(self) -> bool:
        return self.seconds_left() == 0

    def seconds_left(self) -> float:
        """How long until it is due; infinite when it never is."""
        now = self._clock()
        return max(0.0, self._due - now, self._retry.seconds_left(now))

    def take(self) -> None:
        """Do it now. Raises nothing."""
        self._began = self._clock()
        try:
            self._work()
        except DatabaseAway as error:
            self.refusal = str(error) if isinstance(error, DatabaseRefuses) else ""
            if not self.is_failing:
                log.warning("%s does not work, storing goes on: %s", self._name, error)
            self._retry.failed(self._clock())
        except Exception:  # a defect of ours must not end a thread that runs for months
            if not self.is_failing:
                log.exception("%s has a defect, storing goes on", self._name)
            self._retry.failed(self._clock())
        else:
            self.refusal = ""
            if self.is_failing:
                log.info("%s works again", self._name)
            self._retry.reset()
        now = self._clock()
        self._due = now + max(self._every, self._rest * (now - self._began))
        if self.is_failing:
            self._due = now
