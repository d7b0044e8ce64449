"""`uploadData.py --check`: each thing that can be wrong is a line with what to do; nothing is disturbed."""

import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trustme
from pytest_httpserver import HTTPServer

from tests.api import Api, today
from tests.mariadb import MariaDB
from tests.proxy import Proxy
from tests.test_overview import AHEAD
from tests.venue import CAMERA, Venue, crossing, some_crossings, wait_until, without_the_power_of_root
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Beat, Cameras

NAME = "20180531101900.json"
TABLES = ("PeopleFlow", "PeopleFlowCamera", "PeopleFlowReport")
DAY = timedelta(days=1)
ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
SOON = "from visitorsflow.check import run as r; r.LOOKS = tuple(k._replace(seconds=1) for k in r.LOOKS)\n"


class Said:
    """What a check has printed: its exit code, and its lines, each with its mark and what to do about it."""

    def __init__(self, done: "subprocess.CompletedProcess[str]") -> None:
        assert done.stderr == ""
        self.text, self.code = done.stdout, done.returncode
        assert self.code == int("✗" in self.text)

    def line(self, words: str, mark: str = "✗") -> str:
        """The one line with these words, and what to do about it, which each ✗ must have."""
        found = re.findall(rf"^  (.) (.*{re.escape(words)}.*)\n((?:      .*\n)*)", self.text, re.MULTILINE)
        assert [one[0] for one in found] == [mark], (words, self.text)
        [(_, text, advice)] = found
        assert advice if mark in "✗!" else not advice or mark == "–"
        return str(text + "\n" + advice)


def check(venue: Venue, *arguments: str, **options: Any) -> Said:
    return Said(venue.run("uploadData.py", "--check", *arguments, **options))


def english(venue: Venue, **chosen: object) -> Venue:
    venue.configure(language="en", **chosen)
    return venue


@pytest.fixture
def place(sqlite_venue: Venue) -> Venue:
    """A first try, in English."""
    return english(sqlite_venue)


@pytest.fixture
def served(mariadb_venue: Venue) -> Venue:
    """A venue with a server, in English."""
    return english(mariadb_venue)


def beat(venue: Venue, name: str, **values: Any) -> None:
    """What an uploader says of itself."""
    fields: dict[str, Any] = {
        "name": name, "file_age": 1, "file_name": NAME, "crossing_at": None, "waiting": 0, "rejected": 0,
        "idle_seconds": 60, "open_now": True, "can_tell": False, "trouble": "", "version": "1", "host": "pc",
    }  # fmt: skip
    stopped = values.pop("stopped", False)
    database = Database(venue.settings())
    try:
        cameras = Cameras(database)
        cameras.prepare()
        cameras.beat(Beat(**fields | values), stopped=stopped)
    finally:
        database.close()


def everything_in(folder: Path) -> dict[Path, bytes]:
    """All files below a folder; but SQLite's own beside its file come and go."""
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.match("*.db-*")}


def test_a_venue_that_is_well(venue: Venue, api: Api) -> None:
    """Every line in the venue's language; exit 0; no row, file or log line is left behind."""
    venue.configure(api_url=api.url)
    venue.drop(NAME, [crossing("20180531101825"), today(0)])
    assert venue.upload().returncode == 0
    assert venue.run("callAPI.py").returncode == 0
    rows, before = venue.rows(), everything_in(venue.home)
    said = check(venue)
    assert said.code == 0, said.text
    for words in (
        "設定檔沒有錯",
        "可以寫入，也可以把檔案移走",
        "有新檔案時，程式會馬上處理",
        "沒有檔案在等待",
    ):
        said.line(words, "✓")
    for table in TABLES:
        said.line(f"資料表 {table} 可以用", "✓")
    assert "秒前，成功" in said.line("上次回報", "✓")
    assert "127.0.0.1" in said.line("連得上", "✓")
    assert said.text.endswith("檢查完了，這台電腦沒有問題\n")
    assert (venue.rows(), everything_in(venue.home)) == (rows, before)
    assert len(api.requests) == 1


