"""How full the venue is: pure."""

from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.days import NOW, OWN, READ_AT, camera, day
from visitorsflow.events import Began, Ended, Event, Lasts
from visitorsflow.facts import Totals
from visitorsflow.reasons import Reason
from visitorsflow.report.tags import inside
from visitorsflow.rules.limits import Capacity, Fill, fill
from visitorsflow.subjects import CAPACITY, CAPACITY_NEAR
from visitorsflow.venue.watch import VenueRules


def told(events: tuple[Event, ...]) -> list[str]:
    """What the phone says."""
    named = []
    for event in events:
        if isinstance(event, Lasts):
            named.append(f"{event.what.key} {event.reason}")
        elif isinstance(event, Ended) and event.told:
            named.append(f"{event.what.key} over")
    return named


def test_inside() -> None:
    """As it is reported: never below 0."""
    assert [inside(Totals(*counts, None, None)) for counts in ((72, 20), (20, 20), (20, 21))] == [52, 0, 0]


def test_fill() -> None:
    """Amber from 90 % on, red from 100 % on."""
    assert [fill(people, 10) for people in (0, 8, 9, 10, 11)] == [
        Fill.FREE,
        Fill.FREE,
        Fill.NEAR,
        Fill.FULL,
        Fill.FULL,
    ]
    assert [fill(people, 1000) for people in (899, 900, 999, 1000)] == [0, 1, 1, 2]


def test_filling_and_emptying() -> None:
    """Each limit once; over when people are fewer by 5 %."""
    rule = Capacity(500)
    course = [(449, []), (450, ["capacity near 450 / 500"]), (499, []), (500, ["capacity 500 / 500"])]
    course += [(520, []), (475, []), (474, ["capacity over"]), (500, ["capacity 500 / 500"])]
    course += [(474, ["capacity over"]), (425, []), (424, ["capacity near over"]), (424, [])]
    assert [told(rule.check(people, now)) for now, (people, _) in enumerate(course)] == [
        expected for _, expected in course
    ]


def test_what_it_tells() -> None:
    """The log has the beginning too, and how long it was."""
    rule = Capacity(100)
    assert rule.check(90, 5) == (
        Began(CAPACITY_NEAR, Reason("people", people=90, capacity=100)),
        Lasts(CAPACITY_NEAR, Reason("people", people=90, capacity=100), 0),
    )
    assert rule.check(85, 6) == rule.check(91, 7) == ()
    assert rule.check(84, 25) == (Ended(CAPACITY_NEAR, 20, told=True, caught_up=0),)


def test_one_message_at_a_time() -> None:
    """Two limits passed at once are one message, up and down; the log has both."""
    rule = Capacity(100)
    filled = rule.check(130, 0)
    assert told(filled) == ["capacity 130 / 100"]
    assert [event.what for event in filled if isinstance(event, Began)] == [CAPACITY_NEAR, CAPACITY]
    emptied = rule.check(10, 60)
    assert told(emptied) == ["capacity near over"]
    assert emptied == (Ended(CAPACITY_NEAR, 60, True, 0), Ended(CAPACITY, 60, False, 0))


def test_what_was_told_before_the_start() -> None:
    """It is not told again, and its end has all of its time; the other limit is as it was."""
    rule = Capacity(100)
    rule.resume(CAPACITY.key, -60, None)
    assert told(rule.check(100, 0)) == ["capacity near 100 / 100"]
    assert rule.check(94, 40) == (Ended(CAPACITY, 100, told=True, caught_up=0),)


def test_people_who_came_before_midnight_count() -> None:
    """The rule goes by the people inside since the opening, not by the new day's own totals."""
    rules = VenueRules(OWN, (time(18), time(2)), 100, 0)
    for seconds in range(0, 400, 20):  # until it speaks
        now = READ_AT + timedelta(seconds=seconds)
        today = day(camera(alive_age=-seconds), hours=((0, 2, 10),), read_at=now)
        events = rules.look(today._replace(inside=95), NOW.replace(hour=0), float(seconds))
        if said := told(events):
            break
    assert said == ["capacity near 95 / 100"]


@given(st.lists(st.integers(0, 130), max_size=60))
def test_no_chatter(counts: list[int]) -> None:
    """For any course of things: after each message people must change by 5 % before the opposite one."""
    rule = Capacity(100)
    near = full = False
    for now, people in enumerate(counts):
        for event in rule.check(people, now):
            match event:
                case Began(what) if what is CAPACITY_NEAR:
                    assert not near
                    assert people >= 90
                    near = True
                case Began(what) if what is CAPACITY:
                    assert not full
                    assert people >= 100
                    full = True
                case Ended(what) if what is CAPACITY_NEAR:
                    assert near
                    assert people < 85
                    near = False
                case Ended(what) if what is CAPACITY:
                    assert full
                    assert people < 95
                    full = False
        assert near >= (people >= 90)
        assert full >= (people >= 100)
        assert near <= (people >= 85)
        assert full <= (people >= 95)
