"""One database over one connection that is kept: a transaction happens as a whole or not at all.

MySQL or MariaDB over PyMySQL, or the SQLite file. Nothing here waits for ever: PyMySQL has no time limits
of its own. A failure is sorted by who can fix it: the server can't be reached, it refuses what we want, or
a person must fix the settings.
"""

import contextlib
import os
import re
import socket
import sqlite3
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses
from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
TRIES = 3
SESSION = (
    # Shorter than our own limit, so that a lock is reported as one.
    "innodb_lock_wait_timeout = 5",
    "lock_wait_timeout = 5",
    # No value is ever bent to fit, nor are statements read in another way after somebody has changed the
    # server's mode.
    "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
)
# Of a link that has died silently the server hears nothing: so soon it lets go of our locks. MariaDB has a
# limit for open transactions alone, which a resting connection outlives: another one costs 30 ms of CPU.
OF_MARIADB = "idle_transaction_timeout = 15"
OF_MYSQL = "wait_timeout = 30"
LONGEST_REST_SECONDS = 25  # below wait_timeout: a connection that has rested for longer is not used again
KEEPALIVE_SECONDS = 10
_UNKNOWN_VARIABLE = 1193
_NOT_READY = 1047  # a Galera node without its cluster
_LOGS_STATEMENTS = 1665  # binlog_format = STATEMENT
_OF_ENGINE = 1030  # whatever the storage engine says: 28 is no space left
# Lock wait, deadlock (a Galera cluster gives it at COMMIT), connection killed, a conflict that Group
# Replication finds at COMMIT.
_RETRY = frozenset({1205, 1213, 1927, 3101})
# Access denied (to the server, to the database, by plugin), unknown database, statement not allowed.
_REFUSED = frozenset({1044, 1045, 1049, 1142, 1698})
# No connection left, bad handshake, a Galera node that is not ready, shutdown, host blocked, broken packets,
# a lock, a deadlock, a query or a connection that was killed, a statement that took too long, a conflict.
_AWAY = frozenset(
    {1040, 1043, 1047, 1053, 1077, 1079, 1129, 1130, 1158, 1159, 1160, 1161, 1184, 1205, 1213, 1317, 1927}
    | {1969, 3101}
)
_STATEMENT_TOO_LONG = 1969  # MariaDB's max_statement_time
# Which text of `words.reasons` goes with the server's error, and with SQLite's; the others are only quoted.
_KEYS = {
    code: key
    for key, codes in {
        "database login": (1045, 1698),
        "database unknown": (1044, 1049),
        "database right": (1142, 1143),
        "database no table": (1146,),
        "database connections": (1040,),
        "database locked": (1205, 1213),
        "database unreachable": (2002, 2003),
        "database lost": (1927, 2006, 2013),
        "database read-only": (1290, 1792, 1836),
        "database full": (28, 1021, 1030, 1114),
    }.items()
    for code in codes
}
_SQLITE_KEYS = {
    sqlite3.SQLITE_BUSY: "database locked",
    sqlite3.SQLITE_LOCKED: "database locked",
    sqlite3.SQLITE_READONLY: "database read-only",
    sqlite3.SQLITE_FULL: "database full",
    sqlite3.SQLITE_CANTOPEN: "database unopened",
    sqlite3.SQLITE_CORRUPT: "database damaged",
    sqlite3.SQLITE_NOTADB: "database damaged",
}

Result = TypeVar("Result")


