"""Makers' files and the real scripts: stored once, each line a camera, and --try shows how they are read."""

import contextlib
import json
import os
import re
import shutil
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.overviews import first, listening
from tests.test_check import Said
from tests.venue import PROJECT, Row, Venue, crossing, wait_until
from visitorsflow.alerts.status_text import status_text
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import Cameras
from visitorsflow.events import Event, Stored
from visitorsflow.facts import Crossing
from visitorsflow.formats import PRESETS
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.crossings import parse
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Wake
from visitorsflow.journal import Journal
from visitorsflow.rules.silence import Silence
from visitorsflow.words import Words

COUNTS = {"in_count": "in", "out_count": "out", "time": "start", "output_time": "end", "line": "gate"}
IN_TAIPEI = {"camera": "north", "timezone": "Asia/Taipei", "language": "en"}
NOON = datetime(2018, 11, 3, 12)


def samples(maker: str) -> list[Path]:
    return sorted((PROJECT / "samples" / maker).glob("*.json"))


def truth(venue: Venue, paths: list[Path]) -> set[Row]:
    """The rows that these files must make."""
    form = venue.settings().format
    crossings = {c for path in paths for c in parse(path.read_bytes(), path.name, form, "north").crossings}
    return {row_of(c) for c in crossings}


def row_of(c: Crossing) -> Row:
    camera = f"north/{c.line}" if c.line else "north"
    return (c.time, camera, c.output_time, c.person, c.state, c.frame, c.occurrence)


def drop(venue: Venue, paths: list[Path], prefix: str = "") -> None:
    for path in paths:
        venue.drop(prefix + path.name, path.read_bytes())


def count(came_in: int, went_out: int = 0, gate: str = "Gate 1", **more: Any) -> dict[str, Any]:
    start = {"start": "20181103120000", "end": "20181103121500"}
    return {"in": came_in, "out": went_out, "gate": gate, **start, **more}


@pytest.mark.parametrize("maker", PRESETS)
def test_the_samples_are_stored_once(venue: Venue, maker: str) -> None:
    """Twice, and under other names: the rows are those of the files, and nothing waits or is rejected."""
    venue.configure(**IN_TAIPEI, camera_format=maker)
    for prefix in ("", "20200101000000 copy of "):
        drop(venue, samples(maker), prefix)
        done = venue.upload()
        assert done.returncode == 0, done.stderr
        assert set(venue.rows()) == truth(venue, samples(maker))
    assert venue.waiting() == venue.names("rejected") == set()


def test_killed_while_counts_are_stored(venue: Venue) -> None:
    """SIGKILL again and again, and the same reports again under other names: the sum is right."""
    venue.configure(**IN_TAIPEI, camera_format=COUNTS)
    paths = []
    for n in range(60):
        path = venue.home / f"report {n}.json"
        end = NOON + timedelta(minutes=15 * n)
        start = f"{end - timedelta(minutes=15):%Y%m%d%H%M%S}"
        path.write_text(json.dumps([count(40, 9, g, start=start, end=f"{end:%Y%m%d%H%M%S}") for g in "ab"]))
        paths.append(path)
    for attempt in range(3):
        drop(venue, paths, f"{attempt} ")
        with venue.uploading() as process:
            before = len(venue.names("stored"))
            wait_until(lambda before=before: len(venue.names("stored")) > before)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert venue.upload().returncode == 0
    assert set(venue.rows()) == truth(venue, paths)
    assert len(venue.rows()) == 60 * 2 * 49


def test_a_count_is_corrected(venue: Venue) -> None:
    """Upwards it adds the difference; downwards it changes nothing, and one line a file says so."""
    venue.configure(**IN_TAIPEI, camera_format=COUNTS)
    for name, came_in, went_out, rows in (("a", 3, 1, 4), ("b", 7, 1, 8), ("c", 2, 0, 8), ("d", 7, 1, 8)):
        venue.drop(f"{name}.json", [count(came_in, went_out)])
        done = venue.upload()
        assert done.returncode == 0
        assert len(venue.rows()) == rows
        assert ("lower than before" in done.stderr) == (name == "c")
    assert (
        "c.json: 2 counts lower than before, which changes nothing;"
        " the first is that of 2018-11-03 12:00:00 to 2018-11-03 12:15:00" in venue_log(venue)
    )


