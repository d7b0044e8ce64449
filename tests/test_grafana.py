"""The dashboard for Grafana: its SQL, with the macros expanded, on a filled MariaDB, in two zones."""

import json
import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pymysql
import pytest

from tests.mariadb import MariaDB
from tests.venue import PROJECT, Venue
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import PEOPLE_FLOW_REPORT, Cameras, Reports
from visitorsflow.facts import Crossing, Totals
from visitorsflow.venue.overview import Overview

BOARD = json.loads((PROJECT / "docs" / "grafana" / "visitorsflow.json").read_text("utf-8"))
SQL = {panel["title"]: panel["targets"][0]["rawSql"] for panel in BOARD["panels"]}
DAY = datetime(2018, 11, 3)  # local, as the table has it
UNTIL = datetime(2018, 11, 3, 15, 30)
GATES = ("北門", "南門")
ZONES = ("+08:00", "+00:00")


class Filled(NamedTuple):
    """A venue of which 40 days are stored; `crossings` with their gates."""

    server: MariaDB
    database: str
    crossings: list[tuple[str, Crossing]]

    def ask(self, title: str, zone: str, since: datetime, until: datetime, *, explain: bool = False) -> Any:
        """The rows of a panel, as its dictionaries, for a range in the local time of `zone`."""
        sql = SQL[title].replace("${zone}", zone)
        for macro, moment in (("From", since), ("To", until)):
            sql = sql.replace(f"$__unixEpoch{macro}()", str(epoch(moment, zone)))
        assert "$" not in sql
        options = {"database": self.database, "cursorclass": pymysql.cursors.DictCursor}
        with self.server.connect(**options) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SET time_zone = %s", (ZONES[zone == ZONES[0]],)
            )  # that of the session is no matter
            cursor.execute(f"{'EXPLAIN ' * explain}{sql}")
            return cursor.fetchall()

    def between(self, since: datetime, until: datetime) -> list[tuple[str, Crossing]]:
        return [one for one in self.crossings if since <= one[1].time <= until]


def epoch(moment: datetime, zone: str) -> int:
    """Seconds since 1970 of a local time."""
    hours = int(zone[:3])
    return int(moment.replace(tzinfo=timezone(timedelta(hours=hours))).timestamp())


def count(crossings: list[tuple[str, Crossing]], state: int) -> int:
    return sum(one.state == state for _, one in crossings)


