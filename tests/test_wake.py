"""What wakes the loop: the moments that a process test can't hit at will."""

import threading
import time
from pathlib import Path

import pytest

from visitorsflow.wake import FolderWatch, Wake


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


def test_a_file_is_not_held_back_by_one_that_was_moved_away(folder: Path, tmp_path: Path) -> None:
    """Our own moving away wakes nobody, and watchdog does not wait half a second to see where it went."""
    wake = Wake()
    watch = FolderWatch(wake)
    watch.follow([str(folder)])
    quickest = 60.0
    for number in range(5):
        (folder / "stored.json").touch()
        wake.wait(30)
        wake.wait(0.2)  # it was created, and then closed
        (folder / "stored.json").rename(tmp_path / "stored.json")
        wake.wait(0.1)
        began = time.monotonic()
        (folder / f"{number}.json").touch()
        wake.wait(30)
        quickest = min(quickest, time.monotonic() - began)
    watch.close()
    assert quickest < 0.3
