"""The database: whether it can be reached, has our tables, lets us work on them, and has the right time."""

import contextlib
import os
from collections.abc import Iterator

from sqlalchemy import text

from visitorsflow.check.lines import Line, Place, note, well, wrong
from visitorsflow.database.cameras import PEOPLE_FLOW_CAMERA
from visitorsflow.database.clock import clock_offset
from visitorsflow.database.messages import PEOPLE_FLOW_MESSAGE
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.reports import PEOPLE_FLOW_REPORT
from visitorsflow.database.rights import Rights, rights_on
from visitorsflow.database.schema import PEOPLE_FLOW
from visitorsflow.database.transaction import Database, sql_to_grant
from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses
from visitorsflow.rules.clocks import OFF_SECONDS
from visitorsflow.settings import Settings

UNREACHED = frozenset(f"check database {why}" for why in ("settings", "login", "none", "away")) | {
    "check no answer"
}
_LOGIN = frozenset({1045, 1698})  # access denied, by password or by plugin
_NO_DATABASE = frozenset({1044, 1049})  # not for this user, not there
_NO_RIGHT = frozenset({1142, 1143})


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Database | None]:
    """The database; None where it is an SQLite file that is not there yet, which looking would make."""
    database = Database(settings)
    try:
        url = database.engine.url
        yield database if url.host or os.path.exists(url.database or "") else None
    finally:
        database.close()


def look(place: Place) -> Iterator[Line]:
    """No row, no table and no file is made."""
    try:
        with opened(place.settings) as database:
            if database:
                yield from _looked(place, database)
            else:
                yield note("database sqlite none", where=Database(place.settings))
    except ConfigurationError as error:
        yield wrong("database settings", reason=error)
    except DatabaseAway as error:
        yield _away(place.settings, error)


def _looked(place: Place, database: Database) -> Iterator[Line]:
    is_server = bool(database.engine.url.host)
    version = "SELECT VERSION()" if is_server else "SELECT sqlite_version()"
    found = database.transaction(lambda connection: connection.execute(text(version)).scalar_one())
    yield well("database there", where=database, version=found)
    if not is_server and not place.settings.database_url:
        yield note("database sqlite", where=database.engine.url.database)
    foreign = _foreign(PeopleFlow(database, place.settings.camera))
    if foreign:
        yield wrong("table foreign", reason=foreign, sql=foreign.advice)
    of_phone = [PEOPLE_FLOW_MESSAGE] if place.settings.status_message else []
    for table in (PEOPLE_FLOW, PEOPLE_FLOW_CAMERA, PEOPLE_FLOW_REPORT, *of_phone):
        if not (foreign and table is PEOPLE_FLOW):
            yield _table(database, rights_on(database, table))
    if is_server:
        yield _clock(place, database.transaction(clock_offset))


def _foreign(table: PeopleFlow) -> ConfigurationError | None:
    try:
        return table.database.transaction(table.in_the_way)
    except DatabaseRefuses as error:
        if error.code in _NO_RIGHT:  # which the look at the rights says better
            return None
        raise


def _table(database: Database, rights: Rights) -> Line:
    name = rights.table
    if rights.missing:
        sql = sql_to_grant(database.engine.url)
        return wrong("rights missing", table=name, rights=", ".join(rights.missing), sql=sql)
    if not rights.has_columns:
        return wrong("table columns", table=name)
    return well("table there", table=name) if rights.is_there else note("table none", table=name)


def _clock(place: Place, offset: float) -> Line:
    if abs(offset) <= OFF_SECONDS:
        return well("clock", seconds=int(abs(offset)) + 1)
    return wrong(f"clock {'fast' if offset > 0 else 'slow'}", length=place.words.length(abs(offset)))


def _away(settings: Settings, error: DatabaseAway) -> Line:
    if error.code in _LOGIN:
        return wrong("database login", reason=error)
    if error.code in _NO_DATABASE:
        return wrong("database none", reason=error, sql=sql_to_grant(Database(settings).engine.url))
    return wrong("database refuses" if isinstance(error, DatabaseRefuses) else "database away", reason=error)
