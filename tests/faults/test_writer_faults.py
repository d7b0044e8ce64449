"""Whatever a writer does with its file: keeps it open, pauses, comes back when the file was moved already."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.clocks import Clocks, alerts
from tests.venue import PROJECT, Record, Venue, as_json, crossing, some_crossings, truth, wait_until
from visitorsflow.facts import Crossing
from visitorsflow.intake import files
from visitorsflow.intake.archive import LOOKS_SECONDS, Moved, SecondLook
from visitorsflow.intake.files import Stamp

NAME = "20180531101900.json"
RECORDS = some_crossings("20180531101825", 3)
SOON = "from visitorsflow.intake import archive as s; s.LOOKS_SECONDS = (1, 2)"
# A file system whose writers can't be seen, and a minute that is over in seconds.
UNSEEN = """
from visitorsflow.intake import archive, files, inbox
inbox.has_writer = files.has_writer = lambda fd, device: None
archive.LOOKS_SECONDS = (1, 4)
"""


@contextmanager
def a_writer(venue: Venue, first: bytes) -> Iterator[Callable[[bytes, int], None]]:
    """Somebody who has the file open, with `first` in it; what is given is written at that place."""
    with (venue.folder / NAME).open("wb", buffering=0) as stream:
        stream.write(first)

        def write(raw: bytes, place: int = 0) -> None:
            stream.seek(place)
            stream.write(raw)

        yield write


def log(venue: Venue) -> str:
    return venue.terminal()


@pytest.mark.parametrize(
    "first",
    [as_json(RECORDS[:1]), b"[\n]", as_json(RECORDS[:1]) + b"\n"],
    ids=["one of three", "an empty list", "a line"],
)
def test_a_file_that_is_held_open_is_left_until_it_is_closed(sqlite_venue: Venue, first: bytes) -> None:
    """Its first content parses, and more comes through the same handle: all of it is stored."""
    sqlite_venue.configure(settle_seconds=30)
    with sqlite_venue.uploading():
        with a_writer(sqlite_venue, first) as write:
            sqlite_venue.drop("20180531101901.json", RECORDS)  # a listing has seen both
            wait_until(lambda: sqlite_venue.waiting() == {NAME})
            write(as_json(RECORDS), 0)
        wait_until(lambda: not sqlite_venue.waiting(), "taken at once when it is closed", seconds=10)
    expected = truth(NAME, RECORDS) | truth("20180531101901.json", RECORDS)
    assert set(sqlite_venue.rows()) == expected


def test_an_object_a_line_is_rejected_whole(sqlite_venue: Venue) -> None:
    """The first line alone would be a file; with the second it is none, and that is said of all of it."""
    lines = b"\n".join(as_json([record])[1:-1] for record in RECORDS)
    with sqlite_venue.uploading():
        with a_writer(sqlite_venue, lines.partition(b"\n")[0]) as write:
            sqlite_venue.drop("20180531101901.json", [])
            wait_until(lambda: sqlite_venue.waiting() == {NAME})
            write(lines, 0)
        wait_until(lambda: not sqlite_venue.waiting())
    assert sqlite_venue.names("rejected") == {NAME}
    assert (sqlite_venue.folder / "rejected" / NAME).read_bytes() == lines
    assert sqlite_venue.rows() == []


def test_a_writer_that_never_closes_its_file(sqlite_venue: Venue) -> None:
    """What has not changed for settle_seconds is taken, and what comes later brings it back."""
    with sqlite_venue.uploading(first=SOON):
        with a_writer(sqlite_venue, as_json(RECORDS[:1])) as write:
            wait_until(lambda: set(sqlite_venue.rows()) == truth(NAME, RECORDS[:1]))
            wait_until(lambda: not sqlite_venue.waiting())
            write(as_json(RECORDS), 0)
            wait_until(lambda: "read again, since it was written to after it was moved" in log(sqlite_venue))
        wait_until(lambda: set(sqlite_venue.rows()) == truth(NAME, RECORDS))
        wait_until(lambda: not sqlite_venue.waiting())


def test_a_writer_that_pauses_long_in_the_middle(sqlite_venue: Venue) -> None:
    """Its half file is rejected; when it is whole after all, it comes back from there and is stored."""
    raw = as_json(RECORDS)
    with sqlite_venue.uploading(first=SOON):
        with a_writer(sqlite_venue, raw[:40]) as write:
            wait_until(lambda: sqlite_venue.names("rejected") == {NAME})
            write(raw[40:], 40)
        wait_until(lambda: set(sqlite_venue.rows()) == truth(NAME, RECORDS))
        wait_until(lambda: not sqlite_venue.waiting())
    assert [path.name for path in (sqlite_venue.folder / "rejected").iterdir()] == []


def test_a_writer_that_can_not_be_seen(sqlite_venue: Venue) -> None:
    """On a network share: what is written into a file after it was stored brings it back."""
    with sqlite_venue.uploading(first=UNSEEN):
        with a_writer(sqlite_venue, as_json(RECORDS[:1])) as write:
            wait_until(lambda: not sqlite_venue.waiting())
            write(as_json(RECORDS), 0)
        wait_until(lambda: set(sqlite_venue.rows()) == truth(NAME, RECORDS))
        wait_until(lambda: not sqlite_venue.waiting())


def test_a_file_that_has_another_name(sqlite_venue: Venue) -> None:
    """A hard link of the camera's own file, which is written again by that name when it was moved here."""
    own = sqlite_venue.home / "current.json"
    own.write_bytes(as_json(RECORDS[:1]))
    with sqlite_venue.uploading(first=SOON):
        os.link(own, sqlite_venue.folder / NAME)
        wait_until(lambda: sqlite_venue.names("stored") == {NAME})
        own.write_bytes(as_json(RECORDS))
        wait_until(lambda: set(sqlite_venue.rows()) == truth(NAME, RECORDS))
        wait_until(lambda: not sqlite_venue.waiting())


