"""What happened becomes what is said on the phone: events in, messages out."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.alerts.outbox import Outbox
from visitorsflow.events import Ended, Event, Lasts, Listed, Passed, Rejected
from visitorsflow.text import printable
from visitorsflow.words import Words

log = logging.getLogger(__name__)

REJECTED_EVERY_SECONDS = 60


class Alerts:
    """A listener. Each message goes to the log, and to the outbox if there is one.

    `now` gives the local time that stands in a message. A message about rejected files is held back
    until the last one is a minute old by `clock` (monotonic seconds).
    """

    def __init__(
        self,
        outbox: Outbox | None,
        words: Words,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._words = words
        self._now = now
        self._clock = clock
        self._waiting = 0  # files in the last listing
        self._rejected: list[str] = []
        self._next_rejected = clock()

    def __call__(self, event: Event) -> None:
        match event:
            case Listed(waiting):
                self._waiting = waiting
            case Rejected(name):
                self._rejected.append(name)
            case Passed() if self._clock() >= self._next_rejected:
                self.say_what_was_rejected()
            case Lasts(what, reason, patience):
                limit = self._words.limit(patience)
                self._say(self._words(what, limit=limit, reason=reason, waiting=self._waiting))
            case Ended(what, seconds, told=True, caught_up=caught_up):
                length = self._words.length(seconds)
                self._say(self._words(f"{what} over", length=length, caught_up=caught_up))

    def say_what_was_rejected(self) -> None:
        """Say it in one message, if anything was; also what would be held back: the program ends."""
        if self._rejected:
            more = " …" if len(self._rejected) > 5 else ""
            names = self._words("list").join(name[:100] for name in self._rejected[:5])
            self._say(self._words("rejected", count=len(self._rejected), names=names + more))
            self._rejected.clear()
            self._next_rejected = self._clock() + REJECTED_EVERY_SECONDS

    def _say(self, text: str) -> None:
        text = f"{printable(text)} [{self._now():%Y-%m-%d %H:%M:%S}]"
        log.warning("ALERT %s", text)
        if self._outbox:
            self._outbox.put(text)
