"""The reports that were sent, as callAPI.py keeps and shows them; and a day for Excel."""

import csv
import io
import json
import os
import pty
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pytest_httpserver import HTTPServer
from rich.cells import cell_len
from werkzeug import Request, Response

from tests import forks
from tests.api import Api, store, today
from tests.mariadb import MariaDB
from tests.proxy import Proxy
from tests.venue import Venue, crossing, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.day import Today
from visitorsflow.database.status_tables import Beat, Cameras, Reports
from visitorsflow.facts import SentReport, Totals
from visitorsflow.reasons import kept as read

pytestmark = pytest.mark.usefixtures("not_at_midnight")
DAY = date(2018, 5, 31)
MORNING = datetime(2018, 5, 31, 10, 18, 25)
MISSING = "WARNING this report is missing in --history: "


@contextmanager
def database_of(venue: Venue) -> Iterator[Database]:
    database = Database(venue.settings())
    try:
        yield database
    finally:
        database.close()


def kept(venue: Venue) -> list[SentReport]:
    """All reports that are kept, newest first."""
    with database_of(venue) as database:
        return Reports(database).newest(100) or []


def send(venue: Venue, *arguments: str, **options: str) -> "subprocess.CompletedProcess[str]":
    return venue.run("callAPI.py", "--date", f"{DAY}", *arguments, **options)


def restrict(venue: Venue, mariadb: MariaDB, rights: str) -> None:
    """From now on the venue's user has only these rights on its database."""
    name = venue.settings().db
    assert name
    user = f"u{name}"[:30]
    mariadb.grant(user, rights, name)
    venue.database += f"\nuser = {user!r}"


def test_what_was_sent_and_what_came_back_is_kept(venue: Venue, api: Api) -> None:
    """A row for each POST: a yes, a no, a reply that is no reply; with its beginning, made printable."""
    venue.configure(api_url=api.url)
    records = [crossing("20180531101825"), crossing("20180531101830"), crossing("20180531101835", state=1)]
    store(venue, *records, crossing("20180531101840", state=7))
    api.answers = [
        Response('\ufeff{"Desc":"成功"}'),
        Response(f'{{"Desc":"失敗","Why":"{"很" * 600}"}}'),
        Response("", 403),
        Response("\x1b[2J\n" * 200, 500),
        Response(b"x" * 70_000),
    ]
    before = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    assert [send(venue).returncode for _ in range(5)] == [0, 1, 1, 1, 1]
    reports = kept(venue)[::-1]
    assert [(r.http_status, r.accepted) for r in reports] == [
        (200, True), (200, False), (403, False), (500, False), (200, False),
    ]  # fmt: skip
    assert [str(read(r.reply)) for r in reports] == [
        '{"Desc":"成功"}',
        ('{"Desc":"失敗","Why":"' + "很" * 600)[:500],
        "",
        (r"\x1b[2J\n" * 200)[:500],
        "HTTP 200, with a reply of more than 64 KB",
    ]
    for report in reports:
        assert (report.day, report.inside, report.came_in, report.went_out) == (DAY, 1, 2, 1)
        assert (report.start, report.end) == (MORNING, MORNING + timedelta(seconds=15))
        assert report.partial == ""
        assert before <= report.sent_at <= datetime.now(UTC).replace(tzinfo=None)


