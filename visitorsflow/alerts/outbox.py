"""The outbox delivers messages in order; nobody who has something to say waits for it."""

import logging
import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import NamedTuple

from visitorsflow.alerts.status import Status
from visitorsflow.errors import MessageRefused, TelegramAway, TelegramRefused
from visitorsflow.rules.backoff import Backoff
from visitorsflow.rules.condition import Condition

log = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 60
# A person must act first: look now and then whether that has happened.
REFUSED_RETRY_SECONDS = 300


class Message(NamedTuple):
    """What is delivered. Every try has the same `random_id` (63 bits), so it is shown once.

    `picture` is a PNG, whose caption is the text; `when_delivered` is called after it has arrived.
    """

    text: str
    random_id: int
    picture: bytes = b""
    when_delivered: Callable[[], None] | None = None


class Outbox:
    """A thread that delivers messages in order, one at a time.

    `deliver(message)` returns when the message has arrived, or raises
    - TelegramAway: later. The message is tried again after 1, 2, 4 … 60 s, or after what Telegram asks for;
    - TelegramRefused: later. A person must act first, and it is tried again every five minutes;
    - MessageRefused: never. The message is logged with its text, and the next one goes on.
    What makes the messages wait is said once in the log, not once a try, and told as "telegram". `check()`
    raises the first two; it is called at the start, so that a lost sign-in is known before the first alert.
    The text of `status` is shown when no message waits.
    """

    def __init__(
        self,
        deliver: Callable[[Message], None],
        check: Callable[[], None],
        tell: Callable[..., None] = lambda *events: None,
        status: Status | None = None,
    ) -> None:
        self._deliver = deliver
        self._check = check
        self._tell = tell
        self._status = status
        self._condition = Condition("telegram")
        self._works = False
        self._has_new_status = False
        self._waiting: deque[Message] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._hurry = False
        self._backoff = Backoff(LONGEST_BACKOFF_SECONDS)
        self._may_hurry = True
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def works(self) -> bool:
        """Whether the last try to reach Telegram did."""
        return self._works

    def put(self, text: str, picture: bytes = b"", when_delivered: Callable[[], None] | None = None) -> None:
        """Take a message; returns at once. What `when_delivered` does must be short."""
        with self._changed:
            self._waiting.append(Message(text, secrets.randbits(63), picture, when_delivered))
            self._changed.notify()

    def show_status(self, day: date, text: str) -> None:
        """From now on this is the text of the status message, if there is one; returns at once."""
        if self._status:
            with self._changed:
                self._status.put(day, text)
                self._has_new_status = True
                self._changed.notify()

    def close(self, seconds: float) -> None:
        """Wait up to `seconds` for the delivery of what waits, then log what was not delivered."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = self._hurry = True
            self._changed.notify()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        for message in list(self._waiting):
            log.warning("not delivered to Telegram: %s", message.text)

    def _run(self) -> None:
        self._try(self._check)
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work, self._seconds_to_status())
                self._has_new_status = False
                if self._waiting:
                    self._pause()
                    message = self._waiting[0]
                elif self._closing:
                    return
                else:
                    message = None
            if message is None:
                self._show_newest_status()
            elif self._try(partial(self._deliver_or_drop, message)):
                with self._changed:
                    self._waiting.popleft()

    def _has_work(self) -> bool:
        return bool(self._waiting) or self._closing or self._has_new_status

    def _seconds_to_status(self) -> float | None:
        seconds = self._status.seconds_left() if self._status else math.inf
        return None if seconds == math.inf else seconds

    def _show_newest_status(self) -> None:
        if self._status and self._status.seconds_left() == 0:
            try:
                self._status.deliver()
            except Exception:
                log.exception("the status message has a defect")
                self._status = None

    def _pause(self) -> None:
        """Wait until the next try is due.

        The end of the program cuts the wait short, once; but not a wait that Telegram asks for, nor one
        for a person: a try before its end can't work.
        """
        seconds = self._backoff.seconds_left(time.monotonic())
        self._changed.wait_for(lambda: self._hurry and self._may_hurry, seconds)
        self._hurry = False

    def _deliver_or_drop(self, message: Message) -> None:
        try:
            self._deliver(message)
            if message.when_delivered:
                message.when_delivered()
        except MessageRefused as error:
            log.warning("not delivered to Telegram: %s (%s)", message.text, error)

    def _try(self, work: Callable[[], None]) -> bool:
        """Whether it worked; if not, the messages wait."""
        try:
            work()
        except TelegramRefused as error:
            self._wait(str(error), REFUSED_RETRY_SECONDS)
        except TelegramAway as error:
            self._wait(str(error), error.retry_after)
        except Exception as error:  # an outbox that has died would be a silent one
            log.exception("delivering an alert failed")
            self._wait(str(error) or type(error).__name__, LONGEST_BACKOFF_SECONDS)
        else:
            if self._said:
                log.info("Telegram works again")
            self._said, self._works = "", True
            self._backoff.reset()
            self._tell(*self._condition.end(time.monotonic()))
            return True
        return False

    def _wait(self, reason: str, at_least: float | None) -> None:
        """Nothing is tried before the back-off and `at_least` seconds are over; each reason is said once."""
        now = time.monotonic()
        self._backoff.failed(now)
        self._backoff.postpone(now, at_least or 0)
        self._may_hurry = at_least is None
        if reason != self._said:
            log.warning("alerts wait: %s", reason)
        self._said, self._works = reason, False
        self._tell(*self._condition.begin(now, reason))