def test_before_the_first_start(sqlite_venue: Venue) -> None:
    """Nothing is wrong yet, and nothing is made: neither the folder nor the database."""
    sqlite_venue.folder.rmdir()
    said = check(english(sqlite_venue))
    assert said.code == 0
    said.line("there is no database file yet", "–")
    said.line(f"there is no {sqlite_venue.folder} yet", "–")
    said.line("nothing is known of", "–")
    said.line("no other PC is known", "–")
    said.line("no report has been sent yet", "–")
    said.line("api_id is not set", "–")
    said.line("api_url is not set", "–")
    assert [path.name for path in sqlite_venue.home.iterdir()] == ["config.py"]


def test_an_empty_database(served: Venue, mariadb: MariaDB) -> None:
    """The tables that are missing can be made, and are not made here."""
    said = check(served)
    assert said.code == 0, said.text
    for table in TABLES:
        said.line(f"there is no table {table} yet", "–")
    assert mariadb.execute("SHOW TABLES", served.settings().db) == ()


def test_beside_a_working_uploader(served: Venue) -> None:
    """It goes on storing every file at once, and hears nothing of the check."""
    with served.uploading():
        wait_until(lambda: "camera 17" in served.terminal(), "started")
        for number in range(3):
            served.drop(f"2018053110190{number}.json", some_crossings(f"2018053110180{number}", 5))
            assert check(served).code == 0
            wait_until(lambda: not served.waiting(), "stored")
        said = check(served)
    assert "17 (" in said.line("all right", "✓")
    assert len(served.rows()) == 15
    assert "WARNING" not in served.terminal()


def test_a_wrong_setting(place: Venue) -> None:
    """config.py is read by nobody then, so this is the one thing that is said, in each language."""
    place.configure(langage="en", idle_seconds=-1)
    said = check(place)
    chinese, english = (text.splitlines() for text in said.text.split("\n\n"))
    assert (chinese[0], english[0]) == ("設定", "Settings")
    assert "langage" in chinese[1]
    assert "unknown setting langage; did you mean language?" in english[1]
    assert ("請修改設定檔" in chinese[2], "fix config.py" in english[2]) == (True, True)
    assert (chinese[3:], english[3:]) == (
        ["檢查完了，這台電腦有 1 個地方要處理（打 ✗ 的）"],
        ["Everything was looked at; to be fixed on this PC (✗): 1"],
    )


@pytest.mark.parametrize("arguments", [["--once"], ["--plain"], ["--view"]])
def test_it_goes_with_nothing_else(place: Venue, arguments: list[str]) -> None:
    """The command line is refused."""
    assert place.run("uploadData.py", "--check", *arguments).returncode == 2


def test_what_stands_in_config_py(served: Venue) -> None:
    """Secrets that others can read, a setting of old, a camera's name that was guessed."""
    config = served.home / "config.py"
    config.write_text(f'{served.database}\nlanguage = "en"\nsocketServer = "x"\n', encoding="utf-8")
    config.chmod(0o644)
    said = check(served)
    assert f"chmod 600 {config}" in said.line("other users can read")
    said.line("socketServer is not used any more", "–")
    assert "set camera in config.py" in said.line("from this machine's address", "–")


def test_the_time_zone_and_the_time(place: Venue) -> None:
    """To be compared with a watch: that of the setting, or this PC's own."""
    assert re.search(
        r"this PC's \(UTC[+-]\d\d:\d\d\), it is \d\d:\d\d", check(place).line("the time zone", "✓")
    )
    english(place, timezone="Asia/Taipei")
    before = datetime.now(ZoneInfo("Asia/Taipei"))
    said = check(place).line("time zone Asia/Taipei, it is ", "✓")
    after = datetime.now(ZoneInfo("Asia/Taipei"))
    assert any(f"it is {now:%H:%M}" in said for now in (before, after))


@ONLY_ROOT
def test_config_py_of_another_user(place: Venue) -> None:
    """It can't be read; the command that fixes it stands there."""
    (place.home / "config.py").chmod(0o600)
    place.home.chmod(0o755)
    command = [*without_the_power_of_root(), *place.command("uploadData.py", "--check")]
    shutil.chown(place.home / "config.py", "nobody")
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", timeout=50)
    assert re.search(r"✗ .*config.py.*\n +.*(sudo chown|sudo -u nobody)", done.stdout)


