"""uploadData.py as a process: files in every way they come, into both databases."""

import fcntl
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import forks
from tests.venue import (
    PROJECT,
    Row,
    Venue,
    as_json,
    crossing,
    some_crossings,
    truth,
    wait_until,
    without_the_power_of_root,
)
from visitorsflow.intake.inbox import LARGEST_FILE, Inbox

NAME = "20180531101900.json"


def test_files_in_every_way_they_come(venue: Venue, tmp_path: Path) -> None:
    """However a file gets into the folder, each of its crossings is stored once and the file is put away."""
    expected: set[Row] = set()
    outside = tmp_path / "outside"
    outside.mkdir()

    def comes(name: str, count: int = 3) -> bytes:
        content = some_crossings(name[:14], count)
        expected.update(truth(name, content))
        return as_json(content)

    (venue.folder / "20180531100000.json").write_bytes(comes("20180531100000.json"))  # there at start
    (venue.folder / "Thumbs.db").write_bytes(b"x")
    (venue.folder / ".DS_Store").write_bytes(b"x")
    (venue.folder / ".20180531100009.json").write_bytes(b"x")
    (venue.folder / "20180531100009.json.tmp").write_bytes(b"[]")
    left_alone = {"Thumbs.db", ".DS_Store", ".20180531100009.json", "20180531100009.json.tmp"}

    with venue.uploading():
        # In place, in one go.
        (venue.folder / "20180531100001.json").write_bytes(comes("20180531100001.json"))
        # In slow pieces, closed and opened again in between, each time for longer than a pass takes.
        raw = comes("20180531100002.json", 20)
        for start in range(0, len(raw), len(raw) // 4):
            with (venue.folder / "20180531100002.json").open("ab") as stream:
                stream.write(raw[start : start + len(raw) // 4])
            time.sleep(0.1)
        # Under another name, then renamed.
        for suffix in (".tmp", ".part"):
            name = f"201805311000{len(suffix):02}.JSON"
            (venue.folder / f"{name}{suffix}").write_bytes(comes(name))
            (venue.folder / f"{name}{suffix}").rename(venue.folder / name)
        # Moved in, and hard-linked in.
        for name, put in (("20180531100010.json", os.rename), ("20180531100011.json", os.link)):
            (outside / name).write_bytes(comes(name))
            put(outside / name, venue.folder / name)
        # In sub-folders, old and new.
        (venue.folder / "camera").mkdir()
        (venue.folder / "camera" / "20180531100012.json").write_bytes(comes("20180531100012.json"))
        venue.drop("deeper/and/deeper/20180531100013.json", comes("20180531100013.json"))
        # The same name twice with the same content, then with more records.
        for count in (2, 2, 7):
            name = "20180531100014.json"
            wait_until(lambda: not (venue.folder / "20180531100014.json").exists())
            (venue.folder / name).write_bytes(comes(name, count))
        # Many at once.
        many = tmp_path / "many"
        many.mkdir()
        for number in range(2000):
            name = f"20180601{number // 3600:02}{number // 60 % 60:02}{number % 60:02}.json"
            (many / name).write_bytes(comes(name, 2))
        for path in many.iterdir():
            path.rename(venue.folder / path.name)
        wait_until(lambda: venue.waiting() == left_alone, "everything is put away")
    assert set(venue.rows()) == expected
    assert len(venue.rows()) == len(expected)
    assert len(venue.names("stored")) == 2000 + 11 + 1
    assert not (venue.folder / "rejected").exists()


def test_the_line_of_a_batch(sqlite_venue: Venue) -> None:
    """It says how many files and records, from which camera, up to which time; and which database it is."""
    for number in range(3):
        sqlite_venue.drop(f"2018053110190{number}.json", some_crossings("20180531101825", 20))
    done = sqlite_venue.upload()
    assert done.returncode == 0
    assert "stored 3 files, 60 crossings from camera 17 up to 2018-05-31 10:18:44" in done.stderr
    assert f"{sqlite_venue.folder} -> SQLite {sqlite_venue.home}/visitorsflow.db, camera 17" in done.stderr
    assert (sqlite_venue.home / "log" / "uploadData.log").read_text("utf-8") == done.stderr


def test_bad_input_has_a_reason_beside_it_and_is_kept(venue: Venue) -> None:
    """Each kind of bad file: moved to rejected/ unchanged, with a reason; good records are stored."""
    good = crossing("20180531101825")
    bad = {
        "truncated.json": (as_json([good])[:-2], "is not (whole) JSON"),
        "empty.json": (b"", "is empty"),
        "latin.json": (b'["\xff"]', "is not UTF-8 text: at byte 3"),
        "utf16.json": ("[]".encode("utf-16"), "it looks like UTF-16"),
        "number.json": (b"17", "holds 17 where a list of crossings is expected"),
        "deep.json": (b"[" * 100_000 + b"]" * 100_000, "is nested too deeply"),
        "a 'quoted\" name; DROP TABLE PeopleFlow.json": (b"{", "is not (whole) JSON"),
        "new\nline \x1b[31m.json": (b"{", "is not (whole) JSON"),
        "花\U0001f600.json": (b"{", "is not (whole) JSON"),
        os.fsdecode(b"undecodable \xff.json"): (b"{", "is not (whole) JSON"),
        "x" * 250 + ".json": (b"{", "is not (whole) JSON"),
    }
    for name, (raw, _) in bad.items():
        (venue.folder / name).write_bytes(raw)
    with (venue.folder / "huge.json").open("wb") as stream:
        stream.truncate(200 * 2**20)
    (venue.folder / "folder.json").mkdir()
    (venue.folder / "folder.json" / "inside.json").write_bytes(b"[]")
    secret = venue.home / "secret.json"
    secret.write_bytes(as_json([crossing("20180531235959", 666)]))
    (venue.folder / "link.json").symlink_to(secret)
    (venue.folder / "dangling.json").symlink_to("nowhere")
    os.mkfifo(venue.folder / "pipe.json")
    bad_record = b'{"ID": 1e999, "inOut":0, "time": "20180531101825"}'
    mixed = as_json([good])[:-1] + b", " + bad_record + b", null]"
    (venue.folder / NAME).write_bytes(mixed)
    (venue.folder / "20180531101901.json").write_bytes(b"\xef\xbb\xbf" + as_json([good]))

    done = venue.upload()
    assert done.returncode == 1
    assert venue.waiting() == set()
    assert set(venue.rows()) == truth(NAME, [good]) | truth("20180531101901.json", [good])

    rejected = venue.folder / "rejected"
    for name, (raw, reason) in bad.items():
        kept = name if len(name) < 200 else next(p.name for p in rejected.glob("xxx*.json"))
        assert (rejected / kept).read_bytes() == raw
        assert reason in venue.reason(kept)
        assert venue.reason(kept).count("\n") == 5, "a name can't forge a line: two, a blank, two in Chinese"
    assert "is larger than 64 MB" in venue.reason("huge.json")
    assert (rejected / "huge.json").stat().st_size == 200 * 2**20
    assert "is a folder" in venue.reason("folder.json")
    assert (rejected / "folder.json" / "inside.json").read_bytes() == b"[]"
    for name in ("link.json", "dangling.json"):
        assert "is a symbolic link" in venue.reason(name)
        assert (rejected / name).is_symlink()
    assert stat.S_ISFIFO((rejected / "pipe.json").stat().st_mode)
    assert (rejected / NAME).read_bytes() == mixed
    assert venue.reason(NAME).splitlines()[:3] == [
        f"{NAME}: 2 of 3 records rejected, the rest stored.",
        f"record 2: ID is inf, which is no whole number: {bad_record.decode()}",
        "record 3: is null where an object is expected: null",
    ]
    assert venue.names("stored") == {NAME, "20180531101901.json"}
    log = (venue.home / "log" / "uploadData.log").read_text("utf-8")
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in log.splitlines()), "no forged lines"
    assert "\x1b" not in log


def test_a_file_without_permission_to_read(sqlite_venue: Venue) -> None:
    """It is rejected with that reason; its content is untouched."""
    path = sqlite_venue.drop(NAME, [crossing("20180531101825")])
    path.chmod(0)
    command = sqlite_venue.command("uploadData.py", "--once")
    done = subprocess.run([*without_the_power_of_root(), *command], timeout=50, check=False)
    assert done.returncode == 1
    assert "can't be opened: Permission denied" in sqlite_venue.reason(NAME)
    (sqlite_venue.folder / "rejected" / NAME).chmod(0o600)
    assert (sqlite_venue.folder / "rejected" / NAME).read_bytes() == as_json([crossing("20180531101825")])


def test_a_fixed_file_is_stored_when_it_is_moved_back(sqlite_venue: Venue) -> None:
    """To try again: fix it, move it back into the folder."""
    sqlite_venue.drop(NAME, [crossing("20180531101825"), {"ID": 2, "inOut": 0}])
    assert sqlite_venue.upload().returncode == 1
    [record] = [{"ID": 2, "inOut": 0, "time": "20180531101826"}]
    (sqlite_venue.folder / "rejected" / NAME).rename(sqlite_venue.drop(NAME, []))
    sqlite_venue.drop(NAME, [record])
    assert sqlite_venue.upload().returncode == 0
    assert set(sqlite_venue.rows()) == truth(NAME, [crossing("20180531101825"), record])


def test_a_fixed_record_that_is_alike_to_another(venue: Venue) -> None:
    """Two alike records of a simple counter, one of them bad: fixed and moved back, both count."""
    good = crossing("20180531101825")
    venue.drop(NAME, [good, {**good, "time": "noon"}, good])
    assert venue.upload().returncode == 1
    assert len(venue.rows()) == 2
    rejected = venue.folder / "rejected" / NAME
    fixed = rejected.read_text("utf-8").replace("noon", good["time"])
    rejected.unlink()
    venue.drop(NAME, fixed.encode())
    assert venue.upload().returncode == 0
    assert set(venue.rows()) == truth(NAME, [good, good, good])


def test_names_are_never_overwritten(sqlite_venue: Venue) -> None:
    """The same name again goes to NAME.1.json, NAME.2.json …, and nothing that was archived changes."""
    contents = [some_crossings("20180531101825", count) for count in (1, 2, 3)]
    for content in contents:
        sqlite_venue.drop(NAME, content)
        sqlite_venue.drop("bad.json", as_json(content)[:-1])
        assert sqlite_venue.upload().returncode == 1
    for folder, stem in (("stored/*", "20180531101900"), ("rejected", "bad")):
        found = [sqlite_venue.folder.glob(f"{folder}/{stem}{n}.json") for n in ("", ".1", ".2")]
        sizes = [next(paths).stat().st_size for paths in found]
        assert sizes == sorted(set(sizes))


def test_a_crash_between_commit_and_move_adds_nothing(venue: Venue) -> None:
    """The file is replayed: its rows are there, its rejected records are there, once."""
    content = [*some_crossings("20180531101825", 5), {"ID": "x"}]
    venue.drop(NAME, content)
    venue.upload()
    [stored] = venue.folder.glob("stored/*/*.json")
    stored.rename(venue.folder / NAME)  # as if the move had not happened
    assert venue.upload().returncode == 1
    assert set(venue.rows()) == truth(NAME, content[:-1])
    assert venue.names("rejected") == {NAME}


def test_a_file_rewritten_while_it_is_put_away_is_read_again(sqlite_venue: Venue) -> None:
    """Files rewritten in place again and again, at any moment: no record of any version is lost."""
    versions = [some_crossings("20180531101825", count) for count in range(1, 150)]
    with sqlite_venue.uploading():
        for content in versions:
            (sqlite_venue.folder / NAME).write_bytes(as_json(content))
        wait_until(lambda: not sqlite_venue.waiting())
        wait_until(lambda: set(sqlite_venue.rows()) == truth(NAME, versions[-1]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_0(sqlite_venue: Venue, number: signal.Signals) -> None:
    """Ctrl-C and a service manager end it in order, without a traceback."""
    with sqlite_venue.uploading() as process:
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        wait_until(lambda: not sqlite_venue.waiting())
        process.send_signal(number)
        assert process.wait(5) == 0
    assert "stopped; what is in the folder waits for the next start" in sqlite_venue.terminal()
    assert "Traceback" not in sqlite_venue.terminal()


def test_exit_codes_and_options(tmp_path: Path) -> None:
    """--version, --help; a wrong word, a wrong setting and a missing config.py are 2, in one line."""
    script = [sys.executable, str(PROJECT / "uploadData.py")]

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*script, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path
        )

    assert run("--version").stdout == "VisitorsFlow 2.0.0\n"
    assert "--once" in run("--help").stdout
    assert run("--onse").returncode == 2
    assert run("--config", "none.py").stderr == (
        "uploadData: none.py 讀不出來：找不到檔案或資料夾\n"
        "uploadData: none.py can't be read: No such file or directory\n"
    )
    (tmp_path / "config.py").write_text('wach_folder = "x"')
    wrong = run("--config", "config.py")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "uploadData: config.py：沒有 wach_folder 這個設定；是不是 watch_folder？\n"
        "uploadData: config.py: unknown setting wach_folder; did you mean watch_folder?\n",
    )


def test_the_folder(tmp_path: Path) -> None:
    """It is made when missing; the argument goes before watch_folder; a file in its place is said."""
    venue = Venue(tmp_path / "venue", "")
    venue.configure(watch_folder="made/here")
    with venue.uploading():
        wait_until((venue.home / "made" / "here").is_dir)
    assert f"there is no folder {venue.home}/made/here: {venue.home}/made is missing; it is made now" in (
        venue.terminal()
    )
    with venue.uploading(str(tmp_path / "other")):
        wait_until((tmp_path / "other").is_dir)
    (tmp_path / "file").write_bytes(b"")
    refused = venue.upload(str(tmp_path / "file"))
    assert refused.returncode == 2
    assert refused.stderr.endswith(f"uploadData: 資料夾 {tmp_path}/file 建立不了：已經有同名的檔案\n")


def test_once_makes_no_folder(tmp_path: Path) -> None:
    """Whoever mistypes its name learns so, and what looks like it: exit 2, nothing is made."""
    venue = Venue(tmp_path / "venue", "")
    venue.configure(watch_folder="Filse")
    done = venue.upload()
    assert done.returncode == 2
    assert f"沒有 {venue.home}/Filse 這個資料夾：找不到 {venue.home}/Filse；是不是 Files？" in done.stderr
    assert "請建立這個資料夾，或把路徑改對（config.py 的 watch_folder）" in done.stderr
    assert not (venue.home / "Filse").exists()
    done = venue.upload(str(tmp_path / "Venue" / "Files"))
    assert f"找不到 {tmp_path}/Venue；是不是 venue？" in done.stderr


def test_what_a_file_grows_by_while_it_is_read_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is read than was there: a writer that never ends can't fill the memory."""
    path = tmp_path / NAME
    path.write_bytes(b"[]")
    inbox = Inbox(tmp_path, 10)
    [file] = inbox.pending().files

    look = os.fstat

    def look_and_grow(descriptor: int) -> os.stat_result:
        status = look(descriptor)
        path.write_bytes(b"[]" + b" " * 1_000_000)
        return status

    with monkeypatch.context() as patched:
        patched.setattr("visitorsflow.intake.files._may_ask", False)  # else the kernel has this writer wait
        patched.setattr(os, "fstat", look_and_grow)
        raw, stamp, _ = inbox.read(file)
    assert len(raw) <= 3
    assert stamp == file.stamp


def test_cycles_are_looked_for_as_usual(sqlite_venue: Venue) -> None:
    """Only while it starts are they not: in months, what they hold would be a lot of memory."""
    first = (
        "import gc; usual = gc.get_threshold()\n"
        "from visitorsflow.intake.uploader import Uploader; once = Uploader.once\n"
        "Uploader.once = lambda self: (print('as usual:', gc.get_threshold() == usual), once(self))[1]"
    )
    done = sqlite_venue.run("uploadData.py", "--once", first=first)
    assert "as usual: True" in done.stdout


def test_the_limit_of_a_file_leaves_room_for_real_ones() -> None:
    """64 MB, as the README says."""
    assert LARGEST_FILE == 64 * 1024 * 1024


@pytest.mark.parametrize("folder", [".", "..", "/"])
def test_a_folder_that_is_not_the_cameras(sqlite_venue: Venue, folder: str) -> None:
    """One that holds config.py or the scripts would sweep up files that are none of ours."""
    (sqlite_venue.home / "package.json").write_bytes(b"{}")
    sqlite_venue.configure(watch_folder=folder)
    refused = sqlite_venue.upload()
    assert refused.returncode == 2
    assert "請給攝影機一個專用的資料夾" in refused.stderr
    assert (sqlite_venue.home / "package.json").exists()
    assert sqlite_venue.upload("").returncode == 2


def test_one_file_that_can_not_be_moved_does_not_hold_up_the_others(sqlite_venue: Venue) -> None:
    """It is tried again later; what comes meanwhile is stored at once."""
    stuck = sqlite_venue.drop("stuck/20180531101900.json", [crossing("20180531101825")])
    stuck.parent.chmod(0o555)
    with sqlite_venue.uploading(before=without_the_power_of_root()):
        wait_until(lambda: "can't be moved" in sqlite_venue.terminal())
        for second in range(10, 20):
            sqlite_venue.drop(f"201805311019{second}.json", [crossing("20180531101825")])
            wait_until(lambda: sqlite_venue.waiting() == {"20180531101900.json"}, seconds=3)
        stuck.parent.chmod(0o755)
        wait_until(lambda: not sqlite_venue.waiting())
        wait_until(lambda: "the folder works again" in sqlite_venue.terminal())
    assert len(sqlite_venue.rows()) == 11


def test_a_sub_folder_that_can_not_be_listed(sqlite_venue: Venue) -> None:
    """It is said, the rest is worked off, and --once does not call it all stored."""
    locked = sqlite_venue.drop("locked/20180531101900.json", [crossing("20180531101825")]).parent
    sqlite_venue.drop("20180531101901.json", [crossing("20180531101825")])
    locked.chmod(0)
    command = [*without_the_power_of_root(), *sqlite_venue.command("uploadData.py", "--once")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1
    assert "locked can't be listed: Permission denied" in done.stderr
    assert len(sqlite_venue.rows()) == 1


def test_rejected_records_are_kept_once_while_the_move_is_refused(sqlite_venue: Venue) -> None:
    """However often the file is tried; also when rejected/ has another file of that name."""
    for number in range(3):
        sqlite_venue.drop(NAME, [{"ID": number}])
        sqlite_venue.upload()
    before = sorted(sqlite_venue.names("rejected"))
    [stored] = (sqlite_venue.folder / "stored").glob("*/20180531101900.1.json")
    for _ in range(3):
        stored = stored.rename(sqlite_venue.folder / NAME)  # a crash came before the move
        sqlite_venue.upload()
        stored = max((sqlite_venue.folder / "stored").glob("*/*.json"), key=lambda path: path.stat().st_ctime)
    assert sorted(sqlite_venue.names("rejected")) == before


def test_an_alike_file_again_is_a_sign_of_life(sqlite_venue: Venue) -> None:
    """Even one of the same name, size and time: the same file linked in again and again."""
    alive = sqlite_venue.home / "alive.json"
    alive.write_bytes(b"[]")
    sqlite_venue.configure(idle_seconds=4)
    with sqlite_venue.uploading():
        for _ in range(12):
            os.link(alive, sqlite_venue.folder / NAME)
            wait_until(lambda: not sqlite_venue.waiting())
            time.sleep(0.5)
        assert "沒有資料了" not in sqlite_venue.terminal()


def test_a_terminal_that_nobody_reads(sqlite_venue: Venue) -> None:
    """Ctrl-S, a stuck pager: storing goes on, the log file has it all, and SIGTERM still ends it with 0."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = forks.start(sqlite_venue.command("uploadData.py"), stdout=writing, stderr=writing)
    for number in range(200):
        sqlite_venue.drop(f"bad{number:03}.json", b"{")  # each makes a line
    wait_until(lambda: not sqlite_venue.waiting())
    sqlite_venue.drop(NAME, [crossing("20180531101825")])
    wait_until(lambda: not sqlite_venue.waiting())
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    for end in (reading, writing):
        os.close(end)
    assert set(sqlite_venue.rows()) == truth(NAME, [crossing("20180531101825")])
    assert (sqlite_venue.home / "log" / "uploadData.log").read_text("utf-8").count("rejected: bad") == 200
