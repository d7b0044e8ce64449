"""The outbox delivers messages one at a time; nobody who has something to say waits for it.

Alerts go first. The status message and pictures have slots of their own and hold back no alert.
"""

import logging
import secrets
import threading
import time
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, Protocol

from visitorsflow import timeouts
from visitorsflow.alerts.channel import Channel
from visitorsflow.alerts.news import Line, News, Queue, Waiting
from visitorsflow.alerts.slots import Picture, PictureSlot, StatusSlot
from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.events import About, Delivered, StatusShown, Tell, Telling
from visitorsflow.facts import Message, Status
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.condition import Backoff, Condition
from visitorsflow.rules.telling import Answer
from visitorsflow.subjects import TELEGRAM

log = logging.getLogger(__name__)


class Pace(NamedTuple):
    """The outbox's waits, in seconds."""

    status: float = 60  # from one text of the status message to the next, at least
    longest: float = 60  # between two tries, where nobody asks for more
    blocked: float = 300  # a person must act first: look now and then if that has happened
    picture: float = 600  # between two tries to send a picture: each may take as long as a delivery
    check: float = 3600  # after the last delivery: can an alert still go
    slow: float = 5  # what takes longer may never end
    later: float = 10  # until it is asked again if another PC has told something


USUAL = Pace()


class Register(Protocol):
    """Knows what has been told, by whichever PC. For one thread at a time; raises nothing."""

    def claim(self, *tellings: Telling) -> Mapping[Telling, Answer]:
        """Ask what becomes of each; those that are to be told, this PC tells now."""

    def give_up(self, *tellings: Telling) -> None:
        """They could not be delivered now: another PC may tell them."""


class Anybody:
    """Knows of nobody else."""

    def claim(self, *tellings: Telling) -> Mapping[Telling, Answer]:
        return dict.fromkeys(tellings, Answer.TELL)

    def give_up(self, *tellings: Telling) -> None:
        return


