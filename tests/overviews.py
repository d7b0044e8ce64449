"""An overview in the test's own process, and a database that allows only some things."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.mariadb import MariaDB
from tests.venue import Venue, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.events import DayRead, Event, TableReady
from visitorsflow.facts import Day
from visitorsflow.venue.overview import Overview


@contextmanager
def listening(venue: Venue, **options: object) -> Iterator[tuple[Overview, list[Day]]]:
    """An overview in this process, and the days that it has told."""
    settings = venue.settings()
    days: list[Day] = []

    def tell(event: Event) -> None:
        assert isinstance(event, DayRead)
        days.append(event.day)

    overview = Overview(settings, Database(settings), tell, **options)  # type: ignore[arg-type]
    overview(TableReady())
    overview.start()
    yield overview, days
    overview.close()


def first(days: list[Day]) -> Day:
    wait_until(lambda: days, "the first read")
    return days[0]


def limited(mariadb: MariaDB, venue: Venue, rights: str) -> None:
    """From now on the venue signs in as one who has these rights, and no more."""
    name = venue.settings().db or ""
    user = f"u{name}"[:32]
    mariadb.grant(user, rights, name)
    venue.database += f"\nuser = {user!r}"
    venue.configure()
