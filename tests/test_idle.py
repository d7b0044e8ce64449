"""When silence is too long: pure, with a clock that the tests turn."""

from datetime import time

from hypothesis import given
from hypothesis import strategies as st

from visitorsflow.events import Ended, Lasts
from visitorsflow.rules.period import is_open
from visitorsflow.rules.silence import Silence
from visitorsflow.subjects import SILENCE

NOON = time(12)
NIGHT = time(3)
DAY = (time(8), time(22))


def test_one_alert_a_silence() -> None:
    """After the limit once, and not again until data came and stopped again."""
    silence = Silence(60, None, now=0)
    told = Lasts(SILENCE, None, 60)
    assert [silence.quiet(now, NOON) for now in (59, 60, 61, 600)] == [(), (told,), (), ()]
    assert silence.arrived(720) == (Ended(SILENCE, 600, told=True, caught_up=0),)
    assert silence.arrived(730) == ()
    assert [silence.quiet(now, NOON) for now in (789, 790)] == [(), (told,)]


def test_data_in_time_is_no_news() -> None:
    """A file before the limit restarts the timer and ends nothing."""
    silence = Silence(60, None, now=0)
    for now in range(0, 1000, 50):
        assert silence.arrived(now) == ()
        assert not silence.quiet(now + 49, NOON)


def test_closed_time_is_no_silence() -> None:
    """20 s before closing and 40 s after opening make a minute; the night between makes nothing."""
    silence = Silence(60, DAY, now=0)
    assert not silence.quiet(20, NOON)
    assert not any(silence.quiet(now, NIGHT) for now in range(20, 36_000, 5))
    assert not silence.quiet(35_995 + 39, NOON)
    assert silence.quiet(35_995 + 40, NOON)


def test_time_without_sight_is_no_silence() -> None:
    """While the folder can't be seen nobody can say that nothing came."""
    silence = Silence(60, None, now=0)
    silence.quiet(30, NOON)
    silence.blind()
    assert not silence.quiet(500, NOON)
    assert not silence.quiet(529, NOON)
    assert silence.quiet(530, NOON)


def test_a_folder_that_fails_now_and_then_hides_no_silence() -> None:
    """Nothing new at this look and at the last: nothing has come, whatever failed in between."""
    silence = Silence(60, None, now=0)
    for now in range(10, 60, 10):
        silence.blind()
        assert not silence.quiet(now, NOON)
    silence.blind()
    assert silence.quiet(60, NOON)


def test_how_soon_the_next_look_must_come() -> None:
    """In fifteen seconds; what lies between looks farther apart was not seen."""
    for after, is_told in ((15, True), (16, False)):
        silence = Silence(15, None, now=0)
        silence.blind()
        assert bool(silence.quiet(after, NOON)) == is_told


def test_the_next_look_is_computed() -> None:
    """The loop sleeps just until an alert may be due, and never spins on one that is not."""
    silence = Silence(60, DAY, now=0)
    silence.quiet(45, NOON)
    assert silence.seconds_left(NOON) == 15
    assert silence.seconds_left(NIGHT) == float("inf")
    silence.quiet(60, NOON)
    assert silence.seconds_left(NOON) == float("inf")
    silence.arrived(61)
    assert silence.seconds_left(NOON) == 60


def test_a_silence_that_was_told_before_the_start() -> None:
    """It is not told again, and its end has all of its time."""
    silence = Silence(60, None, now=0)
    silence.resume(600)
    assert silence.quiet(20, NOON) == ()
    assert silence.arrived(25) == (Ended(SILENCE, 620, told=True, caught_up=0),)


def test_windows() -> None:
    """The start belongs to the window, the end does not; it may span midnight; equal ends are all day."""
    assert [is_open(time(h), DAY) for h in (7, 8, 21, 22)] == [False, True, True, False]
    night = (time(18), time(2))
    assert [is_open(time(h), night) for h in (17, 18, 23, 0, 1, 2)] == [False, True, True, True, True, False]
    assert is_open(time(7), (time(0), time(0)))


@given(st.lists(st.tuples(st.floats(0.01, 100), st.booleans()), max_size=50), st.floats(1, 200))
def test_an_alert_comes_exactly_when_the_open_silence_reaches_the_limit(
    looks: list[tuple[float, bool]], limit: float
) -> None:
    """For any pattern of looks and opening, the alert is at the first look with enough open silence."""
    rule = Silence(limit, DAY, now=0)
    now = silence = 0.0
    for step, is_day in looks:
        now += step
        before, silence = silence, silence + (step if is_day else 0)
        due = bool(rule.quiet(now, NOON if is_day else NIGHT))
        if abs(silence - limit) > 1e-6 and abs(before - limit) > 1e-6:
            assert due == (before < limit <= silence)
