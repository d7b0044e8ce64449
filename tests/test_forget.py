"""A camera that is gone on purpose: --forget."""

import json
from datetime import datetime

from tests.terminal import terminal
from tests.test_cameras import BEAT
from tests.venue import CAMERA, Venue, some_crossings, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras


def cameras_of(venue: Venue) -> set[str]:
    shown = json.loads(venue.run("uploadData.py", "--view", "--json").stdout)
    return {camera["name"] for camera in shown["cameras"]}


def with_a_test_camera(venue: Venue) -> None:
    """A camera stored, and another one was tried once."""
    name = f"{datetime.now():%Y%m%d%H%M%S}.json"  # noqa: DTZ005
    venue.drop(name, some_crossings(name[:14], 2))
    wait_until(lambda: venue.upload().returncode == 0 and cameras_of(venue) == {CAMERA})
    database = Database(venue.settings())
    Cameras(database).beat(BEAT._replace(name="test"))
    database.close()
    assert cameras_of(venue) == {CAMERA, "test"}


def test_a_camera_is_forgotten_until_it_beats_again(venue: Venue) -> None:
    """It is gone from the view; what it has stored stays; its next beat brings it back."""
    with_a_test_camera(venue)
    rows = venue.rows()
    done = venue.run("uploadData.py", "--forget", CAMERA, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert cameras_of(venue) == {"test"}
    assert venue.rows() == rows
    wait_until(lambda: venue.upload().returncode == 0 and cameras_of(venue) == {CAMERA, "test"})


def test_a_name_that_is_not_there(venue: Venue) -> None:
    """The names that are there are said."""
    with_a_test_camera(venue)
    done = venue.run("uploadData.py", "--forget", "tset", "--yes")
    assert (done.returncode, done.stdout) == (1, f"沒有 tset 這台攝影機；有的是：{CAMERA}、test\n")


def test_it_asks_first(sqlite_venue: Venue) -> None:
    """On a terminal y or N; without one nothing is changed."""
    with_a_test_camera(sqlite_venue)
    assert sqlite_venue.run("uploadData.py", "--forget", "test").returncode == 1
    for answer, code, left in (("n", 1, {CAMERA, "test"}), ("y", 0, {CAMERA})):
        with terminal(sqlite_venue.command("uploadData.py", "--forget", "test")) as shown:
            shown.wait_for("(y/N)")
            shown.type(f"{answer}\n")
            assert shown.end() == code
        assert cameras_of(sqlite_venue) == left
