"""How fast files become rows: one as it comes, a backlog, many in a folder, four cameras at once."""

import json
import math
import os
import shutil
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.dialects import mysql

from tests.speed.stage import (
    FILE_EVERY,
    FIRST,
    TIMED,
    Run,
    Stage,
    bare_connection,
    cpu_seconds,
    crossings,
    fill,
    records_of,
    script,
    seconds_of,
)
from tests.venue import CAMERA, Venue, as_json
from visitorsflow.database.people_flow import PEOPLE_FLOW, Insert
from visitorsflow.intake.reader import BATCH_ROWS

RECORDS = 20
UPLOADERS = 12
LINKS_A_FILE = 60_000  # ext4 allows 65,000
MYSQL = mysql.dialect(paramstyle="format")
# The scripts' statement with bare placeholders, as PyMySQL wants it to send many rows at once.
INSERT = str(mysql.insert(PEOPLE_FLOW).on_duplicate_key_update(ip=PEOPLE_FLOW.c.ip).compile(dialect=MYSQL))


def latency(stage: Stage) -> None:
    """From the camera's close or rename of a file until another connection sees its rows.

    Twelve uploaders, each with a folder and a database of its own, get a file a second in turn.
    """
    sizes = stage.sizes
    stage.step("latency: twelve uploaders, nothing comes")
    with ExitStack() as stack:
        venues = [stage.venue() for _ in range(UPLOADERS)]
        processes = [stack.enter_context(venue.uploading(fresh=True)) for venue in venues]
        eyes = [
            stack.enter_context(stage.server.connect(database=venue.settings().db)).cursor()
            for venue in venues
        ]
        for venue, eye in zip(venues, eyes, strict=True):
            _seconds_until_visible(venue, eye, 0, renamed=True)

        def cpu() -> list[float]:
            return [cpu_seconds(process.pid) for process in processes]

        before = cpu()
        time.sleep(sizes.idle_seconds)
        idle = [100 * (b - a) / sizes.idle_seconds for a, b in zip(before, cpu(), strict=True)]

        before, began = cpu(), time.monotonic()
        seen: dict[bool, list[list[float]]] = {way: [[] for _ in venues] for way in (False, True)}
        for turn in range(1, sizes.latency_seconds + 1):
            stage.step(
                f"latency: twelve uploaders, a file a second each, {turn} of {sizes.latency_seconds} s"
            )
            for number, (venue, eye) in enumerate(zip(venues, eyes, strict=True)):
                time.sleep(max(0.0, began + turn - 1 + number / UPLOADERS - time.monotonic()))
                renamed = turn % 2 == 0
                seen[renamed][number].append(1000 * _seconds_until_visible(venue, eye, turn, renamed=renamed))
        took = time.monotonic() - began
        busy = [100 * (b - a) / took for a, b in zip(before, cpu(), strict=True)]
    every = sorted(milliseconds for way in seen.values() for one in way for milliseconds in one)
    add = partial(stage.add, "latency")
    add("rename to visible, p50", "ms", [statistics.median(one) for one in seen[True]])
    add("close to visible, p50", "ms", [statistics.median(one) for one in seen[False]])
    p99 = every[math.ceil(0.99 * len(every)) - 1]
    add(f"both, p99 of all {len(every)} files", "ms", [p99])
    add("CPU of an idle uploader", "%", idle)
    add("CPU at a file a second", "%", busy)


def _seconds_until_visible(venue: Venue, eye: Any, turn: int, renamed: bool) -> float:
    """Drop a file, and look from another connection until all its rows are there."""
    name, records = records_of(turn, RECORDS)
    raw = as_json(records)
    path = venue.folder / name
    part = venue.folder / f"{name}.part"
    with (part if renamed else path).open("wb", buffering=0) as stream:
        stream.write(raw)
        if not renamed:
            time.sleep(0.03)  # what it did when the file was made is over
            began = time.monotonic()
    if renamed:
        time.sleep(0.03)
        began = time.monotonic()
        part.rename(path)
    moment = FIRST + turn * FILE_EVERY
    while time.monotonic() - began < 30:
        eye.execute(
            "SELECT COUNT(*) FROM PeopleFlow WHERE time BETWEEN %s AND %s",
            (moment - timedelta(seconds=4), moment),
        )
        if eye.fetchone()[0] == RECORDS:
            return time.monotonic() - began
        time.sleep(0.0002)
    raise AssertionError(f"{name} is not stored: {venue.terminal()}")


