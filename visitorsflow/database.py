"""The PeopleFlow table: made when missing, filled exactly once, summed for a day.

The row is its own identity: the primary key is all of it, so the same file stored twice, or replayed
after a crash, or rewritten with more records adds only what is new.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    TIMESTAMP,
    URL,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Engine,
    Executable,
    MetaData,
    SmallInteger,
    String,
    Table,
    case,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

from visitorsflow.connection import ANSWER_SECONDS, open_engine
from visitorsflow.conversion import sql_to_convert
from visitorsflow.crossings import Crossing
from visitorsflow.errors import ConfigurationError, DatabaseAway
from visitorsflow.settings import Settings

TRIES = 3

_Moment = DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")  # type: ignore[no-untyped-call]
# Two cameras may differ in upper and lower case alone.
_Camera = String(64).with_variant(mysql.VARCHAR(64, collation="utf8mb4_bin"), "mysql", "mariadb")


def _key(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


PEOPLE_FLOW = Table(
    "PeopleFlow",
    MetaData(),
    _key("time", _Moment),
    _key("ip", _Camera),
    _key("outputTime", _Moment),
    _key("peopleID", BigInteger()),
    _key("state", SmallInteger()),
    _key("frameNumber", BigInteger()),
    _key("occurrence", SmallInteger()),
    mysql_engine="InnoDB",
    sqlite_with_rowid=False,
)
COLUMNS = tuple(PEOPLE_FLOW.c.keys())


class Totals(NamedTuple):
    """A day's counts; `first` and `last` are naive local times, None when there are no rows."""

    came_in: int
    went_out: int
    first: datetime | None
    last: datetime | None


Result = TypeVar("Result")


