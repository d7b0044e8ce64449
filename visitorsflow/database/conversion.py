"""The SQL that turns another system's PeopleFlow table into ours: shown to a person, never run by us."""

from collections.abc import Iterable

from sqlalchemy import Dialect, MetaData, Table
from sqlalchemy.schema import CreateTable


def sql_to_convert(table: Table, found: Iterable[str], camera: str, dialect: Dialect) -> str:
    """Statements that keep every row of a table with the columns `found`, the old one as NAME_old.

    Times may be DATETIME, text or numbers (YYYYMMDDhhmmss or YYYY-MM-DD hh:mm:ss); a missing camera
    becomes `camera`, a missing output time the crossing's own, and rows that are alike are numbered.
    """
    quote = dialect.identifier_preparer.quote
    columns = {name.lower(): quote(name) for name in found}
    old, name, new = (quote(table.name + suffix) for suffix in ("_old", "", "_new"))
    renames = {
        "sqlite": [f"ALTER TABLE {name} RENAME TO {old};", f"ALTER TABLE {new} RENAME TO {name};"],
    }.get(dialect.name, [f"RENAME TABLE {name} TO {old}, {new} TO {name};"])
    if not {"time", "state"} <= set(columns):
        return (
            "-- It has no time or no state: no row can be kept, only the table itself.\n"
            f"ALTER TABLE {name} RENAME TO {old};"
        )
    values = _values(columns, camera, dialect)
    key = ", ".join(quote(column) for column in values)
    create = CreateTable(table.to_metadata(MetaData(), name=f"{table.name}_new")).compile(dialect=dialect)
    return "\n".join(
        [
            *_STRICT.get(dialect.name, [_STRICT_SESSION]),
            f"DROP TABLE IF EXISTS {new};",
            *(line.rstrip() for line in str(create).strip().splitlines()),
            ";",
            f"INSERT INTO {new} ({key}, occurrence)",
            f"SELECT {key}, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {quote('time')}) - 1",
            "FROM (SELECT",
            ",\n".join(f"    {value} AS {quote(column)}" for column, value in values.items()),
            f"  FROM {name}) AS converted;",
            "-- Only if that INSERT succeeded. If not, a row has no usable time, state or ID: mend or delete",
            "-- that row, then begin again from the top.",
            *renames,
        ]
    )


_DIGITS_AS_TIME = (
    "substr({0}, 1, 4) || '-' || substr({0}, 5, 2) || '-' || substr({0}, 7, 2) || ' ' || "
    "substr({0}, 9, 2) || ':' || substr({0}, 11, 2) || ':' || substr({0}, 13, 2)"
)
_MOMENT = {"sqlite": f"datetime(CASE WHEN length({{0}}) = 14 THEN {_DIGITS_AS_TIME} ELSE {{0}} END)"}
_NUMBER = {"sqlite": "CASE WHEN {0} GLOB '*[^0-9-]*' THEN NULL ELSE CAST({0} AS INTEGER) END"}
# What can't be converted must fail, never become 0.
_STRICT_SESSION = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE';"
_STRICT: dict[str, list[str]] = {"sqlite": []}


def _values(columns: dict[str, str], camera: str, dialect: Dialect) -> dict[str, str]:
    """For each of our columns the expression over the old table that fills it."""
    moment = _MOMENT.get(dialect.name, "CAST({0} AS DATETIME)")
    number = _NUMBER.get(dialect.name, "CAST({0} AS SIGNED)")

    def column(name: str, default: str) -> str:
        old = columns.get(name.lower())
        return f"COALESCE(NULLIF(TRIM({old}), ''), {default})" if old else default

    camera_text = "'" + camera.replace("\\", "\\\\").replace("'", "''") + "'"
    time = columns["time"]
    return {
        "time": moment.format(f"NULLIF(TRIM({time}), '')"),
        "ip": column("ip", camera_text),
        "outputTime": moment.format(column("outputTime", time)),
        "peopleID": number.format(column("peopleID", "0")),
        "state": number.format(column("state", "-1")),
        "frameNumber": number.format(column("frameNumber", "0")),
    }
