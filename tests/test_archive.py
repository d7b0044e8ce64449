"""Putting files away: the moments that a process test can't hit at will."""

import errno
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.venue import as_json, crossing
from visitorsflow.errors import FolderTrouble
from visitorsflow.intake import files
from visitorsflow.intake.archive import Archive, Outcome
from visitorsflow.intake.crossings import Parsed, parse, time_in_name
from visitorsflow.intake.files import digest
from visitorsflow.intake.inbox import Inbox, ReadFile, WaitingFile
from visitorsflow.reasons import quoted

NAME = "20180531101900.json"
RENAME = "visitorsflow.intake.archive.rename"
seen: list[bool | None] = []
OLD, NEW = as_json([crossing("20180531101825")]), as_json([crossing("20180531101826")] * 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A queue."""
    folder = tmp_path / "Files"
    folder.mkdir()
    return folder


@pytest.fixture(params=[None, False], ids=["no writer can be seen", "none was seen"])
def has_writer(request: pytest.FixtureRequest) -> Iterator[bool | None]:
    """Whether there was one when the file was read; where none was, it stays open while it is moved.

    Without this fixture none was.
    """
    seen.append(request.param)
    yield request.param
    seen.pop()


@pytest.fixture(params=["in one step", "EINVAL", "ENOSYS", "EPERM", "elsewhere"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux' own way; a file system, a kernel, a container that refuses it; other systems."""

    if request.param == "in one step":
        assert files.in_one_step or sys.platform != "linux"
        monkeypatch.setattr(os, "replace", None)
    elif request.param == "elsewhere":
        monkeypatch.setattr(files, "in_one_step", None)
    else:
        monkeypatch.setattr(files, "in_one_step", lambda *_paths: getattr(errno, request.param))


def read(folder: Path, name: str = NAME) -> ReadFile:
    inbox = Inbox(folder, 10)
    [file] = [file for file in inbox.pending().files if file.name == name]
    raw, stamp, _ = inbox.read(file)
    return ReadFile(file, stamp, digest(raw), parse(raw, name), seen[-1] if seen else False)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("has_writer")
def test_a_file_rewritten_after_it_was_read_stays(folder: Path) -> None:
    """It is not put away: what is in it now was not stored."""
    (folder / NAME).write_bytes(OLD)
    file = read(folder)
    (folder / NAME).write_bytes(NEW)
    assert Archive(folder, date.today).archive(file) is Outcome.CHANGED
    assert content(folder) == {NAME: NEW}


@pytest.mark.usefixtures("has_writer")
def test_a_file_rewritten_with_the_same_size_and_time_stays(folder: Path) -> None:
    """Within one tick of the file system's clock, or by a copy that keeps the time of its original."""
    path = folder / NAME
    path.write_bytes(OLD)
    file = read(folder)
    changed = OLD.replace(b"25", b"26")
    path.write_bytes(changed)
    os.utime(path, ns=(file.stamp.mtime_ns, file.stamp.mtime_ns))
    assert Archive(folder, date.today).archive(file) is Outcome.CHANGED
    assert content(folder) == {NAME: changed}


@pytest.mark.usefixtures("has_writer", "way")
def test_a_file_rewritten_while_it_is_moved_comes_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the last look and the rename: it comes back under a name that no camera is writing."""
    (folder / NAME).write_bytes(OLD)
    file = read(folder)

    def rewritten_before(source: str, target: str) -> None:
        Path(source).write_bytes(NEW)
        files.rename(source, target)
        Path(source).write_bytes(b"the camera's next file")

    monkeypatch.setattr(RENAME, rewritten_before)
    assert Archive(folder, date.today).archive(file) is Outcome.CHANGED
    back = content(folder)
    assert back.pop(NAME) == b"the camera's next file"
    [(name, raw)] = back.items()
    assert raw == NEW
    assert parse(raw, name) == parse(NEW, NAME), "its name still tells the same output time"


@pytest.mark.usefixtures("has_writer")
def test_a_file_that_comes_back_again_and_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name does not grow, and still tells the same output time."""

    def rewritten_before(source: str, target: str) -> None:
        Path(source).write_bytes(NEW)
        files.rename(source, target)

    monkeypatch.setattr(RENAME, rewritten_before)
    (folder / NAME).write_bytes(OLD)
    for _ in range(20):
        [name] = content(folder)
        (folder / name).write_bytes(OLD)
        assert Archive(folder, date.today).archive(read(folder, name)) is Outcome.CHANGED
    [name] = content(folder)
    assert len(name) == len(NAME) + 20
    assert time_in_name(name) == time_in_name(NAME)


@pytest.mark.parametrize("name", ["x" * 236 + NAME, NAME[:-5] + "x" * 236 + ".json", "影片" * 39 + NAME])
def test_a_name_that_is_too_long_keeps_its_time(folder: Path, name: str) -> None:
    """It is cut where that does not change what its rows are, if somebody puts it back."""
    (folder / name).write_bytes(OLD)
    assert Archive(folder, date.today).archive(read(folder, name)) is Outcome.MOVED
    [moved] = content(folder / "stored")
    assert len(os.fsencode(moved)) < len(os.fsencode(name))
    assert time_in_name(Path(moved).name) == time_in_name(name)
    Path(moved).name.encode()  # and no character is cut in two


@pytest.mark.usefixtures("way")
def test_a_file_that_can_not_come_back_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is told where it lies."""
    (folder / NAME).write_bytes(OLD)
    file = read(folder)

    def rewritten_before(source: str, target: str) -> None:
        Path(source).write_bytes(NEW)
        files.rename(source, target)

    def refused(_source: str, _target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RENAME, rewritten_before)
    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(FolderTrouble, match=f"move .*{NAME} back into the folder"):
        Archive(folder, date.today).archive(file)


def test_a_link_does_not_lead_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    """stored/ and rejected/ that are links are refused; nothing is moved through them."""
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("stored", "rejected"):
        (folder / name).symlink_to(outside)
    (folder / NAME).write_bytes(OLD)
    file = read(folder)
    ours = Archive(folder, date.today)
    with pytest.raises(FolderTrouble, match="symbolic link"):
        ours.archive(file)
    with pytest.raises(FolderTrouble, match="symbolic link"):
        ours.reject(file.file, file.stamp, quoted("for a reason"))
    assert list(outside.iterdir()) == []
    assert (folder / NAME).read_bytes() == OLD


@pytest.mark.skipif(sys.platform == "win32", reason="no file that is open can be replaced there")
def test_another_file_of_that_name_is_none_that_was_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, has_writer: bool | None
) -> None:
    """A copy with the same size and time takes its place just before the move: it is read too."""
    (folder / NAME).write_bytes(OLD)
    file = read(folder)
    other = folder / "other.part"
    other.write_bytes(OLD.replace(b"20180531101825", b"20180531101826"))
    os.utime(other, ns=(file.stamp.mtime_ns, file.stamp.mtime_ns))
    real = files.rename

    def replaced_before(source: str, target: str) -> None:
        if other.exists():
            other.rename(source)
        real(source, target)

    monkeypatch.setattr(RENAME, replaced_before)
    outcome = Archive(folder, date.today).archive(file)
    # Where files can't be told apart, as on a network share, nobody knows.
    assert outcome is (Outcome.CHANGED if has_writer is False else Outcome.MOVED)
    assert len(list(folder.glob("*.json"))) == (has_writer is False)


@pytest.mark.usefixtures("way")
def test_the_days_folder_is_looked_for_once_a_second(folder: Path) -> None:
    """A new day has its own within a second; one that was taken away is made anew at the next try."""
    days, seconds = iter([date(2018, 11, 3), date(2018, 11, 4), date(2018, 11, 4)]), 0.0
    ours = Archive(folder, lambda: next(days), lambda: seconds)

    def put_away(name: str) -> None:
        (folder / name).write_bytes(OLD)
        assert ours.archive(read(folder, name)) is Outcome.MOVED

    put_away("1.json")
    put_away("2.json")
    seconds = 1.0
    put_away("3.json")
    assert set(content(folder / "stored")) == {"2018-11-03/1.json", "2018-11-03/2.json", "2018-11-04/3.json"}
    shutil.rmtree(folder / "stored")
    with pytest.raises(FolderTrouble):
        put_away("4.json")
    assert (folder / "4.json").read_bytes() == OLD
    put_away("4.json")
    assert set(content(folder / "stored")) == {"2018-11-04/4.json"}


def test_a_path_that_can_not_be_made_is_no_theft(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOENT while the file is still there (a path too long for Windows): told, not taken for stored."""
    (folder / NAME).write_bytes(OLD)
    file = read(folder)

    def refused(_source: str, _target: str) -> None:
        raise FileNotFoundError(2, "no such path")

    monkeypatch.setattr(RENAME, refused)
    with pytest.raises(FolderTrouble, match="No such file or directory"):
        Archive(folder, date.today).archive(file)


@pytest.mark.usefixtures("way")
def test_no_file_is_renamed_over_another(folder: Path) -> None:
    """A name that is taken is refused, and both files are as they were."""
    (folder / NAME).write_bytes(OLD)
    (folder / "taken").write_bytes(NEW)
    with pytest.raises(FileExistsError):
        files.rename(str(folder / NAME), str(folder / "taken"))
    assert content(folder) == {NAME: OLD, "taken": NEW}
    files.rename(str(folder / NAME), str(folder / "free"))
    assert content(folder) == {"free": OLD, "taken": NEW}


@pytest.mark.usefixtures("way")
def test_a_rename_that_fails_leaves_nothing(folder: Path) -> None:
    """Neither a claimed name nor another error than the real one."""
    with pytest.raises(FileNotFoundError):
        files.rename(str(folder / NAME), str(folder / "free"))
    assert content(folder) == {}


@pytest.mark.usefixtures("way")
def test_two_archives_never_overwrite_each_other(folder: Path) -> None:
    """Many files of one name, put away by four threads at once: each is there afterwards."""
    for number in range(200):
        sub_folder = folder / str(number)
        sub_folder.mkdir()
        (sub_folder / NAME).write_bytes(as_json([crossing("20180531101825", number)]))
    files = Inbox(folder, 10).pending().files
    archives = [Archive(folder, date.today) for _ in range(4)]

    def put_away(ours: Archive, some: list[WaitingFile]) -> None:
        for file in some:
            raw = Path(file.path).read_bytes()
            ours.archive(ReadFile(file, file.stamp, digest(raw), Parsed([], [])))

    threads = [threading.Thread(target=put_away, args=(a, files[n::4])) for n, a in enumerate(archives)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(content(folder / "stored").values())) == 200
