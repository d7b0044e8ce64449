"""The Telegram session of the 2018 program becomes ours, where nobody can be harmed by it."""

import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest
from telethon.sessions import SQLiteSession

from visitorsflow.telegram.sign_in import take_over

KEY = bytes(range(256))
SESSION_OF_2018 = """
CREATE TABLE version (version INTEGER PRIMARY KEY);
INSERT INTO version VALUES (3);
CREATE TABLE sessions (dc_id INTEGER PRIMARY KEY, server_address TEXT, port INTEGER, auth_key BLOB);
CREATE TABLE entities (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, username TEXT, phone INTEGER,
    name TEXT);
CREATE TABLE sent_files (md5_digest BLOB, file_size INTEGER, type INTEGER, id INTEGER, hash INTEGER,
    PRIMARY KEY (md5_digest, file_size, type));
"""


@pytest.fixture
def old_session(tmp_path: Path) -> Path:
    """A session file as Telethon wrote it in 2018, with everybody's rights."""
    path = tmp_path / "session_name.session"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(SESSION_OF_2018)
        connection.execute("INSERT INTO sessions VALUES (5, '91.108.56.165', 443, ?)", (KEY,))
        connection.commit()
    path.chmod(0o644)
    return path


def test_the_old_session_is_taken_over(old_session: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Renamed, for the owner's eyes only, said in one line; Telethon finds the key in it."""
    caplog.set_level("INFO")
    session = old_session.with_name("visitorsflow.session")
    take_over(session)
    assert not old_session.exists()
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    assert caplog.messages == [
        f"the older program's Telegram session {old_session} is now visitorsflow.session"
    ]
    opened = SQLiteSession(str(session))
    assert opened.auth_key.key == KEY
    opened.close()
    take_over(session)
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("ours", ["visitorsflow.session", "visitorsflow.session.old"])
def test_a_session_of_ours_is_kept(old_session: Path, ours: str, caplog: pytest.LogCaptureFixture) -> None:
    """This machine is signed in, or was: the old one stays, and nothing is said."""
    caplog.set_level("INFO")
    path = old_session.with_name(ours)
    path.write_bytes(b"ours")
    take_over(old_session.with_name("visitorsflow.session"))
    assert path.read_bytes() == b"ours"
    assert {p.name for p in old_session.parent.iterdir()} == {ours, old_session.name}
    assert caplog.messages == []


@pytest.mark.parametrize("trouble", ["in use", "no session", "damaged"])
def test_a_session_that_can_not_be_taken_over(
    old_session: Path, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Another program is writing to it, or it is something else: it stays, the line says why."""
    with contextlib.closing(sqlite3.connect(old_session, isolation_level=None)) as other:
        if trouble == "in use":
            other.execute("BEGIN IMMEDIATE")
        elif trouble == "no session":
            other.execute("DROP TABLE sessions")
        else:
            old_session.write_bytes(b"not a database, " * 100)
        before = old_session.read_bytes()
        take_over(old_session.with_name("visitorsflow.session"))
    assert old_session.read_bytes() == before
    assert not old_session.with_name("visitorsflow.session").exists()
    assert len(caplog.messages) == 1
    assert "is not taken over: " in caplog.messages[0]


def test_what_a_crash_left_half_written_is_repaired_first(old_session: Path) -> None:
    """The old program was killed in a transaction: its journal is rolled back, not left behind."""
    journal = old_session.with_name(f"{old_session.name}-journal")
    with contextlib.closing(sqlite3.connect(old_session, isolation_level=None)) as crashed:
        crashed.execute("PRAGMA cache_size = 1")
        crashed.execute("PRAGMA cache_spill = 1")
        crashed.execute("BEGIN")
        crashed.execute("UPDATE sessions SET auth_key = zeroblob(200000)")
        for number in range(500):
            crashed.execute("INSERT INTO entities VALUES (?, 1, 'x', 1, ?)", (number, "x" * 500))
        copies = {path: path.read_bytes() for path in (old_session, journal)}
    for path, raw in copies.items():
        path.write_bytes(raw)
    session = old_session.with_name("visitorsflow.session")
    take_over(session)
    assert not journal.exists()
    opened = SQLiteSession(str(session))
    assert opened.auth_key.key == KEY
    opened.close()
