"""One database, over one connection that is kept: transactions that are whole or not at all.

What fails is told apart by who can mend it: the server can't be reached, it refuses what we want, or a
person must mend the settings.
"""

import sqlite3
import ssl
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from visitorsflow.database.engine import ANSWER_SECONDS, file_identities, open_engine
from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses
from visitorsflow.settings import Settings

TRIES = 3
Result = TypeVar("Result")


class Database:
    """The database that the settings name. Raises ConfigurationError when they can't be used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.engine = open_engine(settings)
        self.failures = 0  # so many times, what was known of the database may have become wrong

    def __str__(self) -> str:
        url = self.engine.url
        return f"{url.host}:{url.port}/{url.database}" if url.host else f"SQLite {url.database}"

    def transaction(self, work: Callable[[Connection], Result], configuring: bool = False) -> Result:
        """Run `work` and commit; the whole of it again after a deadlock or a lost connection.

        Not again when it took long to fail: then the caller, who can wait, is the one to try again.
        Raises DatabaseAway or DatabaseRefuses. When `configuring`, what stays so until a person acts is a
        ConfigurationError.
        """
        began = time.monotonic()
        for tries_left in reversed(range(TRIES)):
            try:
                return self._commit(work)
            except DBAPIError as error:
                self.failures += 1
                code, text = code_and_text(error)
                slow = time.monotonic() - began > ANSWER_SECONDS / 2
                if code == _LOGS_STATEMENTS and tries_left:
                    self._keep_to_repeatable_read()
                    continue
                if (error.connection_invalidated or code in _TRY_AGAIN) and tries_left and not slow:
                    continue
                if configuring and code in _REFUSED:
                    raise ConfigurationError(f"{self}: {text}", _advice(code, self.engine.url)) from None
                away = DatabaseAway if _is_away(error, code) else DatabaseRefuses
                raise away(f"{self}: {text}", code) from error
            except PoolTimeoutError as error:
                raise DatabaseAway(f"{self}: another one uses the connection") from error
            except (ValueError, TypeError, OSError) as error:  # PyMySQL can't even begin
                self.failures += 1
                may_pass = isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
                if configuring and not may_pass:
                    raise ConfigurationError(f"{self}: these settings can't be used: {error}") from None
                raise DatabaseAway(f"{self}: {error}") from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.engine.dispose()

    def _commit(self, work: Callable[[Connection], Result]) -> Result:
        with self.engine.begin() as connection:
            opened = connection.info.get("files")
            result = work(connection)
        # Rows that went into an SQLite file which has since been deleted or replaced are nowhere.
        if opened and opened != file_identities(str(self.engine.url.database)):
            self.failures += 1
            self.close()
            raise DatabaseRefuses(f"{self}: this file was deleted or replaced; a new one is used from now on")
        return result

    def _keep_to_repeatable_read(self) -> None:
        """The server logs statements, not rows, and so refuses every row at our usual isolation level."""
        self.close()
        self.engine = open_engine(self._settings, isolation_level="REPEATABLE READ")


_LOGS_STATEMENTS = 1665  # binlog_format = STATEMENT
# Lock wait, deadlock (a Galera cluster gives it at COMMIT), connection killed.
_TRY_AGAIN = frozenset({1205, 1213, 1927})
# Access denied (to the server, to the database, by plugin), unknown database, statement not allowed.
_REFUSED = frozenset({1044, 1045, 1049, 1142, 1698})
# No connection left, bad handshake, a Galera node that is not ready, shutdown, host blocked, broken packets,
# a lock, a deadlock, a query or a connection that was killed.
_AWAY = frozenset(
    {1040, 1043, 1047, 1053, 1077, 1079, 1129, 1130, 1158, 1159, 1160, 1161, 1184, 1205, 1213, 1317, 1927}
)


def _is_away(error: DBAPIError, code: int) -> bool:
    """Whether it is the link or the server itself, rather than this statement."""
    if isinstance(error.orig, sqlite3.Error):
        return "unable to open" in str(error.orig)
    is_the_clients_own = code == 0 or 2000 <= code < 3000
    return error.connection_invalidated or is_the_clients_own or code in _AWAY


def code_and_text(error: DBAPIError) -> tuple[int, str]:
    """The server's number for the error, 0 where it has none, and what it says."""
    arguments = error.orig.args if error.orig else ()
    if len(arguments) >= 2 and isinstance(arguments[0], int):
        return arguments[0], f"{arguments[1]} ({arguments[0]})"
    return 0, str(arguments[0]) if arguments else type(error).__name__


def _advice(code: int, url: URL) -> str:
    if code in (1045, 1698):
        return "Check host, user and password in config.py."
    return f"As the database's administrator, run:\n{sql_to_grant(url)}"


def sql_to_grant(url: URL) -> str:
    """What makes the database and gives its user the rights that the scripts need."""
    return (
        f"CREATE DATABASE IF NOT EXISTS `{url.database}` CHARACTER SET utf8mb4;\n"
        f"GRANT SELECT, INSERT, UPDATE, CREATE ON `{url.database}`.* TO '{url.username}'@'%';"
    )
