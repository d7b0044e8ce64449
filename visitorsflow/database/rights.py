"""Which rights we have on our tables: really tried, and taken back, so that nothing of it stays."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, false, select, update
from sqlalchemy.exc import DBAPIError

from visitorsflow.database.transaction import Database, code_and_text

# What each kind of column takes. Nobody ever reads the row, since it is not committed.
_VALUES = {datetime: datetime(1000, 1, 1), date: date(1000, 1, 1), str: "check", bool: False, float: 0.0}
_DENIED = frozenset({1142, 1143})  # for the table, for one of its columns
_NO_TABLE, _NO_COLUMN = 1146, 1054
_MADE_TWICE = frozenset({1050, 1060})  # a table, a column
_IN_SQLITE = {"no such table": _NO_TABLE, "no such column": _NO_COLUMN, "has no column": _NO_COLUMN}


class Rights(NamedTuple):
    """`missing`: those of SELECT, INSERT, UPDATE and CREATE that we need for the table and do not have."""

    table: str
    is_there: bool
    has_columns: bool  # all of ours, as far as we may know
    missing: tuple[str, ...]


def rights_on(database: Database, table: Table) -> Rights:
    """Try what the scripts do with the table; CREATE only where it is missing.

    Raises DatabaseAway, and DatabaseRefuses when the server takes no rows for another reason.
    """
    row = {c.name: _VALUES.get(c.type.python_type, 0) for c in table.c if c is not table.autoincrement_column}
    # Two columns of one name: the server looks for the right first, and then makes nothing.
    doomed = f"CREATE TABLE {table.name} (twice INT, twice INT)"
    attempts: dict[str, Callable[[Connection], object]] = {
        "SELECT": lambda c: c.execute(select(table).limit(1)),
        "INSERT": lambda c: c.execute(table.insert().inline().values(row)),
        "UPDATE": lambda c: c.execute(update(table).where(false()).values(row)),
    }

    def codes() -> dict[str, int]:
        return {right: database.transaction(partial(_attempt, work)) for right, work in attempts.items()}

    found = codes()
    is_there = _NO_TABLE not in found.values()
    if not is_there and database.engine.dialect.name != "sqlite":
        attempts = {"CREATE": lambda c: c.exec_driver_sql(doomed)}
        found |= codes()
    missing = tuple(right for right, code in found.items() if code in _DENIED)
    return Rights(table.name, is_there, _NO_COLUMN not in found.values(), missing)


def _attempt(work: Callable[[Connection], Any], connection: Connection) -> int:
    """The code of what is in the way, 0 when nothing is; whatever was done is taken back."""
    try:
        work(connection)
    except DBAPIError as error:
        code, text = code_and_text(error)
        code = next((ours for said, ours in _IN_SQLITE.items() if said in text), code)
        if code not in (*_DENIED, *_MADE_TWICE, _NO_TABLE, _NO_COLUMN):
            raise
        return code
    finally:
        connection.rollback()
    return 0
