"""Whatever happens to the folder, its disk and its events."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.camera import Camera
from tests.faults.clocks import Clocks, alerts
from tests.faults.conftest import Scene
from tests.venue import Venue, some_crossings, truth, wait_until, without_the_power_of_root
from visitorsflow.errors import DatabaseAway, DatabaseRefuses
from visitorsflow.facts import Crossing
from visitorsflow.intake import archive, files

NO_EVENTS = """
import watchdog.observers.api
def schedule(*_arguments, **_options):
    raise OSError(28, "inotify watch limit reached")
watchdog.observers.api.BaseObserver.schedule = schedule
"""
EVENTS_DIE = """
import watchdog.observers.inotify as inotify
real = inotify.InotifyEmitter.queue_events
def queue_events(self, *arguments, **options):
    real(self, *arguments, **options)
    raise SystemExit
inotify.InotifyEmitter.queue_events = queue_events
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 1 MB and 200 files; mounting it takes root, which CI is."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=200", "tmpfs", str(disk)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode and "CI" not in os.environ:
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr}")
    assert mounted.returncode == 0, mounted.stderr
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Use up all blocks and all files of a disk; returns the folder to delete for room."""
    ballast = disk / "ballast"
    ballast.mkdir()
    with contextlib.suppress(OSError), (ballast / "blocks").open("wb", buffering=0) as stream:
        while stream.write(b"x" * 512):
            pass
    with contextlib.suppress(OSError):
        for number in itertools.count():
            (ballast / str(number)).touch()
    return ballast


def test_the_disk_is_full(scene: Scene, small_disk: Path) -> None:
    """No room for stored/ and rejected/: files stay, are stored once, and go when there is room."""
    venue = scene.venue
    venue.folder = small_disk / "Files"
    venue.folder.mkdir()
    good = some_crossings("20180531101825", 3)
    names = [f"201805311019{second:02}.json" for second in range(5)]
    for name in names:
        venue.drop(name, [*good, {"ID": "bad"}])
    venue.drop("bad.json", b"{")
    ballast = fill(small_disk)
    with venue.uploading(str(venue.folder)) as process:
        wait_until(lambda: "No space left on device" in venue.terminal())
        wait_until(lambda: set(venue.rows()) == set().union(*(truth(name, good) for name in names)))
        assert process.poll() is None
        assert venue.waiting() == {*names, "bad.json"}
        shutil.rmtree(ballast)
        wait_until(lambda: not venue.waiting(), seconds=45)
        wait_until(lambda: "the folder works again" in venue.terminal())
    assert set(venue.rows()) == set().union(*(truth(name, good) for name in names))
    assert venue.names("rejected") == {*names, "bad.json"}
    assert all(venue.reason(name) for name in names)


def test_no_permission_to_rename(scene: Scene) -> None:
    """The files are stored, can't be moved, are stored again (which adds nothing), and go when they may."""
    scene.write(18)
    folder = scene.venue.folder
    for path in (folder, folder / "lane 2"):
        path.chmod(0o555)
    with scene.venue.uploading(before=without_the_power_of_root()):
        wait_until(lambda: "Permission denied" in scene.venue.terminal())
        wait_until(lambda: set(scene.venue.rows()) == scene.camera.truth)
        for path in (folder, folder / "lane 2"):
            path.chmod(0o755)
        scene.wait_until_all_is_stored()
    scene.check()


def test_the_folder_is_removed_and_made_again(scene: Scene) -> None:
    """While it is away that is said, not that no data comes; then it is watched again."""
    scene.venue.configure(idle_seconds=1.5)
    with scene.venue.uploading():
        scene.write(9)
        scene.wait_until_all_is_stored()
        shutil.rmtree(scene.venue.folder)
        wait_until(lambda: "can't be listed: No such file or directory" in scene.venue.terminal())
        time.sleep(4)  # it is this time in which nothing may be said, more than twice `idle_seconds`
        silent = scene.venue.terminal().count("沒有資料了")
        scene.venue.folder.mkdir()
        for _ in range(3):
            scene.write(9)
            scene.wait_until_all_is_stored()
        assert silent <= 1, "the silence before it was removed, at most"
    scene.check()


