"""callAPI.py as a process, against a real HTTP server on loopback."""

import contextlib
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from filelock import FileLock
from werkzeug import Response

from tests import forks
from tests.api import Api, store, today
from tests.venue import Venue, crossing, wait_until

pytestmark = pytest.mark.usefixtures("not_at_midnight")


def test_todays_totals_are_sent(venue: Venue, api: Api) -> None:
    """Three tags as the API documents them; the reply has a byte order mark, and means yes."""
    venue.configure(api_url=api.url, ssid="SS-1")
    store(venue, today(0), today(0), today(1), today(7), crossing("20180531101825"))
    done = venue.run("callAPI.py")
    assert done.returncode == 0, done.stderr
    assert 'accepted: HTTP 200: {"Desc":"成功"}' in done.stderr
    [request] = api.requests
    assert request.method == "POST"
    assert request.content_type == "application/json; charset=utf-8"
    tags = json.loads(request.get_data())
    assert [(t["SSID"], t["TagType"], t["TagID"], t["TagValue"]) for t in tags] == [
        ("SS-1", "Count", "901", "1"),
        ("SS-1", "CountAccuIn", "902", "2"),
        ("SS-1", "CountAccuOut", "903", "1"),
    ]


def test_another_day_as_a_whole(venue: Venue, api: Api) -> None:
    """--date with a date, and yesterday; --dry-run prints the same body and sends nothing."""
    venue.configure(api_url=api.url)
    yesterday = f"{datetime.now() - timedelta(days=1):%Y%m%d}"  # noqa: DTZ005
    store(venue, crossing(f"{yesterday}000000"), crossing(f"{yesterday}235959", state=1), today(0))
    done = venue.run("callAPI.py", "--date", "yesterday")
    assert done.returncode == 0
    body = api.requests[0].get_data().decode()
    assert f'"StartTime":"{yesterday}000000","EndTime":"{yesterday}235959"' in body
    for day in ("yesterday", f"{yesterday[:4]}-{yesterday[4:6]}-{yesterday[6:]}"):
        assert venue.run("callAPI.py", "--dry-run", "--date", day).stdout == body + "\n"
    assert len(api.requests) == 1


def test_no_rows_yet(venue: Venue, api: Api) -> None:
    """Said, nothing sent, exit 0."""
    venue.configure(api_url=api.url)
    done = venue.run("callAPI.py")
    assert (done.returncode, api.requests) == (0, [])
    assert "nothing to send" in done.stderr


def test_rows_ahead_of_now_are_said(venue: Venue, api: Api) -> None:
    """A PC in another zone than its cameras leaves rows out: it says so, and what to set."""
    venue.configure(api_url=api.url)
    now = datetime.now(ZoneInfo("Asia/Taipei"))
    store(venue, *(crossing(f"{now:%Y%m%d%H%M%S}", state=state) for state in (0, 1, 7)))
    done = venue.run("callAPI.py", env={**os.environ, "TZ": "UTC0"})
    assert (done.returncode, api.requests) == (0, [])
    warning, nothing = done.stderr.splitlines()[-2:]
    assert f"WARNING 3 rows ahead of now ({datetime.now(ZoneInfo('UTC')):%Y-%m-%d}" in warning
    assert f"until {now:%Y-%m-%d %H:%M:%S}, not counted yet: set `timezone` in config.py" in warning
    assert "nothing to send" in nothing
    venue.configure(api_url=api.url, timezone="Asia/Taipei")
    assert "ahead of now" not in venue.run("callAPI.py", env={**os.environ, "TZ": "UTC0"}).stderr


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_api_is_tried_again(sqlite_venue: Venue, api: Api, status: int) -> None:
    """With what it asks to wait, and the same body."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    api.answers = [Response("later", status, {"Retry-After": "0"})] * 2
    assert sqlite_venue.run("callAPI.py").returncode == 0
    assert len({request.get_data() for request in api.requests}) == 1
    assert len(api.requests) == 3


def test_a_wait_that_is_none_does_not_end_the_tries(sqlite_venue: Venue, api: Api) -> None:
    """Retry-After with a word, below 0, in parts, in the past, or beyond all times: tried again as usual."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    waits = [
        "soon",
        "-5",
        "0.5",
        "Mon, 01 Jan 2001 00:00:00 GMT",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "9" * 5000,
    ]
    api.answers = [Response("later", 503, {"Retry-After": wait}) for wait in waits]
    first = "from visitorsflow.report import api as a; a.RETRIES, a.LONGEST_WAIT_SECONDS = 9, 0"
    done = sqlite_venue.run("callAPI.py", first=first)
    assert (done.returncode, len(api.requests)) == (0, len(waits) + 1), done.stderr


