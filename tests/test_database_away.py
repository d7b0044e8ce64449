"""The database is away, and comes back: nothing is lost, and the process never ends because of it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mariadb import MariaDB
from tests.venue import Row, Venue, some_crossings, truth, wait_until


@pytest.fixture(scope="module")
def own_mariadb() -> Iterator[MariaDB]:
    """A server that these tests stop and start."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    with MariaDB(folder) as server:
        for name in ("venue", "long_away"):
            server.execute(f"CREATE DATABASE {name}")
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def test_away_and_back(own_mariadb: MariaDB, tmp_path: Path) -> None:
    """Away at start, there, killed while files come, there again, cleanly stopped, there again."""
    venue = Venue(tmp_path / "venue", own_mariadb.lines("venue"))
    expected: set[Row] = set()
    number = 0

    def files(count: int) -> None:
        nonlocal number
        for _ in range(count):
            name = f"20180531{number:06}.json"
            content = some_crossings(name[:14], 5)
            venue.drop(name, content)
            expected.update(truth(name, content))
            number += 1

    own_mariadb.stop()
    files(3)
    assert venue.upload().returncode == 1  # --once does not wait
    with venue.uploading() as process:
        wait_until(lambda: "trouble with the database" in venue.terminal())
        files(3)
        own_mariadb.start()
        wait_until(lambda: not venue.waiting(), "stored after it came back")
        for end in (own_mariadb.kill, own_mariadb.stop):
            files(10)
            end()
            files(10)
            wait_until(lambda: len(venue.waiting()) >= 10)
            own_mariadb.start()
            wait_until(lambda: not venue.waiting(), "stored after it came back")
        assert process.poll() is None
    assert set(venue.rows()) == expected
    assert "the database works again" in venue.terminal()


@pytest.mark.timeout(120)
def test_the_alerts_of_a_long_absence(own_mariadb: MariaDB, tmp_path: Path) -> None:
    """After 30 s once, with the number of files that wait; and when they have all been stored."""
    venue = Venue(tmp_path / "venue", own_mariadb.lines("long_away"))
    venue.configure(idle_seconds=600)
    own_mariadb.stop()
    with venue.uploading():
        for number in range(3):
            venue.drop(f"2018060110000{number}.json", some_crossings("20180601100000", 2))
        wait_until(lambda: "資料庫連不上，3 個檔案等待中 [" in venue.terminal(), seconds=50)
        venue.drop("20180601100003.json", some_crossings("20180601100000", 2))
        own_mariadb.start()
        wait_until(lambda: "資料庫恢復，已補存 4 個檔案 [" in venue.terminal(), seconds=50)
    assert venue.terminal().count("資料庫連不上") == 1
