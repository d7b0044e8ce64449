"""The overview: real uploaders that beat, and what everybody reads, on SQLite and on a real MariaDB."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.api import Api, today
from tests.mariadb import MariaDB
from tests.overviews import first, limited, listening
from tests.proxy import Proxy
from tests.tellings import back, dead
from tests.venue import CAMERA, Venue, crossing, some_crossings, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.events import Listed, TableReady
from visitorsflow.facts import CameraState, Hour, missing_reason
from visitorsflow.rules.health import troubles
from visitorsflow.venue.overview import Overview

pytestmark = pytest.mark.usefixtures("not_at_midnight")

ON_ANOTHER_PC = "import socket; socket.gethostname = lambda: 'pc-2'"
AHEAD = """
import visitorsflow.database.tables as clock
from datetime import datetime, timedelta
class Ahead(datetime):
    @classmethod
    def now(cls, zone=None): return datetime.now(zone) + timedelta(seconds=300)
clock.datetime = Ahead
"""
DEAD = dead(CAMERA)


def moment(number: int, hour: int = 10) -> str:
    """The `number`th second from that hour on, as the name of a file has it."""
    return f"{datetime(2018, 5, 31, hour) + timedelta(seconds=number):%Y%m%d%H%M%S}"


def states(venue: Venue) -> dict[str, CameraState]:
    """What the database says of each camera; nothing while it has no table."""
    database = Database(venue.settings())
    try:
        return {state.name: state for state in Cameras(database).read()}
    except DatabaseRefuses:
        return {}
    finally:
        database.close()


def state(venue: Venue, camera: str = CAMERA) -> CameraState:
    """What the database says of a camera, as soon as it says anything."""
    wait_until(lambda: camera in states(venue), "the first beat")
    return states(venue)[camera]


def wait_for(venue: Venue, condition: Callable[[CameraState], object], what: str = "") -> CameraState:
    """Wait until the database says that of the camera, and return what it says.

    Sooner than the next beat would come by itself.
    """
    wait_until(lambda: condition(state(venue)), what, seconds=15)
    return state(venue)


def test_a_day_of_an_uploader(venue: Venue) -> None:
    """It beats at its start and as soon as anything has changed; its end in order is told from a death."""
    venue.configure(idle_seconds=77)
    with venue.uploading():
        begun = state(venue)
        assert (begun.file_at, begun.stopped_at, begun.file_name) == (None, None, "")
        assert (begun.idle_seconds, begun.open_now, begun.can_tell, begun.trouble) == (77, True, False, "")
        assert abs(begun.clock_offset) < 2
        venue.drop("20180531101900.json", some_crossings("20180531101825", 3))
        stored = wait_for(venue, lambda state: state.crossing_at, "a crossing")
        assert stored.crossing_at == datetime(2018, 5, 31, 10, 18, 27)
        assert stored.file_name == "20180531101900.json"
        venue.drop("20180531101905.json", [])
        alive = wait_for(venue, lambda state: state.file_name == "20180531101905.json", "a sign of life")
        assert alive.file_at
        assert stored.file_at
        assert alive.file_at >= stored.file_at
        assert alive.crossing_at == stored.crossing_at
        venue.drop("20180531101910.json", b"[{]")
        wait_for(venue, lambda state: state.rejected == 1 and state.waiting == 0, "a rejected file")
    ended = state(venue)
    assert ended.stopped_at
    assert ended.alive_at == ended.stopped_at
    with venue.uploading() as process:
        again = wait_for(venue, lambda state: not state.stopped_at and state.rejected, "the next start")
        assert (again.rejected, again.file_name) == (1, "20180531101910.json")
        process.kill()
    assert state(venue).stopped_at is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_end_in_order(sqlite_venue: Venue, number: signal.Signals) -> None:
    """Ctrl-C, a service manager, a terminal that is closed."""
    with sqlite_venue.uploading() as process:
        state(sqlite_venue)
        process.send_signal(number)
        process.wait(10)
    assert state(sqlite_venue).stopped_at


def test_once_is_an_end_in_order(venue: Venue) -> None:
    """However short it was, and with nothing left out."""
    venue.drop("20180531101900.json", some_crossings("20180531101825", 3))
    assert venue.upload().returncode == 0
    ended = state(venue)
    assert ended.stopped_at
    assert (ended.waiting, ended.file_name) == (0, "20180531101900.json")
    assert ended.crossing_at == datetime(2018, 5, 31, 10, 18, 27)


def test_a_clock_that_is_five_minutes_ahead(venue: Venue) -> None:
    """The camera's row says so, to the second; its times are the database's all the same."""
    with venue.uploading(first=AHEAD):
        ahead = state(venue)
    assert 298 < ahead.clock_offset < 302
    assert abs((datetime.now(UTC).replace(tzinfo=None) - ahead.alive_at).total_seconds()) < 60


def test_what_lasts_is_said(venue: Venue) -> None:
    """Everybody can read what is the matter with the folder of that camera, until it is over."""
    with venue.uploading():
        wait_for(venue, lambda state: state.trouble == "")
        venue.folder.rename(venue.home / "elsewhere")
        trouble = wait_for(venue, lambda state: state.trouble).trouble
        assert [one.what for one in troubles(trouble)] == ["folder"]
        (venue.home / "elsewhere").rename(venue.folder)
        wait_for(venue, lambda state: state.trouble == "")


def test_the_day_is_what_is_reported(venue: Venue, api: Api) -> None:
    """The totals are those of callAPI.py; the hours, camera by camera, add up to them; the last report."""
    venue.configure(api_url=api.url, camera="北門")
    records = [today(0), today(0, 1), today(1), today(7), crossing("20180531101825"), today(0, -3600)]
    venue.drop("20180531101900.json", records)
    assert venue.upload().returncode == 0
    venue.configure(api_url=api.url, camera="9")
    venue.drop("20180531101901.json", [today(0)])
    assert venue.upload().returncode == 0
    with listening(venue) as (_, days):
        day = first(days)
        assert day.report is None
    assert day.missing == ()
    assert day.day == datetime.now().date()  # noqa: DTZ005
    assert day.totals[:2] == (3, 1)
    assert day.totals.first
    assert day.totals.last
    body = venue.run("callAPI.py", "--dry-run").stdout
    assert f'"StartTime":"{day.totals.first:%Y%m%d%H%M%S}","EndTime":"{day.totals.last:%Y%m%d%H%M%S}"' in body
    assert {hour.camera for hour in day.hours} == {"北門", "9"}
    assert sum(hour.came_in for hour in day.hours) == 3
    assert sum(hour.went_out for hour in day.hours) == 1
    assert [type(hour) for hour in day.hours] == [Hour] * len(day.hours)
    assert [camera.name for camera in day.cameras] == ["9", "北門"]
    assert venue.run("callAPI.py").returncode == 0
    with listening(venue) as (_, days):
        report = first(days).report
    assert report
    assert (report.inside, report.came_in, report.went_out, report.accepted) == (2, 3, 1, True)


def test_no_rows_yet(venue: Venue) -> None:
    """A day on which nobody has come in."""
    assert venue.upload().returncode == 0
    with listening(venue, beats=False) as (_, days):
        day = first(days)
    assert (day.totals, day.hours) == ((0, 0, None, None), ())
    assert [camera.name for camera in day.cameras] == [CAMERA]
    assert abs((datetime.now(UTC).replace(tzinfo=None) - day.read_at).total_seconds()) < 60


def test_at_most_once_a_second(venue: Venue) -> None:
    """However much happens; and whoever tells it never waits."""
    assert venue.upload().returncode == 0
    settings = venue.settings()
    database = Database(settings)
    beats: list[float] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT"):
            beats.append(time.monotonic())

    event.listen(database.engine, "before_cursor_execute", note)
    overview = Overview(settings, database, lambda *events: None)
    overview(TableReady())
    overview.start()
    began, number, longest = time.monotonic(), 0, 0.0
    while time.monotonic() < began + 3.5:
        before = time.monotonic()
        overview(Listed(number, True, f"{number}.json"))
        longest = max(longest, time.monotonic() - before)
        number += 1
        threading.Event().wait(0.001)
    seen = len(beats)
    overview.close()
    assert 2 <= seen <= 5
    assert longest < 0.5
    assert state(venue).file_name == f"{number - 1}.json"  # the end has the last word


def test_it_beats_while_nothing_happens(venue: Venue) -> None:
    """So many seconds after the last beat, and reads the day as often as somebody wants to look at it."""
    with listening(venue, beat_every=1, read_every=1) as (_, days):
        begun = state(venue).alive_at
        wait_for(venue, lambda state: (state.alive_at - begun).total_seconds() >= 2, "two more beats")
        wait_until(lambda: len(days) >= 2)
    assert days[-1].read_at > days[0].read_at


def test_who_was_told_is_written(venue: Venue) -> None:
    """Soon, from any thread; also that a camera is back."""
    assert venue.upload().returncode == 0
    with listening(venue) as (overview, _):
        overview(DEAD)
        wait_for(venue, lambda state: state.told_at, "told that it is dead")
        overview(back(CAMERA))
        wait_for(venue, lambda state: not state.told_at, "told that it is back")
        overview(DEAD)
    assert state(venue).told_at  # what is told just before the end is written too


@pytest.mark.parametrize(("there", "on"), [(ON_ANOTHER_PC, "pc-2"), ("", socket.gethostname())])
def test_two_uploaders_with_one_name(venue: Venue, there: str, on: str) -> None:
    """Both store and beat, the last beat counts; each tells once on which PC the other one runs."""
    second = Venue(venue.home.parent / "second", venue.database)
    if not venue.database:
        second.database = f"database_url = {f'sqlite:///{venue.home}/visitorsflow.db'!r}"
        second.configure()
    said = f"another uploadData.py with the name {CAMERA} runs on"
    with venue.uploading(), second.uploading(first=there):
        for number in range(40):
            venue.drop(f"{moment(number)}.json", some_crossings(moment(number), 1))
            second.drop(f"{moment(number, 11)}.json", some_crossings(moment(number, 11), 1))
            if said in venue.terminal() and said in second.terminal():
                break
            threading.Event().wait(0.5)
        wait_until(lambda: not venue.waiting() | second.waiting(), "everything stored")
    assert len(venue.rows()) == 2 * (number + 1)
    assert venue.terminal().count(f"{said} {on}: give each") == 1
    assert second.terminal().count(said) == 1
    assert venue.terminal().count(f"ALERT 電腦 {on} 上有另一個 uploadData.py 也用 {CAMERA} 這個名字") == 1
    assert "does not work" not in venue.terminal() + second.terminal()


class Apart:
    """A venue whose overview, and nothing else, reaches the database through a proxy."""

    def __init__(self, venue: Venue, server: MariaDB, proxy: Proxy) -> None:
        self.venue = venue
        self.files = 0
        other = Path(f"{venue.home}-overview.py")
        other.write_text((venue.home / "config.py").read_text().replace(f"{server.port}", f"{proxy.port}"))
        self.first = (
            "from pathlib import Path; from visitorsflow import settings\n"
            "from visitorsflow.database import connection; from visitorsflow.venue import overview\n"
            f"other = settings.load(Path({str(other)!r}), required=True); straight = overview.Overview\n"
            "overview.Overview = lambda s, d, tell, **o: straight(s, connection.Database(other), tell, **o)\n"
        )

    def store(self, count: int) -> float:
        """Drop so many files one by one; returns the longest that one of them took to be stored."""
        longest = 0.0
        for _ in range(count):
            began = time.monotonic()
            self.files += 1
            self.venue.drop(f"{moment(self.files)}.json", some_crossings(moment(self.files), 2))
            wait_until(lambda: not self.venue.waiting(), "stored")
            longest = max(longest, time.monotonic() - began)
        return longest


@pytest.fixture
def apart(mariadb: MariaDB, mariadb_venue: Venue) -> Iterator[tuple[Apart, Proxy]]:
    """Such a venue, and the proxy."""
    with Proxy(mariadb.port) as proxy:
        yield Apart(mariadb_venue, mariadb, proxy), proxy


@pytest.mark.timeout(120)
@pytest.mark.parametrize("fault", ["stall", "refuse"])
def test_its_connection_is_ill(apart: tuple[Apart, Proxy], fault: str) -> None:
    """Storing goes on as fast, no trouble with the database is said; the end is quick; it heals by itself."""
    venue, proxy = apart[0].venue, apart[1]
    with venue.uploading(first=apart[0].first):
        apart[0].store(3)
        stored = wait_for(venue, lambda state: state.file_name == "20180531100003.json", "a beat")
        getattr(proxy, fault)()
        assert apart[0].store(20) < 4
        wait_until(lambda: "saying how this camera is does not work" in venue.terminal(), seconds=40)
        assert apart[0].store(3) < 4
        assert state(venue) == stored
        proxy.heal()
        wait_for(venue, lambda state: state.file_name == "20180531100026.json", "it beats again")
        getattr(proxy, fault)()
        apart[0].store(1)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert len(venue.rows()) == 2 * 27
    assert venue.terminal().count("saying how this camera is does not work") <= 2
    assert "trouble with the database" not in venue.terminal()
    assert state(venue).stopped_at is None


def test_ill_from_the_start(apart: tuple[Apart, Proxy]) -> None:
    """Then nobody sees this camera, and everything is stored."""
    venue, proxy = apart[0].venue, apart[1]
    proxy.stall()
    with venue.uploading(first=apart[0].first):
        assert apart[0].store(5) < 10
    assert len(venue.rows()) == 10
    assert states(venue) == {}


def test_no_right_to_make_the_tables(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """Everything is stored, and what is missing is said once, and told with the day."""
    mariadb_venue.rows()  # makes PeopleFlow
    limited(mariadb, mariadb_venue, "SELECT, INSERT, UPDATE")
    mariadb_venue.drop("20180531101900.json", some_crossings("20180531101825", 3))
    with mariadb_venue.uploading():
        wait_until(lambda: "missing in the overview" in mariadb_venue.terminal())
        for number in range(3):
            mariadb_venue.drop(f"2018053110190{number + 1}.json", [])
            wait_until(lambda: not mariadb_venue.waiting())
            threading.Event().wait(1)
    assert len(mariadb_venue.rows()) == 3
    terminal = mariadb_venue.terminal()
    assert terminal.count("missing in the overview of the day: PeopleFlowCamera: ") == 1
    assert terminal.count("CREATE command denied") == 3  # of each table
    assert terminal.count("saying how this camera is does not work, storing goes on") == 1
    assert "trouble" not in terminal
    with listening(mariadb_venue) as (_, days):
        day = first(days)
    assert day.totals.came_in == 0
    assert day.cameras == ()
    missing = str(missing_reason(day.missing))
    assert "PeopleFlowCamera: can't be written: " in missing
    assert "PeopleFlowReport: " in missing


def test_reading_needs_only_select(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """Whoever only reads makes no table and writes nothing; what is not there is named."""
    limited(mariadb, mariadb_venue, "SELECT")
    with listening(mariadb_venue, beats=False) as (_, days):
        day = first(days)
    assert [table for table, _ in day.missing] == ["PeopleFlowCamera", "PeopleFlow"]
    limited(mariadb, mariadb_venue, "SELECT, INSERT, UPDATE, CREATE")
    with mariadb_venue.uploading():
        before = state(mariadb_venue)
        limited(mariadb, mariadb_venue, "SELECT")
        with listening(mariadb_venue, beats=False, read_every=0.1) as (_, days):
            wait_until(lambda: len(days) >= 3)
            wait_until(lambda: not days[-1].missing)
    assert [camera.name for camera in days[-1].cameras] == [before.name]


def test_what_is_made_later_is_not_missed(venue: Venue) -> None:
    """After --once on a new database, where no report was sent either, nothing is wrong."""
    venue.drop("20180531101900.json", some_crossings("20180531101825", 3))
    assert venue.upload().returncode == 0
    with listening(venue, beats=False) as (_, days):
        assert first(days).missing == ()


def test_sqlite_has_two_that_write(sqlite_venue: Venue) -> None:
    """A backlog is stored whole, with beats in between as fast as they go."""
    for number in range(300):
        sqlite_venue.drop(f"{moment(number)}.json", some_crossings(moment(number), 20))
    stop = threading.Event()
    beaten = 0

    def beat() -> None:
        nonlocal beaten
        with listening(sqlite_venue) as (overview, _):
            while not stop.wait(0.005):
                overview(back("nobody"))
                beaten += 1

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        done = sqlite_venue.upload()
    finally:
        stop.set()
        thread.join()
    assert done.returncode == 0, done.stderr
    assert "trouble" not in done.stderr
    assert "does not work" not in done.stderr
    assert len(sqlite_venue.rows()) == 6000
    assert beaten
