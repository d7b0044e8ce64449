"""Whatever happens to the database and the link to it."""

import random
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import Scene, new_scene
from tests.mariadb import MariaDB
from tests.venue import Venue, as_json, truth, wait_until
from tests.venue import crossing as a_crossing


@contextmanager
def files_coming(scene: Scene, count: int, every: float) -> Iterator[None]:
    """The camera goes on writing while the block lasts."""
    thread = threading.Thread(target=scene.write, args=(count, every))
    thread.start()
    yield
    thread.join()


def test_the_server_is_killed_while_it_stores(scene: Scene) -> None:
    """Three power cuts of the server, with files coming all the time."""
    with scene.venue.uploading():
        with files_coming(scene, 400, 0.01):
            for _ in range(3):
                stored = len(scene.venue.names("stored"))
                wait_until(lambda: len(scene.venue.names("stored")) > stored)  # noqa: B023
                scene.server.kill()
                scene.server.start()
        scene.wait_until_all_is_stored()
    scene.check()


@pytest.mark.timeout(120)
def test_a_clean_stop_for_half_a_minute(scene: Scene) -> None:
    """The files of that time wait in the folder, the process goes on, then all are stored."""
    with scene.venue.uploading() as process:
        scene.write(9)
        scene.wait_until_all_is_stored()
        scene.server.stop()
        scene.write(31, every=1)
        assert len(scene.venue.waiting()) == 31
        assert process.poll() is None
        scene.server.start()
        scene.wait_until_all_is_stored()
    scene.check()


def test_the_link_is_cut_again_and_again(scene: Scene) -> None:
    """In the middle of whatever it is doing, mostly transactions."""
    with scene.venue.uploading():
        with files_coming(scene, 600, 0.005):
            for _ in range(25):
                time.sleep(random.uniform(0.01, 0.2))
                scene.proxy.cut()
        scene.wait_until_all_is_stored()
    scene.check()


@pytest.mark.timeout(120)
def test_the_link_stalls_for_longer_than_the_time_limits(scene: Scene) -> None:
    """Packets are held back for 15 s: our try is given up, and what arrives late after all adds nothing."""
    with scene.venue.uploading() as process:
        scene.write(9)
        scene.wait_until_all_is_stored()
        scene.proxy.stall()
        scene.write(15, every=1)
        wait_until(lambda: "trouble with the database" in scene.venue.terminal())
        assert process.poll() is None
        scene.proxy.heal()
        scene.wait_until_all_is_stored()
    scene.check()


def test_the_connection_is_refused_at_the_start(scene: Scene) -> None:
    """The start waits, and begins when it can."""
    scene.proxy.refuse()
    scene.write(18)
    with scene.venue.uploading():
        wait_until(lambda: "trouble with the database" in scene.venue.terminal())
        scene.proxy.heal()
        scene.wait_until_all_is_stored()
    scene.check()


def test_the_server_has_no_connection_left(scene: Scene) -> None:
    """Others hold all of max_connections; when they go, we come."""
    [(limit,)] = scene.server.execute("SELECT @@max_connections")
    scene.server.execute("SET GLOBAL max_connections = 10")
    hogs = [scene.server.connect() for _ in range(10)]
    try:
        scene.write(9)
        with scene.venue.uploading():
            wait_until(lambda: "Too many connections" in scene.venue.terminal())
            for hog in hogs:
                hog.close()
            scene.wait_until_all_is_stored()
    finally:
        scene.server.execute(f"SET GLOBAL max_connections = {limit}")
    scene.check()


def test_somebody_locks_the_table(scene: Scene) -> None:
    """The lock is reported as one, and outwaited."""
    scene.venue.rows()  # makes the table
    database = scene.venue.settings().db
    with (
        scene.server.connect(database=database) as connection,
        connection.cursor() as cursor,
        scene.venue.uploading(),
    ):
        cursor.execute("LOCK TABLES PeopleFlow WRITE")
        scene.write(9)
        wait_until(lambda: "Lock wait timeout exceeded" in scene.venue.terminal())
        cursor.execute("UNLOCK TABLES")
        scene.wait_until_all_is_stored()
    scene.check()