def test_config_py_under_another_name(place: Venue) -> None:
    """As Notepad saves it."""
    (place.home / "config.py").rename(place.home / "config.py.txt")
    chinese, english = check(place).text.split("\n\n")
    assert "config.py.txt" in chinese
    assert "config.py is missing: rename config.py.txt" in english


@pytest.mark.parametrize("closed", ["", "log", "log/callAPI.log", "elsewhere"])
def test_what_can_not_be_written(place: Venue, closed: str) -> None:
    """The log, the database's file: what can't be made, as on a read-only disk, is no "all well"."""
    (place.home / "log").mkdir()
    (place.home / "log" / "callAPI.log").touch()
    (place.home / "elsewhere").mkdir()
    english(place, database_url="sqlite:///elsewhere/its.db")
    path = place.home / closed
    mode = path.stat().st_mode
    path.chmod(mode & ~0o222)
    command = [*without_the_power_of_root(), *place.command("uploadData.py", "--check")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", timeout=50)
    path.chmod(mode)
    said = Said(done)
    if closed:
        advice = said.line(f"the program must write to {path}, and can't: Permission denied")
        assert "let the user who runs the program write there" in advice
    else:
        assert said.code == 0  # nothing is to be made there


def test_a_folder_in_which_nothing_can_be_made(place: Venue) -> None:
    """Before the first start: one line for the log and the database's file."""
    place.home.chmod(0o555)
    command = [*without_the_power_of_root(), *place.command("uploadData.py", "--check")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", timeout=50)
    place.home.chmod(0o755)
    Said(done).line(f"the program must write to {place.home}, and can't: Permission denied")
    assert "can be read and written" not in done.stdout


@ONLY_ROOT
def test_a_read_only_disk(place: Venue, tmp_path: Path) -> None:
    """Even root can't write there."""
    disk = tmp_path / "disk"
    disk.mkdir()
    bind = ["mount", "--bind", "-o", "ro", str(place.home), str(disk)]
    mounted = subprocess.run(bind, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr}")
    command = ["--check", "--config", str(disk / "config.py")]
    done = place.run("uploadData.py", *command)
    subprocess.run(["umount", "--lazy", str(disk)], check=True)
    Said(done).line(f"the program must write to {disk}, and can't: Read-only file system")


@ONLY_ROOT
def test_files_of_another_user(place: Venue) -> None:
    """The command that fixes it stands there."""
    shutil.chown(place.home, "nobody")
    assert "sudo -u nobody" in check(place).line("belong to another user")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("a file", "is no folder"),
        ("holds config.py", "holds the program's own files"),
        ("can't be made", "can't be made"),
        ("below a file", "can't be"),
        ("not writable", "can't be written or moved"),
        ("stored not writable", "stored: Permission denied"),
        ("rejected not writable", "rejected: Permission denied"),
        ("not readable", "can't be read"),
        ("sub-folder not readable", "a part of it can't be read"),
    ],
)
def test_the_folder(place: Venue, fault: str, words: str) -> None:
    """What is wrong with it, as a user who is not root meets it."""
    folder = place.folder
    chosen: list[str] = []
    match fault:
        case "a file":
            folder.rmdir()
            folder.touch()
        case "holds config.py":
            chosen = [str(place.home)]
        case "can't be made":
            (folder / "closed").mkdir(mode=0o555)
            chosen = [str(folder / "closed" / "Files")]
        case "below a file":
            (folder / "file").touch()
            chosen = [str(folder / "file" / "Files")]
        case "not writable":
            folder.chmod(0o555)
        case "not readable":
            folder.chmod(0o333)
        case "sub-folder not readable":
            (folder / "sub").mkdir(mode=0o000)
        case _:
            (folder / fault.split()[0]).mkdir(mode=0o555)
    command = [*without_the_power_of_root(), *place.command("uploadData.py", "--check", *chosen)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", timeout=50)
    folder.chmod(0o755)
    Said(done).line(words)
    assert place.waiting() <= {"file", "Files"}


@pytest.mark.parametrize(
    ("wrong", "words", "advice"),
    [
        ("Flies", "there is Files", "a wrong letter?"),
        ("Files2/camera", "there is Files", "a wrong letter?"),
        ("share/camera", "there is no share", "network drive"),
        ("C:/camera", "is a path of Windows (C:/camera)", 'watch_folder = "/srv/camera"'),
        (r"C:\camera\Files", "is a path of Windows", 'watch_folder = "/srv/camera"'),
        (r"\\nas\camera", "is a path of Windows", 'watch_folder = "/srv/camera"'),
    ],
)
def test_a_folder_that_is_misspelt(place: Venue, wrong: str, words: str, advice: str) -> None:
    """What is missing is named, and what is nearly the same; nothing is made."""
    english(place, watch_folder=wrong)
    before = everything_in(place.home)
    assert advice in check(place).line(words)
    assert everything_in(place.home) == before


def path_with(folder: Path, **programs: str) -> dict[str, str]:
    """An environment in which these programs say so."""
    folder.mkdir(exist_ok=True)
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.mark.parametrize(
    ("enabled", "active", "words", "mark"),
    [
        ("enabled", "active", "visitorsflow.service", "✓"),
        ("disabled", "active", "will not start with the PC", "✗"),
        ("enabled", "inactive", "does not run", "✗"),
        ("enabled", "failed", "has failed", "✗"),
        ("not-found", "inactive", "is not installed", "–"),
    ],
)
def test_the_service(place: Venue, tmp_path: Path, enabled: str, active: str, words: str, mark: str) -> None:
    """Whether the program starts with the PC, as systemd says."""
    says = f"case $1 in is-enabled) echo {enabled};; *) echo {active};; esac"
    said = check(place, env=path_with(tmp_path / "bin", systemctl=says))
    line = said.line(words, mark)
    assert mark == "✓" or "visitorsflow" in line or "docs/setup.md" in line


def test_what_starts_the_reports(place: Venue, tmp_path: Path) -> None:
    """A line of crontab that says its errors, and when callAPI.py last ran; on a PC that reports."""
    line = "*/5 * * * * /opt/visitorsflow/.venv/bin/python /opt/visitorsflow/callAPI.py"
    hidden = path_with(tmp_path / "bin", crontab=f"echo '{line} >/dev/null 2>&1'", systemctl="exit 1")
    assert "Reports by themselves" not in check(place, env=hidden).text
    english(place, api_url="http://127.0.0.1:9/upload")
    said = check(place, env=hidden)
    said.line("the crontab has: */5", "✓")
    assert "logger -t callAPI" in said.line("throws errors away", "–")
    said.line("callAPI.py has never run", "–")
    (place.home / "log").mkdir(exist_ok=True)
    log = place.home / "log" / "callAPI.log"
    log.touch()
    told = path_with(tmp_path / "bin", crontab=f"echo '{line} 2>&1 | logger -t callAPI'")
    said = check(place, env=told)
    assert "throws errors away" not in said.text
    said.line("callAPI.py last ran", "✓")
    hours_ago = datetime.now(UTC).timestamp() - 7200
    os.utime(log, (hours_ago, hours_ago))
    said = check(place, env=told)
    assert "every five minutes" in said.line("callAPI.py last ran 2 hours ago", "–")
    none = path_with(tmp_path / "bin", crontab=f"echo '# {line}'")
    assert "docs/setup.md" in check(place, env=none).line("no crontab starts callAPI.py")
    timer = path_with(tmp_path / "bin", crontab="exit 1", systemctl="echo active")
    check(place, env=timer).line("visitorsflow-report.timer runs", "✓")


def test_no_events(place: Venue) -> None:
    """As on a network share: that is slower, and not wrong."""
    first = (
        "import time; from watchdog.observers.inotify import InotifyEmitter as e\n"
        "e.queue_events = lambda *a: time.sleep(0.1)\n"
        "from visitorsflow.check import here as f; f.EVENT_TRIES = 1"
    )
    said = check(place, first=first)
    assert "max_user_watches" in said.line("not noticed at once", "–")
    assert said.code == 0


def test_no_watch_left(place: Venue) -> None:
    """The system refuses another watch."""
    refuse = (
        "from visitorsflow.intake import watch as w\ndef full(): raise OSError('no space left on device')\n"
    )
    said = check(place, first=f"{refuse}w._new_observer = full")
    said.line("not noticed at once", "–")


def test_a_full_disk(place: Venue) -> None:
    """Below 1 GB or 2 %, of each disk that we use."""
    first = "import shutil; shutil.disk_usage = lambda p: (2000 * 2**30, 0, 30 * 2**30)"
    said = check(place, first=first)
    assert "(2%)" in said.line("only 30.0 GB")
    first = "import shutil; shutil.disk_usage = lambda p: (20 * 2**30, 0, 2**29)"
    assert "(2%)" in check(place, first=first).line("only 0.5 GB")


def test_files_that_wait_and_files_that_were_rejected(place: Venue) -> None:
    """How many, since when; a file on its way is no trouble; no name can move the cursor."""
    path = place.drop("20180531101900\x1b[2J.json", b"[]")
    check(place).line("files waiting: 1", "✓")
    place.drop("20180531101901.json", b"[]")
    an_hour_ago = datetime.now(UTC).timestamp() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))
    (place.folder / "rejected").mkdir()
    (place.folder / "rejected" / "a.json").touch()
    (place.folder / "rejected" / "a.json.reason.txt").touch()
    said = check(place)
    assert "20180531101900\\x1b[2J.json has waited longest, for 1 hour" in said.line("files waiting: 2", "–")
    said.line("files in rejected: 1", "–")
    assert said.code == 0


