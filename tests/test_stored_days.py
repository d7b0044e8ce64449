"""Old days in stored/ are deleted, where `stored_days` says so, and nothing else ever is."""

import logging
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.venue import Venue, crossing, wait_until
from visitorsflow.intake.thinning import EVERY_SECONDS, FILES_AT_ONCE, Thinning

TODAY = date(2026, 3, 10)


class Clock:
    """Monotonic seconds that stand still."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Ten days, with three files each."""
    for number in range(10):
        add(tmp_path / "stored", TODAY - timedelta(days=number))
    return tmp_path / "stored"


def add(stored: Path, day: date, files: int = 3) -> Path:
    folder = stored / f"{day}"
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"{number}.json").touch()
    return folder


def thin(stored: Path, days: int = 5, today: date = TODAY, times: int = 100) -> set[str]:
    """The names that are left."""
    thinning = Thinning(str(stored), days, lambda: today, Clock())
    for _ in range(times):
        thinning.thin()
    return {path.name for path in stored.iterdir()}


def days(first: int, last: int) -> set[str]:
    return {f"{TODAY - timedelta(days=number)}" for number in range(first, last + 1)}


def test_older_days_go(stored: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Today and the last five days are left, each as it was; the log names those that went."""
    caplog.set_level(logging.INFO)
    assert thin(stored) == days(0, 5)
    assert len(list(stored.rglob("*.json"))) == 6 * 3
    assert caplog.messages == [f"{stored / day} is deleted: stored_days = 5" for day in sorted(days(6, 9))]


def test_a_few_at_a_time_the_oldest_first(stored: Path) -> None:
    """Whoever stores is not held up; a day is gone before the next one is touched."""
    oldest = add(stored, TODAY - timedelta(days=99), FILES_AT_ONCE * 2 + 50)
    thinning = Thinning(str(stored), 5, lambda: TODAY, Clock())
    left = []
    while oldest.exists():
        thinning.thin()
        left.append(len(list(oldest.iterdir())) if oldest.exists() else 0)
    assert left == [150, 50, 0]
    assert {path.name for path in stored.iterdir()} == days(0, 9)


@pytest.mark.parametrize(("seconds", "left"), [(0.06, 1), (0.05, 0)])
def test_a_slow_disk(stored: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, left: int) -> None:
    """After more than a tenth of a second no other file is begun this time."""
    clock, unlink = Clock(), os.unlink

    def slowly(path: str) -> None:
        clock.now += seconds
        unlink(path)

    monkeypatch.setattr(os, "unlink", slowly)
    Thinning(str(stored), 5, lambda: TODAY, clock).thin()
    assert len(list((stored / f"{TODAY - timedelta(days=9)}").iterdir())) == left


def test_nothing_else(stored: Path, tmp_path: Path) -> None:
    """Other names, links and what lies beside stored/ stay; a folder in a day's folder keeps that one."""
    outside = add(tmp_path / "rejected", TODAY - timedelta(days=99))
    others = {"notes", "2020-01-01 copy", "20200101", "2020-1-1"}
    for name in others:
        (stored / name).mkdir()
    (stored / "2020-01-02").write_text("a file")
    (stored / "2020-01-03").symlink_to(outside, target_is_directory=True)
    kept = stored / f"{TODAY - timedelta(days=8)}" / "somebody's"
    kept.mkdir()
    assert thin(stored) == days(0, 5) | others | {"2020-01-02", "2020-01-03", kept.parent.name}
    assert len(list(outside.iterdir())) == 3
    assert kept.is_dir()


def test_stored_is_a_link(stored: Path, tmp_path: Path) -> None:
    """It leads to where nothing is ours."""
    (tmp_path / "other").mkdir()
    link = tmp_path / "other" / "stored"
    link.symlink_to(stored, target_is_directory=True)
    assert thin(link) == days(0, 9)


def test_a_clock_that_jumps_years_ahead(stored: Path) -> None:
    """As many days as are to be kept are there still; so are they where the venue opens once a week."""
    assert thin(stored, today=date(2099, 1, 1)) == days(0, 4)


def test_what_can_not_be_deleted(
    stored: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said and left alone; the others go, and it is tried again later."""
    stubborn, unlink = f"{TODAY - timedelta(days=9)}", os.unlink

    def refuse(path: str) -> None:
        if stubborn in path:
            raise PermissionError(13, "Permission denied", path)
        unlink(path)

    clock = Clock()
    thinning = Thinning(str(stored), 5, lambda: TODAY, clock)
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        for _ in range(20):
            thinning.thin()
    assert {path.name for path in stored.iterdir()} == days(0, 5) | {stubborn}
    assert caplog.messages == [f"{stored / stubborn} can't be deleted: Permission denied"]
    thinning.thin()
    assert (stored / stubborn).exists()
    clock.now += EVERY_SECONDS
    thinning.thin()
    assert not (stored / stubborn).exists()


def test_without_stored(tmp_path: Path) -> None:
    """Nothing was ever stored: there is nothing to do."""
    Thinning(str(tmp_path / "stored"), 5, lambda: TODAY, Clock()).thin()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chosen", [None, 2])
def test_while_it_stores(sqlite_venue: Venue, chosen: int | None) -> None:
    """`stored_days` is kept by the real script while files come; without it all days stay."""
    sqlite_venue.configure(stored_days=chosen)
    stored, rejected = sqlite_venue.folder / "stored", sqlite_venue.folder / "rejected"
    old = [add(stored, date(2020, 1, day), 300) for day in range(1, 6)]
    kept = add(rejected, date(2020, 1, 1))
    with sqlite_venue.uploading():
        for second in range(10, 40):
            sqlite_venue.drop(f"201805311019{second}.json", [crossing("20180531101825", second)])
            wait_until(lambda: not list(sqlite_venue.folder.glob("*.json")))
        if chosen:
            wait_until(lambda: not any(folder.exists() for folder in old[:4]), "the oldest are gone")
    assert len(sqlite_venue.rows()) == 30
    assert len(list(kept.iterdir())) == 3
    assert [folder.exists() for folder in old] == ([False] * 4 + [True] if chosen else [True] * 5)
