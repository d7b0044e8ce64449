"""Rows that come late: a past day that has changed since its report was accepted is reported again."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests import forks
from tests.api import Api, store, today
from tests.venue import Record, Venue, crossing, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Reports
from visitorsflow.facts import PastDay, PastDays, SentReport, Totals
from visitorsflow.report.late import differs, first_to_send, in_turn

pytestmark = pytest.mark.usefixtures("not_at_midnight")
MORNING = datetime(2018, 5, 31, 10, 18, 25)
SENT = SentReport(MORNING, MORNING.date(), 1, 3, 2, MORNING, MORNING, 200, True, "", "")
TOTALS = Totals(3, 2, MORNING, MORNING)
NO = '{"Desc":"失敗"}'
AT_LEISURE = "from visitorsflow.report import late as l; l.COUNT_SECONDS = 60"


def day_ago(days: int) -> date:
    return datetime.now().date() - timedelta(days=days)  # noqa: DTZ005


def row(days: int, second: int = 0, state: int = 0) -> Record:
    """A crossing of so many days ago."""
    return crossing(f"{day_ago(days):%Y%m%d}1018{second:02}", state=state)


@contextmanager
def reports_of(venue: Venue) -> Iterator[Reports]:
    database = Database(venue.settings())
    try:
        yield Reports(database)
    finally:
        database.close()


def accepted(venue: Venue, days: int, rows: int = 1, *, yes: bool = True) -> None:
    """Keep the report that was sent when the day had so many rows."""
    at = datetime.combine(day_ago(days), MORNING.time()).replace(second=0)
    last = at + timedelta(seconds=rows - 1)
    with reports_of(venue) as reports:
        reports.add(
            day_ago(days),
            rows,
            Totals(rows, 0, at, last),
            http_status=200,
            accepted=yes,
            reply="",
            partial="",
        )


def sent(api: Api) -> list[tuple[int, str]]:
    """Of each report that arrived: how many days old its day was, and how many came in. Forgets them."""
    found = []
    for request in api.requests:
        _, came_in, _ = json.loads(request.get_data())
        day = datetime.strptime(came_in["StartTime"], "%Y%m%d%H%M%S").date()  # noqa: DTZ007
        found.append(((day_ago(0) - day).days, came_in["TagValue"]))
    api.requests.clear()
    return found


def test_a_late_row_is_reported(venue: Venue, api: Api) -> None:
    """After today's report, once; so is a row that was deleted, and what has not changed is not sent."""
    venue.configure(api_url=api.url)
    store(venue, row(1), today(0))
    assert venue.run("callAPI.py", "--date", "yesterday").returncode == 0
    assert sent(api) == [(1, "1")]
    assert venue.run("callAPI.py").returncode == 0
    assert sent(api) == [(0, "1")]
    store(venue, row(1, 5), row(1, 9, state=1))
    assert venue.run("callAPI.py").returncode == 0
    assert sent(api) == [(0, "1"), (1, "2")]
    shown = venue.run("callAPI.py", "--history", "--date", "yesterday").stdout.splitlines()
    assert [line.split()[2:6] for line in shown[1:]] == [
        [f"{day_ago(1)}", *counts] for counts in ("121", "110")
    ]
    assert venue.run("callAPI.py").returncode == 0
    assert sent(api) == [(0, "1")]
    database = Database(venue.settings())
    database.transaction(lambda c: c.exec_driver_sql("DELETE FROM PeopleFlow WHERE state = 1"))
    database.close()
    assert venue.run("callAPI.py").returncode == 0
    assert sent(api) == [(0, "1"), (1, "2")]


