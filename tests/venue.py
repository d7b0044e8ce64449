"""A venue of its own for each test: a folder with config.py, a camera's folder and real processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import select

from tests import forks
from visitorsflow import settings
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import PEOPLE_FLOW, PeopleFlow

PROJECT = Path(__file__).resolve().parent.parent
CAMERA = "17"
Row = tuple[datetime, str, datetime, int, int, int, int]
Record = dict[str, Any]


class Venue:
    """`home` holds config.py; files are dropped into `folder`; `rows()` is what the table holds."""

    usual: ClassVar[dict[str, object]] = {"camera": CAMERA, "settle_seconds": 0.3}

    def __init__(self, home: Path, database: str) -> None:
        self.home = home
        self.folder = home / "Files"
        self.folder.mkdir(parents=True)
        self.database = database
        self.configure()

    def configure(self, **chosen: object) -> None:
        """Write config.py: the database's lines, quick settling, and what is chosen."""
        chosen = {**self.usual, **chosen}
        lines = [self.database, *(f"{name} = {value!r}" for name, value in chosen.items())]
        config = self.home / "config.py"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        config.chmod(0o600)

    def drop(self, name: str, records: Sequence[Record] | bytes) -> Path:
        """Put a file into the folder as a camera does: under another name first, then renamed."""
        raw = records if isinstance(records, bytes) else as_json(records)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(raw)
        part.replace(path)
        return path

    def run(self, script: str, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        """Run a script of the project to its end; `fresh` as for forks.start."""
        return forks.run(
            self.command(script, *arguments, first=options.pop("first", "")),
            capture_output=True,
            encoding="utf-8",
            cwd=options.pop("cwd", "/"),
            **options,
        )

    def upload(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run("uploadData.py", "--once", *arguments)

    @contextlib.contextmanager
    def uploading(
        self, *arguments: str, first: str = "", before: Sequence[str] = (), fresh: bool = False
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """uploadData.py as it runs for months; ended by SIGTERM, after which it must have exited with 0.

        `before` goes before the command; `first` is Python that its process runs before the script; `fresh`
        as for forks.start.
        """
        with (self.home / "terminal.txt").open("ab") as terminal:
            process = forks.start(
                [*before, *self.command("uploadData.py", *arguments, first=first)],
                fresh=fresh,
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )
        try:
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            assert process.wait(20) in (0, -signal.SIGKILL, -signal.SIGINT), self.terminal()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def terminal(self) -> str:
        """Everything that uploading() has printed so far."""
        path = self.home / "terminal.txt"
        return path.read_text("utf-8") if path.exists() else ""

    def settings(self) -> settings.Settings:
        return settings.load(self.home / "config.py", required=True)

    def table(self) -> PeopleFlow:
        settings = self.settings()
        return PeopleFlow(Database(settings), settings.camera)

    def rows(self) -> list[Row]:
        """All rows of the table, in the order of its key; none while there is no table."""
        table = self.table()
        try:
            table.prepare()
            with table.database.engine.connect() as connection:
                found = connection.execute(select(PEOPLE_FLOW).order_by(*PEOPLE_FLOW.primary_key))
                return [tuple(row) for row in found]
        finally:
            table.database.close()

    def names(self, *parts: str) -> set[str]:
        """The names of the files below a folder of the queue, without those that only explain."""
        folder = self.folder.joinpath(*parts)
        return {p.name for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".reason.txt")}

    def waiting(self) -> set[str]:
        """The names of all files that are neither in stored/ nor in rejected/, nor our own."""
        ours = (self.folder / "stored", self.folder / "rejected")
        return {
            p.name
            for p in self.folder.rglob("*")
            if p.is_file()
            and not p.name.startswith(".visitorsflow")
            and not any(o in p.parents for o in ours)
        }

    def reason(self, name: str) -> str:
        return (self.folder / "rejected" / f"{name}.reason.txt").read_text("utf-8")

    def command(self, script: str, *arguments: str, first: str = "") -> list[str]:
        options = ["--config", str(self.home / "config.py"), *arguments]
        if not first:
            return [sys.executable, str(PROJECT / script), *options]
        code = (
            f"import runpy, sys; sys.path.insert(0, {str(PROJECT)!r}); sys.argv = {[script, *options]!r}\n"
            f"{first}\nrunpy.run_path({str(PROJECT / script)!r}, run_name='__main__')"
        )
        return [sys.executable, "-c", code]


def as_json(records: Sequence[Record]) -> bytes:
    return json.dumps(records).encode()


def crossing(moment: str, person: int = 1, state: int = 0, frame: int = 0) -> Record:
    return {"ID": person, "inOut": state, "time": moment, "frameNumber": frame}


def some_crossings(start: str, count: int) -> list[Record]:
    """`count` different crossings, one a second from `start`; every third goes out."""
    began = datetime.strptime(start, "%Y%m%d%H%M%S")  # noqa: DTZ007
    return [
        crossing(f"{began + timedelta(seconds=i):%Y%m%d%H%M%S}", i, int(i % 3 == 2), i * 25)
        for i in range(count)
    ]


def truth(name: str, records: Sequence[Record], camera: str = CAMERA) -> set[Row]:
    """The rows that one file of valid records must make, counted the plain way."""
    output_time = _moment(name[:14])
    rows: set[Row] = set()
    for record in records:
        occurrence = 0
        while True:
            row = (
                _moment(record["time"]),
                camera,
                output_time,
                int(record["ID"]),
                int(record["inOut"]),
                int(record.get("frameNumber", 0)),
                occurrence,
            )
            if row not in rows:
                break
            occurrence += 1
        rows.add(row)
    return rows


def wait_until(condition: Callable[[], object], what: str = "", seconds: float = 30) -> None:
    """Wait for a condition, and fail when it has not come true within the time limit.

    One that is dear to ask, as of a database, takes a fifth of the time: who is waited for needs the rest.
    """
    deadline = time.monotonic() + seconds
    asked_for = -time.thread_time()
    while not condition():
        asked_for += time.thread_time()
        assert time.monotonic() < deadline, f"still not so after {seconds} s: {what or condition}"
        time.sleep(max(0.01, 4 * asked_for))
        asked_for = -time.thread_time()


def without_the_power_of_root() -> list[str]:
    """What to put before a command so that file permissions count even when the tests run as root."""
    if os.geteuid() != 0:
        return []
    return list(forks.WITHOUT_POWER)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007
