"""The table PeopleFlowCamera, the same tests on SQLite and on a real MariaDB."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from tests.mariadb import MariaDB
from tests.venue import Venue
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import LONGEST_TEXT, Beat, Cameras
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import CameraState

CROSSED = datetime(2018, 5, 31, 10, 18, 25)
BEAT = Beat(
    name="門口 😀",
    file_age=12.2,
    file_name="20180531101900.json",
    crossing_at=CROSSED,
    waiting=3,
    rejected=1,
    idle_seconds=90.5,
    open_now=True,
    can_tell=False,
    trouble="folder: 讀不到",
    version="1.0",
    host="pc-1",
)


@pytest.fixture
def cameras(database: Database) -> Cameras:
    """The table, made and empty."""
    cameras = Cameras(database)
    cameras.prepare()
    return cameras


def move(database: Database, camera: str, seconds: float) -> None:
    """Set the camera's last beat to so long ago."""
    moment = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(seconds=seconds)
    change = text('UPDATE PeopleFlowCamera SET "aliveAt" = :moment WHERE ip = :ip')
    if database.engine.dialect.name != "sqlite":
        change = text(change.text.replace('"', "`"))
    values = {"moment": str(moment), "ip": camera}
    database.transaction(lambda connection: connection.execute(change, values))


def is_near(moment: datetime | None, seconds_ago: float) -> bool:
    """Whether it was so long ago, as nearly as two looks at whole seconds can tell on a busy machine."""
    assert moment is not None
    ago = datetime.now(UTC).replace(tzinfo=None) - moment
    return seconds_ago - 2 < ago.total_seconds() < seconds_ago + 10


def test_a_beat_is_read_back(cameras: Cameras) -> None:
    """Every value to the letter; ages have become times."""
    assert cameras.beat(BEAT) is None
    [state] = cameras.read()
    assert is_near(state.alive_at, 0)
    assert is_near(state.file_at, 12)
    assert abs(state.clock_offset) < 1
    assert state == CameraState(
        name="門口 😀",
        alive_at=state.alive_at,
        stopped_at=None,
        file_at=state.file_at,
        file_name="20180531101900.json",
        crossing_at=CROSSED,
        waiting=3,
        rejected=1,
        idle_seconds=90.5,
        open_now=True,
        clock_offset=state.clock_offset,
        can_tell=False,
        trouble="folder: 讀不到",
        told_at=None,
        version="1.0",
        host="pc-1",
    )


def test_what_is_not_said_again_stays(cameras: Cameras) -> None:
    """After a restart the last file and the last crossing are still known; all else is what it is now."""
    cameras.beat(BEAT)
    [before] = cameras.read()
    later = BEAT._replace(file_age=None, file_name="", crossing_at=None, waiting=0, trouble="", host="pc-2")
    assert cameras.beat(later) == before
    [after] = cameras.read()
    assert after[3:6] == before[3:6] == (before.file_at, "20180531101900.json", CROSSED)
    assert (after.waiting, after.trouble, after.host) == (0, "", "pc-2")


def test_an_end_in_order_and_the_next_start(cameras: Cameras) -> None:
    """The end is written with what was known then; the first beat after it clears it."""
    cameras.beat(BEAT)
    cameras.beat(BEAT._replace(waiting=7), stopped=True)
    [state] = cameras.read()
    assert state.waiting == 7
    assert is_near(state.stopped_at, 0)
    cameras.beat(BEAT)
    assert [state.stopped_at for state in cameras.read()] == [None]


def test_who_was_told(cameras: Cameras) -> None:
    """It outlasts the camera's own beats, until somebody was told that it is back."""
    for name in ("a", "b", "c"):
        cameras.beat(BEAT._replace(name=name))
    cameras.told(["a", "c", "no such camera"])
    cameras.beat(BEAT._replace(name="a"))
    a, b, c = cameras.read()
    assert is_near(a.told_at, 0)
    assert is_near(c.told_at, 0)
    assert b.told_at is None
    cameras.told_back(["a"])
    cameras.told_back([])
    assert [state.told_at is None for state in cameras.read()] == [True, True, False]