def test_an_api_that_is_not_there_is_kept_too(sqlite_venue: Venue) -> None:
    """Without a status, and with what went wrong."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        sqlite_venue.configure(api_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        store(sqlite_venue, crossing("20180531101825"))
        quick = "from visitorsflow.report import api as a; a.RETRIES = 0"
        assert send(sqlite_venue, first=quick).returncode == 1
    [report] = kept(sqlite_venue)
    assert (report.http_status, report.accepted) == (None, False)
    assert str(read(report.reply)).startswith("the API can't be reached: ")
    assert "? 沒有回應 連不上 API：" in sqlite_venue.run("callAPI.py", "--history").stdout
    sqlite_venue.configure(language="en")
    assert "? no answer the API can't be reached: " in sqlite_venue.run("callAPI.py", "--history").stdout


def test_the_longest_reason_is_kept_whole(sqlite_venue: Venue) -> None:
    """However many signs of it must be written with a backslash: what is cut can't be read again."""
    first = (
        "from visitorsflow.report import api as a\n"
        "def away(*_): raise OSError('\\\\\"\\n\\0' * 500)\n"
        "a._post = away"
    )
    sqlite_venue.configure(api_url="http://127.0.0.1:9/")
    store(sqlite_venue, crossing("20180531101825"))
    assert send(sqlite_venue, first=first).returncode == 1
    [report] = kept(sqlite_venue)
    assert str(read(report.reply)).startswith("the API can't be reached: \\\"")


@pytest.mark.parametrize(
    ("accepted", "expected"), [([True], 0), ([True, False, False], 2), ([False] * 12, 10)]
)
def test_refusals_in_a_row(venue: Venue, accepted: list[bool], expected: int) -> None:
    """Counted from the newest on, to the first that was accepted, or to ten."""
    with database_of(venue) as database:
        reports = Reports(database)
        totals = Totals(2, 5, MORNING, MORNING)
        for one in accepted:
            reports.add(DAY, 0, totals, http_status=200, accepted=one, reply="", partial="")
        day = Today(database, lambda: MORNING, makes=True).read()
        assert day.refused_in_a_row == expected


def test_the_last_report_is_the_newest_of_all_days(venue: Venue) -> None:
    """None where none was sent; reading more than there are gives what there are, newest first."""
    with database_of(venue) as database:
        reports = Reports(database)
        assert reports.newest(20) is None
        totals = Totals(2, 5, MORNING, MORNING)
        for number, day in enumerate((DAY, DAY - timedelta(days=1))):
            reports.add(
                day, number, totals, http_status=None, accepted=bool(number), reply="\0😀", partial="北門\n"
            )
        last = database.transaction(Reports.last)
        assert last
        assert last[1:] == (
            DAY - timedelta(days=1), 1, 2, 5, MORNING, MORNING, None, True, r"\x00😀", r"北門\n",
        )  # fmt: skip
        assert [report.inside for report in reports.newest(20) or []] == [1, 0]
        assert [report.inside for report in reports.newest(1) or []] == [1]
        assert [report.inside for report in reports.newest(20, DAY) or []] == [0]
        assert reports.newest(20, date(2018, 6, 1)) == []


def test_the_history_in_a_pipe(venue: Venue, api: Api) -> None:
    """Plain, each report on one line and whole, newest first; of a day, or so many; in the venue's time."""
    venue.configure(api_url=api.url, timezone="Asia/Taipei")
    store(venue, crossing("20180531101825"), crossing("20180530101825", state=1))
    long = "no room for [bold]reports[/bold] " * 12
    api.answers = [Response(long, 500)]
    assert send(venue).returncode == 1
    assert venue.run("callAPI.py", "--date", "2018-05-30").returncode == 0
    newest, older = kept(venue)
    colourful = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": "40"}
    done = venue.run("callAPI.py", "--history", env=colourful)
    assert done.returncode == 0
    sent = [
        r.sent_at.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Taipei")).replace(tzinfo=None)
        for r in (newest, older)
    ]
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["送出時間", "日期", "場內", "進", "出", "結果", "對方的回覆"],
        [*f"{sent[0]} 2018-05-30 0 0 1 ✓ 成功 200".split(), '{"Desc":"成功"}'],
        [*f"{sent[1]} 2018-05-31 1 1 0 ✗ 回報失敗 500".split(), *long.split()],
    ]
    assert len(venue.run("callAPI.py", "--history", "1").stdout.splitlines()) == 2
    of_day = venue.run("callAPI.py", "--history", "--date", "2018-05-31").stdout.splitlines()
    assert (len(of_day), "回報失敗" in of_day[1]) == (2, True)
    venue.configure(language="en")
    assert "✗ refused  500 no room" in venue.run("callAPI.py", "--history").stdout
    nothing = venue.run("callAPI.py", "--history", "--date", "2018-06-01")
    assert nothing.returncode == 0
    assert nothing.stdout.startswith("No report has been sent for 2018-06-01 (")