def test_a_deadlock(scene: Scene) -> None:
    """Another client and we wait for each other: the transaction is tried again, unnoticed."""
    scene.venue.rows()  # makes the table
    database = scene.venue.settings().db
    name = "20180531101900.json"
    content = [a_crossing("20180531101801"), a_crossing("20180531101802")]
    row = "INSERT INTO PeopleFlow VALUES ('2018-05-31 10:18:0{}', '17', '2018-05-31 10:19:00', {}, 0, 0, 0)"
    waits = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"
    with scene.server.connect(database=database, autocommit=False) as other, other.cursor() as cursor:
        for person in range(100, 200):  # much to undo, so that the server ends our transaction, not this
            cursor.execute(row.format(9, person))
        cursor.execute(row.format(2, 1))
        with scene.venue.uploading():
            scene.venue.drop(name, content)
            wait_until(lambda: scene.server.execute(waits)[0][1] == "1", "we wait for the other client")
            cursor.execute(row.format(1, 1))
            other.rollback()
            scene.wait_until_all_is_stored()
    assert set(scene.venue.rows()) == truth(name, content)
    assert "LATEST DETECTED DEADLOCK" in str(scene.server.execute("SHOW ENGINE INNODB STATUS"))
    assert "WARNING" not in scene.venue.terminal()


def test_the_server_is_read_only_for_a_while(scene: Scene) -> None:
    """As after a fail-over: the files wait until it takes rows again."""
    scene.venue.rows()  # makes the table
    scene.server.execute("SET GLOBAL read_only = 1")
    try:
        scene.write(9)
        with scene.venue.uploading():
            wait_until(lambda: "--read-only option" in scene.venue.terminal())
            scene.server.execute("SET GLOBAL read_only = 0")
            scene.wait_until_all_is_stored()
    finally:
        scene.server.execute("SET GLOBAL read_only = 0")
    scene.check()


def test_the_answer_to_a_commit_is_lost(scene: Scene) -> None:
    """The rows are there, but we can't know: stored again, they add nothing."""
    with scene.venue.uploading():
        for _ in range(6):
            scene.proxy.lose_commits(1)
            scene.write(9)
            scene.wait_until_all_is_stored()
    assert scene.proxy.lost_commits == 6
    scene.check()


@pytest.mark.timeout(150)
def test_the_server_has_no_room_left(tmp_path: Path) -> None:
    """The tablespace is full (a limit of 12 MB): files wait until there is room, then all are stored."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    limited = ["--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M"]
    records = [a_crossing("20180531101825", person) for person in range(20_000)]
    with MariaDB(folder, *limited) as server, new_scene(server, tmp_path) as scene:
        with scene.venue.uploading() as process:
            for second in range(10, 16):
                name = f"201805311019{second}.json"
                scene.venue.drop(name, as_json(records))
                scene.camera.truth |= truth(name, records)
            wait_until(lambda: "is full" in scene.venue.terminal())
            assert process.poll() is None
            server.stop()
            server.options = (limited[0], f"{limited[1]}:autoextend")
            server.start()
            scene.wait_until_all_is_stored()
        scene.check()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_server_that_logs_statements(tmp_path: Path) -> None:
    """It refuses every row at READ COMMITTED (error 1665): another level is used, and all is stored."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    with (
        MariaDB(folder, "--log-bin", "--binlog-format=STATEMENT", "--server-id=1") as server,
        new_scene(server, tmp_path) as scene,
    ):
        with scene.venue.uploading():
            scene.write(9)
            scene.wait_until_all_is_stored()
            assert "WARNING" not in scene.venue.terminal()
        scene.check()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_server_that_refuses_is_not_away(scene: Scene) -> None:
    """It is there, and says why it stores nothing: the alert says so too, and its end."""
    scene.venue.rows()  # makes the table
    patience = "from visitorsflow.rules import condition as c; c.Condition.__init__.__defaults__ = (1, '')"
    scene.server.execute("SET GLOBAL read_only = 1")
    try:
        with scene.venue.uploading(first=patience):
            scene.write(9)
            wait_until(lambda: "ALERT 資料庫拒絕存入，" in scene.venue.terminal())
            scene.server.execute("SET GLOBAL read_only = 0")
            wait_until(lambda: "ALERT 資料庫可以存入了，已補存 " in scene.venue.terminal())
            scene.wait_until_all_is_stored()
    finally:
        scene.server.execute("SET GLOBAL read_only = 0")
    scene.check()
    assert (
        "--read-only option" in scene.venue.terminal().partition("ALERT 資料庫拒絕存入，")[2].splitlines()[0]
    )
    assert "資料庫連不上" not in scene.venue.terminal()


