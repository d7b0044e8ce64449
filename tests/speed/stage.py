"""What the measures stand on: a private MariaDB, files of a camera, timed runs of the scripts, figures."""

import os
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pymysql

from tests.conftest import mariadb_lines
from tests.mariadb import MariaDB
from tests.venue import CAMERA, Record, Venue, as_json, crossing
from visitorsflow.crossings import Crossing, parse
from visitorsflow.schema import COLUMNS, PEOPLE_FLOW

Connection: TypeAlias = "pymysql.Connection[Any]"
FIRST = datetime(2018, 5, 31)
FILE_EVERY = timedelta(seconds=5)
ROWS_A_TRANSACTION = 5_000
# Writes down when the loop itself begins and ends, without the process's start-up.
TIMED = """
from visitorsflow.uploader import Uploader
import os, time
once = Uploader.once
def timed_once(self):
    began = time.monotonic()
    try:
        return once(self)
    finally:
        os.write(2, f"\\nworked {began} {time.monotonic()}\\n".encode())
Uploader.once = timed_once
"""


class Sizes(NamedTuple):
    """How much is measured; `bulk` are the rows in the table at which storing is timed."""

    rounds: int
    latency_seconds: int
    files: int
    present_files: int
    folder: tuple[int, int]
    archived: int
    bulk: tuple[int, ...]
    day_rows: int
    days: int

    @property
    def rows(self) -> int:
        """In the table at the end."""
        return self.day_rows * self.days


FULL = Sizes(5, 50, 5_000, 25, (1_000, 100_000), 1_000_000, (0, 10_000_000, 50_000_000), 1_000_000, 100)
QUICK = Sizes(2, 4, 1_000, 10, (500, 5_000), 10_000, (0, 100_000, 500_000), 100_000, 10)


@dataclass
class Figure:
    """One line of the result: what was measured in each run, and what it is to be."""

    measure: str
    what: str
    unit: str
    runs: list[float]
    at_least: float | None = None
    at_most: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def wanted(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}" if self.at_most is not None else ""

    @property
    def holds(self) -> bool | None:
        """None when nothing was wanted of it."""
        if self.at_least is not None:
            return self.median >= self.at_least
        return self.median <= self.at_most if self.at_most is not None else None


class Run(NamedTuple):
    """One run of a script: wall seconds of the process and of its loop, CPU seconds, peak resident MB."""

    process_seconds: float
    began: float
    ended: float
    cpu_seconds: float
    peak_mb: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class Stage:
    server: MariaDB
    folder: Path
    sizes: Sizes
    step: Callable[[str], None]
    """Called with what comes next, so that the progress bar tells."""
    figures: list[Figure] = field(default_factory=list)
    _venues: int = 0

    def venue(self, camera: str = CAMERA, beside: Venue | None = None) -> Venue:
        """A venue with a folder of its own, and a database of its own if it is not `beside` another."""
        self._venues += 1
        if beside:
            lines = beside.database
        else:
            name = f"bench{self._venues}"
            self.server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            lines = mariadb_lines(self.server, name)
        venue = Venue(self.folder / f"venue{self._venues}", lines)
        venue.configure(camera=camera, idle_seconds=3600)
        table = venue.table()
        table.prepare()
        table.close()
        return venue

    def drop(self, venue: Venue) -> None:
        """Make room: its rows and its files are no longer needed."""
        self.server.execute(f"DROP DATABASE {venue.settings().db}")
        shutil.rmtree(venue.home)

    def connect(self, venue: Venue, **options: Any) -> Connection:
        """A connection as the scripts make theirs, with nothing between it and the driver."""
        return self.server.connect(
            database=venue.settings().db,
            autocommit=options.pop("autocommit", False),
            charset="utf8mb4",
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            **options,
        )

    def add(self, measure: str, what: str, unit: str, runs: Sequence[float], **wanted: float) -> Figure:
        figure = Figure(measure, what, unit, list(runs), **wanted)
        self.figures.append(figure)
        return figure


def records_of(index: int, count: int, first: datetime = FIRST) -> tuple[str, list[Record]]:
    """The name and content of a camera's file: people of the last five seconds, half of them going out."""
    moment = first + index * FILE_EVERY
    records = [
        crossing(f"{moment - timedelta(seconds=i % 5):%Y%m%d%H%M%S}", index * count + i, i % 2, i * 25)
        for i in range(count)
    ]
    return f"{moment:%Y%m%d%H%M%S}.json", records


def fill(folder: Path, files: int, count: int, first: datetime = FIRST) -> None:
    """Let files wait in a folder, `count` crossings in each."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(files):
        name, records = records_of(index, count, first)
        (folder / name).write_bytes(as_json(records))
    os.sync()  # they have waited for long: their writing is not the uploader's work


def crossings(files: int, count: int, first: datetime = FIRST) -> list[Crossing]:
    """The same, as read."""
    named = (records_of(index, count, first) for index in range(files))
    return [c for name, records in named for c in parse(as_json(records), name).crossings]


def rows_of(found: Sequence[Crossing]) -> list[tuple[Any, ...]]:
    """As a driver takes them; times as text, which it escapes in a third less time than datetimes."""
    return [
        (str(c.time), CAMERA, str(c.output_time), c.person, c.state, c.frame, c.occurrence) for c in found
    ]


def insert_statement() -> str:
    """The scripts' statement with bare placeholders, as PyMySQL wants it to send many rows at once."""
    columns, marks = ", ".join(COLUMNS), ", ".join(["%s"] * len(COLUMNS))
    return f"INSERT INTO {PEOPLE_FLOW.name} ({columns}) VALUES ({marks}) ON DUPLICATE KEY UPDATE ip = ip"


def upload(venue: Venue) -> Run:
    """Run uploadData.py --once; everything must be stored."""
    run, _ = finish(start(venue.command("uploadData.py", "--once", first=TIMED)))
    return run


class Started(NamedTuple):
    process: "subprocess.Popen[str]"
    began: float
    peak: list[float]
    watcher: threading.Thread


def start(command: Sequence[str]) -> Started:
    # Compiled modules are kept, as at a venue, whatever this shell says.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watcher.start()
    return Started(process, began, peak, watcher)


def finish(started: Started) -> tuple[Run, str]:
    """Wait for its end, which must be a good one; also what it printed on its standard error."""
    process = started.process
    assert process.stderr
    printed = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    ended = time.monotonic()
    started.watcher.join()
    assert process.returncode == 0, printed
    worked = [line.split()[1:] for line in printed.splitlines() if line.startswith("worked ")]
    loop_began, loop_ended = map(float, worked[0]) if worked else (started.began, ended)
    cpu = usage.ru_utime + usage.ru_stime
    return Run(ended - started.began, loop_began, loop_ended, cpu, started.peak[0]), printed


def _watch(process: "subprocess.Popen[str]", peak: list[float]) -> None:
    """The kernel's own high-water mark; wait4's would be that of this process at the fork, if higher."""
    while process.returncode is None and (found := memory(process.pid, "VmHWM")):
        peak[0] = found
        time.sleep(0.01)


def memory(pid: int, what: str) -> float:
    """MB, or 0 when the process has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    _, found, rest = status.partition(f"{what}:")
    return int(rest.split()[0]) / 1024 if found else 0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def seconds_of(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def ratios(these: Sequence[float], those: Sequence[float], scale: float = 1) -> list[float]:
    """Round by round, so that what disturbs the machine disturbs both sides of each."""
    return [scale * a / b for a, b in zip(these, those, strict=True)]
