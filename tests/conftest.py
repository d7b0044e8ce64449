"""Fixtures: one private MariaDB for the whole run, and a venue of its own for each test."""

import signal
import uuid
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from pytest_httpserver import HTTPServer

from tests.api import Api
from tests.mariadb import NAMED, MariaDB, NamedServer, Server, short_folder
from tests.venue import Venue, wait_until
from visitorsflow.database.connection import Database

# How fast anything is, no test says.
settings.register_profile("ours", deadline=None, max_examples=40)
settings.register_profile("all", deadline=None, max_examples=100)  # of tests/run --all
settings.load_profile("ours")


# Those that take longest, as they begin; they wait rather than calculate, so nobody shall wait for them.
LONGEST = (
    "test_bench.py",
    "test_more_events_than_the_queue_holds",
    "test_a_clean_stop_for_half_a_minute",
    "test_the_alerts_of_a_long_absence",
    "test_it_reads_while_uploads_are_stored",
    "test_sigkill_at_random_moments",
    "test_one_dies_and_comes_back",
    "test_in_a_pipe",
    "test_what_the_view_shows_of_it",
    "test_a_process_that_stood_still_is_not_a_disk_that_does",
    "test_the_speaker_dies_with_another",
    "test_venue_faults.py",
    "test_database_faults.py",
    "test_crossings.py::test_any_bytes",
    "test_crossings.py::test_rejected_records",
    "test_process_faults.py",
    "test_folder_faults.py",
    "test_hanging_faults.py",
    "test_overview.py",
    "test_check.py",
    "test_call_api.py",
)


# Under nohup, and behind & in a script, these are ignored, and so they would be in each process of a test.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, or the whole run waits for it at its end."""

    def place(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """A server that nobody stops; the tests that do start one of their own. Or the one that is named."""
    if NAMED:
        with NamedServer(NAMED) as named:
            yield named
        return
    with short_folder() as folder, MariaDB(folder, "--innodb-flush-log-at-trx-commit=2") as server:
        yield server


@pytest.fixture
def mariadb_venue(mariadb: Server, tmp_path: Path) -> Iterator[Venue]:
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