def test_a_lower_count_in_a_backlog(sqlite_venue: Venue) -> None:
    """Those that wait together count too, oldest first: what is corrected upwards is no news."""
    sqlite_venue.configure(**IN_TAIPEI, camera_format=COUNTS)
    for age, name, came_in in ((3, "a", 1), (2, "b", 5), (1, "c", 4)):
        path = sqlite_venue.drop(f"{name}.json", [count(came_in)])
        then = time.time() - age
        os.utime(path, (then, then))
    done = sqlite_venue.upload()
    [line] = [line for line in done.stderr.splitlines() if "lower than before" in line]
    assert "c.json: 1 count lower" in line
    assert len(sqlite_venue.rows()) == 5


def venue_log(venue: Venue) -> str:
    return (venue.home / "log" / "uploadData.log").read_text("utf-8")


def test_staff_are_left_out_and_counted(sqlite_venue: Venue) -> None:
    """The log line of the files says how many."""
    sqlite_venue.configure(**IN_TAIPEI, camera_format="footfallcam")
    drop(sqlite_venue, samples("footfallcam"))
    done = sqlite_venue.upload()
    assert (
        "stored 6 files, 5 crossings from camera north up to 2025-07-23 18:37:18; left out: 1 record"
        in done.stderr
    )


@pytest.mark.parametrize("file", ["vivotek/report-1.json", "axis/hours.json", "20180531101927.json"])
def test_a_file_of_another_format_is_no_staff(sqlite_venue: Venue, file: str) -> None:
    """A wrong preset is seen at once: nothing is left out, and stored away, for want of a value of `only`."""
    sqlite_venue.configure(**IN_TAIPEI, camera_format="footfallcam")
    path = PROJECT / "samples" / file
    assert sqlite_venue.run("uploadData.py", "--try", str(path)).returncode == 1
    sqlite_venue.drop(path.name, path.read_bytes())
    assert sqlite_venue.upload().returncode == 1
    assert path.name in sqlite_venue.names("rejected")
    assert sqlite_venue.rows() == []


def test_intervals_longer_than_idle_seconds(sqlite_venue: Venue, caplog: pytest.LogCaptureFixture) -> None:
    """Each would end in a false alert: the log says it, once."""
    sqlite_venue.configure(**IN_TAIPEI, camera_format="vivotek")
    drop(sqlite_venue, samples("vivotek"))
    said = "the camera counts intervals of 900 s, and silence is told after idle_seconds = 60"
    assert said in sqlite_venue.upload().stderr
    journal = Journal("north", 60)
    caplog.set_level("WARNING")
    for longest, lines in ((0, 0), (60, 0), (900, 1), (900, 1)):
        journal(Stored(1, 0, None, longest=longest))
        assert len(caplog.messages) == lines


def test_a_bad_record_among_counts(sqlite_venue: Venue) -> None:
    """The others are stored, and the reason counts records, not people."""
    sqlite_venue.configure(**IN_TAIPEI, camera_format=COUNTS)
    sqlite_venue.drop(
        "a.json", [count(20, 9), count(-1, gate="x" * 59), count(5, gate="x" * 59), count(5, 5, "b")]
    )
    assert sqlite_venue.upload().returncode == 1
    assert len(sqlite_venue.rows()) == 39
    reason = sqlite_venue.reason("a.json")
    assert "a.json: 2 of 4 records rejected, the rest stored." in reason
    assert "record 2: in is -1, beyond 0 .. 32767" in reason
    assert "record 3: gate makes the camera's name 'north/x" in reason


def test_the_cameras_time_is_the_intervals_end(sqlite_venue: Venue) -> None:
    """Whatever the file's name says, and with nobody in it: so its clock is compared with this PC's."""
    sqlite_venue.configure(**IN_TAIPEI, camera_format=COUNTS)
    told: list[Event] = []
    with contextlib.closing(sqlite_venue.table().database) as database:
        uploader = Uploader(
            Inbox(sqlite_venue.folder, settle_seconds=0),
            Archive(sqlite_venue.folder, NOON.date),
            PeopleFlow(database, "north"),
            Silence(60, None, 0),
            lambda *events: told.extend(events),
            Wake(),
            lambda: NOON,
            form=sqlite_venue.settings().format,
        )
        for came_in in (0, 2):
            sqlite_venue.drop("20301103120000.json", [count(came_in), count(came_in, gate="b")])
            uploader.make_pass()
    nobody, two = (event for event in told if isinstance(event, Stored))
    end = NOON + timedelta(minutes=15)
    assert (nobody.said, nobody.until, nobody.records, nobody.longest) == (end, None, 0, 900)
    assert (two.said, two.until, two.records, two.lines) == (end, NOON, 4, {"Gate 1", "b"})


# --- lines are cameras ---------------------------------------------------------------------------------


LINES = ("north/Gate 1", "north/Gate 2")


def cameras_of(venue: Venue) -> list[str]:
    shown = json.loads(venue.run("uploadData.py", "--view", "--json").stdout)
    return sorted(camera["name"] for camera in shown["cameras"])


