"""The end of what was told before a restart: pure, on a clock that the tests turn."""

import pytest

from tests.readings import ago, camera, day
from visitorsflow.events import Began, Ended, Event, Lasts, Listed, Passed, Stored, TableReady
from visitorsflow.facts import ToldThing
from visitorsflow.reasons import quoted
from visitorsflow.subjects import (
    CAMERA_CLOCK_FAST,
    CAMERA_CLOCK_SLOW,
    CAMERA_CLOCK_ZONE,
    CAPACITY,
    DATABASE,
    DELAY,
    DISK,
    FOLDER,
    REFUSAL,
    SILENCE,
    TELEGRAM,
    WAITING,
    Subject,
)
from visitorsflow.venue.ends import OwnEnds

WHY = quoted("why")
OVER = Ended(DISK, 1, told=True, caught_up=0)


def told(what: Subject, camera: str = "17", told_at: float = 600) -> ToldThing:
    """It began 700 s before the reading, and was told 100 s later."""
    return ToldThing(what.key, camera, 0, ago(700), ago(told_at), None, None, "17", None, None)


def after(what: Subject | ToldThing, *events: Event, seconds: float = 120) -> tuple[Event, ...]:
    """What is told so many seconds after its first pass, and these events."""
    ends = OwnEnds("17")
    for event in (Passed(), *events):
        ends.note(event, 1000)
    ends.note(Passed(), 1050)
    thing = told(what) if isinstance(what, Subject) else what
    return ends.check(day(camera("17"), told=(thing,)), 1000 + seconds)


def test_what_is_well() -> None:
    """After two minutes in which it was not noticed."""
    assert after(DISK) == (Ended(DISK, 700, told=True, caught_up=0),)
    assert after(DISK, seconds=119) == ()
    assert OwnEnds("17").check(day(told=(told(DISK),)), 1e6) == ()


@pytest.mark.parametrize("event", [Began(DISK, WHY), Lasts(DISK, WHY, 30)])
def test_what_goes_on(event: Event) -> None:
    """It is noticed again; when it is over then, its own end is told."""
    assert after(DISK, event) == ()
    untold = Ended(DISK, 1, told=False, caught_up=0)
    assert after(DISK, event, untold) == (Ended(DISK, 700, told=True, caught_up=0),)
    assert after(DISK, event, OVER) == ()
    assert len(after(FOLDER, event)) == 1


def test_an_end_that_was_told_since() -> None:
    """It is on its way into the table; that of a thing before is another one."""
    ends = OwnEnds("17")
    ends.note(Passed(), 0)
    ends.note(OVER, 1000)
    assert ends.check(day(told=(told(DISK),)), 1000) == ()
    late = day(told=(told(DISK, told_at=4),))
    assert [len(ends.check(late, now)) for now in (1009, 1009.1)] == [0, 1]


def test_a_silence_ends_with_a_file() -> None:
    """Whenever it comes; as long as none does, nothing is known."""
    assert after(SILENCE, Listed(3, False), seconds=900) == ()
    ended = Ended(SILENCE, 700, told=True, caught_up=0)
    assert after(SILENCE, Listed(3, True, "a"), seconds=1) == (ended,)


def test_what_needs_files_to_be_known() -> None:
    """Ten of them; they are counted as stored since."""
    for what in (DELAY, CAMERA_CLOCK_FAST, CAMERA_CLOCK_SLOW, CAMERA_CLOCK_ZONE):
        assert after(what, Stored(5, 5, None), Stored(4, 9, None)) == ()
        ended = Ended(what, 700, told=True, caught_up=10)
        assert after(what, Stored(5, 5, None), Stored(5, 9, None)) == (ended,)


def test_a_file_that_waits_for_long() -> None:
    """Only after ten minutes it is said that it does; until then nobody knows that it no longer does."""
    assert after(WAITING, seconds=600 + 119) == ()
    assert after(WAITING, seconds=600 + 120) == (Ended(WAITING, 700, told=True, caught_up=0),)


def test_the_database_is_back() -> None:
    """When PeopleFlow was found."""
    for what in (DATABASE, REFUSAL):
        assert after(what) == ()
        assert len(after(what, TableReady())) == 1


def test_what_others_tell() -> None:
    """That alerts go again, what concerns the venue, other cameras, and what a newer version knows."""
    assert after(TELEGRAM) == after(CAPACITY) == after(told(DISK, "18")) == ()
    assert after(told(DISK)._replace(what="volcano")) == ()