def test_one_day_a_run_the_oldest_first(sqlite_venue: Venue, api: Api) -> None:
    """Of the last `report_days` days, also when today has no rows; not with --date, and not with 0 days."""
    for days in (1, 3, 7, 8):
        store(sqlite_venue, row(days), row(days, 1))
        accepted(sqlite_venue, days)
    sqlite_venue.configure(api_url=api.url, report_days=0)
    assert sqlite_venue.run("callAPI.py", first=AT_LEISURE).returncode == 0
    sqlite_venue.configure(api_url=api.url)
    for asked in ("today", "yesterday"):
        assert sqlite_venue.run("callAPI.py", "--date", asked).returncode == 0
    assert sent(api) == [(1, "2")]
    accepted(sqlite_venue, 1)
    for days in (7, 3, 1):
        assert sqlite_venue.run("callAPI.py", first=AT_LEISURE).returncode == 0
        assert sent(api) == [(days, "2")]
    assert sqlite_venue.run("callAPI.py", first=AT_LEISURE).returncode == 0
    assert sent(api) == []


def test_only_what_was_accepted_before(sqlite_venue: Venue, api: Api) -> None:
    """Old rows that were never reported, or only refused, are nobody's business; nor is an empty day."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, row(1), row(2), today(0))
    accepted(sqlite_venue, 2, rows=5, yes=False)
    accepted(sqlite_venue, 3, rows=5)
    assert sqlite_venue.run("callAPI.py", first=AT_LEISURE).returncode == 0
    assert sent(api) == [(0, "1")]


def test_a_refusal_of_a_past_day_changes_nothing(sqlite_venue: Venue, api: Api) -> None:
    """Today's was accepted: exit 0; the refusal is said and kept, and the next run sends another day."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0), *(row(days, second) for days in (2, 4) for second in (0, 1)))
    accepted(sqlite_venue, 2)
    accepted(sqlite_venue, 4)
    api.answers = [Response("OK"), Response(NO)]
    done = sqlite_venue.run("callAPI.py", first=AT_LEISURE)
    assert (done.returncode, sent(api)) == (0, [(0, "1"), (4, "2")])
    assert "WARNING a day before today was not reported again: HTTP 200: " in done.stderr
    with reports_of(sqlite_venue) as reports:
        assert [(one.day, one.accepted) for one in reports.newest(2) or []] == [
            (day_ago(4), False), (day_ago(0), True),
        ]  # fmt: skip
    assert [sqlite_venue.run("callAPI.py", first=AT_LEISURE).returncode for _ in range(2)] == [0, 0]
    assert sent(api) == [(0, "1"), (2, "2"), (0, "1"), (4, "2")]


def test_todays_refusal_comes_first(sqlite_venue: Venue, api: Api) -> None:
    """Exit 1, and no past day is sent to an API that refuses."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0), row(1), row(1, 1))
    accepted(sqlite_venue, 1)
    api.answers = [Response(NO)]
    assert (sqlite_venue.run("callAPI.py").returncode, sent(api)) == (1, [(0, "1")])


def test_a_table_of_reports_that_can_not_be_read(sqlite_venue: Venue, api: Api) -> None:
    """Today's report is sent, exit 0, and one line says that past days are not compared."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    database = Database(sqlite_venue.settings())
    database.transaction(lambda c: c.exec_driver_sql("DROP TABLE IF EXISTS PeopleFlowReport"))
    database.transaction(lambda c: c.exec_driver_sql("CREATE TABLE PeopleFlowReport (id INT)"))
    database.close()
    done = sqlite_venue.run("callAPI.py")
    assert (done.returncode, sent(api)) == (0, [(0, "1")])
    assert "WARNING a day before today was not reported again: " in done.stderr.splitlines()[-1]


@contextmanager
def hanging_for_the_past(server: HTTPServer) -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """The URL of an API that takes today's report and hangs with others; was it asked, and let it go on."""
    asked, over = threading.Event(), threading.Event()

    def answer(request: Request) -> Response:
        if f"{day_ago(0):%Y%m%d}" not in request.get_data().decode():
            asked.set()
            over.wait(20)
        return Response("OK")

    server.expect_request("/hangs").respond_with_handler(answer)
    try:
        yield server.url_for("/hangs"), asked, over
    finally:
        over.set()


