"""Work with a time limit, and the end of a process that has left such work behind."""

import _thread
import socket
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.venue import PROJECT, Venue, wait_until
from visitorsflow import timeouts
from visitorsflow.timeouts import call_with_timeout, left_behind


@pytest.fixture
def _nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests have left behind in this process, like an outbox that hangs, is not looked at."""
    monkeypatch.setattr(timeouts, "_abandoned", [])
    monkeypatch.setattr(timeouts, "_unfinished", set())


@pytest.mark.usefixtures("_nothing_left")
def test_what_the_work_gives_or_raises() -> None:
    """It is that of the caller."""
    assert call_with_timeout(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        call_with_timeout(5, lambda: 1 / 0)
    assert not left_behind()


@pytest.mark.usefixtures("_nothing_left")
def test_work_that_does_not_come_back_is_left_behind() -> None:
    """Until it ends after all."""
    answer = threading.Event()
    with pytest.raises(TimeoutError, match=r"no answer within 0.1 s"):
        call_with_timeout(0.1, answer.wait)
    assert left_behind()
    answer.set()
    wait_until(lambda: not left_behind())


@pytest.mark.usefixtures("_nothing_left")
def test_a_signal_while_the_thread_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its work begins all the same, a moment later: the process must know of it (signal 11 else)."""
    answer, real = threading.Event(), threading.Thread.start

    def start(thread: threading.Thread) -> None:
        _thread.start_new_thread(real, (thread,))
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(KeyboardInterrupt):
        call_with_timeout(10, answer.wait)
    assert left_behind()
    answer.set()
    wait_until(lambda: not left_behind())


def test_a_process_that_leaves_work_behind_ends_at_once() -> None:
    """With its exit code and all that it has printed, and without Python's end under that work."""
    code = (
        "import atexit, contextlib, time\n"
        "from visitorsflow import script\n"
        "from visitorsflow.timeouts import call_with_timeout\n"
        "def main():\n"
        "    with contextlib.suppress(TimeoutError): call_with_timeout(0.1, lambda: time.sleep(60))\n"
        "    print('said')\n"
        "    return 3\n"
        "atexit.register(print, 'the end of Python')\n"
        "script.start(main)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "said\n", "")


# The overview's last word takes for ever, in the middle of SQLite's own code.
HANGS = """
import atexit
from visitorsflow.database.status_tables import Cameras
from visitorsflow.venue import overview
overview.AT_END_SECONDS = 0.2
forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
def beat(self, beat, *, stopped=False):
    if stopped:
        self._database.transaction(lambda connection: connection.exec_driver_sql(forever).all())
Cameras.beat = beat
atexit.register(print, "the end of Python")
"""
# The end waits until the ping is under way.
ASKED = """
import atexit, requests, threading
from visitorsflow.app import App
atexit.register(print, "the end of Python")
asked, real, stop = threading.Event(), requests.Session.get, App.stop
def get(self, *arguments, **options):
    asked.set()
    return real(self, *arguments, **options)
def wait_and_stop(self):
    assert asked.wait(10)
    stop(self)
requests.Session.get, App.stop = get, wait_and_stop
"""


def ends(home: Path, ping_url: str, first: str) -> tuple[int, str]:
    """How an uploader ends that works off a folder with a file that is rejected."""
    venue = Venue(home, "")
    venue.configure(heartbeat_url=ping_url, settle_seconds=0)
    venue.drop("20180531101900.json", b"{")
    done = venue.run("uploadData.py", "--once", first=first)
    return done.returncode, done.stdout


@pytest.mark.parametrize("times", [6, pytest.param(30, marks=pytest.mark.long)])
def test_an_uploader_whose_threads_hang(tmp_path: Path, times: int) -> None:
    """Many of them, three at a time on a busy machine: each ends with its exit code, and of itself."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as mute, ThreadPoolExecutor(3) as pool:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        found = Counter(pool.map(lambda n: ends(tmp_path / str(n), url, HANGS), range(times)))
    assert found == {(1, ""): times}


def test_an_uploader_whose_ping_is_under_way(tmp_path: Path) -> None:
    """It is not waited for, and does not change the exit code either."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        assert ends(tmp_path, url, ASKED) == (1, "")
