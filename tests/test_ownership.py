"""Files that belong to somebody else: named, with the command that fixes it; nothing stops for it."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.venue import Venue, crossing, without_the_power_of_root
from visitorsflow.ownership import FOLDER, READ, WRITE, Own, as_root, own_files, unusable
from visitorsflow.settings import load

NAME = "20180531101900.json"
NOBODY = 65534  # of this name on every Linux
CAMERA = 1  # daemon: stands for the user as whom the camera's program writes
# Who may read everything, since the scripts and Python may lie in a folder that is closed to him.
READS = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *READS]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """This process is nobody for a moment."""
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def made(path: Path, owner: int = 0, mode: int | None = None) -> Path:
    """An empty file, or a folder where the name has no dot."""
    if path.suffix:
        path.touch()
    else:
        path.mkdir()
    path.chmod(mode or (0o600 if path.suffix else 0o755))
    os.chown(path, owner, owner)
    return path


def said(*own: Own) -> str:
    with nobody():
        return str(unusable(own) or "")


def fix(line: str) -> None:
    """Run the one command that is to be run, as root."""
    command = line.rpartition(" run sudo ")[2]
    assert "sudo" not in command
    subprocess.run(["/bin/sh", "-ec", command], check=True)


def test_files_of_root_are_given_away(place: Path) -> None:
    """One command names every file; a folder comes with what is in it; afterwards nothing is to be said."""
    log = made(place / "log")
    own = (
        Own(made(place / "config.py"), READ),
        Own(log, FOLDER),
        Own(made(log / "callAPI.log"), WRITE),
        Own(made(place / "it's.db"), WRITE),
    )
    line = said(*own)
    assert line == (
        f"nobody can't use {place}/config.py, which belongs to root: run sudo chown -R nobody: "
        f"{place}/config.py {log} '{place}/it'\"'\"'s.db'"
    )
    fix(line)
    assert said(*own) == ""
    assert unusable(own) is None


@pytest.mark.parametrize(
    ("need", "owner", "mode", "is_well"),
    [
        (READ, 0, 0o644, True),
        (READ, 0, 0o640, False),
        (WRITE, 0, 0o666, True),
        (WRITE, 0, 0o644, False),
        (WRITE, 0, 0o622, False),
        (WRITE, NOBODY, 0o600, True),
        (WRITE, NOBODY, 0o400, True),
    ],
)
def test_only_what_is_needed_is_asked_for(
    place: Path, need: int, owner: int, mode: int, is_well: bool
) -> None:
    """A file that can be used as needed may belong to anybody; one's own is not to be given to oneself."""
    assert (said(Own(made(place / "one.log", owner, mode), need)) == "") == is_well


@pytest.mark.parametrize(("mode", "is_well"), [(0o777, True), (0o775, False), (0o776, False), (0o773, False)])
def test_a_folder_is_listed_written_and_entered(place: Path, mode: int, is_well: bool) -> None:
    """All three are needed."""
    assert (said(Own(made(place / "log", 0, mode), FOLDER)) == "") == is_well


def test_files_of_another_user(place: Path) -> None:
    """Perhaps the scripts were only started by the wrong one: both ways are said."""
    path = made(place / "callAPI.lock", CAMERA)
    assert said(Own(path, WRITE)) == (
        f"nobody can't use {path}, which belongs to daemon: start this as daemon (sudo -u daemon …), "
        f"or run sudo chown -R nobody: {path}"
    )


def test_the_folder_of_the_cameras_program(place: Path) -> None:
    """It must go on writing there: both may, and nothing that is in it changes hands."""
    folder = made(place / "Files", CAMERA, 0o750)
    inside = made(folder / NAME, CAMERA)
    own = Own(folder, FOLDER, is_shared=True)
    line = said(own, Own(folder / "stored", FOLDER))
    assert line == (
        f"nobody can't use {folder}, which belongs to daemon: "
        f"run sudo install -d -g {NOBODY} -m 2770 {folder}"
    )
    fix(line)
    assert said(own) == ""
    assert (folder.stat().st_uid, folder.stat().st_mode & 0o7777) == (CAMERA, 0o2770)
    assert (inside.stat().st_uid, inside.stat().st_gid) == (CAMERA, CAMERA)


def test_a_shared_folder_of_root(place: Path) -> None:
    """Root can write in it whoever owns it; what is in it stays as it is."""
    own = Own(made(place / "Files"), FOLDER, is_shared=True)
    inside = made(own.path / "other.txt")
    line = said(own)
    assert line.endswith(f"run sudo chown nobody: {own.path}")
    fix(line)
    assert (said(own), inside.stat().st_uid) == ("", 0)


def test_what_is_missing_and_can_not_be_made(place: Path) -> None:
    """The folder is made for this user; the folder that it lies in stays root's."""
    own = (Own(place / "log", FOLDER), Own(place / "log" / "callAPI.lock", WRITE))
    line = said(*own)
    assert line.endswith(f"run sudo install -d -o nobody {place}/log")
    fix(line)
    assert said(*own) == ""
    assert place.stat().st_uid == 0


def test_what_is_missing_in_a_folder_that_is_named_already(place: Path) -> None:
    """Once that can be used, the scripts make the rest."""
    own = (Own(place / "log", FOLDER), Own(place, FOLDER, is_shared=True))
    assert said(*own).endswith(f"run sudo chown nobody: {place}")


def test_a_folder_in_a_home_that_is_closed(place: Path) -> None:
    """The way to it is opened first."""
    home = made(place / "home", CAMERA, 0o700)
    folder = made(home / "Files", NOBODY)
    for own in (Own(folder, FOLDER, is_shared=True), Own(folder / "config.py", READ)):
        assert said(own).endswith(f"start this as daemon (sudo -u daemon …), or run sudo chmod a+x {home}")
    fix(said(own))
    assert said(own) == ""


