"""The PeopleFlow table: made when missing, filled exactly once, summed for a day.

The row is its own identity: the primary key is all of it, so the same file stored twice, or replayed
after a crash, or rewritten with more records adds only what is new.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from visitorsflow.database.conversion import FoundTable, in_other_letters, name_for_old, sql_to_convert
from visitorsflow.database.engine import ANSWER_SECONDS, open_engine
from visitorsflow.database.schema import (
    PEOPLE_FLOW,
    Insert,
    cameras_of_newest_rows,
    is_ours,
    rows_from,
    takes_six_columns,
    totals_between,
)
from visitorsflow.errors import ConfigurationError, DatabaseAway
from visitorsflow.facts import Crossing, Rows, Totals
from visitorsflow.settings import Settings

TRIES = 3


Result = TypeVar("Result")


class PeopleFlow:
    """The table, over one connection that is kept. All methods may raise DatabaseAway.

    `when_found` is called once, when the table has been found or made, before anything is stored.
    """

    def __init__(
        self, settings: Settings, when_found: Callable[["PeopleFlow"], None] = lambda table: None
    ) -> None:
        self.engine = open_engine(settings)
        self.camera = settings.camera
        self._when_found: Callable[[PeopleFlow], None] | None = when_found
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

        def look(connection: Connection) -> ConfigurationError | None:
            inspector = inspect(connection)
            is_there = inspector.has_table(PEOPLE_FLOW.name)
            if is_there and is_ours(inspector):
                return None
            names = inspector.get_table_names()
            others = in_other_letters(PEOPLE_FLOW.name, names)
            if is_there or others:
                return self._foreign(inspector, PEOPLE_FLOW.name if is_there else others[0], names)
            connection.execute(CreateTable(PEOPLE_FLOW, if_not_exists=True))  # others may start too
            return None

        if self._is_prepared:
            return
        foreign = self._transaction(look, configuring=True)
        if foreign:
            raise foreign
        self._is_prepared = True
        when_found, self._when_found = self._when_found, None
        if when_found:
            when_found(self)

    def _foreign(self, inspector: Any, name: str, names: list[str]) -> ConfigurationError:
        what = f"there is a table {name} with other columns or another key in {self}."
        if name != PEOPLE_FLOW.name:
            what = f"there is no table {PEOPLE_FLOW.name}, but a table {name}, in other letters, in {self}."
        old = name_for_old(PEOPLE_FLOW.name, names)
        if old != name_for_old(PEOPLE_FLOW.name, ()):
            what += f" {name_for_old(PEOPLE_FLOW.name, ())} is there from an earlier conversion and stays;"
            what += f" this time the old rows are kept as {old}."
        columns = [column["name"] for column in inspector.get_columns(name)]
        found = FoundTable(name, columns, self.engine.url.database or "", names)
        return ConfigurationError(
            f"{what} Nothing was changed."
            " Convert it with this SQL, which keeps the old rows, then start again:",
            sql_to_convert(PEOPLE_FLOW, found, self.camera, self.engine.dialect),
        )

    def insert(self, crossings: Iterable[Crossing]) -> int:
        """Add what is not there yet, in one transaction; after it, all of them are in the table.

        Returns how many there were, new or not.
        """
        rows = sorted(crossings)  # in the key's order, so that several uploaders meet in the same order
        if rows:
            self._transaction(lambda connection: self._insert(connection, self.camera, rows))
        return len(rows)

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Count the crossings of all cameras with start <= time < end (naive local times)."""
        row = self._transaction(lambda connection: connection.execute(totals_between(start, end)).one())
        return Totals(*row)

    def rows_from(self, start: datetime) -> Rows:
        """Count all rows with start <= time (naive local time), COUNTED_AT_MOST of schema at most."""
        row = self._transaction(lambda connection: connection.execute(rows_from(start)).one())
        return Rows(*row)

    def remarks(self) -> list[str]:
        """What an older program that still writes can't do, or does elsewhere: a line for each."""

        def look(connection: Connection) -> list[str]:
            inspector = inspect(connection)
            names = inspector.get_table_names()
            # Where PeopleFlow itself is listed in other letters, the server takes both for the same.
            others = in_other_letters(PEOPLE_FLOW.name, names) if PEOPLE_FLOW.name in names else []
            lines = [
                f"there is a table {o} beside {PEOPLE_FLOW.name}: its rows are not counted" for o in others
            ]
            if self.engine.dialect.name != "sqlite" and not takes_six_columns(inspector):
                lines.append(
                    "a program that knows no column occurrence can't insert; if there is one, run as"
                    f" the database's administrator: ALTER TABLE {PEOPLE_FLOW.name} ALTER occurrence"
                    " SET DEFAULT 0;"
                )
            return lines

        return self._transaction(look)

    def cameras_of_newest_rows(self, count: int) -> set[str]:
        """The cameras of the `count` rows with the latest times."""
        return self._transaction(lambda c: set(c.execute(cameras_of_newest_rows(count)).scalars()))

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