@pytest.mark.parametrize("columns", [80, 200])
def test_the_history_on_a_terminal(sqlite_venue: Venue, columns: int) -> None:
    """A word and a mark with every colour; each report on one line, cut to the width."""
    with database_of(sqlite_venue) as database:
        for status, accepted in ((200, True), (500, False), (None, False)):
            Reports(database).add(
                DAY, 12345, Totals(99999, 87654, MORNING, MORNING),
                http_status=status, accepted=accepted, reply="很忙 " * 60, partial="",
            )  # fmt: skip
    shown = on_terminal(sqlite_venue.command("callAPI.py", "--history"), columns)
    for escape, word in (("32", "✓ 成功"), ("31", "✗ 回報失敗"), ("33", "? 沒有回應")):
        assert f"\x1b[{escape}m{word}" in shown
    lines = [re.sub("\x1b\\[[0-9;]*m", "", line).rstrip() for line in shown.splitlines()]
    assert len(lines) == 4
    assert all(line.endswith("..") and columns - 3 < cell_len(line) <= columns for line in lines[1:]), lines


def on_terminal(command: list[str], columns: int) -> str:
    """What a command writes to a terminal of this width."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": f"{columns}"}
    environment.pop("NO_COLOR", None)
    with forks.start(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the other end was closed
            pass
        os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def test_no_table_yet_is_one_line(venue: Venue) -> None:
    """It says where there is none and how it comes; exit 0."""
    done = venue.run("callAPI.py", "--history")
    assert done.returncode == 0
    [line] = done.stdout.splitlines()
    assert "裡沒有 PeopleFlowReport 這個資料表" in line
    with database_of(venue) as database:
        assert str(database) in line


def test_reading_needs_only_select(mariadb_venue: Venue, mariadb: MariaDB, api: Api) -> None:
    """The history, and the sheet, with a user who may do nothing else."""
    mariadb_venue.configure(api_url=api.url)
    store(mariadb_venue, crossing("20180531101825"))
    restrict(mariadb_venue, mariadb, "SELECT, INSERT, UPDATE, CREATE")  # those of the README
    mariadb_venue.configure(api_url=api.url)
    assert MISSING not in send(mariadb_venue).stderr
    restrict(mariadb_venue, mariadb, "SELECT")
    mariadb_venue.configure(api_url=api.url)
    assert "✓ 成功" in mariadb_venue.run("callAPI.py", "--history").stdout
    assert "10:00,1,0,1,0,1" in send(mariadb_venue, "--csv").stdout


@pytest.mark.parametrize(("answer", "code"), [(Response("OK"), 0), (Response("no"), 1)])
def test_a_report_that_can_not_be_kept_is_sent_all_the_same(
    mariadb_venue: Venue, mariadb: MariaDB, api: Api, answer: Response, code: int
) -> None:
    """Without the right CREATE: the exit code is that of the report, and one line says what is missing."""
    store(mariadb_venue, crossing("20180531101825"))
    mariadb.execute("DROP TABLE IF EXISTS PeopleFlowReport", mariadb_venue.settings().db)
    restrict(mariadb_venue, mariadb, "SELECT, INSERT, UPDATE")
    mariadb_venue.configure(api_url=api.url)
    api.answers = [answer]
    done = send(mariadb_venue)
    assert (done.returncode, len(api.requests)) == (code, 1)
    [line] = [line for line in done.stderr.splitlines() if MISSING in line]
    assert "CREATE command denied" in line
    assert "Traceback" not in done.stderr


def when_asked(server: HTTPServer, do: Callable[[], object]) -> str:
    """The URL of an API that does this before it says yes."""

    def answer(_request: Request) -> Response:
        do()
        return Response("OK")

    server.expect_request("/when-asked").respond_with_handler(answer)
    return server.url_for("/when-asked")


def test_a_database_that_goes_away_after_the_read(
    mariadb_venue: Venue, mariadb: MariaDB, httpserver: HTTPServer
) -> None:
    """The report is accepted, exit 0, and one line says that it is not kept."""
    store(mariadb_venue, crossing("20180531101825"))
    with Proxy(mariadb.port) as proxy:
        mariadb_venue.configure(port=proxy.port, api_url=when_asked(httpserver, proxy.refuse))
        done = send(mariadb_venue)
    assert done.returncode == 0, done.stderr
    assert "INFO    accepted: HTTP 200: OK" in done.stderr
    assert done.stderr.count(MISSING) == 1
    assert MISSING in done.stderr.splitlines()[-1]


def test_a_database_that_hangs_after_the_read(
    mariadb_venue: Venue, mariadb: MariaDB, httpserver: HTTPServer
) -> None:
    """It is waited for only so long; and who stops the run then does not make a report of none."""
    store(mariadb_venue, crossing("20180531101825"))
    with Proxy(mariadb.port) as proxy:
        mariadb_venue.configure(port=proxy.port, api_url=when_asked(httpserver, proxy.stall))
        done = send(mariadb_venue, first="from visitorsflow.report import report; report.KEEP_SECONDS = 0.5")
        assert (done.returncode, MISSING + "no answer within 0.5 s" in done.stderr) == (0, True), done.stderr
        proxy.heal()
        command = mariadb_venue.command("callAPI.py", "--date", f"{DAY}")
        log = mariadb_venue.home / "log" / "callAPI.log"
        with forks.start(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
            wait_until(lambda: log.read_text("utf-8").count("accepted: ") == 2)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
    assert (process.returncode, MISSING + "KeyboardInterrupt" in said) == (0, True), said


def test_a_foreign_table_of_that_name_is_left_alone(sqlite_venue: Venue, api: Api) -> None:
    """The report is sent; the log and --history say in one line what is wrong with the table."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, crossing("20180531101825"))
    with database_of(sqlite_venue) as database:
        database.transaction(lambda c: c.exec_driver_sql("DROP TABLE IF EXISTS PeopleFlowReport"))
        database.transaction(lambda c: c.exec_driver_sql("CREATE TABLE PeopleFlowReport (id INT)"))
    done = send(sqlite_venue)
    assert (done.returncode, done.stderr.count(MISSING)) == (0, 1)
    shown = sqlite_venue.run("callAPI.py", "--history")
    assert shown.returncode == 1
    assert "no such column" in shown.stderr.splitlines()[-1]
    assert "Traceback" not in shown.stderr


