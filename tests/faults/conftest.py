"""A scene for a fault: a camera, a venue, a proxy, and a MariaDB that may be killed."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.camera import Camera
from tests.mariadb import MariaDB, short_folder
from tests.proxy import Proxy
from tests.venue import Venue, wait_until

PASSWORD = "least"


@dataclass
class Scene:
    """Everything that a fault can hit. The uploader reaches the server through the proxy."""

    server: MariaDB
    proxy: Proxy
    venue: Venue
    camera: Camera

    def write(self, count: int, every: float = 0) -> None:
        for _ in range(count):
            self.camera.write()
            time.sleep(every)

    def wait_until_all_is_stored(self, seconds: float = 45) -> None:
        wait_until(lambda: not self.venue.waiting(), "every file is put away", seconds)

    def check(self) -> None:
        """The table is the truth, row for row, and nothing was rejected."""
        rows = self.venue.rows()
        assert set(rows) == self.camera.truth
        assert len(rows) == len(self.camera.truth)
        assert self.venue.waiting() == set()
        assert self.venue.names("rejected") == set()


@pytest.fixture(scope="session")
def faulty_mariadb() -> Iterator[MariaDB]:
    """A server for the faults: each leaves it running and well."""
    with short_folder() as folder, MariaDB(folder, "--innodb-flush-log-at-trx-commit=1") as server:
        yield server


@pytest.fixture
def scene(faulty_mariadb: MariaDB, tmp_path: Path) -> Iterator[Scene]:
    """A scene on the common server."""
    with new_scene(faulty_mariadb, tmp_path) as scene:
        yield scene


@contextmanager
def new_scene(server: MariaDB, folder: Path) -> Iterator[Scene]:
    """A new database, and a user with no more rights than the README gives."""
    name = f"v{uuid.uuid4().hex[:20]}"
    server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    server.execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY '{PASSWORD}'")
    server.execute(f"GRANT SELECT, INSERT, UPDATE, CREATE ON {name}.* TO '{name}'@'%'")
    with Proxy(server.port) as proxy:
        values = ("127.0.0.1", proxy.port, name, PASSWORD, name)
        venue = Venue(folder / "venue", f"host, port, user, password, db = {values!r}")
        yield Scene(server, proxy, venue, Camera(venue.folder))
    server.execute(f"DROP DATABASE {name}")
