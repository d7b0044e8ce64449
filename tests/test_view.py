"""The view as a person at a terminal sees it: the real script, read by a terminal emulator."""

import json
import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests import forks
from tests.mariadb import MariaDB
from tests.terminal import ALTERNATE_SCREEN, terminal
from tests.venue import Venue, some_crossings, wait_until
from visitorsflow.view.draw import huge

pytestmark = pytest.mark.usefixtures("not_at_midnight")

SLOWLY = (
    "import time; from visitorsflow.intake import reader; reader.BATCH_FILES = 20\n"
    "from visitorsflow.database.people_flow import PeopleFlow; insert = PeopleFlow.insert\n"
    "def slowly(self, crossings): time.sleep(0.1); return insert(self, crossings)\n"
    "PeopleFlow.insert = slowly"
)
QUICKLY = (
    "import datetime; from visitorsflow.rules import health\n"
    "health.DEAD_AFTER = datetime.timedelta(seconds=4)\n"
    "from visitorsflow.venue.overview import Overview\n"
    "Overview.__init__.__kwdefaults__['beat_every'] = 0.5"
)
RESTLESS = "from visitorsflow.view import terminal as t; t.LOOK_EVERY_SECONDS, t.DRAW_EVERY_LOOKS = 0.01, 1"
FAILING = (
    "from visitorsflow.intake import watch as supervised; import time\n"
    "def broken(*a, **k): time.sleep(1.5); raise ZeroDivisionError('a defect')\n"
    "supervised.run_watched = broken"
)
UNDRAWABLE = (
    "from visitorsflow.view import terminal as show\n"
    "def broken(*a): raise ZeroDivisionError('a defect')\nshow.screen = broken"
)


def test_the_numbers_of_the_report(sqlite_venue: Venue) -> None:
    """What stands on the screen is what callAPI.py would send at that moment."""
    name, crossings = of_today(40)
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        shown.wait_for("還沒有資料", "資料庫 正常", "今天還沒有新的事件")
        sqlite_venue.drop(name, crossings)
        shown.wait_for("已存 1 個檔案", "正常")
        body = json.loads(sqlite_venue.run("callAPI.py", "--dry-run").stdout)
        inside, came_in, went_out = [tag["TagValue"] for tag in body]
        assert (inside, came_in, went_out) == ("14", "27", "13")
        for number in (inside, came_in, went_out):
            shown.wait_for(*{row.strip() for row in huge(number, 2)})
        assert shown.end_by_ctrl_c() == 0
    seen = json.loads(sqlite_venue.run("uploadData.py", "--view", "--json").stdout)
    assert [seen[key] for key in ("inside", "came_in", "went_out")] == [14, 27, 13]


def test_a_window_that_changes_its_size(sqlite_venue: Venue) -> None:
    """The next look draws it anew: nothing is left of the other size, no line is missing."""
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        shown.wait_for("本機 17", "今天還沒有新的事件")
        for columns, rows in ((120, 40), (60, 10), (100, 30), (80, 24)):
            shown.resize(columns, rows)
            if columns < 80:
                shown.wait_until(lambda: shown.text().startswith("場內 0\n進 0\n出 0\n視窗太小"))
                assert "本機" not in shown.text()
                continue
            right = " " * (columns - 1 - 31) + f"{datetime.now():%Y-%m-%d}"  # noqa: DTZ005
            shown.wait_until(lambda right=right: shown.text().startswith(f"VisitorsFlow{right}"))  # type: ignore[misc]
            shown.wait_for("本機 17", "今天還沒有新的事件", "視窗太小" if columns < 80 else "攝影機")
            assert "視窗太小" not in shown.text()


def test_a_rejected_file_appears(sqlite_venue: Venue) -> None:
    """With its reason, within a moment."""
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        shown.wait_for("有問題的檔案 0")
        sqlite_venue.drop("20180531101825.json", b'{"ID": 1}')
        shown.wait_for("有問題的檔案 1", "20180531101825.json 已放到 rejected（原因：")


def test_a_backlog(sqlite_venue: Venue) -> None:
    """Its progress is shown with speed and rest, and goes when it is done."""
    for number in range(600):
        sqlite_venue.drop(f"201805311018{number:04}.json", [])
    with terminal(sqlite_venue.command("uploadData.py", first=SLOWLY)) as shown:
        shown.wait_for("補存中 ", "/600", "每秒 ", "還要 ", "█▁")
        shown.wait_for("已存 600 個檔案", "今天沒有有問題的檔案")
        assert "補存中" not in shown.text()