@pytest.mark.parametrize(
    "hang",
    [
        "import tempfile; tempfile.mkstemp = lambda **k: time.sleep(60)",
        "import shutil; shutil.disk_usage = lambda p: time.sleep(60)",
        "import socket; socket.getaddrinfo = lambda *a, **k: time.sleep(60)",
    ],
)
def test_what_never_answers(place: Venue, hang: str) -> None:
    """It is said within its time limit, and the rest goes on: a dead share, a dead name server."""
    english(place, api_url="http://127.0.0.1:1/")
    said = check(place, first=f"{SOON}import time; {hang}")
    said.line("no answer within 1 s")
    said.line("there is no database file yet", "–")


def test_a_defect_of_ours(place: Venue) -> None:
    """One look that fails does not end the others."""
    said = check(place, first="from visitorsflow.check import here; here._waiting = lambda p: 1/0")
    said.line("the check itself has an error: ZeroDivisionError")
    said.line("api_url is not set", "–")


def test_the_database_is_not_reached(served: Venue) -> None:
    """A port where nobody listens; what can't be known then is no second fault."""
    served.database += "\nport = 1"
    said = check(english(served))
    said.line("the database can't be reached")
    assert re.findall(r"(.+)\n  – not known", said.text) == [
        "This PC's camera",
        "Report",
        "Other PCs (no fault of this one)",
    ]