def test_a_file_that_is_closed_is_taken_at_once(sqlite_venue: Venue) -> None:
    """Asking whether somebody has it open costs no waiting."""
    sqlite_venue.configure(settle_seconds=60)
    with sqlite_venue.uploading():
        for second in range(5):
            sqlite_venue.drop(f"2018053110190{second}.json", RECORDS)
            wait_until(lambda: not sqlite_venue.waiting(), seconds=10)


@pytest.fixture
def _asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in uploadData.py: nobody is asked before that signal is ignored; nor after this test."""
    monkeypatch.setattr("visitorsflow.intake.files._may_ask", False)
    files.ignore_signals()


@pytest.mark.usefixtures("_asking")
def test_the_kernel_tells_who_writes(tmp_path: Path) -> None:
    """Seen while it is open for writing, by whatever flags; not while somebody only reads."""
    path = tmp_path / NAME
    path.write_bytes(b"[]")
    with files.opened(str(path)) as (_, writer), path.open("rb"):
        assert writer is False
    for mode in ("ab", "r+b"):
        with path.open(mode), files.opened(str(path)) as (_, writer):
            assert writer is True
    with files.opened(str(path)) as (_, writer):
        assert writer is False


def test_nobody_is_asked_without_the_signal_ignored(tmp_path: Path) -> None:
    """A writer who comes while we ask would end our process."""
    path = tmp_path / NAME
    path.write_bytes(b"[]")
    code = "import sys\nfrom visitorsflow.intake import files as lease\n"
    code += "with lease.opened(sys.argv[1]) as (_, writer): print(writer)"
    asked = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert asked.stdout == "None\n"


@pytest.mark.usefixtures("_asking")
def test_a_writer_who_comes_while_a_file_is_looked_at_waits(tmp_path: Path) -> None:
    """It is held up until the file is closed, and the process lives."""
    path = tmp_path / NAME
    path.write_bytes(b"[]")
    code = "import sys; print(flush=True); open(sys.argv[1], 'r+b').write(b'{}')"
    with files.opened(str(path)) as (_, writer):
        assert writer is False
        camera = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        assert camera.stdout
        camera.stdout.readline()
        time.sleep(0.3)  # it has had its chance
        assert path.read_bytes() == b"[]"
    camera.communicate(timeout=20)
    assert camera.returncode == 0
    assert path.read_bytes() == b"{}"


class Shelf:
    """Files that were moved, and a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.back: list[str] = []
        self.refusing = False
        self.second_look = SecondLook(self.put_back, lambda: self.now)

    def put_back(self, moved: Moved) -> None:
        if self.refusing:
            raise OSError(13, "Permission denied")
        self.back.append(moved.origin)
        Path(moved.path).unlink()

    def add(self, name: str) -> Path:
        path = self.folder / name
        path.write_bytes(b"[]")
        self.second_look.add(Moved(str(path), Stamp.of(path.stat()), name))
        return path

    def look_at(self, now: float) -> list[str]:
        self.now = now
        return [moved.origin for moved in self.second_look.look()]