class Outbox:
    """A thread that delivers messages, one at a time, and between them the status message and pictures.

    `tell` takes, from that thread, the events Delivered, StatusShown, and Began and Ended of TELEGRAM.
    `register` is asked before each alert.
    """

    def __init__(
        self, channel: Channel, tell: Tell, pace: Pace = USUAL, register: Register | None = None
    ) -> None:
        self._channel = channel
        self._tell = tell
        self._pace = pace
        self._register = register or Anybody()
        self._tries = _Tries(channel.name, tell, pace)
        self._must_check = True
        self._status = StatusSlot(channel, pace.status, pace.longest, self._status_arrived)
        self._pictures = PictureSlot(channel, pace.picture, self._picture_arrived)
        self._queue = Queue()
        self._changed = threading.Condition()
        self._closing = False
        self._hurry = False
        self._step_began: float | None = None  # of what is under way
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    @property
    def can_tell(self) -> bool:
        """True when the last check or delivery has worked, and nothing hangs that is under way."""
        began = self._step_began
        hangs = began is not None and time.monotonic() - began > self._pace.slow
        return self._tries.is_working and not hangs

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def put(self, news: News | str) -> None:
        """Take a message; returns at once. It takes the place of what still waits of its subject."""
        with self._changed:
            self._queue.put(Line(news) if isinstance(news, str) else news)
            self._changed.notify()

    def put_picture(self, png: bytes, caption: str, about: About | None = None) -> None:
        """Take a picture (PNG, RGB), which goes when no alert waits; returns at once.

        When it has arrived, Delivered says so of the event `about`.
        """
        with self._changed:
            self._pictures.put(Picture(Message(caption, secrets.randbits(63), png), about))
            self._changed.notify()

    def show_status(self, day: date, text: str, *, at_once: bool = False) -> None:
        """Make this the text of the day's status message when no alert waits; returns at once.

        It is shown a minute after the one before at the earliest, but for `at_once`, and never when a newer
        one has come.
        """
        with self._changed:
            self._status.put(Status(day, text), at_once=at_once)
            self._changed.notify()

    def drop_status(self) -> None:
        """Show no status message until the next one is put: another PC does that now."""
        with self._changed:
            self._status.drop()

    def close(self, seconds: float) -> None:
        """Wait up to `seconds` for the delivery of what waits, then log what was not delivered."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = self._hurry = True
            self._changed.notify()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        timeouts.leave_behind(self._thread)
        with self._changed:
            left = [*self._queue.undelivered(), *self._pictures.captions()]
        for text in left:
            log.warning("not delivered to %s: %s", self._channel.name, text)

    def _run(self) -> None:
        self._do(self._check)
        while step := self._next():
            self._do(step)

    def _do(self, step: "_Step") -> None:
        self._step_began = time.monotonic()
        step()
        self._step_began = None

    def _next(self) -> "_Step | None":
        """Wait for what is to be done now: messages before all else. None: the end."""
        with self._changed:
            while True:
                now = time.monotonic()
                of_queue = self._queue.seconds_left(now)
                if of_queue == 0:
                    self._pause()
                    return self._deliver_next
                if self._closing:
                    is_due = self._tries.is_working and self._pictures.seconds_left(now) == 0
                    return self._send_picture if is_due else None
                seconds, step = self._beside(now)
                if seconds == 0:
                    return step
                self._changed.wait(min(seconds, of_queue, threading.TIMEOUT_MAX))

    def _beside(self, now: float) -> "tuple[float, _Step]":
        """Find what comes first where no message waits, and in how many seconds."""
        if self._must_check:
            return self._tries.seconds_left(now), self._check
        due: list[tuple[float, _Step]] = [
            (max(0.0, self._tries.worked_at + self._pace.check - now), self._check),
            (self._pictures.seconds_left(now), self._send_picture),
            (self._status.seconds_left(now), self._show),
        ]
        return min(due, key=lambda one: one[0])

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
        self._must_check = not self._status.show_newest()

    def _send_picture(self) -> None:
        """Send a picture; where it fails, ask at once if the alerts would fail too."""
        self._must_check = not self._pictures.send_first()

    def _status_arrived(self) -> None:
        self._tell(StatusShown())

    def _picture_arrived(self, picture: Picture) -> None:
        if picture.about:
            self._tell(Delivered(picture.about))

    def _deliver_next(self) -> None:
        now = time.monotonic()
        with self._changed:
            claims = self._queue.take(now).news.claims
        answers = self._ask(claims)
        with self._changed:
            if Answer.LATER in answers.values():
                return self._queue.give_back(now + self._pace.later)
            heard = [telling for telling, answer in answers.items() if answer is Answer.HEARD]
            waiting = self._queue.leave_out(heard)
        if waiting is None:
            return None
        self._must_check = False
        has_worked = self._tries.make(lambda: self._deliver_or_drop(waiting))
        if not has_worked:
            self._give_up(waiting.news.claims)
        with self._changed:
            return (self._queue.arrived if has_worked else self._queue.give_back)()

    def _ask(self, claims: tuple[Telling, ...]) -> Mapping[Telling, Answer]:
        """What becomes of each. Told twice is better than never: a defect there ends no thread here."""
        try:
            return self._register.claim(*claims)
        except Exception:
            log.exception("nobody can say what was told")
            return dict.fromkeys(claims, Answer.TELL)

    def _give_up(self, claims: tuple[Telling, ...]) -> None:
        try:
            self._register.give_up(*claims)
        except Exception:
            log.exception("another PC may tell it later only")

    def _deliver_or_drop(self, waiting: Waiting) -> None:
        news = waiting.news
        try:
            self._channel.deliver(Message(news.text, waiting.random_id, silent=news.silent))
        except MessageRefused as error:
            log.warning("not delivered to %s: %s (%s)", self._channel.name, news.text, error)
            self._must_check = True  # the next ones may be refused too
            return
        self._tell(*(Delivered(event) for event in news.about))


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
        self.worked_at = 0.0  # monotonic
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
        self.worked_at = time.monotonic()
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
