"""The table PeopleFlowMessage: what of the day the phone has been sent, for whichever PC speaks next.

One row for the status message of each chat, one for the closing message. Made only where
`status_message` is set.
"""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Date, MetaData, String, Table, select
from sqlalchemy.dialects import mysql, sqlite

from visitorsflow.database.schema import make_when_missing
from visitorsflow.database.transaction import Database
from visitorsflow.facts import StatusMessage

LONGEST_CHAT = 190  # of four bytes: a key of older servers is 767 bytes long at most
_STATUS, _CLOSING = "status", "closing"
# Titles of groups may differ in upper and lower case alone.
_CHAT = String(LONGEST_CHAT).with_variant(
    mysql.VARCHAR(LONGEST_CHAT, collation="utf8mb4_bin"), "mysql", "mariadb"
)

# After `what` and `chat` in the order of StatusMessage.
PEOPLE_FLOW_MESSAGE = Table(
    "PeopleFlowMessage",
    MetaData(),
    Column("what", String(16), primary_key=True),
    Column("chat", _CHAT, primary_key=True),
    Column("day", Date(), nullable=False),
    Column("randomId", BigInteger(), nullable=False),
    Column("number", BigInteger(), nullable=False),
    Column("older", BigInteger(), nullable=False),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
)
_COLUMNS = PEOPLE_FLOW_MESSAGE.c


class Messages:
    """The table in `database`, made when missing. All methods may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, chat: str) -> StatusMessage | None:
        """The last status message in a chat; `chat` names it and the account whose numbers count there."""

        def read(connection: Connection) -> StatusMessage | None:
            make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            query = _select(_STATUS).where(_COLUMNS.chat == chat[:LONGEST_CHAT])
            row = connection.execute(query).first()
            return StatusMessage(*row) if row else None

        return self._database.transaction(read)

    def keep(self, chat: str, message: StatusMessage) -> None:
        """From now on, this is the status message in that chat."""

        def write(connection: Connection) -> None:
            make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            _write(connection, _STATUS, chat[:LONGEST_CHAT], message)

        self._database.transaction(write)

    def keep_closing(self, day: date) -> None:
        """The closing message of this day was delivered; an earlier one may be late."""

        def write(connection: Connection) -> None:
            make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            last = self.last_closing(connection)
            if last is None or last < day:
                _write(connection, _CLOSING, "", StatusMessage(day, 0))

        self._database.transaction(write)

    @staticmethod
    def last_closing(connection: Connection) -> date | None:
        """The day of the last closing message. Raises SQLAlchemy's DBAPIError when there is no table."""
        row = connection.execute(_select(_CLOSING)).first()
        return row.day if row else None


def _select(what: str) -> Any:
    _what, _chat, *columns = _COLUMNS
    return select(*columns).where(_COLUMNS.what == what)


def _write(connection: Connection, what: str, chat: str, message: StatusMessage) -> None:
    day, random_id, number, older = message
    key = {"what": what, "chat": chat}
    values = {"day": day, "randomId": random_id, "number": number, "older": older}
    if connection.dialect.name == "sqlite":
        insert = sqlite.insert(PEOPLE_FLOW_MESSAGE).values(**key, **values)
        connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=values))
    else:
        statement = mysql.insert(PEOPLE_FLOW_MESSAGE).values(**key, **values)
        connection.execute(statement.on_duplicate_key_update(values))