def test_ctrl_c_leaves_the_terminal_as_it_was(sqlite_venue: Venue) -> None:
    """Cursor, echo and screen; and the last line of the log stands there."""
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        shown.wait_for("本機 17")
        assert ALTERNATE_SCREEN in shown.screen.mode
        assert shown.screen.cursor.hidden
        shown.type("fellow \x13")  # neither shown, nor does Ctrl-S stop anything
        drawn = len(shown.raw)
        shown.wait_until(lambda: len(shown.raw) > drawn + 5000)
        assert "fellow" not in shown.text()
        assert shown.end_by_ctrl_c() == 0
        shown.assert_is_as_before()
        assert "INFO    stopped; what is in the folder waits" in shown.text()


def test_one_ctrl_c_ends_nothing(sqlite_venue: Venue) -> None:
    """It asks for another one, for five seconds; a --view ends at once."""
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        shown.wait_for("Ctrl-C 結束")
        for _ in range(2):
            shown.type("\x03")
            shown.wait_for("再按一次 Ctrl-C（5 秒內）才會停止存入")
            shown.wait_until(lambda: "再按一次" not in shown.text(), seconds=8)
        assert shown.process.poll() is None
        assert shown.end_by_ctrl_c() == 0


def test_keys(sqlite_venue: Venue) -> None:
    """? explains the words, any key leads back; q ends what only shows."""
    sqlite_venue.drop(*of_today(3))
    sqlite_venue.upload()
    with terminal(sqlite_venue.command("uploadData.py", "--view")) as shown:
        shown.wait_for("場內", "q 結束　? 說明")
        shown.type("?")
        shown.wait_for("畫面說明", "按任意鍵回到畫面")
        shown.type(" ")
        shown.wait_for("場內", "q 結束")
        shown.type("q")
        assert shown.end() == 0
        shown.assert_is_as_before()


def test_ctrl_z(sqlite_venue: Venue) -> None:
    """The shell has its terminal as it was; `fg` shows the view again, each time, and files are stored."""
    script = (
        'set -m; "$@"; echo "stopped, code $?"; read -r line; fg > /dev/null; '
        'echo "again, code $?"; read -r line; fg > /dev/null; echo "ended, code $?"'
    )
    with terminal(["bash", "-c", script, "bash", *sqlite_venue.command("uploadData.py")]) as shown:
        for said in ("stopped, code 148", "again, code 148"):
            shown.wait_for("本機 17")
            shown.type("\x1a")
            shown.wait_for(said)
            assert ALTERNATE_SCREEN not in shown.screen.mode
            shown.type("\n")
        shown.wait_for("本機 17")
        sqlite_venue.drop(*of_today(3))
        shown.wait_for("已存 1 個檔案")
        shown.type("\x03")
        shown.wait_for("再按一次 Ctrl-C")
        shown.type("\x03")
        shown.wait_for("ended, code 0")
        shown.end()
        shown.assert_is_as_before()


def test_a_warning_of_the_start_stays_until_it_is_seen(sqlite_venue: Venue) -> None:
    """In the venue's language, in place of the bars; then it is among what has happened."""
    sqlite_venue.configure(socketServer="192.168.1.20")
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        shown.wait_for("啟動時的警告", "- config.py 的 socketServer 已經用不到了，那一行可以刪掉")
        shown.type(" ")
        shown.wait_until(lambda: "啟動時的警告" not in shown.text())
        shown.wait_until(
            lambda: re.search(r"^時 +[ >]00[ >]01[ >]02", shown.text(), re.MULTILINE), "the bars"
        )
        shown.wait_for(" config.py 的 socketServer 已經用不到了")


def stored_by_another(venue: Venue) -> None:
    """Files of another camera are stored, and one waits for this one."""
    venue.configure(camera="4")
    venue.drop(*of_today(3))
    assert venue.upload().returncode == 0
    venue.configure()
    venue.drop("20180531101825.json", some_crossings("20180531101825", 3))


@pytest.mark.parametrize("arguments", [(), ("--plain",)], ids=" ".join)
@pytest.mark.parametrize("answer", ["y", "n"])
def test_what_may_count_twice_is_asked_before_anything_is_stored(
    sqlite_venue: Venue, arguments: tuple[str, ...], answer: str
) -> None:
    """A no ends the program, in order, and leaves all as it was."""
    stored_by_another(sqlite_venue)
    with terminal(sqlite_venue.command("uploadData.py", *arguments), 120, 40) as shown:
        shown.wait_for("沒有 17 的", "(y/N)")
        assert sqlite_venue.waiting() == {"20180531101825.json"}
        shown.type(f"{answer}\n" if arguments else answer)
        if answer == "y":
            wait_until(lambda: not sqlite_venue.waiting())
            assert shown.end_by_ctrl_c() == 0
            assert len(sqlite_venue.rows()) == 6
        else:
            assert shown.end() == 0
            assert "nothing was stored, as you have answered" in shown.text().replace("\n", "")
            assert sqlite_venue.waiting() == {"20180531101825.json"}
            assert len(sqlite_venue.rows()) == 3


