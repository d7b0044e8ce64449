"""The PeopleFlow table: made when missing, filled exactly once, summed for a day.

The row is its own identity: the primary key is all of it, so the same file stored twice, or replayed
after a crash, or rewritten with more records adds only what is new.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, inspect

from visitorsflow.database.conversion import FoundTable, in_other_letters, refusal, remarks
from visitorsflow.database.schema import (
    PEOPLE_FLOW,
    Insert,
    cameras_of_newest_rows,
    hours_between,
    is_ours,
    make_when_missing,
    rows_from,
    totals_between,
)
from visitorsflow.database.transaction import Database
from visitorsflow.errors import ConfigurationError
from visitorsflow.facts import Crossing, Hour, Rows, Totals


class PeopleFlow:
    """The table in `database`, for the crossings of `camera`. All methods may raise DatabaseAway.

    `when_found` is called once, when the table has been found or made, before anything is stored.
    """

    def __init__(
        self,
        database: Database,
        camera: str,
        when_found: Callable[["PeopleFlow"], None] = lambda table: None,
    ) -> None:
        self.database = database
        self.camera = camera
        self._when_found: Callable[[PeopleFlow], None] | None = when_found
        self._insert = Insert(database.engine.dialect)
        self._prepared_at = -1  # how many failures the database had had then

    def prepare(self) -> None:
        """Make the table when it is missing. Looks only once, and again after the database has failed.

        Raises ConfigurationError when the server refuses us, or when the table is another one; then
        `advice` holds the SQL that mends it.
        """

        def look(connection: Connection) -> ConfigurationError | None:
            foreign = self.in_the_way(connection)
            if not foreign:
                make_when_missing(connection, PEOPLE_FLOW)
            return foreign

        if self._prepared_at == self.database.failures:
            return
        foreign = self.database.transaction(look, configuring=True)
        if foreign:
            raise foreign
        self._prepared_at = self.database.failures
        when_found, self._when_found = self._when_found, None
        if when_found:
            when_found(self)

    def in_the_way(self, connection: Connection) -> ConfigurationError | None:
        """The error that names another program's table, with the SQL that converts it; None without one."""
        inspector = inspect(connection)
        is_there = inspector.has_table(PEOPLE_FLOW.name)
        if is_there and is_ours(inspector):
            return None
        names = inspector.get_table_names()
        others = in_other_letters(PEOPLE_FLOW.name, names)
        if not is_there and not others:
            return None
        name = PEOPLE_FLOW.name if is_there else others[0]
        columns = [column["name"] for column in inspector.get_columns(name)]
        found = FoundTable(name, columns, self.database.engine.url.database or "", names)
        return refusal(PEOPLE_FLOW, found, str(self.database), self.camera, connection.dialect)

    def insert(self, crossings: Iterable[Crossing]) -> int:
        """Add what is not there yet, in one transaction; after it, all of them are in the table.

        Returns how many there were, new or not.
        """
        rows = sorted(crossings)  # in the key's order, so that several uploaders meet in the same order
        if rows:
            self.database.transaction(lambda connection: self._insert(connection, self.camera, rows))
        return len(rows)

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Count the crossings of all cameras with start <= time < end (naive local times)."""
        query = totals_between(start, end)
        return Totals(*self.database.transaction(lambda connection: connection.execute(query).one()))

    def hours(self, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """What each camera counted in each hour of start <= time < end (of one day, naive local times).

        By hour, then by camera. An hour in which a camera has no row is left out.
        """
        query = hours_between(start, end)
        return self.database.transaction(lambda c: tuple(Hour(*row) for row in c.execute(query)))

    def rows_from(self, start: datetime) -> Rows:
        """Count all rows with start <= time (naive local time), COUNTED_AT_MOST of schema at most."""
        query = rows_from(start)
        return Rows(*self.database.transaction(lambda connection: connection.execute(query).one()))

    def remarks(self) -> list[str]:
        """What an older program that still writes can't do, or does elsewhere: a line for each."""
        return self.database.transaction(lambda c: list(remarks(PEOPLE_FLOW, inspect(c))))

    def cameras_of_newest_rows(self, count: int) -> set[str]:
        """The cameras of the `count` rows with the latest times."""
        query = cameras_of_newest_rows(count)
        return self.database.transaction(lambda connection: set(connection.execute(query).scalars()))
