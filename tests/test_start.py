"""The scripts as users start them, with a new interpreter; and that a forked start is no different."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forks
from tests.api import Api
from tests.terminal import terminal
from tests.venue import PROJECT, Venue, crossing, wait_until

NAME = "20180531101900.json"
DAY = ("--date", "2018-05-31")
# Each script with each of its options; --demo, which takes minutes, is in test_demo.py.
STARTS = [
    ("uploadData.py", "--version"),
    ("uploadData.py", "--help"),
    ("uploadData.py", "--unknown"),
    ("uploadData.py", "--once"),
    ("uploadData.py", "--once", "elsewhere"),
    ("uploadData.py", "--check"),
    ("uploadData.py", "--view"),
    ("uploadData.py", "--view", "--json"),
    ("callAPI.py", "--version"),
    ("callAPI.py", "--help"),
    ("callAPI.py", "--unknown"),
    ("callAPI.py", *DAY),
    ("callAPI.py", *DAY, "--dry-run"),
    ("callAPI.py", *DAY, "--csv"),
    ("callAPI.py", "--history", "3"),
]


@pytest.mark.usefixtures("not_at_midnight")
@pytest.mark.parametrize("start", STARTS, ids=" ".join)
def test_each_script_with_each_option(tmp_path: Path, api: Api, start: tuple[str, ...]) -> None:
    """A new interpreter and a forked one print the same, and end with the same exit code."""
    script, *arguments = start
    venues = [Venue(tmp_path / name, "") for name in ("one", "other")]
    for venue in venues:
        venue.configure(api_url=api.url)
        venue.drop(NAME, [crossing("20180531101825")])
    # Both look at one database: what an uploader's end leaves there is not always the same.
    if "--once" not in start:
        assert venues[0].upload().returncode == 0
        venues[1] = venues[0]
    said = []
    for venue, fresh in zip(venues, (True, False), strict=True):
        done = venue.run(script, *arguments, fresh=fresh, cwd=venue.home)
        lines = [told(text, venue) for text in (done.stdout, done.stderr)]
        if arguments in (["--check"], ["--view"]):  # the rest is of that moment
            lines = [text.partition("\n")[0] for text in lines]
        said.append((done.returncode, *lines))
    assert said[0] == said[1]
    assert (said[0][0] == 2) == (arguments in (["--unknown"], ["--once", "elsewhere"]))
    assert said[0][1] or said[0][2]


@pytest.mark.usefixtures("not_at_midnight")
@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "forked"])
@pytest.mark.parametrize("arguments", [(), ("--plain",), ("--view",)], ids=" ".join)
def test_at_a_terminal(sqlite_venue: Venue, arguments: tuple[str, ...], fresh: bool) -> None:
    """It is the terminal's own: Ctrl-C, typed there (twice for an uploader), ends it with 0.

    The terminal is as it was.
    """
    assert sqlite_venue.upload().returncode == 0
    with terminal(sqlite_venue.command("uploadData.py", *arguments), 160, 40, fresh) as shown:
        if arguments == ("--plain",):
            shown.wait_for(" -> ")
            sqlite_venue.drop(NAME, [crossing("20180531101825")])
            shown.wait_for("stored 1 file")
        else:
            shown.wait_for("場內", "結束")
        if arguments == ("--view",):
            shown.type("\x03")
            assert shown.end() == 0
        else:
            assert shown.end_by_ctrl_c() == 0
        shown.assert_is_as_before()


@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "forked"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_signals(sqlite_venue: Venue, number: signal.Signals, fresh: bool) -> None:
    """The first ends it with 0; SIGKILL at once, and its parent learns of it."""
    with sqlite_venue.uploading(fresh=fresh) as process:
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        wait_until(lambda: not sqlite_venue.waiting())
        os.kill(process.pid, number)
        assert process.wait(20) == (-number if number == signal.SIGKILL else 0)


# What a new interpreter is like, and how it ends.
STATES = {
    "signals": "print([signal.getsignal(n) for n in signal.valid_signals()], signal.pthread_sigmask(0, []))",
    "streams": "print([(s.encoding, s.errors, s.line_buffering, s.isatty()) for s in streams])",
    "files": "print(sorted(os.listdir('/proc/self/fd')), os.getcwd(), oct(os.umask(0)))",
    "groups": "print(os.getppid(), os.getpgrp(), os.getsid(0))",
    "interpreter": "print(__name__, sys.argv, sys.path, gc.get_threshold(), threading.enumerate())",
    "modules": "print([name for name in sys.modules if name.startswith(('visitorsflow', 'tests'))])",
    "environment": "print(sorted(os.environ.items()), time.tzname, tempfile.tempdir)",
    "exit code": "raise SystemExit(3)",
    "text for an exit code": "raise SystemExit('why')",
    "traceback": "1/0",
    "abort": "os.abort()",
    "interrupted": "os.kill(os.getpid(), signal.SIGINT); time.sleep(60)",
    "terminated": "os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)",
    "thread at the end": "threading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()",
    "at exit": "atexit.register(print, 'at the end'); print('first', end=' ')",
    "daemon at the end": "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "closed": "sys.stdout.close()",
}


@pytest.mark.parametrize("code", STATES.values(), ids=STATES)
def test_what_a_process_is_like(tmp_path: Path, code: str) -> None:
    """A forked process begins as a new one, and ends as one."""
    begin = "import atexit, gc, os, signal, sys, tempfile, threading, time\n"
    streams = "streams = sys.stdin, sys.stdout, sys.stderr\n"
    ends = []
    for fresh in (True, False):
        done = forks.run(
            [sys.executable, "-c", begin + streams + code, "argument"],
            fresh=fresh,
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            cwd=tmp_path,
            env={**os.environ, "TZ": "Asia/Taipei", "NEW": "1"},
        )
        # Without where something lies in memory, and without a thread's number.
        printed = re.sub("0x[0-9a-f]+|[0-9]{12,}", "", done.stdout)
        ends.append((done.returncode, printed, done.stderr.splitlines()[-1:]))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL], ids=["ignored", "usual"])
def test_a_signal_that_the_parent_ignores(number: signal.Signals, handler: signal.Handlers) -> None:
    """The child ignores it too, as below nohup and in a shell's background; whatever was so before."""
    code = f"import signal; print(signal.getsignal({number.value}) is signal.SIG_IGN)"
    before = signal.signal(number, handler)
    try:
        said = [
            forks.run([sys.executable, "-c", code], fresh=fresh, capture_output=True).stdout
            for fresh in (True, False)
        ]
    finally:
        signal.signal(number, before)
    assert said == [b"True\n" if handler is signal.SIG_IGN else b"False\n"] * 2


