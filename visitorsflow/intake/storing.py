"""From the folder into the database: batch by batch, and with pauses while it is away."""

import time
from collections.abc import Callable

from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses
from visitorsflow.intake.archive import ReadFile
from visitorsflow.intake.batches import Batches
from visitorsflow.intake.inbox import WaitingFile
from visitorsflow.intake.pulse import Pulse
from visitorsflow.rules.backoff import Backoff
from visitorsflow.rules.condition import Conditions

LONGEST_BACKOFF_SECONDS = 30
LONGEST_TURN_SECONDS = 5  # then the folder is listed again, whatever still waits
AWAY, REFUSES = "database", "refusal"  # the subjects


class Storing:
    """`batches` reads and archives, `table` takes the rows; `clock` gives monotonic seconds."""

    def __init__(
        self,
        batches: Batches,
        table: PeopleFlow,
        conditions: Conditions,
        pulse: Pulse,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._batches = batches
        self._table = table
        self._conditions = conditions
        self._pulse = pulse
        self._clock = clock
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)
        self._failing_since = 0.0

    def open_table(self) -> None:
        """Make or check the table. Raises ConfigurationError; goes on when the database is away."""
        try:
            self._table.prepare()
        except DatabaseAway as error:
            self._failed(error)

    def work_off(self, files: list[WaitingFile], is_stopping: Callable[[], bool]) -> bool:
        """Insert and archive what is due, or nothing while the database rests. True: there is more to do."""
        began = self._clock()
        if not self._retry.is_due(began):
            return False
        try:
            self._prepare()
            for batch in self._batches.read(files):
                self._insert(batch)
                self._archive(batch)
                if is_stopping() or self._clock() - began > LONGEST_TURN_SECONDS:
                    return True
        except (DatabaseAway, ConfigurationError) as error:
            self._failed(error)
            return False
        self._retry.reset()
        for what in (AWAY, REFUSES):
            self._conditions.end(what)
        return False

    def check(self) -> None:
        """Tell that the database is away, or refuses, when that has lasted."""
        if self._retry.failing:
            for what in (AWAY, REFUSES):
                self._conditions.check(what)

    def seconds_left(self) -> float:
        """How long until the next try; infinite when the last one did not fail."""
        return self._retry.seconds_left(self._clock()) if self._retry.failing else float("inf")

    def _prepare(self) -> None:
        self._pulse.rest()
        self._table.prepare()

    def _insert(self, batch: list[ReadFile]) -> None:
        """Commit the rows of a batch."""
        self._pulse.rest()  # the database has time limits of its own
        if self._table.insert(crossing for read in batch for crossing in read.parsed.crossings):
            self._retry.reset()
            # What has been told is over only when all has been caught up.
            for what in (AWAY, REFUSES):
                if not self._conditions[what].told:
                    self._conditions.end(what)

    def _archive(self, batch: list[ReadFile]) -> None:
        moved = self._batches.archive(batch)
        for what in (AWAY, REFUSES):
            self._conditions[what].catch_up(moved)

    def _failed(self, error: Exception) -> None:
        now = self._clock()
        if not self._retry.failing:
            self._failing_since = now
        self._retry.failed(now)
        is_there = isinstance(error, DatabaseRefuses | ConfigurationError)
        what, other = (REFUSES, AWAY) if is_there else (AWAY, REFUSES)
        if not self._conditions[other].told:
            self._conditions.end(other)  # it is something else now
        # A proxy may lead to a dead server and to one that refuses by turns: for us that is one trouble.
        self._conditions.begin(what, str(error), self._failing_since)
