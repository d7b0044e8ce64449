"""How fast VisitorsFlow is here, each figure beside what it is compared with, measured in the same run.

As a command: tests/bench.py [--quick] [latency backlog scale four growth]. It prints a table and writes
bench.json. Nothing is asserted: the last column only says whether a figure is what we want it to be.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # also as python tests/bench.py

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.mariadb import MariaDB
from tests.speed import files, rows
from tests.speed.stage import FULL, QUICK, Figure, Sizes, Stage
from tests.venue import PROJECT


class Measure(NamedTuple):
    run: Callable[[Stage], None]
    steps: Callable[[Sizes], int]  # roughly, for the progress bar


MEASURES = {
    "latency": Measure(files.latency, lambda sizes: 2),
    "backlog": Measure(files.backlog, lambda sizes: sizes.rounds),
    "scale": Measure(files.scale, lambda sizes: 3 * sizes.rounds + 3),
    "four": Measure(files.four, lambda sizes: sizes.rounds),
    "growth": Measure(rows.growth, lambda sizes: 9 * sizes.rounds + len(rows.portions(0, sizes.rows))),
}
SERVER = ("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=256M")


def main() -> int:
    options = _options()
    sizes = QUICK if options.quick else FULL
    chosen = [MEASURES[name] for name in options.measures or MEASURES]
    console = Console(width=None if sys.stdout.isatty() else 110)
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    began = time.monotonic()
    try:
        with MariaDB(folder / "db", *SERVER) as server, _progress(console) as progress:
            where = _where(server, folder)
            console.print(*(f"{name:9} {value}" for name, value in where.items()), sep="\n", highlight=False)
            bar = progress.add_task("", total=sum(measure.steps(sizes) for measure in chosen))

            def step(text: str) -> None:
                progress.update(bar, description=text, advance=1)

            stage = Stage(server, folder, sizes, step)
            for measure in chosen:
                measure.run(stage)
            progress.update(bar, completed=progress.tasks[bar].total, description="done")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.print(_table(stage.figures))
    took = time.monotonic() - began
    result = json.dumps(_result(stage, where, took), indent=1, ensure_ascii=False)
    options.json.write_text(result + "\n", "utf-8")
    console.print(f"{took:.0f} s. Every run's value: {options.json}", highlight=False)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measures", nargs="*", metavar="measure", help=f"only these: {', '.join(MEASURES)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size: under a minute")
    parser.add_argument("--json", type=Path, default=PROJECT / "bench.json", help="where the result goes")
    options = parser.parse_args()
    unknown = set(options.measures) - set(MEASURES)
    if unknown:
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
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


def _where(server: MariaDB, folder: Path) -> dict[str, str]:
    """The machine, the versions and the settings that the figures hold for."""
    cpuinfo = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next(
        (line.partition(":")[2].strip() for line in cpuinfo.splitlines() if "model name" in line), "?"
    )
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("PyMySQL", "SQLAlchemy", "watchdog", "pydantic", "requests")
    [(server_version,)] = server.execute("SELECT VERSION()")
    return {
        "date": f"{datetime.now():%Y-%m-%d %H:%M}",  # noqa: DTZ005
        "machine": f"{os.cpu_count()} cores ({model}), {gigabytes:.0f} GB, {platform.platform()}",
        "folder": f"{folder} on {_file_system(folder)}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)]
        ),
        "server": f"{server_version} {' '.join(SERVER)}",
    }


def _file_system(folder: Path) -> str:
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(point, kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def _table(figures: list[Figure]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("measure", "figure"):
        table.add_column(heading)
    for heading in ("median", "lowest", "highest", "wanted", "holds"):
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
            figure.wanted,
            {True: "yes", False: "[red]no[/red]", None: ""}[figure.holds],
        )
        before = figure.measure
    return table


def _rounded(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _result(stage: Stage, where: dict[str, str], seconds: float) -> dict[str, Any]:
    figures = [{**asdict(figure), "median": figure.median, "holds": figure.holds} for figure in stage.figures]
    return {**where, "sizes": stage.sizes._asdict(), "seconds": round(seconds), "figures": figures}


if __name__ == "__main__":
    raise SystemExit(main())
