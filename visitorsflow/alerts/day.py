"""What the phone shows of the day: the status message and the closing message, by the PC that speaks."""

from collections.abc import Callable
from datetime import date, datetime

from visitorsflow.alerts.closing import ClosingMessage
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.summary import status_text
from visitorsflow.events import DayRead, Event
from visitorsflow.facts import DayGaps
from visitorsflow.rules.gaps import Gaps
from visitorsflow.rules.silence import OpenHours
from visitorsflow.words import Words


class GapsOfDays:
    """A listener: the cameras' gaps of today and of the day before."""

    def __init__(self, open_hours: OpenHours | None, now: Callable[[], datetime]) -> None:
        self._gaps = Gaps(open_hours)
        self._now = now
        self._days: dict[date, DayGaps] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, DayRead):
            self._days = {day: kept for day, kept in self._days.items() if (event.day.day - day).days < 2}
            if self._gaps.look(event.day, self._now().replace(tzinfo=None)):
                self._days[event.day.day] = DayGaps(self._gaps.seconds, self._gaps.since)

    def of(self, day: date) -> DayGaps | None:
        """None when this program has seen nothing of that day."""
        return self._days.get(day)


class DayOnPhone:
    """A listener. `speaks` tells whether this PC speaks for the venue, `now` the local time."""

    def __init__(
        self,
        outbox: Outbox,
        closing: ClosingMessage,
        words: Words,
        open_hours: OpenHours | None,
        speaks: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._closing = closing
        self._words = words
        self._open_hours = open_hours
        self._speaks = speaks
        self._now = now

    def __call__(self, event: Event) -> None:
        if isinstance(event, DayRead) and self._speaks():
            now = self._now().replace(tzinfo=None)
            text = status_text(event.day, self._open_hours, self._words, now)
            self._outbox.show_status(event.day.day, text)
            self._closing.look(now, event.day.closing_said)
