"""Years of rows in one table, plain and partitioned by month: how fast is what, and how fast is a month gone.

As a command: python -m tests.cluster.years --rows 30000000 (half an hour; 3 GB a table). The statements are
those of docs/growing.md.
"""

import argparse
import itertools
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.mariadb import MariaDB
from tests.venue import PROJECT, Venue, some_crossings, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.day import Today
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.intake.crossings import parse

MONTHS = 36
FIRST = datetime(2024, 1, 1)
CAMERAS = 8
ROUNDS = 9
LIVE = some_crossings(f"{FIRST + timedelta(days=700):%Y%m%d%H%M%S}", 20)
BATCHES = 20  # of 2,000 rows, for one figure of the storing


def month(number: int) -> datetime:
    """The first moment of the month `number` after the first one."""
    return datetime(FIRST.year + (FIRST.month - 1 + number) // 12, (FIRST.month - 1 + number) % 12 + 1, 1)


def statement(begin: str) -> str:
    """The SQL of docs/growing.md that begins so, up to its semicolon."""
    document = (PROJECT / "docs" / "growing.md").read_text("utf-8")
    assert document.count(begin) == 1, begin
    return begin + document.partition(begin)[2].partition(";")[0]


def partition(server: MariaDB, database: str, months: int = MONTHS) -> None:
    """Partition the table as the document says, for so many months."""
    ranges = [
        f"PARTITION p{month(n):%Y_%m} VALUES LESS THAN ('{month(n + 1):%Y-%m-%d}')" for n in range(months)
    ]
    head = statement("ALTER TABLE PeopleFlow PARTITION BY RANGE COLUMNS (time) (").partition("(\n")[0]
    tail = "PARTITION later VALUES LESS THAN (MAXVALUE))"
    server.execute(f"{head}({', '.join(ranges)}, {tail}", database)


def fill(server: MariaDB, database: str, rows: int, months: int = MONTHS) -> None:
    """So many rows, evenly over the months and cameras, in the order of the key; a month a statement."""
    each = rows // months
    for number in range(months):
        start, seconds = month(number), (month(number + 1) - month(number)).total_seconds()
        server.execute(
            "INSERT INTO PeopleFlow SELECT"
            f" '{start}' + INTERVAL FLOOR(seq * {seconds / each}) SECOND, CONCAT('gate ', seq % {CAMERAS}),"
            f" '{start}' + INTERVAL FLOOR(seq * {seconds / each}) + 5 SECOND, seq, seq % 9 < 4, seq, 0"
            f" FROM seq_0_to_{each - 1}",
            database,
        )


class Years:
    """A venue with its years of rows. Each method gives seconds."""

    def __init__(self, venue: Venue, months: int = MONTHS) -> None:
        self.venue = venue
        self.day = month(months - 1) + timedelta(days=14)
        self._table = PeopleFlow(Database(venue.settings()), "17")
        self._table.prepare()
        self._stored = 0

    def storing(self) -> float:
        """20 batches of live rows, of the newest month."""
        batches = []
        for _ in range(BATCHES):
            start = self.day + timedelta(seconds=self._stored * 2_000)
            content = some_crossings(f"{start:%Y%m%d%H%M%S}", 2_000)
            raw = str(content).replace("'", '"').encode()
            batches.append(parse(raw, f"{start:%Y%m%d%H%M%S}.json").crossings)
            self._stored += 1
        began = time.monotonic()
        for crossings in batches:
            self._table.insert(crossings)
        return time.monotonic() - began

    def report(self) -> float:
        """The totals of a day."""
        began = time.monotonic()
        found = self._table.totals(self.day, self.day + timedelta(days=1))
        assert found.came_in
        return time.monotonic() - began

    def view(self) -> float:
        """The first reading of a whole day, as of the view."""
        noon = self.day + timedelta(hours=23, minutes=59)
        began = time.monotonic()
        Today(self._table.database, noon.astimezone, makes=False).read()
        return time.monotonic() - began

    def close(self) -> None:
        self._table.database.close()


MEASURES: dict[str, Callable[[Years], float]] = {
    "storing 40,000 rows": Years.storing,
    "a day's report": Years.report,
    "the view's first reading": Years.view,
}


def compare(plain: Years, parted: Years, rounds: int = ROUNDS) -> Iterator[tuple[str, float, float]]:
    """Measure both in turns: what, and the medians of the plain and of the partitioned table in seconds."""
    for what, measure in MEASURES.items():
        pairs = [(measure(plain), measure(parted)) for _ in range(rounds + 1)][1:]
        yield what, statistics.median(p for p, _ in pairs), statistics.median(q for _, q in pairs)


def drop_a_month(server: MariaDB, venue: Venue) -> tuple[float, float]:
    """Drop the oldest month while an uploader stores: its seconds, and the longest that a file waited."""
    waits: list[float] = []
    done = threading.Event()

    def write() -> None:
        for number in itertools.count():
            began = time.monotonic()
            venue.drop(f"{FIRST + timedelta(days=700, seconds=number):%Y%m%d%H%M%S}.json", LIVE)
            wait_until(lambda: not venue.waiting())
            waits.append(time.monotonic() - began)
            if done.is_set():
                return

    with venue.uploading():
        writer = threading.Thread(target=write)
        writer.start()
        wait_until(lambda: len(waits) > 5)
        began = time.monotonic()
        server.execute(statement("ALTER TABLE PeopleFlow DROP PARTITION"), venue.settings().db)
        took = time.monotonic() - began
        done.set()
        writer.join()
    return took, max(waits[5:])


def new_venue(server: MariaDB, home: Path, name: str) -> Venue:
    """A venue with an empty table."""
    server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    venue = Venue(home, server.lines(name))
    table = venue.table()
    table.prepare()
    table.database.close()
    return venue


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.years", description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000_000)
    rows = parser.parse_args().rows
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    options = (
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-buffer-pool-size=256M",
        "--innodb-log-file-size=1G",
    )
    try:
        with MariaDB(folder / "db", *options) as server:
            venues = {name: new_venue(server, folder / name, name) for name in ("plain", "parted")}
            partition(server, "parted")
            for name in venues:
                began = time.monotonic()
                fill(server, name, rows)
                print(f"{name}: {rows:,} rows in {time.monotonic() - began:.0f} s", flush=True)
            both = [Years(venue) for venue in venues.values()]
            for what, plain, parted in compare(both[0], both[1]):
                print(f"{what}: {plain:.4f} s, partitioned {parted:.4f} s: {parted / plain:.2f}", flush=True)
            for one in both:
                one.close()
            took, longest = drop_a_month(server, venues["parted"])
            print(f"a month of {rows // MONTHS:,} rows dropped in {took:.2f} s; a file: {longest:.2f} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
