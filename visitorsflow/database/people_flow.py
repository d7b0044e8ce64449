"""The PeopleFlow table: made when missing, filled exactly once, summed for a day.

The row is its own identity: the primary key is all of it, so the same file stored twice, or replayed
after a crash, or rewritten with more records adds only what is new.
"""

import functools
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Column,
    Connection,
    Dialect,
    MetaData,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    extract,
    func,
    inspect,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.types import TypeEngine

from visitorsflow.database import connection as link
from visitorsflow.database.connection import Database
from visitorsflow.database.conversion import FoundTable, in_other_letters, refusal, remarks
from visitorsflow.database.tables import CAMERA, MOMENT, make_when_missing
from visitorsflow.errors import ConfigurationError, DatabaseAway
from visitorsflow.facts import Crossing, Hour, Rows, Totals, camera_of
from visitorsflow.reasons import Reason
from visitorsflow.rules.portion import Portion

COUNTED_AT_MOST = 10_000  # rows of the future: a camera whose clock is years ahead makes many
LOOKED_UP_AT_ONCE = 50
STATEMENT_ROWS = 2_000  # below the 1 MB that the smallest max_allowed_packet allows
FEWEST_ROWS = 10  # in a statement for a server that is very slow
_ROW = "('%s',%%(camera)s,'%s',%d,%d,%d,%d)"


def _key(name: str, kind: TypeEngine[Any], default: str | None = None) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False, server_default=default and text(default))


PEOPLE_FLOW = Table(
    "PeopleFlow",
    MetaData(),
    _key("time", MOMENT),
    _key("ip", CAMERA),
    _key("outputTime", MOMENT),
    _key("peopleID", BigInteger()),
    _key("state", SmallInteger()),
    _key("frameNumber", BigInteger()),
    _key("occurrence", SmallInteger(), "0"),  # older programs name the six columns before it
    mysql_engine="InnoDB",
    sqlite_with_rowid=False,
)

COLUMNS = tuple(PEOPLE_FLOW.c.keys())


class PeopleFlow:
    """The table in `database`, for the crossings of `camera`. All methods may raise DatabaseAway.

    `goes_on` is called before each statement that inserts, a sign of life: a slow server may be given many.
    """

    def __init__(self, database: Database, camera: str, goes_on: Callable[[], None] = lambda: None) -> None:
        self.database = database
        self.camera = camera
        self.portion = Portion(STATEMENT_ROWS, FEWEST_ROWS)  # of rows, for one statement
        self._insert = Insert(database.engine.dialect, goes_on)
        self._prepared_at = -1  # how many failures the database had had then

    def prepare(self) -> None:
        """Make the table when it is missing. Looks only once, and again after the database has failed.

        Raises ConfigurationError when the server refuses us, or when the table is another one; then
        `advice` holds the SQL that converts it.
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

    def in_the_way(self, connection: Connection) -> ConfigurationError | None:
        """The error that names another program's table, with the SQL that converts it; None without one."""
        inspector = inspect(connection)
        is_there = inspector.has_table(PEOPLE_FLOW.name)
        if is_there and _is_ours(inspector):
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

        In several where the server is slow: what it has taken stays taken. Returns how many there were, new
        or not.
        """
        rows = sorted(crossings)  # in the key's order, so that several uploaders meet in the same order
        done = 0
        while done < len(rows):
            part = rows[done:] if self.portion.is_whole else rows[done : done + self.portion.rows]
            self._insert_at_once(part)
            done += len(part)
        return len(rows)

    def _insert_at_once(self, rows: list[Crossing]) -> None:
        began = time.monotonic()
        try:
            self.database.transaction(lambda connection: self._insert(connection, self.camera, rows))
        except DatabaseAway as error:
            if error.timed_out:
                self.portion.timed_out()
            raise
        self.portion.stored(len(rows), time.monotonic() - began, link.ANSWER_SECONDS)

    def stored(self, crossings: Sequence[Crossing]) -> set[Crossing]:
        """Those of these crossings that are in the table."""
        by_row = {(c.time, camera_of(self.camera, c.line), *c[1:6]): c for c in crossings}
        rows = list(by_row)
        queries = [
            rows_like(rows[first : first + LOOKED_UP_AT_ONCE])
            for first in range(0, len(rows), LOOKED_UP_AT_ONCE)
        ]
        return self.database.transaction(
            lambda c: {by_row[tuple(row)] for query in queries for row in c.execute(query)}
        )

    def totals(self, start: datetime, end: datetime) -> Totals:
        """Count the crossings of all cameras with start <= time < end (naive local times)."""
        query = totals_between(start, end)
        return Totals(*self.database.transaction(lambda connection: connection.execute(query).one()))

    def hours(self, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """The counts of each camera in each hour of start <= time < end (of one day, naive local times).

        By hour, then by camera. An hour in which a camera has no row is left out.
        """
        query = hours_between(start, end)
        return self.database.transaction(lambda c: tuple(Hour(*row[:4]) for row in c.execute(query)))

    def rows_from(self, start: datetime) -> Rows:
        """Count all rows with start <= time (naive local time), COUNTED_AT_MOST at most."""
        query = rows_from(start)
        return Rows(*self.database.transaction(lambda connection: connection.execute(query).one()))

    def remarks(self) -> list[Reason]:
        """A line for each thing that an older program which still writes can't do, or does elsewhere."""
        return self.database.transaction(lambda c: list(remarks(PEOPLE_FLOW, inspect(c))))

    def cameras_of_newest_rows(self, count: int) -> set[str]:
        """The cameras of the `count` rows with the latest times."""
        query = cameras_of_newest_rows(count)
        return self.database.transaction(lambda connection: set(connection.execute(query).scalars()))


