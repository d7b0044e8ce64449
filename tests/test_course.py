"""The course of a day: read from real tables, and as it is shown."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.days import report, settings
from tests.venue import Venue, crossing
from visitorsflow.database.connection import Database
from visitorsflow.database.course import read_course
from visitorsflow.facts import Course, Hour, Slot
from visitorsflow.rules.partial import Gap
from visitorsflow.rules.period import Period
from visitorsflow.view.course import Beside, CourseShown, beside, sheet_day, shown_course
from visitorsflow.view.tables import SheetDay

DAY = date(2018, 5, 31)
END = datetime(2018, 6, 1)
NIGHT = (time(18), time(2))


def slot(clock: str, came_in: int, went_out: int = 0, camera: str = "north", day: date = DAY) -> Slot:
    return Slot(datetime.combine(day, time.fromisoformat(clock)), camera, came_in, went_out)


def shown(*slots: Slot, until: datetime = END, gaps: tuple[Gap, ...] = (), **chosen: Any) -> CourseShown:
    reports = chosen.pop("reports", ())
    return shown_course(Course(DAY, slots, reports), settings(**chosen), until, gaps)


def test_it_is_read_from_the_table(venue: Venue) -> None:
    """Slots of five minutes by camera, in order; nothing of other days."""
    moments = ("20180531095959", "20180531100000", "20180531100459", "20180531100500", "20180601000000")
    venue.drop("20180531101900.json", [crossing(moment, n, n % 2) for n, moment in enumerate(moments)])
    assert venue.upload().returncode == 0
    database = Database(venue.settings())
    course = read_course(database, DAY, None)
    database.close()
    assert course == Course(
        DAY,
        (
            slot("09:55", 1, 0, "17"),
            slot("10:00", 1, 1, "17"),
            slot("10:05", 0, 1, "17"),
        ),
        (),
    )


def test_a_day_over_midnight_begins_in_the_evening(venue: Venue) -> None:
    """Where the venue is open over midnight, who came before is read too, and counts as inside."""
    moments = ("20180530230000", "20180531003000")
    venue.drop("20180531101900.json", [crossing(moment, n) for n, moment in enumerate(moments)])
    assert venue.upload().returncode == 0
    database = Database(venue.settings())
    course = read_course(database, DAY, NIGHT)
    database.close()
    assert [one.start for one in course.slots] == [datetime(2018, 5, 30, 23), datetime(2018, 5, 31, 0, 30)]
    drawn = shown_course(course, settings(open_hours=("18:00", "02:00")), END)
    assert drawn.came_in == 1
    assert drawn.inside[:2] == ((datetime(2018, 5, 31), 1), (datetime(2018, 5, 31, 0, 35), 2))


def test_hours_gates_and_people_inside() -> None:
    """The sums fit together; the people inside are never below 0, and the first peak counts."""
    drawn = shown(
        slot("09:00", 5, 2),
        slot("09:00", 1, 0, "south"),
        slot("09:55", 0, 9),
        slot("10:00", 4),
        slot("11:00", 0),
    )
    assert (drawn.came_in, drawn.went_out) == (10, 11)
    assert [(hour.came_in, hour.went_out) for hour in drawn.hours[9:11]] == [(6, 11), (4, 0)]
    assert drawn.gates == (("north", 9, 11), ("south", 1, 0))
    assert [people for _, people in drawn.inside] == [4, 0, 0, 0]
    assert drawn.peak == (datetime(2018, 5, 31, 9, 5), 4)
    assert [hour.hour for hour in drawn.hours if hour.is_open] == list(range(8, 22))


def test_the_people_inside_begin_anew_in_the_closed_hours() -> None:
    """Who is left over from the night does not count for the evening: nobody is inside at the opening."""
    night = ("18:00", "02:15")
    evening = slot("23:00", 9, day=DAY - timedelta(days=1))
    anew = datetime(2018, 5, 31, 10, 7, 30)
    drawn = shown(evening, slot("01:00", 3), slot("19:00", 2), open_hours=night)
    assert drawn.inside == (
        (datetime(2018, 5, 31), 9),
        (datetime(2018, 5, 31, 1, 5), 12),
        (anew, 0),
        (datetime(2018, 5, 31, 19, 5), 2),
    )
    at_nine = shown(slot("01:00", 3), until=datetime(2018, 5, 31, 9), open_hours=night)
    assert at_nine.inside == ((datetime(2018, 5, 31, 1, 5), 3),)
    around = shown(slot("10:05", 3), slot("10:10", 1), open_hours=night)
    assert around.inside == ((anew, 0), (datetime(2018, 5, 31, 10, 15), 1))
    too_early = slot("10:05", 7, day=DAY - timedelta(days=1))
    assert shown(too_early, slot("01:00", 3), open_hours=night).inside[0][1] == 3
    assert not shown(evening, open_hours=night).inside
    at_it = shown(slot("01:00", 3), slot("10:00", 1), open_hours=("18:00", "02:00")).inside
    assert at_it[1:] == ((datetime(2018, 5, 31, 10), 0), (datetime(2018, 5, 31, 10, 5), 1))
    assert shown(slot("00:00", 1)).inside == ((datetime(2018, 5, 31, 0, 5), 1),)


def test_a_slot_that_has_only_begun() -> None:
    """The peak is not later than now, also where a camera's clock is ahead."""
    now = datetime(2018, 5, 31, 15, 41)
    assert shown(slot("15:40", 10), until=now).peak == (now, 10)
    ahead = shown(slot("15:35", 9), slot("15:45", 1), until=now)
    assert ahead.inside == ((datetime(2018, 5, 31, 15, 40), 9), (now, 10))


