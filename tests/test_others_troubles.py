"""What lasts at a PC that can't tell it is told by the PC that speaks. Pure."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.readings import ago, camera, day, later
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.events import EndedThere, Event, LastsThere
from visitorsflow.facts import CameraState, Day, ToldThing
from visitorsflow.reasons import quoted
from visitorsflow.rules.health import Trouble, troubles_text
from visitorsflow.subjects import DISK, FOLDER, LOOP, REPORT, SILENCE, TELEGRAM, Subject
from visitorsflow.venue.others import OthersTroubles
from visitorsflow.words import Words

FULL = quoted("0.3 GB")


def mute(*lasting: Subject, **changed: Any) -> CameraState:
    """The camera 18 can't tell what lasts there."""
    trouble = troubles_text([Trouble(what.key, FULL) for what in lasting], 500)
    return camera("18", can_tell=False, trouble=trouble)._replace(**changed)


def course(*readings: tuple[float, CameraState]) -> list[tuple[float, Event]]:
    """What the PC of the camera 17 tells, and how many seconds after the first reading."""
    rule = OthersTroubles("17")
    events = []
    for seconds, other in readings:
        at = later(day(camera("17"), other), seconds)
        events += [(seconds, event) for event in rule.check(at)]
    return events


def test_it_is_told_once_and_so_is_its_end() -> None:
    """After two minutes: until then that PC may tell it itself."""
    told = course(
        (0, mute(DISK, waiting=7)), (119, mute(DISK)), (120, mute(DISK, waiting=7)), (140, mute(DISK)),
        (200, mute(waiting=3)), (220, mute()),
    )  # fmt: skip
    assert told == [
        (120, LastsThere("18", DISK, FULL, 30, 7)),
        (200, EndedThere("18", DISK, 200, 4)),
    ]


def test_each_trouble_counts_for_itself() -> None:
    """From when it was seen first, also when its reason changes; over and begun again counts anew."""
    told = course(
        (0, mute(DISK)), (60, mute(DISK, FOLDER)), (120, mute(FOLDER)), (130, mute(DISK, FOLDER)),
        (180, mute(DISK, FOLDER, trouble='[["folder", null], ["disk", null]]')),
        (250, mute(DISK)),
    )  # fmt: skip
    assert told == [
        (180, LastsThere("18", FOLDER, None, 30, 0)),
        (250, LastsThere("18", DISK, FULL, 30, 0)),
        (250, EndedThere("18", FOLDER, 190, 0)),
    ]


@pytest.mark.parametrize(("what", "limit"), [(SILENCE, 300), (LOOP, 300), (FOLDER, 30)])
def test_how_long_it_has_lasted(what: Subject, limit: float) -> None:
    """By what is set at that PC."""
    other = mute(what, idle_seconds=300)
    [(_, event)] = course((0, other), (120, other))
    assert isinstance(event, LastsThere)
    assert event.patience == limit


def test_that_no_alert_can_go_there() -> None:
    """Is told after ten minutes: it may be a moment of its network."""
    lasts = mute(TELEGRAM)
    told = course((0, lasts), (599, lasts), (600, lasts), (620, lasts), (640, mute(can_tell=True)))
    assert told == [
        (600, LastsThere("18", TELEGRAM, FULL, 600, 0)),
        (640, EndedThere("18", TELEGRAM, 640, 0)),
    ]


def test_who_can_tell_does_so() -> None:
    """Nothing is told for it, nor the rest of what was told before."""
    able = mute(DISK, can_tell=True)
    assert course((0, able), (600, able)) == []
    assert course((0, mute(DISK)), (60, able), (120, mute(DISK)), (239, mute(DISK))) == []
    told = course((0, mute(DISK)), (120, mute(DISK)), (140, able), (160, mute()))
    assert [seconds for seconds, _ in told] == [120]


def test_of_the_dead_nothing_is_known() -> None:
    """Not what began, and not what ended; it is that again when it answers."""

    def dead(one: CameraState) -> CameraState:
        return one._replace(alive_at=one.alive_at - timedelta(seconds=90))

    assert course((0, dead(mute(DISK))), (600, dead(mute(DISK)))) == []
    told = course((0, mute(DISK)), (120, mute(DISK)), (140, dead(mute())), (160, mute(DISK)), (180, mute()))
    assert [seconds for seconds, _ in told] == [120, 180]