def test_the_database_stalls(served: Venue, mariadb: MariaDB) -> None:
    """It is said after the database's own time limits."""
    with Proxy(mariadb.port) as proxy:
        proxy.stall()
        served.database += f"\nport = {proxy.port}"
        check(english(served)).line("the database can't be reached")
        proxy.heal()


def test_the_database_lets_us_not_in(served: Venue) -> None:
    """A wrong password, a database that is not there; no line shows the password."""
    before = served.database
    served.database = f"{before}\npassword = 'hunter2'"
    said = check(english(served))
    assert "host, user and password" in said.line("does not take this user or password")
    assert "hunter2" not in said.text
    served.database = f"{before}\ndb = 'elsewhere'"
    assert "CREATE DATABASE IF NOT EXISTS `elsewhere`" in check(english(served)).line("is not there")


def test_what_the_server_says_is_explained(served: Venue) -> None:
    """In the venue's language first, then in the server's own words."""
    before = served.database
    for more, mark in (
        ("password = 'hunter2'", "不接受這個帳號或密碼（Access denied"),
        ("db = 'elsewhere'", "沒有這個資料庫，或是這個帳號不能用它（Unknown database 'elsewhere' (1049)）"),
        ("port = 1", ":1/"),
    ):
        served.database = f"{before}\n{more}"
        served.configure()
        check(served).line(mark)
    served.database = ""
    served.configure(database_url="sqlite://")
    check(served).line("SQLite 要寫出檔案")


