"""The settings become an SQLAlchemy engine: MySQL or MariaDB over PyMySQL, or the SQLite file.

Nothing here waits for ever: PyMySQL has no time limits of its own.
"""

import os
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from visitorsflow.errors import ConfigurationError
from visitorsflow.settings import Settings

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10


def open_engine(settings: Settings, isolation_level: str = "READ COMMITTED") -> Engine:
    """An engine that has not connected yet. Raises ConfigurationError for a URL that can't be used.

    `isolation_level` is for MySQL and MariaDB; SQLite has but one.
    """
    url = _url(settings)
    # No pre-ping: a transaction that meets a dead connection is tried again on a new one anyway, and
    # while the link is stalled a ping would double the time until somebody is told.
    options: dict[str, Any] = {"hide_parameters": True}
    backend = url.get_backend_name()
    if backend in ("mysql", "mariadb"):
        options |= {
            "isolation_level": isolation_level,
            "pool_size": 1,
            "max_overflow": 0,
            "connect_args": _mysql_arguments(settings),
        }
    elif backend == "sqlite":
        options["connect_args"] = {"timeout": ANSWER_SECONDS}
    else:
        raise ConfigurationError(f"database_url: {backend} is not supported; MySQL, MariaDB and SQLite are")
    try:
        engine = create_engine(url, **options)
    except (ImportError, ArgumentError) as error:
        raise ConfigurationError(f"database_url: {error}") from None
    if backend == "sqlite":
        event.listen(engine, "connect", _make_sqlite_durable)
        event.listen(engine, "connect", _remember_file)
    return engine


def _url(settings: Settings) -> URL:
    if settings.database_url:
        try:
            url = make_url(settings.database_url.get_secret_value())
            url.get_dialect()
        except (ArgumentError, NoSuchModuleError, ValueError):
            raise ConfigurationError(
                "database_url: not understood; write mysql+pymysql://user:password@host/db"
            ) from None
        if "@" in f"{url.host}{url.database}":  # it would be a part of the password
            raise ConfigurationError("database_url: in a password write @ as %40, / as %2F, : as %3A")
        if url.get_backend_name() == "sqlite":
            if url.database in (None, "", ":memory:"):
                raise ConfigurationError("database_url: SQLite needs a file, as in sqlite:///visitorsflow.db")
            return url.set(database=str(settings.home / url.database))
        return url
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


def _mysql_arguments(settings: Settings) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
        # Shorter than our own limit, so that a lock is reported as one; and no value is ever bent to fit,
        # nor are statements read in another way after somebody has changed the server's mode.
        "init_command": "SET SESSION innodb_lock_wait_timeout = 5, SESSION lock_wait_timeout = 5,"
        " SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
    }
    if settings.host:
        # PyMySQL would encode a str as Latin-1; and outside the URL no message can show it.
        arguments["password"] = settings.password.get_secret_value().encode()
    if settings.ssl_ca:
        arguments |= {"ssl_ca": str(settings.under_home(settings.ssl_ca)), "ssl_verify_identity": True}
    return arguments


def _make_sqlite_durable(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a commit outlives a power cut


def _remember_file(connection: Any, record: Any) -> None:
    connection.execute("SELECT 1 FROM sqlite_master").fetchall()  # makes the write-ahead log
    [(_, _, path)] = connection.execute("PRAGMA database_list")
    record.info["files"] = file_identities(path)


def file_identities(path: str) -> list[tuple[int, int]]:
    """What tells an SQLite file and its write-ahead log from others that are put in their place.

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
