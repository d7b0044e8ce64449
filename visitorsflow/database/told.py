"""The table PeopleFlowTold: what the phone has been told, by whichever PC.

A row is one thing, such as one silence of one camera: since when, told when, over when. It is read and
changed in one transaction, so that two PCs never both say that they are about to tell it. Rows are used
again, since no right to delete is needed: the last fifty of each subject and camera, and all of two days.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Text, select, update

from visitorsflow.database.connection import Database
from visitorsflow.database.tables import CAMERA, IN_UTF8, MOMENT, make_when_missing, upsert, utc_now
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import NEW_NUMBER, ToldThing
from visitorsflow.reasons import Reason, kept, quoted

KEPT_DAYS = timedelta(days=2)
KEPT_ROWS = 50
MOST_READ = 300
TRIES = 10  # who was slower sees the other's row the next time
LONGEST_REASON = 2000

# In the order of ToldThing.
PEOPLE_FLOW_TOLD = Table(
    "PeopleFlowTold",
    MetaData(),
    Column("what", String(32), primary_key=True),
    Column("ip", CAMERA, primary_key=True),  # "": the whole venue
    Column("number", Integer(), primary_key=True, autoincrement=False),
    Column("since", MOMENT, nullable=False),
    Column("toldAt", MOMENT),
    Column("endedAt", MOMENT),
    Column("endToldAt", MOMENT),
    Column("teller", CAMERA, nullable=False),
    Column("takenAt", MOMENT),
    Column("reason", Text(), nullable=False),
    **IN_UTF8,
)
_TOLD = PEOPLE_FLOW_TOLD.c

# From the newest thing of a subject and camera, and the database's time, to what it is to be; None: the same.
Change = Callable[[ToldThing | None, datetime], ToldThing | None]


class ToldThings:
    """The table in `database`. All methods may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._prepared_at = -1  # how many failures the database had had then

    def change(self, what: str, camera: str, change: Change) -> None:
        """Change the newest thing of a subject and camera, or add one. Makes the table when it is missing.

        `change` is called again where another PC was faster. What adds no row then is no race: the table's
        key is another one, which is refused.
        """
        if self._prepared_at != self._database.failures:
            self._database.transaction(lambda c: make_when_missing(c, PEOPLE_FLOW_TOLD))
            self._prepared_at = self._database.failures
        for _ in range(TRIES):
            if self._database.transaction(lambda c: _change(c, what, camera, change)):
                return
        said = f"{PEOPLE_FLOW_TOLD.name} takes no row more of {what} {camera}"
        raise DatabaseRefuses(Reason("database says", where=str(self._database), said=said))


def read_told(connection: Connection) -> tuple[ToldThing, ...]:
    """Read what lasts, and the newest of the rest. Raises SQLAlchemy's DBAPIError when there is no table."""
    order = (_TOLD.endToldAt.is_(None).desc(), _TOLD.toldAt.desc())
    query = select(PEOPLE_FLOW_TOLD).where(_TOLD.toldAt.is_not(None)).order_by(*order).limit(MOST_READ)
    return tuple(_thing(row) for row in connection.execute(query))


def _change(connection: Connection, what: str, camera: str, change: Change) -> bool:
    """False when another PC added a thing in the same moment."""
    same = (_TOLD.what == what, _TOLD.ip == camera)
    # This locks the rows; in SQLite, which knows no FOR UPDATE, the file.
    connection.execute(update(PEOPLE_FLOW_TOLD).where(*same).values(teller=_TOLD.teller))
    query = select(PEOPLE_FLOW_TOLD).where(*same).order_by(_TOLD.since, _TOLD.number)
    things = [_thing(row) for row in connection.execute(query)]
    now = utc_now(connection)
    new = change(things[-1] if things else None, now)
    if new is None:
        return True
    if new.number != NEW_NUMBER:
        _overwrite(connection, new, new.number)
    elif (old := things[0] if things else None) and _may_go(old, len(things), now):
        _overwrite(connection, new, old.number)
    else:
        number = max((one.number for one in things), default=NEW_NUMBER) + 1
        row = _row(new._replace(number=number))
        add = upsert(connection.dialect.name, PEOPLE_FLOW_TOLD, row, lambda _: {"teller": _TOLD.teller})
        connection.execute(add)
        query = select(PEOPLE_FLOW_TOLD).where(*same, _TOLD.number == number)
        added = connection.execute(query).first()
        return added is not None and added.teller == new.teller
    return True


def _may_go(oldest: ToldThing, rows: int, now: datetime) -> bool:
    told_at = oldest.told_at or oldest.since
    return oldest.end_told_at is not None and (rows >= KEPT_ROWS or now - told_at > KEPT_DAYS)


def _overwrite(connection: Connection, thing: ToldThing, number: int) -> None:
    row = _row(thing)
    key = [PEOPLE_FLOW_TOLD.c[column] == row.pop(column) for column in ("what", "ip")]
    del row["number"]
    connection.execute(update(PEOPLE_FLOW_TOLD).where(*key, _TOLD.number == number).values(row))


def _row(thing: ToldThing) -> dict[str, Any]:
    """The columns; what is longer than its column is cut, since a note matters more than its reason."""
    reason = json.dumps(thing.reason.as_json()) if thing.reason else ""
    if len(reason) > LONGEST_REASON:
        reason = json.dumps(quoted(str(thing.reason)[: LONGEST_REASON // 8]).as_json())
    names = [column.name for column in PEOPLE_FLOW_TOLD.columns]
    return dict(zip(names, (*thing[:-1], reason), strict=True))


def _thing(row: Any) -> ToldThing:
    """Raises DatabaseRefuses where the table is another one, whose times are texts."""
    thing = ToldThing(*row)
    times = thing.since, thing.told_at, thing.ended_at, thing.end_told_at, thing.taken_at
    if not all(time is None or isinstance(time, datetime) for time in times):
        said = "what should be times are none"
        raise DatabaseRefuses(Reason("database says", where=PEOPLE_FLOW_TOLD.name, said=said))
    return thing._replace(reason=kept(str(thing.reason)) if thing.reason else None)