def test_cameras_whose_rows_are_missing_are_named(venue: Venue, api: Api) -> None:
    """In the log beside the totals of today, with the venue's time; kept with the report, and shown."""
    venue.configure(api_url=api.url, timezone="Asia/Taipei")
    now = datetime.now(ZoneInfo("Asia/Taipei"))
    store(venue, crossing(f"{now - timedelta(seconds=1):%Y%m%d%H%M%S}"), crossing("20180531101825"))
    with database_of(venue) as database:
        cameras = Cameras(database)
        cameras.prepare()
        for name, idle_seconds, stopped in (("北門", 0.1, False), ("b", 3600, False), ("c", 0.1, True)):
            beat = Beat(name, 2, "a.json", None, 0, 0, idle_seconds, True, False, "", "2", "pc")
            cameras.beat(beat, stopped=stopped)
        [file_at] = [camera.file_at for camera in cameras.read() if camera.name == "北門"]
    assert file_at
    since = f"{file_at.replace(tzinfo=UTC).astimezone(ZoneInfo('Asia/Taipei')):%H:%M}"
    done = venue.run("callAPI.py")
    [said] = [line for line in done.stderr.splitlines() if " WARNING partial: " in line]
    assert (done.returncode, f"no files from camera 北門 since {since}" in said) == (0, True)
    partial = kept(venue)[0].partial
    assert (f"北門 ({since})" in partial, partial.count("c ("), "b" in partial) == (True, 1, False)
    header, row = venue.run("callAPI.py", "--history").stdout.splitlines()
    assert "資料不完整" in header
    assert f"⚠ 少 {partial} ✓ 成功" in " ".join(row.split())
    assert "partial" not in send(venue, "--dry-run").stderr  # they have delivered since that day


