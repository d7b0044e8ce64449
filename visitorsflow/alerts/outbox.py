"""The outbox delivers messages in order; nobody who has something to say waits for it."""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import NamedTuple

from visitorsflow.alerts.slot import Slot, Status
from visitorsflow.alerts.tries import Tries
from visitorsflow.errors import MessageRefused

log = logging.getLogger(__name__)


class Message(NamedTuple):
    """What is delivered. Every try has the same `random_id` (63 bits), so it is shown once.

    With a `picture` (PNG, RGB) the text is its caption.
    """

    text: str
    random_id: int
    picture: bytes | None = None


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
