"""A server so slow that it does not take 2,000 rows within the time limit."""

import pytest

from tests.faults.conftest import Scene
from tests.venue import as_json, some_crossings, truth

# A tenth of the usual time limit, so that a server ten times as fast is slow.
QUICK = "from visitorsflow.database import connection as c; c.ANSWER_SECONDS = 1"
ROWS = 2_400


@pytest.mark.timeout(150)
@pytest.mark.parametrize("files", [1, 240])
def test_a_backlog_gets_through(scene: Scene, files: int) -> None:
    """In one file or in many: what it can't take in one go it is given in parts."""
    scene.venue.rows()  # makes the table
    name = scene.venue.settings().db
    scene.server.execute(
        "CREATE TRIGGER slowly BEFORE INSERT ON PeopleFlow FOR EACH ROW DO SLEEP(0.001)", name
    )
    records = some_crossings("20180531100000", ROWS)
    for number in range(files):
        share = records[number * ROWS // files : (number + 1) * ROWS // files]
        file = f"2018053112{number // 60:02}{number % 60:02}.json"
        scene.venue.drop(file, as_json(share))
        scene.camera.truth |= truth(file, share)
    with scene.venue.uploading(first=QUICK):
        scene.wait_until_all_is_stored(90)
    scene.check()