@pytest.fixture(scope="module")
def filled(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """40 days with 400 crossings each, up to the end of DAY; a camera that beats, and reports."""
    name = "grafana"
    mariadb.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    venue = Venue(tmp_path_factory.mktemp("grafana") / "venue", mariadb.lines(name))
    dice = random.Random(1)
    crossings = []
    for back in range(40):
        for person in range(400):
            at = DAY - timedelta(days=back) + timedelta(seconds=dice.randrange(8 * 3600, 22 * 3600))
            one = Crossing(at, at, person, int(dice.random() < 0.4), 0, 0)
            crossings.append((dice.choice(GATES), one))
    settings = venue.settings()
    database = Database(settings)
    for gate in GATES:
        table = PeopleFlow(database, gate)
        table.prepare()
        table.insert(one for its, one in crossings if its == gate)
    cameras, reports = Cameras(database), Reports(database)
    cameras.prepare()
    beat = Overview(settings, database, lambda *events: None).own.beat()
    for gate, trouble in zip(GATES, ("", '["ENOSPC", {}]'), strict=True):
        cameras.beat(beat._replace(name=gate, waiting=3, rejected=1, trouble=trouble, file_age=7.0))
    totals = Totals(72, 20, DAY, UNTIL)
    for status in (200, 403):
        accepted = status == 200
        reports.add(DAY.date(), 52, totals, http_status=status, accepted=accepted, reply="成功", partial="")
    database.close()
    mariadb.execute("ANALYZE TABLE PeopleFlow, PeopleFlowReport", name)
    return Filled(mariadb, name, crossings)


@pytest.mark.parametrize("zone", ZONES)
def test_the_numbers_of_the_day(filled: Filled, zone: str) -> None:
    """Inside, in and out of the local day in which the range ends, until then."""
    today = filled.between(DAY, UNTIL)
    came_in, went_out = count(today, 0), count(today, 1)
    for since in (DAY, DAY - timedelta(days=3)):
        [inside] = filled.ask("Inside", zone, since, UNTIL)
        assert inside == {"inside": came_in - went_out}
        assert filled.ask("Came in", zone, since, UNTIL) == [{"came_in": came_in}]
        assert filled.ask("Went out", zone, since, UNTIL) == [{"went_out": went_out}]


@pytest.mark.parametrize("zone", ZONES)
def test_nobody_is_inside_before_midnight_has_a_row(filled: Filled, zone: str) -> None:
    """Where more went out than came in, it is nobody, never fewer."""
    first = min(one.time for _, one in filled.crossings if one.time >= DAY and one.state == 1)
    [inside] = filled.ask("Inside", zone, DAY, first)
    assert inside["inside"] >= 0
    assert filled.ask("Inside", zone, DAY, DAY) == [{"inside": 0}]


@pytest.mark.parametrize("zone", ZONES)
def test_the_hours(filled: Filled, zone: str) -> None:
    """Each local hour of two days with its in and out, at its moment in UTC; by gate too."""
    since = DAY - timedelta(days=1)
    wanted: Counter[tuple[datetime, int]] = Counter()
    by_gate: Counter[tuple[datetime, str]] = Counter()
    for gate, one in filled.between(since, UNTIL):
        hour = one.time.replace(minute=0, second=0)
        wanted[hour, one.state] += 1
        by_gate[hour, gate] += one.state == 0
    hours = sorted({hour for hour, _ in wanted})
    assert filled.ask("In and out, by the hour", zone, since, UNTIL) == [
        {"time": epoch(hour, zone), "came_in": wanted[hour, 0], "went_out": wanted[hour, 1]} for hour in hours
    ]
    rows = filled.ask("Came in, by gate and hour", zone, since, UNTIL)
    assert {(row["time"], row["metric"]): row["value"] for row in rows} == {
        (epoch(hour, zone), gate): came_in for (hour, gate), came_in in by_gate.items()
    }


@pytest.mark.parametrize("zone", ZONES)
def test_the_curve(filled: Filled, zone: str) -> None:
    """People inside at the end of each five minutes, from midnight on, however late the range begins."""
    rows = filled.ask("People inside", zone, DAY + timedelta(hours=12), UNTIL)
    assert len(rows) > 60
    for row in rows:
        end = datetime.fromtimestamp(row["time"], UTC).replace(tzinfo=None) + timedelta(minutes=5, seconds=-1)
        so_far = filled.between(DAY, min(UNTIL, end + timedelta(hours=int(zone[:3]))))
        assert row["inside"] == max(0, count(so_far, 0) - count(so_far, 1))
    yesterday = filled.between(DAY - timedelta(days=1), DAY)
    both = filled.ask("People inside", zone, DAY - timedelta(hours=1), UNTIL)
    end_of_it = [row for row in both if row["time"] < epoch(DAY, zone)][-1]
    assert end_of_it["inside"] == max(0, count(yesterday, 0) - count(yesterday, 1))
    assert both[-1] == rows[-1]


def test_the_gates(filled: Filled) -> None:
    """Ages by the database's clock, whatever the zone of the session."""
    for zone in ZONES:
        rows = filled.ask("Gates", zone, DAY, UNTIL)
        assert [(row["gate"], row["trouble"]) for row in rows] == [("北門", 0), ("南門", 1)]
        for row in rows:
            assert 0 <= row["last sign of life"] < 60
            assert 7 <= row["last file"] < 67
            assert (row["waiting"], row["rejected"]) == (3, 1)


def test_the_reports(filled: Filled) -> None:
    """Those that were sent in the range, newest first; their time is UTC as it is."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for zone in ZONES:
        shift = timedelta(hours=int(zone[:3]))
        since, until = now + shift - timedelta(minutes=5), now + shift + timedelta(minutes=5)
        rows = filled.ask("Reports to the authority", zone, since, until)
        assert [(row["http"], row["accepted"]) for row in rows] == [(403, 0), (200, 1)]
        assert abs(rows[0]["time"] - now.replace(tzinfo=UTC).timestamp()) < 60
        assert (rows[0]["day"], rows[0]["inside"], rows[0]["came_in"]) == ("2018-11-03", 52, 72)
        assert filled.ask("Reports to the authority", zone, since, since) == ()


@pytest.mark.parametrize("title", [title for title, sql in SQL.items() if "PeopleFlowCamera" not in sql])
@pytest.mark.parametrize("zone", ZONES)
def test_only_ranges_of_the_key_are_read(filled: Filled, title: str, zone: str) -> None:
    """No panel walks through a whole table; the table of the cameras has a row for each, and is left out."""
    plan = filled.ask(title, zone, DAY, UNTIL, explain=True)
    read = [row for row in plan if row["table"] and not row["table"].startswith("<derived")]
    assert [(row["type"], row["key"]) for row in read] == [("range", "PRIMARY")], plan
    rows = sum(int(row["rows"]) for row in read)
    assert rows < 1000 or "Report" in SQL[title]


def test_the_file_is_one_that_grafana_imports() -> None:
    """Each panel has a place and asks the source that is chosen at the import; the tables are ours."""
    assert BOARD["__inputs"][0]["pluginId"] == "mysql"
    assert [variable["name"] for variable in BOARD["templating"]["list"]] == ["zone"]
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    names = {"PeopleFlow", "PeopleFlowCamera", PEOPLE_FLOW_REPORT.name}
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            assert target["datasource"] == {"type": "mysql", "uid": "${DS_VISITORSFLOW}"}
            assert set(re.findall(r"PeopleFlow\w*", target["rawSql"])) <= names
            assert set(re.findall(r"\$\w+", target["rawSql"])) <= {"$__unixEpochFrom", "$__unixEpochTo"}