def test_an_api_that_hangs_for_a_past_day(sqlite_venue: Venue, httpserver: HTTPServer) -> None:
    """Neither its time limit nor who stops the run makes a failure of today's report."""
    store(sqlite_venue, today(0), row(1), row(1, 1))
    accepted(sqlite_venue, 1)
    with hanging_for_the_past(httpserver) as (url, asked, over):
        sqlite_venue.configure(api_url=url)
        done = sqlite_venue.run(
            "callAPI.py", first="from visitorsflow.report import late as l; l.POST_SECONDS = 0.5"
        )
        assert done.returncode == 0, done.stderr
        assert "not reported again: the API did not finish its answer within 0.5 s" in done.stderr
        asked.clear()
        over.set()
        over.clear()
        command = sqlite_venue.command("callAPI.py")
        with forks.start(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
            wait_until(asked.is_set)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=20)
    assert (process.returncode, "not reported again: stopped" in said) == (0, True), said


def test_a_run_that_took_long_leaves_it_to_the_next(sqlite_venue: Venue, api: Api) -> None:
    """The whole run has a time limit, which today's report may have nearly used up."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0), row(1), row(1, 1))
    accepted(sqlite_venue, 1)
    done = sqlite_venue.run(
        "callAPI.py", first="from visitorsflow.report import late as l; l.START_SECONDS = 0"
    )
    assert (done.returncode, sent(api)) == (0, [(0, "1")])
    assert "this run took long: the next one compares" in done.stderr


def test_where_counting_takes_long_each_run_counts_another_day(sqlite_venue: Venue, api: Api) -> None:
    """A day that has not changed does not keep the others from being counted: each is, within seven runs."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0), *(row(days) for days in range(1, 8)), row(3, 1))
    for days in range(1, 8):
        accepted(sqlite_venue, days)
    slow = "from visitorsflow.report import late as l; l.COUNT_SECONDS = 0"
    assert all(sqlite_venue.run("callAPI.py", first=slow).returncode == 0 for _ in range(7))
    assert sorted(sent(api)) == [(0, "1")] * 7 + [(3, "2")]


def test_the_last_that_was_accepted_of_each_day(venue: Venue) -> None:
    """With the number of the last refusal, and how many reports today had; other days are left out."""
    with reports_of(venue) as reports:
        assert reports.past_days(day_ago(7), day_ago(0)) == PastDays((), 0)
        for days, rows, yes in (
            (8, 1, True), (7, 2, True), (7, 3, True), (2, 4, False), (7, 5, False), (1, 6, False),
            (1, 7, True), (0, 8, True), (0, 9, False),
        ):  # fmt: skip
            accepted(venue, days, rows, yes=yes)
        past = reports.past_days(day_ago(7), day_ago(0))
    assert [(one.accepted.day, one.accepted.came_in, one.refused) for one in past.days] == [
        (day_ago(7), 3, 5), (day_ago(1), 7, 6),
    ]  # fmt: skip
    assert past.reports_of_today == 2


@pytest.mark.parametrize(
    "totals",
    [
        TOTALS._replace(came_in=4, went_out=3),
        TOTALS._replace(went_out=3),
        TOTALS._replace(first=MORNING - timedelta(seconds=1)),
        TOTALS._replace(last=MORNING + timedelta(seconds=1)),
    ],
)
def test_whatever_would_be_sent_counts(totals: Totals) -> None:
    """In, out, and the first and the last time; a day without rows can't be reported."""
    assert differs(totals, SENT)
    assert not differs(TOTALS, SENT)
    assert differs(TOTALS, SENT._replace(inside=0))
    assert not differs(Totals(0, 0, None, None), SENT)


def test_turns() -> None:
    """Each turn begins with the next day; who was refused last goes last, and else the oldest goes first."""
    days = [
        PastDay(SENT._replace(day=date(2018, 5, day)), refused) for day, refused in ((1, 9), (2, 0), (3, 0))
    ]
    assert list(in_turn(days, 0)) == days
    assert list(in_turn(days, 4)) == [days[1], days[2], days[0]]
    assert list(in_turn([], 4)) == []
    assert first_to_send([(day, TOTALS) for day in reversed(days)]) == (days[1], TOTALS)
