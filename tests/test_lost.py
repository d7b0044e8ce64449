"""Which cameras' PCs are missed, and who must be told: pure, with readings that the tests make."""

from datetime import datetime, time, timedelta

import pytest

from tests.readings import NOON, READ_AT, ago, camera, day
from visitorsflow.events import Began, CamerasBack, CamerasLost, Ended, Event
from visitorsflow.facts import Absence, CameraState, Return, ToldThing
from visitorsflow.reasons import Reason
from visitorsflow.subjects import CAMERA
from visitorsflow.venue.watch import LostCameras

DAY = (time(8), time(22))
ME = camera("a")


def check(
    *cameras: CameraState,
    rule: LostCameras | None = None,
    now: datetime = NOON,
    speaks: bool = True,
    read_at: datetime = READ_AT,
    told: tuple[ToldThing, ...] = (),
) -> tuple[Event, ...]:
    rule = rule or LostCameras("a", DAY)
    return rule.check(day(ME, *cameras, read_at=read_at, told=told), now, speaks=speaks)


def names(events: tuple[Event, ...]) -> list[str]:
    return [one.camera for event in events if isinstance(event, CamerasLost) for one in event.cameras]


def test_lost_after_ninety_seconds() -> None:
    """The log has it on each PC, the phone from the one that speaks; the time is the local one."""
    assert check(camera("b", 89)) == ()
    began = Began(CAMERA, Reason("silent since", since="2018-11-03 11:58:30"), "b")
    lost = CamerasLost((Absence("b", NOON - timedelta(seconds=90), stopped=False),))
    assert check(camera("b", 90)) == (began, lost)
    assert check(camera("b", 90), speaks=False) == (began,)


def test_a_pc_does_not_miss_itself() -> None:
    """Its beats may fail while it can read."""
    assert LostCameras("b", DAY).check(day(camera("b", 90)), NOON, speaks=True) == ()


def test_said_once_while_the_message_is_on_its_way() -> None:
    """And not by others after it was delivered; the log has it once too."""
    rule = LostCameras("a", None)
    assert names(check(camera("b", 90), rule=rule)) == ["b"]
    assert check(camera("b", 90), rule=rule) == ()
    told = camera("b", 90, told_at=ago(90))
    assert names(check(told)) == []
    assert names(check(camera("b", 90, told_at=ago(91)))) == ["b"]


def test_a_successor_says_what_was_not_delivered() -> None:
    """Who saw it all along, and who only now."""
    rule = LostCameras("a", None)
    assert names(check(camera("b", 90), rule=rule, speaks=False)) == []
    assert names(check(camera("b", 90), rule=rule)) == ["b"]


def test_several_at_once_are_one_message() -> None:
    """What has missed three beats when another is lost is lost too; a late one alone is not."""
    cameras = [camera("b", 90), camera("c", 60), camera("d", 59), camera("e", 300, stopped_at=ago(61))]
    rule = LostCameras("a", DAY)
    events = check(*cameras, rule=rule)
    assert names(events) == ["b", "c"]
    assert [event.who for event in events if isinstance(event, Began)] == ["b", "c"]
    told = [camera("b", 90, told_at=ago(0)), camera("c", 60, told_at=ago(0))]
    assert check(*told, rule=rule) == ()
    assert check(camera("b", 90, told_at=ago(0)), camera("c", 60)) == (
        Began(CAMERA, Reason("silent since", since="2018-11-03 11:58:30"), "b"),
    )


def test_in_company_only_who_died_in_this_opening() -> None:
    """At 08:01:30 nobody yet misses a PC that was off in the night."""
    morning = datetime(2018, 11, 3, 8, 1, 30)
    assert names(check(camera("b", 89), camera("c", 95), now=morning)) == []
    later = morning + timedelta(seconds=1)
    assert names(check(camera("b", 90), camera("c", 91), camera("d", 3600), now=later)) == ["b"]


@pytest.mark.parametrize(
    ("stopped", "now", "lost"),
    [
        (299, time(12), False),
        (300, time(12), True),
        (36_000, time(7, 59), False),
        (36_000, time(8, 4, 59), False),
        (36_000, time(8, 5), True),
        (36_000, time(22), False),
    ],
)
def test_stopped_for_five_minutes_of_open_time(stopped: float, now: time, lost: bool) -> None:
    """Who was shut down at closing has five minutes after opening; closed time does not count."""
    events = check(
        camera("b", stopped, stopped_at=ago(stopped)), now=datetime.combine(NOON.date(), now), speaks=True
    )
    assert names(events) == (["b"] if lost else [])
    if lost:
        assert isinstance(events[0], Began)
        assert str(events[0].reason).startswith("stopped since 2018-11-0")
        assert isinstance(events[1], CamerasLost)
        assert events[1].cameras[0].stopped


def test_the_end_in_order_counts_not_the_beat_before() -> None:
    """The last sign of life is the end itself."""
    assert check(camera("b", 320, stopped_at=ago(299))) == ()
    assert names(check(camera("b", 320, stopped_at=ago(300)))) == ["b"]
    assert names(check(camera("b", 320, stopped_at=ago(300), told_at=ago(310)))) == ["b"]


@pytest.mark.parametrize(
    ("age", "now", "lost"),
    [
        (36_000, time(8, 4, 59), False),
        (36_000, time(8, 5), True),
        (100, time(8, 1, 30), False),
        (90, time(8, 1, 31), True),
        (3600, time(22), False),
        (3600, time(3), False),
    ],
)
def test_died_while_closed(age: float, now: time, lost: bool) -> None:
    """A PC whose power was cut in the night is a PC that was shut down; nobody is called while closed."""
    assert names(check(camera("b", age), now=datetime.combine(NOON.date(), now))) == (["b"] if lost else [])


