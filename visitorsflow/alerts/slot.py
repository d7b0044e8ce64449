"""The slot of the status message: it holds the newest text only, and what fails is dropped.

An edit that could not be made is no loss: a newer text comes within a minute. An alert would be one; so
nothing here ever holds back an alert.
"""

import logging
import math
import time
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from visitorsflow.errors import MessageRefused, TelegramAway, TelegramRefused
from visitorsflow.rules.backoff import Backoff

log = logging.getLogger(__name__)

EVERY_SECONDS = 60  # however often a new text comes
LONGEST_BACKOFF_SECONDS = 60


class Status(NamedTuple):
    """The text of the one status message that a day has."""

    day: date
    text: str


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