@pytest.mark.parametrize("first", [NO_EVENTS, EVENTS_DIE], ids=["no events", "the observer's threads die"])
def test_a_folder_without_events(scene: Scene, first: str) -> None:
    """A network share, an inotify limit, a dead thread: the listing every five seconds finds all."""
    with scene.venue.uploading(first=first):
        for _ in range(3):
            scene.write(9)
            scene.wait_until_all_is_stored()
    scene.check()


@pytest.mark.timeout(150)
@pytest.mark.long
def test_more_events_than_the_queue_holds(scene: Scene, tmp_path: Path) -> None:
    """20,000 files are moved in while the process sleeps (SIGSTOP): the kernel's queue (16,384) overflows."""
    many = tmp_path / "many"
    many.mkdir()
    camera = Camera(many, records=1)
    for _ in range(20_000):
        camera.in_one_go(f"{datetime(2018, 6, 1) + timedelta(seconds=camera.files):%Y%m%d%H%M%S}.json")
        camera.files += 1
    with scene.venue.uploading() as process:
        scene.write(9)
        scene.wait_until_all_is_stored()
        process.send_signal(signal.SIGSTOP)
        for path in many.iterdir():
            path.rename(scene.venue.folder / path.name)
        process.send_signal(signal.SIGCONT)
        scene.wait_until_all_is_stored()
        scene.write(9)
        scene.wait_until_all_is_stored()
    scene.camera.truth |= camera.truth
    scene.check()


@pytest.fixture
def clocks(sqlite_venue: Venue) -> Iterator[Clocks]:
    """At noon, with an idle limit of a minute."""
    clocks = Clocks(sqlite_venue)
    yield clocks
    clocks.table.database.close()