class Database:
    """The database that the settings name. Raises ConfigurationError when they can't be used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.engine = _open_engine(settings)
        self.failures = 0  # so many times, what was known of the database may have become wrong
        url = self.engine.url
        # SQLite's; None for a server, which may also be reached without a host, through a socket.
        self.file = url.database or "" if url.get_backend_name() == "sqlite" else None

    def __str__(self) -> str:
        url = self.engine.url
        if self.file is not None:
            return f"SQLite {self.file}"
        return f"{url.host}:{url.port}/{url.database}" if url.host else f"localhost/{url.database}"

    @property
    def is_not_made_yet(self) -> bool:
        """Is it an SQLite file that is not there: looking into it would make it."""
        return self.file is not None and not os.path.exists(self.file)

    def see_that_it_is_there(self) -> None:
        """Raise DatabaseAway for an SQLite file that is not there yet."""
        if self.is_not_made_yet:
            raise DatabaseAway(Reason("nothing yet", where=str(self)))

    def transaction(self, work: Callable[[Connection], Result], configuring: bool = False) -> Result:
        """Run `work` and commit; the whole of it again after a deadlock or a lost connection.

        Not again when it took long to fail: then the caller, who can wait, is the one to try again. A server
        that takes no rows may have been the first of several: the next try asks anew which one it is.
        Raises DatabaseAway or DatabaseRefuses. When `configuring`, what stays so until a person acts is a
        ConfigurationError.
        """
        began = time.monotonic()
        for tries_left in reversed(range(TRIES)):
            try:
                return self._commit(work)
            except DBAPIError as error:
                self.failures += 1
                code, said = code_and_text(error)
                key = _key(error, code, said)
                slow = time.monotonic() - began > ANSWER_SECONDS / 2
                is_demoted = key == "database read-only" or code == _NOT_READY
                if is_demoted:
                    self.close()
                if code == _LOGS_STATEMENTS and tries_left:
                    self._keep_to_repeatable_read()
                    continue
                passes = error.connection_invalidated or code in _RETRY or (is_demoted and code > 0)
                if passes and tries_left and not slow:
                    continue
                reason = self._reason(key, said)
                if configuring and code in _REFUSED:
                    raise ConfigurationError(reason, _advice(code, self.engine.url)) from None
                away = DatabaseAway if _is_away(error, code) else DatabaseRefuses
                raise away(reason, code, timed_out=_has_timed_out(code, said)) from error
            except PoolTimeoutError as error:
                raise DatabaseAway(self._reason("database in use")) from error
            except (ValueError, TypeError, OSError) as error:  # PyMySQL can't even begin
                self.failures += 1
                may_pass = isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
                if configuring and not may_pass:
                    raise ConfigurationError(self._reason("database unusable", error)) from None
                raise DatabaseAway(self._reason("database says", error)) from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.engine.dispose()

    def _commit(self, work: Callable[[Connection], Result]) -> Result:
        with self.engine.begin() as connection:
            opened = connection.info.get("files")
            result = work(connection)
        # Rows that went into an SQLite file which has since been deleted or replaced are nowhere.
        if opened and opened != _file_identities(str(self.engine.url.database)):
            self.failures += 1
            self.close()
            raise DatabaseRefuses(self._reason("database replaced"))
        return result

    def _keep_to_repeatable_read(self) -> None:
        """The server logs statements, not rows, and so refuses every row at our usual isolation level."""
        self.close()
        self.engine = _open_engine(self._settings, isolation_level="REPEATABLE READ")

    def _reason(self, key: str, said: object = "") -> Reason:
        return Reason(key, where=str(self), said=str(said))


def code_and_text(error: DBAPIError) -> tuple[int, str]:
    """The server's number for the error, 0 where it has none, and the text it gives."""
    arguments = error.orig.args if error.orig else ()
    if len(arguments) >= 2 and isinstance(arguments[0], int):
        return arguments[0], f"{arguments[1]} ({arguments[0]})"
    return 0, str(arguments[0]) if arguments else type(error).__name__


def sql_to_grant(url: URL) -> str:
    """The SQL that makes the database and gives its user the rights that the scripts need."""
    return (
        f"CREATE DATABASE IF NOT EXISTS `{url.database}` CHARACTER SET utf8mb4;\n"
        f"GRANT SELECT, INSERT, UPDATE, CREATE ON `{url.database}`.* TO '{url.username}'@'%';"
    )


def _open_engine(settings: Settings, isolation_level: str = "READ COMMITTED") -> Engine:
    """An engine that has not connected yet. Raises ConfigurationError for a URL that can't be used.

    `isolation_level` is for MySQL and MariaDB; SQLite has but one.
    """
    url = _url(settings)
    # No pre-ping: a transaction that meets a dead connection is tried again on a new one anyway, and
    # while the link is stalled a ping would double the time until somebody is told.
    options: dict[str, Any] = {"hide_parameters": True}
    backend = url.get_backend_name()
    if backend == "mysql":
        options |= {
            "isolation_level": isolation_level,
            "pool_size": 1,
            "max_overflow": 0,
            "connect_args": _mysql_arguments(settings, url),
        }
    elif backend == "sqlite":
        options["connect_args"] = {"timeout": ANSWER_SECONDS}
    else:
        raise ConfigurationError(Reason("database_url unsupported", backend=backend))
    try:
        engine = create_engine(url, **options)
    except (ImportError, ArgumentError) as error:
        raise ConfigurationError(Reason("database_url unusable", said=str(error))) from None
    if backend == "sqlite":
        event.listen(engine, "connect", _make_sqlite_durable)
        event.listen(engine, "connect", _remember_file)
    else:
        event.listen(engine, "connect", _set_session, insert=True)
        event.listen(engine, "connect", _keep_alive)
        event.listen(engine, "checkin", _note_its_rest)
        event.listen(engine, "checkout", _refuse_after_long_rest)
    return engine


def _url(settings: Settings) -> URL:
    if settings.database_url:
        try:
            url = make_url(settings.database_url.get_secret_value())
            url.get_dialect()
        except (ArgumentError, NoSuchModuleError, ValueError):
            raise ConfigurationError(Reason("database_url not understood")) from None
        if "@" in f"{url.host}{url.database}":  # it would be a part of the password
            raise ConfigurationError(Reason("database_url password"))
        if url.get_backend_name() == "sqlite":
            if url.database in (None, "", ":memory:"):
                raise ConfigurationError(Reason("database_url no file"))
            return url.set(database=str(settings.home / url.database))
        # SQLAlchemy's "mariadb" is the same, but ends with an error of its own where the server is MySQL.
        return url.set(drivername=re.sub("^mariadb(?![a-z])", "mysql", url.drivername))
    if settings.host:
        return URL.create(
            "mysql+pymysql",
            settings.user,
            host=settings.host,
            port=settings.port,
            database=settings.db,
            query={"charset": "utf8mb4"},
        )
    return URL.create("sqlite", database=str(settings.home / "visitorsflow.db"))


