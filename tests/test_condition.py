"""When a trouble is worth telling: pure, with a clock that the tests turn."""

from hypothesis import given
from hypothesis import strategies as st

from visitorsflow.events import Began, Ended, Event, Lasts
from visitorsflow.reasons import quoted
from visitorsflow.rules.condition import Condition, Conditions
from visitorsflow.subjects import DATABASE, DISK, FILES, FOLDER


def test_what_is_over_soon_is_not_told() -> None:
    """Half a minute is nobody's business; the log has it all the same."""
    trouble = Condition(DATABASE)
    assert trouble.begin(100, quoted("gone")) == (Began(DATABASE, quoted("gone")),)
    assert trouble.check(129.9) == ()
    assert trouble.end(130) == (Ended(DATABASE, 30, told=False, caught_up=0),)
    assert trouble.check(200) == ()


def test_told_once_when_it_lasts() -> None:
    """At 30 s, not again after that; its end says that it was told."""
    trouble = Condition(DATABASE)
    trouble.begin(100, quoted("gone"))
    assert trouble.check(130) == (Lasts(DATABASE, quoted("gone"), 30),)
    assert trouble.check(131) == trouble.check(10_000) == ()
    assert trouble.end(160) == (Ended(DATABASE, 60, told=True, caught_up=0),)


def test_a_patience_of_its_own() -> None:
    """What is to be told at once is told at once."""
    trouble = Condition(DISK, patience=0)
    trouble.begin(5, quoted("full"))
    assert trouble.check(5) == (Lasts(DISK, quoted("full"), 0),)


def test_only_what_is_new_is_said() -> None:
    """The same reason again is no news; another one is; its age counts from the first."""
    trouble = Condition(FOLDER, patience=10)
    assert trouble.begin(0, quoted("no permission")) == (Began(FOLDER, quoted("no permission")),)
    assert trouble.begin(4, quoted("no permission")) == ()
    assert trouble.begin(8, quoted("disk full")) == (Began(FOLDER, quoted("disk full")),)
    assert trouble.reason == quoted("disk full")
    assert trouble.check(10) == (Lasts(FOLDER, quoted("disk full"), 10),)


def test_nothing_is_carried_over() -> None:
    """After its end the next one counts anew, is told anew, and has its own files."""
    trouble = Condition(DATABASE)
    assert trouble.end(0) == ()
    trouble.begin(0, quoted("gone"))
    trouble.check(30)
    trouble.catch_up(3)
    trouble.catch_up(4)
    assert trouble.active
    assert trouble.told
    assert trouble.end(50) == (Ended(DATABASE, 50, told=True, caught_up=7),)
    assert not trouble.active
    assert not trouble.told
    assert trouble.reason is None
    trouble.catch_up(5)
    assert trouble.begin(60, quoted("gone")) == (Began(DATABASE, quoted("gone")),)
    assert trouble.check(89) == ()
    assert trouble.end(89) == (Ended(DATABASE, 29, told=False, caught_up=0),)


def test_the_time_until_it_is_worth_telling() -> None:
    """The loop can sleep just so long."""
    trouble = Condition(DATABASE)
    assert trouble.seconds_left(0) == float("inf")
    trouble.begin(10, quoted("gone"))
    assert [trouble.seconds_left(now) for now in (10, 25, 40, 70)] == [30, 15, 0, 0]
    trouble.check(40)
    assert trouble.seconds_left(40) == float("inf")


class Clock:
    """Seconds that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_several_subjects_at_once() -> None:
    """Each is told and ends on its own; what is the matter is asked of all of them."""
    heard: list[Event] = []
    clock = Clock()
    conditions = Conditions(lambda *events: heard.extend(events), clock)
    assert not conditions.any()
    assert conditions[FOLDER] is conditions[FOLDER]
    assert conditions[FOLDER].reason is None
    conditions.keep(FOLDER, quoted("no permission"))
    conditions.keep(FILES, None)
    assert conditions.any()
    clock.now = 29
    conditions.keep(FOLDER, quoted("no permission"))
    conditions.begin(FILES, quoted("disk full"))
    clock.now = 30
    conditions.check(FILES)
    conditions.keep(FOLDER, quoted("no permission"))
    conditions.keep(FOLDER, None)
    assert conditions.any()
    conditions.end(FILES)
    assert not conditions.any()
    assert heard == [
        Began(FOLDER, quoted("no permission")),
        Began(FILES, quoted("disk full")),
        Lasts(FOLDER, quoted("no permission"), 30),
        Ended(FOLDER, 30, told=True, caught_up=0),
        Ended(FILES, 1, told=False, caught_up=0),
    ]


@given(st.lists(st.tuples(st.floats(0.1, 40), st.booleans()), max_size=40))
def test_each_telling_has_one_end(steps: list[tuple[float, bool]]) -> None:
    """For any course of things: told at most once a trouble, and never an end without a beginning."""
    trouble = Condition(DATABASE)
    now, began, told = 0.0, None, False
    for seconds, fails in steps:
        now += seconds
        if fails:
            began = now if began is None else began
            trouble.begin(now, quoted("gone"))
            is_told = bool(trouble.check(now))
            assert is_told == (not told and now - began >= 30)
            told = told or is_told
        else:
            ended = trouble.end(now)
            assert ended == (() if began is None else (Ended(DATABASE, now - began, told, 0),))
            began, told = None, False


def test_how_long_it_has_been_the_matter() -> None:
    """From its beginning to its end; for no time at all before and after."""
    trouble = Condition(DATABASE)
    assert trouble.seconds(50) == 0
    trouble.begin(100, quoted("gone"))
    assert trouble.seconds(130) == 30
    trouble.end(150)
    assert trouble.seconds(160) == 0


def test_what_was_the_matter_before_the_start() -> None:
    """It was told then: its end alone is said, with all of its time."""
    trouble = Condition(DATABASE)
    trouble.resume(-60, quoted("gone"))
    assert trouble.seconds(0) == 60
    assert trouble.check(100) == ()
    assert trouble.end(100) == (Ended(DATABASE, 160, told=True, caught_up=0),)
