"""Batches: how many files are worked on before the loop looks up, and what is read meanwhile."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from tests.venue import Venue, some_crossings
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import Began, Event, Rejected, Stored
from visitorsflow.facts import Crossing
from visitorsflow.intake.archive import Archive, Outcome
from visitorsflow.intake.files import Stamp
from visitorsflow.intake.inbox import Content, Inbox, ReadFile, WaitingFile
from visitorsflow.intake.reader import BATCH_FILES
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Wake
from visitorsflow.reasons import Reason
from visitorsflow.rules.silence import Silence
from visitorsflow.subjects import PROGRAM

LIMIT_SECONDS = 10


class SeenInbox(Inbox):
    """Says which thread has read how many files; from `holds_at` on, each takes half a second."""

    read_by: list[threading.Thread]
    holds_at = 1_000_000

    def read(self, file: WaitingFile) -> Content:
        content = super().read(file)
        self.read_by.append(threading.current_thread())
        if len(self.read_by) > self.holds_at:
            time.sleep(0.5)
        return content


class Side:
    """An uploader whose `tell` keeps what it hears."""

    def __init__(
        self,
        venue: Venue,
        table: PeopleFlow,
        clock: Callable[[], float] = time.monotonic,
        archive: type[Archive] = Archive,
        inbox: type[SeenInbox] = SeenInbox,
    ) -> None:
        self.heard: list[Event] = []
        self.stops_at_a_rejected_one = False
        self.wake = Wake()
        self.inbox = inbox(venue.folder, settle_seconds=0)
        self.inbox.read_by = []
        self.uploader = Uploader(
            self.inbox,
            archive(venue.folder, lambda: datetime(2018, 5, 31).date()),
            table,
            Silence(60, None, 0),
            self.tell,
            self.wake,
            lambda: datetime(2018, 5, 31, 12),
            clock,
        )

    @property
    def stored(self) -> int:
        return sum(event.files for event in self.heard if isinstance(event, Stored))

    @property
    def rejected(self) -> int:
        return sum(isinstance(event, Rejected) for event in self.heard)

    def tell(self, *events: Event) -> None:
        self.heard.extend(events)
        if self.stops_at_a_rejected_one and any(isinstance(event, Rejected) for event in events):
            self.wake.stop()


def test_the_next_batch_is_read_while_one_is_stored(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is never waited for without work; each insert here ends when the next files are read."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 5)
    read_at_the_end: list[int] = []

    class Table(PeopleFlow):
        def insert(self, crossings: Iterable[Crossing]) -> int:
            wanted = min(12, 10 + 5 * len(read_at_the_end))
            deadline = time.monotonic() + LIMIT_SECONDS
            while len(side.inbox.read_by) < wanted and time.monotonic() < deadline:
                time.sleep(0.001)
            read_at_the_end.append(len(side.inbox.read_by))
            return super().insert(crossings)

    drop(sqlite_venue, 12)
    table = Table(sqlite_venue.table().database, "north")
    side = Side(sqlite_venue, table, lambda: 0.0)  # else a pass ends after five seconds
    side.uploader.make_pass()
    assert read_at_the_end == [10, 12, 12]
    assert [event.files for event in side.heard if isinstance(event, Stored)] == [5, 5, 2]
    table.database.close()


class SlowArchive(Archive):
    """Counts the threads that are in it at once."""

    inside = most = 0

    def archive(self, read: ReadFile) -> Outcome:
        with self._counted():
            return super().archive(read)

    def reject(self, file: WaitingFile, stamp: Stamp, reason: Reason) -> Outcome:
        with self._counted():
            return super().reject(file, stamp, reason)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        SlowArchive.inside += 1
        SlowArchive.most = max(SlowArchive.most, SlowArchive.inside)
        time.sleep(0.02)
        yield
        SlowArchive.inside -= 1


def test_a_batch_is_archived_while_the_next_is_inserted(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each insert here ends when the files before it are in stored/; what comes before is told before."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 5)
    stored_at_the_end: list[int] = []
    told_at_the_end: list[int] = []

    class Table(PeopleFlow):
        def insert(self, crossings: Iterable[Crossing]) -> int:
            before = 5 * len(stored_at_the_end)
            deadline = time.monotonic() + LIMIT_SECONDS
            while len(sqlite_venue.names("stored")) < before and time.monotonic() < deadline:
                time.sleep(0.001)
            stored_at_the_end.append(len(sqlite_venue.names("stored")))
            told_at_the_end.append(side.stored)
            return super().insert(crossings)

    drop(sqlite_venue, 17)
    table = Table(sqlite_venue.table().database, "north")
    side = Side(sqlite_venue, table, lambda: 0.0)
    side.uploader.make_pass()
    assert stored_at_the_end == [0, 5, 10, 15]
    assert told_at_the_end == [0, 0, 5, 10], "by the loop, after the insert"
    assert side.stored == len(sqlite_venue.names("stored")) == 17
    table.database.close()


def test_one_thread_at_a_time_moves_files(sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop rejects files of the next batch when those of this one are archived."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 3)
    for number in range(4):
        (sqlite_venue.folder / f"{number}.json").write_bytes(b"{")
    table = sqlite_venue.table()
    side = Side(sqlite_venue, table, archive=SlowArchive)
    side.uploader.make_pass()  # they are not whole yet
    drop(sqlite_venue, 12)
    for path in sqlite_venue.folder.glob("2018*.json"):
        os.utime(path, (1, 1))  # before the bad ones
    side.uploader.make_pass()
    assert (side.stored, side.rejected, SlowArchive.most) == (12, 4, 1)
    table.database.close()


def test_what_was_stored_is_told_before_a_failure(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes between two batches: the first one is archived and told, the others wait."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 2)
    inserts: list[int] = []

    class Table(PeopleFlow):
        def insert(self, crossings: Iterable[Crossing]) -> int:
            inserts.append(side.stored)
            if len(inserts) == 2:
                raise DatabaseAway(Reason("database in use", where="here", said=""))
            return super().insert(crossings)

    drop(sqlite_venue, 6)
    table = Table(sqlite_venue.table().database, "north")
    side = Side(sqlite_venue, table, archive=SlowArchive)
    side.uploader.make_pass()
    assert (inserts, side.stored) == ([0, 0], 2)
    told = [type(event) for event in side.heard if isinstance(event, Stored | Began)]
    assert told == [Stored, Began]
    assert len(sqlite_venue.names("stored")) == 2
    assert len(sqlite_venue.waiting()) == 4
    assert not readers()
    table.database.close()


def test_a_defect_while_a_batch_is_archived(sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was moved before it is told; the rest is moved by the next pass."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 5)

    class Defective(Archive):
        calls = 0

        def archive(self, read: ReadFile) -> Outcome:
            assert not read.parsed.crossings, "what is committed is not kept in memory"
            Defective.calls += 1
            if Defective.calls == 3:
                raise ValueError("a defect")
            return super().archive(read)

    drop(sqlite_venue, 7)
    table = sqlite_venue.table()
    side = Side(sqlite_venue, table, archive=Defective)
    side.uploader.make_pass()
    assert side.stored == len(sqlite_venue.names("stored")) == 2
    assert [event.what for event in side.heard if isinstance(event, Began)] == [PROGRAM]
    side.uploader.make_pass()
    assert side.stored == len(sqlite_venue.names("stored")) == len(sqlite_venue.rows()) == 7
    table.database.close()


def test_an_end_does_not_wait_for_a_slow_archive(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where moving a file takes long, what is left of two batches is inserted again at the next start."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 200)
    stopped: list[float] = []

    class Table(PeopleFlow):
        def insert(self, crossings: Iterable[Crossing]) -> int:
            count = super().insert(crossings)
            if len(side.inbox.read_by) > 200:  # the first batch is being archived
                side.wake.stop()
                stopped.append(time.monotonic())
            return count

    drop(sqlite_venue, 400)
    table = Table(sqlite_venue.table().database, "north")
    side = Side(sqlite_venue, table, archive=SlowArchive)
    side.uploader.make_pass()
    assert time.monotonic() - stopped[0] < 4, "and not eight seconds"
    assert 0 < side.stored == len(sqlite_venue.names("stored")) < 400
    side.wake.stopping = False
    side.uploader = Side(sqlite_venue, table).uploader
    side.uploader.make_pass()
    assert len(sqlite_venue.rows()) == len(sqlite_venue.names("stored")) == 400
    table.database.close()


def test_an_end_reads_no_further_file(sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one may be large, or hang."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 5)

    class Inbox(SeenInbox):
        def read(self, file: WaitingFile) -> Content:
            if len(self.read_by) == 3:
                side.wake.stop()
            return super().read(file)

    drop(sqlite_venue, 12)
    table = sqlite_venue.table()
    side = Side(sqlite_venue, table, inbox=Inbox)
    side.uploader.make_pass()
    assert len(side.inbox.read_by) == side.stored == 4
    assert not any(isinstance(event, Began) for event in side.heard)
    table.database.close()


def test_one_batch_is_read_by_the_loop_itself(sqlite_venue: Venue) -> None:
    """A camera's file goes straight on, without waiting for another thread."""
    drop(sqlite_venue, 3)
    table = sqlite_venue.table()
    side = Side(sqlite_venue, table)
    side.uploader.make_pass()
    assert side.inbox.read_by == [threading.current_thread()] * 3
    table.database.close()


