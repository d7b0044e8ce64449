"""Whose rows are missing in a day's totals; pure."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from visitorsflow.facts import CameraState
from visitorsflow.rules.health import DEAD_AFTER
from visitorsflow.rules.partial import Gap, Moment, gaps
from visitorsflow.rules.period import OpenHours, Period, last_opening, period_of

WALL = datetime(2018, 5, 31, 10, 18, 25)  # of Taipei
NOW = WALL - timedelta(hours=8)
BEAT = NOW - timedelta(seconds=19)
HOURS = time(8), time(22)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def utc(*at: int) -> datetime:
    """A local time of May 2018, or of its last day, by the database's clock."""
    day, hour, minute, second = (31, *at, 0, 0)[:4] if len(at) < 4 else at
    return datetime(2018, 5, day, hour, minute, second) - 8 * HOUR


def camera(name: str = "17", seconds: float = 61, **other: Any) -> CameraState:
    """One that lives, and whose last file came `seconds` before its last beat."""
    state = CameraState(
        name=name, alive_at=BEAT, stopped_at=None, file_at=BEAT - timedelta(seconds=seconds), file_name="",
        crossing_at=None, waiting=0, rejected=0, idle_seconds=60, open_now=True, clock_offset=0,
        can_tell=False, trouble="", told_at=None, version="", host="",
    )  # fmt: skip
    return state._replace(**other)


def stopped(file_at: datetime, **other: Any) -> CameraState:
    return camera(file_at=file_at, alive_at=file_at, stopped_at=file_at, **other)


def missing(
    *cameras: CameraState, wall: datetime = WALL, day: date | None = None, hours: OpenHours | None = None
) -> list[Gap]:
    """The gaps at this local time, of its day or another one."""
    moment = Moment(wall - 8 * HOUR, wall)
    return gaps(cameras, moment, period_of(day or wall.date(), wall), hours)


def since(file_at: datetime, name: str = "17") -> list[Gap]:
    return [Gap(name, file_at + 8 * HOUR, waits=False)]


def test_one_that_is_silent_for_too_long_is_named_since_its_last_file() -> None:
    """By its own limit; the longest silence first."""
    cameras = [camera("a"), camera("b", 60), camera("c", 301, idle_seconds=300), camera("d", 299)]
    assert missing(*cameras) == [
        *since(BEAT - timedelta(seconds=301), "c"),
        *since(BEAT - timedelta(seconds=299), "d"),
        *since(BEAT - timedelta(seconds=61), "a"),
    ]


def test_one_that_is_not_there_is_named_too() -> None:
    """Dead, ended in order, or not switched on today, if it delivered within the last seven days."""
    night = utc(30, 21, 59, 59)
    for one in (
        stopped(utc(9, 30)),
        stopped(night, open_now=False),
        camera(file_at=night, alive_at=night, open_now=False),
        stopped(NOW - timedelta(days=7)),
    ):
        assert one.file_at
        assert missing(one, hours=HOURS) == since(one.file_at)
    assert missing(stopped(NOW - timedelta(days=7) - SECOND), hours=HOURS) == []
    assert missing(camera(file_at=None)) == []


def test_a_file_may_have_come_since_the_last_beat() -> None:
    """Of one that lives, the silence is known until its beat; of one that is dead, it lasts until now."""
    beat = NOW - DEAD_AFTER + SECOND
    lives = camera(alive_at=beat, file_at=beat)
    dead = lives._replace(alive_at=beat - SECOND)
    assert missing(lives) == []
    assert missing(dead) == since(beat)


def test_one_that_need_not_deliver_is_not_named() -> None:
    """The venue has just opened, or is not open yet; or the camera lives, and its own gate is closed."""
    gone = stopped(utc(30, 21, 0, 0))
    opening = WALL.replace(hour=8, minute=1, second=0)
    assert missing(gone, wall=opening, hours=HOURS) == []
    assert missing(gone, wall=opening + SECOND, hours=HOURS) == since(utc(30, 21, 0, 0))
    assert missing(gone, wall=opening - 2 * HOUR, hours=HOURS) == []
    assert missing(camera(open_now=False), hours=HOURS) == []
    assert missing(camera(open_now=False)) == []


def test_what_was_missing_at_closing_is_missing_in_the_evening_and_the_day_after() -> None:
    """Files that came until closing, or that have come since, miss nothing that is known here."""
    closing = utc(22)
    for wall, day in ((WALL.replace(hour=23), None), (WALL + timedelta(days=1), WALL.date())):
        late: dict[str, Any] = {"wall": wall, "day": day, "hours": HOURS}
        for one in (stopped(closing - timedelta(seconds=61)), stopped(utc(9)), stopped(utc(30, 12, 0, 0))):
            assert one.file_at
            assert missing(one, **late) == since(one.file_at)
        assert missing(stopped(closing - timedelta(seconds=60)), **late) == []
        assert missing(stopped(closing + HOUR), **late) == []
    beat = WALL.replace(hour=23) - 8 * HOUR
    assert missing(
        camera(alive_at=beat, file_at=utc(9), open_now=False), wall=WALL.replace(hour=23), hours=HOURS
    ) == since(utc(9))


