"""Beside what users would pick instead, in one run: rsyslog, and the server's own way to load a file.

rsyslog reads one file with a record a line (imfile) and inserts it (ommysql): it knows nothing of files that
come, of rows that are there already, or of anything that fails. LOAD DATA is the server's limit.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.mariadb import MariaDB
from tests.speed.stage import Stage, crossings, fill, seconds_of
from tests.venue import CAMERA, Venue, wait_until

RECORDS = 20
PLUGINS = Path("/usr/lib/x86_64-linux-gnu/rsyslog")
CONFIG = """\
global(workDirectory="{folder}" maxMessageSize="8k")
module(load="imfile")
module(load="ommysql")
template(name="row" type="string" option.sql="on" string="INSERT INTO PeopleFlow VALUES({values})")
main_queue(queue.type="linkedList" queue.size="400000" queue.dequeueBatchSize="5000")
input(type="imfile" file="{records}" tag="r" ruleset="rows")
ruleset(name="rows") {{
    action(type="ommysql" server="127.0.0.1" serverport="{port}" uid="root" pwd="" db="{database}"
        template="row")
}}
"""


def missing() -> str:
    """What must be installed first; nothing if all is here."""
    if not shutil.which("rsyslogd", path="/usr/sbin") or not (PLUGINS / "ommysql.so").exists():
        return "apt-get install --no-install-recommends rsyslog rsyslog-mysql"
    return ""


def peers(stage: Stage) -> None:
    """The same rows in turns: by us from files that wait, by rsyslog, by LOAD DATA."""
    files = stage.sizes.files
    total = files * RECORDS
    sides: dict[str, Callable[[Stage, Venue, int], float]] = {
        "uploadData.py --once, from files of 20, with its start": _ours,
        "rsyslog imfile -> ommysql, with its start": _rsyslog,
        "mariadb-import (LOAD DATA)": _load,
    }
    rates: dict[str, list[float]] = {what: [] for what in sides}
    for turn in range(stage.sizes.rounds + 1):
        stage.step("peers: " + (f"round {turn}" if turn else "warming up"))
        for what, store in sides.items():
            venue = stage.venue()
            rates[what].append(total / store(stage, venue, files))
            assert stage.count(venue, files) == total
            stage.drop(venue)
    for what, runs in rates.items():
        stage.add("peers", what, "rows/s", runs[1:])


def _ours(stage: Stage, venue: Venue, files: int) -> float:
    fill(venue, files, RECORDS)
    return stage.upload(venue, files, RECORDS).process_seconds


def _lines(venue: Venue, files: int, separator: str) -> Path:
    """A file with a record a line, as long as it takes; beside the venue's folder."""
    path = venue.home / "PeopleFlow.txt"
    with path.open("w", encoding="utf-8") as stream:
        for c in crossings(files, RECORDS):
            row = (c.time, CAMERA, c.output_time, c.person, c.state, c.frame, c.occurrence)
            stream.write(separator.join(map(str, row)) + "\n")
    os.sync()
    return path


def _rsyslog(stage: Stage, venue: Venue, files: int) -> float:
    database = venue.settings().db or ""
    fields = [f"%msg:F,44:{number}%" for number in range(1, 8)]
    values = ",".join(f"'{field}'" for field in fields)
    config = venue.home / "rsyslog.conf"
    settings = {"folder": venue.home, "records": _lines(venue, files, ","), "port": stage.server.port}
    config.write_text(CONFIG.format(values=values, database=database, **settings))
    pid = venue.home / "rsyslog.pid"
    began = time.monotonic()
    with subprocess.Popen(["/usr/sbin/rsyslogd", "-n", "-f", config, "-i", pid]) as process:
        try:
            wait_until(lambda: _rows(stage.server, database) >= files * RECORDS, "rsyslog is done", 300)
            return time.monotonic() - began
        finally:
            process.kill()


def _rows(server: MariaDB, database: str) -> int:
    time.sleep(0.05)  # counting is work for the server
    return int(server.execute("SELECT COUNT(*) FROM PeopleFlow", database)[0][0])


def _load(stage: Stage, venue: Venue, files: int) -> float:
    path, database = _lines(venue, files, "\t"), venue.settings().db or ""
    command = [
        "mariadb-import",
        "--no-defaults",
        "-h127.0.0.1",
        f"-P{stage.server.port}",
        "-uroot",
        "--local",
    ]
    run = partial(subprocess.run, [*command, database, path], check=True, stdout=subprocess.DEVNULL)
    return seconds_of(run)
