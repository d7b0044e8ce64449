"""A day of four cameras, compressed into minutes, with a fault every few seconds: nothing lost or doubled?

As a command: python -m tests.soak [--files 50000] [--seed 1]. It prints its figures and exits with 1 when
anything was lost or doubled. Not part of tests/run.
"""

import argparse
import contextlib
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.camera import Camera
from tests.faults.conftest import Scene, new_scene
from tests.mariadb import MariaDB
from tests.venue import Venue

CAMERAS = 4
FAULT_EVERY = (2.0, 5.0)


class Station:
    """One camera's PC: its folder, its camera, its uploader, which is started again whenever it has died."""

    def __init__(self, number: int, home: Path, database: str) -> None:
        self.venue = Venue(home / str(number), database)
        self.camera = Camera(self.venue.folder, f"camera {number}", records=8)
        self.venue.configure(camera=self.camera.name, idle_seconds=600)
        self.starts = 0
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        with (self.venue.home / "terminal.txt").open("ab") as terminal:
            command = self.venue.command("uploadData.py")
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
            )
        return self.process

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.start()

    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


class Faults:
    """One at a time, each healed before the next; the first station's uploader is never killed."""

    def __init__(self, scene: Scene, stations: list[Station], seed: int) -> None:
        self.counts: dict[str, int] = {}
        self._scene = scene
        self._stations = stations
        self._random = random.Random(seed)
        self._kinds: list[Callable[[], None]] = [
            self.uploader_killed,
            self.uploader_killed,
            self.link_cut,
            self.link_stalled,
            self.link_refused,
            self.commits_lost,
            self.server_killed,
            self.server_stopped,
            self.table_locked,
            self.server_read_only,
        ]

    def strike(self) -> None:
        kind = self._random.choice(self._kinds)
        kind()
        self.counts[kind.__name__] = self.counts.get(kind.__name__, 0) + 1

    def uploader_killed(self) -> None:
        self._random.choice(self._stations[1:]).kill()

    def link_cut(self) -> None:
        for _ in range(10):
            self._scene.proxy.cut()
            time.sleep(0.05)

    def link_stalled(self) -> None:
        self._scene.proxy.stall()
        time.sleep(self._random.choice([0.5, 2, 12]))
        self._scene.proxy.heal()

    def link_refused(self) -> None:
        self._scene.proxy.refuse()
        time.sleep(1)
        self._scene.proxy.heal()

    def commits_lost(self) -> None:
        self._scene.proxy.lose_commits(5)

    def server_killed(self) -> None:
        self._scene.server.kill()
        self._scene.server.start()

    def server_stopped(self) -> None:
        self._scene.server.stop()
        self._scene.server.start()

    def table_locked(self) -> None:
        database = self._scene.venue.settings().db
        with self._scene.server.connect(database=database) as other, other.cursor() as cursor:
            cursor.execute("LOCK TABLES PeopleFlow WRITE")
            time.sleep(1)

    def server_read_only(self) -> None:
        self._scene.server.execute("SET GLOBAL read_only = 1")
        time.sleep(1)
        self._scene.server.execute("SET GLOBAL read_only = 0")


def soak(scene: Scene, files: int, seed: int) -> bool:
    scene.venue.rows()  # makes the table
    stations = [Station(n, scene.venue.home, scene.venue.database) for n in range(CAMERAS)]
    faults = Faults(scene, stations, seed)
    time.sleep(5)
    memory = stations[0].memory()

    def film(station: Station) -> None:
        while station.camera.files < files // CAMERAS:
            station.camera.write()
            time.sleep(0.02)

    began = time.monotonic()
    filming = [threading.Thread(target=film, args=(station,)) for station in stations]
    for thread in filming:
        thread.start()
    warm = 0.0
    while any(thread.is_alive() for thread in filming):
        faults.strike()
        written = sum(station.camera.files for station in stations)
        if not warm and written > files / 5:
            warm = stations[0].memory()
        print(f"\r{written} of {files} files, {sum(faults.counts.values())} faults", end="", flush=True)
        time.sleep(random.uniform(*FAULT_EVERY))
    scene.proxy.heal()
    deadline = time.monotonic() + 120
    while any(station.venue.waiting() for station in stations) and time.monotonic() < deadline:
        time.sleep(0.1)
    took = time.monotonic() - began

    rows = scene.venue.rows()
    truth = set().union(*(station.camera.truth for station in stations))
    lost, doubled = len(truth - set(rows)), len(rows) - len(set(rows) & truth)
    waiting = sum(len(station.venue.waiting()) for station in stations)
    rejected = sum(len(station.venue.names("rejected")) for station in stations)
    memory_at_end = stations[0].memory()
    for station in stations:
        station.process.terminate()
    ended = [station.process.wait(20) for station in stations]
    print(f"\rfiles     {sum(station.camera.files for station in stations)} in {took:.0f} s" + " " * 20)
    print(f"rows      {len(rows)}, by the truth {len(truth)}")
    print(f"faults    {sum(faults.counts.values())}: {faults.counts}")
    print(f"lost      {lost}, waiting {waiting}, rejected {rejected}")
    print(f"doubled   {doubled}")
    sizes = f"{memory:.1f} MB at the start, {warm:.1f} MB after a fifth, {memory_at_end:.1f} MB at the end"
    print(f"memory    {sizes} (of the uploader that is never killed)")
    print(f"starts    {[station.starts for station in stations]}, exit codes {ended}")
    return not (lost or doubled or waiting or rejected or any(ended))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    try:
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(MariaDB(folder / "db", "--innodb-flush-log-at-trx-commit=1"))
            scene = stack.enter_context(new_scene(server, folder))
            return 0 if soak(scene, options.files, options.seed) else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