def test_a_restart_remembers_what_was_rejected_today(sqlite_venue: Venue) -> None:
    """With the reason of the newest, in the venue's language; what was taken away counts no more."""
    sqlite_venue.drop("20180531101825.json", b'[{"ID": 1, "inOut": 0}]')
    sqlite_venue.drop("20180531101826.json", b"[")
    assert sqlite_venue.upload().returncode == 1
    with terminal(sqlite_venue.command("uploadData.py"), 120, 40) as shown:
        shown.wait_for("有問題的檔案 2", "20180531101826.json 已放到 rejected（原因：不是（完整的）JSON")
    (sqlite_venue.folder / "rejected" / "20180531101826.json").unlink()
    with terminal(sqlite_venue.command("uploadData.py"), 120, 40) as shown:
        shown.wait_for("有問題的檔案 1", "20180531101825.json：1 筆紀錄中有 1 筆有問題")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(sqlite_venue: Venue, number: int) -> None:
    """As Ctrl-C does."""
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        shown.wait_for("本機 17")
        shown.process.send_signal(number)
        assert shown.end() == 0
        shown.assert_is_as_before()


def test_a_crash_leaves_the_terminal_as_it_was(sqlite_venue: Venue) -> None:
    """And the reason can be read there."""
    with terminal(sqlite_venue.command("uploadData.py", first=FAILING), 120, 40) as shown:
        shown.wait_for("本機 17")
        assert shown.end() == 1
        shown.assert_is_as_before()
        assert "ZeroDivisionError: a defect" in shown.text()


def test_what_is_to_be_mended_can_be_read(mariadb_venue: Venue, mariadb: MariaDB) -> None:
    """A table that is not ours is found after the view was opened: its SQL stands on the usual screen."""
    mariadb.execute("CREATE TABLE PeopleFlow (x INT)", mariadb_venue.settings().db)
    with terminal(mariadb_venue.command("uploadData.py"), 120, 40) as shown:
        assert shown.end() == 2
        shown.assert_is_as_before()
        assert "uploadData.py: " not in shown.text()
        assert "uploadData: " in shown.text()


def test_a_view_with_a_defect_gives_way_to_the_log(sqlite_venue: Venue) -> None:
    """The storing goes on, and the terminal shows its lines."""
    with terminal(sqlite_venue.command("uploadData.py", first=UNDRAWABLE), 120, 40) as shown:
        shown.wait_for("the view has a defect", "ZeroDivisionError")
        shown.assert_is_as_before()
        sqlite_venue.drop("20180531101825.json", some_crossings("20180531101825", 3))
        shown.wait_for("stored 1 file, 3 crossings")
        assert shown.end_by_ctrl_c() == 0


@pytest.mark.parametrize("how", ["not read", "stopped"])
def test_a_terminal_that_takes_nothing(sqlite_venue: Venue, how: str) -> None:
    """The view is held up, alone: files are stored, and the end comes as soon as ever.

    Whoever reads it again finds the terminal as it was.
    """
    with terminal(sqlite_venue.command("uploadData.py", first=RESTLESS), 200, 60) as shown:
        shown.wait_for("本機 17")
        if how == "stopped":
            shown.stop()
        wait_until(lambda: is_held_up(shown.process.pid), "nothing more fits into the terminal")
        for number in range(20):
            sqlite_venue.drop(f"201805311018{number:02}.json", some_crossings("20180531101825", 3))
        wait_until(lambda: len(sqlite_venue.names("stored")) == 20)
        began = time.monotonic()
        shown.process.send_signal(signal.SIGTERM)
        assert shown.process.wait(10) == 0
        assert time.monotonic() - began < 5
        shown.end()
        shown.assert_is_as_before()


