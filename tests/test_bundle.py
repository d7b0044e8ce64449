"""`--bundle`: what whoever helps needs, and nothing that is a key to anything."""

import os
import stat
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue import Venue, crossing, wait_until
from visitorsflow.masks import HIDDEN, Masks

NAME = "20180531101900.json"
PASSWORD = 'p@ss/w ö"rd'
TOKEN = "123456789:AAF-" + "aZ09_" * 6
HASH = "0123456789abcdef0123456789abcdef"
PHONE = "+886 912-345-678"
UUID = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
HEARTBEAT = f"http://127.0.0.1:1/ping/{UUID}?key=heartbeat-secret"
RECIPIENT = "+886955111222"
SESSION = "1BQANOTEuMTA4" + "abcDEF123_-" * 30
# None of these may be found in the zip.
NEVER = (
    PASSWORD,
    quote(PASSWORD, safe=""),
    "hunter2-in-the-url",
    "an old password",
    TOKEN,
    TOKEN.partition(":")[2],
    HASH,
    PHONE,
    "886912345678",
    "+886912345678",
    RECIPIENT,
    UUID,
    "heartbeat-secret",
    SESSION,
)


def opened(path: Path) -> dict[str, str]:
    """The texts of the zip, by name."""
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode("utf-8") for name in bundle.namelist()}


def the_only_one(venue: Venue) -> Path:
    [path] = venue.home.glob("visitorsflow-*.zip")
    return path


def put_into_logs(venue: Venue, *lines: str) -> None:
    (venue.home / "log").mkdir(exist_ok=True)
    for name in ("uploadData", "callAPI"):
        with (venue.home / "log" / f"{name}.log").open("a", encoding="utf-8") as log:
            log.writelines(f"2018-05-31 10:19:00 INFO    {line}\n" for line in lines)


def assert_no_secret(texts: dict[str, str]) -> None:
    whole = "\n".join([*texts, *texts.values()])
    found = [secret for secret in NEVER if secret.lower() in whole.lower()]
    assert not found, found


def test_no_secret_in_it(mariadb_venue: Venue, tmp_path: Path) -> None:
    """Secrets in every setting, in URLs, in comments and in the log, as they are and in other forms."""
    venue = mariadb_venue
    venue.drop(NAME, [crossing("20180531101825")])
    assert venue.upload().returncode == 0
    venue.database += f"\npassword = {PASSWORD!r}\n# password = 'an old password'"
    venue.database += f"\n# bot_token = {TOKEN!r}\n#phone_number = {PHONE!r}  # until May"
    for sender in ({"bot_token": TOKEN}, {"phone_number": PHONE}):
        venue.configure(
            api_id=12345,
            api_hash=HASH,
            telegram_to=RECIPIENT,
            heartbeat_url=HEARTBEAT,
            api_url="http://user:hunter2-in-the-url@127.0.0.1:1/upload?token=heartbeat-secret",
            **sender,
        )
        put_into_logs(
            venue,
            *NEVER,
            f"signed in as {PHONE.replace('-', '').replace(' ', '')} / 886 912 345 678",
            f"https://api.telegram.org/bot{TOKEN}/getMe",
            f"Max retries exceeded with url: /ping/{UUID}?key=heartbeat-secret",
            f"mysql+pymysql://me:{quote(PASSWORD, safe='')}@127.0.0.1/venue",
            f"{PASSWORD!r} {SESSION}",
        )
        (venue.home / "visitorsflow.session").write_text(SESSION)
        target = tmp_path / f"{next(iter(sender))}.zip"
        done = venue.run("uploadData.py", "--bundle", str(target))
        assert done.returncode == 0, done.stderr
        texts = opened(target)
        assert_no_secret(texts)
        assert f"api_hash = {HIDDEN}" in texts["config.txt"]
        assert "telegram.org/bot" in texts["callAPI.log"]
        assert "session" not in " ".join(texts)


def test_no_secret_of_a_database_url(sqlite_venue: Venue) -> None:
    """Its password is none as a part either, whatever form it has in the log."""
    url = f"mysql+pymysql://me:{quote(PASSWORD, safe='')}@127.0.0.1:1/venue"
    sqlite_venue.configure(database_url=url)
    put_into_logs(sqlite_venue, url, PASSWORD, quote(PASSWORD, safe=""))
    assert sqlite_venue.run("uploadData.py", "--bundle").returncode == 0
    texts = opened(the_only_one(sqlite_venue))
    assert_no_secret(texts)
    assert "127.0.0.1" in texts["check.txt"]


@pytest.mark.parametrize("broken", ["host = ", "pasword = 'x'", "password = 'not closed"])
def test_no_secret_of_a_broken_config(sqlite_venue: Venue, broken: str) -> None:
    """What can't be read shows its names alone, and its secrets are hidden in the log all the same."""
    config = sqlite_venue.home / "config.py"
    config.write_text(f"password = {PASSWORD!r}\nbot_token = '{TOKEN}'  # ours\n{broken}\n", "utf-8")
    put_into_logs(sqlite_venue, PASSWORD, TOKEN)
    assert sqlite_venue.run("uploadData.py", "--bundle").returncode == 0
    texts = opened(the_only_one(sqlite_venue))
    assert_no_secret(texts)
    assert "1: password = ..." in texts["config.txt"]
    assert "✗" in texts["check.txt"]


