"""How many rows a slow server gets at once: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitorsflow.rules.portion import Portion


def test_half_after_each_time_out() -> None:
    """Down to the fewest, and not below."""
    portion = Portion(2000, 300)
    assert (portion.rows, portion.is_whole) == (2000, True)
    found = []
    for _ in range(4):
        portion.timed_out()
        found.append(portion.rows)
    assert found == [1000, 500, 300, 300]
    assert not portion.is_whole


@pytest.mark.parametrize(
    ("rows", "seconds", "then"),
    [
        (500, 2.5, 1000),
        (500, 2.51, 500),  # twice as many might take longer than half of the limit
        (499, 0.01, 500),  # too few to show anything
        (5000, 0.01, 1000),
    ],
)
def test_twice_as_many_after_what_was_quick(rows: int, seconds: float, then: int) -> None:
    """Only if they will be taken with time to spare."""
    portion = Portion(2000, 10)
    portion.timed_out()
    portion.timed_out()
    portion.stored(rows, seconds, 10)
    assert portion.rows == then


def test_never_more_than_the_most() -> None:
    """However quick the server is; and then it is whole again."""
    portion = Portion(2000, 300)
    for _ in range(3):
        portion.timed_out()
    for _ in range(3):
        portion.stored(2000, 0, 10)
    assert (portion.rows, portion.is_whole) == (2000, True)
    portion.stored(2000, 0, 10)
    assert portion.rows == 2000


def test_the_same_part_of_something_else() -> None:
    """Such as of a batch of files; never nothing."""
    portion = Portion(2000, 1)
    assert portion.of(5000) == 5000
    portion.timed_out()
    assert (portion.of(5000), portion.of(3)) == (2500, 1)
    portion.timed_out()
    assert portion.of(3) == 1


@given(rate=st.floats(5, 100_000), waiting=st.integers(1, 30_000))
def test_every_server_gets_through(rate: float, waiting: int) -> None:
    """With so many rows a second and a limit of 10 s: a few time-outs at most, then none any more."""
    portion, time_outs = Portion(2000, 10), 0
    while waiting > 0:
        rows = min(waiting, portion.rows)
        if rows / rate > 10:
            portion.timed_out()
            time_outs += 1
        else:
            portion.stored(rows, rows / rate, 10)
            waiting -= rows
    assert time_outs <= 6
