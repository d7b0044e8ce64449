"""A head office's view over the schemas of its venues, as in docs/growing.md, on a real MariaDB."""

import time
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.cluster.galera import block
from tests.cluster.years import statement
from tests.mariadb import MariaDB, of_mariadb_alone
from tests.speed.stage import cpu_seconds
from tests.venue import Venue
from visitorsflow.database.status_tables import PEOPLE_FLOW_CAMERA
from visitorsflow.database.tables import make_when_missing

VENUES, CAMERAS, HOURS = 50, 8, 14
A_HOUR = 60  # rows of a camera
DAY = date(2026, 11, 20)

pytestmark = [pytest.mark.long, pytest.mark.timeout(300), of_mariadb_alone]


@pytest.fixture(scope="module")
def schemas(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """So many venues with three days of rows, and the head office's schema with the view: the last one."""
    prefix = f"v{uuid.uuid4().hex[:8]}_"
    names = [f"{prefix}{number:02}" for number in range(VENUES)]
    rows = 3 * CAMERAS * HOURS * A_HOUR
    for number, name in enumerate(names):
        mariadb.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        if not number:
            table = Venue(tmp_path_factory.mktemp("first"), mariadb.lines(name)).table()
            table.prepare()
            table.database.transaction(lambda c: make_when_missing(c, PEOPLE_FLOW_CAMERA))
            table.database.close()
        else:
            for table_name in ("PeopleFlow", "PeopleFlowCamera"):
                mariadb.execute(f"CREATE TABLE {name}.{table_name} LIKE {names[0]}.{table_name}")
        at = (
            f"'{DAY}' - INTERVAL 1 DAY + INTERVAL seq DIV {rows // 3} DAY + INTERVAL 8 HOUR"
            f" + INTERVAL (seq % {rows // 3}) DIV {CAMERAS} * 60 SECOND"
        )
        mariadb.execute(
            f"INSERT INTO {name}.PeopleFlow SELECT {at}, CONCAT('gate ', seq % {CAMERAS}), {at}, seq,"
            f" seq % 3 = 0, 0, 0 FROM seq_0_to_{rows - 1}",
            name,
        )
    head = f"{prefix}head"
    mariadb.execute(f"CREATE DATABASE {head} CHARACTER SET utf8mb4")
    mariadb.execute(statement("CREATE FUNCTION asked_day()"), head)
    first, between, last = view_of(names[0]), "\nUNION ALL\n", names[1:]
    mariadb.execute(between.join([first, *(select_of(name) for name in last)]), head)
    yield [*names, head]
    for name in (*names, head):
        mariadb.execute(f"DROP DATABASE {name}")


def view_of(name: str) -> str:
    """The document's statement as far as its first venue, which is this one."""
    return block("CREATE OR REPLACE VIEW").partition("\nUNION ALL")[0].replace("venue_taipei", name)


def select_of(name: str) -> str:
    """What it says for one venue more."""
    return "SELECT" + view_of(name).partition("SELECT")[2]


def ask(mariadb: MariaDB, schemas: list[str], query: str) -> tuple[tuple[Any, ...], ...]:
    """The answer for the day DAY."""
    with mariadb.connect(database=schemas[-1]) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET @day = '{DAY}'")
        cursor.execute(query)
        return tuple(cursor.fetchall())


def test_a_day_of_all(mariadb: MariaDB, schemas: list[str]) -> None:
    """Each venue, hour and camera with its counts, within two seconds of the server's CPU time."""
    pid = int((mariadb.folder / "pid").read_text())
    before, began = cpu_seconds(pid), time.monotonic()
    found = ask(mariadb, schemas, "SELECT * FROM venues ORDER BY venue, hour, camera")
    took, worked = time.monotonic() - began, cpu_seconds(pid) - before
    print(f"{len(found)} rows of {VENUES} venues in {took:.2f} s, {worked:.2f} s of CPU")
    assert worked < 2  # the wall's time is that of whatever else runs here
    assert len(found) == VENUES * HOURS * CAMERAS
    assert {row[0] for row in found} == set(schemas[:-1])
    assert {row[1] for row in found} == {DAY}
    for venue in schemas[:-1]:
        counted = mariadb.execute(
            "SELECT HOUR(time), ip, COUNT(IF(state = 0, 1, NULL)), COUNT(IF(state = 1, 1, NULL))"
            f" FROM {venue}.PeopleFlow WHERE DATE(time) = '{DAY}' GROUP BY 1, 2 ORDER BY 1, 2"
        )
        assert tuple(row[2:6] for row in found if row[0] == venue) == counted


def test_it_reads_ranges_alone(mariadb: MariaDB, schemas: list[str]) -> None:
    """Of no table are all rows read, but of the cameras, which are eight."""
    plan = ask(mariadb, schemas, "EXPLAIN SELECT * FROM venues")
    reads = [row[3] for row in plan if row[2] == "PeopleFlow"]
    assert reads == ["range"] * VENUES
    assert {row[5] for row in plan if row[2] == "PeopleFlow"} == {"PRIMARY"}


def test_what_is_incomplete(mariadb: MariaDB, schemas: list[str]) -> None:
    """A camera that beats and has no file waiting is complete; the others' rows may still come."""
    beat = "'%s', UTC_TIMESTAMP() - INTERVAL %d SECOND, '', %d, 0, 60, 1, 0, 0, '', '', ''"
    columns = (
        "ip, aliveAt, fileName, waiting, rejected, idleSeconds, openNow, clockOffset, canTell, trouble,"
        " version, host"
    )
    for row in (("gate 0", 0, 0), ("gate 1", 0, 7), ("gate 2", 600, 0)):
        mariadb.execute(f"INSERT INTO {schemas[0]}.PeopleFlowCamera ({columns}) VALUES ({beat % row})")
    query = f"SELECT DISTINCT camera, incomplete FROM venues WHERE venue = '{schemas[0]}' ORDER BY 1 LIMIT 4"
    assert ask(mariadb, schemas, query) == (("gate 0", 0), ("gate 1", 1), ("gate 2", 1), ("gate 3", 1))


def test_today_when_nothing_is_asked(mariadb: MariaDB, schemas: list[str]) -> None:
    """Without @day it is today, of which nothing is here."""
    assert mariadb.execute("SELECT asked_day() = CURRENT_DATE", schemas[-1]) == ((1,),)
    assert mariadb.execute("SELECT COUNT(*) FROM venues", schemas[-1]) == ((0,),)