def lines_in_table(venue: Venue) -> tuple[str, ...] | None:
    """Those of the camera north; None before its first beat."""
    with contextlib.closing(Database(venue.settings())) as database:
        cameras = Cameras(database)
        cameras.prepare()
        return next((one.lines for one in cameras.read() if one.name == "north"), None)


def store(venue: Venue, *records: dict[str, Any]) -> None:
    """Let the uploader run until the table knows its lines: with --once a loaded machine may not say them."""
    venue.drop("a.json", records)
    with venue.uploading():
        wait_until(lambda: lines_in_table(venue) == LINES)


def test_each_line_is_a_camera(venue: Venue) -> None:
    """In the view, the status message, the check and the table of hours; the device itself is none then."""
    venue.configure(**IN_TAIPEI, camera_format=COUNTS)
    with venue.uploading():
        wait_until(lambda: lines_in_table(venue) == ())
    assert cameras_of(venue) == ["north"]
    now = datetime.now(UTC).astimezone(venue.settings().timezone)
    today = {"start": f"{now:%Y%m%d}000000", "end": f"{now:%Y%m%d}000100"}
    store(venue, count(2, 1, **today), count(0, 0, "Gate 2", **today))
    assert cameras_of(venue) == list(LINES)
    venue.drop("b.json", [])
    again = venue.upload()
    assert again.returncode == 0
    assert "the newest rows in the table are of other cameras" not in again.stderr
    assert lines_in_table(venue) == LINES
    assert "in north/Gate 1,out north/Gate 1" in venue.run("callAPI.py", "--csv").stdout
    checked = Said(venue.run("uploadData.py", "--check"))
    for line in LINES:
        checked.line(line, "–")
    with listening(venue, beats=False) as (_, days):
        day = first(days)
    assert [(one.name, one.lines) for one in day.cameras] == [("north", LINES)]
    text = status_text(day, None, Words("en"), now.replace(tzinfo=None))
    assert tuple(re.findall("north/Gate [12]", text)) == LINES


def test_a_line_that_is_gone(venue: Venue) -> None:
    """It can be forgotten; and the other one stays."""
    venue.configure(**IN_TAIPEI, camera_format=COUNTS)
    store(venue, count(2), count(2, gate="Gate 2"))
    assert venue.run("uploadData.py", "--forget", LINES[1], "--yes").returncode == 0
    assert lines_in_table(venue) == LINES[:1]
    assert venue.upload().returncode == 0
    assert lines_in_table(venue) == LINES[:1]


def test_a_name_like_a_line_is_no_line(sqlite_venue: Venue) -> None:
    """Another PC may be named so; a line belongs to the camera with the longest name before it."""
    from tests.test_cameras import BEAT

    database = Database(sqlite_venue.settings())
    cameras = Cameras(database)
    cameras.prepare()
    cameras.beat(BEAT._replace(name="north"), lines={"1"})
    cameras.beat(BEAT._replace(name="north/left"), lines={"2"})
    cameras.beat(BEAT._replace(name="gone"))
    found = {one.name: one.lines for one in cameras.read()}
    database.close()
    assert found == {"gone": (), "north": ("north/1",), "north/left": ("north/left/2",)}


def test_a_line_is_told_until_the_table_has_it(sqlite_venue: Venue) -> None:
    """What is heard of between a beat and its arrival goes with the next one."""
    with listening(sqlite_venue, beats=False) as (overview, _):
        own = overview.own
        own(Stored(1, 0, None, lines={"a"}))
        assert own.lines() == {"a"}
        own(Stored(1, 0, None, lines={"b"}))
        own.was_said()
        assert own.lines() == {"b"}
        own.was_said()
        assert own.lines() == set()


# --- --try and --check -----------------------------------------------------------------------------------


def test_try_shows_how_files_are_read(sqlite_venue: Venue) -> None:
    """A table of each, and the sums; nothing is stored, moved or made."""
    sqlite_venue.configure(**IN_TAIPEI, camera_format="vivotek")
    before = set(sqlite_venue.home.rglob("*"))
    paths = [str(path) for path in samples("vivotek")]
    done = sqlite_venue.run("uploadData.py", "--try", *paths)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == paths[0]
    assert lines[1].split() == ["time", "direction", "people", "line", "output", "time"]
    assert "  ".join(lines[2].split()) == "2018-11-03  10:00:00  in  7  Gate  1  2018-11-03  10:15:00"
    assert lines[-1] == "in 15, out 7, from 2018-11-03 10:00:00 until 2018-11-03 10:15:00"
    assert set(sqlite_venue.home.rglob("*")) == before
    again = sqlite_venue.run("uploadData.py", "--try", *paths, *paths)
    assert again.stdout.splitlines()[-1] == lines[-1]


