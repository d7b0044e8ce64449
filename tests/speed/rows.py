"""How fast it is when the table is large: storing while it grows, and the report of a day among many."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from pytest_httpserver import HTTPServer

from tests.speed.files import RECORDS
from tests.speed.stage import FIRST, Run, Stage, fill, finish, ratios, seconds_of, start, upload
from tests.venue import CAMERA, Venue, wait_until

FIRST_DAY = datetime(2010, 1, 1)
HANDS = 2  # connections that fill the table
PORTION = 2_000_000
TOTALS_A_ROUND = 3
BARE_TOTALS = (
    "SELECT COUNT(CASE WHEN state = 0 THEN 1 END), COUNT(CASE WHEN state = 1 THEN 1 END),"
    " MIN(time), MAX(time) FROM PeopleFlow WHERE time >= %s AND time < %s"
)


def growth(stage: Stage) -> None:
    """Storing a backlog into a table that holds more and more; then the report of one of its days."""
    files = stage.sizes.files // 5
    venue = stage.venue()
    rates: list[list[float]] = []
    add = partial(stage.add, "growth")
    held = 0
    for rows in stage.sizes.bulk:
        _grow(stage, venue, held, rows)
        held = rows
        rates.append([])
        for turn in range(stage.sizes.rounds):
            stage.step(f"growth: storing into {rows:,} rows, round {turn + 1}")
            fill(venue.folder, files, RECORDS, FIRST + timedelta(days=10 * len(rates) + turn))
            rates[-1].append(files * RECORDS / upload(venue).seconds)
        add(f"uploader, {rows:,} rows in the table", "rows/s", rates[-1])
    for rows, found in zip(stage.sizes.bulk[1:], rates[1:], strict=True):
        add(f"{rows:,} rows to none", "%", ratios(found, rates[0], 100), at_least=70)
    _grow(stage, venue, held, stage.sizes.rows)
    _report(stage, venue)


def _grow(stage: Stage, venue: Venue, held: int, wanted: int) -> None:
    """Add the rows held .. wanted in bulk, day after day."""

    def add(portion: tuple[int, int]) -> int:
        with stage.connect(venue, autocommit=True) as connection, connection.cursor() as cursor:
            return int(cursor.execute(_bulk(*portion, stage.sizes.day_rows)))

    with ThreadPoolExecutor(HANDS) as pool:
        for added in pool.map(add, portions(held, wanted)):
            stage.step(f"growth: {held:,} of {wanted:,} rows in bulk")
            held += added
    assert held == wanted
    _settle(stage)


def _settle(stage: Stage) -> None:
    """What the server still has to write of the bulk is not the uploader's work."""
    stage.step("growth: the server writes what it holds")
    stage.server.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0")
    stage.server.execute("SET GLOBAL innodb_io_capacity = 20000")
    wait_until(lambda: _dirty_pages(stage) < 100, "dirty pages", 120)
    stage.server.execute("SET GLOBAL innodb_io_capacity = DEFAULT")
    stage.server.execute("SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT")


def _dirty_pages(stage: Stage) -> int:
    return int(stage.server.execute("SHOW STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")[0][1])


def portions(held: int, wanted: int) -> list[tuple[int, int]]:
    return [(n, min(n + PORTION, wanted)) for n in range(held, wanted, PORTION)]


def _bulk(first: int, end: int, day_rows: int) -> str:
    """The rows first .. end - 1 of as many days as it takes, spread evenly over each day."""
    time = f"'{FIRST_DAY}' + INTERVAL seq * 86400 DIV {day_rows} SECOND"
    return (
        f"INSERT INTO PeopleFlow SELECT {time}, '{CAMERA}', {time}, seq, seq % 2, seq % 9973, 0"
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
    with stage.connect(venue) as connection, connection.cursor() as cursor:
        cursor.execute(BARE_TOTALS, range_)  # brings the day into memory
        assert cursor.fetchone() == table.totals(*range_)
        for turn in range(TOTALS_A_ROUND * sizes.rounds):
            stage.step(f"report: totals of a day, {turn + 1}")
            both = [
                (bare, lambda: cursor.execute(BARE_TOTALS, range_)),
                (ours, lambda: table.totals(*range_)),
            ]
            for seconds, count in both if turn % 2 else reversed(both):
                seconds.append(1000 * seconds_of(count))
        cursor.execute("EXPLAIN " + BARE_TOTALS, range_)
        [plan] = cursor.fetchall()
        assert (plan[3], plan[5]) == ("range", "PRIMARY"), plan
    table.close()
    add = partial(stage.add, "report")
    among = f"{sizes.day_rows:,} rows among {sizes.days} such days"
    add(f"bare statement, {among}", "ms", bare)
    add("totals", "ms", ours)
    add("totals to the bare statement", "times", ratios(ours, bare), at_most=1.2)

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with HTTPServer("127.0.0.1") as api:
        api.expect_request("/").respond_with_json({"Desc": "OK"})
        venue.configure(api_url=api.url_for("/"))
        empty = [_run(stage, venue, "--dry-run", "--date", "2001-01-01") for _ in range(sizes.rounds)]
        full = [_run(stage, venue, "--dry-run", "--date", f"{day:%Y-%m-%d}") for _ in range(sizes.rounds)]
        sent = [_run(stage, venue, "--date", f"{day:%Y-%m-%d}") for _ in range(sizes.rounds)]
        assert len(api.log) == sizes.rounds
    add("callAPI.py, no rows: CPU of all of it", "s", [run.cpu_seconds for run in empty], at_most=0.5)
    add("callAPI.py, such a day, sent: the same", "s", [run.cpu_seconds for run in sent])
    for what, runs in ("no rows", empty), ("such a day", full), ("such a day, sent", sent):
        add(f"callAPI.py, {what}: peak memory", "MB", [run.peak_mb for run in runs], at_most=60)


def _run(stage: Stage, venue: Venue, *arguments: str) -> Run:
    stage.step(f"report: callAPI.py {' '.join(arguments)}")
    run, _ = finish(start(venue.command("callAPI.py", *arguments)))
    return run