def test_back() -> None:
    """Those who were told that it is lost are told, once, that it is back and how long it was away."""
    rule = LostCameras("a", None)
    check(camera("b", 100), rule=rule)
    back = camera("b", 10, told_at=ago(20))
    assert check(back, rule=rule) == (Ended(CAMERA, 90, False, 0, "b"), CamerasBack((Return("b", 90.0),)))
    assert check(back, rule=rule) == ()
    assert check(camera("b", 10, told_at=None), rule=rule) == ()


def test_back_is_for_the_speaker() -> None:
    """The others have it in their logs; their turn may come."""
    rule = LostCameras("a", None)
    check(camera("b", 100), rule=rule, speaks=False)
    back = camera("b", 10, told_at=ago(20))
    assert check(back, rule=rule, speaks=False) == (Ended(CAMERA, 90, False, 0, "b"),)
    assert check(back, rule=rule) == (CamerasBack((Return("b", 90.0),)),)


def test_back_itself() -> None:
    """The others may have died in the meantime."""
    own = camera("a", 10, told_at=ago(700))
    assert LostCameras("a", DAY).check(day(own), NOON, speaks=True) == (CamerasBack((Return("a", 690.0),)),)
    assert LostCameras("a", DAY).check(day(own), NOON, speaks=False) == ()


def test_back_for_one_that_did_not_see_it_go() -> None:
    """Its length counts from when it was told."""
    assert check(camera("b", 10, told_at=ago(700))) == (CamerasBack((Return("b", 690.0),)),)


def test_not_back_yet() -> None:
    """Not before it has beaten again, nor when it has died or ended since."""
    assert check(camera("b", 20, told_at=ago(20))) == ()
    assert check(camera("b", 89, told_at=ago(100), stopped_at=ago(50))) == ()
    assert names(check(camera("b", 90, told_at=ago(100)))) == ["b"]


def test_a_late_beat_of_one_in_company_is_a_return() -> None:
    """It was only late: it has been said, so it is said that it is back."""
    rule = LostCameras("a", None)
    check(camera("b", 90), camera("c", 60), rule=rule)
    b, c = (camera(name, age, told_at=ago(-10)) for name, age in (("b", 90), ("c", 60)))
    assert check(b, c, rule=rule, read_at=ago(-20)) == ()
    beaten = c._replace(alive_at=ago(-35))
    back = check(b, beaten, rule=rule, read_at=ago(-40))
    assert back == (Ended(CAMERA, 95, False, 0, "c"), CamerasBack((Return("c", 95.0),)))


def test_lost_and_back_in_one_reading() -> None:
    """Each is a message; what is good comes first."""
    events = check(camera("b", 1, told_at=ago(100)), camera("c", 90))
    assert [type(event) for event in events] == [Began, CamerasBack, CamerasLost]


def test_each_death_is_told() -> None:
    """Also when the return before was never said; but of one camera once in ten minutes, by whichever PC."""

    def lost(said: float) -> list[str]:
        thing = ToldThing("camera", "b", 0, ago(said + 90), ago(said), None, None, "z", None, None)
        return names(check(camera("b", 90, told_at=ago(91)), told=(thing,)))

    assert [lost(said) for said in (-1, 0, 599, 600)] == [["b"], [], [], ["b"]]
    assert names(check(camera("b", 90, told_at=ago(91)))) == ["b"]


def test_the_last_quiet_is_what_counts_for_the_return() -> None:
    """A quiet spell of an hour ago has nothing to do with this one."""
    rule = LostCameras("a", None)
    check(camera("b", 3600, told_at=ago(1)), rule=rule)
    check(camera("b", 60, told_at=ago(1)), rule=rule)
    assert check(camera("b", 0, told_at=ago(1)), rule=rule)[-1] == CamerasBack((Return("b", 60.0),))
    other = LostCameras("a", None)
    check(camera("b", 3600, told_at=ago(1)), rule=other)
    check(camera("b", 59, told_at=ago(1)), rule=other, speaks=False)
    assert check(camera("b", 0, told_at=ago(1)), rule=other)[-1] == CamerasBack((Return("b", 3600.0),))


def test_a_camera_that_was_renamed_is_not_lost() -> None:
    """Its PC beats under another name: nobody is asked to start the old one."""
    rule = LostCameras("a", None)
    old = camera("old", 400, stopped_at=ago(400), host="pc 1")
    assert check(old, camera("new", 5, host="pc 1"), rule=rule) == ()
    assert names(check(old, camera("new", 5, host="pc 2"), rule=LostCameras("a", None))) == ["old"]
    dead = camera("old", 400, host="pc 1")
    assert names(check(dead, camera("new", 5, host="pc 1"), rule=LostCameras("a", None))) == ["old"]


def test_one_of_two_cameras_of_a_pc_is_lost() -> None:
    """Both were seen alive at the same time: none of them is the other under a new name."""
    rule = LostCameras("a", None)
    both = [camera("left", 5, host="pc 1"), camera("right", 5, host="pc 1")]
    assert check(*both, rule=rule) == ()
    left = camera("left", 400, stopped_at=ago(400), host="pc 1")
    assert names(check(left, both[1], rule=rule)) == ["left"]