def backlog(stage: Stage) -> None:
    """Many files that wait at the start, beside the same rows by a bare loop of the driver and others."""
    files, few = stage.sizes.files, stage.sizes.slow_files
    total = files * RECORDS
    found = crossings(files, RECORDS)
    batches = [sorted(found[n : n + BATCH_ROWS]) for n in range(0, total, BATCH_ROWS)]
    rows = [
        [(str(c.time), CAMERA, str(c.output_time), c.person, c.state, c.frame, c.occurrence) for c in batch]
        for batch in batches
    ]
    texts = [list(Insert(MYSQL).written_out(batch)) for batch in batches]
    whole: list[float] = []

    def bare(cursor: Any, number: int) -> None:
        cursor.executemany(INSERT, rows[number])

    def ready_made(cursor: Any, number: int) -> None:
        for text in texts[number]:
            cursor.execute(text, {"camera": CAMERA})

    def uploader(venue: Venue) -> float:
        fill(venue, files, RECORDS)
        run = stage.upload(venue, files, RECORDS)
        whole.append(total / run.process_seconds)
        return total / run.seconds

    def one_by_one(venue: Venue) -> float:
        fill(venue, few, RECORDS)
        return few * RECORDS / _one_by_one(stage, venue)

    def loop(store: Callable[[Any, int], None]) -> Callable[[Venue], float]:
        return lambda venue: total / _loop(venue, store, len(batches))

    sides: list[Callable[[Venue], float]] = [loop(bare), loop(ready_made), uploader, one_by_one]
    rates: list[list[float]] = [[] for _ in sides]
    for turn in range(stage.sizes.rounds + 1):
        stage.step("backlog: " + (f"round {turn}" if turn else "warming up"))
        order = range(len(sides)) if turn % 2 else reversed(range(len(sides)))
        for number in order:
            venue = stage.venue()
            os.sync()
            rates[number].append(sides[number](venue))
            assert stage.count(venue, files) == (few * RECORDS if sides[number] is one_by_one else total)
            stage.drop(venue)
    add = partial(stage.add, "backlog")
    add(f"bare PyMySQL loop, {BATCH_ROWS:,} rows a transaction", "rows/s", rates[0][1:])
    add("the same, its statements made beforehand", "rows/s", rates[1][1:])
    add("a connection a file, a commit a row", "rows/s", rates[3][1:])
    add(f"uploader, {files:,} files of {RECORDS}", "rows/s", rates[2][1:])
    add("the same with the process's start-up", "rows/s", whole[1:])


def _loop(venue: Venue, store: Callable[[Any, int], None], transactions: int) -> float:
    """Seconds for rows that are in memory already."""
    with bare_connection(venue) as connection:
        cursor = connection.cursor()

        def work() -> None:
            for number in range(transactions):
                store(cursor, number)
                connection.commit()

        return seconds_of(work)


def _one_by_one(stage: Stage, venue: Venue) -> float:
    """Seconds; the five that it waits for each file are left out."""
    database = venue.settings().db

    def work() -> None:
        for path in sorted(venue.folder.iterdir()):
            with stage.server.connect(database=database) as connection, connection.cursor() as cursor:
                for record in json.loads(path.read_bytes()):
                    seen = (record["ID"], record["inOut"], record["frameNumber"])
                    cursor.execute(INSERT, (record["time"], CAMERA, path.stem, *seen, 0))

    return seconds_of(work)


