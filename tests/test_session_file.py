"""The session file is read for each delivery, and written only where something is new in it."""

import contextlib
import resource
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from telethon import types
from telethon.crypto import AuthKey
from telethon.sessions import SQLiteSession

from tests.telethon_stand_in import STAFF, FakeClient, user_account
from visitorsflow.facts import Message
from visitorsflow.telegram.account import Account
from visitorsflow.telegram.session_file import Copy

KEY = b"k" * 256


@pytest.fixture
def account(telegram: object, tmp_path: Path) -> Account:
    """A user account that Telethon itself has signed in."""
    account = user_account("@staff", tmp_path)
    file = SQLiteSession(str(account.session))
    file.set_dc(2, "149.154.167.51", 443)
    file.auth_key = AuthKey(data=KEY)
    file.process_entities([STAFF])
    file.close()
    return account


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow, and none can be made that has anything in it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def named(number: int, username: str, key: int = 1) -> types.User:
    return types.User(number, access_hash=key, first_name=username, username=username)


def telethons(account: Account) -> Any:
    """The file as Telethon reads it."""
    return SQLiteSession(str(account.session))


def test_an_alert_goes_on_a_full_disk(account: Account) -> None:
    """And no file is left behind."""
    with full_disk():
        account.deliver(Message("text", 1))
    assert [sent.message for sent in FakeClient.sent()] == ["text"]
    assert FakeClient.made[0].session.auth_key.key == KEY
    assert [path.name for path in account.session.parent.iterdir()] == [account.session.name]


def test_an_alert_goes_while_another_program_writes(account: Account) -> None:
    """The file can't be written then."""
    with contextlib.closing(sqlite3.connect(account.session, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        account.deliver(Message("text", 1))
    assert FakeClient.sent()


def test_it_is_a_key_to_the_account(account: Account) -> None:
    """For its owner's eyes, whoever made it."""
    account.session.chmod(0o644)
    account.deliver(Message("text", 1))
    assert stat.S_IMODE(account.session.stat().st_mode) == 0o600


def test_it_is_not_written_when_nothing_is_new(account: Account) -> None:
    """An alert does not depend on the disk, nor wear it out."""
    before = account.session.stat().st_mtime_ns
    account.deliver(Message("text", 1))
    assert account.session.stat().st_mtime_ns == before


def test_it_knows_what_the_file_knows(account: Account) -> None:
    """Where Telegram is, and whom it has seen."""
    copy = Copy(account.session)
    assert (copy.dc_id, copy.server_address, copy.port) == (2, "149.154.167.51", 443)
    assert copy.get_input_entity("@staff") == types.InputPeerUser(777, 70)


def test_what_is_new_is_saved(account: Account) -> None:
    """Another data centre, another key; whom it has seen, each once and as it was last."""
    copy = Copy(account.session)
    copy.process_entities([named(1, "gates"), named(777, "staff", 71)])
    copy.process_entities([named(2, "gates")])
    copy.set_dc(4, "149.154.167.91", 443)
    copy.auth_key = AuthKey(data=b"n" * 256)
    copy.write_back()
    saved = telethons(account)
    assert (saved.dc_id, saved.auth_key.key) == (4, b"n" * 256)
    for session in (saved, copy, Copy(account.session)):
        assert session.get_input_entity("@staff") == types.InputPeerUser(777, 71)
        assert session.get_input_entity("@gates") == types.InputPeerUser(2, 1)
    saved.close()


def test_what_can_not_be_saved(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    """Is said once in the log, and saved when that works."""
    copy = Copy(account.session)
    copy.process_entities([named(1, "gates")])
    with full_disk():
        copy.write_back()
        copy.write_back()
    [line] = caplog.messages
    assert line.startswith(f"{account.session} can't be written, alerts go all the same: ")
    copy.write_back()
    assert Copy(account.session).get_input_entity("@gates") == types.InputPeerUser(1, 1)


def test_a_file_of_an_older_telethon(account: Account) -> None:
    """Its key is good; whom it has seen was kept wrongly then, and is looked up again."""
    with contextlib.closing(sqlite3.connect(account.session)) as file, file:
        file.execute("UPDATE version SET version = 5")
        file.execute("ALTER TABLE sessions DROP COLUMN tmp_auth_key")
        file.execute("ALTER TABLE entities DROP COLUMN date")
    copy = Copy(account.session)
    assert copy.auth_key.key == KEY
    with pytest.raises(ValueError, match="Could not find"):
        copy.get_input_entity("@staff")
    copy.process_entities([STAFF])
    copy.write_back()
    saved = telethons(account)
    assert saved.auth_key.key == KEY
    saved.close()


def test_one_that_is_missing_is_not_made(tmp_path: Path) -> None:
    """Somebody has just put it aside."""
    with pytest.raises(sqlite3.OperationalError):
        Copy(tmp_path / "visitorsflow.session")
    assert not list(tmp_path.iterdir())
