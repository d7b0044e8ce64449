"""A share that does not answer, a folder that is not there yet, a terminal that is closed."""

import signal
import time
from pathlib import Path

import pytest

from tests.venue import Venue, some_crossings, truth, wait_until, without_the_power_of_root

NAME = "20180531101900.json"
RECORDS = some_crossings("20180531101825", 3)
# `call` of `module` does not come back while the file `flag` is there, and makes `flag`.reached.
# A minute is two seconds here.
HANGS = """
import io, os, time
import {module} as module
real = module.{call}
def hang(*arguments, **options):
    while os.path.exists({flag!r}):
        io.open({flag!r} + ".reached", "a").close()
        time.sleep(0.05)
    return real(*arguments, **options)
module.{call} = hang
from visitorsflow.intake import watch as s
s.SHORTEST_LIMIT_SECONDS, s.WORTH_A_LINE_SECONDS = 2, 1
"""


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """While this file is there, the share does not answer."""
    return tmp_path / "hangs"


@pytest.mark.parametrize(
    ("module", "call", "place"),
    [
        ("os", "scandir", ""),
        ("os", "open", f"/{NAME}"),
        ("visitorsflow.intake.archive", "rename", f"/{NAME}"),
    ],
    ids=["the listing", "the reading", "the moving"],
)
def test_a_share_that_does_not_answer(
    sqlite_venue: Venue, flag: Path, module: str, call: str, place: str
) -> None:
    """It is told, with the place; when it answers again that is told too, and all is stored."""
    sqlite_venue.configure(idle_seconds=1.5)
    with sqlite_venue.uploading(first=HANGS.format(module=module, call=call, flag=str(flag))):
        wait_until(lambda: (sqlite_venue.folder / "stored").parent.exists())
        sqlite_venue.drop("20180531101800.json", [])
        wait_until(lambda: not sqlite_venue.waiting())
        flag.touch()
        sqlite_venue.drop(NAME, RECORDS)
        wait_until(lambda: f"沒有回應，檔案無法處理：{sqlite_venue.folder}{place}" in sqlite_venue.terminal())
        flag.unlink()
        wait_until(lambda: "硬碟或網路磁碟機恢復回應了，中斷 " in sqlite_venue.terminal())
        wait_until(lambda: not sqlite_venue.waiting())
    assert set(sqlite_venue.rows()) == truth(NAME, RECORDS)
    assert sqlite_venue.terminal().count("沒有回應，檔案無法處理") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_although_the_share_does_not_answer(
    sqlite_venue: Venue, flag: Path, number: signal.Signals
) -> None:
    """Within 5 s and with 0: nothing is lost by it."""
    flag.touch()
    first = "import atexit; atexit.register(print, 'the end of Python')\n"
    first += HANGS.format(module="os", call="scandir", flag=str(flag))
    with sqlite_venue.uploading(first=first) as process:
        wait_until(Path(f"{flag}.reached").exists)
        process.send_signal(number)
        began = time.monotonic()
        assert process.wait(20) == 0
        assert time.monotonic() - began < 5
    assert f"ended without waiting for {sqlite_venue.folder}" in sqlite_venue.terminal()
    assert "the end of Python" not in sqlite_venue.terminal()  # under the thread that was left behind


def test_a_folder_that_comes_later(sqlite_venue: Venue) -> None:
    """A share that is not mounted at the start: a trouble that is told and tried again, no end."""
    share = sqlite_venue.home / "share"
    share.mkdir()
    share.chmod(0o555)
    sqlite_venue.folder = share / "Files"
    patience = "from visitorsflow.rules import condition as c; c.Condition.__init__.__defaults__ = (1, '')"
    with sqlite_venue.uploading(
        str(sqlite_venue.folder), before=without_the_power_of_root(), first=patience
    ) as process:
        wait_until(lambda: "資料夾有問題" in sqlite_venue.terminal())
        assert "can't be made: Permission denied" in sqlite_venue.terminal()
        assert process.poll() is None
        share.chmod(0o755)
        wait_until(sqlite_venue.folder.exists)
        sqlite_venue.drop(NAME, RECORDS)
        wait_until(lambda: not sqlite_venue.waiting())
        wait_until(lambda: "資料夾恢復正常" in sqlite_venue.terminal())
    assert set(sqlite_venue.rows()) == truth(NAME, RECORDS)


@pytest.mark.parametrize("link", ["Files", "share"], ids=["the folder itself", "a folder above"])
def test_a_link_to_a_share_that_comes_later(sqlite_venue: Venue, link: str) -> None:
    """A link that leads nowhere yet is no wrong setting: it is told and tried again, no end."""
    sqlite_venue.folder.rmdir()
    (sqlite_venue.home / link).symlink_to(sqlite_venue.home / "mounted")
    sqlite_venue.folder = sqlite_venue.home / link / ("sub" if link == "share" else "")
    with sqlite_venue.uploading(str(sqlite_venue.folder)) as process:
        wait_until(lambda: "can't be made: File exists" in sqlite_venue.terminal())
        assert process.poll() is None
        (sqlite_venue.home / "mounted").mkdir()
        wait_until(sqlite_venue.folder.exists)
        sqlite_venue.drop(NAME, RECORDS)
        wait_until(lambda: not sqlite_venue.waiting())
    assert set(sqlite_venue.rows()) == truth(NAME, RECORDS)


def test_a_folder_that_can_never_be_right(sqlite_venue: Venue) -> None:
    """One that holds config.py, also by way of a link: exit 2 before anything in it is touched."""
    (sqlite_venue.home / "strange.json").write_bytes(b"[]")
    link = sqlite_venue.home / "Files" / "link"
    link.symlink_to(sqlite_venue.home)
    for folder in (sqlite_venue.home, link, sqlite_venue.home / "Files" / ".."):
        done = sqlite_venue.upload(str(folder))
        assert done.returncode == 2
        assert "請給攝影機一個專用的資料夾" in done.stderr
    assert (sqlite_venue.home / "strange.json").exists()


def test_the_terminal_is_closed(sqlite_venue: Venue) -> None:
    """It ends in order, with what it was doing done, and the log says why."""
    with sqlite_venue.uploading() as process:
        sqlite_venue.drop(NAME, RECORDS)
        wait_until(lambda: not sqlite_venue.waiting())
        process.send_signal(signal.SIGHUP)
        assert process.wait(5) == 0
    log = (sqlite_venue.home / "log" / "uploadData.log").read_text("utf-8")
    assert "stopped, since the terminal was closed; what is in the folder waits for the next start" in log


def test_who_is_told_to_outlive_the_terminal_does(sqlite_venue: Venue) -> None:
    """nohup has that signal ignored, and so do we."""
    with sqlite_venue.uploading(before=["nohup"]) as process:
        wait_until(lambda: "VisitorsFlow" in sqlite_venue.terminal())
        process.send_signal(signal.SIGHUP)
        sqlite_venue.drop(NAME, RECORDS)
        wait_until(lambda: not sqlite_venue.waiting())
        assert process.poll() is None