def rows(counts: dict[int, int], camera: str = "north") -> list[Slot]:
    """So many people by hour."""
    return [slot(f"{hour:02}:00", people, 0, camera) for hour, people in counts.items()]


def busy(*hours: int, people: int = 12) -> dict[int, int]:
    return dict.fromkeys(hours, people)


def test_an_hour_without_anybody_between_two_with_many() -> None:
    """It is a gap of that camera, if it was open and is over; one that is beside them only is none."""
    day = [*rows(busy(9, 13)), slot("10:00", 3, 0, "south")]
    assert shown(*day).gaps == dict.fromkeys((10, 11, 12), ("north",))
    assert shown(*day, until=datetime(2018, 5, 31, 12, 59)).gaps.keys() == {10, 11}
    assert shown(*day, until=datetime(2018, 5, 31, 12)).gaps.keys() == {10, 11}
    assert not shown(*rows(busy(9) | busy(11, people=11))).gaps
    assert not shown(*rows(busy(9, people=11) | busy(11))).gaps
    assert shown(slot("09:00", 6, 6), slot("11:00", 6, 6)).gaps.keys() == {10}
    assert shown(*rows(busy(8, 21))).gaps.keys() == set(range(9, 21))


@pytest.mark.parametrize("hours", [None, ("08:00", "22:00"), ("08:30", "21:30"), ("00:00", "00:00")])
def test_before_the_first_and_after_the_last_nothing_is_missing(hours: tuple[str, str] | None) -> None:
    """A night, the first and the last open hour, a camera that is new today: nobody knows of a gap."""
    day = rows(busy(*range(9, 21), people=100))
    assert not shown(*day, open_hours=hours).gaps
    assert not shown(*day, *rows(busy(*range(14, 18)), "new"), open_hours=hours).gaps


def test_a_camera_that_others_pass_by() -> None:
    """It had few when its gap began and ended; while another one had many, nobody takes that for quiet."""
    day = rows(busy(9, 15) | {10: 1, 13: 1})
    assert not shown(*day, *rows(busy(11, 12, people=11), "south")).gaps
    assert shown(*day, *rows(busy(11, 12), "south")).gaps == {11: ("north",), 12: ("north",)}
    assert not shown(*rows(busy(9) | {10: 1, 13: 1}), *rows(busy(11, 12), "south")).gaps
    assert not shown(*rows({10: 1, 13: 1} | busy(15)), *rows(busy(11, 12), "south")).gaps
    assert not shown(*rows(dict.fromkeys((9, 13, 17), 2), "side"), *rows(busy(*range(8, 22)))).gaps


def test_closed_hours_that_no_setting_tells() -> None:
    """Four hours without anybody may be a night, unless another camera had many; three are a gap."""
    assert not shown(*rows(busy(1, 6)), open_hours=None).gaps
    assert shown(*rows(busy(1, 5)), open_hours=None).gaps.keys() == {2, 3, 4}
    both = (*rows(busy(1, 6)), *rows(busy(3), "south"))
    assert shown(*both, open_hours=None).gaps == {3: ("north",)}