class PeopleFlow:
    """The table, over one connection that is kept. All methods may raise DatabaseAway."""

    def __init__(self, settings: Settings) -> None:
        self.engine = open_engine(settings)
        self._camera = settings.camera
        self._insert = _insert(self.engine)
        self._is_prepared = False

    def __str__(self) -> str:
        url = self.engine.url
        return f"{url.host}:{url.port}/{url.database}" if url.host else f"SQLite {url.database}"

    def prepare(self) -> None:
        """Make the table when it is missing. Looks only once, and again after the database was away.

        Raises ConfigurationError when the server refuses us, or when the table is another one; then
        `advice` holds the SQL that mends it.
        """

        def look(connection: Connection) -> str | None:
            inspector = inspect(connection)
            if not inspector.has_table(PEOPLE_FLOW.name):
                connection.execute(CreateTable(PEOPLE_FLOW, if_not_exists=True))  # others may start too
                return None
            if _is_ours(inspector):
                return None
            names = [column["name"] for column in inspector.get_columns(PEOPLE_FLOW.name)]
            return sql_to_convert(PEOPLE_FLOW, names, self._camera, connection.dialect)

        if self._is_prepared:
            return
        sql = self._transaction(look, configuring=True)
        if sql is not None:
            raise ConfigurationError(
                f"there is a table {PEOPLE_FLOW.name} with other columns or another key in {self}."
                " Nothing was changed. Convert it with this SQL, which keeps the old rows, then start again:",
                sql,
            )
        self._is_prepared = True

    def store(self, crossings: Iterable[Crossing]) -> int:
        """Add what is not there yet, in one transaction; after it, all of them are in the table.

        Returns how many there were, new or not.
        """
        rows = sorted(  # in the key's order, so that several uploaders meet in the same order
            (str(c.time), self._camera, str(c.output_time), c.person, c.state, c.frame, c.occurrence)
            for c in crossings
        )
        if rows:
            self._transaction(lambda connection: connection.exec_driver_sql(self._insert, rows))
        return len(rows)

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Count the crossings of all cameras with start <= time < end (naive local times)."""
        row = self._transaction(lambda connection: connection.execute(_totals(start, end)).one())
        return Totals(*row)

    def close(self) -> None:
        self.engine.dispose()

    def _transaction(self, work: Callable[[Connection], Result], configuring: bool = False) -> Result:
        """Run `work` and commit; the whole of it again after a deadlock or a lost connection.

        Not again when it took long to fail: then the caller, who can wait, is the one to try again.
        """
        began = time.monotonic()
        for tries_left in reversed(range(TRIES)):
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                code, text = _code_and_text(error)
                self._is_prepared = False
                slow = time.monotonic() - began > ANSWER_SECONDS / 2
                if (error.connection_invalidated or code in _TRY_AGAIN) and tries_left and not slow:
                    continue
                if configuring and code in _REFUSED:
                    raise ConfigurationError(f"{self}: {text}", _advice(code, self.engine.url)) from None
                raise DatabaseAway(f"{self}: {text}") from error
            except (ValueError, TypeError, ssl.SSLError) as error:  # PyMySQL can't even begin
                if configuring:
                    raise ConfigurationError(f"{self}: these settings can't be used: {error}") from None
                raise DatabaseAway(f"{self}: {error}") from error
        raise AssertionError("unreachable")


# Lock wait, deadlock (a Galera cluster gives it at COMMIT), connection killed.
_TRY_AGAIN = frozenset({1205, 1213, 1927})
# Access denied (to the server, to the database, by plugin), unknown database, statement not allowed.
_REFUSED = frozenset({1044, 1045, 1049, 1142, 1698})


def _code_and_text(error: DBAPIError) -> tuple[int, str]:
    arguments = error.orig.args if error.orig else ()
    if len(arguments) >= 2 and isinstance(arguments[0], int):
        return arguments[0], f"{arguments[1]} ({arguments[0]})"
    return 0, str(arguments[0]) if arguments else type(error).__name__


def _advice(code: int, url: URL) -> str:
    if code in (1045, 1698):
        return "Check host, user and password in config.py."
    return (
        "As the database's administrator, run:\n"
        f"CREATE DATABASE IF NOT EXISTS `{url.database}` CHARACTER SET utf8mb4;\n"
        f"GRANT SELECT, INSERT, UPDATE, CREATE ON `{url.database}`.* TO '{url.username}'@'%';"
    )


def _insert(engine: Engine) -> str:
    """Compiled once: tuples then go straight to the driver, which sends many rows in one INSERT."""
    statement: Executable
    if engine.dialect.name == "sqlite":
        statement = sqlite.insert(PEOPLE_FLOW).on_conflict_do_nothing()
    else:
        statement = mysql.insert(PEOPLE_FLOW).on_duplicate_key_update(ip=PEOPLE_FLOW.c.ip)
    return str(statement.compile(dialect=engine.dialect))


def _totals(start: datetime, end: datetime) -> Any:
    """One pass over one range of the primary key."""
    when, state = PEOPLE_FLOW.c.time, PEOPLE_FLOW.c.state
    return select(
        func.count(case((state == 0, 1))),
        func.count(case((state == 1, 1))),
        func.min(when),
        func.max(when),
    ).where(when >= start, when < end)


def _is_ours(inspector: Any) -> bool:
    columns = {column["name"]: column["type"] for column in inspector.get_columns(PEOPLE_FLOW.name)}
    key = inspector.get_pk_constraint(PEOPLE_FLOW.name)["constrained_columns"]
    options = inspector.get_table_options(PEOPLE_FLOW.name)
    return (
        set(columns) == set(COLUMNS)
        and tuple(key) == COLUMNS
        and options.get("mysql_engine", "InnoDB") == "InnoDB"
        and all(_same_kind(columns[c.name], c.type) for c in PEOPLE_FLOW.c)
    )


def _same_kind(found: TypeEngine[Any], wanted: TypeEngine[Any]) -> bool:
    if isinstance(wanted, String):
        return isinstance(found, String) and (found.length or 0) >= (wanted.length or 0)
    if getattr(found, "unsigned", False) or isinstance(found, TIMESTAMP):
        return False
    return isinstance(found, type(wanted))