class Insert:
    """Adds the rows that are not there yet."""

    def __init__(self, dialect: Dialect, goes_on: Callable[[], None] = lambda: None) -> None:
        self._goes_on = goes_on
        if dialect.name == "sqlite":
            self._prepared = str(sqlite.insert(PEOPLE_FLOW).on_conflict_do_nothing().compile(dialect=dialect))
            return
        self._prepared = ""
        marks: dict[str, Any] = dict.fromkeys(COLUMNS, literal_column("?"))
        insert = mysql.insert(PEOPLE_FLOW).values(marks).inline()
        # A cluster that is split by a column of the key refuses to have that one "changed".
        nothing = insert.on_duplicate_key_update(occurrence=PEOPLE_FLOW.c.occurrence)
        written = str(nothing.compile(dialect=dialect))
        self._before, self._after = written.split("(" + ", ".join("?" * len(COLUMNS)) + ")")

    def __call__(self, connection: Connection, camera: str, rows: list[Crossing]) -> None:
        for line, part in _by_line(rows):
            self._insert(connection, camera_of(camera, line), part)

    def _insert(self, connection: Connection, camera: str, rows: list[Crossing]) -> None:
        if self._prepared:
            values = [(_text(c.time), camera, _text(c.output_time), *c[2:6]) for c in rows]
            connection.exec_driver_sql(self._prepared, values)
        else:
            for statement in self.written_out(rows):
                self._goes_on()
                connection.exec_driver_sql(statement, {"camera": camera})

    def written_out(self, rows: list[Crossing]) -> Iterator[str]:
        """Many rows in one statement: PyMySQL takes longer to escape a row than the server to store it.

        Only the camera is a text from outside: it stays a parameter. All else are times and whole numbers.
        """
        for first in range(0, len(rows), STATEMENT_ROWS):
            part = rows[first : first + STATEMENT_ROWS]
            values = [
                _ROW % (_text(time), _text(output_time), person, state, frame, occurrence)
                for time, output_time, person, state, frame, occurrence, _ in part
            ]
            yield f"{self._before}{','.join(values)}{self._after}"


def _by_line(rows: list[Crossing]) -> Iterable[tuple[str, list[Crossing]]]:
    """The rows of each line. Either all of them have one or none has, as the camera's format says."""
    if not rows or not rows[0].line:
        return [("", rows)]
    in_order = sorted(rows, key=lambda row: row.line)
    return ((line, list(part)) for line, part in itertools.groupby(in_order, lambda row: row.line))


def totals_between(start: datetime, end: datetime) -> Any:
    """One pass over one range of the primary key."""
    when, state = PEOPLE_FLOW.c.time, PEOPLE_FLOW.c.state
    return select(
        func.count(case((state == 0, 1))),
        func.count(case((state == 1, 1))),
        func.min(when),
        func.max(when),
    ).where(when >= start, when < end)


def hours_between(start: datetime, end: datetime) -> Any:
    """The same range, which lies within one day, by hour and camera, in this order; see `by_camera`."""
    hour = extract("hour", PEOPLE_FLOW.c.time).label("hour")
    return by_camera(start, end, hour).order_by(hour, PEOPLE_FLOW.c.ip)


def by_camera(start: datetime, end: datetime, *parts: Any) -> Any:
    """The same range by such `parts` of the time and by camera: in, out, the first and the last time."""
    when, state, camera = PEOPLE_FLOW.c.time, PEOPLE_FLOW.c.state, PEOPLE_FLOW.c.ip
    came_in, went_out = func.count(case((state == 0, 1))), func.count(case((state == 1, 1)))
    return (
        select(*parts, camera, came_in, went_out, func.min(when), func.max(when))
        .where(when >= start, when < end)
        .group_by(*parts, camera)
    )


def cameras_of_newest_rows(count: int) -> Any:
    """The cameras of the `count` rows with the latest times: no index finds a camera in the whole table."""
    newest = select(PEOPLE_FLOW.c.ip).order_by(PEOPLE_FLOW.c.time.desc()).limit(count).subquery()
    return select(newest.c.ip).distinct()


def rows_like(rows: Sequence[tuple[Any, ...]]) -> Any:
    """Each of them by the whole primary key."""
    return select(PEOPLE_FLOW).where(
        or_(
            *(
                and_(*(column == value for column, value in zip(PEOPLE_FLOW.c, row, strict=True)))
                for row in rows
            )
        )
    )


def rows_from(start: datetime) -> Any:
    """The last rows of the primary key, from its end back to `start`: COUNTED_AT_MOST of them are read."""
    when = PEOPLE_FLOW.c.time
    last = select(when).where(when >= start).order_by(when.desc()).limit(COUNTED_AT_MOST).subquery()
    return select(func.count(), func.max(last.c.time)).select_from(last)


def _is_ours(inspector: Any) -> bool:
    """Has the table of that name (by SQLAlchemy's inspector) our columns, key and engine.

    One without the default of `occurrence` is ours too: we always give all seven values.
    """
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


_text = functools.lru_cache(str)  # neighbours cross in the same second
