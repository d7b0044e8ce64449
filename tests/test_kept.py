"""The counts that are kept between the readings, on SQLite and a real MariaDB, with turned clocks."""

import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tests.mariadb import MariaDB
from tests.venue import CAMERA, Venue
from visitorsflow.database.connection import Database
from visitorsflow.database.day import Today
from visitorsflow.database.kept import checksum, checksum_there, read_slots
from visitorsflow.database.people_flow import PEOPLE_FLOW, PeopleFlow
from visitorsflow.database.status_tables import Beat, Cameras
from visitorsflow.errors import DatabaseAway
from visitorsflow.facts import Crossing, Day
from visitorsflow.rules.period import Period
from visitorsflow.settings import Settings
from visitorsflow.venue.watch import VenueRules

NOON = datetime(2018, 5, 31, 12, 2, 30)
TEN_MINUTES = 600
NIGHT = (time(18), time(2))
numbers = count()


class Here:
    """A PC at the venue that reads the day, and a clock that the test turns."""

    def __init__(
        self, database: Database, now: datetime, open_hours: tuple[time, time] | None = None
    ) -> None:
        self.database = database
        self.now, self.seconds, self.open_hours = now, 0.0, open_hours
        self.table = PeopleFlow(database, CAMERA)
        self.table.prepare()
        self.today = self.another()

    def another(self) -> Today:
        """One that has read nothing yet."""
        return Today(
            self.database,
            lambda: self.now,
            makes=True,
            open_hours=self.open_hours,
            clock=lambda: self.seconds,
        )

    def store(self, at: datetime, people: int = 1, state: int = 0, camera: str = CAMERA) -> None:
        """So many crossings in that second."""
        rows = [Crossing(at, at, next(numbers), state, 0, 0) for _ in range(people)]
        PeopleFlow(self.database, camera).insert(rows)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds

    def read(self) -> Day:
        return self.today.read()._replace(read_at=NOON)

    def afresh(self) -> Day:
        """The same, with nothing kept."""
        return self.another().read()._replace(read_at=NOON)

    def ten_minutes(self, pace: float = 20) -> Day:
        """Readings for ten minutes."""
        for _ in range(int(TEN_MINUTES / pace)):
            self.later(pace)
            day = self.read()
        return day


@contextmanager
def reading(
    venue: Venue, now: datetime = NOON, open_hours: tuple[time, time] | None = None
) -> Iterator[Here]:
    database = Database(venue.settings())
    try:
        yield Here(database, now, open_hours)
    finally:
        database.close()


