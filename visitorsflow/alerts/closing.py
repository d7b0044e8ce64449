"""The closing message: when the venue has closed, a picture of the day and its numbers, once a day."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, datetime

from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.summary import closing_caption
from visitorsflow.errors import DatabaseAway, VisitorsFlowError
from visitorsflow.facts import DayEnd
from visitorsflow.rules.backoff import Backoff
from visitorsflow.rules.closing import Closing
from visitorsflow.rules.silence import OpenHours
from visitorsflow.words import Words

log = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 60


class ClosingMessage:
    """`read` gives a day that is over, and may raise; `said(day)` keeps that it was delivered.

    `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        words: Words,
        open_hours: OpenHours | None,
        read: Callable[[date], DayEnd],
        said: Callable[[date], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._words = words
        self._rule = Closing(open_hours)
        self._read = read
        self._said = said
        self._clock = clock
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a day is being read and drawn."""
        return self._thread is not None and self._thread.is_alive()

    def look(self, now: datetime, last: date | None) -> None:
        """Say it if it is due at this local time; returns at once. `last` is the day that was said last."""
        if self.is_busy or not self._retry.is_due(self._clock()):
            return
        if day := self._rule.due(now, last):
            self._thread = threading.Thread(target=self._say, args=[day], name="closing", daemon=True)
            self._thread.start()

    def _say(self, day: date) -> None:
        from visitorsflow.alerts import picture  # Pillow, for one picture a day

        try:
            end = self._read(day)
            if end.totals.first is None:
                return  # nobody came: there is nothing to show
            png = picture.draw(end, self._words)
        except DatabaseAway as error:  # later
            if not self._retry.failing:
                log.warning("the closing message for %s waits: %s", day, error)
            self._retry.failed(self._clock())
            self._rule.take_back(day)
            return
        except (VisitorsFlowError, OSError) as error:
            log.warning("no closing message for %s: %s", day, error)
            return
        except Exception:
            log.exception("no closing message for %s", day)
            return
        self._retry.reset()
        self._outbox.put_picture(png, closing_caption(end, self._words), lambda: self._said(day))
