"""When to try again: the waits second by second, with a turned clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitorsflow.rules.condition import Backoff


def waits(backoff: Backoff, failures: int, now: float = 1000.0) -> list[float]:
    """How long each of some failures in a row makes us wait; each try comes when it is due."""
    found = []
    for _ in range(failures):
        backoff.failed(now)
        found.append(backoff.seconds_left(now))
        now += found[-1]
    return found


def test_at_the_start_a_try_is_due() -> None:
    """Nothing has failed: no waiting, whatever the clock shows."""
    backoff = Backoff(30)
    for now in (-1e9, 0.0, 1e9):
        assert backoff.is_due(now)
        assert backoff.seconds_left(now) == 0
    assert not backoff.failing


def test_the_waits_double_up_to_the_longest() -> None:
    """1, 2, 4 … and then always the longest."""
    assert waits(Backoff(30), 8) == [1, 2, 4, 8, 16, 30, 30, 30]
    assert waits(Backoff(64), 9) == [1, 2, 4, 8, 16, 32, 64, 64, 64]


def test_a_longest_wait_below_a_second() -> None:
    """The first wait is no longer than the longest."""
    assert waits(Backoff(0.25), 3) == [0.25, 0.25, 0.25]


def test_months_of_failures() -> None:
    """The wait stays the longest, and nothing grows without end."""
    assert waits(Backoff(30), 100_000)[-1] == 30


def test_due_to_the_moment() -> None:
    """Not before the wait is over, and from then on."""
    backoff = Backoff(30)
    backoff.failed(100)
    assert [backoff.is_due(now) for now in (100, 100.99, 101, 101.01)] == [False, False, True, True]
    assert [backoff.seconds_left(now) for now in (100, 100.75, 101, 102)] == [1, 0.25, 0, 0]


def test_it_fails_until_it_works() -> None:
    """Also between two tries, when the next one is due already."""
    backoff = Backoff(30)
    backoff.failed(0)
    assert backoff.is_due(50)
    assert backoff.failing
    backoff.reset()
    assert not backoff.failing


def test_after_a_success_all_begins_anew() -> None:
    """The next try is due at once, and the first wait is a second again."""
    backoff = Backoff(30)
    waits(backoff, 5)
    backoff.postpone(2000, 600)
    backoff.reset()
    assert backoff.is_due(0)
    assert backoff.seconds_left(0) == 0
    assert waits(backoff, 3) == [1, 2, 4]


def test_what_is_asked_for_is_kept() -> None:
    """A longer wait than ours holds, also when something fails in between; the doubling goes on."""
    backoff = Backoff(30)
    backoff.failed(0)
    backoff.postpone(0, 600)
    assert backoff.seconds_left(0) == 600
    backoff.failed(10)
    assert backoff.seconds_left(10) == 590
    backoff.failed(600)
    assert backoff.seconds_left(600) == 4


def test_what_is_asked_for_is_the_least() -> None:
    """A shorter wait than ours changes nothing."""
    backoff = Backoff(30)
    waits(backoff, 4, now=0)  # the last fails at 7 and waits for 8 s
    backoff.postpone(7, 3)
    assert backoff.seconds_left(7) == 8


def test_postponed_without_a_failure() -> None:
    """It waits, and yet nothing has failed."""
    backoff = Backoff(30)
    backoff.postpone(100, 5)
    assert not backoff.failing
    assert [backoff.is_due(now) for now in (104.9, 105)] == [False, True]
    assert waits(backoff, 2, now=105) == [1, 2]


@pytest.mark.parametrize("longest", [0.5, 30, 60])
@given(moves=st.lists(st.tuples(st.sampled_from(["fail", "ask", "work"]), st.integers(0, 100))))
def test_in_whatever_order_it_comes(longest: float, moves: list[tuple[str, int]]) -> None:
    """Due exactly when no second is left; never longer than the longest and what was asked for."""
    backoff = Backoff(longest)
    now, most = 0.0, 0.0
    for move, seconds in moves:
        now += seconds / 8  # eighths are exact
        if move == "fail":
            backoff.failed(now)
            most = max(most, now + longest)
            assert backoff.failing
        elif move == "ask":
            backoff.postpone(now, seconds)
            most = max(most, now + seconds)
            assert backoff.seconds_left(now) >= seconds
        else:
            backoff.reset()
            most = now
        left = backoff.seconds_left(now)
        assert 0 <= left <= max(0.0, most - now)
        assert backoff.is_due(now) == (left == 0)
