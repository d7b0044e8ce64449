"""The SQL that turns another program's PeopleFlow table into ours: shown to a person, never run by us.

People paste it into a client that goes on after an error. So the last statements look for themselves
whether every row has arrived, and rename nothing when one has not.
"""

import shlex
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, MetaData, Table
from sqlalchemy.schema import CreateTable

from visitorsflow.errors import ConfigurationError
from visitorsflow.reasons import Reason

_DIGITS_AS_TIME = (
    "substr({0}, 1, 4) || '-' || substr({0}, 5, 2) || '-' || substr({0}, 7, 2) || ' ' || "
    "substr({0}, 9, 2) || ':' || substr({0}, 11, 2) || ':' || substr({0}, 13, 2)"
)
_MOMENT = {"sqlite": f"datetime(CASE WHEN length({{0}}) = 14 THEN {_DIGITS_AS_TIME} ELSE {{0}} END)"}
_NUMBER = {"sqlite": "CASE WHEN {0} GLOB '*[^0-9-]*' THEN NULL ELSE CAST({0} AS INTEGER) END"}
# What can't be converted must fail, never become 0.
_STRICT = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE';"


@dataclass(frozen=True)
class FoundTable:
    """A table that is not ours, as it was found: its `name` may be written in other letters than ours."""

    name: str
    columns: Collection[str]
    database: str  # of SQLite: the file
    neighbours: Collection[str]  # the names of all tables of that database


def refusal(table: Table, found: FoundTable, where: str, camera: str, dialect: Dialect) -> ConfigurationError:
    """The error that says which table is in the way in the database `where`, with the SQL as its advice."""
    reason = Reason("table other columns", found=found.name, where=where)
    if found.name != table.name:
        reason = Reason("table other letters", table=table.name, found=found.name, where=where)
    earlier, old = name_for_old(table.name, ()), name_for_old(table.name, found.neighbours)
    if old != earlier:
        reason = Reason("table converted before", found=reason, earlier=earlier, old=old)
    return ConfigurationError(
        Reason("table in the way", found=reason), sql_to_convert(table, found, camera, dialect)
    )


def remarks(table: Table, inspector: Any) -> Iterator[Reason]:
    """Say of an older program that still runs where its rows are not counted, and that it can't insert."""
    names = inspector.get_table_names()
    # Where the table itself is listed in other letters, the server takes both for the same.
    for other in in_other_letters(table.name, names) if table.name in names else ():
        yield Reason("table beside", other=other, table=table.name)
    defaults = {column["name"]: column["default"] for column in inspector.get_columns(table.name)}
    if inspector.dialect.name != "sqlite" and defaults["occurrence"] is None:
        yield Reason("no default", table=table.name)


def in_other_letters(name: str, names: Iterable[str]) -> list[str]:
    """Those that differ from `name` in upper and lower case alone: other tables, on most servers.

    >>> in_other_letters("PeopleFlow", ["PeopleFlow", "peopleflow", "PeopleFlow_old"])
    ['peopleflow']
    """
    return sorted(one for one in names if one != name and one.lower() == name.lower())


def name_for_old(name: str, taken: Iterable[str]) -> str:
    """NAME_old, or the first of NAME_old2, NAME_old3 … that no table has yet.

    >>> name_for_old("PeopleFlow", ["peopleflow_old", "PeopleFlow_old2"])
    'PeopleFlow_old3'
    """
    lower = {one.lower() for one in taken}
    old, number = f"{name}_old", 2
    while old.lower() in lower:
        old, number = f"{name}_old{number}", number + 1
    return old


