"""A start that a person must help is told on the phone: after a reboot nobody looks at that PC's terminal."""

import sqlite3
import time
from typing import Any

import pytest
from telethon import errors

from tests.telethon_stand_in import FakeClient
from tests.venue import Venue
from visitorsflow.app import App
from visitorsflow.database.connection import Database
from visitorsflow.errors import ConfigurationError

TELEGRAM = {"api_id": 1, "api_hash": "hash", "bot_token": FakeClient.token, "telegram_to": "777"}


class NoSignals:
    """Nobody ends this process."""

    def stop(self, loop: object, ask: object = None) -> None:
        pass


def start(venue: Venue, **more: Any) -> str:
    """Start the parts as uploadData.py does; they end with an error that the script makes exit code 2."""
    venue.configure(**TELEGRAM, **more)
    settings = venue.settings()
    with pytest.raises(ConfigurationError) as raised:
        App(settings, venue.folder, Database(settings)).run(NoSignals())  # type: ignore[arg-type]
    return raised.value.reason.text(settings.language)


@pytest.fixture
def refused(sqlite_venue: Venue) -> Venue:
    """A venue whose table is somebody else's."""
    with sqlite3.connect(sqlite_venue.home / "visitorsflow.db") as file:
        file.execute("CREATE TABLE PeopleFlow (x INTEGER)")
    file.close()
    return sqlite_venue


@pytest.mark.usefixtures("telegram")
@pytest.mark.parametrize(
    ("language", "begins"),
    [("zh-TW", "攝影機 17 的程式無法啟動，請處理："), ("en", "The program of camera 17 could not start: ")],
)
def test_a_table_that_is_not_ours(refused: Venue, language: str, begins: str) -> None:
    """One message with the camera's name and the reason; what to do stands in the log."""
    reason = start(refused, language=language)
    [sent] = FakeClient.sent()
    assert sent.message.startswith(f"🔴 {begins}{reason[:40]}")


@pytest.mark.usefixtures("telegram")
def test_a_password_that_is_wrong(mariadb_venue: Venue) -> None:
    """It says so without the password."""
    start(mariadb_venue, password="hunter2", language="en")
    [sent] = FakeClient.sent()
    assert "Access denied" in sent.message
    assert "hunter2" not in sent.message


@pytest.mark.usefixtures("telegram")
def test_when_telegram_is_away_too(refused: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends after some seconds all the same."""
    monkeypatch.setattr("visitorsflow.app.DELIVERY_AT_REFUSAL_SECONDS", 0.5)
    FakeClient.at_connect += [errors.FloodWaitError(None, capture=600)] * 9
    began = time.monotonic()
    start(refused)
    assert time.monotonic() - began < 20
    assert FakeClient.sent() == []


def test_without_telegram(refused: Venue, caplog: pytest.LogCaptureFixture) -> None:
    """It stands in the log as each alert does."""
    refused.configure(language="en")
    settings = refused.settings()
    with pytest.raises(ConfigurationError):
        App(settings, refused.folder, Database(settings)).run(NoSignals())  # type: ignore[arg-type]
    assert any(line.startswith("ALERT The program of camera 17 could not start") for line in caplog.messages)