def scale(stage: Stage) -> None:
    """The cost of a file when few or many wait, and when few or many are in stored/ already."""
    add = partial(stage.add, "scale")
    few, many = stage.sizes.folder
    costs: dict[int, list[float]] = {few: [], many: []}
    peaks = []
    venues = {size: stage.venue() for size in costs}
    for size, venue in venues.items():
        stage.step(f"scale: {size:,} files are written")
        fill(venue, size, 1)
    for turn in range(stage.sizes.rounds):
        for size, venue in venues.items():
            stage.step(f"scale: {size:,} files wait, round {turn + 1}")
            run = _upload_and_undo(stage, venue, size)
            costs[size].append(1e6 * run.seconds / size)
        peaks.append(run.peak_mb)
    add(f"a file, {few:,} waiting", "µs", costs[few])
    add(f"a file, {many:,} waiting", "µs", costs[many])
    add(f"peak memory, {many:,} waiting", "MB", peaks)
    stage.drop(venues[many])

    archived, some = stage.sizes.archived, 3 * few
    stage.step(f"scale: {archived:,} files are put into stored/")
    venues = {0: stage.venue(), archived: stage.venue()}
    for size, venue in venues.items():
        fill(venue, some, 1)
        _archive(venue, size)
    costs = {0: [], archived: []}
    for turn in range(stage.sizes.rounds):
        stage.step(f"scale: {archived:,} files in stored/, round {turn + 1}")
        for size, venue in venues.items():
            costs[size].append(1e6 * _upload_and_undo(stage, venue, some).seconds / some)
    add(f"a file, {some:,} waiting, none in stored/", "µs", costs[0])
    add(f"a file, {some:,} waiting, {archived:,} in stored/", "µs", costs[archived])


def _upload_and_undo(stage: Stage, venue: Venue, files: int) -> Run:
    """Store what waits; then all of it is back in the folder, and out of the table."""
    run = stage.upload(venue, files, 1)
    stage.server.execute("TRUNCATE TABLE PeopleFlow", venue.settings().db)
    names = [records_of(index, 0)[0] for index in range(files)]
    for day in (venue.folder / "stored").iterdir():
        for name in names:
            with suppress(FileNotFoundError):  # stored before or after midnight
                os.rename(day / name, venue.folder / name)
    return run


def _archive(venue: Venue, files: int) -> None:
    """Names in today's folder of stored/; most of them share their content, which nobody reads."""
    day = venue.folder / "stored" / f"{venue.settings().now():%Y-%m-%d}"
    day.mkdir(parents=True)
    for index in range(files):
        path = day / f"2017{index:010}.json"
        if index % LINKS_A_FILE == 0:
            path.write_bytes(b"[]")
            first = path
        else:
            os.link(first, path)


def four(stage: Stage) -> None:
    """Four uploaders with a camera each on one table, against one alone; all begin at once."""
    files = stage.sizes.files // 4
    alone: list[float] = []
    together: list[float] = []
    for turn in range(stage.sizes.rounds):
        stage.step(f"four uploaders on one table, round {turn + 1}")
        venue = stage.venue()
        fill(venue, files, RECORDS)
        alone.append(files * RECORDS / stage.upload(venue, files, RECORDS).seconds)
        stage.drop(venue)
        first = stage.venue("camera 1")
        venues = [first, *(stage.venue(f"camera {n}", beside=first) for n in range(2, 5))]
        for venue in venues:
            fill(venue, files, RECORDS)
        os.sync()
        with ExitStack() as stack:
            scripts = [
                stack.enter_context(script(venue.command("uploadData.py", "--once", first=TIMED)))
                for venue in venues
            ]
            for one in scripts:
                one.wait_until_ready()
            for one in scripts:
                one.release()
            runs = [one.finish() for one in scripts]
        assert stage.count(first, files) == 4 * files * RECORDS
        together.append(
            4 * files * RECORDS / (max(run.ended for run in runs) - min(run.began for run in runs))
        )
        for venue in venues[1:]:
            shutil.rmtree(venue.home)
        stage.drop(first)
    add = partial(stage.add, "four")
    add(f"one uploader, {files:,} files of {RECORDS}", "rows/s", alone)
    add("four on one table", "rows/s", together)