@pytest.mark.parametrize(
    ("answer", "said", "tries"),
    [
        (
            Response("<html><form>login"),
            "neither JSON nor one of api_success: 成功, OK; is api_url right?",
            1,
        ),
        (Response('{"Desc":"失'), "begins like JSON and is none: was it cut?", 1),
        (Response('{"Desc":"失敗"}'.encode("big5")), 'HTTP 200: {"Desc":"失敗"} (Desc is none', 1),
        (
            Response(b"{}", headers={"Content-Encoding": "br"}),
            "a reply that can't be unpacked (br: not asked",
            1,
        ),
        (
            Response(gzip.compress(b"x" * 10**6), headers={"Content-Encoding": "gzip"}),
            "HTTP 200, with a reply of more than 64 KB",
            1,
        ),
        (Response('{"Desc":"失敗"}'), "Desc is none of api_success: 成功, OK", 1),
        (Response("", 403), "HTTP 403 (has the authority unlocked the IP address of this machine?)", 1),
        (Response("", 500), "HTTP 500", 1),
        (Response("", 307, {"Location": "https://elsewhere.example/"}), "redirects to https://elsewhere", 1),
        (Response("", 503, {"Retry-After": "0"}), "HTTP 503", 4),
    ],
)
def test_a_refusal_is_exit_1(sqlite_venue: Venue, api: Api, answer: Response, said: str, tries: int) -> None:
    """One line says why; a redirect is not followed; a failure that may pass was tried four times."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    api.answers = [answer] * tries
    done = sqlite_venue.run("callAPI.py")
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert len(api.requests) == tries


@pytest.mark.parametrize("packed", [False, True])
def test_a_yes_in_other_clothes(sqlite_venue: Venue, api: Api, packed: bool) -> None:
    """In Big5 or packed with gzip it is the same yes, and is shown as such."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    yes = '{"Desc":"成功"}'
    api.answers = [
        Response(gzip.compress(yes.encode()), headers={"Content-Encoding": "gzip"})
        if packed
        else Response(yes.encode("big5"), content_type="text/html; charset=big5")
    ]
    done = sqlite_venue.run("callAPI.py")
    assert (done.returncode, f"accepted: HTTP 200: {yes}" in done.stderr) == (0, True), done.stderr


HEAD = b"HTTP/1.1 200 OK\r\n"
QUICK = "from visitorsflow.report import api as a; a.ANSWER_SECONDS, a.POST_SECONDS, a.RETRIES = 2, 3, 0"


