"""The outbox delivers messages in order; nobody who has something to say waits for it.

The status message has a slot of its own, which holds the newest text only: an edit that could not be made
is no loss, since a newer text comes within a minute. So it never holds back an alert.
"""

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

from visitorsflow.errors import MessageRefused, TelegramAway, TelegramRefused
from visitorsflow.facts import Message, Status
from visitorsflow.rules.condition import Backoff, Condition

log = logging.getLogger(__name__)

EVERY_SECONDS = 60  # however often a new text comes

LONGEST_BACKOFF_SECONDS = 60


class Slot:
    """`show(status)` raises what the delivery of an alert raises. For one thread at a time.

    At most once a minute, and only when the text is another one.
    """

    def __init__(self, show: Callable[[Status], None]) -> None:
        self._show = show
        self._newest: Status | None = None
        self._shown: Status | None = None
        self._backoff = Backoff(LONGEST_BACKOFF_SECONDS)
        self._said = ""

    def put(self, status: Status) -> None:
        self._newest = None if status == self._shown else status

    def seconds_left(self, now: float) -> float:
        """How long until there is something to do: 0 is now, infinite is until the next `put`."""
        if not self._newest:
            return math.inf
        return self._backoff.seconds_left(now)

    def show_newest(self) -> bool:
        """Show it, or drop it. False when what went wrong may hold the alerts too."""
        status, self._newest = self._newest, None
        if status is None:
            return True
        try:
            self._show(status)
        except MessageRefused as error:
            self._failed(str(error))
        except TelegramAway as error:
            # A wait that Telegram asks for is one for edits: alerts are other requests.
            self._failed(str(error), error.retry_after)
            return error.retry_after is not None
        except TelegramRefused as error:
            self._failed(str(error))
            return False
        except Exception as error:  # a defect of ours must not end the outbox
            log.exception("showing the status failed")
            self._failed(str(error) or type(error).__name__)
        else:
            self._shown = status
            self._backoff.reset()
            self._backoff.postpone(time.monotonic(), EVERY_SECONDS)
            self._said = ""
        return True

    def _failed(self, reason: str, at_least: float | None = None) -> None:
        now = time.monotonic()
        self._backoff.failed(now)
        self._backoff.postpone(now, at_least or 0)
        if reason != self._said:
            log.warning("the status message is not up to date: %s", reason)
        self._said = reason


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


class _Waiting(NamedTuple):
    message: Message
    then: Callable[[], None] | None


class Outbox:
    """A thread that delivers messages in order, one at a time, and the status message between them.

    `deliver(message)` returns when the message has arrived, or raises
    - TelegramAway: later. The message is tried again after 1, 2, 4 … 60 s, or after what Telegram asks for;
    - TelegramRefused: later. A person must act first, and it is tried again every five minutes;
    - MessageRefused: never. The message is logged with its text, and the next one goes on.
    `check()` raises the first two. It is called at the start, so that a lost sign-in is known before the
    first alert; and then again until it works. `show(status)` raises the same as `deliver`.
    """

    def __init__(
        self, deliver: Callable[[Message], None], check: Callable[[], None], show: Callable[[Status], None]
    ) -> None:
        self._deliver = deliver
        self._check = check
        self._tries = Tries()
        self._must_check = True
        self._slot = Slot(show)
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._hurry = False
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    @property
    def can_tell(self) -> bool:
        """Whether the last check or delivery worked."""
        return self._tries.work

    def start(self, tell: Callable[..., None] | None = None) -> None:
        """Begin to deliver; `tell` takes the events Began and Ended of "telegram", from another thread."""
        if tell:
            self._tries.tell = tell
        self._thread.start()

    def put(self, text: str, then: Callable[[], None] | None = None) -> None:
        """Take a message; returns at once. `then` is called, in another thread, when it has arrived."""
        self._put(Message(text, secrets.randbits(63)), then)

    def put_picture(self, png: bytes, caption: str, then: Callable[[], None] | None = None) -> None:
        """Take a picture (PNG, RGB); the same as `put` in all else."""
        self._put(Message(caption, secrets.randbits(63), png), then)

    def show_status(self, day: date, text: str) -> None:
        """Make this the text of the day's status message when no alert waits; returns at once.

        It is shown a minute after the one before at the earliest, and never when a newer one has come.
        """
        with self._changed:
            self._slot.put(Status(day, text))
            self._changed.notify()

    def close(self, seconds: float) -> None:
        """Wait up to `seconds` for the delivery of what waits, then log what was not delivered."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = self._hurry = True
            self._changed.notify()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        for waiting in list(self._waiting):
            log.warning("not delivered to Telegram: %s", waiting.message.text)

    def _put(self, message: Message, then: Callable[[], None] | None) -> None:
        with self._changed:
            self._waiting.append(_Waiting(message, then))
            self._changed.notify()

    def _run(self) -> None:
        self._look()
        while step := self._next():
            step()

    def _next(self) -> Callable[[], None] | None:
        """Wait for what is to be done now: messages before all else. None: the end."""
        with self._changed:
            while True:
                if self._waiting:
                    self._pause()
                    return self._deliver_first
                if self._closing:
                    return None
                now = time.monotonic()
                first = self._tries if self._must_check else self._slot
                seconds = first.seconds_left(now)
                if seconds == 0:
                    return self._look if self._must_check else self._show
                self._changed.wait(min(seconds, threading.TIMEOUT_MAX))

    def _pause(self) -> None:
        """Wait until the next try is due.

        The end of the program cuts the wait short, once; but not a wait that Telegram asks for, nor one
        for a person: a try before its end can't work.
        """
        seconds = self._tries.seconds_left(time.monotonic())
        self._changed.wait_for(lambda: self._hurry and self._tries.may_hurry, seconds)
        self._hurry = False

    def _look(self) -> None:
        self._must_check = not self._tries.make(self._check)

    def _show(self) -> None:
        """The status message; where it fails, ask at once whether the alerts would fail too."""
        self._must_check = not self._slot.show_newest()

    def _deliver_first(self) -> None:
        message, then = self._waiting[0]
        if self._tries.make(partial(self._deliver_or_drop, message, then)):
            self._must_check = False
            with self._changed:
                self._waiting.popleft()

    def _deliver_or_drop(self, message: Message, then: Callable[[], None] | None) -> None:
        try:
            self._deliver(message)
        except MessageRefused as error:
            log.warning("not delivered to Telegram: %s (%s)", message.text, error)
            return
        try:
            if then:
                then()
        except Exception:  # the message has arrived: it is not delivered again
            log.exception("what was to follow a delivery failed")