def test_events_come_in_the_order_of_the_files(sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad file of the next batch is told after this batch is stored, although it was read before."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 2)
    bad = sqlite_venue.drop("bad.json", b"{")
    table = sqlite_venue.table()
    side = Side(sqlite_venue, table)
    side.uploader.make_pass()  # it is not whole yet
    drop(sqlite_venue, 5)
    for age, path in zip((50, 40, 20, 10, 0), sorted(sqlite_venue.folder.glob("2018*.json")), strict=True):
        moment = bad.stat().st_mtime - age + 30
        os.utime(path, (moment, moment))
    side.uploader.make_pass()
    told = [event for event in side.heard if isinstance(event, Stored | Rejected)]
    assert [type(event) for event in told] == [Stored, Rejected, Stored, Stored]
    assert [event.files for event in told if isinstance(event, Stored)] == [2, 1, 2]
    table.database.close()


def readers() -> list[str]:
    """The threads that read ahead, of whatever is running in this process."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("beside")]


def test_what_was_read_ahead_is_read_again_after_a_failure(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails while the next batch is read: all of them wait, and each row is stored once."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 2)

    class Table(PeopleFlow):
        fails = True

        def insert(self, crossings: Iterable[Crossing]) -> int:
            if self.fails:
                raise DatabaseAway(Reason("database in use", where="here", said=""))
            return super().insert(crossings)

    drop(sqlite_venue, 6)
    table = Table(sqlite_venue.table().database, "north")
    side = Side(sqlite_venue, table)
    side.uploader.make_pass()
    assert len(list(sqlite_venue.folder.glob("*.json"))) == 6
    assert not readers(), "nothing is read any more"
    table.fails = False
    deadline = time.monotonic() + LIMIT_SECONDS
    while list(sqlite_venue.folder.glob("*.json")) and time.monotonic() < deadline:
        side.uploader.make_pass()
    assert len(sqlite_venue.rows()) == 6
    table.database.close()


def test_an_end_does_not_wait_for_what_is_read_ahead(sqlite_venue: Venue) -> None:
    """On a slow share the files that are read ahead may take minutes: an end waits for one of them."""

    class Table(PeopleFlow):
        def insert(self, crossings: Iterable[Crossing]) -> int:
            side.wake.stop()
            return super().insert(crossings)

    drop(sqlite_venue, BATCH_FILES + 40)
    table = Table(sqlite_venue.table().database, "north")
    side = Side(sqlite_venue, table)
    side.inbox.holds_at = BATCH_FILES
    side.uploader.make_pass()
    assert len(side.inbox.read_by) <= BATCH_FILES + 3
    assert not readers()
    table.database.close()


def drop(venue: Venue, files: int) -> None:
    """Let files of one crossing each wait."""
    for number in range(files):
        moment = f"201805311{number // 60 % 10}{number % 60:02}{number // 600:02}"
        venue.drop(f"{moment}.json", some_crossings(moment, 1))


def test_bad_files_are_counted_too(sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand bad files do not hold up a signal to end, nor the next listing."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 5)
    for number in range(12):
        (sqlite_venue.folder / f"{number}.json").write_bytes(b"{")
    table = sqlite_venue.table()
    side = Side(sqlite_venue, table)
    side.uploader.make_pass()
    assert side.rejected == 0, "not whole yet"
    side.stops_at_a_rejected_one = True
    for number in (5, 10, 12):
        side.wake.stopping = False
        side.uploader.make_pass()
        assert side.rejected == number
    table.database.close()
