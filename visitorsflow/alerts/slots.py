"""The slots beside the alerts: one for the status message, one for pictures. They hold back no alert."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import NamedTuple

from visitorsflow.alerts.channel import Channel
from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.events import About
from visitorsflow.facts import Message, Status
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.condition import Backoff

log = logging.getLogger(__name__)


class StatusSlot:
    """The newest text, shown every so many seconds at most, and only when it is another one.

    Where that fails, the next one is tried after 1, 2, 4 … `longest` seconds. `arrived` is called with each
    that is shown. For one thread at a time.
    """

    def __init__(self, channel: Channel, every: float, longest: float, arrived: Callable[[], None]) -> None:
        self._channel = channel
        self._arrived = arrived
        self._every = every
        self._newest: Status | None = None
        self._shown: Status | None = None
        self._tries = _Tries("status message is old", longest)

    def put(self, status: Status, *, at_once: bool = False) -> None:
        """Keep it, unless it is shown already. `at_once`: it does not wait for its turn."""
        self._newest = None if status == self._shown else status
        if at_once and self._newest:
            self._tries.hurry()

    def drop(self) -> None:
        """Show nothing until the next `put`, which is shown even where it is what was shown last."""
        self._newest = self._shown = None

    def seconds_left(self, now: float) -> float:
        """Count the seconds until there is something to do: 0 is now, infinite is until the next `put`."""
        return self._tries.seconds_left(now) if self._newest else math.inf

    def show_newest(self) -> bool:
        """Show it, or drop it. False when what went wrong may hold the alerts too."""
        status, self._newest = self._newest, None
        if status is None:
            return True
        came = self._tries.make(partial(self._channel.show, status))
        if came is _Came.TRUE:
            self._shown = status
            self._tries.postpone(self._every)
            self._arrived()
        return came is not _Came.LOOK


class Picture(NamedTuple):
    """A picture with its caption; when it has arrived, Delivered says so of the event `about`."""

    message: Message
    about: About | None


class PictureSlot:
    """Pictures, the oldest first. One that can't go now is tried again after 1, 2, 4 … `longest` seconds.

    `arrived` is called with each that has arrived. For one thread at a time.
    """

    def __init__(self, channel: Channel, longest: float, arrived: Callable[[Picture], None]) -> None:
        self._channel = channel
        self._arrived = arrived
        self._waiting: deque[Picture] = deque()
        self._tries = _Tries("picture waits", longest)

    def put(self, picture: Picture) -> None:
        self._waiting.append(picture)

    def captions(self) -> list[str]:
        """The captions of those that have not arrived."""
        return [picture.message.text for picture in self._waiting]

    def seconds_left(self, now: float) -> float:
        """Count the seconds until there is something to do: 0 is now, infinite is until the next `put`."""
        return self._tries.seconds_left(now) if self._waiting else math.inf

    def send_first(self) -> bool:
        """Send it, or keep it for later, or drop one that is refused.

        False when what went wrong may hold the alerts too.
        """
        picture = self._waiting[0]
        came = self._tries.make(lambda: self._deliver_or_drop(picture))
        if came is _Came.TRUE:
            self._waiting.popleft()
        return came is not _Came.LOOK

    def _deliver_or_drop(self, picture: Picture) -> None:
        try:
            self._channel.deliver(picture.message)
        except MessageRefused as error:
            log.warning("not delivered to %s: %s (%s)", self._channel.name, picture.message.text, error)
        else:
            self._arrived(picture)


class _Came(Enum):
    """The outcome of a try."""

    TRUE = "it worked"
    LATER = "this can't be done now"
    LOOK = "it may be that nothing can be done now"


class _Tries:
    """The tries of one slot: when is the next one due. Each reason is said once until it works."""

    def __init__(self, trouble: str, longest: float) -> None:
        self._trouble = trouble  # a key of the reasons
        self._backoff = Backoff(longest)
        self._longest = longest
        self._said: Reason | None = None

    def seconds_left(self, now: float) -> float:
        return self._backoff.seconds_left(now)

    def postpone(self, seconds: float) -> None:
        self._backoff.postpone(time.monotonic(), seconds)

    def hurry(self) -> None:
        """The next try is due now, unless the last one has failed."""
        if not self._backoff.failing:
            self._backoff.reset()

    def make(self, attempt: Callable[[], None]) -> _Came:
        try:
            attempt()
        except MessageRefused as error:
            return self._failed(error.reason, _Came.LATER)
        except ChannelAway as error:
            # A wait that the channel asks for is one for requests of this kind: alerts are others.
            came = _Came.LOOK if error.retry_after is None else _Came.LATER
            return self._failed(error.reason, came, error.retry_after)
        except ChannelBlocked as error:
            return self._failed(error.reason, _Came.LOOK, self._longest)
        except Exception as error:  # a defect of ours must not end the outbox
            log.exception("%s", Reason(self._trouble, why=quoted("a defect")))
            return self._failed(quoted(str(error) or type(error).__name__), _Came.LATER)
        self._backoff.reset()
        self._said = None
        return _Came.TRUE

    def _failed(self, reason: Reason, came: _Came, at_least: float | None = None) -> _Came:
        now = time.monotonic()
        self._backoff.failed(now)
        self._backoff.postpone(now, at_least or 0)
        if reason != self._said:
            log.warning("%s", Reason(self._trouble, why=reason))
        self._said = reason
        return came
