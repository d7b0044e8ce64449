"""How fast files become rows: one as it comes, a backlog, many in a folder, four cameras at once."""

import json
import math
import os
import shutil
import statistics
import time
from contextlib import ExitStack, suppress
from datetime import timedelta
from functools import partial

from tests.speed.stage import (
    FILE_EVERY,
    FIRST,
    ROWS_A_TRANSACTION,
    TIMED,
    Connection,
    Run,
    Stage,
    cpu_seconds,
    crossings,
    fill,
    finish,
    insert_statement,
    ratios,
    records_of,
    rows_of,
    seconds_of,
    start,
    upload,
)
from tests.venue import CAMERA, Venue, as_json

RECORDS = 20
UPLOADERS = 6
IDLE_SECONDS = 8
LINKS_A_FILE = 60_000  # ext4 allows 65,000


def latency(stage: Stage) -> None:
    """From the camera's close or rename of a file until another connection sees its rows.

    Six uploaders, each with a folder and a database of its own and a file a second, in turn.
    """
    stage.step("latency: six uploaders, nothing comes")
    with ExitStack() as stack:
        venues = [stage.venue() for _ in range(UPLOADERS)]
        processes = [stack.enter_context(venue.uploading()) for venue in venues]
        eyes = [stack.enter_context(stage.connect(venue, autocommit=True)) for venue in venues]
        for venue, eye in zip(venues, eyes, strict=True):
            _seconds_until_visible(venue, eye, 0, renamed=True)

        def cpu() -> list[float]:
            return [cpu_seconds(process.pid) for process in processes]

        before = cpu()
        idle = IDLE_SECONDS if stage.sizes.latency_seconds > IDLE_SECONDS else 5
        time.sleep(idle)
        idle_cpu = [100 * (b - a) / idle for a, b in zip(before, cpu(), strict=True)]

        stage.step("latency: six uploaders, a file a second each")
        before, began = cpu(), time.monotonic()
        seen: list[list[float]] = [[] for _ in venues]
        for index in range(UPLOADERS * stage.sizes.latency_seconds):
            time.sleep(max(0.0, began + index / UPLOADERS - time.monotonic()))
            which, turn = index % UPLOADERS, index // UPLOADERS
            took = _seconds_until_visible(venues[which], eyes[which], turn + 1, renamed=turn % 2 == 0)
            seen[which].append(1000 * took)
        took = time.monotonic() - began
        busy_cpu = [100 * (b - a) / took for a, b in zip(before, cpu(), strict=True)]
    every = sorted(ms for one in seen for ms in one)
    p99 = every[min(len(every) - 1, math.ceil(0.99 * len(every)) - 1)]
    add = partial(stage.add, "latency")
    add("close or rename to visible, p50", "ms", [statistics.median(one) for one in seen], at_most=5)
    add(f"the same, p99 of {len(every)} files", "ms", [p99], at_most=25)
    add("CPU of an idle uploader", "%", idle_cpu, at_most=1)
    add("CPU at a file a second", "%", busy_cpu)


def _seconds_until_visible(venue: Venue, eye: Connection, turn: int, renamed: bool) -> float:
    """Drop a file, and look from another connection until all its rows are there."""
    name, records = records_of(turn, RECORDS)
    path = venue.folder / name
    moment = FIRST + turn * FILE_EVERY
    range_ = (moment - timedelta(seconds=4), moment)
    if renamed:
        part = path.with_suffix(".part")
        part.write_bytes(as_json(records))
        began = time.monotonic()
        part.rename(path)
    else:
        with path.open("wb", buffering=0) as stream:
            stream.write(as_json(records))
            began = time.monotonic()
    with eye.cursor() as cursor:
        while True:
            cursor.execute("SELECT COUNT(*) FROM PeopleFlow WHERE time BETWEEN %s AND %s", range_)
            row = cursor.fetchone()
            if row and row[0] == RECORDS:
                return time.monotonic() - began
            assert time.monotonic() - began < 30, venue.terminal()
            time.sleep(0.0002)


def backlog(stage: Stage) -> None:
    """Many files that wait at the start, against a bare loop of the driver and against the present way."""
    files = stage.sizes.files
    total = files * RECORDS
    rows = rows_of(crossings(files, RECORDS))
    bare: list[float] = []
    present: list[float] = []
    runs: list[Run] = []
    for turn in range(stage.sizes.rounds):
        stage.step(f"backlog: bare loop, uploader, present way, round {turn + 1}")
        venue = stage.venue()
        bare.append(total / _bare_loop(stage, venue, rows))
        stage.drop(venue)
        venue = stage.venue()
        fill(venue.folder, files, RECORDS)
        runs.append(upload(venue))
        stage.drop(venue)
        venue = stage.venue()
        fill(venue.folder, stage.sizes.present_files, RECORDS)
        present.append(stage.sizes.present_files * RECORDS / _present_way(stage, venue))
        stage.drop(venue)
    ours = [total / run.seconds for run in runs]
    add = partial(stage.add, "backlog")
    add(f"bare PyMySQL loop, {ROWS_A_TRANSACTION:,} rows a transaction", "rows/s", bare)
    add("the present way: a connection a file, a commit a row", "rows/s", present)
    add(f"uploader, {files:,} files of {RECORDS}", "rows/s", ours)
    add("the same with the process's start-up", "rows/s", [total / run.process_seconds for run in runs])
    add("uploader to bare loop", "%", ratios(ours, bare, 100), at_least=70)
    add("uploader to the present way", "times", ratios(ours, present), at_least=100)


