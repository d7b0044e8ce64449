"""The day on the phone, by the PC that speaks: the status message, and the picture at closing."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from visitorsflow import timeouts
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.errors import DatabaseAway, VisitorsFlowError
from visitorsflow.events import DayClosed, DayRead, Event
from visitorsflow.facts import CameraState, Day, DayEnd, missing_reason
from visitorsflow.rules.condition import Backoff
from visitorsflow.rules.health import health, open_for
from visitorsflow.rules.period import Closing
from visitorsflow.rules.silence import OpenHours
from visitorsflow.text import day_time, printable
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
    ) -> None:
        self._outbox = outbox
        self._words = words
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
            png = chart.draw(end, self._words)
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
        self._outbox.put_picture(png, closing_caption(end, self._words), DayClosed(day))


class DayOnPhone:
    """A listener, at work while this PC speaks for the venue: `speaks()`. `now` gives the local time."""

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


def status_text(day: Day, open_hours: OpenHours | None, words: Words, now: datetime) -> str:
    """Tell the state of the day in a few lines; `now` is the local time at which it was read.

    It changes at least once a minute, so that a text which stays the same is seen to be old.
    """
    lines = [
        words("status", inside=_grouped(day.inside), now=f"{now:%Y-%m-%d %H:%M}"),
        words("status counts", came_in=_grouped(day.totals.came_in), went_out=_grouped(day.totals.went_out)),
        *_last_full_hour(day, words, now),
        *(
            words("status camera", camera=camera.name, word=_word(camera, day, open_hours, words, now))
            for camera in day.cameras
        ),
        _last_report(day, words, now),
    ]
    if day.missing:
        lines.append(words("status missing", missing=words.say(missing_reason(day.missing))))
    return "\n".join(printable(line) for line in lines)


def _last_full_hour(day: Day, words: Words, now: datetime) -> list[str]:
    hours = [hour for hour in day.hours if hour.hour == now.hour - 1]
    if not hours:
        return []
    return [
        words(
            "status hour",
            start=f"{now.hour - 1:02}",
            end=f"{now.hour:02}",
            came_in=_grouped(sum(hour.came_in for hour in hours)),
            went_out=_grouped(sum(hour.went_out for hour in hours)),
        )
    ]


def _word(camera: CameraState, day: Day, open_hours: OpenHours | None, words: Words, now: datetime) -> str:
    """Tell a camera's state in a word, and for how long."""
    reading = health(camera, day.read_at, open_for(now.time(), open_hours))
    return words(f"camera is {reading.health}", length=words.length(reading.seconds))


def _last_report(day: Day, words: Words, now: datetime) -> str:
    if day.report is None:
        return words("status no report")
    sent = now - (day.read_at - day.report.sent_at)
    verdict = words("status accepted" if day.report.accepted else "status refused")
    return words("status report", sent=day_time(sent, now), verdict=verdict)


def closing_caption(end: DayEnd, words: Words) -> str:
    """Tell of a day that is over: its counts, its peak, the cameras' gaps, the reports."""
    totals = end.totals
    lines = [
        words("closing", day=f"{end.day:%Y-%m-%d}"),
        words("closing counts", came_in=_grouped(totals.came_in), went_out=_grouped(totals.went_out)),
    ]
    if end.peak_at:
        lines.append(words("closing peak", people=_grouped(end.peak), at=f"{end.peak_at:%H:%M}"))
    lines.append(_left_over(end, words))
    lines += _gaps(end, words)
    if end.sent:
        lines.append(words("closing reports", sent=end.sent, accepted=end.accepted))
    else:
        lines.append(words("closing no report"))
    return "\n".join(printable(line) for line in lines)


def _gaps(end: DayEnd, words: Words) -> list[str]:
    if end.gaps is None:
        return [words("closing gaps not known")]
    lines = [
        words("closing gap", camera=camera, length=words.length(seconds)) for camera, seconds in end.gaps
    ]
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