def test_a_terminal_that_is_gone(sqlite_venue: Venue) -> None:
    """A program that takes no notice of SIGHUP outlives it: the view ends, the storing goes on."""
    command = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *sqlite_venue.command("uploadData.py")]
    with terminal(command) as shown:
        shown.wait_for("本機 17")
        shown.close()
        log = sqlite_venue.home / "log" / "uploadData.log"
        wait_until(lambda: "the view has ended, since the terminal is gone" in log.read_text("utf-8"))
        sqlite_venue.drop("20180531101825.json", some_crossings("20180531101825", 3))
        wait_until(lambda: sqlite_venue.names("stored"))
        shown.process.send_signal(signal.SIGTERM)
        assert shown.process.wait(10) == 0


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["--plain"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"}), (["--once"], {})],
)
def test_log_lines_as_ever(sqlite_venue: Venue, arguments: list[str], environment: dict[str, str]) -> None:
    """Where the view is not wanted, the terminal shows the log and nothing else."""
    sqlite_venue.drop("20180531101825.json", some_crossings("20180531101825", 3))
    with terminal(sqlite_venue.command("uploadData.py", *arguments), 160, 40, **environment) as shown:
        shown.wait_for("stored 1 file, 3 crossings")
        if "--once" not in arguments:
            shown.process.send_signal(signal.SIGTERM)
        assert shown.end() == 0
        lines = (sqlite_venue.home / "log" / "uploadData.log").read_text("utf-8")
        assert shown.raw.decode().replace("\r\n", "\n") == lines


def test_log_lines_that_go_elsewhere(sqlite_venue: Venue) -> None:
    """Standard error into a file: it goes on getting the lines, while the view is shown."""
    errors = sqlite_venue.home / "errors.txt"
    command = ["sh", "-c", f'exec "$@" 2>{errors}', "sh", *sqlite_venue.command("uploadData.py")]
    with terminal(command) as shown:
        sqlite_venue.drop("20180531101825.json", some_crossings("20180531101825", 3))
        shown.wait_for("已存 1 個檔案")
        wait_until(lambda: "stored 1 file, 3 crossings" in errors.read_text("utf-8"))
        assert shown.end_by_ctrl_c() == 0
    assert errors.read_text("utf-8") == (sqlite_venue.home / "log" / "uploadData.log").read_text("utf-8")


def test_the_log_file_has_what_the_view_hides(sqlite_venue: Venue) -> None:
    """All lines go there, whatever is on the terminal."""
    with terminal(sqlite_venue.command("uploadData.py")) as shown:
        sqlite_venue.drop("20180531101825.json", some_crossings("20180531101825", 3))
        shown.wait_for("已存 1 個檔案")
        assert shown.end_by_ctrl_c() == 0
    lines = (sqlite_venue.home / "log" / "uploadData.log").read_text("utf-8")
    assert "stored 1 file, 3 crossings" in lines
    assert b"stored 1 file" not in shown.raw


def test_from_another_pc(mariadb_venue: Venue, mariadb: MariaDB, tmp_path: Path) -> None:
    """Four uploaders, one of them killed: its row says so. Only SELECT is needed, nothing is written."""
    reader = only_reading(mariadb, mariadb_venue, tmp_path)
    with ExitStack() as stack:
        uploaders = []
        for number in range(1, 5):
            venue = Venue(tmp_path / f"pc{number}", mariadb_venue.database)
            venue.configure(camera=f"gate {number}")
            uploaders.append(stack.enter_context(venue.uploading(first=QUICKLY)))
            venue.drop(f"2018053110182{number}.json", [])
        shown = stack.enter_context(terminal(reader.command("uploadData.py", "--view", first=QUICKLY)))
        shown.wait_until(lambda: healths(shown.text()) == {f"gate {n}": "正常" for n in range(1, 5)})
        assert "本機" not in shown.text()
        uploaders[2].kill()
        shown.wait_for("攝影機 gate 3：沒有回應")
        rows = healths(shown.text())
        assert next(iter(rows)) == "gate 3"
        assert rows == {"gate 3": "沒有回應", "gate 1": "正常", "gate 2": "正常", "gate 4": "正常"}
        uploaders[1].terminate()
        shown.wait_for("攝影機 gate 2：停止")
        shown.type("\x03")
        assert shown.end() == 0
        shown.assert_is_as_before()
    assert {path.name for path in reader.home.iterdir()} == {"config.py", "Files"}


def test_from_another_pc_without_an_answer(mariadb_venue: Venue) -> None:
    """Live it says so and waits; once, it ends with 1, and as JSON it says so too."""
    mariadb_venue.database = mariadb_venue.database.replace("port = ", "port = 1 #")
    mariadb_venue.configure()
    with terminal(mariadb_venue.command("uploadData.py", "--view"), 120, 30) as shown:
        shown.wait_for("還沒有今天的數字", "資料庫 連不上", "Can't connect")
        shown.process.send_signal(signal.SIGTERM)
        assert shown.end() == 0
        shown.assert_is_as_before()
    once = mariadb_venue.run("uploadData.py", "--view", "--json")
    assert (once.returncode, json.loads(once.stdout)["database"]) == (1, "away")
    assert mariadb_venue.run("uploadData.py", "--view").returncode == 1


