"""Whether callAPI.py does its work: it sends a report every five minutes, and the authority takes it.

Pure: the clock is passed in.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from visitorsflow.events import Event, Lasts
from visitorsflow.facts import Day, SentReport
from visitorsflow.rules.condition import Condition
from visitorsflow.rules.silence import OpenHours, Silence

NONE_SENT_SECONDS = 900  # of open time: three runs of cron
REFUSED_IN_A_ROW = 3
OUT_OF_SIGHT_SECONDS = 200  # between two readings: then nobody can say that no report was sent
GIVEN_UP = timedelta(days=7)  # where the last report is so old, none is expected any more


class Reporting:
    """What of the reports is worth telling. `now` at first: monotonic seconds."""

    def __init__(self, open_hours: OpenHours | None, now: float) -> None:
        self._silence = Silence(NONE_SENT_SECONDS, open_hours, now, "report")
        self._refused = Condition("report refused", patience=0)
        self._looked = now
        self._last: datetime | None = None  # when the last report that was seen was sent

    def check(self, day: Day, wall: datetime, now: float) -> tuple[Event, ...]:
        """What is new. `wall` is the local time at which the day was read, `now` that in monotonic seconds.

        Silence counts from when this PC could see that there was something to report and nobody did:
        before the day's first row callAPI.py has nothing to send.
        """
        before, self._looked = self._looked, now
        report = day.report
        if report is None:
            self._silence.blind()
            return ()
        silence: tuple[Event, ...] = ()
        if report.sent_at != self._last:
            self._last = report.sent_at
            silence = self._silence.arrived(now)
        elif day.totals.first is None or day.read_at - report.sent_at >= GIVEN_UP:
            self._silence.blind()
        else:
            if now - before > OUT_OF_SIGHT_SECONDS:
                self._silence.blind()
            silence = self._silence.quiet(now, wall.time())
        return (*(_with_time(e, day, report, wall) for e in silence), *self._acceptance(day, report, now))

    def _acceptance(self, day: Day, report: SentReport, now: float) -> tuple[Event, ...]:
        if report.accepted:
            return self._refused.end(now)
        is_new = day.read_at - report.sent_at < timedelta(seconds=NONE_SENT_SECONDS)
        if self._refused.active or not is_new or day.refused_in_a_row < REFUSED_IN_A_ROW:
            return ()
        status = f"HTTP {report.http_status} " if report.http_status else ""
        return (*self._refused.begin(now, f"{status}{report.reply}"), *self._refused.check(now))


def _with_time(event: Event, day: Day, report: SentReport, wall: datetime) -> Event:
    """When it has lasted: with the local time of the last report as the reason."""
    if not isinstance(event, Lasts):
        return event
    return replace(event, reason=f"{wall - (day.read_at - report.sent_at):%Y-%m-%d %H:%M}")
