"""When a trouble is worth telling, once, and when it is over. Pure: the clock is passed in."""

import math
from collections.abc import Callable

from visitorsflow.events import Began, Ended, Event, Lasts, Tell
from visitorsflow.reasons import Reason
from visitorsflow.subjects import Subject


class Condition:
    """One subject, `what`: is it the matter, since when, and has that been told.

    `patience` is that of the subject where none is given; `who` is the camera, where several may be the
    matter. Each method returns the events that are to be told. `now` is in seconds of one monotonic clock.
    """

    def __init__(self, what: Subject, patience: float | None = None, who: str = "") -> None:
        self.what = what
        self.patience = what.patience if patience is None else patience
        self.active = False
        self.told = False
        self.reason: Reason | None = None
        self._who = who
        self._since = 0.0
        self._caught_up = 0

    def begin(self, now: float, reason: Reason | None) -> tuple[Event, ...]:
        """It is the matter. Said when it was not until now, or when the reason is a new one."""
        if self.active and reason == self.reason:
            return ()
        if not self.active:
            self._since = now
        self.active, self.reason = True, reason
        return (Began(self.what, reason, self._who),)

    def resume(self, since: float, reason: Reason | None) -> None:
        """It was the matter before this program started, and that was told."""
        self.active = self.told = True
        self.reason, self._since = reason, since

    def check(self, now: float) -> tuple[Event, ...]:
        """Worth telling, once, when it has lasted for `patience`."""
        if not self.active or self.told or now - self._since < self.patience:
            return ()
        self.told = True
        return (Lasts(self.what, self.reason, self.patience),)

    def catch_up(self, files: int) -> None:
        """So many files were stored although it is not over yet."""
        if self.active:
            self._caught_up += files

    def end(self, now: float) -> tuple[Event, ...]:
        """It is not, or no longer, the matter."""
        if not self.active:
            return ()
        ended = Ended(self.what, now - self._since, self.told, self._caught_up, self._who)
        self.active, self.told, self.reason, self._caught_up = False, False, None, 0
        return (ended,)

    def seconds(self, now: float) -> float:
        """For how many seconds it has been the matter; 0 when it is not."""
        return now - self._since if self.active else 0.0

    def seconds_left(self, now: float) -> float:
        """The seconds until it may be worth telling; infinite when it is not the matter or has been told."""
        if not self.active or self.told:
            return float("inf")
        return max(0.0, self.patience - (now - self._since))


class Conditions:
    """Several subjects at once; what is new of them goes to `tell`. `clock` gives monotonic seconds."""

    def __init__(self, tell: Tell, clock: Callable[[], float]) -> None:
        self._tell = tell
        self._clock = clock
        self._conditions: dict[Subject, Condition] = {}

    def __getitem__(self, what: Subject) -> Condition:
        condition = self._conditions.get(what)
        if condition is None:
            condition = self._conditions[what] = Condition(what)
        return condition

    def keep(self, what: Subject, trouble: Reason | None) -> None:
        """It is the matter while there is a `trouble`, and over when there is none."""
        if trouble:
            self.begin(what, trouble)
            self.check(what)
        else:
            self.end(what)

    def begin(self, what: Subject, reason: Reason, since: float | None = None) -> None:
        """It is the matter; from now on, or has been `since` then."""
        self._tell(*self[what].begin(self._clock() if since is None else since, reason))

    def check(self, what: Subject) -> None:
        self._tell(*self[what].check(self._clock()))

    def end(self, what: Subject) -> None:
        self._tell(*self[what].end(self._clock()))

    def any(self) -> bool:
        """Is anything the matter."""
        return any(condition.active for condition in self._conditions.values())


class Backoff:
    """Waits of 1, 2, 4 … `longest` seconds; `now` everywhere in seconds of one monotonic clock."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._wait = 0.0
        self._due = -math.inf

    @property
    def failing(self) -> bool:
        """Did the last try fail."""
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
        """The seconds until the next try is due; 0 when it is."""
        return max(0.0, self._due - now)
