"""The table PeopleFlowReport: what callAPI.py has sent, and what the API replied, one row a POST."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    inspect,
    select,
)

from visitorsflow.database.clock import utc_ago
from visitorsflow.database.schema import MOMENT, make_when_missing
from visitorsflow.database.transaction import Database
from visitorsflow.facts import SentReport, Totals
from visitorsflow.text import printable

LONGEST_REPLY = 500
MOST_REFUSED = 10

# After `id` in the order of SentReport.
PEOPLE_FLOW_REPORT = Table(
    "PeopleFlowReport",
    MetaData(),
    # Of SQLite's kinds only INTEGER counts up by itself.
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("sentAt", MOMENT, nullable=False),
    Column("day", Date(), nullable=False),
    Column("count", Integer(), nullable=False),
    Column("accuIn", Integer(), nullable=False),
    Column("accuOut", Integer(), nullable=False),
    Column("startTime", MOMENT, nullable=False),
    Column("endTime", MOMENT, nullable=False),
    Column("httpStatus", SmallInteger()),
    Column("accepted", Boolean(), nullable=False),
    Column("reply", String(LONGEST_REPLY), nullable=False),
    Column("partial", Text(), nullable=False),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
)


class Reports:
    """The table in `database`. `add` and `newest` may raise DatabaseAway; reading needs only SELECT."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        day: date,
        inside: int,
        totals: Totals,
        *,
        http_status: int | None,
        accepted: bool,
        reply: str,
        partial: str,
    ) -> None:
        """Add the report that was sent just now, by the database's clock. Makes the table when it is missing.

        `totals` has rows. What of the reply can't be printed is escaped, and only its beginning is kept.
        """
        row = {
            "sentAt": utc_ago(),
            "day": day,
            "count": inside,
            "accuIn": totals.came_in,
            "accuOut": totals.went_out,
            "startTime": totals.first,
            "endTime": totals.last,
            "httpStatus": http_status,
            "accepted": accepted,
            "reply": printable(reply)[:LONGEST_REPLY],
            "partial": printable(partial),
        }

        def write(connection: Connection) -> None:
            make_when_missing(connection, PEOPLE_FLOW_REPORT)
            connection.execute(PEOPLE_FLOW_REPORT.insert().inline().values(row))

        self._database.transaction(write)

    def newest(self, count: int, day: date | None = None) -> list[SentReport] | None:
        """The last `count` reports, of `day` or of all days, newest first. None when there is no table."""

        def read(connection: Connection) -> list[SentReport] | None:
            if not inspect(connection).has_table(PEOPLE_FLOW_REPORT.name):
                return None
            query = _newest(count)
            if day:
                query = query.where(PEOPLE_FLOW_REPORT.c.day == day)
            return [SentReport(*row) for row in connection.execute(query)]

        return self._database.transaction(read)

    @staticmethod
    def last(connection: Connection) -> SentReport | None:
        """The last report, whatever day it was for. Raises SQLAlchemy's DBAPIError when there is no table."""
        row = connection.execute(_newest(1)).first()
        return SentReport(*row) if row else None

    @staticmethod
    def refused_in_a_row(connection: Connection) -> int:
        """How many of the last reports, from the newest on, were not accepted; it counts to MOST_REFUSED."""
        taken = [SentReport(*row).accepted for row in connection.execute(_newest(MOST_REFUSED))]
        return taken.index(True) if True in taken else len(taken)


def _newest(count: int) -> Any:
    """The end of the primary key, backwards."""
    number, *columns = PEOPLE_FLOW_REPORT.c
    return select(*columns).order_by(number.desc()).limit(count)
