"""Fixtures: one private MariaDB for the whole run, and a venue of its own for each test."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from pytest_httpserver import HTTPServer

from tests.api import Api
from tests.mariadb import MariaDB
from tests.venue import Venue, wait_until
from visitorsflow.database.connection import Database

# How fast anything is, no test says.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A server that nobody stops; the tests that do start one of their own."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))  # short: a socket's path has a limit
    try:
        with MariaDB(folder, "--innodb-flush-log-at-trx-commit=2") as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mariadb_venue(mariadb: MariaDB, tmp_path: Path) -> Iterator[Venue]:
    """A venue with a new database on MariaDB."""
    name = f"v{uuid.uuid4().hex}"
    mariadb.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield Venue(tmp_path / "venue", mariadb.lines(name))
    mariadb.execute(f"DROP DATABASE {name}")


@pytest.fixture
def sqlite_venue(tmp_path: Path) -> Venue:
    """A venue on the embedded database: what a newcomer has."""
    return Venue(tmp_path / "venue", "")


@pytest.fixture(params=["sqlite", "mariadb"])
def venue(request: pytest.FixtureRequest) -> Venue:
    """A venue on each of the two databases: the same tests for both."""
    chosen: Venue = request.getfixturevalue(f"{request.param}_venue")
    return chosen


@pytest.fixture
def database(venue: Venue) -> Iterator[Database]:
    """A connection to the venue's database."""
    database = Database(venue.settings())
    yield database
    database.close()


@pytest.fixture
def api(httpserver: HTTPServer) -> Iterator[Api]:
    """An API that was asked for nothing else than what it expects."""
    yield Api(httpserver)
    httpserver.check_assertions()


@pytest.fixture
def not_at_midnight() -> None:
    """For tests that speak of today: it must not end while one runs."""
    wait_until(lambda: datetime.now().time() < time(23, 59), seconds=61)  # noqa: DTZ005


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Telethon's client is the stand-in, which knows @staff and has done nothing yet."""
    from tests.telethon_stand_in import STAFF, FakeClient  # Telethon takes half a second

    monkeypatch.setattr("visitorsflow.telegram.client.TelegramClient", FakeClient)
    for name in ("made", "at_connect", "at_look_up", "answers", "requests", "chats", "heard"):
        monkeypatch.setattr(FakeClient, name, [])
    monkeypatch.setattr(FakeClient, "usernames", {"@staff": STAFF})
    monkeypatch.setattr(FakeClient, "password", None)
    return FakeClient
