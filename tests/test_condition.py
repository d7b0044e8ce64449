"""When a trouble is worth telling, and when to try again: pure, with a clock that the tests turn."""

from hypothesis import given
from hypothesis import strategies as st

from visitorsflow.events import Began, Ended, Lasts
from visitorsflow.rules.backoff import Backoff
from visitorsflow.rules.condition import Condition


def test_what_is_over_soon_is_not_told() -> None:
    """Half a minute is nobody's business; the log has it all the same."""
    trouble = Condition("database")
    assert trouble.begin(100, "gone") == (Began("database", "gone"),)
    assert trouble.check(129.9) == ()
    assert trouble.end(130) == (Ended("database", 30, told=False, caught_up=0),)
    assert trouble.check(200) == ()


def test_told_once_when_it_lasts() -> None:
    """At 30 s, not again after that; its end says that it was told."""
    trouble = Condition("database")
    trouble.begin(100, "gone")
    assert trouble.check(130) == (Lasts("database", "gone", 30),)
    assert trouble.check(131) == trouble.check(10_000) == ()
    assert trouble.end(160) == (Ended("database", 60, told=True, caught_up=0),)


def test_a_patience_of_its_own() -> None:
    """What is to be told at once is told at once."""
    trouble = Condition("disk", patience=0)
    trouble.begin(5, "full")
    assert trouble.check(5) == (Lasts("disk", "full", 0),)


def test_only_what_is_new_is_said() -> None:
    """The same reason again is no news; another one is; its age counts from the first."""
    trouble = Condition("folder", patience=10)
    assert trouble.begin(0, "no permission") == (Began("folder", "no permission"),)
    assert trouble.begin(4, "no permission") == ()
    assert trouble.begin(8, "disk full") == (Began("folder", "disk full"),)
    assert trouble.reason == "disk full"
    assert trouble.check(10) == (Lasts("folder", "disk full", 10),)


def test_nothing_is_carried_over() -> None:
    """After its end the next one counts anew, is told anew, and has its own files."""
    trouble = Condition("database")
    assert trouble.end(0) == ()
    trouble.begin(0, "gone")
    trouble.check(30)
    trouble.catch_up(3)
    trouble.catch_up(4)
    assert trouble.active
    assert trouble.told
    assert trouble.end(50) == (Ended("database", 50, told=True, caught_up=7),)
    assert not trouble.active
    assert not trouble.told
    assert trouble.reason == ""
    trouble.catch_up(5)
    assert trouble.begin(60, "gone") == (Began("database", "gone"),)
    assert trouble.check(89) == ()
    assert trouble.end(89) == (Ended("database", 29, told=False, caught_up=0),)


def test_the_time_until_it_is_worth_telling() -> None:
    """The loop can sleep just so long."""
    trouble = Condition("database")
    assert trouble.seconds_left(0) == float("inf")
    trouble.begin(10, "gone")
    assert [trouble.seconds_left(now) for now in (10, 25, 40, 70)] == [30, 15, 0, 0]
    trouble.check(40)
    assert trouble.seconds_left(40) == float("inf")


@given(st.lists(st.tuples(st.floats(0.1, 40), st.booleans()), max_size=40))
def test_each_telling_has_one_end(steps: list[tuple[float, bool]]) -> None:
    """For any course of things: told at most once a trouble, and never an end without a beginning."""
    trouble = Condition("database")
    now, began, told = 0.0, None, False
    for seconds, fails in steps:
        now += seconds
        if fails:
            began = now if began is None else began
            trouble.begin(now, "gone")
            is_told = bool(trouble.check(now))
            assert is_told == (not told and now - began >= 30)
            told = told or is_told
        else:
            ended = trouble.end(now)
            assert ended == (() if began is None else (Ended("database", now - began, told, 0),))
            began, told = None, False


def test_waits_grow_to_the_longest() -> None:
    """1, 2, 4 … and 30 s; the next try is due then, and not before."""
    retry = Backoff(30)
    now, waits = 100.0, []
    for _ in range(8):
        retry.failed(now)
        waits.append(retry.seconds_left(now))
        assert not retry.is_due(now + waits[-1] - 0.01)
        now += waits[-1]
        assert retry.is_due(now)
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_success_forgets_the_failures() -> None:
    """Then a try is due at once, and the next failure waits a second again."""
    retry = Backoff(30)
    assert not retry.failing
    assert retry.is_due(0)
    assert retry.seconds_left(0) == 0
    for _ in range(4):
        retry.failed(10)
    assert retry.failing
    retry.reset()
    assert not retry.failing
    assert retry.is_due(10)
    assert retry.seconds_left(10) == 0
    retry.failed(10)
    assert retry.seconds_left(10) == 1


def test_what_is_asked_for_is_waited_for() -> None:
    """A longer wait that the other side asks for is kept, even beyond the longest; a shorter one is not."""
    retry = Backoff(30)
    retry.failed(0, at_least=600)
    assert retry.seconds_left(0) == 600
    retry.failed(600, at_least=0.5)
    assert retry.seconds_left(600) == 2
    assert retry.seconds_left(601) == 1
    assert retry.seconds_left(700) == 0


def test_a_failure_of_months() -> None:
    """However often it failed, the wait is still a number."""
    retry = Backoff(30)
    for _ in range(5000):
        retry.failed(0)
    assert retry.seconds_left(0) == 30