def test_a_name_forges_no_line(place: Venue) -> None:
    """A line feed in the name of a file is shown as one."""
    place.drop("20180531101900\n  ✗ forged.json", b"[]")
    assert "\\n  ✗ forged" in place.run("uploadData.py", "--check").stdout


def restrict(venue: Venue, mariadb: MariaDB, rights: str) -> str:
    """From now on the venue's user has only these rights on its database. Returns its name."""
    name = venue.settings().db
    user = f"u{name}"[:30]
    mariadb.grant(user, rights, name or "")
    venue.database += f"\nuser = {user!r}"
    english(venue)
    return user


@pytest.mark.parametrize("tables", ["with tables", "without tables"])
@pytest.mark.parametrize("right", ["SELECT", "INSERT", "UPDATE", "CREATE"])
def test_a_right_is_missing(served: Venue, mariadb: MariaDB, right: str, tables: str) -> None:
    """Each is tried, and nothing of it stays; CREATE only matters where a table is missing."""
    database = served.settings().db
    if tables == "with tables":
        assert served.upload().returncode == 0
        mariadb.execute("DROP TABLE IF EXISTS PeopleFlowReport", database)
    left = {"SELECT", "INSERT", "UPDATE", "CREATE"} - {right}
    user = restrict(served, mariadb, ", ".join(sorted(left)))
    before = mariadb.execute("SHOW TABLES", database)
    said = check(served)
    line = said.line("the database's user lacks rights: ")
    assert f"GRANT SELECT, INSERT, UPDATE, CREATE ON `{database}`.* TO '{user}'@'%'" in line
    assert said.text.count("GRANT") == 1
    for table in TABLES:
        is_there = any(table in row for row in before)
        if right == "CREATE" and is_there:
            said.line(f"the table {table} can be used", "✓")
        else:
            assert f"{table} ({right})" in line
    assert mariadb.execute("SHOW TABLES", database) == before
    assert served.rows() == [] if right != "SELECT" and tables == "with tables" else True


def test_a_server_that_takes_no_rows(served: Venue, mariadb: MariaDB) -> None:
    """It has its own reason, which is said."""
    assert served.upload().returncode == 0
    mariadb.execute(
        "CREATE TRIGGER no BEFORE INSERT ON PeopleFlow FOR EACH ROW"
        " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'closed for stocktaking'",
        served.settings().db,
    )
    check(served).line("closed for stocktaking (1644)")


def test_tables_of_another_program(served: Venue, mariadb: MariaDB) -> None:
    """PeopleFlow as in 2018, or in other letters, with the SQL that converts it; and one of the other two."""
    database = served.settings().db
    columns = (
        "time VARCHAR(14), ip VARCHAR(9), outputTime VARCHAR(14), peopleID INT, state INT, frameNumber INT"
    )
    mariadb.execute(f"CREATE TABLE PeopleFlow ({columns})", database)
    mariadb.execute("CREATE TABLE PeopleFlowCamera (ip INT)", database)
    said = check(served)
    assert "RENAME" in said.line("the table PeopleFlow is another program's")
    assert "RENAME TABLE PeopleFlowCamera" in said.line("PeopleFlowCamera has other columns")
    mariadb.execute("RENAME TABLE PeopleFlow TO peopleflow", database)
    check(served).line("a table peopleflow, in other letters")


@pytest.mark.parametrize(("seconds", "hours"), [(8 * 3600, 8), (-3600 + 50, 1), (8 * 3600 + 600, None)])
def test_a_time_zone_that_is_probably_wrong(served: Venue, seconds: int, hours: int | None) -> None:
    """Whole hours are no wrong clock: the setting to write stands there."""
    first = AHEAD.replace("seconds=300", f"seconds={seconds}")
    said = check(served, first=first)
    if hours:
        assert 'timezone = "Asia/Taipei"' in said.line(f"differ by {hours} whole hours")
    else:
        said.line("ahead of")