def test_a_user_without_a_name(place: Path) -> None:
    """A container's user may be a mere number, which chown takes only without the colon."""
    path = made(place / "one.log")
    os.seteuid(54321)
    try:
        line = unusable([Own(path, WRITE)])
    finally:
        os.seteuid(0)
    assert str(line) == (f"54321 can't use {path}, which belongs to root: run sudo chown -R 54321 {path}")


def test_windows_has_no_such_owners(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to say."""
    own = [Own(made(place / "one.log"), WRITE)]
    with nobody(), monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        assert (unusable(own), as_root(place, own)) == (None, None)


def test_what_is_ours(tmp_path: Path) -> None:
    """Each script asks for what it uses; SQLite's files and sessions need the folder for their journals."""
    config = tmp_path / "config.py"
    (tmp_path / "log").mkdir()
    for name in ("visitorsflow.session", "log/uploadData.log", "log/callAPI.log", "other.session"):
        (tmp_path / name).touch()
    day = date(2018, 5, 31)

    def names(text: str, watched: Path | None) -> set[str]:
        config.write_text(text)
        own = own_files(load(config, required=True), config, watched, day)
        return {str(one.path.relative_to(tmp_path)) for one in own}

    mysql = 'host = "h"\nuser = "u"\ndb = "d"\n'
    telegram = 'api_id = 1\napi_hash = "h"\nphone_number = "1"\n'
    report = {"config.py", "log", "log/callAPI.log", "log/callAPI.lock"}
    database = {".", "visitorsflow.db", "visitorsflow.db-wal", "visitorsflow.db-shm"}
    watched = {"in", "in/stored", "in/stored/2018-05-31", "in/rejected", "log/uploadData.log"}
    assert names(mysql + telegram, None) == report
    assert names(mysql, tmp_path / "in") == report | watched
    assert names(telegram, None) == report | database
    sessions = {".", "visitorsflow.session"}
    assert names(mysql + telegram, tmp_path / "in") == report | watched | sessions
    bot = {"visitorsflow-bot-42.session", "visitorsflow-bot-42.session-journal"}
    for name in bot:
        (tmp_path / name).touch()
    assert names(mysql + telegram, tmp_path / "in") == report | watched | sessions | bot


def test_a_folder_of_ours_that_is_a_link(place: Path) -> None:
    """It could lead out of the folder: what is there is not to be given away."""
    made(place / "stored")
    made(place / "Files")
    (place / "Files" / "stored").symlink_to(place / "stored")
    settings = load(place / "config.py", required=False)
    own = own_files(settings, place / "config.py", place / "Files", date(2018, 5, 31))
    with nobody():
        assert str(place / "stored") not in str(unusable(own))


def venue_of(owner: int, place: Path) -> Venue:
    venue = Venue(place / "venue", "")
    for path in (venue.home, *venue.home.rglob("*")):
        os.chown(path, owner, owner)
    return venue


def upload_as_nobody(venue: Venue) -> str:
    command = [*AS_NOBODY, *venue.command("uploadData.py", "--once")]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False).stderr


def test_one_start_as_root(place: Path) -> None:
    """Root is told as whom to start and what it has left; the venue's user what to fix, and then is well."""
    venue = venue_of(NOBODY, place)
    home = venue.home
    venue.run("callAPI.py", "--dry-run")
    as_root = venue.run("callAPI.py", "--dry-run")
    assert f"this runs as root, and {home} belongs to nobody, who can't use what root makes" in as_root.stderr
    assert f"start it as nobody (sudo -u nobody …), after sudo chown -R nobody: {home}/log" in as_root.stderr
    venue.drop(NAME, [crossing("20180531101825")])
    before = upload_as_nobody(venue)
    assert "stored 1 file" not in before
    [line] = [one for one in before.splitlines() if "nobody can't use" in one]
    assert line.endswith(f"run sudo chown -R nobody: {home}/log {home}/visitorsflow.db")
    fix(line)
    after = upload_as_nobody(venue)
    assert "stored 1 file" in after
    assert "belong" not in after


@pytest.mark.parametrize(
    ("mode", "command"), [(0o755, "sudo chown -R root: {0}/config.py"), (0o700, "sudo chmod a+x {0}")]
)
def test_a_config_that_is_somebody_elses(place: Path, mode: int, command: str) -> None:
    """It can't be read at all: exit 2, with the command."""
    venue = venue_of(NOBODY, place)
    venue.home.chmod(mode)
    first = [*without_the_power_of_root(), *venue.command("callAPI.py", "--dry-run")]
    done = subprocess.run(first, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[:2] == [
        f"callAPI: {venue.home}/config.py 讀不出來：沒有權限",
        f"root 不能用 {venue.home}/config.py，它是 nobody 的：請用 nobody 啟動（sudo -u nobody …），"
        f"或執行 {command.format(venue.home)}",
    ]
    assert done.stderr.splitlines()[2:4] == [
        f"callAPI: {venue.home}/config.py can't be read: Permission denied",
        f"root can't use {venue.home}/config.py, which belongs to nobody: start this as nobody "
        f"(sudo -u nobody …), or run {command.format(venue.home)}",
    ]


def test_nothing_is_said_when_all_is_well(sqlite_venue: Venue) -> None:
    """Neither at the first start nor at the next, by either script."""
    for _ in range(2):
        for done in (sqlite_venue.upload(), sqlite_venue.run("callAPI.py", "--dry-run")):
            assert not {"root", "sudo", "belong"} & set(done.stderr.split())