def test_try_says_what_is_rejected(sqlite_venue: Venue) -> None:
    """Records, whole files and files that are not there: with their reasons, and exit code 1."""
    chosen = {"id": "n", "direction": "d", "in": 1, "out": 2, "time": "t", "only": {"kind": 1}}
    sqlite_venue.configure(**IN_TAIPEI, camera_format=chosen)
    good = {"n": 5, "d": 1, "t": "20181103120000", "kind": 1}
    path = sqlite_venue.home / "20181103120001.json"
    path.write_text(json.dumps([good, good | {"d": 7}, good | {"kind": 2}, {"kind": 1}]))
    done = sqlite_venue.run("uploadData.py", "--try", str(path), str(sqlite_venue.home / "none.json"))
    assert done.returncode == 1
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert rows[1:] == [
        "time direction person line output time",
        "2018-11-03 12:00:00 in 5 2018-11-03 12:00:01",
        "2018-11-03 12:00:00 neither 5 2018-11-03 12:00:01",
        "records left out: 1",
        "record 4 is rejected: t is missing",
        str(sqlite_venue.home / "none.json"),
        "the whole file is rejected: No such file or directory",
        "in 1, out 0, from 2018-11-03 12:00:00 until 2018-11-03 12:00:00",
    ]
    path.write_text("{")
    done = sqlite_venue.run("uploadData.py", "--try", str(path))
    assert "the whole file is rejected: is not (whole) JSON" in done.stdout
    assert done.stdout.endswith("in 0, out 0, from - until -\n")
    sqlite_venue.configure(language="zh-TW")
    assert "整個檔案不能用：是資料夾，不是檔案\n" in (
        sqlite_venue.run("uploadData.py", "--try", str(sqlite_venue.folder)).stdout
    )


def test_try_goes_alone(sqlite_venue: Venue) -> None:
    """With another option it is a mistake of the command line."""
    for other in ("--once", "--demo", "--check", "--view"):
        assert sqlite_venue.run("uploadData.py", other, "--try", "x.json").returncode == 2
    assert sqlite_venue.run("uploadData.py", "--forget", "x", "--try", "x.json").returncode == 2


def test_a_wrong_format_ends_the_start(sqlite_venue: Venue) -> None:
    """Exit code 2 and one line, from both scripts."""
    sqlite_venue.configure(language="en", camera_format={"tme": "t"})
    for script in ("uploadData.py", "callAPI.py"):
        done = sqlite_venue.run(script)
        assert done.returncode == 2
        assert "camera_format: tme is not known here; did you mean time?" in done.stderr


def test_check_reads_the_newest_file(sqlite_venue: Venue) -> None:
    """The one that waits, else that of the last day in stored/; one that is being written is not yet read."""
    venue = sqlite_venue
    venue.configure(**IN_TAIPEI, camera_format="vivotek", settle_seconds=0)
    checked = Said(venue.run("uploadData.py", "--check"))
    assert "newest file" not in checked.text
    drop(venue, samples("vivotek")[:1])
    Said(venue.run("uploadData.py", "--check")).line("report-1.json, can be read: in 7, out 3", "✓")
    assert venue.upload().returncode == 0
    old = venue.folder / "stored" / "2000-01-01" / "old.json"
    old.parent.mkdir()
    old.write_text("{}")
    checked = Said(venue.run("uploadData.py", "--check"))
    checked.line("report-1.json, can be read: in 7, out 3", "✓")
    assert "set idle_seconds" in checked.line(
        "an interval is 15 minutes, longer than idle_seconds (1 minute)", "–"
    )
    venue.drop("20181103120001.json", [crossing("20181103120000")])
    checked = Said(venue.run("uploadData.py", "--check"))
    assert "--try" in checked.line("the newest file, 20181103120001.json: holds no records at Data, but")
    venue.drop("20181103120001.json", json.dumps({"Data": [{"CountingInfo": [{}]}]}).encode())
    checked = Said(venue.run("uploadData.py", "--check"))
    checked.line("20181103120001.json: 1 of 1 records rejected; record 1: StartTime is missing")
    venue.configure(**IN_TAIPEI, camera_format="vivotek", settle_seconds=60, idle_seconds=900)
    for path in venue.folder.joinpath("stored").rglob("*.json"):
        shutil.copystat(PROJECT / "README.md", path)
    checked = Said(venue.run("uploadData.py", "--check"))
    checked.line("report-1.json, can be read", "✓")
    assert "an interval is" not in checked.text
