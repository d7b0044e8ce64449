"""The log: where its lines go, and that no terminal and no disk ever holds up the work."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.venue import PROJECT, Venue, crossing, truth, wait_until, without_the_power_of_root
from visitorsflow import logs
from visitorsflow.logs import WAITING_LINES, LogFile

NAME = "20180531101900.json"


@pytest.fixture(params=["opening", "writing"])
def hanging(request: pytest.FixtureRequest, sqlite_venue: Venue) -> Iterator[Callable[[str], Path]]:
    """Makes a script's log hang: a pipe that nobody has opened for reading, or a full one."""
    descriptors = []

    def hang(script: str) -> Path:
        path = sqlite_venue.home / "log" / f"{script}.log"
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)
        if request.param == "writing":
            descriptors.append(os.open(path, os.O_RDWR | os.O_NONBLOCK))
            size = fcntl.fcntl(descriptors[0], fcntl.F_SETPIPE_SZ, 4096)
            assert os.write(descriptors[0], b"x" * size) == size
        return path

    yield hang
    for descriptor in descriptors:
        os.close(descriptor)


def test_storing_goes_on_while_the_log_hangs(sqlite_venue: Venue, hanging: Callable[[str], Path]) -> None:
    """Files are stored, the terminal has the lines, and SIGTERM ends it with 0."""
    hanging("uploadData")
    with sqlite_venue.uploading() as process:
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        wait_until(lambda: not sqlite_venue.waiting())
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert set(sqlite_venue.rows()) == truth(NAME, [crossing("20180531101825")])
    assert "stopped; what is in the folder waits" in sqlite_venue.terminal()


def test_a_report_is_sent_while_the_log_hangs(
    sqlite_venue: Venue, hanging: Callable[[str], Path], httpserver: HTTPServer
) -> None:
    """callAPI.py prints, posts and ends, with the exit codes that it has otherwise."""
    sqlite_venue.drop(NAME, [crossing("20180531101825")])
    assert sqlite_venue.upload().returncode == 0
    hanging("callAPI")
    sqlite_venue.configure(language="en")
    unset = sqlite_venue.run("callAPI.py")
    assert (unset.returncode, "api_url is not set" in unset.stderr) == (2, True)
    httpserver.expect_oneshot_request("/upload").respond_with_data('{"Desc":"成功"}')
    sqlite_venue.configure(api_url=httpserver.url_for("/upload"))
    dry = sqlite_venue.run("callAPI.py", "--date", "2018-05-31", "--dry-run")
    assert (dry.returncode, "CountAccuIn" in dry.stdout) == (0, True)
    sent = sqlite_venue.run("callAPI.py", "--date", "2018-05-31")
    assert (sent.returncode, 'accepted: HTTP 200: {"Desc":"成功"}' in sent.stderr) == (0, True)
    httpserver.check_assertions()


def test_a_disk_that_does_not_answer_is_said(sqlite_venue: Venue, hanging: Callable[[str], Path]) -> None:
    """Once, on the terminal; and when it answers again, the lines that have waited are written."""
    path = hanging("uploadData")
    first = "from visitorsflow import logs; logs.RETRY_SECONDS = 0.2"
    with sqlite_venue.uploading(first=first):
        for number in range(20):
            sqlite_venue.drop(f"bad{number:03}.json", b"{")
            wait_until(lambda: not sqlite_venue.waiting())
        wait_until(lambda: f"no log file: {path}: the disk does not answer" in sqlite_venue.terminal())
        log = b""
        with path.open("rb", buffering=0) as reading:
            while b"the log file is written again" not in log:
                log += reading.read(65536)
            said = log.decode("utf-8").lstrip("x")
            wait_until(lambda: sqlite_venue.terminal() == said)
            assert said.count("no log file") == 1


def test_lines_that_are_missing_are_counted(tmp_path: Path) -> None:
    """What finds no room is dropped at once; where it would stand, a line says how many."""
    path = tmp_path / "log" / "x.log"
    path.parent.mkdir()
    os.mkfifo(path)
    log = LogFile(path)
    lines = [f"line {number}" for number in range(WAITING_LINES)]
    for line in [*lines, *(["lost"] * 17)]:
        log.add(line_of(line))
    found = b""
    with path.open("rb", buffering=0) as reading:
        while b"missing" not in found or not found.endswith(b"\n"):
            found += reading.read(65536)
        log.add(line_of("and on"))
        while not found.endswith(b"and on\n"):
            found += reading.read(65536)
    *before, missing, after = found.decode().splitlines()
    assert (before, after) == (lines, "and on")
    assert missing.endswith(" WARNING 17 lines are missing here: the log could not be written")


def test_a_burst_is_written_as_a_whole(tmp_path: Path) -> None:
    """Ten thousand lines as fast as can be, then a defect: file and terminal have all of it, in order."""
    done = run(
        tmp_path,
        "for number in range(10_000): log.info('line %d of a burst, with 成功', number)\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: log.exception('a\\nb')",
    )
    lines = done.stderr.splitlines()
    assert [line[20:] for line in lines[:10_000]] == [
        f"INFO    line {number} of a burst, with 成功" for number in range(10_000)
    ]
    assert (lines[10_000][20:], lines[10_001]) == ("ERROR   a\\nb", "Traceback (most recent call last):")
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert (tmp_path / "log" / "x.log").read_text("utf-8") == done.stderr


