"""The table PeopleFlow: its columns, whether one that is there is ours, and the statements on it."""

import functools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    MetaData,
    SmallInteger,
    String,
    Table,
    case,
    extract,
    func,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

from visitorsflow.facts import Crossing

COUNTED_AT_MOST = 10_000  # rows of the future: a camera whose clock is years ahead makes many
STATEMENT_ROWS = 2_000  # below the 1 MB that the smallest max_allowed_packet allows

MOMENT = DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")  # type: ignore[no-untyped-call]
# Two cameras may differ in upper and lower case alone.
CAMERA = String(64).with_variant(mysql.VARCHAR(64, collation="utf8mb4_bin"), "mysql", "mariadb")


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


def is_ours(inspector: Any) -> bool:
    """Whether the table of that name (by SQLAlchemy's inspector) has our columns, key and engine.

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


def make_when_missing(connection: Connection, table: Table) -> None:
    """Make the table, which other uploaders may do in the same moment. Asks for no right if it is there."""
    if not inspect(connection).has_table(table.name):
        connection.execute(CreateTable(table, if_not_exists=True))


class Insert:
    """Adds the rows that are not there yet."""

    def __init__(self, dialect: Dialect) -> None:
        if dialect.name == "sqlite":
            self._prepared = str(sqlite.insert(PEOPLE_FLOW).on_conflict_do_nothing().compile(dialect=dialect))
            return
        self._prepared = ""
        marks: dict[str, Any] = dict.fromkeys(COLUMNS, literal_column("?"))
        insert = mysql.insert(PEOPLE_FLOW).values(marks).inline()
        written = str(insert.on_duplicate_key_update(ip=PEOPLE_FLOW.c.ip).compile(dialect=dialect))
        self._before, self._after = written.split("(" + ", ".join("?" * len(COLUMNS)) + ")")

    def __call__(self, connection: Connection, camera: str, rows: list[Crossing]) -> None:
        if self._prepared:
            values = [(_text(c.time), camera, _text(c.output_time), *c[2:]) for c in rows]
            connection.exec_driver_sql(self._prepared, values)
        else:
            for statement in self.written_out(rows):
                connection.exec_driver_sql(statement, {"camera": camera})

    def written_out(self, rows: list[Crossing]) -> Iterator[str]:
        """Many rows in one statement: PyMySQL takes longer to escape a row than the server to store it.

        Only the camera is a text from outside: it stays a parameter. All else are times and whole numbers.
        """
        for first in range(0, len(rows), STATEMENT_ROWS):
            values = [
                _ROW % (_text(time), _text(output_time), *numbers)
                for time, output_time, *numbers in rows[first : first + STATEMENT_ROWS]
            ]
            yield f"{self._before}{','.join(values)}{self._after}"


_ROW = "('%s',%%(camera)s,'%s',%d,%d,%d,%d)"
_text = functools.lru_cache(str)  # neighbours cross in the same second


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
    """The same range, which lies within one day: hour, camera, in and out, by hour and camera."""
    when, state = PEOPLE_FLOW.c.time, PEOPLE_FLOW.c.state
    hour, camera = extract("hour", when).label("hour"), PEOPLE_FLOW.c.ip
    return (
        select(hour, camera, func.count(case((state == 0, 1))), func.count(case((state == 1, 1))))
        .where(when >= start, when < end)
        .group_by(hour, camera)
        .order_by(hour, camera)
    )


def cameras_of_newest_rows(count: int) -> Any:
    """The cameras of the `count` rows with the latest times: no index finds a camera in the whole table."""
    newest = select(PEOPLE_FLOW.c.ip).order_by(PEOPLE_FLOW.c.time.desc()).limit(count).subquery()
    return select(newest.c.ip).distinct()


def rows_from(start: datetime) -> Any:
    """The last rows of the primary key, from its end back to `start`: COUNTED_AT_MOST of them are read."""
    when = PEOPLE_FLOW.c.time
    last = select(when).where(when >= start).order_by(when.desc()).limit(COUNTED_AT_MOST).subquery()
    return select(func.count(), func.max(last.c.time)).select_from(last)
