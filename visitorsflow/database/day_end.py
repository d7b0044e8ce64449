"""A day that is over, for the closing message: read once, when the venue has closed."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, case, func, select

from visitorsflow.database.reports import PEOPLE_FLOW_REPORT
from visitorsflow.database.schema import PEOPLE_FLOW
from visitorsflow.database.today import counts
from visitorsflow.database.transaction import Database
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.facts import DayEnd, DayGaps
from visitorsflow.rules.peak import peak
from visitorsflow.rules.period import Period


def read_end(database: Database, day: date, gaps: DayGaps | None) -> DayEnd:
    """The whole of `day`; `gaps` come from outside. May raise DatabaseAway."""
    start = datetime.combine(day, time())
    period = Period(start, start + timedelta(days=1))
    totals, hours = database.transaction(lambda connection: counts(connection, period))
    most, at = peak(database.transaction(lambda connection: _changes(connection, period)))
    try:
        sent, accepted = database.transaction(lambda connection: _reports(connection, day))
    except DatabaseRefuses:  # there is no such table, or no right to read it
        sent = accepted = 0
    seconds = tuple(sorted(gaps.seconds.items())) if gaps else None
    return DayEnd(day, totals, hours, most, at, seconds, sent, accepted, gaps.since if gaps else None)


def _changes(connection: Connection, period: Period) -> list[tuple[datetime, int]]:
    """By second: how many more came in than went out."""
    when, state = PEOPLE_FLOW.c.time, PEOPLE_FLOW.c.state
    more = func.count(case((state == 0, 1))) - func.count(case((state == 1, 1)))
    query = select(when, more).where(when >= period.start, when < period.end).group_by(when).order_by(when)
    return [(moment, int(change)) for moment, change in connection.execute(query)]


def _reports(connection: Connection, day: date) -> tuple[int, int]:
    columns = PEOPLE_FLOW_REPORT.c
    query = select(func.count(), func.count(case((columns.accepted, 1)))).where(columns.day == day)
    sent, accepted = connection.execute(query).one()
    return int(sent), int(accepted)
