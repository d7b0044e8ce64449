"""Whether clocks are right: pure, with clocks that the tests turn."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readings import NOON
from visitorsflow.events import Began, Ended, Event, Lasts
from visitorsflow.reasons import Reason
from visitorsflow.rules.clocks import CameraClock, OwnClock
from visitorsflow.subjects import (
    CAMERA_CLOCK_FAST,
    CAMERA_CLOCK_SLOW,
    CAMERA_CLOCK_ZONE,
    CLOCK_FAST,
    CLOCK_SLOW,
    CLOCK_ZONE,
    Subject,
)
from visitorsflow.words import Words

Named = Iterable[tuple[float, float, float]]  # seconds after NOON: said by the camera, written, first seen

TWO = Reason("minutes", minutes="2")


def look(files: Named, rule: CameraClock | None = None) -> list[Event]:
    rule = rule or CameraClock()
    events: list[Event] = []
    for said, written, seen in files:
        at = [NOON + timedelta(seconds=seconds) for seconds in (said, written, seen)]
        events += rule.look(at[0], at[1], at[2], seen)
    return events


def live(offset: float, count: int, every: float = 10, start: float = 0, wait: float = 1) -> Named:
    """Files of a camera whose clock is off by `offset`, each seen `wait` seconds after it was written."""
    for number in range(count):
        written = start + number * every
        yield written + offset, written, written + wait


def test_own_clock_off_for_a_minute() -> None:
    """More than two minutes, in both directions; it is right again within one."""
    clock = OwnClock()
    assert clock.check(120, 0) == clock.check(-120, 0) == ()
    assert clock.check(121, 10) == (Began(CLOCK_FAST, Reason("minutes", minutes="2")),)
    assert clock.check(300, 69) == ()
    assert clock.check(300, 70) == (Lasts(CLOCK_FAST, Reason("minutes", minutes="2"), 60),)
    assert clock.check(61, 100) == ()
    assert clock.check(60, 110) == (Ended(CLOCK_FAST, 100, told=True, caught_up=0),)
    assert clock.check(-200, 120) == (Began(CLOCK_SLOW, Reason("minutes", minutes="3")),)
    assert clock.check(-200, 180) == (Lasts(CLOCK_SLOW, Reason("minutes", minutes="3"), 60),)
    assert clock.check(200, 190) == (
        Began(CLOCK_FAST, Reason("minutes", minutes="3")),
        Ended(CLOCK_SLOW, 70, told=True, caught_up=0),
    )


def test_whole_hours_are_a_time_zone() -> None:
    """And no clock that is to be set; when the rest is wrong too, it is a clock again."""
    clock = OwnClock()
    assert clock.check(8 * 3600 + 120, 0) == (Began(CLOCK_ZONE, Reason("hours ahead", hours=8)),)
    assert clock.check(8 * 3600, 60) == (Lasts(CLOCK_ZONE, Reason("hours ahead", hours=8), 60),)
    assert clock.check(8 * 3600 + 121, 70) == (
        Ended(CLOCK_ZONE, 70, told=True, caught_up=0),
        Began(CLOCK_FAST, Reason("minutes", minutes="482")),
    )
    assert OwnClock().check(-3600, 0) == (Began(CLOCK_ZONE, Reason("hours behind", hours=1)),)
    assert OwnClock().check(3600, 0) == (Began(CLOCK_ZONE, Reason("hours ahead", hours=1)),)
    assert OwnClock().check(-12 * 3600 - 120, 0) == (Began(CLOCK_ZONE, Reason("hours behind", hours=12)),)


def test_the_time_zone_of_a_camera_comes_with_the_setting_to_write() -> None:
    """That of the camera, by how far this PC's zone is ahead of UTC."""
    rule = CameraClock()
    events: list[Event] = []
    for said, written, seen in live(8 * 3600, 6):
        at = [NOON + timedelta(seconds=seconds) for seconds in (said, written, seen)]
        events += rule.look(at[0], at[1], at[2], seen, timedelta(0))
    reason = Reason("zone ahead", hours=8, zone="Asia/Taipei")
    assert events == [Began(CAMERA_CLOCK_ZONE, reason), Lasts(CAMERA_CLOCK_ZONE, reason, 0)]
    assert 'timezone = "Asia/Taipei"' in reason.text("zh-TW")
    assert "校正" not in Words("zh-TW")("camera's clock zone", reason=reason.text("zh-TW"))


def test_one_wrong_measurement_is_no_wrong_clock() -> None:
    """It is for the log only."""
    clock = OwnClock()
    assert clock.check(6000, 0) == (Began(CLOCK_FAST, Reason("minutes", minutes="100")),)
    assert clock.check(0, 59) == (Ended(CLOCK_FAST, 59, told=False, caught_up=0),)


