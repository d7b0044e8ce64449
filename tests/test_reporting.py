"""Whether callAPI.py does its work: pure, with a clock that the tests turn."""

from datetime import datetime, time, timedelta

from tests.readings import NOON, READ_AT, camera, day, report
from visitorsflow.events import Began, Ended, Event, Lasts
from visitorsflow.facts import SentReport, Totals
from visitorsflow.reasons import Reason, quoted
from visitorsflow.subjects import REPORT, REPORT_REFUSED
from visitorsflow.venue.watch import Reporting

ROWS = Totals(72, 20, NOON, NOON)
DAY = (time(8), time(22))
EMPTY = Totals(0, 0, None, None)
WEEK = 7 * 24 * 3600


class Watch:
    """Reads the day every 20 s from NOON on, or from `start`; the last report stays the same."""

    def __init__(self, start: datetime = NOON) -> None:
        self.rule = Reporting(DAY, 0)
        self.start = start
        self.seconds = 0.0

    def read(
        self, seconds: float, last: SentReport | None, totals: Totals = ROWS, refused: int = 0
    ) -> list[Event]:
        events: list[Event] = []
        for _ in range(round(seconds / 20)):
            self.seconds += 20
            events += self.look(last, totals, refused)
        return events

    def look(self, last: SentReport | None, totals: Totals = ROWS, refused: int = 0) -> tuple[Event, ...]:
        passed = timedelta(seconds=self.seconds)
        reading = day(
            camera("a"), read_at=READ_AT + passed, report=last, totals=totals, refused_in_a_row=refused
        )
        return self.rule.check(reading, self.start + passed, self.seconds)


def test_told_after_a_quarter_of_an_hour() -> None:
    """Once, with the time of the last report; and once that reports are sent again."""
    watch = Watch()
    assert watch.read(20 + 880, report(60)) == []
    told = Lasts(REPORT, Reason("last report", sent="2018-11-03 11:59"), 900)
    assert watch.read(20, report(60)) == [told]
    assert watch.read(3600, report(60)) == []
    assert watch.read(20, report(-4520)) == [Ended(REPORT, 4500, told=True, caught_up=0)]
    assert watch.read(880, report(-4520)) == []


def test_reports_in_time_are_no_news() -> None:
    """Each starts the quarter of an hour anew."""
    watch = Watch()
    for sent in range(0, 9000, 880):
        assert watch.read(880, report(-sent)) == []


def test_none_is_expected_before_the_first_row() -> None:
    """Then callAPI.py has nothing to send; time counts from when there is something."""
    watch = Watch()
    watch.read(20, report(60))
    assert watch.read(7200, report(60), EMPTY) == []
    assert watch.read(900, report(60)) == []
    assert watch.read(20, report(60)) == [Lasts(REPORT, Reason("last report", sent="2018-11-03 11:59"), 900)]


def test_none_is_expected_where_none_was_ever_sent() -> None:
    """Nor while the table of reports can't be read."""
    watch = Watch()
    assert watch.read(7200, None) == []
    watch.read(20, report(60))
    assert watch.read(800, report(60)) == []
    assert watch.read(7200, None) == []
    assert watch.read(100, report(60)) == []
    assert len(watch.read(20, report(60))) == 1


def test_none_is_expected_any_more_after_a_week() -> None:
    """callAPI.py was given up; a week less a moment is still missed."""
    assert Watch().read(7200, report(WEEK - 20)) == []
    assert Watch().read(7200, report(WEEK - 920)) == []
    assert len(Watch().read(7200, report(WEEK - 921))) == 1


def test_closed_time_does_not_count() -> None:
    """Ten minutes before closing, and the rest in the morning."""
    watch = Watch(NOON.replace(hour=21, minute=49, second=40))
    assert watch.read(20 + 600, report(60)) == []
    assert watch.read(10 * 3600 + 280, report(60)) == []
    assert len(watch.read(40, report(60))) == 1


def test_time_without_readings_does_not_count() -> None:
    """While the database was away somebody may have sent one; slow readings are readings."""
    for pause, told in ((200, 1), (201, 0)):
        watch = Watch()
        watch.read(20 + 700, report(60))
        watch.seconds += pause
        assert len(watch.look(report(60))) == told


def test_three_refused_in_a_row() -> None:
    """Told once, at once, with what the API said; and once that they are accepted again."""
    watch = Watch()
    refused = report(60, accepted=False, http_status=403, reply="no such SSID")
    assert watch.read(40, refused, refused=2) == []
    reason = quoted("HTTP 403 no such SSID")
    told = [Began(REPORT_REFUSED, reason), Lasts(REPORT_REFUSED, reason, 0)]
    assert watch.read(20, refused, refused=3) == told
    assert watch.read(20, report(-60, accepted=False, http_status=500), refused=4) == []
    assert watch.read(20, report(-90)) == [Ended(REPORT_REFUSED, 40, told=True, caught_up=0)]
    assert watch.read(20, report(-90)) == []


def test_no_answer_is_a_refusal() -> None:
    """There is no status then."""
    lost = report(60, accepted=False, http_status=None, reply="the API can't be reached")
    assert Watch().read(20, lost, refused=3)[1] == Lasts(
        REPORT_REFUSED, quoted("the API can't be reached"), 0
    )


def test_old_refusals_are_no_news() -> None:
    """A PC that starts in the morning does not tell of last night's."""
    for age, told in ((879, 2), (880, 0)):
        assert len(Watch().read(20, report(age, accepted=False), refused=3)) == told
