"""The day on the phone, by the PC that speaks: the status message, and the picture at closing."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from visitorsflow import timeouts
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.status_text import status_text
from visitorsflow.errors import DatabaseAway, VisitorsFlowError
from visitorsflow.events import Began, DayClosed, DayRead, DayUnread, Ended, Event, Lasts
from visitorsflow.facts import Day, DayEnd
from visitorsflow.rules.condition import Backoff
from visitorsflow.rules.period import Closing, OpenHours
from visitorsflow.subjects import DATABASE, REFUSAL
from visitorsflow.text import printable
from visitorsflow.words import Words

LONGEST_BACKOFF_SECONDS = 60
log = logging.getLogger(__name__)


class ReadEnd(Protocol):
    """Reads a day that is over. May raise DatabaseAway."""

    def __call__(self, day: date) -> DayEnd: ...


class ClosingMessage:
    """Sends a picture of the day and its numbers when the venue has closed, once a day.

    `read` gives a day that is over, and may raise. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        words: Words,
        open_hours: OpenHours | None,
        read: ReadEnd,
        clock: Callable[[], float] = time.monotonic,
        venue: str = "",
    ) -> None:
        self._outbox = outbox
        self._words = words
        self._venue = venue
        self._rule = Closing(open_hours)
        self._read = read
        self._clock = clock
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """True while a day is read and drawn."""
        return self._thread is not None and self._thread.is_alive()

    def look(self, now: datetime, last: date | None) -> None:
        """Send it if it is due at this local time; returns at once. `last` is the day that was sent last."""
        if self.is_busy or not self._retry.is_due(self._clock()):
            return
        if day := self._rule.due(now, last):
            self._thread = threading.Thread(target=self._say, args=[day], name="closing", daemon=True)
            self._thread.start()
            timeouts.leave_behind(self._thread)

    def _say(self, day: date) -> None:
        from visitorsflow.alerts import chart  # Pillow, for one picture a day

        try:
            end = self._read(day)
            if end.totals.first is None:
                return  # nobody came: there is nothing to show
            png = chart.draw(end, self._words, venue=self._venue)
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
        self._outbox.put_picture(png, closing_caption(end, self._words, self._venue), DayClosed(day))


class DayOnPhone:
    """A listener, at work while this PC speaks for the venue: `speaks()`. `now` gives the local time.

    While the database is away nobody can tell who speaks: then it is for the PC that spoke last, `spoke()`.
    """

    def __init__(
        self,
        outbox: Outbox,
        closing: ClosingMessage,
        words: Words,
        open_hours: OpenHours | None,
        speaks: Callable[[], bool],
        spoke: Callable[[], bool],
        now: Callable[[], datetime],
        venue: str = "",
    ) -> None:
        self._outbox = outbox
        self._closing = closing
        self._words = words
        self._open_hours = open_hours
        self._speaks = speaks
        self._spoke = spoke
        self._now = now
        self._venue = venue
        self._read: tuple[Day, datetime] | None = None  # the last one, and its local time
        self._away_since: datetime | None = None
        self._away_is_told = False
        self._shows_away = False
        self._was_read = False  # at the last try

    def __call__(self, event: Event) -> None:
        now = self._now().replace(tzinfo=None)
        match event:
            case DayRead(day):
                self._read, self._was_read = (day, now), True
                if self._speaks():
                    self._show()
                    self._closing.look(now, day.closing_said)
                else:  # what still waits here for its minute is older than what the other PC shows
                    self._outbox.drop_status()
            case Began(what) if what in (DATABASE, REFUSAL):
                self._away_since = self._away_since or now
            case Ended(what) if what is DATABASE or (what is REFUSAL and not self._away_is_told):
                self._away_since, self._away_is_told = None, False
            case Lasts(what) if what is DATABASE:
                self._away_is_told = True
                self._show_away()
            case DayUnread():
                # Again, in case that Telegram did not take it; but once may be a server that catches up.
                if self._away_is_told and not self._was_read:
                    self._show_away()
                self._was_read = False

    def _show_away(self) -> None:
        if self._spoke():
            self._show(self._away_since)
        else:
            self._outbox.drop_status()

    def _show(self, away_since: datetime | None = None) -> None:
        if self._read:
            day, now = self._read
            text = status_text(day, self._open_hours, self._words, now, self._venue, away_since)
            is_news = away_since is not None or (self._shows_away and self._away_since is None)
            if is_news:
                self._shows_away = away_since is not None
            self._outbox.show_status(day.day, text, at_once=is_news)


def closing_caption(end: DayEnd, words: Words, venue: str = "") -> str:
    """Tell of a day that is over: its counts, its peak, the cameras' gaps, the reports."""
    totals = end.totals
    head = words("closing", day=f"{end.day:%Y-%m-%d}", weekday=words.weekday(end.day))
    counts = words("closing counts", came_in=_grouped(totals.came_in), went_out=_grouped(totals.went_out))
    lines = [f"{venue} {head}".strip(), f"{counts} {words.without(_not_whole(end))}".strip()]
    if end.peak_at:
        lines.append(words("closing peak", people=_grouped(end.peak), at=f"{end.peak_at:%H:%M}"))
    lines.append(_left_over(end, words))
    lines += _gaps(end, words)
    if end.sent:
        lines.append(words("closing reports", sent=end.sent, accepted=end.accepted))
    else:
        lines.append(words("closing no report"))
    return "\n".join(printable(line) for line in lines)


def _not_whole(end: DayEnd) -> list[str]:
    """The cameras whose rows of that day are missing in part, as far as is known."""
    return sorted({camera for camera, _ in (*(end.gaps or ()), *end.gone)})


def _gaps(end: DayEnd, words: Words) -> list[str]:
    if end.gaps is None:
        return [words("closing gaps not known")]
    lines = [
        words("closing gap", camera=camera, length=words.length(seconds)) for camera, seconds in end.gaps
    ]
    lines += [words("closing gone", camera=camera, at=f"{at:%H:%M}") for camera, at in end.gone]
    if not lines:
        since = end.gaps_since
        return [words("closing no gap since", since=f"{since:%H:%M}") if since else words("closing no gap")]
    if end.gaps_since:
        lines.append(words("closing gaps since", since=f"{end.gaps_since:%H:%M}"))
    return lines


def _left_over(end: DayEnd, words: Words) -> str:
    """Tell how far in and out differ, also in percent of the larger of the two."""
    left = end.totals.came_in - end.totals.went_out
    if left == 0:
        return words("closing even")
    percent = f"{100 * abs(left) / max(end.totals.came_in, end.totals.went_out):.1f}"
    return words(
        "closing inside" if left > 0 else "closing more out", people=_grouped(abs(left)), percent=percent
    )


def _grouped(number: int) -> str:
    """1234 is 1,234."""
    return f"{number:,}"