def test_a_reading_of_a_big_day_reads_little(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """All rows once; then the last minutes are counted by camera, and a share of the others is looked at.

    Each row that is counted by camera is an update of the server's temporary table.
    """
    with reading(mariadb_venue) as here:
        rows = [
            Crossing(datetime(2018, 5, 31) + timedelta(seconds=2 * n), NOON, n, n % 2, 0, 0)
            for n in range(20_000)
        ]
        here.table.insert(rows)

        def done(what: str) -> int:
            [(_, value)] = mariadb.execute(f"SHOW GLOBAL STATUS LIKE '{what}'")
            return int(value)

        def costs() -> tuple[int, int]:
            before = done("Handler_read_next"), done("Handler_tmp_update")
            here.read()
            return done("Handler_read_next") - before[0], done("Handler_tmp_update") - before[1]

        rows_read, rows_counted = costs()
        assert rows_read >= 20_000
        assert rows_counted >= 19_000
        here.later(20)
        rows_read, rows_counted = costs()
        assert rows_read < 2500
        assert rows_counted < 500


def test_rows_of_now_and_of_the_last_minutes(venue: Venue) -> None:
    """They are seen at once, whoever stores them."""
    with reading(venue) as here:
        assert here.read().totals == (0, 0, None, None)
        for ago in (0, 1, 59, 299):
            here.store(here.now - timedelta(seconds=ago))
        here.later(1)
        day = here.read()
        assert day.totals == (4, 0, NOON - timedelta(seconds=299), NOON)
        assert sum(hour.came_in for hour in day.hours) == 4
        here.store(here.now + timedelta(seconds=2))
        assert here.read().totals.came_in == 4  # it has not happened yet
        here.later(2)
        assert here.read().totals.came_in == 5


def test_late_rows_of_this_pc(venue: Venue) -> None:
    """The next reading has them."""
    with reading(venue) as here:
        here.read()
        for hour in (0, 3, 9):
            here.store(datetime(2018, 5, 31, hour), 5)
        here.store(datetime(2018, 5, 31, 9, 59, 59), 5, state=1)
        here.today.counts.stored(datetime(2018, 5, 30, 23), datetime(2018, 5, 31, 3))
        here.today.counts.stored(datetime(2018, 5, 31, 9), datetime(2018, 5, 31, 9, 59, 59))
        here.later(1)
        assert here.read() == here.afresh()


def test_many_late_rows_before_a_reading(sqlite_venue: Venue) -> None:
    """What is remembered of them stays small, and nothing is missed."""
    with reading(sqlite_venue) as here:
        here.read()
        for minute in range(720):
            at = datetime(2018, 5, 31) + timedelta(minutes=minute)
            here.today.counts.stored(at, at)
            if minute % 50 == 0:
                here.store(at)
        here.later(1)
        assert here.read() == here.afresh()


@pytest.mark.parametrize("pace", [pytest.param(1, marks=pytest.mark.long), 20, 7.3])
def test_late_rows_of_others_and_corrections(venue: Venue, pace: float) -> None:
    """After ten minutes they are seen, to the first and the last time of the day."""
    with reading(venue) as here:
        for hour in range(12):
            here.store(datetime(2018, 5, 31, hour, 30), 3)
        assert here.read().totals.came_in == 36
        here.store(datetime(2018, 5, 31), camera="北門")
        first = datetime(2018, 5, 31, 0, 30)
        here.database.transaction(lambda c: c.execute(delete(PEOPLE_FLOW).where(PEOPLE_FLOW.c.time == first)))
        here.ten_minutes(pace)
        day = here.read()
        assert day == here.afresh()
        assert day.totals[:3] == (34, 0, datetime(2018, 5, 31))


def test_a_camera_that_has_caught_up(venue: Venue) -> None:
    """Its late rows are in the first reading after its beat: nothing says any more that they are missing."""
    with reading(venue) as here:
        cameras = Cameras(here.database)
        cameras.prepare()
        north = Beat("北門", 2.0, "x.json", NOON - timedelta(hours=2), 0, 0, 60.0, True, True, "", "2", "pc")
        here.store(NOON - timedelta(hours=2), camera="北門")
        cameras.beat(north)
        assert here.read().totals.came_in == 1
        for minutes in range(110, 0, -10):
            here.store(NOON - timedelta(minutes=minutes), camera="北門")
        cameras.beat(north._replace(crossing_at=NOON - timedelta(minutes=10)))
        here.store(NOON - timedelta(hours=3), camera="new")
        cameras.beat(north._replace(name="new", crossing_at=NOON - timedelta(hours=3)))
        here.later(5)
        assert here.read().totals.came_in == 13


@pytest.mark.parametrize(
    "change", ["state = 1", "state = 2", "ip = 'north'", "time = time + INTERVAL 1 SECOND"]
)
@pytest.mark.parametrize("was", [0, 1, 2])
def test_a_correction_that_leaves_as_many_rows(mariadb_venue: Venue, change: str, was: int) -> None:
    """Another direction, camera or time of one row by hand is seen within ten minutes."""
    with reading(mariadb_venue) as here:
        at = datetime(2018, 5, 31, 9, 31)
        here.store(at, 3, state=was)
        here.store(at, 3, camera="north")
        here.read()
        number = next(numbers) - 4  # one of the first three
        update = f"UPDATE PeopleFlow SET {change} WHERE ip <> 'north' AND peopleID = {number}"
        assert here.database.transaction(lambda c: c.exec_driver_sql(update).rowcount) == 1
        here.ten_minutes()
        assert here.read() == here.afresh()


def test_a_checksum_is_that_of_the_server(mariadb_venue: Venue) -> None:
    """It is the same for a name in Chinese, for letters' case, and with states that nobody counts."""
    with reading(mariadb_venue) as here:
        at = datetime(2018, 5, 31, 9, 31)
        for camera, state in (("北門", 0), ("north", 1), ("North", 0), ("north", 7), ("west", 2)):
            here.store(at + timedelta(minutes=state), 1 + state, state, camera)
        period = Period(datetime(2018, 5, 31, 9), datetime(2018, 5, 31, 10))
        kept, there = here.database.transaction(
            lambda c: (checksum(read_slots(c, period), period), checksum_there(c, period))
        )
        assert kept == there
        north, gate = zlib.crc32(b"north"), zlib.crc32("北門".encode())
        last = at + timedelta(minutes=7)
        assert kept == (gate + 4 * north + zlib.crc32(b"North"), at, last)
        assert checksum({}, period) == (0, None, None)


def test_a_pause(venue: Venue) -> None:
    """A PC that slept for an hour reads what came meanwhile."""
    with reading(venue) as here:
        here.read()
        for minute in range(0, 60, 7):
            here.store(NOON + timedelta(minutes=minute))
        here.now += timedelta(hours=1)  # the monotonic clock may have stood still
        assert here.read() == here.afresh()


def test_midnight(venue: Venue) -> None:
    """The new day begins empty, and the evening before is not of it."""
    with reading(venue, datetime(2018, 5, 31, 23, 59, 50)) as here:
        here.store(here.now, 5)
        assert here.read().totals.came_in == 5
        here.later(20)
        assert here.read().totals == (0, 0, None, None)
        here.store(here.now)
        here.later(1)
        day = here.read()
        assert (day.totals.came_in, day.inside, [hour.hour for hour in day.hours]) == (1, 1, [0])


def test_a_clock_that_is_set_back(venue: Venue) -> None:
    """By hand or by another time zone: what lies ahead now is not of the day so far."""
    with reading(venue) as here:
        here.store(NOON - timedelta(hours=2))
        here.store(NOON)
        assert here.read().totals.came_in == 2
        here.now -= timedelta(hours=1)
        assert here.read().totals.came_in == 1
        here.now += timedelta(hours=8)
        assert here.read() == here.afresh()
        here.now -= timedelta(days=1)
        assert here.read() == here.afresh()


def test_the_hour_that_is_repeated(sqlite_venue: Venue) -> None:
    """The rows of its second passage are seen at once."""
    berlin = ZoneInfo("Europe/Berlin")
    with reading(sqlite_venue, datetime(2018, 10, 28, 2, 59, 50, tzinfo=berlin)) as here:
        here.store(datetime(2018, 10, 28, 2, 30), 3)
        assert here.read().totals.came_in == 3
        here.now = datetime(2018, 10, 28, 2, 10, 5, tzinfo=berlin, fold=1)
        here.read()
        here.store(datetime(2018, 10, 28, 2, 10, 10), 2)
        here.now = here.now.replace(second=15)
        assert here.read() == here.afresh()
        assert here.read().totals.came_in == 5


def test_after_the_database_was_away(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """Nothing of before is believed: it may be another server, or an older state of it."""
    with reading(mariadb_venue) as here:
        here.store(NOON - timedelta(hours=5), 7)
        assert here.read().totals.came_in == 7
        here.database.transaction(lambda c: c.execute(delete(PEOPLE_FLOW)))
        [(own,)] = here.database.transaction(lambda c: c.exec_driver_sql("SELECT CONNECTION_ID()").all())
        mariadb.execute(f"KILL {own}")
        assert here.read().totals.came_in == 0


def test_a_reading_that_fails(sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves nothing half: the next one reads all."""
    with reading(sqlite_venue) as here:
        here.store(NOON - timedelta(hours=5), 7)
        assert here.read().totals.came_in == 7
        here.store(NOON - timedelta(hours=3), 2)
        here.today.counts.stored(NOON - timedelta(hours=3), NOON - timedelta(hours=3))
        with monkeypatch.context() as patch:
            patch.setattr("visitorsflow.database.kept.read_slots", _fail)
            with pytest.raises(DatabaseAway):
                here.read()
        assert here.read().totals.came_in == 9


def _fail(*_: object) -> None:
    raise DatabaseAway("gone")


SLOTS = st.integers(0, 12 * 3600 + 150)
STEPS = st.one_of(
    st.tuples(st.just("read"), st.integers(0, 700)),
    st.tuples(st.just("ours"), SLOTS),
    st.tuples(st.just("others"), SLOTS),
)


@settings(max_examples=settings().max_examples * 15 // 100)
@given(
    st.lists(STEPS, max_size=15), st.sampled_from([5, 20]), st.sampled_from([None, NIGHT, (time(9), time(3))])
)
def test_any_order(steps: list[tuple[str, int]], pace: float, open_hours: tuple[time, time] | None) -> None:
    """Ours are in the next reading; after ten minutes of readings the day is what a fresh reading has."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Settings(home=Path(folder)))
        here = Here(database, datetime(2018, 5, 31, 23, 40), open_hours)
        for what, number in steps:
            if what == "read":
                here.later(number)
                day = here.read()
                ours = sum(hour.came_in for hour in day.hours if hour.camera == CAMERA)
                fresh = sum(hour.came_in for hour in here.afresh().hours if hour.camera == CAMERA)
                assert ours == fresh
                assert sum(hour.came_in for hour in day.hours) == day.totals.came_in
            else:
                at = (here.now - timedelta(seconds=number)).replace(microsecond=0)
                here.store(at, camera=CAMERA if what == "ours" else "another")
                if what == "ours":
                    here.today.counts.stored(at, at)
        assert here.ten_minutes(pace) == here.afresh()
        database.close()


@pytest.fixture
def a_night(venue: Venue) -> Venue:
    """A bar with 100 inside: 40 came early, 70 later, ten have left after midnight."""
    venue.configure(open_hours=("18:00", "02:00"), capacity=100)
    with reading(venue) as here:
        here.store(datetime(2018, 5, 31, 3), 7)  # of the night before: someone was not seen to leave
        here.store(datetime(2018, 5, 31, 17, 50), 40)
        here.store(datetime(2018, 5, 31, 22), 70)
        here.store(datetime(2018, 6, 1, 0, 10), 10, state=1)
    return venue


def test_inside_at_midnight(a_night: Venue) -> None:
    """It counts from the opening: the phone and the view go on; in and out are those of the new day."""
    with reading(a_night, datetime(2018, 5, 31, 23, 59, 50), NIGHT) as here:
        before = here.read()
        assert (before.inside, before.totals.came_in) == (110, 117)
        rules = VenueRules(CAMERA, NIGHT, 100, 0)
        rules.look(before, here.now, 0)
        here.later(20)
        day = here.read()
        assert (day.inside, day.totals, day.hours) == (110, (0, 0, None, None), ())
        here.later(TEN_MINUTES)
        assert here.read() == here.afresh()
        assert here.read().inside == 100
        here.now = datetime(2018, 6, 1, 9, 59)  # all have left long ago, whatever the cameras missed
        assert here.read().inside == 100
        here.now = datetime(2018, 6, 1, 10)
        assert here.read().inside == 0


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((2018, 5, 31, 23, 59), (110, 117, 0)),
        ((2018, 6, 1, 0, 5), (110, 0, 0)),
        ((2018, 6, 1, 1), (100, 0, 10)),
    ],
)
def test_the_view_of_a_night(a_night: Venue, now: tuple[int, ...], expected: tuple[int, ...]) -> None:
    """`--view` shows who is inside since the opening, and today's in and out."""
    first = (
        "import datetime as d; from visitorsflow import settings as s\n"
        f"s.Settings.now = lambda self: d.datetime{now}.astimezone(self.timezone)"
    )
    shown = a_night.run("uploadData.py", "--view", "--json", first=first).stdout
    model = json.loads(shown)
    assert (model["inside"], model["came_in"], model["went_out"]) == expected
    assert model["fill"] == 2