@pytest.mark.parametrize(
    "command",
    [
        ("uploadData.py", "--view"),
        ("uploadData.py", "--view", "--json"),
        ("uploadData.py", "--check"),
        ("callAPI.py", "--csv"),
        ("callAPI.py", "--history"),
        ("callAPI.py", "--dry-run"),
    ],
    ids=" ".join,
)
def test_a_reader_that_has_seen_enough(sqlite_venue: Venue, command: tuple[str, ...]) -> None:
    """As in `--view | head`: no traceback, neither while it is written nor at the end."""
    sqlite_venue.drop(*of_today(3))
    sqlite_venue.upload()
    read, write = os.pipe()
    os.close(read)
    try:
        done = forks.run(sqlite_venue.command(*command), stdout=write, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(write)
    assert done.returncode == 1
    assert "Error" not in done.stderr
    assert "defect" not in done.stderr


def test_once_as_text(sqlite_venue: Venue) -> None:
    """Without a terminal it is printed; where nothing was ever stored, nothing is made by looking."""
    done = sqlite_venue.run("uploadData.py", "--view")
    assert done.returncode == 1
    assert "還沒有資料；uploadData.py 第一次啟動以後才會有" in done.stderr
    assert {path.name for path in sqlite_venue.home.iterdir()} == {"config.py", "Files"}
    sqlite_venue.drop(*of_today(3))
    sqlite_venue.upload()
    shown = sqlite_venue.run("uploadData.py", "--view").stdout
    assert "VisitorsFlow" in shown
    assert "停止" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json"],
        ["--view", "x"],
        ["--view", "--once"],
        ["--view", "--plain"],
        ["--check", "--view"],
        ["--demo", "en", "x"],
        ["--demo", "--once"],
        ["--demo", "--bundle"],
        ["--check", "--bundle"],
        ["--forget", "x", "--bundle"],
        ["--forget", ""],
        ["--verbose", "--view"],
        ["--verbose", "--web"],
        ["--verbose", "--demo"],
        ["--verbose", "--bundle"],
        ["--verbose", "--try", "x"],
        ["--verbose", "--forget", "x"],
        ["--once", "--yes"],
        ["--view", "--ring"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_fit(sqlite_venue: Venue, arguments: list[str]) -> None:
    """One line says so, exit 2, and nothing is done."""
    done = sqlite_venue.run("uploadData.py", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("uploadData.py: error: ")
    assert {path.name for path in sqlite_venue.home.iterdir()} == {"config.py", "Files"}


def of_today(count: int) -> tuple[str, list[dict[str, object]]]:
    """A file of this moment with crossings of the last seconds, all of today."""
    now = datetime.now()  # noqa: DTZ005
    began = max(now - timedelta(seconds=count), now.replace(hour=0, minute=0, second=0))
    crossings = some_crossings(f"{began:%Y%m%d%H%M%S}", count)
    for crossing in crossings:
        crossing["time"] = min(str(crossing["time"]), f"{now:%Y%m%d%H%M%S}")
    return f"{now:%Y%m%d%H%M%S}.json", crossings


def healths(text: str) -> dict[str, str]:
    """Camera -> its word, in the order on the screen."""
    rows = [row.split() for row in text.splitlines() if row.startswith("gate ")]
    return {f"gate {row[1]}": row[2] for row in rows}


def only_reading(mariadb: MariaDB, venue: Venue, tmp_path: Path) -> Venue:
    """Another PC whose database user may do nothing but SELECT."""
    user = f"r{os.urandom(6).hex()}"
    mariadb.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'only-reading'")
    mariadb.execute(f"GRANT SELECT ON `{venue.settings().db}`.* TO '{user}'@'%'")
    lines = [
        'host = "127.0.0.1"',
        f"port = {mariadb.port}",
        f'user = "{user}"',
        'password = "only-reading"',
        f"db = {venue.settings().db!r}",
    ]
    return Venue(tmp_path / "office", "\n".join(lines))


def written(pid: int) -> str:
    """How many bytes the process has written so far, to whatever."""
    return Path(f"/proc/{pid}/io").read_text().split("wchar:")[1].split()[0]


def is_held_up(pid: int) -> bool:
    """For half a second nothing was written, though a hundred screens a second are to be."""
    before, until = written(pid), time.monotonic() + 0.5
    while time.monotonic() < until:
        if written(pid) != before:
            return False
    return True
