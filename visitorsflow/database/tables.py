"""Common to all our tables: types of columns, making a table, writing a row that may be there, and the clock.

The clock is the database's, in UTC whatever the zone of a session: the one that all PCs of a venue share.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Integer, String, Table, inspect, literal, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

MOMENT = DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")  # type: ignore[no-untyped-call]
# Two cameras may differ in upper and lower case alone.
CAMERA = String(64).with_variant(mysql.VARCHAR(64, collation="utf8mb4_bin"), "mysql")
# The options of a table of ours that holds texts.
IN_UTF8: Mapping[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
}
# From the columns of the row that is written to what is changed in the row that is there.
Changes = Callable[[Any], Mapping[str, Any]]


def make_when_missing(connection: Connection, table: Table) -> None:
    """Make the table, which other uploaders may do in the same moment. Asks for no right if it is there."""
    if not inspect(connection).has_table(table.name):
        connection.execute(CreateTable(table, if_not_exists=True))


def upsert(
    dialect: str, table: Table, values: Mapping[str, Any], changes: Changes
) -> sqlite.Insert | mysql.Insert:
    """One statement that adds the row of `values`, or makes `changes` to the row that has its key."""
    if dialect == "sqlite":
        insert = sqlite.insert(table).values(values)
        key = [column.name for column in table.primary_key]
        return insert.on_conflict_do_update(index_elements=key, set_=changes(insert.excluded))
    statement = mysql.insert(table).values(values)
    return statement.on_duplicate_key_update(changes(statement.inserted))


def utc_ago(seconds: float = 0) -> FunctionElement[datetime]:
    """The time `seconds` before the statement runs: whole seconds, naive UTC; 0 is now."""
    return _Ago(literal(round(seconds), Integer()))


def utc_now(connection: Connection) -> datetime:
    """The database's time now: whole seconds, naive UTC."""
    return connection.execute(select(utc_ago())).scalar_one()


def clock_offset(connection: Connection) -> float:
    """This PC's clock minus the database's, in seconds, wrong by half of the way there and back at most."""
    before = datetime.now(UTC)
    there = connection.execute(select(_Exactly())).scalar_one()
    after = datetime.now(UTC)
    here = (before + (after - before) / 2).replace(tzinfo=None)
    return round((here - there).total_seconds(), 3)


class _Ago(FunctionElement[datetime]):
    type = MOMENT
    inherit_cache = True


class _Exactly(FunctionElement[datetime]):
    type = MOMENT
    inherit_cache = True


@compiles(_Ago)
def _ago(element: _Ago, compiler: SQLCompiler, **options: Any) -> str:
    return f"TIMESTAMPADD(SECOND, -{compiler.process(element.clauses, **options)}, UTC_TIMESTAMP())"


@compiles(_Ago, "sqlite")
def _ago_in_sqlite(element: _Ago, compiler: SQLCompiler, **options: Any) -> str:
    return f"datetime('now', -{compiler.process(element.clauses, **options)} || ' seconds')"


@compiles(_Exactly)
def _exactly(_element: _Exactly, _compiler: SQLCompiler, **_options: Any) -> str:
    return "UTC_TIMESTAMP(6)"


@compiles(_Exactly, "sqlite")
def _exactly_in_sqlite(_element: _Exactly, _compiler: SQLCompiler, **_options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now')"