@pytest.mark.parametrize("replaced", [False, True], ids=["deleted", "replaced"])
def test_the_sqlite_file_is_taken_away(sqlite_venue: Venue, replaced: bool) -> None:
    """Noticed before a file is moved: what came since then is in the new file, and it is said."""
    database = sqlite_venue.home / "visitorsflow.db"
    names = [f"201805311019{second:02}.json" for second in range(9)]
    records = [a_crossing("20180531101825")]
    with sqlite_venue.uploading():
        for name in names[:3]:
            sqlite_venue.drop(name, records)
        wait_until(lambda: not sqlite_venue.waiting())
        for path in sqlite_venue.home.glob("visitorsflow.db*"):
            path.unlink()
        if replaced:
            sqlite3.connect(database).close()
            database.touch()
        for name in names[3:]:
            sqlite_venue.drop(name, records)
        wait_until(lambda: not sqlite_venue.waiting())
    assert set(sqlite_venue.rows()) == set().union(*(truth(name, records) for name in names[3:]))
    assert "this file was deleted or replaced" in sqlite_venue.terminal()


def test_the_write_ahead_log_of_sqlite_is_taken_away(sqlite_venue: Venue) -> None:
    """It holds the newest rows, and looks like rubbish: a power cut after that loses none of what comes."""
    records = [a_crossing("20180531101825")]
    names = [f"201805311019{second:02}.json" for second in range(6)]
    with sqlite_venue.uploading() as process:
        for name in names:
            if name == names[3]:
                for path in sqlite_venue.home.glob("visitorsflow.db-*"):
                    path.unlink()
            sqlite_venue.drop(name, records)
            wait_until(lambda: not sqlite_venue.waiting())
        process.kill()
    assert set(sqlite_venue.rows()) == set().union(*(truth(name, records) for name in names))
    assert "deleted or replaced" in sqlite_venue.terminal()


def test_what_a_person_must_fix_while_it_runs(scene: Scene) -> None:
    """The table is changed: the database is there and refuses, and the alert says why."""
    patience = "from visitorsflow.rules import condition as c; c.Condition.__init__.__defaults__ = (1, '')"
    name, server = scene.venue.settings().db, scene.server
    with scene.venue.uploading(first=patience):
        scene.write(3)
        scene.wait_until_all_is_stored()
        server.execute("ALTER TABLE PeopleFlow ADD COLUMN other INT NOT NULL", name)
        scene.write(3)
        wait_until(lambda: "ALERT 資料庫拒絕存入，3 個檔案等待中" in scene.venue.terminal())
        wait_until(lambda: "with other columns or another key" in scene.venue.terminal())
        server.execute("ALTER TABLE PeopleFlow DROP COLUMN other", name)
        scene.wait_until_all_is_stored()
        wait_until(lambda: "ALERT 資料庫可以存入了" in scene.venue.terminal())
    scene.check()
    assert "資料庫連不上" not in scene.venue.terminal()