@pytest.mark.parametrize(("first", "words"), [(AHEAD, "ahead of"), (AHEAD.replace("+", "-"), "behind")])
def test_clocks_that_differ(served: Venue, first: str, words: str) -> None:
    """By five minutes, more than two."""
    assert re.search(r"[45] minutes", check(served, first=first).line(words))


def test_settings_that_no_database_can_use(place: Venue) -> None:
    """One line; the rest is looked at all the same."""
    said = check(english(place, database_url="postgresql://a/b"))
    said.line("the settings of the database can't be used")
    said.line("api_url is not set", "–")


def test_the_other_cameras(served: Venue, mariadb: MariaDB) -> None:
    """Each with a word and what to do, the worst first; and another PC with this camera's name."""
    database = served.settings().db
    beat(served, "a-dead")
    mariadb.execute("UPDATE PeopleFlowCamera SET aliveAt = aliveAt - INTERVAL 10 MINUTE", database)
    beat(served, "b-silent", file_age=600)
    beat(served, "c-closed", file_age=600, open_now=False)
    beat(served, "d-trouble", trouble="folder: No such file")
    beat(served, "e-new", file_age=None)
    beat(served, "f-stopped", stopped=True)
    said = check(served)
    assert "that PC is on" in said.line("a-dead (pc): no answer 10 minutes", "!")
    assert "camera and its program" in said.line("b-silent (pc): no files 10 minutes", "!")
    said.line("c-closed (pc): closed", "✓")
    trouble = said.line("d-trouble (pc)", "!")
    assert "folder: No such file" in trouble
    assert "a share is not mounted" in trouble
    assert "--check" not in trouble
    said.line("e-new (pc): no files yet", "–")
    said.line("f-stopped (pc): stopped", "–")
    names = re.findall(r"^  . ([a-f]-\w+) \(pc\)", said.text, re.MULTILINE)
    assert names == ["a-dead", "b-silent", "f-stopped", "d-trouble", "e-new", "c-closed"]
    assert said.code == 0, "none of it is a fault of this PC"


def test_another_pc_with_this_cameras_name(served: Venue) -> None:
    """Both would count as one: by its host, or, where this PC is a copy, since nobody works on its folder."""
    beat(served, CAMERA)
    assert 'camera = "17-2"' in check(served).line("pc uses the name 17 too")
    beat(served, CAMERA, host=socket.gethostname())
    cloned = check(served).line("does not use this folder")
    assert "camera in config.py" in cloned
    beat(served, CAMERA, host=socket.gethostname(), stopped=True)
    assert check(served).code == 0


@pytest.mark.usefixtures("not_at_midnight")
def test_the_last_report(served: Venue, mariadb: MariaDB, api: Api) -> None:
    """Refused, accepted, none for an hour; but none is due while nobody comes or the venue is closed."""
    database = served.settings().db
    english(served, api_url=api.url)
    served.drop(NAME, [today(0)])
    assert served.upload().returncode == 0
    check(served).line("no report has been sent yet", "–")
    assert served.run("callAPI.py").returncode == 0
    mariadb.execute("UPDATE PeopleFlowReport SET accepted = 0, reply = 'IP not unlocked'", database)
    assert "401 or 403" in check(served).line("not accepted: IP not unlocked")
    mariadb.execute("UPDATE PeopleFlowReport SET accepted = 1", database)
    check(served).line("ago, and accepted", "✓")
    mariadb.execute("UPDATE PeopleFlowReport SET sentAt = sentAt - INTERVAL 1 HOUR", database)
    check(served).line("none is due", "–")  # the first row of today has only just come
    midnight = f"{datetime.now():%Y%m%d}000000"  # noqa: DTZ005
    served.drop(f"{midnight}.json", [crossing(midnight)])
    assert served.upload().returncode == 0
    now = datetime.now()  # noqa: DTZ005
    if (now.hour, now.minute) > (0, 15):
        assert "crontab" in check(served).line("no report has been sent for 1 hour")
    later = [f"{now + timedelta(hours=hours):%H:00}" for hours in (2, 3)]
    english(served, api_url=api.url, open_hours=tuple(later))
    check(served).line("none is due", "–")