def test_two_openings_of_a_day() -> None:
    """What is between them is closed, and neither knows of the other."""
    night = ("18:00", "02:00")
    assert not shown(*rows(busy(0, 19)), open_hours=night).gaps
    assert shown(*rows(busy(0, 18, 20)), open_hours=night).gaps.keys() == {19}
    assert not shown(*rows(busy(7, 9)), open_hours=("08:00", "22:00")).gaps


def test_a_gap_that_is_known_now() -> None:
    """It is shown from the hour in which it began to the present one, in open hours."""
    since = datetime(2018, 5, 31, 20, 59)
    until = datetime(2018, 5, 31, 23)
    assert shown(slot("20:00", 1), until=until, gaps=(Gap("no\x07rth", since, False),)).gaps == {
        20: ("no\\x07rth",), 21: ("no\\x07rth",),
    }  # fmt: skip
    on_the_hour = (Gap("north", datetime(2018, 5, 31, 20), False),)
    assert shown(until=datetime(2018, 5, 31, 21), gaps=on_the_hour).gaps == {20: ("north",)}


def test_another_day_until_the_same_time() -> None:
    """A slot that has only begun counts by its part; a day without rows can't be compared with."""
    course = Course(DAY, (slot("09:00", 10, 4), slot("10:00", 10, 0), slot("10:05", 99)), ())
    now = datetime(2018, 6, 7, 10, 2, 30)
    assert beside(course, now, None) == Beside(DAY, 11, 15, 4)
    assert beside(course, datetime(2018, 6, 7, 8), None) == Beside(DAY, 0, 0, 0)
    evening_before = slot("23:00", 5, day=DAY - timedelta(days=1))
    assert beside(Course(DAY, (evening_before,), ()), now, None) is None


def test_the_people_inside_of_another_day_over_midnight() -> None:
    """They are counted from that evening; in and out from midnight."""
    before = DAY - timedelta(days=1)
    first, last = slot("10:00", 1, day=before), slot("23:00", 5, day=before)
    course = Course(DAY, (first, last, slot("00:00", 3), slot("00:10", 2, 1)), ())
    assert beside(course, datetime(2018, 6, 7, 1), NIGHT) == Beside(DAY, 10, 5, 1)
    assert beside(course, datetime(2018, 6, 7, 11), NIGHT) == Beside(DAY, 0, 5, 1)


def test_a_day_as_a_part_of_the_sheet() -> None:
    """The slots of an hour together, for each camera; the evening before has a date of its own."""
    before = DAY - timedelta(days=1)
    slots = (
        slot("23:00", 5, 4, day=before),
        slot("09:00", 1, 2),
        slot("09:05", 3, 4),
        slot("09:05", 7, 0, "south"),
    )
    period = Period(datetime(2018, 5, 31), END)
    assert sheet_day(Course(DAY, slots, ()), period, ["south"]) == SheetDay(
        period,
        {before: [Hour(23, "north", 5, 4)], DAY: [Hour(9, "north", 4, 6), Hour(9, "south", 7, 0)]},
        ["south"],
    )


def test_reports_as_ticks() -> None:
    """Each with its verdict at its local time; between two that are too far apart some are missing."""
    ages: tuple[tuple[float, dict[str, Any]], ...] = (
        (7200, {}),
        (6900, {"accepted": False}),
        (5700, {"accepted": False, "http_status": None}),
        (60, {}),
    )
    reports = tuple(report(age, **changed) for age, changed in ages)
    yesterday = report(age=15 * 3600)
    drawn = shown(until=datetime(2018, 5, 31, 14, 18, 25), reports=(yesterday, *reports))
    assert [tick.verdict for tick in drawn.ticks] == ["yes", "no", "silent", "yes"]
    assert drawn.ticks[0].at == datetime(2018, 5, 31, 12, 18, 24)
    assert drawn.missed == (
        (datetime(2018, 5, 31, 12, 23, 24), datetime(2018, 5, 31, 12, 43, 24)),
        (datetime(2018, 5, 31, 12, 43, 24), datetime(2018, 5, 31, 14, 17, 24)),
    )


@pytest.mark.parametrize(("until", "missed"), [("14:32:24", 0), ("14:32:25", 1)])
def test_reports_that_stop(until: str, missed: int) -> None:
    """From a quarter of an hour after the last one, some are missing; but not after closing."""
    drawn = shown(until=datetime.combine(DAY, time.fromisoformat(until)), reports=(report(age=60),))
    assert len(drawn.missed) == missed
    assert not shown(until=END, reports=(report(age=60),), open_hours=("08:00", "14:30")).missed
