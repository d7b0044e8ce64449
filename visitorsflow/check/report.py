"""The last report to the authority's API, by what callAPI.py has kept of it."""

from collections.abc import Iterator

from visitorsflow.check.database import opened
from visitorsflow.check.lines import Line, Place, note, well, wrong
from visitorsflow.database.clock import utc_now
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.reports import Reports
from visitorsflow.database.transaction import Database
from visitorsflow.errors import ConfigurationError, DatabaseAway
from visitorsflow.rules.health import open_for
from visitorsflow.rules.period import period_of
from visitorsflow.rules.reporting import NONE_SENT_SECONDS


def look(place: Place) -> Iterator[Line]:
    """Nothing is sent."""
    try:
        with opened(place.settings) as database:
            yield _last(place, database) if database else note("report none")
    except (ConfigurationError, DatabaseAway):
        yield note("not asked")


def _last(place: Place, database: Database) -> Line:
    reports = Reports(database).newest(1)
    if not reports:
        is_late = place.settings.api_url and _is_due(place, database)
        return (wrong if is_late else note)("report none")
    [report] = reports
    age = max(0.0, (database.transaction(utc_now) - report.sent_at).total_seconds())
    values = {"age": place.words.length(age), "reply": report.reply}
    if age <= NONE_SENT_SECONDS or not _is_due(place, database):
        if not report.accepted:
            return wrong("report refused", **values)
        return (
            well("report accepted", **values)
            if age <= NONE_SENT_SECONDS
            else note("report not due", **values)
        )
    return wrong("report late", **values)


def _is_due(place: Place, database: Database) -> bool:
    """Whether the venue has been open, and has had something to report, for so long that one was due."""
    now = place.settings.now()
    opened_for = open_for(now.time(), place.settings.open_hours)
    if opened_for is not None and opened_for < NONE_SENT_SECONDS:
        return False
    totals = PeopleFlow(database, place.settings.camera).totals(*period_of(now.date(), now))
    first = totals.first
    return first is not None and (now.replace(tzinfo=None) - first).total_seconds() > NONE_SENT_SECONDS
