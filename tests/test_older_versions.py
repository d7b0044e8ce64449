"""The programs of before, out of the repository's history, beside today's on one database.

PCs are updated one after the other: for a while both write to one database.
"""

import contextlib
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from tests.overviews import first, listening
from tests.test_restart import ON, STAND_IN, said
from tests.venue import PROJECT, Venue, some_crossings, truth, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.told import read_told

VERSION_1, BEFORE_TOLD = "71e48bc", "6c8f5de"


@contextlib.contextmanager
def uploading(version: str, venue: Venue, into: Path) -> Iterator[None]:
    """uploadData.py of that commit, as it runs for months; it must end in order."""
    done = subprocess.run(["git", "-C", PROJECT, "archive", version], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("without the repository's history")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(into, filter="data")
    command = [sys.executable, str(into / "uploadData.py"), "--config", str(venue.home / "config.py")]
    with (venue.home / "terminal.txt").open("ab") as terminal:
        process = subprocess.Popen(command, cwd=into, stdout=terminal, stderr=terminal)
    try:
        yield
        process.terminate()
        assert process.wait(20) == 0, venue.terminal()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("version", [VERSION_1, BEFORE_TOLD])
def test_an_older_version_beside_today(version: str, mariadb_venue: Venue, tmp_path: Path) -> None:
    """Whoever comes first, both store all, and neither says that anything is wrong."""
    mariadb_venue.configure(camera="17", idle_seconds=2, **ON)
    older = Venue(tmp_path / "older", mariadb_venue.database)
    older.configure(camera="16", idle_seconds=600)
    expected = set()
    with uploading(version, older, tmp_path / "program"):
        names = iter(range(10, 60))
        with mariadb_venue.uploading(first=STAND_IN):
            wait_until(lambda: said(mariadb_venue, "No file has come"), "today's tells a silence")
            for _ in range(5):
                for venue, camera in ((older, "16"), (mariadb_venue, "17")):
                    name = f"201805311019{next(names)}.json"
                    crossings = some_crossings("20180531101825", 3)
                    venue.drop(name, crossings)
                    expected |= truth(name, crossings, camera)
            wait_until(lambda: not older.waiting() and not mariadb_venue.waiting(), "all is stored")
            wait_until(lambda: said(mariadb_venue, "Files come again"), "and its end")
        name = "20180531102000.json"
        older.drop(name, some_crossings("20180531101825", 3))
        wait_until(lambda: not older.waiting(), "the older one goes on")
        expected |= truth(name, some_crossings("20180531101825", 3), "16")
        with listening(mariadb_venue) as (_, days):
            names_seen = [camera.name for camera in first(days).cameras]
    assert set(mariadb_venue.rows()) == expected
    assert names_seen == (["17"] if version == VERSION_1 else ["16", "17"])
    with contextlib.closing(Database(mariadb_venue.settings())) as database:
        [thing] = [one for one in database.transaction(read_told) if one.what == "silence"]
    assert thing.end_told_at
    for terminal in (older.terminal(), mariadb_venue.terminal()):
        for word in ("Traceback", "defect", "trouble", "does not work", "unwritten", "missing in"):
            assert word not in terminal, terminal