def test_a_camera_that_was_taken_away(cameras: Cameras, database: Database) -> None:
    """Without a beat for a week it is not there; the others are, by name."""
    for name in ("b", "a", "B", "ａ", "10", "9"):
        cameras.beat(BEAT._replace(name=name))
    week = 7 * 24 * 3600
    move(database, "a", week - 60)
    move(database, "b", week + 60)
    assert [state.name for state in cameras.read()] == ["10", "9", "B", "a", "ａ"]


def test_texts_that_are_too_long(cameras: Cameras) -> None:
    """They are cut: a long file name must not make a camera look dead."""
    long = "檔" * 3 * LONGEST_TEXT
    cameras.beat(BEAT._replace(file_name=long, trouble=long, host=long))
    [state] = cameras.read()
    assert {state.file_name, state.trouble, state.host} == {long[:LONGEST_TEXT]}


def test_made_by_many_at_once(venue: Venue) -> None:
    """Uploaders that start together all find the table, and each has its row."""
    errors: list[Exception] = []

    def start(name: str) -> None:
        database = Database(venue.settings())
        try:
            cameras = Cameras(database)
            cameras.prepare()
            for _ in range(5):
                cameras.beat(BEAT._replace(name=name))
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start, args=[str(number)]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    database = Database(venue.settings())
    assert len(Cameras(database).read()) == 6
    database.close()


def test_times_are_utc_by_the_databases_clock(mariadb_venue: Venue) -> None:
    """Whatever the zone of the server and this PC's own time; the offset tells how far that is off."""
    database = Database(mariadb_venue.settings())

    def turn_clock(connection: "object", _record: object) -> None:
        connection.cursor().execute("SET time_zone = '+08:00', timestamp = 1527733105.75")  # type: ignore[attr-defined]

    event.listen(database.engine, "connect", turn_clock)
    cameras = Cameras(database)
    cameras.prepare()
    cameras.beat(BEAT, stopped=True)
    cameras.told([BEAT.name])
    [state] = Cameras(database).read()
    database.close()
    there = datetime(2018, 5, 31, 2, 18, 25)
    assert (state.alive_at, state.stopped_at, state.told_at) == (there, there, there)
    assert state.file_at == there - timedelta(seconds=12)
    assert state.crossing_at == CROSSED  # the camera's own time
    off = datetime.now(UTC).timestamp() - 1527733105.75
    assert abs(state.clock_offset - off) < 10
    assert state.clock_offset != round(state.clock_offset)  # better than to a second


@pytest.mark.parametrize("charset", ["latin1", "utf8mb4"])
def test_the_rights_that_the_readme_gives(mariadb: MariaDB, mariadb_venue: Venue, charset: str) -> None:
    """SELECT, INSERT, UPDATE, CREATE are enough, in a database of any character set; then without CREATE."""
    name = mariadb_venue.settings().db
    user = f"u{name}"[:32]
    mariadb.execute(f"ALTER DATABASE {name} CHARACTER SET {charset}")
    mariadb.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'x'")
    for rights in ("SELECT, INSERT, UPDATE, CREATE", "SELECT, INSERT, UPDATE"):
        mariadb.execute(f"GRANT {rights} ON {name}.* TO '{user}'@'%'")
        mariadb_venue.database = (
            f"host, port, user, password, db = '127.0.0.1', {mariadb.port}, {user!r}, 'x', {name!r}"
        )
        mariadb_venue.configure()
        database = Database(mariadb_venue.settings())
        cameras = Cameras(database)
        cameras.prepare()
        cameras.beat(BEAT)
        cameras.told([BEAT.name])
        assert [state.name for state in cameras.read()] == [BEAT.name]
        database.close()
        mariadb.execute(f"REVOKE ALL ON {name}.* FROM '{user}'@'%'")
    mariadb.execute(f"DROP USER '{user}'@'%'")


def test_no_table_yet(database: Database) -> None:
    """Who only reads makes none, and learns what is missing."""
    with pytest.raises(DatabaseRefuses, match="PeopleFlowCamera"):
        Cameras(database).read()
