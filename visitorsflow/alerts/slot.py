"""The status message holds back no alert: of its texts only the newest waits, the others are dropped."""

import logging
import math
import time
from typing import Protocol

from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.facts import Status
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.condition import Backoff

log = logging.getLogger(__name__)


class Show(Protocol):
    """Shows a text to the people. Raises a channel's errors."""

    def __call__(self, status: Status) -> None: ...


class StatusSlot:
    """The newest text, shown with `show` every so many seconds at most, and only when it is another one.

    Where that fails, the next one is tried after 1, 2, 4 … `longest` seconds. For one thread at a time.
    """

    def __init__(self, show: Show, every: float, longest: float) -> None:
        self._show = show
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
            self._show(status)
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
