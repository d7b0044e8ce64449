"""Work that is done again and again beside the storing, on a clock that the test turns."""

import math

import pytest

from visitorsflow.errors import DatabaseAway, DatabaseRefuses
from visitorsflow.venue.overview import PeriodicTask


class Clock:
    """Monotonic seconds, and work that takes some of them and may fail."""

    def __init__(self, takes: float = 0) -> None:
        self.now = 100.0
        self.takes = takes
        self.error: Exception | None = None
        self.done: list[float] = []

    def __call__(self) -> float:
        return self.now

    def work(self) -> None:
        self.done.append(self.now)
        self.now += self.takes
        if self.error:
            raise self.error

    def run(self, again: PeriodicTask, seconds: float) -> list[float]:
        """Take it whenever it is due, for so long; returns when, counted from the beginning."""
        self.done.clear()
        began = self.now
        while self.now < began + seconds:
            if again.is_due():
                again.take()
            self.now += min(again.seconds_left(), began + seconds - self.now)
        return [moment - began for moment in self.done]


def test_at_once_and_every_so_many_seconds() -> None:
    """Counted from the end of the one before."""
    clock = Clock(takes=1)
    assert clock.run(PeriodicTask("it", clock.work, 20, clock=clock), 60) == [0, 21, 42]


def test_what_takes_long_keeps_its_pace() -> None:
    """A slow reading of the day, as the first one may be, makes no pause in which the venue is silent."""
    clock = Clock(takes=4)
    assert clock.run(PeriodicTask("it", clock.work, 20, clock=clock), 60) == [0, 24, 48]


def test_in_a_hurry_not_more_than_once_a_second() -> None:
    """Measured between two beginnings; and nothing is put off by hurrying."""
    clock = Clock(takes=0.25)
    again = PeriodicTask("it", clock.work, 20, clock=clock)
    again.hurry(1)
    assert again.is_due()
    again.take()
    again.hurry(1)
    assert again.seconds_left() == 0.75
    clock.now += 19.5
    again.hurry(1)
    assert again.is_due()


def test_never() -> None:
    """What is to be done every so many infinite seconds is not done, not even in a hurry."""
    clock = Clock()
    again = PeriodicTask("it", clock.work, math.inf, clock=clock)
    again.hurry(1)
    assert not again.is_due()
    assert again.seconds_left() == math.inf


def test_failures_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """It is tried again after 1, 2, 4 … at most 20 seconds, however much hurry there is."""
    caplog.set_level("INFO")
    clock = Clock()
    again = PeriodicTask("reading", clock.work, 20, clock=clock)
    clock.error = DatabaseAway("db: gone")
    assert clock.run(again, 70) == [0, 1, 3, 7, 15, 31, 51]
    again.hurry(1)
    assert not again.is_due()
    assert again.is_failing
    assert caplog.messages == ["reading does not work, storing goes on: db: gone"]
    clock.error = None
    clock.run(again, 15)  # long enough for one try
    assert not again.is_failing
    assert caplog.messages[1:] == ["reading works again"]


def test_a_refusal_is_kept_as_long_as_it_lasts() -> None:
    """It is not the same as a database that can't be reached."""
    clock = Clock()
    again = PeriodicTask("it", clock.work, 20, clock=clock)
    clock.error = DatabaseRefuses("no right")
    again.take()
    assert str(again.refusal) == "no right"
    clock.error = DatabaseAway("gone")
    again.take()
    assert again.refusal is None
    clock.error = DatabaseRefuses("no right")
    again.take()
    clock.error = None
    again.take()
    assert again.refusal is None


def test_a_defect_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once, with where it was, and the work goes on."""
    clock = Clock()
    again = PeriodicTask("reading", clock.work, 20, clock=clock)
    clock.error = ZeroDivisionError()
    clock.run(again, 60)
    assert caplog.messages == ["reading has a defect, storing goes on"]
    assert "ZeroDivisionError" in caplog.text
