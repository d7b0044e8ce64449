"""One run of callAPI.py at a time; and no lock, and no log, that keeps a report from being sent."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from tests import forks
from tests.api import Api, store, today
from tests.venue import Venue, crossing, without_the_power_of_root
from visitorsflow.report import lock

pytestmark = pytest.mark.usefixtures("not_at_midnight")
AN_HOUR_AGO = time.time() - 3600


def test_one_run_at_a_time(sqlite_venue: Venue, api: Api) -> None:
    """A second run says so in one line and ends with 0; one for another day waits for its turn instead."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0), crossing("20180531101825"))
    with FileLock(sqlite_venue.home / "log" / "callAPI.lock"):
        done = sqlite_venue.run("callAPI.py")
        assert (done.returncode, len(done.stderr.splitlines()), api.requests) == (0, 1, [])
        assert "another callAPI.py is still running" in done.stderr
        closing = forks.start(sqlite_venue.command("callAPI.py", "--date", "2018-05-31"))
        with pytest.raises(subprocess.TimeoutExpired):
            closing.wait(3)
    assert closing.wait(20) == 0
    assert len(api.requests) == 1


@contextmanager
def a_run_that_hangs(venue: Venue) -> Iterator[Path]:
    """A callAPI.py that is suspended while it waits for the API; gives the lock that it holds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        venue.configure(api_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        with forks.start(venue.command("callAPI.py"), stderr=subprocess.DEVNULL) as process:
            try:
                connection, _ = silent.accept()
                process.send_signal(signal.SIGSTOP)
                with connection:
                    yield venue.home / "log" / "callAPI.lock"
            finally:
                process.kill()


def test_a_run_that_hangs_is_not_waited_for(sqlite_venue: Venue, api: Api) -> None:
    """A suspended run holds its lock for ever: after the time that a run may take the next one sends."""
    store(sqlite_venue, today(0))
    with a_run_that_hangs(sqlite_venue) as lock:
        sqlite_venue.configure(api_url=api.url)
        done = sqlite_venue.run("callAPI.py")
        assert (done.returncode, api.requests) == (0, [])
        os.utime(lock, (AN_HOUR_AGO, AN_HOUR_AGO))
        for number in (1, 2):
            done = sqlite_venue.run("callAPI.py")
            assert (done.returncode, len(api.requests)) == (0, number), done.stderr
            since = f"{datetime.fromtimestamp(AN_HOUR_AGO):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ006
            assert f"WARNING a callAPI.py at work since {since} hangs" in done.stderr


def test_of_two_runs_beside_one_that_hangs_one_sends(sqlite_venue: Venue, api: Api) -> None:
    """They don't wait for the one that hangs, but one of them ends for the other, as ever."""
    store(sqlite_venue, today(0))
    with a_run_that_hangs(sqlite_venue) as lock, socket.create_server(("127.0.0.1", 0)) as slow:
        os.utime(lock, (AN_HOUR_AGO, AN_HOUR_AGO))
        sqlite_venue.configure(api_url=f"http://127.0.0.1:{slow.getsockname()[1]}/")
        with forks.start(sqlite_venue.command("callAPI.py"), stderr=subprocess.DEVNULL) as sending:
            connection, _ = slow.accept()
            done = sqlite_venue.run("callAPI.py")
            assert (done.returncode, "another callAPI.py is still running" in done.stderr) == (0, True)
            connection.close()
            sending.kill()


def test_a_run_ends_itself(sqlite_venue: Venue) -> None:
    """Whatever holds it up: after the time that a run may take it says so, and the lock is free."""
    store(sqlite_venue, today(0))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sqlite_venue.configure(api_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        first = "from visitorsflow.report import lock; lock.LOCK_SECONDS = 1"
        done = sqlite_venue.run("callAPI.py", first=first)
    assert (done.returncode, done.stderr.splitlines()[-1][20:]) == (
        1,
        "ERROR   this run is not done after 1 s: it ends here",
    )
    assert "it ends here" in (sqlite_venue.home / "log" / "callAPI.log").read_text("utf-8")
    FileLock(sqlite_venue.home / "log" / "callAPI.lock").acquire(timeout=0)


def test_a_lock_since_a_time_to_come_hangs(tmp_path: Path) -> None:
    """The clock was set back: since when it is held is not known, and nobody waits until that time."""
    with FileLock(tmp_path / "callAPI.lock"):
        os.utime(tmp_path / "callAPI.lock", (time.time() + 3600,) * 2)
        with lock.taken(tmp_path, 0):
            pass
    assert [path.name for path in tmp_path.iterdir()] == ["callAPI.lock"]


def test_a_lock_that_was_just_taken_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file has the time of the last run for a moment still: a second look finds its own."""
    path = tmp_path / "callAPI.lock"
    with FileLock(path):
        os.utime(path, (AN_HOUR_AGO, AN_HOUR_AGO))
        monkeypatch.setattr(time, "sleep", lambda _: os.utime(path))
        with pytest.raises(Timeout), lock.taken(tmp_path, 0):
            pass


def test_a_lock_says_since_when_it_is_held(tmp_path: Path) -> None:
    """The time of its file is that of the run that has it, not of one long ago."""
    path = tmp_path / "callAPI.lock"
    path.touch()
    os.utime(path, (AN_HOUR_AGO, AN_HOUR_AGO))
    with lock.taken(tmp_path, 0):
        assert time.time() - path.stat().st_mtime < 60


def test_a_lock_that_cannot_be_used(sqlite_venue: Venue, api: Api) -> None:
    """The report is sent, and the log says what is wrong with the lock."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    (sqlite_venue.home / "log" / "callAPI.lock").mkdir()
    done = sqlite_venue.run("callAPI.py")
    assert (done.returncode, len(api.requests)) == (0, 1)
    said = "callAPI.lock can't be used (Is a directory): the report is sent without it"
    assert said in (sqlite_venue.home / "log" / "callAPI.log").read_text("utf-8")


def test_a_run_after_one_of_somebody_else(sqlite_venue: Venue, api: Api) -> None:
    """Log and lock are root's: the report is sent as by a run that may write them, and both are said."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    folder = sqlite_venue.home / "log"
    assert sqlite_venue.run("callAPI.py").returncode == 0
    for path in (folder / "callAPI.lock", folder / "callAPI.log", folder):
        path.chmod(path.stat().st_mode & ~0o222)
    command = [*without_the_power_of_root(), *sqlite_venue.command("callAPI.py")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=50, check=False)
    folder.chmod(0o755)
    assert (done.returncode, len(api.requests)) == (0, 2), done.stderr
    assert f"no log file: {folder}/callAPI.log: Permission denied" in done.stderr
    assert f"the lock {folder}/callAPI.lock can't be used (Permission denied)" in done.stderr


def test_a_log_disk_that_does_not_answer(sqlite_venue: Venue, api: Api) -> None:
    """Taking the lock never comes back: that is said, and the report is sent."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    hang = (
        "import time, filelock; from visitorsflow.report import lock; lock.DISK_SECONDS = 0.5\n"
        "filelock.FileLock.acquire = lambda *arguments, **options: time.sleep(60)"
    )
    done = sqlite_venue.run("callAPI.py", first=hang)
    assert done.returncode == 0, done.stderr
    assert "can't be used (no answer within 0.5 s): the report is sent without it" in done.stderr
    assert len(api.requests) == 1
