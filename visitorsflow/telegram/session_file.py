"""The session file, and its copy in memory, with which messages are sent.

Telethon writes into its session at every connection. With a copy an alert goes out on a full or read-only
disk too: what is new in it is saved where that works.
"""

import contextlib
import logging
import sqlite3
import stat
import time
from pathlib import Path
from typing import Any

from telethon.crypto import AuthKey
from telethon.sessions import MemorySession

BUSY_SECONDS = 5  # another program uses the file
ENTITIES_SINCE = 6  # of Telethon's versions of the file: those before kept wrong ones
DATES_SINCE = 7
MODE = 0o600  # it is a key to the account

log = logging.getLogger(__name__)
_said: set[str] = set()  # why it could not be saved


class Copy(MemorySession):  # type: ignore[misc]
    """The copy in memory of the session file `path`. Raises sqlite3.Error where it can't be read."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._entities: set[tuple[Any, ...]]
        self._path = path
        _for_owner_only(path)
        with _open(path) as file:
            self._version = _version(file)
            if self._version:
                self._read(file)
        self._saved_account = self._account()
        self._saved_entities = frozenset(self._entities)

    def process_entities(self, tlo: Any) -> None:
        """Keep what an answer tells of chats and people: each once, as it was told last."""
        rows = self._entities_to_rows(tlo)
        numbers, names = {row[0] for row in rows}, {row[2] for row in rows if row[2]}
        others = {row for row in self._entities if row[0] not in numbers and row[2] not in names}
        self._entities = others | set(rows)

    def write_back(self) -> None:
        """Save what is new. Where that fails, the log says so once."""
        account, entities = self._account(), self._entities - self._saved_entities
        if not self._version or (account == self._saved_account and not entities):
            return
        try:
            with _open(self._path) as file, file:
                if account != self._saved_account:
                    file.execute(
                        "UPDATE sessions SET dc_id = ?, server_address = ?, port = ?, auth_key = ?", account
                    )
                if self._version >= DATES_SINCE:
                    file.executemany(
                        "INSERT OR REPLACE INTO entities (id, hash, username, phone, name, date)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        [(*row, int(time.time())) for row in entities],
                    )
        except sqlite3.Error as error:
            if str(error) not in _said:
                log.warning("%s can't be written, alerts go all the same: %s", self._path, error)
            _said.add(str(error))
        else:
            _said.clear()

    def _read(self, file: sqlite3.Connection) -> None:
        row = file.execute("SELECT dc_id, server_address, port, auth_key FROM sessions").fetchone()
        if row:
            self._dc_id, self._server_address, self._port, key = row
            self._auth_key = AuthKey(data=key)
        if self._version >= ENTITIES_SINCE:
            found = file.execute("SELECT id, hash, username, phone, name FROM entities")
            self._entities = set(found.fetchall())

    def _account(self) -> tuple[Any, ...]:
        key = self._auth_key.key if self._auth_key else None
        return self._dc_id, self._server_address, self._port, key or b""


def _for_owner_only(path: Path) -> None:
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) != MODE:
            path.chmod(MODE)


def _open(path: Path) -> contextlib.closing[sqlite3.Connection]:
    """Open it for writing, which fixes what a crash left half written; or else for reading only.

    Never make one that is missing.
    """
    address = f"{path.absolute().as_uri()}?mode=rw"
    return contextlib.closing(sqlite3.connect(address, timeout=BUSY_SECONDS, uri=True))


def _version(file: sqlite3.Connection) -> int:
    """Read Telethon's version of the file; 0 when there is nothing in it."""
    if not file.execute("SELECT name FROM sqlite_master WHERE name = 'version'").fetchone():
        return 0
    row = file.execute("SELECT version FROM version").fetchone()
    return int(row[0]) if row else 0