def test_what_is_in_it(mariadb_venue: Venue) -> None:
    """The check, the settings, both logs, versions, the cameras and the reports; for nobody else's eyes."""
    venue = mariadb_venue
    venue.configure(api_url="http://127.0.0.1:1/", language="en")
    venue.drop(NAME, [crossing("20180531101825")])
    assert venue.upload().returncode == 0
    first = "from visitorsflow.report import api as a; a.RETRIES = 0"
    assert venue.run("callAPI.py", "--date", "2018-05-31", first=first).returncode == 1
    with venue.uploading():
        wait_until(lambda: "VisitorsFlow" in venue.terminal(), "its first line")
    done = venue.run("uploadData.py", "--bundle")
    path = the_only_one(venue)
    assert f"Made {path}" in done.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    texts = opened(path)
    assert "✓" in texts["check.txt"]
    assert "camera = '17'" in texts["config.txt"]
    assert "stored 1 file" in texts["uploadData.log"]
    assert "the API can't be reached" in texts["callAPI.log"]
    assert "VisitorsFlow " in texts["versions.txt"]
    assert "SQLAlchemy==" in texts["versions.txt"]
    assert '"name": "17"' in texts["cameras.txt"]
    assert '"accepted": false' in texts["reports.txt"]


def test_nothing_is_made_or_changed(sqlite_venue: Venue) -> None:
    """Beside a first try that has not begun: no database, no log, only the zip."""
    before = set(sqlite_venue.home.rglob("*"))
    assert sqlite_venue.run("uploadData.py", "--bundle").returncode == 0
    assert set(sqlite_venue.home.rglob("*")) - before == {the_only_one(sqlite_venue)}


def test_a_part_that_can_not_be_had(mariadb_venue: Venue) -> None:
    """The database is away: the zip says so, and has all the rest."""
    mariadb_venue.database += "\nport = 1"
    mariadb_venue.configure()
    put_into_logs(mariadb_venue, "a line")
    assert mariadb_venue.run("uploadData.py", "--bundle").returncode == 0
    texts = opened(the_only_one(mariadb_venue))
    assert "refused" in texts["cameras.txt"]
    assert "a line" in texts["uploadData.log"]


def test_the_end_of_a_long_log(sqlite_venue: Venue) -> None:
    """Two megabytes, also of what was rotated away; no line is cut, for half a secret looks like none."""
    logs = sqlite_venue.home / "log"
    logs.mkdir()
    lines = [f"{number:09} {TOKEN}{'x' * 40}\n" for number in range(40_000)]
    (logs / "uploadData.log.1").write_text("".join(lines[:39_000]))
    (logs / "uploadData.log").write_text("".join(lines[39_000:]))
    assert sqlite_venue.run("uploadData.py", "--bundle").returncode == 0
    texts = opened(the_only_one(sqlite_venue))
    assert_no_secret(texts)
    shown = texts["uploadData.log"].splitlines()
    numbers = [int(line[:9]) for line in shown]
    assert numbers == list(range(numbers[0], 40_000))
    assert len(shown) == 2_000_000 // len(lines[0])


def test_systemd_is_asked(sqlite_venue: Venue, tmp_path: Path) -> None:
    """Where there is one, for all our units; here, a program of that name."""
    (tmp_path / "systemctl").write_text('#!/bin/sh\necho "asked: $*"\nexit 3\n')
    (tmp_path / "systemctl").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = sqlite_venue.run("uploadData.py", "--bundle", env={**os.environ, "PATH": path})
    assert done.returncode == 0
    asked = opened(the_only_one(sqlite_venue))["systemctl.txt"]
    assert asked.startswith("asked: status --no-pager")
    for unit in (Path(__file__).parent.parent / "deploy").iterdir():
        assert unit.name in asked


def test_where_it_goes(sqlite_venue: Venue, tmp_path: Path) -> None:
    """Into a folder, or to a name, and over nothing that is there."""
    sqlite_venue.configure(language="en")
    assert sqlite_venue.run("uploadData.py", "--bundle", str(tmp_path)).returncode == 0
    assert len(list(tmp_path.glob("visitorsflow-*.zip"))) == 1
    there = tmp_path / "there.zip"
    there.write_text("mine")
    for place in (there, tmp_path / "no folder" / "a.zip"):
        done = sqlite_venue.run("uploadData.py", "--bundle", str(place))
        assert done.returncode == 1
        assert f"{place} can't be written: " in done.stderr
    assert there.read_text() == "mine"


@given(st.text(min_size=1).filter(str.strip), st.text(), st.text())
def test_a_known_secret_is_never_seen(secret: str, before: str, after: str) -> None:
    """Whatever it is made of, from four characters on; a shorter one where it stands alone."""
    gap = "" if len(secret) >= 4 else " "
    shown = Masks([secret])(f"{before.replace(secret, '')}{gap}{secret}{gap}{after.replace(secret, '')}")
    assert secret not in shown.replace(HIDDEN, "") or len(secret) < 4
    assert HIDDEN in shown


def test_what_is_no_secret_stays() -> None:
    """Times, file names, counts, zones and addresses can be read."""
    line = (
        "2018-05-31 10:19:00+08:00 stored 20180531101825.json, 1234567 records from 192.168.1.10:3306/venue"
    )
    assert Masks(["+886912345678", "12"])(line) == line