def sql_to_convert(table: Table, found: FoundTable, camera: str, dialect: Dialect) -> str:
    """Statements that keep every row of `found` in `table`, and `found` itself as `name_for_old` says.

    Times may be DATETIME, text or numbers (YYYYMMDDhhmmss or YYYY-MM-DD hh:mm:ss); a missing camera
    becomes `camera`, a missing output time the crossing's own, and rows that are alike are numbered.
    """
    quote = dialect.identifier_preparer.quote
    is_sqlite = dialect.name == "sqlite"
    columns = {name.lower(): quote(name) for name in found.columns}
    source, old = quote(found.name), quote(name_for_old(table.name, found.neighbours))
    new, name = quote(f"{table.name}_new"), quote(table.name)
    first = [
        "-- To be run by the administrator of the database, while no program writes to the table.",
        *([f"-- In a terminal: sqlite3 {shlex.quote(found.database)}"] if is_sqlite else []),
        *([f"USE {quote(found.database)};"] if found.database and not is_sqlite else []),
    ]
    if not {"time", "state"} <= set(columns):
        no_rows = "-- It has no time or no state: no row can be kept, only the table itself."
        return "\n".join([*first, no_rows, f"ALTER TABLE {source} RENAME TO {old};"])
    values = _values(columns, camera, dialect)
    key = ", ".join(quote(column) for column in values)
    create = CreateTable(table.to_metadata(MetaData(), name=f"{table.name}_new")).compile(dialect=dialect)
    copy = [
        f"DROP TABLE IF EXISTS {new};",
        # A tab that is pasted into a client asks it to complete a name.
        *(line.rstrip().expandtabs(4) for line in str(create).strip().splitlines()),
        ";",
        f"INSERT{' OR ROLLBACK' if is_sqlite else ''} INTO {new} ({key}, {quote('occurrence')})",
        f"SELECT {key}, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {quote('time')}) - 1",
        "FROM (SELECT",
        ",\n".join(f"    {value} AS {quote(column)}" for column, value in values.items()),
        f"  FROM {old if is_sqlite else source}) AS converted;",
    ]
    if is_sqlite:
        return "\n".join([*first, *_in_one_transaction(copy, source, old, new, name)])
    return "\n".join([*first, _STRICT, *copy, *_rename_when_whole(source, old, new, name)])


def _in_one_transaction(copy: list[str], source: str, old: str, new: str, name: str) -> list[str]:
    """SQLite: what fails rolls back everything before it, and what comes after it finds nothing to do.

    The order matters. The first rename holds the lock for all that follows; if it fails, there is no
    free name for the last one.
    """
    return [
        "BEGIN;",
        f"ALTER TABLE {source} RENAME TO {old};",
        *copy,
        "-- If that failed, a row has no usable time, state or ID, and all is as it was: the errors that",
        "-- follow only say so. Fix or delete the row, then begin again from the top.",
        f'INSERT OR ROLLBACK INTO {new} ("time") SELECT NULL',
        f"  WHERE (SELECT COUNT(*) FROM {old}) <> (SELECT COUNT(*) FROM {new});",
        f"ALTER TABLE {new} RENAME TO {name};",
        "COMMIT;",
    ]


def _rename_when_whole(source: str, old: str, new: str, name: str) -> list[str]:
    """MySQL and MariaDB, where each statement on tables commits: the rename is chosen by the counts.

    The variable is set twice, so that nothing of an earlier try is left in it when the counting fails.
    """
    return [
        "-- If that failed, a row has no usable time, state or ID, and what follows renames nothing. Fix or",
        "-- delete the row, then begin again from the top.",
        f"SET @rename_or_not = 'SELECT ''nothing was renamed, {source} is as it was'' AS failed';",
        f"SET @rename_or_not = IF((SELECT COUNT(*) FROM {source}) = (SELECT COUNT(*) FROM {new}),",
        f"    'RENAME TABLE {source} TO {old}, {new} TO {name}', @rename_or_not);",
        "PREPARE rename_or_not FROM @rename_or_not;",
        "EXECUTE rename_or_not;",
    ]


def _values(columns: dict[str, str], camera: str, dialect: Dialect) -> dict[str, str]:
    """For each of our columns the expression over the old table that fills it."""
    moment = _MOMENT.get(dialect.name, "CAST({0} AS DATETIME)")
    number = _NUMBER.get(dialect.name, "CAST({0} AS SIGNED)")

    def column(name: str, default: str) -> str:
        old = columns.get(name.lower())
        return f"COALESCE(NULLIF(TRIM({old}), ''), {default})" if old else default

    escaped = camera if dialect.name == "sqlite" else camera.replace("\\", "\\\\")
    camera_text = "'" + escaped.replace("'", "''") + "'"
    time = columns["time"]
    return {
        "time": moment.format(f"NULLIF(TRIM({time}), '')"),
        "ip": column("ip", camera_text),
        "outputTime": moment.format(column("outputTime", time)),
        "peopleID": number.format(column("peopleID", "0")),
        "state": number.format(column("state", "-1")),
        "frameNumber": number.format(column("frameNumber", "0")),
    }
