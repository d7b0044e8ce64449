"""Another server takes the place of the first, and a link that dies without a word."""

import time
from collections.abc import Iterator

import pytest

from tests.faults.conftest import PASSWORD, Scene
from tests.mariadb import MariaDB, short_folder
from tests.venue import wait_until

# A Galera node that has lost its cluster while a transaction was under way: not even ROLLBACK works.
LOSES_ITS_CLUSTER = """
import pymysql
real = pymysql.Connection.query
def query(self, statement, *rest):
    text = str(statement)
    self.is_lost = getattr(self, "is_lost", False) or ("INSERT INTO `PeopleFlow`" in text and not used)
    if self.is_lost:
        used.append(text)
        raise pymysql.err.OperationalError(1047, "WSREP has not yet prepared node for application use")
    return real(self, statement, *rest)
pymysql.Connection.query = query
used = []
"""


@pytest.fixture(scope="module")
def second_server() -> Iterator[MariaDB]:
    """The one that takes the place of the first."""
    with short_folder() as folder, MariaDB(folder) as server:
        yield server


def test_the_first_server_becomes_read_only(scene: Scene, second_server: MariaDB) -> None:
    """Its name leads to another one from then on: with connections open, and without a restart."""
    name, first = scene.venue.settings().db, scene.server
    scene.venue.rows()  # makes the table
    second_server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    second_server.execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY '{PASSWORD}'")
    second_server.execute(f"GRANT SELECT, INSERT, UPDATE, CREATE ON {name}.* TO '{name}'@'%'")
    for (table,) in first.execute("SHOW TABLES", name):  # the second one has what the first one has
        [(_, made)] = first.execute(f"SHOW CREATE TABLE {table}", name)
        second_server.execute(made, name)
    try:
        with scene.venue.uploading() as process:
            scene.write(9)
            scene.wait_until_all_is_stored()
            first.execute("SET GLOBAL read_only = 1")
            scene.proxy.upstream = second_server.port
            scene.write(9)
            scene.wait_until_all_is_stored()
            first.execute("SET GLOBAL read_only = 0")
            second_server.execute("SET GLOBAL read_only = 1")
            scene.proxy.upstream = first.port
            scene.write(9)
            scene.wait_until_all_is_stored()
            assert process.poll() is None
    finally:
        first.execute("SET GLOBAL read_only = 0")
        second_server.execute("SET GLOBAL read_only = 0")
    both = [server.execute("SELECT * FROM PeopleFlow", name) for server in (first, second_server)]
    assert set(both[0] + both[1]) == scene.camera.truth
    assert len(both[0] + both[1]) == len(scene.camera.truth)
    assert both[1]
    assert "read-only" not in scene.venue.terminal()


def test_not_even_a_rollback_works(scene: Scene) -> None:
    """The next try is made over another connection; no traceback of a library stands in our log."""
    with scene.venue.uploading(first=LOSES_ITS_CLUSTER):
        scene.write(9)
        scene.wait_until_all_is_stored()
    scene.check()
    assert "Traceback" not in scene.venue.terminal()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "mysql",
    ["", pytest.param("c.OF_MARIADB = c.OF_MYSQL", marks=pytest.mark.long)],
    ids=["MariaDB", "what MySQL knows"],
)
def test_the_link_dies_before_a_commit_arrives(scene: Scene, mysql: str) -> None:
    """The server holds the locks of the rows for a while, and the same rows are stored nevertheless."""
    with scene.venue.uploading(first=f"from visitorsflow.database import connection as c; {mysql}"):
        scene.write(9)
        scene.wait_until_all_is_stored()
        scene.proxy.swallow_commits(1)
        scene.write(9)
        wait_until(lambda: scene.proxy.swallowed_commits == 1)
        began = time.monotonic()
        scene.wait_until_all_is_stored(60)
        assert time.monotonic() - began < 45
    scene.check()
