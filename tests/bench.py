"""How fast VisitorsFlow is here, each figure beside what it is compared with, measured in the same run.

As a command: tests/bench.py [--quick] [latency backlog scale four growth]. It prints a table and writes
bench.json (bench.part.json if that is not all of it). It measures what the documents quote; nothing is
asserted.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # also as python tests/bench.py

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.mariadb import MariaDB
from tests.speed import files, peers, rows
from tests.speed.stage import FULL, QUICK, Figure, Sizes, Stage
from tests.venue import PROJECT


class Measure(NamedTuple):
    """`steps` are those that it announces; they take about `seconds` together at full size."""

    run: Callable[[Stage], None]
    seconds: int
    steps: Callable[[Sizes], int]


MEASURES = {
    "latency": Measure(files.latency, 45, lambda sizes: sizes.latency_seconds + 1),
    "backlog": Measure(files.backlog, 40, lambda sizes: sizes.rounds + 1),
    "scale": Measure(files.scale, 110, lambda sizes: 3 * sizes.rounds + 3),
    "four": Measure(files.four, 30, lambda sizes: sizes.rounds),
    "growth": Measure(rows.growth, 350, lambda sizes: 7 * sizes.rounds + len(rows.portions(0, sizes.rows))),
}
PEERS = {"peers": Measure(peers.peers, 150, lambda sizes: sizes.rounds + 1)}
SERVER = ("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=256M")
PACKAGES = ("PyMySQL", "SQLAlchemy", "watchdog", "pydantic", "requests")
VARIABLES = ("version", "innodb_flush_method", "innodb_log_file_size", "innodb_doublewrite", "log_bin")


def main() -> int:
    options = _options()
    sizes = QUICK if options.quick else FULL
    chosen = [MEASURES[name] for name in options.measures or MEASURES]
    if options.peers:
        chosen = [*PEERS.values()]
    is_whole = sizes is FULL and len(chosen) == len(MEASURES)
    result: Path = options.json or PROJECT / ("bench.json" if is_whole else "bench.part.json")
    result.touch()  # that this is not possible would be learnt late otherwise
    console = Console(width=None if sys.stdout.isatty() else 110)
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    figures: list[Figure] = []
    where: dict[str, str] = {}
    try:
        with MariaDB(folder / "db", *SERVER) as server, _progress(console) as progress:
            where = _where(server, folder, sizes)
            console.print(*(f"{name:9} {value}" for name, value in where.items()), sep="\n", highlight=False)
            bar = Bar(progress, chosen, sizes)
            stage = Stage(server, folder, sizes, bar.step, figures)
            for measure in chosen:
                bar.begin(measure)
                measure.run(stage)
    finally:  # what was measured before a failure or Ctrl-C counts
        shutil.rmtree(folder, ignore_errors=True)
        took = time.monotonic() - began
        console.print(_table(figures))
        values = [{**asdict(figure), "median": figure.median} for figure in figures]
        text = json.dumps({**where, "seconds": round(took), "figures": values}, indent=1, ensure_ascii=False)
        result.write_text(text + "\n", "utf-8")
        console.print(f"{took:.0f} s. Every run's value: {result}", highlight=False)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench.py", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="measure", help=f"only these: {', '.join(MEASURES)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, a minute")
    parser.add_argument("--peers", action="store_true", help="only beside rsyslog and LOAD DATA")
    parser.add_argument("--json", type=Path, help="where the result goes")
    options = parser.parse_args()
    unknown = set(options.measures) - set(MEASURES)
    if unknown:
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    if options.peers and peers.missing():
        parser.error(f"first: {peers.missing()}")
    return options


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
    )


class Bar:
    """The progress bar: each measure has its share of the time, each of its steps the same part of that."""

    def __init__(self, progress: Progress, chosen: list[Measure], sizes: Sizes) -> None:
        self._progress = progress
        self._sizes = sizes
        self._task = progress.add_task("", total=sum(measure.seconds for measure in chosen))
        self._done = self._part = self._end = 0.0

    def begin(self, measure: Measure) -> None:
        self._done = self._end
        self._end += measure.seconds
        self._part = measure.seconds / (measure.steps(self._sizes) + 1)

    def step(self, text: str) -> None:
        """The step before is done, this one begins."""
        self._progress.update(self._task, completed=self._done, description=text)
        self._done = min(self._done + self._part, self._end)


def _where(server: MariaDB, folder: Path, sizes: Sizes) -> dict[str, str]:
    """The machine, the versions, the settings and the sizes that the figures hold for."""
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if "model name" in line]
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    [values] = server.execute(f"SELECT {', '.join('@@' + name for name in VARIABLES)}")
    settings = [f"{name}={value}" for name, value in zip(VARIABLES, values, strict=True)]
    return {
        "date": f"{datetime.now():%Y-%m-%d %H:%M}, commit {commit.stdout.strip() or 'unknown'}",  # noqa: DTZ005
        "machine": f"{os.cpu_count()} cores ({(models or ['unknown'])[0]}), {gigabytes:.0f} GB",
        "system": f"{platform.platform()}, load {os.getloadavg()[0]:.1f}",
        "folder": f"{folder} on {_file_system(folder)}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
        ),
        "server": " ".join([*SERVER, *settings]),
        "sizes": " ".join(f"{name}={value}" for name, value in sizes._asdict().items()),
    }


def _file_system(folder: Path) -> str:
    mounts = [line.split()[1:3] for line in _lines("/proc/mounts")]
    holding = [(len(point), kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(holding, default=(0, "unknown"))[1]


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def _table(figures: list[Figure]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("measure", "figure"):
        table.add_column(heading)
    for heading in ("median", "lowest", "highest"):
        table.add_column(heading, justify="right")
    before = ""
    for figure in figures:
        if before and before != figure.measure:
            table.add_section()
        table.add_row(
            figure.measure if figure.measure != before else "",
            figure.what,
            f"{_rounded(figure.median)} {figure.unit}",
            _rounded(min(figure.runs)),
            _rounded(max(figure.runs)),
        )
        before = figure.measure
    return table


def _rounded(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    raise SystemExit(main())
