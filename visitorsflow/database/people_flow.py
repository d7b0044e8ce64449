"""The PeopleFlow table: made when missing, filled exactly once, summed for a day.

The row is its own identity: the primary key is all of it, so the same file stored twice, or replayed
after a crash, or rewritten with more records adds only what is new.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import URL, Connection, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from visitorsflow.database.conversion import sql_to_convert
from visitorsflow.database.engine import ANSWER_SECONDS, open_engine
from visitorsflow.database.schema import PEOPLE_FLOW, Insert, is_ours, rows_from, totals_between
from visitorsflow.errors import ConfigurationError, DatabaseAway
from visitorsflow.facts import Crossing, Rows, Totals
from visitorsflow.settings import Settings

TRIES = 3


Result = TypeVar("Result")


class PeopleFlow:
    """The table, over one connection that is kept. All methods may raise DatabaseAway."""

    def __init__(self, settings: Settings) -> None:
        self.engine = open_engine(settings)
        self._camera = settings.camera
        self._insert = Insert(self.engine.dialect)
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
            if is_ours(inspector):
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
        rows = sorted(crossings)  # in the key's order, so that several uploaders meet in the same order
        if rows:
            self._transaction(lambda connection: self._insert(connection, self._camera, rows))
        return len(rows)

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Count the crossings of all cameras with start <= time < end (naive local times)."""
        row = self._transaction(lambda connection: connection.execute(totals_between(start, end)).one())
        return Totals(*row)

    def rows_from(self, start: datetime) -> Rows:
        """Count all rows with start <= time (naive local time), COUNTED_AT_MOST of schema at most."""
        row = self._transaction(lambda connection: connection.execute(rows_from(start)).one())
        return Rows(*row)

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
