"""What wakes the loop: the moments that a process test can't hit at will."""

import sys
import threading
import time
from pathlib import Path

import pytest

from visitorsflow.intake.watch import FolderWatch, Wake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A queue."""
    folder = tmp_path / "Files"
    folder.mkdir()
    return folder


def test_a_watch_that_can_not_start_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again with each listing, for months: threads and descriptors must not add up."""
    monkeypatch.setattr(
        "watchdog.observers.inotify.InotifyWatchGroup.__init__",
        lambda *_arguments, **_options: (_ for _ in ()).throw(OSError(28, "inotify watch limit reached")),
    )
    watch = FolderWatch(Wake())
    watch.follow([str(folder)])

    def held() -> tuple[int, int]:
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    before = held()
    for _ in range(10):
        assert not watch.follow([str(folder)])
    assert held() == before


def is_woken(wake: Wake, seconds: float) -> bool:
    began = time.monotonic()
    wake.wait(seconds)
    return time.monotonic() - began < seconds


def test_a_file_is_not_held_back_by_one_that_was_moved_away(folder: Path, tmp_path: Path) -> None:
    """Our own moving away wakes nobody, and watchdog does not wait half a second to see where it went."""
    wake = Wake()
    watch = FolderWatch(wake)
    watch.follow([str(folder)])
    quickest = 60.0
    for number in range(5):
        (folder / "stored.json").touch()
        while is_woken(wake, 0.5):  # it was created, and then closed
            pass
        (folder / "stored.json").rename(tmp_path / "stored.json")
        assert not is_woken(wake, 0.2)
        began = time.monotonic()
        (folder / f"{number}.json").touch()
        wake.wait(30)
        quickest = min(quickest, time.monotonic() - began)
    watch.close()
    assert quickest < 0.3


def test_another_watchdog_still_wakes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What we take from the inside of watchdog is for speed alone: without it files are hints too."""
    monkeypatch.setitem(sys.modules, "watchdog.observers.inotify_c", None)
    wake = Wake()
    watch = FolderWatch(wake)
    assert watch.follow([str(folder)])
    (folder / "20180531101900.json").touch()
    assert is_woken(wake, 30)
    watch.close()