@contextmanager
def api_with(shown: trustme.LeafCert) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        yield server


@pytest.mark.parametrize(
    ("kind", "words", "mark"),
    [
        ("good", "its certificate is good until", "✓"),
        ("ends soon", "its certificate ends soon", "–"),
        ("expired", "certificate has expired", "✗"),
        ("of another host", "IP address mismatch", "✗"),
        ("unknown", "issuer certificate", "✗"),
    ],
)
def test_the_certificate_of_the_api(place: Venue, kind: str, words: str, mark: str) -> None:
    """As callAPI.py would judge it, with the environment's own authorities; nothing is sent."""
    ca = trustme.CA()
    trusted = place.home / "ca.pem"
    ca.cert_pem.write_to_path(trusted)
    now = datetime.now(UTC)
    match kind:
        case "ends soon":
            shown = ca.issue_cert("127.0.0.1", not_before=now - DAY, not_after=now + DAY)
        case "expired":
            shown = ca.issue_cert("127.0.0.1", not_before=now - 2 * DAY, not_after=now - DAY)
        case "of another host":
            shown = ca.issue_cert("api.elsewhere.example")
        case "unknown":
            shown = trustme.CA().issue_cert("127.0.0.1")
        case _:
            shown = ca.issue_cert("127.0.0.1")
    with api_with(shown) as server:
        english(place, api_url=server.url_for("/upload"))
        said = check(place, env={**os.environ, "REQUESTS_CA_BUNDLE": str(trusted)})
        assert server.log == []
    said.line(words, mark)
    assert "Only the connection was tried: if the path /upload" in said.line("reached (127.0.0.1)", "✓")


def test_the_way_to_the_api(place: Venue, api: Api) -> None:
    """A name that is not found, a port that refuses, one that is no https, plain http, a proxy."""
    nowhere = "import socket\ndef fail(*a, **k): raise socket.gaierror(-2, 'Name or service not known')\n"
    english(place, api_url="https://api.nowhere.example/upload")
    said = check(place, first=f"{nowhere}socket.getaddrinfo = fail")
    assert "DNS" in said.line("the name api.nowhere.example is not found: Name or service not known")
    english(place, api_url="http://127.0.0.1:1/")
    assert "firewall" in check(place).line("127.0.0.1:1 can't be reached: Connection refused")
    english(place, api_url=api.url)
    check(place).line("not encrypted", "–")
    said = check(place, env={**os.environ, "HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": ""})
    said.line("127.0.0.1:1 can't be reached")
    english(place, api_url=api.url.replace("http:", "https:"))
    check(place).line("no encrypted connection")
    assert api.requests == []


def test_an_api_that_says_nothing(place: Venue) -> None:
    """The connection stands, and no certificate comes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        english(place, api_url=f"https://127.0.0.1:{silent.getsockname()[1]}/")
        first = "from visitorsflow.check import outside; outside.CONNECT_SECONDS = 0.3"
        check(place, first=first).line("no encrypted connection: ")


def test_a_terminal_that_knows_less(sqlite_venue: Venue) -> None:
    """Signs and a language that its code page has."""
    done = [
        subprocess.run(
            sqlite_venue.command("uploadData.py", "--check"),
            capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": code_page},
        ).stdout.decode(code_page)
        for code_page in ("cp437", "cp950")
    ]  # fmt: skip
    assert "  ok nothing is wrong in" in done[0]
    assert "  ok 設定檔沒有錯" in done[1]
    assert "\\" not in "".join(done)


def test_a_reader_that_goes_away(sqlite_venue: Venue) -> None:
    """`| head -1` ends it, without a traceback."""
    command = sqlite_venue.command("uploadData.py", "--check")
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) in (0, 1)
        assert process.stderr.read() == b""