def _mysql_arguments(settings: Settings, url: URL) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
    }
    # PyMySQL would encode a str as Latin-1; and outside the URL no message can show it.
    password = url.password if settings.database_url else settings.password.get_secret_value()
    arguments["password"] = (password or "").encode()
    if settings.ssl_ca:
        arguments |= {"ssl_ca": str(settings.under_home(settings.ssl_ca)), "ssl_verify_identity": True}
    return arguments


def _set_session(connection: Any, _record: Any) -> None:
    """Set the session's variables in one go; one by one where the server, or a proxy, does not know all."""
    known = ", SESSION ".join(SESSION)
    of_each = f"/*!50700 , SESSION {OF_MYSQL} */ /*M!100300 , SESSION {OF_MARIADB} */"
    if not _is_set(connection, f"{known} {of_each}"):
        for variable in SESSION:
            _is_set(connection, variable)
        if not _is_set(connection, OF_MARIADB):
            _is_set(connection, OF_MYSQL)


def _is_set(connection: Any, variables: str) -> bool:
    """Set them. False when the server does not know all of them."""
    with contextlib.closing(connection.cursor()) as cursor:
        try:
            cursor.execute(f"SET SESSION {variables}")
        except connection.Error as error:
            if error.args[0] != _UNKNOWN_VARIABLE:
                raise
            return False
    return True


def _keep_alive(connection: Any, _record: Any) -> None:
    """Have this PC notice within half a minute that the other end of a resting connection is gone."""
    link = getattr(connection, "_sock", None)  # PyMySQL's
    if not isinstance(link, socket.socket) or link.family not in (socket.AF_INET, socket.AF_INET6):
        return
    waits = {"TCP_KEEPIDLE": KEEPALIVE_SECONDS, "TCP_KEEPALIVE": KEEPALIVE_SECONDS, "TCP_KEEPINTVL": 5}
    with contextlib.suppress(OSError):  # then it is as usual here
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (waits | {"TCP_KEEPCNT": 3}).items():
            if number := getattr(socket, name, None):
                link.setsockopt(socket.IPPROTO_TCP, number, value)


def _note_its_rest(connection: Any, record: Any) -> None:
    """Note it where the server ends it: `connection` is None for one that has failed."""
    if connection and "MariaDB" not in connection.get_server_info():
        record.info["rests since"] = time.monotonic()


def _refuse_after_long_rest(_connection: Any, record: Any, _proxy: Any) -> None:
    """The server has closed it by now, or is about to: have SQLAlchemy open another one instead."""
    since = record.info.get("rests since")
    if since is not None and time.monotonic() - since > LONGEST_REST_SECONDS:
        raise DisconnectionError


def _make_sqlite_durable(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a commit outlives a power cut


def _remember_file(connection: Any, record: Any) -> None:
    connection.execute("SELECT 1 FROM sqlite_master").fetchall()  # makes the write-ahead log
    [(_, _, path)] = connection.execute("PRAGMA database_list")
    record.info["files"] = _file_identities(path)


def _file_identities(path: str) -> list[tuple[int, int]]:
    """Tell an SQLite file and its write-ahead log from others that are put in their place.

    (0, 0) where there is none.
    """
    found = []
    for part in (path, f"{path}-wal"):
        try:
            status = os.stat(part)
        except OSError:
            found.append((0, 0))
        else:
            found.append((status.st_dev, status.st_ino))
    return found


def _is_away(error: DBAPIError, code: int) -> bool:
    """Is it the link or the server itself, rather than this statement."""
    if isinstance(error.orig, sqlite3.Error):
        return "unable to open" in str(error.orig)
    is_the_clients_own = code == 0 or 2000 <= code < 3000
    return error.connection_invalidated or is_the_clients_own or code in _AWAY


def _has_timed_out(code: int, said: str) -> bool:
    """Has the server not answered within a time limit, ours or its own."""
    return code == _STATEMENT_TOO_LONG or (2000 <= code < 3000 and "timed out" in said)


def _key(error: DBAPIError, code: int, said: str) -> str:
    """The reason's text; "database says" for an error that is only quoted."""
    if isinstance(error.orig, sqlite3.Error):
        if "no such table" in said:
            return "database no table"
        return _SQLITE_KEYS.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, "database says")
    if code == _OF_ENGINE and "error 28" not in said:
        return "database says"
    if code not in _KEYS and re.search("read[ -]only", said, re.IGNORECASE):
        return "database read-only"
    return _KEYS.get(code, "database says")


def _advice(code: int, url: URL) -> Reason:
    if code in (1045, 1698):
        return Reason("look at the login")
    return Reason("run as administrator", sql=sql_to_grant(url))