def test_a_day_that_is_over_counts_to_its_last_second() -> None:
    """Where it is always open, and over midnight; a gate's own hours of now say nothing of it."""
    tomorrow: dict[str, Any] = {"wall": WALL + timedelta(days=1), "day": WALL.date()}
    alive: dict[str, Any] = {"alive_at": NOW + timedelta(days=1), "open_now": False}
    for hours in (None, (time(18), time(2))):
        gone = camera(file_at=utc(31, 23, 58, 58), **alive)
        assert missing(gone, hours=hours, **tomorrow) == since(utc(31, 23, 58, 58))
        assert missing(camera(file_at=utc(31, 23, 58, 59), **alive), hours=hours, **tomorrow) == []


def test_a_day_ends_at_midnight() -> None:
    """An opening until then is none of the next day; what is missing then is of the day before."""
    midnight = datetime(2018, 6, 1)
    evening = time(18), time(0)
    gone = stopped(utc(30, 21, 0, 0))
    assert missing(gone, hours=evening) == []
    assert missing(gone, day=date(2018, 5, 30), hours=evening) == since(utc(30, 21, 0, 0))
    lives = camera(alive_at=midnight - 8 * HOUR, file_at=utc(23), open_now=False)
    assert missing(lives, wall=midnight, day=WALL.date()) == since(utc(23))
    waits = lives._replace(waiting=99, crossing_at=midnight)
    assert missing(waits, wall=midnight, day=WALL.date()) == since(utc(23))


def waiting(files: int = 1, seconds: float = 0, **other: Any) -> CameraState:
    return camera(seconds=seconds, waiting=files, crossing_at=WALL - HOUR, **other)


@pytest.mark.parametrize(
    "one",
    [
        waiting(13),
        waiting(seconds=61, idle_seconds=300),
        waiting(trouble='[["delay", null]]'),
        waiting(trouble='[["silence", null], ["files", ["ENOENT", {}]]]'),
        waiting(open_now=False, seconds=61),
        stopped(NOW - timedelta(seconds=61), waiting=1, idle_seconds=300, crossing_at=WALL - HOUR),
    ],
    ids=["backlog", "no file came since", "late", "trouble", "closed", "stopped"],
)
def test_files_that_wait_are_rows_that_are_missing(one: CameraState) -> None:
    """Since the last crossing that was stored there, whatever the camera's health."""
    assert missing(one) == [Gap("17", WALL - HOUR, waits=True)]


@pytest.mark.parametrize(
    "one",
    [
        waiting(12),
        waiting(seconds=60),
        waiting(0, trouble='[["delay", null]]'),
        waiting(trouble='[["disk", null], ["camera\'s clock slow", null]]'),
        stopped(NOW - timedelta(seconds=60), waiting=1),
    ],
    ids=["few", "for a minute", "none", "trouble that holds no file", "stopped a moment ago"],
)
def test_files_that_have_just_come_are_none_that_wait(one: CameraState) -> None:
    """They are stored in a moment."""
    assert missing(one) == []


def test_files_that_wait_are_of_one_day() -> None:
    """Of the day before while that day's crossings are not stored; of today unless they came before."""
    yesterday: dict[str, Any] = {"wall": WALL, "day": WALL.date() - timedelta(days=1), "hours": HOURS}
    midnight = WALL.replace(hour=0, minute=0, second=0)
    one = waiting(99)._replace(crossing_at=midnight - SECOND)
    assert missing(one, **yesterday) == [Gap("17", midnight - SECOND, waits=True)]
    assert missing(one._replace(crossing_at=midnight), **yesterday) == []
    assert missing(waiting(99)._replace(crossing_at=WALL + HOUR)) == [Gap("17", WALL + HOUR, waits=True)]
    came = camera(file_at=utc(0, 0), alive_at=utc(0, 0), waiting=1, open_now=False)
    early: dict[str, Any] = {"wall": midnight + 2 * HOUR, "hours": HOURS}
    assert missing(came, **early) == [Gap("17", midnight, waits=True)]
    assert missing(came._replace(file_at=utc(0, 0) - SECOND), **early) == []


def test_the_last_opening() -> None:
    """Of today, of the day before, over midnight; and always."""
    at = datetime(2018, 5, 31, 1)
    assert last_opening(at, (time(18), time(2))) == Period(datetime(2018, 5, 30, 18), at)
    assert last_opening(at + 2 * HOUR, (time(18), time(2))).end == at + HOUR
    assert last_opening(at, HOURS) == Period(datetime(2018, 5, 30, 8), datetime(2018, 5, 30, 22))
    assert last_opening(at, (time(1), time(1))) == Period(at, at)
    assert last_opening(at + HOUR, (time(1), time(1))) == Period(at, at + HOUR)
    assert last_opening(at, None) == Period(datetime(1, 1, 1), at)
