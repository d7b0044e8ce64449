"""Who speaks for the venue: pure, with readings that the tests make."""

from datetime import timedelta

from tests.readings import READ_AT, ago, camera, day, later
from visitorsflow.events import Began, Ended, Event, Lasts
from visitorsflow.facts import Day
from visitorsflow.reasons import Reason
from visitorsflow.rules.health import is_alive
from visitorsflow.subjects import REPORT
from visitorsflow.venue.speaker import Speaker, speaking

BEGAN = Began(REPORT, Reason("last report", sent="10:18"))
LASTS = Lasts(REPORT, Reason("last report", sent="10:18"), 900)
ENDED = Ended(REPORT, 1000, told=True, caught_up=0)
UNTOLD = Ended(REPORT, 1000, told=False, caught_up=0)


def watching(name: str, reading: Day) -> Speaker:
    """One that has read the day for a minute without a break, at last this one."""
    speaker = Speaker(name)
    for seconds in (-60, -40, -20, 0):
        speaker.look(later(reading, seconds))
    return speaker


def test_alive() -> None:
    """It has beaten within 90 s, and not ended in order."""
    assert is_alive(camera("a", 89.9), READ_AT)
    assert not is_alive(camera("a", 90), READ_AT)
    assert not is_alive(camera("a", 1, stopped_at=ago(1)), READ_AT)


def test_the_first_by_name_of_those_who_can() -> None:
    """Dead ones, stopped ones, and those without Telegram are passed over, in whatever order they come."""
    named = [
        speaking(day(*cameras))
        for cameras in (
            [camera("c"), camera("b")],
            [camera("a", 90), camera("b"), camera("c")],
            [camera("a", stopped_at=ago(1)), camera("b")],
            [camera("a", can_tell=False), camera("b")],
            [camera("a", can_tell=False), camera("b", 200)],
            [],
        )
    ]
    assert [one.name if one else None for one in named] == ["b", "b", "b", "b", None, None]


def test_ready_after_a_minute() -> None:
    """Who has just started does not know yet who is dead."""
    speaker = Speaker("a")
    assert not speaker.is_ready
    assert not speaker.speaks
    reading = day(camera("a"))
    for seconds, ready in ((0, False), (30, False), (59, False), (60, True), (80, True)):
        speaker.look(later(reading, seconds))
        assert (speaker.is_ready, speaker.speaks) == (ready, ready)


def test_not_ready_after_a_break() -> None:
    """When the database was away, the others need the time to beat before they are missed."""
    reading = day(camera("a"))
    for pause, ready in ((60, True), (61, False), (-1, False), (0, True)):
        speaker = watching("a", reading)
        speaker.look(later(reading, pause))
        assert speaker.is_ready == ready
    speaker = watching("a", reading)
    for seconds, ready in ((600, False), (620, False), (659, False), (660, True)):
        speaker.look(later(reading, seconds))
        assert speaker.is_ready == ready


def test_a_big_day_is_read_less_often() -> None:
    """A pace that is slow all the time is no break; a break after it is one all the same."""
    reading = day(camera("a"))
    speaker = Speaker("a")
    for seconds, ready in ((0, False), (70, False), (210, True), (410, True), (611, False)):
        speaker.look(later(reading, seconds))
        assert speaker.is_ready == ready


def test_only_the_speaker_tells() -> None:
    """It tells all; the others have the beginning and the end for their log."""
    reading = day(camera("a"), camera("b"))
    assert watching("a", reading).pass_on(BEGAN, LASTS, ENDED) == (BEGAN, LASTS, ENDED)
    assert watching("b", reading).pass_on(BEGAN, LASTS, ENDED) == (BEGAN, UNTOLD)


def said_at_last(beats_after: float, *events: Event) -> tuple[Event, ...]:
    """What b tells of events that it came to while a spoke; a beat for so long afterwards, then it died."""
    reading = day(camera("a"), camera("b"))
    speaker = watching("b", reading)
    speaker.pass_on(*events)
    told: tuple[Event, ...] = ()
    last = READ_AT + timedelta(seconds=beats_after)
    for seconds in range(20, 200, 20):
        then = later(reading, seconds)
        a, b = then.cameras
        speaker.look(then._replace(cameras=(a._replace(alive_at=min(a.alive_at, last)), b)))
        told += speaker.pass_on()
    return told


def test_the_successor_says_what_the_speaker_may_not_have_said() -> None:
    """It died too soon after that to have said it for certain."""
    assert said_at_last(39, BEGAN, LASTS, UNTOLD, ENDED) == (LASTS, ENDED)


def test_the_successor_does_not_repeat() -> None:
    """What the speaker had two readings' time to say was said."""
    assert said_at_last(40, BEGAN, LASTS, ENDED) == ()


def test_held_while_nobody_can_tell() -> None:
    """It is said by the first that can, however late, and only by that one."""
    mute = day(camera("a", can_tell=False), camera("b", can_tell=False))
    able = day(camera("a"), camera("b"))
    first, second = watching("a", mute), watching("b", mute)
    assert first.pass_on(LASTS) == second.pass_on(LASTS) == ()
    told: list[tuple[Event, ...]] = []
    for seconds in range(20, 200, 20):
        for speaker in (first, second):
            speaker.look(later(mute if seconds < 100 else able, seconds))
            told.append(speaker.pass_on())
    assert [events for events in told if events] == [(LASTS,)]
    assert told[2 * 6] == (LASTS,)  # 40 s after a and b could tell at once


def test_a_new_speaker_has_not_said_it_yet() -> None:
    """It lives, but has only just become the one that speaks: when it dies at once, its successor says it."""
    mute = day(camera("a", can_tell=False), camera("b", can_tell=False))
    speaker = watching("b", mute)
    speaker.pass_on(LASTS)
    able = day(camera("a"), camera("b"))
    speaker.look(later(able, 20))
    speaker.look(later(able, 40))
    speaker.pass_on()
    told: tuple[Event, ...] = ()
    for seconds in range(60, 200, 20):
        then = later(able, seconds)
        a, b = then.cameras
        speaker.look(then._replace(cameras=(a._replace(alive_at=READ_AT + timedelta(seconds=59)), b)))
        told += speaker.pass_on()
    assert told == (LASTS,)


def test_who_is_not_ready_keeps_it() -> None:
    """The first by name has just started: it says what it came to, once it is ready."""
    speaker = Speaker("a")
    reading = day(camera("a"), camera("b"))
    speaker.look(reading)
    assert speaker.pass_on(BEGAN, LASTS) == (BEGAN,)
    told: list[tuple[Event, ...]] = []
    for seconds in (20, 40, 60, 80):
        speaker.look(later(reading, seconds))
        told.append(speaker.pass_on())
    assert told == [(), (), (LASTS,), ()]