def test_a_run_for_cron_does_not_load_what_it_does_not_need(sqlite_venue: Venue, api: Api) -> None:
    """rich would be half as much again of memory and start-up, every five minutes; the events 3 % of it."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    needless = "{'rich', 'visitorsflow.events'}"
    at_end = f"import atexit; atexit.register(lambda: print({needless} & set(sys.modules)))"
    assert sqlite_venue.run("callAPI.py", first=at_end, fresh=True).stdout == "set()\n"


def sheet_of(venue: Venue, *arguments: str) -> tuple[bytes, list[list[str]]]:
    """What --csv writes, as it is and as it is read."""
    command = venue.command("callAPI.py", "--csv", *arguments)
    done = forks.run(command, capture_output=True, check=True)
    return done.stdout, list(csv.reader(io.StringIO(done.stdout.decode("utf-8-sig"), newline="")))


def test_a_day_for_excel(venue: Venue) -> None:
    """Hours × cameras and their totals, with a byte order mark and CRLF; no name becomes a formula."""
    counts = {"=1+1": (2, 1), '北門,"大"': (0, 3), "@a": (1, 0)}
    for camera, (came_in, went_out) in counts.items():
        venue.configure(camera=camera)
        states = [0] * came_in + [1] * went_out + [7]
        moments = [f"201805311{i % 3}1825" for i in range(len(states))]
        store(venue, *(crossing(m, i, s) for i, (m, s) in enumerate(zip(moments, states, strict=True))))
    raw, rows = sheet_of(venue, "--date", "2018-05-31")
    assert raw.startswith(b"\xef\xbb\xbf2018-05-31,")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 26
    assert rows[0] == [
        "2018-05-31", "進 =1+1", "出 =1+1", "進 @a", "出 @a",
        '進 北門,"大"', '出 北門,"大"', "進 合計", "出 合計", "場內",
    ]  # fmt: skip
    assert rows[11:14] == [
        ["10:00", "1", "0", "1", "0", "0", "1", "2", "1", "1"],
        ["11:00", "1", "0", "0", "0", "0", "1", "1", "1", "1"],
        ["12:00", "0", "1", "", "", "0", "1", "0", "2", "0"],
    ]
    assert rows[1] == ["00:00", *[""] * 9]
    assert [row[0] for row in rows[1:]] == [*(f"{hour:02}:00" for hour in range(24)), "合計"]
    assert rows[-1][1:] == ["2", "1", "1", "0", "0", "3", "3", "4", ""]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    tags = json.loads(send(venue, "--dry-run").stdout)
    assert [tag["TagValue"] for tag in tags[1:]] == rows[-1][-3:-1]
    venue.configure(language="en")
    assert sheet_of(venue, "--date", "2018-05-31")[1][0][-3:] == ["in total", "out total", "inside"]


def test_a_day_that_is_not_over_ends_with_its_present_hour(sqlite_venue: Venue) -> None:
    """Today's hours so far; a day without rows, or to come, has totals of nothing."""
    hours = datetime.now().hour + 1  # noqa: DTZ005
    store(sqlite_venue, today(0))
    _, rows = sheet_of(sqlite_venue)
    assert len(rows) in (hours + 2, hours + 3)
    assert rows[-1] == ["合計", "1", "0", "1", "0", ""]
    assert len(sheet_of(sqlite_venue, "--date", "2018-05-31")[1]) == 26
    assert sheet_of(sqlite_venue, "--date", "2999-01-01")[1] == [
        ["2999-01-01", "進 合計", "出 合計", "場內"],
        ["合計", "0", "0", ""],
    ]


