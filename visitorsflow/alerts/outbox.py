"""The outbox delivers messages in order; nobody who has something to say waits for it.

The status message holds back no alert: of its texts only the newest waits, the others are dropped.
"""

import logging
import math
import secrets
import threading
import time
from collections import deque
from datetime import date
from functools import partial
from typing import NamedTuple, Protocol

from visitorsflow import timeouts
from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.events import TELEGRAM, About, Delivered, Tell
from visitorsflow.facts import Message, Status
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.condition import Backoff, Condition

log = logging.getLogger(__name__)


class Channel(Protocol):
    """A way to people's phones, like Telegram; `name` is what the log calls it. For one thread at a time.

    Each method returns when it is done, or raises one of three errors:

    - ChannelAway: later. It is tried again after 1, 2, 4 … 60 s, or after what the channel asks for;
    - ChannelBlocked: no message can go until a person acts. It is tried again every five minutes;
    - MessageRefused: never this message. It is logged with its text, and the next one goes on.
    """

    name: str

    def deliver(self, message: Message) -> None:
        """Make the phones ring. The same `random_id` again is shown once."""

    def check(self) -> None:
        """Raise what a delivery would raise, so that a lost sign-in is known before the first alert."""

    def show(self, status: Status) -> None:
        """Make this the text of the day's status message, without a sound."""


class Pace(NamedTuple):
    """The outbox's waits, in seconds."""

    status: float = 60  # from one text of the status message to the next, at least
    longest: float = 60  # between two tries, where nobody asks for more
    blocked: float = 300  # a person must act first: look now and then if that has happened


USUAL = Pace()


