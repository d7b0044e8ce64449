"""For how long each camera sent no files: pure, with readings that the tests make."""

from datetime import datetime, time, timedelta

from tests.readings import NOON, READ_AT, ago, camera, day
from visitorsflow.facts import Span
from visitorsflow.rules.period import OpenHours
from visitorsflow.venue.watch import Gaps

DAY = (time(8), time(22))


class Course:
    """Readings, `seconds` after NOON; the last file came at `file`."""

    def __init__(self, start: datetime = NOON) -> None:
        self.gaps = Gaps(DAY)
        self.start = start

    def look(self, seconds: float, file: float | None, idle: float = 300) -> dict[str, float]:
        now = self.start + timedelta(seconds=seconds)
        file_at = None if file is None else ago(-file)
        one = camera("a", file_at=file_at, idle_seconds=idle)
        read_at = READ_AT + timedelta(seconds=seconds)
        self.gaps.look(day(one, read_at=read_at)._replace(day=now.date()), now)
        return self.gaps.seconds


def test_a_silence_that_is_longer_than_allowed() -> None:
    """All of it counts, while it lasts and afterwards."""
    course = Course()
    assert course.look(300, 0) == {}
    assert course.look(301, 0) == {"a": 301}
    assert course.look(400, 0) == course.look(400, 0) == {"a": 400}
    assert course.look(420, 419) == {"a": 400}
    assert course.look(719, 419) == {"a": 400}
    assert course.look(820, 419) == {"a": 801}
    assert course.look(840, 830) == {"a": 801}


def test_a_file_is_known_late() -> None:
    """The table has it with the next beat: 90 s are no gap, whatever is allowed."""
    assert Course().look(90, 0, idle=10) == {}
    assert Course().look(91, 0, idle=10) == {"a": 91}


def test_two_silences_between_two_readings() -> None:
    """A file came in between: the first silence is over."""
    course = Course()
    course.look(1000, 0)
    assert course.look(1800, 1100) == {"a": 1700}


def test_closed_time_is_no_gap() -> None:
    """Nor is what was before opening."""
    morning = Course(NOON.replace(hour=8))
    assert morning.look(300, -36_000) == {}
    assert morning.look(301, None) == {"a": 301}
    evening = Course(NOON.replace(hour=21, minute=50))
    evening.look(590, 0)
    assert evening.look(610, 0) == evening.look(3600, 0) == {"a": 590}


def test_each_day_begins_anew() -> None:
    """A silence over midnight counts for each day by itself, where it is always open."""
    gaps = Gaps(None)
    late = datetime(2018, 11, 3, 23, 50)
    gaps.look(day(camera("a", file_at=ago(700))), late)
    assert gaps.seconds == {"a": 700}
    midnight = datetime(2018, 11, 4, 0, 5, 30, 500_000)
    gaps.look(day(camera("a", file_at=ago(1630)))._replace(day=midnight.date()), midnight)
    assert gaps.seconds == {"a": 330.5}


def test_what_had_ended_before_the_start_is_not_known() -> None:
    """Who looks from opening on, and a bit, has seen the day, if he goes on looking while it is open."""

    def since(open_hours: OpenHours | None, now: datetime, *before: datetime) -> datetime | None:
        gaps = Gaps(open_hours)
        for moment in (*before, now, now + timedelta(seconds=1)):
            gaps.look(day(camera("a"))._replace(day=moment.date()), moment)
        return gaps.since

    opening, late = NOON.replace(hour=8, minute=5), NOON.replace(hour=8, minute=5, second=1)
    assert (since(DAY, opening), since(DAY, late)) == (None, late)
    assert since(DAY, NOON.replace(hour=3)) is None
    evening = NOON.replace(hour=23)
    assert since(DAY, evening) == evening
    yesterday, closed = late - timedelta(days=1), NOON.replace(hour=22)
    assert since(DAY, late, yesterday) == late
    assert since(DAY, opening, yesterday) is None
    assert since(DAY, opening + timedelta(seconds=300), opening) is None
    assert since(DAY, opening + timedelta(seconds=301), opening) == opening + timedelta(seconds=301)
    assert since(DAY, evening, opening, closed - timedelta(seconds=1)) == closed - timedelta(seconds=1)
    assert since(DAY, evening, closed - timedelta(seconds=301)) == evening
    midnight = NOON.replace(hour=0, minute=5)
    for always in (None, (time(18), time(2)), (time(9), time(9))):
        assert since(always, midnight) is None
        assert since(always, NOON) == NOON


def test_a_reading_without_cameras_is_none() -> None:
    """Where that table can't be read, nobody has seen a camera."""
    gaps = Gaps(None)
    gaps.look(day(camera("a")), NOON)
    gaps.look(day(), NOON + timedelta(seconds=200))
    assert gaps.since == NOON
    later = NOON + timedelta(seconds=301)
    gaps.look(day(camera("a")), later)
    assert gaps.since == later


def test_by_name() -> None:
    """Each camera for itself; one that is well is left out."""
    gaps = Gaps(None)
    gaps.look(day(camera("b", file_at=ago(200)), camera("c"), camera("a", file_at=ago(100))), NOON)
    assert list(gaps.seconds.items()) == [("a", 100), ("b", 200)]


def test_when_the_gaps_were() -> None:
    """Each with its beginning and its end, as the picture of the day shows them."""
    course = Course()
    course.look(400, 0)
    course.look(420, 419)
    course.look(820, 419)
    second = timedelta(seconds=1)
    assert course.gaps.so_far().spans == {
        "a": (Span(NOON, NOON + 400 * second), Span(NOON + 419 * second, NOON + 820 * second))
    }


def test_a_camera_that_was_taken_out() -> None:
    """Since when is known; one that is back was absent meanwhile, for as long as the venue was open."""
    gaps = Gaps(DAY)

    def look(minutes: float, *names: str) -> None:
        now = NOON.replace(hour=8) + timedelta(minutes=minutes)
        gaps.look(day(*map(camera, names)), now)

    look(0, "a", "b")
    look(4, "a")
    at = NOON.replace(hour=8, minute=4)
    assert gaps.so_far().gone == {"b": at}
    assert gaps.seconds == {}
    look(8, "a")
    look(12, "a", "b")
    assert gaps.so_far().gone == {}
    assert gaps.seconds == {"b": 475}  # its last file is five seconds old
    look(14, "a", "b")
    assert gaps.seconds == {"b": 475}


def test_a_pc_that_started_late() -> None:
    """Of a camera that nobody knew before, no file came since the opening."""
    gaps = Gaps(DAY)
    opening = NOON.replace(hour=8)
    gaps.look(day(camera("a")), opening)
    for minutes in range(4, 60, 4):
        gaps.look(day(camera("a")), opening + timedelta(minutes=minutes))
    gaps.look(day(camera("a"), camera("late"), camera("later", file_at=None)), opening + timedelta(hours=1))
    assert gaps.seconds == {"late": 3595, "later": 3600}
    for seconds, silent in ((95, {}), (96, {"late": 91})):
        gaps = Gaps(DAY)
        gaps.look(day(camera("a")), NOON)  # nothing is known of the morning
        gaps.look(day(camera("a"), camera("late")), NOON + timedelta(seconds=seconds))
        assert gaps.seconds == silent
