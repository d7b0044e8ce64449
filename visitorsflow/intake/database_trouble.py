"""The trouble with the database: is it away, or does it refuse; since when, and when is the next retry."""

import math
from collections.abc import Callable

from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses
from visitorsflow.rules.condition import Backoff, Conditions
from visitorsflow.subjects import DATABASE, REFUSAL

LONGEST_BACKOFF_SECONDS = 30


class DatabaseTrouble:
    """Told through `conditions`. `clock` gives monotonic seconds."""

    def __init__(self, conditions: Conditions, clock: Callable[[], float]) -> None:
        self._conditions = conditions
        self._clock = clock
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)
        self._since = 0.0

    @property
    def is_failing(self) -> bool:
        """Did the last try fail."""
        return self._retry.failing

    @property
    def is_told(self) -> bool:
        """Was it told, and not yet that all is stored."""
        return self._conditions[DATABASE].told or self._conditions[REFUSAL].told

    def is_due(self, now: float) -> bool:
        """Is it time to try (again)."""
        return self._retry.is_due(now)

    def seconds_left(self) -> float:
        """The seconds until the next retry; infinite when the last try did not fail."""
        return self._retry.seconds_left(self._clock()) if self._retry.failing else math.inf

    def failed(self, error: DatabaseAway | ConfigurationError) -> None:
        now = self._clock()
        if not self._retry.failing:
            self._since = now
        self._retry.failed(now)
        is_there = isinstance(error, DatabaseRefuses | ConfigurationError)
        what, other = (REFUSAL, DATABASE) if is_there else (DATABASE, REFUSAL)
        if not self._conditions[other].told:
            self._conditions.end(other)  # it is something else now
        # A proxy may lead to a dead server and to one that refuses by turns: for us that is one trouble.
        self._conditions.begin(what, error.reason, self._since)

    def works(self) -> None:
        """Rows were taken. What has been told is over only when all has been caught up."""
        self._retry.reset()
        for what in (DATABASE, REFUSAL):
            if not self._conditions[what].told:
                self._conditions.end(what)

    def caught_up_by(self, files: int) -> None:
        for what in (DATABASE, REFUSAL):
            self._conditions[what].catch_up(files)

    def caught_up(self) -> None:
        """Nothing waits any more that could be stored."""
        self._retry.reset()
        for what in (DATABASE, REFUSAL):
            self._conditions.end(what)

    def check(self) -> None:
        """Tell that it is away, or refuses, when that has lasted."""
        if self._retry.failing:
            for what in (DATABASE, REFUSAL):
                self._conditions.check(what)
