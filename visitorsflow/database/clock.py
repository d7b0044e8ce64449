"""The database's clock, in UTC whatever the zone of a session: the one clock all PCs of a venue share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Integer, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from visitorsflow.database.schema import MOMENT


class _Ago(FunctionElement[datetime]):
    type = MOMENT
    inherit_cache = True


class _Exactly(FunctionElement[datetime]):
    type = MOMENT
    inherit_cache = True


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