def _bare_loop(stage: Stage, venue: Venue, rows: list[tuple[object, ...]]) -> float:
    """Seconds for rows that are in memory already."""
    statement = insert_statement()
    with stage.connect(venue) as connection, connection.cursor() as cursor:

        def loop() -> None:
            for first in range(0, len(rows), ROWS_A_TRANSACTION):
                cursor.executemany(statement, rows[first : first + ROWS_A_TRANSACTION])
                connection.commit()

        return seconds_of(loop)


def _present_way(stage: Stage, venue: Venue) -> float:
    """Seconds; the five that it waits for each file are left out."""
    statement = insert_statement()

    def loop() -> None:
        for path in sorted(venue.folder.iterdir()):
            with stage.connect(venue) as connection, connection.cursor() as cursor:
                for record in json.loads(path.read_bytes()):
                    seen = (record["ID"], record["inOut"], record["frameNumber"])
                    cursor.execute(statement, (record["time"], CAMERA, path.stem, *seen, 0))
                    connection.commit()

    return seconds_of(loop)


def scale(stage: Stage) -> None:
    """The cost of a file when few or many wait, and when few or many are in stored/ already."""
    add = partial(stage.add, "scale")
    few, many = stage.sizes.folder
    costs: dict[int, list[float]] = {few: [], many: []}
    peaks = []
    venues = {size: stage.venue() for size in costs}
    for size, venue in venues.items():
        stage.step(f"scale: {size:,} files are written")
        fill(venue.folder, size, 1)
    for turn in range(stage.sizes.rounds):
        for size, venue in venues.items():
            stage.step(f"scale: {size:,} files wait, round {turn + 1}")
            run = _upload_and_undo(stage, venue)
            costs[size].append(1e6 * run.seconds / size)
        peaks.append(run.peak_mb)
    add(f"a file, {few:,} waiting", "µs", costs[few])
    add(f"a file, {many:,} waiting", "µs", costs[many])
    add("many to few", "times", ratios(costs[many], costs[few]), at_most=1.3)
    add(f"peak memory, {many:,} waiting", "MB", peaks, at_most=120)
    stage.drop(venues[many])

    archived = stage.sizes.archived
    stage.step(f"scale: {archived:,} files are put into stored/")
    venues = {0: venues[few], archived: stage.venue()}
    fill(venues[archived].folder, few, 1)
    _archive(venues[archived], archived)
    costs = {0: [], archived: []}
    for turn in range(stage.sizes.rounds):
        stage.step(f"scale: {archived:,} files in stored/, round {turn + 1}")
        for size, venue in venues.items():
            costs[size].append(1e6 * _upload_and_undo(stage, venue).seconds / few)
    add(f"a file, {archived:,} in stored/", "µs", costs[archived])
    add(f"{archived:,} in stored/ to none", "times", ratios(costs[archived], costs[0]), at_most=1.3)


def _upload_and_undo(stage: Stage, venue: Venue) -> Run:
    """Store what waits; then all of it is back in the folder, and out of the table."""
    names = [entry.name for entry in os.scandir(venue.folder) if entry.is_file()]
    run = upload(venue)
    [(stored,)] = stage.server.execute("SELECT COUNT(*) FROM PeopleFlow", venue.settings().db)
    assert stored == len(names)
    stage.server.execute("TRUNCATE TABLE PeopleFlow", venue.settings().db)
    for day in (venue.folder / "stored").iterdir():
        for name in names:
            with suppress(FileNotFoundError):  # stored before or after midnight
                os.rename(day / name, venue.folder / name)
    os.sync()
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
    """Four uploaders with a camera each on one table, against one alone."""
    files = stage.sizes.files // 4
    alone: list[float] = []
    together: list[float] = []
    complaints: list[float] = []
    for turn in range(stage.sizes.rounds):
        stage.step(f"four uploaders on one table, round {turn + 1}")
        venue = stage.venue()
        fill(venue.folder, files, RECORDS)
        alone.append(files * RECORDS / upload(venue).seconds)
        stage.drop(venue)
        first = stage.venue("camera 1")
        venues = [first, *(stage.venue(f"camera {n}", beside=first) for n in range(2, 5))]
        for venue in venues:
            fill(venue.folder, files, RECORDS)
        started = [start(venue.command("uploadData.py", "--once", first=TIMED)) for venue in venues]
        finished = [finish(one) for one in started]
        seconds = max(run.ended for run, _ in finished) - min(run.began for run, _ in finished)
        together.append(4 * files * RECORDS / seconds)
        complaints.append(sum(text.count("WARNING") + text.count("ERROR") for _, text in finished))
        for venue in venues[1:]:
            shutil.rmtree(venue.home)
        stage.drop(first)
    add = partial(stage.add, "four")
    add(f"one uploader, {files:,} files of {RECORDS}", "rows/s", alone)
    add("four on one table", "rows/s", together)
    add("four to one", "times", ratios(together, alone), at_least=1.5)
    add("warnings and errors in their logs", "", complaints, at_most=0)
