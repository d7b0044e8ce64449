"""What the measures stand on: a private MariaDB, files of a camera, timed runs of the scripts, figures."""

import os
import shutil
import statistics
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests.mariadb import MariaDB
from tests.venue import CAMERA, Record, Venue, as_json, crossing
from visitorsflow.facts import Crossing
from visitorsflow.intake.crossings import parse

FIRST = datetime(2018, 5, 31)
FILE_EVERY = timedelta(seconds=5)
# The loop waits for a line on its standard input; its begin and end are written down.
TIMED = r"""
from visitorsflow.intake.uploader import Uploader
import os, time
once = Uploader.once
def timed_once(self):
    os.write(2, b"\nready\n")
    sys.stdin.readline()
    began = time.monotonic()
    done = once(self)
    os.write(2, f"\nworked {began} {time.monotonic()}\n".encode())
    return done
Uploader.once = timed_once
"""


class Sizes(NamedTuple):
    """How much is measured; `bulk` are the rows in the table at which storing is timed."""

    rounds: int
    idle_seconds: int
    latency_seconds: int
    files: int
    slow_files: int
    folder: tuple[int, int]
    archived: int
    bulk: tuple[int, ...]
    day_rows: int
    days: int

    @property
    def rows(self) -> int:
        """In the table at the end."""
        return self.day_rows * self.days


FULL = Sizes(5, 5, 25, 5_000, 12, (1_000, 100_000), 1_000_000, (10_000_000, 50_000_000), 1_000_000, 100)
QUICK = Sizes(2, 3, 4, 1_000, 10, (500, 5_000), 10_000, (100_000, 500_000), 100_000, 10)


@dataclass
class Figure:
    """One line of the result: what each run gave."""

    measure: str
    what: str
    unit: str
    runs: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


class Run(NamedTuple):
    """One run of a script: wall seconds of the process, when its loop began and ended, CPU, peak memory."""

    process_seconds: float
    began: float
    ended: float
    cpu_seconds: float
    peak_mb: float
    printed: str

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class Stage:
    """`step` is called with what is done next."""

    server: MariaDB
    folder: Path
    sizes: Sizes
    step: Callable[[str], None]
    figures: list[Figure] = field(default_factory=list)
    _venues: int = 0

    def venue(self, camera: str = CAMERA, beside: Venue | None = None) -> Venue:
        """A venue with a folder of its own, and a database of its own if it is not `beside` another."""
        self._venues += 1
        if beside:
            lines = beside.database
        else:
            name = f"bench_{uuid.uuid4().hex}"
            self.server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            lines = self.server.lines(name)
        venue = Venue(self.folder / f"venue{self._venues}", lines)
        venue.configure(camera=camera, idle_seconds=3600)
        table = venue.table()
        table.prepare()
        table.database.close()
        return venue

    def drop(self, venue: Venue) -> None:
        """Make room: its rows and its files are no longer needed."""
        self.server.execute(f"DROP DATABASE {venue.settings().db}")
        shutil.rmtree(venue.home)

    def add(self, measure: str, what: str, unit: str, runs: Sequence[float]) -> None:
        self.figures.append(Figure(measure, what, unit, list(runs)))

    def upload(self, venue: Venue, files: int, count: int, first: datetime = FIRST) -> Run:
        """Run uploadData.py --once on files that fill() made; all of their rows must be there afterwards."""
        os.sync()  # they have waited for long: their writing is not the uploader's work
        with script(venue.command("uploadData.py", "--once", first=TIMED)) as one:
            one.go()
            run = one.finish()
        assert self.count(venue, files, first) == files * count, run.printed
        return run

    def count(self, venue: Venue, files: int, first: datetime = FIRST) -> int:
        """The rows that files of fill() have made."""
        range_ = f"time BETWEEN '{first - FILE_EVERY}' AND '{first + files * FILE_EVERY}' AND ip <> 'bulk'"
        [(rows,)] = self.server.execute(
            f"SELECT COUNT(*) FROM PeopleFlow WHERE {range_}", venue.settings().db
        )
        return int(rows)


@contextmanager
def bare_connection(venue: Venue) -> Iterator[Any]:
    """The connection of the scripts, with nothing between it and the driver."""
    table = venue.table()
    try:
        yield table.database.engine.raw_connection().dbapi_connection
    finally:
        table.database.close()


def records_of(index: int, count: int, first: datetime = FIRST) -> tuple[str, list[Record]]:
    """The name and content of a camera's file: people of the last five seconds, half of them going out."""
    moment = first + index * FILE_EVERY
    records = [
        crossing(f"{moment - timedelta(seconds=i % 5):%Y%m%d%H%M%S}", index * count + i, i % 2, i * 25)
        for i in range(count)
    ]
    return f"{moment:%Y%m%d%H%M%S}.json", records


def fill(venue: Venue, files: int, count: int, first: datetime = FIRST) -> None:
    """Let files wait in its folder, `count` crossings in each."""
    for index in range(files):
        name, records = records_of(index, count, first)
        (venue.folder / name).write_bytes(as_json(records))


def crossings(files: int, count: int) -> list[Crossing]:
    """The same, as read."""
    named = (records_of(index, count) for index in range(files))
    return [c for name, records in named for c in parse(as_json(records), name).crossings]


class Script:
    """A process of one of the scripts."""

    def __init__(self, command: Sequence[str]) -> None:
        # Compiled modules are kept, as at a venue, whatever this shell says.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._peak = 0.0
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def wait_until_ready(self) -> None:
        """Its start-up is over; it waits for go()."""
        assert self.process.stderr
        said = iter(self.process.stderr.readline, "ready\n")
        assert all(said), "it has ended before it was ready"

    def go(self) -> None:
        self.wait_until_ready()
        self.release()

    def release(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def finish(self) -> Run:
        """Wait for its end, which must be a good one."""
        assert self.process.stderr
        printed = self.process.stderr.read()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        ended = time.monotonic()
        self._watcher.join()
        assert self.process.returncode == 0, printed
        assert self._peak > 0
        worked = [line.split()[1:] for line in printed.splitlines() if line.startswith("worked ")]
        began, loop_ended = map(float, worked[0]) if worked else (self._started, ended)
        cpu = usage.ru_utime + usage.ru_stime
        return Run(ended - self._started, began, loop_ended, cpu, self._peak, printed)

    def _watch(self) -> None:
        """The kernel's high-water mark; what wait4 tells is that of this process, if that is higher."""
        status = Path(f"/proc/{self.process.pid}/status")
        while self.process.returncode is None:
            try:
                _, found, rest = status.read_text().partition("VmHWM:")
            except OSError:
                return
            if not found:  # it has ended, and nobody has waited for it yet
                return
            self._peak = int(rest.split()[0]) / 1024
            time.sleep(0.01)


@contextmanager
def script(command: Sequence[str]) -> Iterator[Script]:
    one = Script(command)
    with one.process:  # waits, and closes its streams
        try:
            yield one
        finally:
            if one.process.returncode is None:
                one.process.kill()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def seconds_of(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