class Outbox:
    """A thread that delivers messages in order, one at a time, and the status message between them.

    `tell` takes, from that thread, the events Delivered, and Began and Ended of TELEGRAM.
    """

    def __init__(self, channel: Channel, tell: Tell, pace: Pace = USUAL) -> None:
        self._channel = channel
        self._tell = tell
        self._tries = _Tries(channel.name, tell, pace)
        self._must_check = True
        self._slot = _StatusSlot(channel, pace.status, pace.longest)
        self._waiting: deque[tuple[Message, About | None]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._hurry = False
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    @property
    def can_tell(self) -> bool:
        """True when the last check or delivery has worked."""
        return self._tries.is_working

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def put(self, text: str, about: About | None = None) -> None:
        """Take a message; returns at once. When it has arrived, Delivered says so of the event `about`."""
        self._put(Message(text, secrets.randbits(63)), about)

    def put_picture(self, png: bytes, caption: str, about: About | None = None) -> None:
        """Take a picture (PNG, RGB); the same as `put` in all else."""
        self._put(Message(caption, secrets.randbits(63), png), about)

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
        timeouts.leave_behind(self._thread)
        for message, _about in list(self._waiting):
            log.warning("not delivered to %s: %s", self._channel.name, message.text)

    def _put(self, message: Message, about: About | None) -> None:
        with self._changed:
            self._waiting.append((message, about))
            self._changed.notify()

    def _run(self) -> None:
        self._check()
        while step := self._next():
            step()

    def _next(self) -> "_Step | None":
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
                    return self._check if self._must_check else self._show
                self._changed.wait(min(seconds, threading.TIMEOUT_MAX))

    def _pause(self) -> None:
        """Wait until the next try is due.

        The end of the program cuts the wait short, once; but not a wait that the channel asks for, nor one
        for a person: a try before its end can't work.
        """
        seconds = self._tries.seconds_left(time.monotonic())
        self._changed.wait_for(lambda: self._hurry and self._tries.may_hurry, seconds)
        self._hurry = False

    def _check(self) -> None:
        self._must_check = not self._tries.make(self._channel.check)

    def _show(self) -> None:
        """Show the status message; where it fails, ask at once if the alerts would fail too."""
        self._must_check = not self._slot.show_newest()

    def _deliver_first(self) -> None:
        message, about = self._waiting[0]
        if self._tries.make(partial(self._deliver_or_drop, message, about)):
            self._must_check = False
            with self._changed:
                self._waiting.popleft()

    def _deliver_or_drop(self, message: Message, about: About | None) -> None:
        try:
            self._channel.deliver(message)
        except MessageRefused as error:
            log.warning("not delivered to %s: %s (%s)", self._channel.name, message.text, error)
            return
        if about:
            self._tell(Delivered(about))


class _Step(Protocol):
    """Does one thing in the outbox's thread."""

    def __call__(self) -> None: ...


class _Tries:
    """The tries to check and to deliver: has the last one worked, and when is the next one due.

    For one thread. The reason why messages wait is said once in the log, not once a try.
    """

    def __init__(self, name: str, tell: Tell, pace: Pace) -> None:
        self._name = name
        self._tell = tell
        self._pace = pace
        self.is_working = False  # as far as the last one has shown
        self.may_hurry = True  # a try before its time may work
        self._backoff = Backoff(pace.longest)
        self._trouble = Condition(TELEGRAM)

    def seconds_left(self, now: float) -> float:
        """Count the seconds until the next try is due; 0 when it is."""
        return self._backoff.seconds_left(now)

    def make(self, attempt: _Step) -> bool:
        """Try. True when it worked; if not, the next try is due later."""
        try:
            attempt()
        except ChannelBlocked as error:
            self._failed(error.reason, self._pace.blocked)
        except ChannelAway as error:
            self._failed(error.reason, error.retry_after)
        except Exception as error:  # an outbox that has died would be a silent one
            log.exception("delivering an alert failed")
            self._failed(quoted(str(error) or type(error).__name__), self._pace.longest)
        else:
            self._worked()
        return self.is_working

    def _worked(self) -> None:
        self.is_working = True
        self._backoff.reset()
        if ended := self._trouble.end(time.monotonic()):
            log.info("%s works again", self._name)
            self._tell(*ended)

    def _failed(self, reason: Reason, at_least: float | None) -> None:
        """Try nothing before the back-off and `at_least` seconds are over; say each reason once."""
        now = time.monotonic()
        self.is_working = False
        self._backoff.failed(now)
        self._backoff.postpone(now, at_least or 0)
        self.may_hurry = at_least is None
        if began := self._trouble.begin(now, reason):
            log.warning("alerts wait: %s", reason)
            self._tell(*began)


class _StatusSlot:
    """The newest text, shown every so many seconds at most, and only when it is another one.

    Where that fails, the next one is tried after 1, 2, 4 … `longest` seconds. For one thread at a time.
    """

    def __init__(self, channel: Channel, every: float, longest: float) -> None:
        self._channel = channel
        self._every = every
        self._newest: Status | None = None
        self._shown: Status | None = None
        self._backoff = Backoff(longest)
        self._said: Reason | None = None

    def put(self, status: Status) -> None:
        """Keep it, unless it is shown already."""
        self._newest = None if status == self._shown else status

    def seconds_left(self, now: float) -> float:
        """Count the seconds until there is something to do: 0 is now, infinite is until the next `put`."""
        if not self._newest:
            return math.inf
        return self._backoff.seconds_left(now)

    def show_newest(self) -> bool:
        """Show it, or drop it. False when what went wrong may hold the alerts too."""
        status, self._newest = self._newest, None
        if status is None:
            return True
        try:
            self._channel.show(status)
        except MessageRefused as error:
            self._failed(error.reason)
        except ChannelAway as error:
            # A wait that the channel asks for is one for edits: alerts are other requests.
            self._failed(error.reason, error.retry_after)
            return error.retry_after is not None
        except ChannelBlocked as error:
            self._failed(error.reason)
            return False
        except Exception as error:  # a defect of ours must not end the outbox
            log.exception("showing the status failed")
            self._failed(quoted(str(error) or type(error).__name__))
        else:
            self._shown = status
            self._backoff.reset()
            self._backoff.postpone(time.monotonic(), self._every)
            self._said = None
        return True

    def _failed(self, reason: Reason, at_least: float | None = None) -> None:
        now = time.monotonic()
        self._backoff.failed(now)
        self._backoff.postpone(now, at_least or 0)
        if reason != self._said:
            log.warning("the status message is not up to date: %s", reason)
        self._said = reason
