"""Two venues in one database: each would report the other's people. The start says it."""

import contextlib

import pytest

from tests.venue import Venue, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras
from visitorsflow.errors import DatabaseAway


def beating(venue: Venue) -> set[str]:
    """The cameras that have beaten."""
    database = Database(venue.settings())
    try:
        return {state.name for state in Cameras(database).read()}
    except DatabaseAway:  # there is no table yet
        return set()
    finally:
        database.close()


@pytest.mark.parametrize("ssids", [("SS-1", "SS-2"), ("SS-1", "SS-1"), ("SS-1", None)], ids=str)
def test_another_ssid_in_the_same_database(mariadb_venue: Venue, ssids: tuple[str, str | None]) -> None:
    """A warning names the camera and the ssid; none where both have one, or one has not said which."""
    other = Venue(mariadb_venue.home / "other", mariadb_venue.database)
    running: list[str] = []
    with contextlib.ExitStack() as stack:
        for venue, camera, ssid in zip((mariadb_venue, other), ("north", "south"), ssids, strict=True):
            running.append(camera)
            venue.configure(camera=camera, **({"ssid": ssid} if ssid else {}))
            stack.enter_context(venue.uploading())
            wait_until(lambda: set(running) <= beating(mariadb_venue), "it beats")
        warning = "camera north uses this database for the ssid SS-1: two venues in one database"
        if ssids == ("SS-1", "SS-2"):
            wait_until(lambda: warning in other.terminal(), "it is said")
    if ssids != ("SS-1", "SS-2"):
        assert "for the ssid" not in other.terminal() + mariadb_venue.terminal()