@pytest.mark.parametrize(("offset", "what"), [(130, CAMERA_CLOCK_FAST), (-130, CAMERA_CLOCK_SLOW)])
def test_camera_clock_told_once_and_its_end(offset: float, what: Subject) -> None:
    """At the fifth live file in a row; over at the fifth that is right."""
    rule = CameraClock()
    assert look(live(offset, 4), rule) == []
    assert look(live(offset, 1, start=40), rule) == [
        Began(what, TWO),
        Lasts(what, TWO, 0),
    ]
    assert look(live(offset, 50, start=50), rule) == []
    assert look(live(60, 4, start=600), rule) == []
    assert look(live(60, 1, start=640), rule) == [Ended(what, 600, told=True, caught_up=0)]


def test_two_minutes_are_allowed() -> None:
    """And what lies between one and two minutes changes nothing."""
    for offset in (120, -120, 0):
        assert look(live(offset, 20)) == []
    rule = CameraClock()
    look(live(200, 5), rule)
    assert look(live(61, 20, start=50), rule) == []
    assert look(live(60, 20, start=250), rule) == [Ended(CAMERA_CLOCK_FAST, 210, True, 0)]


def test_five_files_and_half_a_minute() -> None:
    """Files that come every second need thirty seconds, those every minute need five files."""
    assert look(live(200, 30, every=1)) == []
    assert len(look(live(200, 31, every=1))) == 2
    assert look(live(200, 4, every=60)) == []
    assert len(look(live(200, 5, every=60))) == 2


def test_only_live_files() -> None:
    """What is seen more than half a minute after it was written has waited; what is of the future is none."""
    assert len(look(live(200, 5, wait=30))) == 2
    assert len(look(live(200, 5, wait=0))) == 2
    assert look(live(200, 20, wait=30.1)) == []
    assert look(live(200, 20, wait=-0.1)) == []


def test_a_backlog_is_no_wrong_clock() -> None:
    """What was written while the program was off is seen late; the last files are live and right."""
    backlog = [(number * 10, number * 10, 6000) for number in range(600)]
    assert look([*backlog, *live(0, 20, start=6000)]) == []


def test_a_replay_is_no_wrong_clock() -> None:
    """Files that were moved back keep their time of writing; a repeated one says nothing new."""
    assert look((-90_000 + number, -90_000 + number, number) for number in range(100)) == []


@pytest.mark.parametrize("seconds_a_file", [0, 0.01, 0.5, 5])
@pytest.mark.parametrize("names_apart", [2, 10, 60])
def test_a_copy_of_old_files_is_no_wrong_clock(seconds_a_file: float, names_apart: float) -> None:
    """They are written now, with old names that run on faster than the clock."""
    if names_apart < 2 * seconds_a_file:
        seconds_a_file = names_apart / 2
    copied = (
        (-90_000 + number * names_apart, number * seconds_a_file, number * seconds_a_file + 1)
        for number in range(300)
    )
    assert look(copied) == []


def test_files_in_another_order_begin_anew() -> None:
    """Neither the names nor the times of writing may go back; the same second is not back."""
    rule = CameraClock()
    look(live(200, 4), rule)
    assert look([(239 - 10, 39, 40)], rule) == []
    assert look(live(200, 3, start=50), rule) == []
    same = [(200, 0, 0), (200, 0, 0), (215, 15, 15), (215, 15, 15), (230, 30, 30)]
    assert len(look(same)) == 2
    back = [(200, 0, 0), (210, 10, 10), (220, 20, 20), (219, 25, 25), (230, 30, 30)]
    assert look(back) == []
    written_back = [(200, 0, 0), (210, 10, 10), (220, 20, 20), (221, 19, 20), (230, 30, 30)]
    assert look(written_back) == []


def test_the_pace_may_differ_by_ten_seconds() -> None:
    """A camera writes now a little earlier, now a little later."""
    shaken = [(200, 0, 0), (220, 10, 10), (230, 20, 20), (240, 30, 30), (250, 40, 40)]
    assert len(look(shaken)) == 2
    assert look([(200, 0, 0), *((said + 1, written, seen) for said, written, seen in shaken[1:])]) == []


@pytest.mark.parametrize(("jump", "told"), [(170, 0), (180, 2)])
def test_the_row_is_that_of_the_last_minute(jump: int, told: int) -> None:
    """An offset of 125 s keeps pace with the 119 s of a minute ago, not with the 110 s before that."""
    rule = CameraClock()
    look(live(110, 11), rule)
    look(live(119, (jump - 110) // 10, start=110), rule)
    assert len(look(live(125, 1, start=jump), rule)) == told


def test_a_clock_that_runs_away_is_noticed() -> None:
    """The row is measured by its last minute, not by its first file."""
    drifting = ((written * 1.05, written, written + 1) for written in range(0, 7200, 10))
    assert [type(event) for event in look(drifting)] == [Began, Lasts]


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(-90, 90), st.floats(0, 40)), max_size=100))
def test_a_camera_that_is_right_is_never_told(files: list[tuple[float, float, float]]) -> None:
    """However it is shaken by up to a minute and a half, and however late it is seen."""
    written = 0.0
    course = []
    for step, shake, wait in files:
        written += step
        course.append((written + shake, written, written + wait))
    assert look(course) == []
