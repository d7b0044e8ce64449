"""Files that are stored late, because more wait than can be stored at once. Pure: the clock is passed in."""

from visitorsflow.events import Event
from visitorsflow.reasons import Reason
from visitorsflow.rules.condition import Condition
from visitorsflow.subjects import DELAY

LATE_SECONDS = 60  # the totals of now are not whole
TOLD_SECONDS = 600
_LATE = Reason("stored late")


class Delay:
    """`now` in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._condition = Condition(DELAY)
        self._waited = 0.0

    def stored(self, files: int, waited: float) -> None:
        """So many files were stored just now; the newest of them had waited for so many seconds."""
        self._waited = waited
        self._condition.catch_up(files)

    def check(self, now: float, *, more_wait: bool, is_told: bool = False) -> tuple[Event, ...]:
        """Return what is new after a turn of the loop; `more_wait`: it has left files that could be stored.

        Worth telling when files have waited for more than ten minutes, but not where the phone knows why
        (`is_told`): the end of that trouble says that all is stored.
        """
        if not more_wait or self._waited <= LATE_SECONDS:
            return self._condition.end(now)
        events = self._condition.begin(now, _LATE)
        if self._waited > TOLD_SECONDS and not is_told:
            events += self._condition.check(now)
        return events
