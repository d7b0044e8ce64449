"""When the closing message is due: pure."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitorsflow.database.day import NOT_KNOWN
from visitorsflow.rules.period import Closing, OpenHours

SATURDAY = date(2018, 11, 3)
FRIDAY, SUNDAY = SATURDAY - timedelta(days=1), SATURDAY + timedelta(days=1)
DAY = (time(8), time(22))
NIGHT = (time(18), time(2))
LATE = (time(18), time(17))
MIDNIGHT = (time(8), time(0))
NINE_TO_NINE = (time(9), time(9))


def due(
    open_hours: OpenHours | None, day: date, hour: int, minute: int = 0, said: date | None = None
) -> date | None:
    return Closing(open_hours).due(datetime.combine(day, time(hour, minute)), said)


@pytest.mark.parametrize(
    ("open_hours", "closed"),
    [
        (DAY, datetime(2018, 11, 3, 22)),
        (NIGHT, datetime(2018, 11, 4, 2)),
        (LATE, datetime(2018, 11, 4, 17)),
        (MIDNIGHT, datetime(2018, 11, 4, 0, 5)),
        ((time(8), time(0, 4)), datetime(2018, 11, 4, 0, 5)),
        ((time(8), time(0, 6)), datetime(2018, 11, 4, 0, 6)),
        (NINE_TO_NINE, datetime(2018, 11, 4, 0, 5)),
        (None, datetime(2018, 11, 4, 0, 5)),
        ((time(0), time(0, 3)), datetime(2018, 11, 3, 0, 3)),
    ],
)
def test_due_at_closing(open_hours: OpenHours | None, closed: datetime) -> None:
    """From the end of the open hours on, or 00:05; for twelve hours."""
    moment = timedelta(microseconds=1)
    late = closed + timedelta(hours=12)
    asked = [Closing(open_hours).due(now, FRIDAY) for now in (closed - moment, closed, late - moment, late)]
    assert asked == [None, SATURDAY, SATURDAY, None]


def test_once_a_day_across_restarts() -> None:
    """What was said for a day is not said again, by whoever starts; nor is an earlier day then."""
    assert due(DAY, SATURDAY, 22, said=SATURDAY) is None
    assert due(DAY, SATURDAY, 22, said=SUNDAY) is None
    assert due(DAY, SATURDAY, 22, said=FRIDAY) == SATURDAY
    assert due(DAY, SATURDAY, 22) == SATURDAY


def test_what_was_said_is_not_known() -> None:
    """Then nothing is due: it would come again at each start."""
    assert due(DAY, SATURDAY, 22, said=NOT_KNOWN) is None


def test_once_by_one_program() -> None:
    """Also while it is still being delivered, or when it could not be."""
    closing = Closing(DAY)
    evening = datetime(2018, 11, 3, 22)
    assert [closing.due(evening, None), closing.due(evening, None)] == [SATURDAY, None]
    assert closing.due(evening + timedelta(days=1), None) == SUNDAY


def test_what_could_not_be_said_is_due_again() -> None:
    """That day's, and no other."""
    closing = Closing(DAY)
    evening = datetime(2018, 11, 3, 22)
    closing.due(evening, None)
    closing.take_back(FRIDAY)
    assert closing.due(evening, None) is None
    closing.take_back(SATURDAY)
    assert closing.due(evening, None) == SATURDAY


def test_said_at_the_next_start() -> None:
    """When it was off at closing: in the morning after, not at the next closing."""
    assert due(DAY, SUNDAY, 9, 59) == SATURDAY
    assert due(DAY, SUNDAY, 10) is None
    assert due(DAY, SUNDAY, 22) == SUNDAY


@given(
    st.sampled_from([DAY, NIGHT, LATE, MIDNIGHT, NINE_TO_NINE, None]),
    st.lists(st.tuples(st.integers(1, 2000), st.booleans()), min_size=1, max_size=200),
)
def test_each_day_at_most_once_and_in_order(
    open_hours: OpenHours | None, steps: list[tuple[int, bool]]
) -> None:
    """For any course of looks and restarts; and never later than twelve hours and a bit after its end."""
    closing, said, days = Closing(open_hours), None, []
    now = datetime(2018, 11, 3)
    for minutes, restarts in steps:
        now += timedelta(minutes=minutes)
        if restarts:
            closing = Closing(open_hours)
        if day := closing.due(now, said):
            days.append(day)
            said = day
            assert timedelta(hours=0) < now - datetime.combine(day, time()) < timedelta(hours=53)
    assert days == sorted(set(days))


def test_a_program_that_runs_says_each_day() -> None:
    """Looking once a minute for ten days."""
    closing = Closing(NIGHT)
    start = datetime(2018, 11, 3, 12)
    days = [closing.due(start + timedelta(minutes=minute), None) for minute in range(10 * 24 * 60)]
    assert [day for day in days if day] == [FRIDAY + timedelta(days=number) for number in range(11)]