def test_terminal_and_file_have_the_same_order(tmp_path: Path) -> None:
    """Also when several threads log at the same time; and a line that can't be made stops none of them."""
    done = run(
        tmp_path,
        "import sys, threading; sys.setswitchinterval(1e-6)\n"
        "def many(name):\n"
        "    log.info('%d', 'no number')\n"
        "    for number in range(2000): log.info('%s %d', name, number)\n"
        "threads = [threading.Thread(target=many, args=(name,)) for name in 'abc']\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()",
    )
    assert len(done.stderr.splitlines()) == 6000
    assert (tmp_path / "log" / "x.log").read_text("utf-8") == done.stderr


def test_a_log_that_can_not_be_opened(sqlite_venue: Venue) -> None:
    """It is said on the terminal, in one line, and everything else is as otherwise."""
    (sqlite_venue.home / "log").mkdir(mode=0o500)
    sqlite_venue.drop(NAME, [crossing("20180531101825")])
    done = subprocess.run(
        [*without_the_power_of_root(), *sqlite_venue.command("uploadData.py", "--once")],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    path = sqlite_venue.home / "log" / "uploadData.log"
    assert (done.returncode, done.stderr.count("no log file")) == (0, 1)
    assert f"WARNING no log file: {path}: Permission denied\n" in done.stderr
    assert "stored 1 file" in done.stderr
    assert not path.exists()


def test_a_log_that_comes_back_is_used_again(sqlite_venue: Venue) -> None:
    """It is tried again now and then; what was logged in between is in it."""
    log = sqlite_venue.home / "log"
    log.write_bytes(b"a file where the folder should be")
    first = "from visitorsflow import logs; logs.RETRY_SECONDS = 0.1"
    with sqlite_venue.uploading(first=first):
        wait_until(lambda: "no log file: " in sqlite_venue.terminal())
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        wait_until(lambda: not sqlite_venue.waiting())
        log.unlink()
        wait_until(lambda: "the log file is written again" in sqlite_venue.terminal())
    assert (log / "uploadData.log").read_text("utf-8") == sqlite_venue.terminal()
    assert sqlite_venue.terminal().count("no log file") == 1


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """A write that was cut in the middle of a line is completed when there is room again."""
    done = run(
        tmp_path,
        "import resource, time; from visitorsflow import logs; logs.RETRY_SECONDS = 0.05\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))\n"
        "for number in range(100): log.info('line %d', number)\n"
        "logs.flush()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "while 'again' not in open(path).read(): time.sleep(0.01)",
    )
    assert (tmp_path / "log" / "x.log").read_text("utf-8") == done.stderr
    assert "x.log: File too large" in done.stderr
    assert "line 99\n" in done.stderr


@pytest.mark.parametrize("away", [os.remove, lambda path: os.rename(path, f"{path}.old")])
def test_a_log_that_somebody_takes_away_begins_anew(tmp_path: Path, away: Callable[[Path], None]) -> None:
    """After logrotate, or a person, has moved or deleted it, lines go to a new file of the name."""
    path = tmp_path / "log" / "x.log"
    log = LogFile(path)
    for line in ("before", "after"):
        log.add(line_of(line))
        wait_until(log.is_done)
        assert path.read_text("utf-8") == f"{line}\n"
        away(path)


def test_a_large_log_is_followed_by_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest five files are kept, none larger than the limit, no line lost or cut between them."""
    monkeypatch.setattr(logs, "LARGEST_FILE", 1000)
    path = tmp_path / "log" / "x.log"
    log = LogFile(path)
    lines = [f"line {number:03} {'x' * 40}\n" for number in range(130)]
    for line in lines:
        log.add(line_of(line.rstrip()))
        wait_until(log.is_done)
    files = [*(Path(f"{path}.{number}") for number in (4, 3, 2, 1)), path]
    assert set(path.parent.iterdir()) == set(files)
    assert [file.stat().st_size for file in files[:4]] == [1000] * 4
    assert "".join(file.read_text("utf-8") for file in files) == "".join(lines[-90:])


def line_of(text: str) -> logging.LogRecord:
    """A line as it comes to a place: made into its text already."""
    return logging.makeLogRecord({"msg": text})


def run(home: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """Run Python that logs with `log` to the terminal and to `path` below home, to its end."""
    before = (
        "import logging, pathlib; from visitorsflow import logs\n"
        f"home = pathlib.Path({str(home)!r}); path = home / 'log' / 'x.log'\n"
        "logs.set_up('x', home); log = logging.getLogger('x')\n"
    )
    return subprocess.run(
        [sys.executable, "-c", f"{before}{code}\nlogs.leave(0)"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=50,
        check=True,
        cwd=PROJECT,
    )
