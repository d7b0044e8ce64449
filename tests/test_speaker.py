"""Who speaks for the venue: pure, with readings that the tests make."""

from tests.readings import READ_AT, ago, camera, day, later
from visitorsflow.facts import Day
from visitorsflow.rules.health import is_alive
from visitorsflow.venue.speaker import Speaker, speaking


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


def test_only_one_speaks() -> None:
    """The first by name; and the next one when that one can't tell."""
    both = day(camera("a"), camera("b"))
    assert [watching(name, both).speaks for name in "ab"] == [True, False]
    mute = day(camera("a", can_tell=False), camera("b"))
    assert [watching(name, mute).speaks for name in "ab"] == [False, True]


def test_one_more_that_can_tell_waits() -> None:
    """Until the others have seen that, and what they were telling has been told: 40 s."""
    mute, able = (day(camera("a", can_tell=can), camera("b")) for can in (False, True))
    speaker = watching("a", mute)
    for seconds, speaks in ((20, False), (40, False), (59, False), (60, True)):
        speaker.look(later(able, seconds))
        assert speaker.speaks == speaks