def test_what_is_not_told() -> None:
    """Its own troubles, those of the venue, and what only a newer version knows."""
    own = mute(DISK)._replace(name="17")
    rule = OthersTroubles("17")
    assert rule.check(day(own)) == rule.check(later(day(own), 600)) == ()
    unknown = mute(trouble='[["capacity", null], ["volcano", null]]')
    assert course((0, unknown), (600, unknown)) == []


def thing(camera: str, what: Subject, since: float = 600) -> ToldThing:
    """What the phone was told, and what lasts."""
    return ToldThing(what.key, camera, 0, ago(since), ago(since - 30), None, None, camera, None, None)


def ends(*readings: tuple[float, Day]) -> list[tuple[float, Event]]:
    rule = OthersTroubles("17")
    return [
        (seconds, event) for seconds, reading in readings for event in rule.check(later(reading, seconds))
    ]


def test_the_end_of_what_was_told_before() -> None:
    """By the PC before a restart, or by that one itself, which is mute now: once, when that is certain."""
    told = (thing("18", DISK),)
    mutes, well = day(camera("17"), mute(DISK), told=told), day(camera("17"), mute(), told=told)
    times = (0, 20, 139, 140, 160)
    assert ends(*((at, mutes if at == 0 else well) for at in times)) == [
        (140, EndedThere("18", DISK, 740, 0))
    ]
    again = [(0, well), (119, well), (120, mutes), (140, well), (259, well), (260, well)]
    assert [at for at, _ in ends(*again)] == [260]
    able = day(camera("17"), camera("18"), told=told)
    assert ends((0, able), (200, able)) == []
    once_more = day(camera("17"), mute(), told=(thing("18", DISK, 300),))
    twice = [(0, well), (120, well), (140, once_more), (260, once_more)]
    assert [at for at, _ in ends(*twice)] == [120, 260]


def test_what_was_stored_at_such_an_end() -> None:
    """The PC said nothing when it could for a moment: what has waited there since it was told counts."""
    told = (thing("18", DISK),)
    full, well = (day(camera("17"), one, told=told) for one in (mute(DISK, waiting=7), mute(waiting=3)))
    able = day(camera("17"), mute(DISK, waiting=7, can_tell=True), told=told)
    told_of = ends((0, full), (120, full), (140, able), (160, well), (280, well))
    assert told_of == [
        (120, LastsThere("18", DISK, FULL, 30, 7)),
        (280, EndedThere("18", DISK, 880, 4)),
    ]


def test_the_end_of_a_silence_is_a_file() -> None:
    """A PC that has just started does not know yet that none comes."""
    told = thing("18", SILENCE)
    for came, expected in ((570, []), (569, [120]), (None, [])):
        quiet = mute(file_at=None if came is None else ago(came))
        reading = day(camera("17"), quiet, told=(told,))
        assert [at for at, _ in ends((0, reading), (120, reading))] == expected


def test_that_alerts_go_again() -> None:
    """Is told by another PC, which was started again in the meantime."""
    reading = day(camera("17"), camera("18"), told=(thing("18", TELEGRAM),))
    assert ends((0, reading), (120, reading)) == [(120, EndedThere("18", TELEGRAM, 720, 0))]


def test_what_was_told_of_others() -> None:
    """Neither of the venue, nor of this PC, nor what only a newer version knows."""
    own, venue = thing("17", DISK), thing("", REPORT)
    unknown = own._replace(what="volcano", camera="18")
    reading = day(camera("17"), mute(), told=(own, venue, unknown))
    assert ends((0, reading), (120, reading)) == []


TEXTS = {
    DISK: [
        "The disk is nearly full, only 0.3 GB are left: please make room; stored_days deletes old files",
        "The disk has room again",
    ],
    TELEGRAM: [
        "No alert has gone from this PC for 10 minutes, look at its network and its Telegram sign-in: 0.3 GB",
        "Alerts go from this PC again",
    ],
}


@pytest.mark.parametrize("what", TEXTS, ids=lambda what: what.key)
def test_the_texts(what: Subject, caplog: pytest.LogCaptureFixture) -> None:
    """As that PC would say it, with its camera's name."""
    alerts = Alerts(None, Words("en"), lambda: datetime(2018, 11, 3, 10, 18, 25), lambda: 0.0, "17")
    alerts(LastsThere("18", what, FULL, what.patience, 0))
    alerts(EndedThere("18", what, 200, 4))
    assert caplog.messages == [f"ALERT 18: {text} [2018-11-03 10:18:25]" for text in TEXTS[what]]