def test_numbers_by_chance_differ() -> None:
    """No two forked processes have the same state of `random`."""
    code = "import random, secrets, uuid; print(random.random(), secrets.token_hex(), uuid.uuid4())"
    said = {forks.run([sys.executable, "-c", code], capture_output=True).stdout for _ in range(5)}
    assert len(said) == 5


def test_they_end_with_the_tests(tmp_path: Path) -> None:
    """When the tests' process is killed, the server and what it has forked end too."""
    sleeping = "print(os.getpid(), flush=True); import time; time.sleep(60)"
    code = (
        "import sys; from tests import forks\n"
        f"forks.start([sys.executable, '-c', 'import os; {sleeping}']).wait()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE) as tests:
        assert tests.stdout
        pid = int(tests.stdout.readline())
        [children] = [Path(f"/proc/{tests.pid}/task/{tests.pid}/children").read_text().split()]
        assert str(pid) in children
        tests.kill()
    wait_until(lambda: not any(is_alive(int(child)) for child in children), seconds=10)


def is_alive(pid: int) -> bool:
    """True while it runs; a zombie, which nobody has waited for, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def told(text: str, venue: Venue) -> str:
    """Returns the text without that which differs from venue to venue and from second to second."""
    return re.sub(r"\s*[0-9][0-9.:]*\s*", "#", text.replace(str(venue.home), "HOME"))
