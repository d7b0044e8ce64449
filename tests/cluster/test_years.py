"""PeopleFlow partitioned by month, with the SQL of docs/growing.md, on a real MariaDB."""

from datetime import datetime, timedelta

import pytest

from tests.cluster import years
from tests.cluster.years import Years, statement
from tests.mariadb import MariaDB, of_mariadb_alone
from tests.venue import Venue, crossing, truth
from visitorsflow.database.people_flow import hours_between, totals_between

MONTHS = 4
ROWS = 8_000


@pytest.fixture
def parted(mariadb_venue: Venue, mariadb: MariaDB) -> Venue:
    """A venue whose table is partitioned."""
    table = mariadb_venue.table()
    table.prepare()
    table.database.close()
    years.partition(mariadb, mariadb_venue.settings().db or "", MONTHS)
    return mariadb_venue


def partitions(mariadb: MariaDB, venue: Venue) -> list[str]:
    where = f"TABLE_SCHEMA = '{venue.settings().db}' AND TABLE_NAME = 'PeopleFlow'"
    query = f"SELECT PARTITION_NAME FROM information_schema.PARTITIONS WHERE {where}"
    return [str(name) for (name,) in mariadb.execute(f"{query} ORDER BY PARTITION_ORDINAL_POSITION")]


def test_it_is_ours(parted: Venue) -> None:
    """The uploader takes it, stores each row once, and `--check` has nothing to say."""
    name, content = "20240131235900.json", [crossing("20240131235825"), crossing("20240201000001")]
    for _ in range(2):
        parted.drop(name, content)
        done = parted.upload()
        assert done.returncode == 0, done.stderr
    assert set(parted.rows()) == truth(name, content)
    assert "✗ the table PeopleFlow " not in parted.run("uploadData.py", "--check").stdout


def test_months_come_and_go(parted: Venue, mariadb: MariaDB) -> None:
    """One is added before `later`, and the oldest is dropped with its rows alone."""
    for month in (0, 1, MONTHS):
        parted.drop(
            f"{years.month(month):%Y%m%d%H%M%S}.json", [crossing(f"{years.month(month):%Y%m%d}101825")]
        )
    assert parted.upload().returncode == 0
    add = statement("ALTER TABLE PeopleFlow REORGANIZE PARTITION later").replace("2027_01", "2024_05")
    mariadb.execute(add.replace("2027-02-01", "2024-06-01"), parted.settings().db)
    mariadb.execute(statement("ALTER TABLE PeopleFlow DROP PARTITION"), parted.settings().db)
    assert partitions(mariadb, parted) == [f"p2024_0{month}" for month in (2, 3, 4, 5)] + ["later"]
    assert [row[0].month for row in parted.rows()] == [2, 5]


@of_mariadb_alone
def test_a_day_reads_its_month_alone(parted: Venue, mariadb: MariaDB) -> None:
    """The report's and the view's statements are a range within one partition."""
    database = parted.settings().db
    years.fill(mariadb, database or "", ROWS, MONTHS)
    day = years.month(1) + timedelta(days=9)
    for query in (totals_between, hours_between):
        said = str(query(day, day + timedelta(days=1)).compile(compile_kwargs={"literal_binds": True}))
        plan = mariadb.execute(f"EXPLAIN PARTITIONS {said.replace(chr(34), '`')}", database)
        assert [(row[3], row[4]) for row in plan] == [("p2024_02", "range")]


@of_mariadb_alone
def test_what_is_measured(parted: Venue, mariadb: MariaDB) -> None:
    """Each measure works, and a month goes while an uploader stores."""
    database = parted.settings().db or ""
    years.fill(mariadb, database, ROWS, MONTHS)
    one = Years(parted, MONTHS)
    for measure in years.MEASURES.values():
        assert measure(one) > 0
    one.close()
    took, longest = years.drop_a_month(mariadb, parted)
    assert took < 5
    assert longest < 5
    [(oldest,)] = mariadb.execute("SELECT MIN(time) FROM PeopleFlow", database)
    assert oldest >= datetime(2024, 2, 1)