@pytest.mark.parametrize(
    ("sends", "said"),
    [
        ([], "Read timed out"),
        ([b"H", b"T", b"T"] * 20, "did not finish its answer within 3 s"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"] * 60, "did not finish its answer within 3 s"),
        ([HEAD + b"Content-Length: 99\r\n\r\n{"], "Read timed out"),
        ([HEAD + b"\r\n", *[b" "] * 60], "did not finish its answer within 3 s"),
        ([HEAD + b"Content-Length: 99\r\n\r\n{", None], "Connection broken"),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", None], "Connection broken|chunk"),
        ([HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", None], "gzip"),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"OK")[:-9], None], "was cut .gzip"),
        ([None], "Connection aborted|RemoteDisconnected|closed connection"),
        ([b"SSH-2.0-OpenSSH\r\n", None], "BadStatusLine|Connection aborted"),
    ],
    ids=[
        "says nothing", "drips its header", "continues for ever", "stops in its body", "drips its body",
        "ends too early", "bad chunk", "bad gzip", "cut gzip", "hangs up", "is another server",
    ],
)  # fmt: skip
def test_an_api_that_misbehaves(sqlite_venue: Venue, sends: list[bytes | None], said: str) -> None:
    """Whatever it does, the run ends in time with exit 1 and one line, and the lock is free again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sqlite_venue.configure(api_url=f"http://127.0.0.1:{server.getsockname()[1]}/")
        store(sqlite_venue, today(0))
        ended = threading.Event()

        def answer() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                while (got := connection.recv(65536)) and not got.endswith(b"]"):
                    pass  # what is left unread would reset the connection
                for part in sends:
                    if part is None:
                        return
                    connection.sendall(part)
                    ended.wait(0.2)
                ended.wait(20)

        thread = threading.Thread(target=answer)
        thread.start()
        done = sqlite_venue.run("callAPI.py", first=QUICK)
        ended.set()
        thread.join()
    assert done.returncode == 1
    assert re.search(said, done.stderr.splitlines()[-1])
    assert "Traceback" not in done.stderr
    FileLock(sqlite_venue.home / "log" / "callAPI.lock").acquire(timeout=0)


def test_a_reply_without_end_is_read_only_so_far(sqlite_venue: Venue, api: Api) -> None:
    """10 GB of reply: that is no reply to a report, and is not fetched."""
    sqlite_venue.configure(api_url=api.url)
    store(sqlite_venue, today(0))
    api.answers = [Response((b"x" * 2**20 for _ in range(10_000)), 200)]
    done = sqlite_venue.run("callAPI.py")
    assert done.returncode == 1
    assert "HTTP 200, with a reply of more than 64 KB" in done.stderr


def test_a_machine_whose_certificates_are_missing(sqlite_venue: Venue, api: Api) -> None:
    """The reason is said at once, and it is the right one."""
    sqlite_venue.configure(api_url=api.url.replace("http:", "https:"))
    store(sqlite_venue, today(0))
    environment = {**os.environ, "REQUESTS_CA_BUNDLE": "/nonexistent.pem"}
    done = sqlite_venue.run("callAPI.py", env=environment)
    assert done.returncode == 1
    assert "/nonexistent.pem" in done.stderr.splitlines()[-1]


def test_what_must_be_fixed_stands_in_the_log(sqlite_venue: Venue) -> None:
    """cron throws away what is printed: wrong settings are in the log too."""
    log = sqlite_venue.home / "log" / "callAPI.log"
    sqlite_venue.run("callAPI.py")
    assert "ERROR   api_url is not set" in log.read_text("utf-8")
    (sqlite_venue.home / "config.py").write_text("idle_secs = 3")
    assert sqlite_venue.run("callAPI.py").returncode == 2
    assert "unknown setting idle_secs; did you mean idle_seconds?" in log.read_text("utf-8")


def test_an_api_that_is_not_there(sqlite_venue: Venue) -> None:
    """Exit 1 and one line."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        sqlite_venue.configure(api_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        store(sqlite_venue, today(0))
        done = sqlite_venue.run("callAPI.py")
    assert done.returncode == 1
    assert "the API can't be reached: " in done.stderr
    assert "Connection refused" in done.stderr.splitlines()[-1]


def test_a_stopped_run_says_that_nothing_is_confirmed(sqlite_venue: Venue) -> None:
    """SIGTERM while the API hangs: exit 1, one line, and the lock is free."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sqlite_venue.configure(api_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        store(sqlite_venue, today(0))
        command = sqlite_venue.command("callAPI.py")
        with forks.start(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=10)
            connection.close()
    assert process.returncode == 1
    assert said.splitlines()[-1].endswith("stopped; nothing confirms that the report has arrived")
    FileLock(sqlite_venue.home / "log" / "callAPI.lock").acquire(timeout=0)


def test_wrong_use_is_exit_2(sqlite_venue: Venue) -> None:
    """Without api_url nothing can be sent; a date must be one."""
    done = sqlite_venue.run("callAPI.py")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "callAPI: config.py 沒有設定 api_url（加上 --dry-run 就不需要）",
    )
    sqlite_venue.configure(language="en")
    assert sqlite_venue.run("callAPI.py").stderr.splitlines() == [
        "callAPI: api_url is not set in config.py (--dry-run works without)"
    ]
    for wrong in ("2018-02-31", "9999-12-31", "tomorrow", "2026-W05-1", "20260105", "2026-1-5"):
        assert sqlite_venue.run("callAPI.py", "--date", wrong).returncode == 2
    assert sqlite_venue.run("callAPI.py", "--version").stdout == "VisitorsFlow 2.0.0\n"


def test_a_database_that_is_away_is_exit_1(sqlite_venue: Venue, api: Api) -> None:
    """One line, nothing sent, and cron tries again in five minutes."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        sqlite_venue.configure(api_url=api.url, host="127.0.0.1", port=port, user="u", db="d")
        done = sqlite_venue.run("callAPI.py")
    assert (done.returncode, api.requests) == (1, [])
    assert "Connection refused" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(150)
def test_it_reads_while_uploads_are_stored(venue: Venue) -> None:
    """The two scripts share the database at the same time."""
    with venue.uploading():
        for second in range(20):
            venue.drop(f"201805311019{second:02}.json", [crossing(f"201805311018{second:02}")])
            assert venue.run("callAPI.py", "--dry-run", "--date", "2018-05-31").returncode == 0
        wait_until(lambda: not venue.waiting())
    assert '"TagValue":"20"' in venue.run("callAPI.py", "--dry-run", "--date", "2018-05-31").stdout
