"""The closing message: said once it can be, and tried again while the database is away."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.venue import wait_until
from visitorsflow.alerts.daily import ClosingMessage
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import DayClosed
from visitorsflow.facts import DayEnd, Hour, Totals
from visitorsflow.rules.period import OpenHours
from visitorsflow.words import Words

SATURDAY = date(2018, 11, 3)
CLOSED = datetime(2018, 11, 3, 22, 0, 5)
OPEN_HOURS: OpenHours = (datetime(2018, 1, 1, 8).time(), datetime(2018, 1, 1, 22).time())
HOURS = (Hour(10, "17", 72, 20),)
MORNING = datetime(2018, 11, 3, 10)


class Place:
    """All that a closing message needs: an outbox, a database, a clock."""

    def __init__(self) -> None:
        self.delivered: list[tuple[bytes, str]] = []
        self.said: list[date] = []
        self.reads = 0
        self.away = False
        self.seconds = 0.0
        self.totals = Totals(72, 20, MORNING, MORNING)
        outbox: Any = self
        self.message = ClosingMessage(outbox, Words("zh-TW"), OPEN_HOURS, self.read, lambda: self.seconds)

    def read(self, day: date) -> DayEnd:
        self.reads += 1
        if self.away:
            raise DatabaseAway("db:3306/venue: gone")
        return DayEnd(day, self.totals, HOURS, 52, MORNING, (), 0, 0)

    def put_picture(self, png: bytes, caption: str, about: DayClosed) -> None:
        self.delivered.append((png, caption))
        self.said.append(about.day)

    def look(self, now: datetime = CLOSED, last: date | None = None) -> None:
        """And wait until it has tried, if it does."""
        self.message.look(now, last)
        wait_until(lambda: not self.message.is_busy)


@pytest.fixture
def place() -> Place:
    """Nothing has been said yet."""
    return Place()


def test_it_is_said_once(place: Place) -> None:
    """A picture and its caption, about the day: when they arrive, it is kept that this day was told."""
    for seconds in range(3):
        place.look(CLOSED + timedelta(seconds=seconds))
    [(png, caption)] = place.delivered
    assert png.startswith(b"\x89PNG")
    assert "72" in caption
    assert place.said == [SATURDAY]
    assert place.reads == 1


def test_another_pc_has_said_it(place: Place) -> None:
    """Then nothing is read, nothing is said."""
    place.look(last=SATURDAY)
    assert (place.reads, place.delivered) == (0, [])


def test_the_database_is_away_at_closing(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Tried again after a while, which is said once; then the message comes, once."""
    place.away = True
    for _ in range(100):
        place.look()
        place.seconds += 1
    assert 2 <= place.reads <= 10
    with caplog.at_level(logging.WARNING):
        assert caplog.text.count("the closing message for 2018-11-03 waits: db:3306/venue: gone") == 1
    place.away = False
    for _ in range(100):
        place.look()
        place.seconds += 1
    assert len(place.delivered) == 1
    assert place.said == [SATURDAY]


def test_a_day_that_can_not_be_drawn(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A defect of ours is logged, once, and ends nothing."""
    place.totals = Totals("many", 20, MORNING, MORNING)  # type: ignore[arg-type]
    for _ in range(3):
        place.look()
    assert caplog.text.count("no closing message for 2018-11-03") == 1
    assert (place.reads, place.delivered) == (1, [])


def test_nobody_came(place: Place) -> None:
    """There is nothing to show, and nothing to try again."""
    place.totals = Totals(0, 0, None, None)
    for _ in range(3):
        place.look()
    assert (place.reads, place.delivered, place.said) == (1, [], [])
