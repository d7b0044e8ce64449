"""Whether Telegram works here, and when the next try is due."""

import logging
import time
from collections.abc import Callable

from visitorsflow.errors import TelegramAway, TelegramRefused
from visitorsflow.rules.backoff import Backoff
from visitorsflow.rules.condition import Condition

log = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 60
# A person must act first: look now and then whether that has happened.
REFUSED_RETRY_SECONDS = 300


class Tries:
    """For one thread. What makes the messages wait is said once in the log, not once a try.

    `tell` takes the events Began and Ended of "telegram".
    """

    def __init__(self) -> None:
        self.work = False  # whether the last one worked
        self.may_hurry = True  # a try before its time may work
        self.tell: Callable[..., None] = lambda *events: None
        self._backoff = Backoff(LONGEST_BACKOFF_SECONDS)
        self._trouble = Condition("telegram")

    def seconds_left(self, now: float) -> float:
        """How long until the next try is due; 0 when it is."""
        return self._backoff.seconds_left(now)

    def make(self, attempt: Callable[[], None]) -> bool:
        """Whether it worked; if not, the next try is due later."""
        try:
            attempt()
        except TelegramRefused as error:
            self._failed(str(error), REFUSED_RETRY_SECONDS)
        except TelegramAway as error:
            self._failed(str(error), error.retry_after)
        except Exception as error:  # an outbox that has died would be a silent one
            log.exception("delivering an alert failed")
            self._failed(str(error) or type(error).__name__, LONGEST_BACKOFF_SECONDS)
        else:
            self._worked()
        return self.work

    def _worked(self) -> None:
        self.work = True
        self._backoff.reset()
        if ended := self._trouble.end(time.monotonic()):
            log.info("Telegram works again")
            self.tell(*ended)

    def _failed(self, reason: str, at_least: float | None) -> None:
        """Nothing is tried before the back-off and `at_least` seconds are over; each reason is said once."""
        now = time.monotonic()
        self.work = False
        self._backoff.failed(now)
        self._backoff.postpone(now, at_least or 0)
        self.may_hurry = at_least is None
        if began := self._trouble.begin(now, reason):
            log.warning("alerts wait: %s", reason)
            self.tell(*began)