def test_several_days_for_excel(sqlite_venue: Venue, tmp_path: Path) -> None:
    """One after the other, into a file that no shell has converted; inside begins anew each day."""
    store(
        sqlite_venue,
        crossing("20180531101825"),
        crossing("20180601111825", 2),
        crossing("20180601111826", 3, 1),
    )
    file = tmp_path / "days.csv"
    done = sqlite_venue.run("callAPI.py", "--csv", str(file), "--date", "2018-05-31..2018-06-01")
    assert (done.returncode, done.stdout) == (0, f"寫好了：{file}\n")
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "2018-05-31..2018-06-01"
    assert [row for row in rows if row[1] and row[0] != rows[0][0]] == [
        ["2018-05-31 10:00", "1", "0", "1", "0", "1"],
        ["2018-06-01 11:00", "1", "1", "1", "1", "0"],
        ["合計", "2", "1", "2", "1", ""],
    ]
    done = sqlite_venue.run("callAPI.py", "--csv", str(tmp_path / "no" / "days.csv"))
    assert done.returncode == 2
    assert "寫不進去：找不到檔案或資料夾" in done.stderr


def test_inside_goes_on_over_midnight(sqlite_venue: Venue) -> None:
    """Where the venue is open then: who came in the evening is still inside in the first hours of the day."""
    sqlite_venue.configure(open_hours=("18:00", "02:00"))
    came = [crossing("20180531231825", number) for number in range(3)]
    store(sqlite_venue, *came, crossing("20180601001825", 1, 1), crossing("20180601191825", 9))
    _, rows = sheet_of(sqlite_venue, "--date", "2018-06-01")
    assert (rows[1], rows[20]) == (["00:00", "0", "1", "0", "1", "2"], ["19:00", "1", "0", "1", "0", "1"])


def test_the_sum_says_whose_rows_are_missing(sqlite_venue: Venue) -> None:
    """Beside the number, as on the screen."""
    store(sqlite_venue, today(0))
    with database_of(sqlite_venue) as database:
        cameras = Cameras(database)
        cameras.prepare()
        cameras.beat(Beat("北門", 2, "a.json", None, 0, 0, 0.1, True, False, "", "2", "pc"), stopped=True)
    assert sheet_of(sqlite_venue)[1][-1][0].startswith("合計 ⚠ 少 ")
    assert "北門" in sheet_of(sqlite_venue)[1][-1][0]


@pytest.mark.parametrize(
    "arguments",
    [
        "--history 0",
        "--history -1",
        "--history x",
        "--history --csv",
        "--csv --dry-run",
        "--dry-run --date 2018-05-31..2018-06-01",
        "--csv --date 2018-06-01..2018-05-31",
        "--csv --date 2010-01-01..2018-05-31",
    ],
)
def test_wrong_use_of_them_is_exit_2(sqlite_venue: Venue, arguments: str) -> None:
    """A number of reports is at least 1; one thing is printed at a time."""
    assert sqlite_venue.run("callAPI.py", *arguments.split()).returncode == 2


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("2018-06-01..2018-05-31", "--date A..B：B 不能比 A 早"),
        ("2010-01-01..2018-05-31", "--date A..B：一次最多 366 天"),
    ],
)
def test_a_range_that_is_none(sqlite_venue: Venue, days: str, said: str) -> None:
    """It is said what is wrong with it."""
    done = sqlite_venue.run("callAPI.py", "--csv", "--date", days)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(said)