def test_two_looks_within_a_minute(tmp_path: Path) -> None:
    """At ten seconds and at a minute; what changes after that is nobody's any more."""
    shelf = Shelf(tmp_path)
    early, late, never, after = (shelf.add(name) for name in ("early", "late", "never", "after"))
    early.write_bytes(b"[1]")
    assert shelf.look_at(9.9) == []
    assert shelf.look_at(10) == ["early"]
    late.write_bytes(b"[1]")
    assert shelf.look_at(59.9) == []
    assert shelf.look_at(60) == ["late"]
    after.write_bytes(b"[1]")
    assert shelf.look_at(10_000) == []
    assert shelf.back == ["early", "late"]
    assert never.exists()
    assert LOOKS_SECONDS == (10, 60)


def test_a_slow_share_does_not_hold_up_what_comes_now(tmp_path: Path) -> None:
    """What takes longer than a second is left for the next call, and nothing is left out."""
    shelf = Shelf(tmp_path)
    for name in "abcdef":
        shelf.add(name).write_bytes(b"[1]")
    put_back = shelf.put_back

    def slowly(moved: Moved) -> None:
        put_back(moved)
        shelf.now += 0.4

    shelf.second_look = SecondLook(slowly, lambda: shelf.now)
    for name in "abcdef":
        shelf.second_look.add(Moved(str(tmp_path / name), Stamp(0, 0), name))
    assert shelf.look_at(10) == ["a", "b", "c"]
    assert shelf.look_at(11.2) == ["d", "e", "f"]


def test_what_can_not_be_put_back_is_tried_again(tmp_path: Path) -> None:
    """And what somebody took away is theirs."""
    shelf = Shelf(tmp_path)
    gone, stuck = shelf.add("gone"), shelf.add("stuck")
    gone.unlink()
    stuck.write_bytes(b"[1]")
    shelf.refusing = True
    for now in (10, 11):
        with pytest.raises(OSError, match="Permission denied"):
            shelf.look_at(now)
    shelf.refusing = False
    assert shelf.look_at(12) == ["stuck"]


@pytest.mark.usefixtures("_asking")
def test_as_long_as_a_writer_is_seen_it_is_looked_at(tmp_path: Path) -> None:
    """Also after the minute: once a minute until it has closed the file."""
    shelf = Shelf(tmp_path)
    path = shelf.add("open")
    with path.open("ab") as stream:
        for now in (10, 60, 120, 180):
            assert shelf.look_at(now) == []
        stream.write(b"more")
    assert shelf.look_at(240) == ["open"]


def test_a_file_that_changes_whenever_it_is_to_be_moved(
    sqlite_venue: Venue, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is whole and is stored again and again, but never leaves: after ten minutes it is said."""
    clocks = Clocks(sqlite_venue)
    path = sqlite_venue.drop(NAME, RECORDS[:1])
    insert = clocks.table.insert

    def then_changed(crossings: Iterable[Crossing]) -> int:
        rows = insert(crossings)
        path.write_bytes(path.read_bytes() + b" ")
        return rows

    with monkeypatch.context() as restless:
        restless.setattr(clocks.table, "insert", then_changed)
        for second in range(0, 700, 5):
            clocks.pass_at(second)
    clocks.pass_at(700)
    said = [text.partition("：")[0].partition(" [")[0] for text in alerts(caplog)]
    assert said == ["有檔案等了十分鐘還沒寫完，請檢查攝影機的程式", "先前卡住的檔案處理好了"]
    assert set(sqlite_venue.rows()) == truth(NAME, RECORDS[:1])
    clocks.table.database.close()


def test_ten_minutes_are_said(sqlite_venue: Venue, caplog: pytest.LogCaptureFixture) -> None:
    """A file that grows for ever is never still and never whole: its name is said, once, and its end."""

    clocks = Clocks(sqlite_venue)
    path = sqlite_venue.folder / NAME
    records: list[Record] = []
    for second in range(0, 900, 5):
        records.append(crossing("20180531101825", second))
        path.write_bytes(as_json(records)[:-1])
        clocks.pass_at(second)
    said = alerts(caplog)
    assert len(said) == 1
    assert said[0].startswith(f"有檔案等了十分鐘還沒寫完，請檢查攝影機的程式：{NAME} [2018-05-31 12:10:")
    path.write_bytes(as_json(records))
    clocks.pass_at(905)
    assert alerts(caplog)[1] == "先前卡住的檔案處理好了 [2018-05-31 12:15:05]"
    assert len(sqlite_venue.rows()) == len(records)
    clocks.table.database.close()
