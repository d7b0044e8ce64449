"""Work with a time limit, and the end of a process that has left such work behind."""

import subprocess
import sys
import threading

import pytest

from tests.venue import PROJECT, wait_until
from visitorsflow.timeouts import call_with_timeout, left_behind


def test_what_the_work_gives_or_raises() -> None:
    """It is that of the caller."""
    assert call_with_timeout(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        call_with_timeout(5, lambda: 1 / 0)
    assert not left_behind()


def test_work_that_does_not_come_back_is_left_behind() -> None:
    """Until it ends after all."""
    answer = threading.Event()
    with pytest.raises(TimeoutError, match=r"no answer within 0.1 s"):
        call_with_timeout(0.1, answer.wait)
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
