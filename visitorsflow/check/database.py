"""A look at the database: it can be reached, has our tables, lets us work on them, and has the right time.

A right is known by trying: everything that is tried is taken back.
"""

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, false, select, text, update
from sqlalchemy.exc import DBAPIError

from visitorsflow.check.lines import Line, Place, note, well, wrong
from visitorsflow.database.connection import Database, code_and_text, sql_to_grant
from visitorsflow.database.people_flow import PEOPLE_FLOW, PeopleFlow
from visitorsflow.database.status_tables import PEOPLE_FLOW_CAMERA, PEOPLE_FLOW_MESSAGE, PEOPLE_FLOW_REPORT
from visitorsflow.database.tables import clock_offset
from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses
from visitorsflow.rules.clocks import OFF_SECONDS
from visitorsflow.settings import Settings

UNREACHED = frozenset(
    {
        "check database settings",
        "check database login",
        "check database none",
        "check database away",
        "check no answer",
    }
)
# For each kind of column a value that it takes. Nobody ever reads the row, since it is not committed.
_VALUES = {datetime: datetime(1000, 1, 1), date: date(1000, 1, 1), str: "check", bool: False, float: 0.0}
_LOGIN = frozenset({1045, 1698})  # access denied, by password or by plugin
_NO_DATABASE = frozenset({1044, 1049})  # not for this user, not there
_DENIED = frozenset({1142, 1143})  # for the table, for one of its columns
_NO_TABLE, _NO_COLUMN = 1146, 1054
_MADE_TWICE = frozenset({1050, 1060})  # a table, a column
_IN_SQLITE = {"no such table": _NO_TABLE, "no such column": _NO_COLUMN, "has no column": _NO_COLUMN}


def look_at_database(place: Place) -> Iterator[Line]:
    """Look without making a row, a table or a file."""
    try:
        with opened(place.settings) as database:
            if database:
                yield from _looked(place, database)
            else:
                yield note("database sqlite none", where=Database(place.settings))
    except ConfigurationError as error:
        yield wrong("database settings", reason=error.reason)
    except DatabaseAway as error:
        yield _away(place.settings, error)


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Database | None]:
    """The database; None where it is an SQLite file that is not there yet, which looking would make."""
    database = Database(settings)
    try:
        yield None if database.is_not_made_yet else database
    finally:
        database.close()


class _Rights(NamedTuple):
    """`missing`: those of SELECT, INSERT, UPDATE and CREATE that we need for the table and do not have."""

    table: str
    is_there: bool
    has_columns: bool  # all of ours, as far as we may know
    missing: tuple[str, ...]


def _looked(place: Place, database: Database) -> Iterator[Line]:
    is_server = database.file is None
    version = "SELECT VERSION()" if is_server else "SELECT sqlite_version()"
    found = database.transaction(lambda connection: connection.execute(text(version)).scalar_one())
    yield well("database there", where=database, version=found)
    if not is_server and not place.settings.database_url:
        yield note("database sqlite", where=database.file)
    foreign = _foreign(PeopleFlow(database, place.settings.camera))
    if foreign:
        yield wrong("table foreign", reason=foreign.reason, sql=foreign.advice)
    of_phone = [PEOPLE_FLOW_MESSAGE] if place.settings.may_show_status else []
    missing = []
    for table in (PEOPLE_FLOW, PEOPLE_FLOW_CAMERA, PEOPLE_FLOW_REPORT, *of_phone):
        if foreign and table is PEOPLE_FLOW:
            continue
        rights = _rights_on(database, table)
        if rights.missing:
            missing.append(f"{table.name} ({', '.join(rights.missing)})")
        else:
            yield _table(rights)
    if missing:  # one SQL gives them all
        yield wrong("rights missing", tables=", ".join(missing), sql=sql_to_grant(database.engine.url))
    if is_server:
        yield _clock(place, database.transaction(clock_offset))


def _foreign(table: PeopleFlow) -> ConfigurationError | None:
    try:
        return table.database.transaction(table.in_the_way)
    except DatabaseRefuses as error:
        if error.code in _DENIED:  # which the look at the rights says better
            return None
        raise


def _table(rights: _Rights) -> Line:
    name = rights.table
    if not rights.has_columns:
        return wrong("table columns", table=name)
    return well("table there", table=name) if rights.is_there else note("table none", table=name)


def _clock(place: Place, offset: float) -> Line:
    if abs(offset) <= OFF_SECONDS:
        return well("clock", seconds=int(abs(offset)) + 1)
    hours = round(abs(offset) / 3600)
    if hours and abs(abs(offset) - 3600 * hours) <= OFF_SECONDS:
        return wrong("clock of another zone", hours=hours)
    return wrong(f"clock {'fast' if offset > 0 else 'slow'}", length=place.words.length(abs(offset)))


def _away(settings: Settings, error: DatabaseAway) -> Line:
    if error.code in _LOGIN:
        return wrong("database login", reason=error.reason)
    if error.code in _NO_DATABASE:
        return wrong("database none", reason=error.reason, sql=sql_to_grant(Database(settings).engine.url))
    return wrong(
        "database refuses" if isinstance(error, DatabaseRefuses) else "database away", reason=error.reason
    )


def _rights_on(database: Database, table: Table) -> _Rights:
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
    return _Rights(table.name, is_there, _NO_COLUMN not in found.values(), missing)


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
