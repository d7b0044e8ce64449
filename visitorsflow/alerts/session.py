"""The Telegram session of the 2018 program, taken over so that nobody has to sign in again."""

import contextlib
import logging
import sqlite3
from pathlib import Path

log = logging.getLogger(__name__)

OLD_NAME = "session_name.session"


def take_over(session: Path) -> None:
    """Make the older program's session, which lies beside `session`, ours; one log line says so.

    Not when there is one of ours, or was: then this machine has been signed out, and so has the old one.
    What another program is using, or is no session, stays where it is.
    """
    old = session.with_name(OLD_NAME)
    if session.exists() or session.with_suffix(".session.old").exists() or not old.is_file():
        return
    try:
        _look_into(old)
        old.chmod(0o600)  # it is a key to the account
        old.rename(session)
    except (OSError, sqlite3.Error) as error:
        log.warning("the older program's Telegram session %s is not taken over: %s", old, error)
    else:
        log.info("the older program's Telegram session %s is now %s", old, session.name)


def _look_into(old: Path) -> None:
    """Raises sqlite3.Error when it is no session or is in use; also mends what a crash left half written."""
    with contextlib.closing(sqlite3.connect(old, timeout=1, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("SELECT auth_key FROM sessions").fetchall()
        connection.execute("ROLLBACK")