def test_a_clock_that_jumps(clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    """An hour forth and back: no false alert, no missed one, and every file stored and put away."""
    expected = set()
    for second in range(0, 600, 20):
        name = f"{datetime(2018, 5, 31) + timedelta(seconds=second):%Y%m%d%H%M%S}.json"
        content = some_crossings("20180531101825", 2)
        expected |= truth(name, content)
        clocks.venue.drop(name, content)
        clocks.pass_at(second, datetime(2018, 5, 31, 12 + second // 100 % 3))
        assert clocks.venue.waiting() == set()
    assert alerts(caplog) == []
    for second, hour in ((639, 17), (640, 5), (641, 12), (700, 21)):
        clocks.pass_at(second, datetime(2018, 5, 31, hour))
    assert alerts(caplog) == ["已經一分鐘沒有資料了，快去查看一下吧 [2018-05-31 05:00:00]"]
    assert set(clocks.venue.rows()) == expected


def test_a_machine_that_was_suspended(clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    """The monotonic clock stands still, the wall clock goes on: a night asleep is no silence."""
    clocks.pass_at(30)
    clocks.pass_at(30.1, datetime(2018, 6, 1, 8))
    assert alerts(caplog) == []
    clocks.pass_at(59)
    assert alerts(caplog) == []
    clocks.pass_at(60)
    assert alerts(caplog) == ["已經一分鐘沒有資料了，快去查看一下吧 [2018-06-01 08:00:29]"]


def test_a_folder_that_can_not_be_read_has_its_own_message(
    clocks: Clocks, caplog: pytest.LogCaptureFixture
) -> None:
    """After half a minute once, and when it is well again; meanwhile nobody says that no data comes."""
    clocks.pass_at(5)
    clocks.venue.folder.rename(clocks.venue.home / "away")
    for second in range(10, 200, 5):
        clocks.pass_at(second)
    (clocks.venue.home / "away").rename(clocks.venue.folder)
    clocks.pass_at(200)
    clocks.pass_at(254)
    assert alerts(caplog) == [
        f"資料夾有問題，檔案無法處理：{clocks.venue.folder}（找不到檔案或資料夾） [2018-05-31 12:00:40]",
        "資料夾恢復正常 [2018-05-31 12:03:20]",
    ]
    clocks.pass_at(255)
    assert "沒有資料了" in alerts(caplog)[-1]


def test_a_defect_is_told_and_does_not_end_it(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody thought of: one traceback, an alert after half a minute, and it goes on."""
    with monkeypatch.context() as broken:
        broken.setattr(clocks.table, "insert", lambda _crossings: 1 // 0)
        clocks.venue.drop("20180531101900.json", some_crossings("20180531101825", 1))
        for second in range(0, 50, 5):
            clocks.pass_at(second)
    assert [record.exc_info is not None for record in caplog.records].count(True) == 1
    assert "ZeroDivisionError" in alerts(caplog)[0]
    clocks.pass_at(50)
    assert clocks.venue.waiting() == set()
    assert "程式恢復正常" in alerts(caplog)[-1]
    assert not any("資料夾" in text for text in alerts(caplog)), "the folder is not the matter"


def test_the_database_and_the_folder_away_at_once(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One switch dies: both are told, and the loop sleeps between its looks at the folder."""
    monkeypatch.setattr(clocks.table, "prepare", lambda: away())
    clocks.venue.drop("20180531101900.json", some_crossings("20180531101825", 1))
    clocks.venue.drop("half.json", b"{")
    clocks.pass_at(1)
    clocks.venue.folder.rename(clocks.venue.home / "away")
    for second in range(5, 95, 5):
        assert clocks.pass_at(second) == 5
    told = sorted(text.partition("，")[0] for text in alerts(caplog))
    assert told == ["資料夾有問題", "資料庫連不上"]
    assert "資料庫連不上，2 個檔案等待中" in caplog.text


def test_the_database_goes_again_while_it_catches_up(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message that it is away, one that it is back, with all files stored in between."""
    for second in range(12):
        clocks.venue.drop(f"201805311019{second:02}.json", some_crossings("20180531101825", 1))
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 5)
    insert = clocks.table.insert
    batches = iter(["away"] * 5 + ["there"] + ["away"] * 5 + ["there"] * 5)
    monkeypatch.setattr(clocks.table, "insert", lambda c: away() if next(batches) == "away" else insert(c))
    for second in range(0, 300, 15):
        clocks.pass_at(second)
    told = [text for text in alerts(caplog) if "資料庫" in text]
    assert [text.partition(" [")[0] for text in told] == [
        "資料庫連不上，12 個檔案等待中",
        "資料庫恢復，已補存 12 個檔案",
    ]


def test_a_database_that_is_away_and_refuses_by_turns(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy leads to a dead server and to a read-only one: told after half a minute, as one trouble."""
    errors = itertools.cycle([DatabaseAway("gone"), DatabaseRefuses("read-only")])

    def fails(_crossings: object) -> int:
        raise next(errors)

    clocks.venue.drop("20180531101900.json", some_crossings("20180531101825", 1))
    with monkeypatch.context() as broken:
        broken.setattr(clocks.table, "insert", fails)
        for second in range(0, 300, 5):
            clocks.pass_at(second)
    told = [text.partition("，")[0] for text in alerts(caplog) if "資料庫" in text]
    assert told[0] in ("資料庫連不上", "資料庫拒絕存入")
    assert "12:00:30" in next(text for text in alerts(caplog) if "資料庫" in text)
    assert len(told) <= 2


def test_a_sub_folder_that_can_not_be_listed(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has its own message; silence goes on being counted by what can be seen; so does a worse trouble."""
    (clocks.venue.folder / "lane 2").mkdir()
    scandir = os.scandir

    def failing(folder: str) -> object:
        if folder.endswith("lane 2"):
            raise OSError(5, "Input/output error")
        return scandir(folder)

    with monkeypatch.context() as broken:
        broken.setattr(os, "scandir", failing)
        for second in range(0, 75, 5):
            clocks.pass_at(second)
        clocks.venue.drop("20180531101900.json", some_crossings("20180531101825", 1))
        (clocks.venue.folder / "stored").symlink_to("nowhere")
        for second in range(75, 120, 5):
            clocks.pass_at(second)
    clocks.pass_at(120)
    assert [text.partition("：")[0].partition(" [")[0] for text in alerts(caplog)] == [
        "資料夾有一部分讀不到，其他檔案照常處理",
        "已經一分鐘沒有資料了，快去查看一下吧",
        "資料恢復了，中斷 1 分鐘",
        "有檔案無法處理",
        "資料夾已全部可以讀取",
    ]
    assert "lane 2（硬碟讀寫錯誤）" in alerts(caplog)[0]


def test_an_entry_that_can_not_be_looked_at(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged inode in the folder itself: it is told, and all else is stored."""

    class Damaged:
        name, path = "bad.json", str(clocks.venue.folder / "bad.json")

        def stat(self, **_: object) -> None:
            raise OSError(117, "Structure needs cleaning")

    scandir = os.scandir

    @contextlib.contextmanager
    def damaged(folder: str) -> Iterator[list[object]]:
        with scandir(folder) as entries:
            yield [Damaged(), *entries]

    with monkeypatch.context() as broken:
        broken.setattr(os, "scandir", damaged)
        clocks.venue.drop("20180531101900.json", some_crossings("20180531101825", 1))
        for second in range(0, 35, 5):
            clocks.pass_at(second)
    clocks.pass_at(35)
    assert clocks.venue.waiting() == set()
    assert [text.partition("：")[0].partition(" [")[0] for text in alerts(caplog)] == [
        "資料夾有一部分讀不到，其他檔案照常處理",
        "資料夾已全部可以讀取",
    ]
    assert "bad.json（Structure needs cleaning）" in alerts(caplog)[0]


def test_a_name_that_leads_to_no_file(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share's character set, or its stale cache: said after ten minutes like others, and its end."""
    scandir = os.scandir

    class Unfound:
        name, path = "?.json", str(clocks.venue.folder / "?.json")

        def stat(self, **_: object) -> None:
            raise FileNotFoundError(2, "No such file or directory")

    @contextlib.contextmanager
    def listed(folder: str) -> Iterator[list[object]]:
        with scandir(folder) as entries:
            yield [Unfound(), *entries]

    with monkeypatch.context() as broken:
        broken.setattr(os, "scandir", listed)
        for second in range(0, 650, 5):
            if second % 30 == 0:
                clocks.venue.drop(f"{second}.json", [])
            clocks.pass_at(second)
    assert alerts(caplog) == ["有檔案等了十分鐘還沒寫完，請檢查攝影機的程式：?.json [2018-05-31 12:10:30]"]
    clocks.pass_at(655)
    assert alerts(caplog)[1:] == ["先前卡住的檔案處理好了 [2018-05-31 12:10:55]"]


def test_a_listing_that_takes_minutes_is_not_blind(
    clocks: Clocks, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow share, silence counts from listing to listing, as long as each of them succeeds."""
    scandir = os.scandir

    @contextlib.contextmanager
    def slow(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        with scandir(folder) as entries:
            yield entries
        clocks.monotonic += 70
        clocks.wall += timedelta(seconds=70)

    clocks.pass_at(1)
    monkeypatch.setattr(os, "scandir", slow)
    clocks.pass_at(2)
    assert [text.partition("，")[0] for text in alerts(caplog)] == ["已經一分鐘沒有資料了"]


def test_a_listing_that_takes_minutes_ends_with_the_program(sqlite_venue: Venue) -> None:
    """SIGTERM does not wait for the rest of a slow share; what was not listed is no silence and no end."""
    begun = sqlite_venue.home / "begun"
    slow = (
        "import os, time, contextlib; real = os.scandir\n"
        "def entries(folder):\n"
        "    with real(folder) as found:\n"
        "        for one in found:\n"
        "            time.sleep(0.3); yield one\n"
        f"            open({str(begun)!r}, 'a').close()\n"
        "@contextlib.contextmanager\n"
        "def scandir(folder): yield entries(folder)\n"
        "os.scandir = scandir"
    )
    for number in range(100):
        sqlite_venue.drop(f"{number}.json", [])
    with sqlite_venue.uploading(first=slow) as process:
        wait_until(begun.exists, "the midst of its listing, which takes half a minute")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert time.monotonic() - began < 5
    assert len(sqlite_venue.waiting()) == 100


def test_what_can_not_be_moved_is_not_called_unfinished(
    clocks: Clocks, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk that is full for an hour has one message, its own; nobody looks for a writer."""
    (clocks.venue.folder / "stored").symlink_to("nowhere")
    clocks.venue.drop("20180531101900.json", some_crossings("20180531101825", 1))
    for second in range(0, 3600, 20):
        clocks.pass_at(second)
    said = [text.partition("：")[0] for text in alerts(caplog) if "沒有資料" not in text]
    assert said == ["有檔案無法處理"]


def test_lost_and_found_is_not_the_cameras(clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    """A folder of the file system's own, which only root may list."""
    (clocks.venue.folder / "lost+found").mkdir()
    clocks.venue.drop("lost+found/20180531101900.json", some_crossings("20180531101825", 1))
    clocks.pass_at(0)
    assert "stored" not in caplog.text


def away() -> int:
    raise DatabaseAway("gone")


def test_files_that_can_not_be_moved_do_not_starve_new_ones(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once their rows are committed, only their move is tried again; they are not inserted again."""
    clocks = Clocks(sqlite_venue)
    real, insert = files.rename, clocks.table.insert
    inserted: list[int] = []
    stuck = True

    def rename(source: str, path: str) -> None:
        if stuck and "stuck" in source:
            raise PermissionError(13, "Permission denied")
        real(source, path)

    def counted(crossings: Iterable[Crossing]) -> int:
        rows = list(crossings)
        inserted.append(len(rows))
        return insert(rows)

    monkeypatch.setattr(archive, "rename", rename)
    monkeypatch.setattr(clocks.table, "insert", counted)
    records = some_crossings("20180531101825", 3)
    for number in range(20):
        sqlite_venue.drop(f"stuck{number}.json", records)
    clocks.pass_at(1)
    assert inserted == [60]
    for seconds in (12, 35, 80, 150):
        sqlite_venue.drop(f"fresh{seconds}.json", records)
        clocks.pass_at(seconds)
        assert not (sqlite_venue.folder / f"fresh{seconds}.json").exists()
    assert inserted == [60, 3, 3, 3, 3]
    assert len(sqlite_venue.waiting()) == 20
    stuck = False
    clocks.pass_at(211)
    assert sqlite_venue.waiting() == set()
    assert len(sqlite_venue.names("stored")) == 24


def test_a_file_that_is_stuck_and_written_to_is_read_again(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody adds to it while its move fails is stored too."""
    clocks = Clocks(sqlite_venue)
    real = files.rename
    stuck = True

    def rename(source: str, path: str) -> None:
        if stuck:
            raise PermissionError(13, "Permission denied")
        real(source, path)

    monkeypatch.setattr(archive, "rename", rename)
    records = some_crossings("20180531101825", 3)
    sqlite_venue.drop("20180531101900.json", records[:1])
    clocks.pass_at(1)
    sqlite_venue.drop("20180531101900.json", records)
    clocks.pass_at(2)
    stuck = False
    clocks.pass_at(30)
    assert sqlite_venue.waiting() == set()
    assert set(sqlite_venue.rows()) == truth("20180531101900.json", records)
