"""When the most people were inside: pure."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.readings import NOON
from visitorsflow.rules.limits import peak


def test_nobody() -> None:
    """Also where more went out than ever came in."""
    assert peak([]) == peak([(NOON, -1), (NOON, 1)]) == (0, None)


def test_the_first_of_several() -> None:
    """It is reached again later; what came before counts."""
    later = NOON + timedelta(hours=1)
    assert peak([(NOON, 2), (later, -2), (later, 2)]) == (2, NOON)
    assert peak([(NOON, 2), (later, 3)]) == (5, later)


@given(st.lists(st.integers(-9, 9), max_size=50))
def test_it_is_the_largest_sum(changes: list[int]) -> None:
    """For any course of a day."""
    moments = [(NOON + timedelta(seconds=second), more) for second, more in enumerate(changes)]
    sums = [sum(changes[: number + 1]) for number in range(len(changes))]
    assert peak(moments)[0] == max(0, *sums, 0)
