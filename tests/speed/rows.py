"""How fast it is when the table is large: storing while it grows, and the report of a day among many."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pytest_httpserver import HTTPServer
from sqlalchemy.dialects import mysql

from tests.speed.files import RECORDS
from tests.speed.stage import FIRST, Run, Stage, bare_connection, fill, script, seconds_of
from tests.venue import Venue, wait_until
from visitorsflow.database.people_flow import totals_between

FIRST_DAY = datetime(2010, 1, 1)
HANDS = 2  # connections that fill the table
PORTION = 2_000_000
TOTALS_A_ROUND = 3
BARE_TOTALS = (
    "SELECT COUNT(CASE WHEN state = 0 THEN 1 END), COUNT(CASE WHEN state = 1 THEN 1 END),"
    " MIN(time), MAX(time) FROM PeopleFlow WHERE time >= %s AND time < %s"
)


def growth(stage: Stage) -> None:
    """Storing into a table that holds more and more, beside an empty one; then the report of a day of it."""
    files, rounds = stage.sizes.files // 5, stage.sizes.rounds
    large, empty = stage.venue(), stage.venue()
    add = partial(stage.add, "growth")

    def rate(venue: Venue, first: datetime) -> float:
        fill(venue, files, RECORDS, first)
        return files * RECORDS / stage.upload(venue, files, RECORDS, first).seconds

    held = 0
    for number, rows in enumerate(stage.sizes.bulk):
        _grow(stage, large, held, rows)
        _settle(stage)
        held = rows
        beside: list[float] = []
        found: list[float] = []
        for turn in range(rounds):
            stage.step(f"growth: storing into {rows:,} rows, round {turn + 1}")
            first = FIRST + timedelta(days=100 * number + turn)
            both = [(empty, beside), (large, found)]
            for venue, rates in both if turn % 2 else reversed(both):
                rates.append(rate(venue, first))
        add("uploader, an empty table", "rows/s", beside)
        add(f"uploader, {rows:,} rows in the table", "rows/s", found)
    _grow(stage, large, held, stage.sizes.rows)
    _report(stage, large)


def _grow(stage: Stage, venue: Venue, held: int, wanted: int) -> None:
    """Add the rows held .. wanted in bulk, day after day."""

    def add(portion: tuple[int, int]) -> int:
        database = venue.settings().db
        with stage.server.connect(database=database) as connection, connection.cursor() as cursor:
            return int(cursor.execute(_bulk(*portion, stage.sizes.day_rows)))

    with ThreadPoolExecutor(HANDS) as pool:
        for added in pool.map(add, portions(held, wanted)):
            stage.step(f"growth: {held:,} of {wanted:,} rows in bulk")
            held += added
    assert held == wanted


def _settle(stage: Stage) -> None:
    """What the server still has to write of the bulk is not the uploader's work."""
    stage.step("growth: the server writes what it holds")
    names = ("innodb_io_capacity_max", "innodb_io_capacity", "innodb_max_dirty_pages_pct")
    [usual] = stage.server.execute(f"SELECT {', '.join('@@' + name for name in names)}")
    _set_global(stage, names, (20_000, 20_000, 0))
    wait_until(lambda: _dirty_pages(stage) < 100, "dirty pages", 120)
    _set_global(stage, names[::-1], usual[::-1])


def _set_global(stage: Stage, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
    for name, value in zip(names, values, strict=True):
        stage.server.execute(f"SET GLOBAL {name} = {value}")


def _dirty_pages(stage: Stage) -> int:
    return int(stage.server.execute("SHOW STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")[0][1])


def portions(held: int, wanted: int) -> list[tuple[int, int]]:
    return [(n, min(n + PORTION, wanted)) for n in range(held, wanted, PORTION)]


def _bulk(first: int, end: int, day_rows: int) -> str:
    """The rows first .. end - 1 of as many days as it takes, spread evenly over each day."""
    time = f"'{FIRST_DAY}' + INTERVAL seq * 86400 DIV {day_rows} SECOND"
    return (
        f"INSERT INTO PeopleFlow SELECT {time}, 'bulk', {time}, seq, seq % 2, seq % 9973, 0"
        f" FROM seq_{first}_to_{end - 1}"
    )


def _report(stage: Stage, venue: Venue) -> None:
    """A day's totals among many days, against the bare statement; and what the script itself costs."""
    sizes = stage.sizes
    day = FIRST_DAY + timedelta(days=sizes.days // 2)
    range_ = (day, day + timedelta(days=1))
    bare: list[float] = []
    ours: list[float] = []
    table = venue.table()
    with bare_connection(venue) as connection:
        cursor = connection.cursor()
        cursor.execute(BARE_TOTALS, range_)  # brings the day into memory
        totals = table.totals(*range_)
        assert cursor.fetchone() == totals
        assert totals.came_in + totals.went_out == sizes.day_rows
        for turn in range(TOTALS_A_ROUND * sizes.rounds):
            stage.step(f"report: totals of a day, {turn + 1}")
            both = [
                (bare, lambda: cursor.execute(BARE_TOTALS, range_)),
                (ours, lambda: table.totals(*range_)),
            ]
            for seconds, count in both if turn % 2 else reversed(both):
                seconds.append(1000 * seconds_of(count))
        dialect = mysql.dialect(paramstyle="pyformat")
        statement = totals_between(*range_).compile(dialect=dialect)
        cursor.execute(f"EXPLAIN {statement}", statement.params)
        [plan] = cursor.fetchall()
        assert (plan[3], plan[5]) == ("range", "PRIMARY"), plan
    table.database.close()
    add = partial(stage.add, "report")
    among = f"{sizes.day_rows:,} rows among {sizes.days} such days"
    add(f"bare statement, {among}", "ms", bare)
    add("totals", "ms", ours)

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with HTTPServer("127.0.0.1") as api:
        api.expect_request("/").respond_with_json({"Desc": "OK"})
        venue.configure(api_url=api.url_for("/"))
        full = [_run(stage, venue, "--dry-run", "--date", f"{day:%Y-%m-%d}") for _ in range(sizes.rounds)]
        sent = [_run(stage, venue, "--date", f"{day:%Y-%m-%d}") for _ in range(sizes.rounds)]
        bodies = [json.loads(request.data) for request, _ in api.log]
    values = [[tag["TagValue"] for tag in body] for body in bodies]
    wanted = [totals.came_in - totals.went_out, totals.came_in, totals.went_out]
    assert values == [[str(value) for value in wanted]] * sizes.rounds
    for what, runs in ("such a day", full), ("such a day, sent", sent):
        add(f"callAPI.py, {what}: CPU of all of it", "s", [run.cpu_seconds for run in runs])
        add(f"callAPI.py, {what}: peak memory", "MB", [run.peak_mb for run in runs])


def _run(stage: Stage, venue: Venue, *arguments: str) -> Run:
    stage.step(f"report: callAPI.py {' '.join(arguments)}")
    with script(venue.command("callAPI.py", *arguments)) as one:
        return one.finish()
