"""The page as strangers ask for it: names, tokens, methods, paths, connections that are held."""

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.api import store, today
from tests.venue import Venue, wait_until
from tests.web import Page, serving

pytestmark = pytest.mark.usefixtures("not_at_midnight")

TOKEN = "0123456789abcdef-_"
COOKIE = re.compile(
    r"visitorsflow=([0-9a-f]{64}); HttpOnly; Max-Age=\d+; Path=/; SameSite=lax", re.IGNORECASE
)
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
PATHS = ("/", "/fragment", "/state.json", "/metrics", "/day.csv", "/page.css", "/page.js", "/icon.svg")


@pytest.fixture
def page(sqlite_venue: Venue) -> Iterator[Page]:
    """The page of a venue with two people inside, known as visitors.example.org too."""
    store(sqlite_venue, today(0), today(0, 1), today(0, 2), today(1))
    sqlite_venue.configure(web_hosts=("visitors.example.org",), venue="花博")
    with serving(sqlite_venue) as page:
        wait_until(lambda: state(page)["database"] == "works")
        yield page


@pytest.fixture
def secret_page(sqlite_venue: Venue) -> Iterator[Page]:
    """A page that asks for a token."""
    store(sqlite_venue, today(0))
    sqlite_venue.configure(web_token=TOKEN)
    with serving(sqlite_venue) as page:
        yield page


def state(page: Page) -> dict[str, object]:
    known: dict[str, object] = json.loads(page.get("/state.json")[1])
    return known


def ask(page: Page, request: bytes) -> bytes:
    """Send these bytes, and read until the server has closed."""
    with socket.create_connection(("127.0.0.1", page.port), timeout=15) as link:
        link.sendall(request)
        answer = b""
        while part := link.recv(65536):
            answer += part
        return answer


# --- numbers ----------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_view(sqlite_venue: Venue, page: Page) -> None:
    """State, page and metrics say what --view --json says."""
    viewed = json.loads(sqlite_venue.run("uploadData.py", "--view", "--json").stdout)
    served = state(page)
    assert viewed.keys() == served.keys()
    names = ("inside", "came_in", "went_out", "hours", "database", "version", "capacity", "events")
    assert {name: viewed[name] for name in names} == {name: served[name] for name in names}
    assert (served["inside"], served["came_in"], served["went_out"]) == (2, 3, 1)
    assert "<h1>花博 " in page.get()[1]
    assert re.findall(r'class="value">(\d+)', page.get()[1]) == ["2", "3", "1"]
    metrics = page.get("/metrics")[1].splitlines()
    for name, number in (("people_inside", 2.0), ("people_in_today", 3.0), ("people_out_today", 1.0)):
        assert f"visitorsflow_{name} {number}" in metrics
    assert "visitorsflow_database_up 1.0" in metrics
    assert 'visitorsflow_camera_state{camera="17",state="stopped"} 1.0' in metrics
    for name in ("last_file_age_seconds", "alive_age_seconds", "files_waiting", "files_rejected_today"):
        assert any(line.startswith(f'visitorsflow_camera_{name}{{camera="17"}} ') for line in metrics)


def test_json_while_the_database_is_away(sqlite_venue: Venue) -> None:
    """It is an answer too, and says so; exit code 1."""
    done = sqlite_venue.run("uploadData.py", "--view", "--json")
    assert (done.returncode, json.loads(done.stdout)["database"]) == (1, "away")
    assert sqlite_venue.run("uploadData.py", "--view").returncode == 1


def test_the_page_while_the_database_is_away(sqlite_venue: Venue) -> None:
    """It is served all the same, says so, and makes no file; other days say that it does not answer."""
    with serving(sqlite_venue) as page:
        wait_until(lambda: state(page)["database"] == "away")
        assert "資料庫 連不上" in page.get()[1]
        metrics = page.get("/metrics")[1].splitlines()
        assert "visitorsflow_database_up 0.0" in metrics
        assert not any(line.startswith("visitorsflow_people") for line in metrics)
        assert page.get("/?day=2018-05-31")[0] == page.get("/day.csv")[0] == 503
        store(sqlite_venue, today(0))
        wait_until(lambda: state(page)["database"] == "works")
    assert not (sqlite_venue.home / "log" / "web.log").exists()


def test_a_part_that_has_not_changed_is_not_sent_again(page: Page) -> None:
    """304, with its age; another one is another ETag."""
    status, _, headers = page.get("/fragment")
    assert (status, headers["X-Old"]) == (200, None)
    status, text, again = page.get("/fragment", if_none_match=headers["ETag"])
    assert (status, text, again["ETag"]) == (304, "", headers["ETag"])
    assert 0 <= int(again["X-Age"]) <= 20
    assert page.get("/fragment?lang=en")[2]["ETag"] != headers["ETag"]


def test_csv_of_several_days(page: Page) -> None:
    """A row for each hour that has begun, the sum below; a month at most."""
    now = date.today()  # noqa: DTZ011
    before = now - timedelta(days=30)
    status, text, headers = page.get(f"/day.csv?day={before}&to={now}&lang=en")
    rows = [line.split(",") for line in text.splitlines()]
    named = f"{before}..{now}"
    assert (status, rows[0]) == (200, [named, "in 17", "out 17", "in total", "out total", "inside"])
    assert rows[1] == [f"{before} 00:00", "", "", "", "", ""]
    assert rows[-1][1:] == ["3", "1", "3", "1", ""]
    assert 30 * 24 < len(rows) - 2 <= 31 * 24
    assert headers["Content-Disposition"] == f'attachment; filename="visitorsflow-{before}_{now}.csv"'
    many = page.get(f"/day.csv?day={before - timedelta(days=1)}&to={now}&lang=en")
    assert many[:2] == (400, "31 days at most")
    wrong = page.get(f"/day.csv?day={now}&to={now - timedelta(days=1)}&lang=en")
    assert wrong[:2] == (400, "The last day is before the first one")


# --- who may ask ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("127.0.0.1", 200),
        ("localhost:{port}", 200),
        ("visitors.example.org", 200),
        ("Visitors.Example.Org:443", 200),
        ("evil.example.org", 421),
        ("127.0.0.1.evil.example.org", 421),
        ("127.0.0.2:{port}", 421),
        ("[::1]:{port}", 421),
        ("127.0.0.1:x", 421),
        ("127.0.0.1@evil", 421),
        ("", 421),
    ],
)
def test_the_name_that_they_ask_by(page: Page, host: str, status: int) -> None:
    """A page elsewhere that gives its own name our address learns nothing."""
    answer = page.get(Host=host.format(port=page.port))
    assert answer[0] == status
    assert ("VisitorsFlow" in answer[1]) == (status == 200)
    assert page.get("/state.json", Host=host.format(port=page.port))[0] == status


def test_no_name_and_two_names(page: Page) -> None:
    """Neither is one of ours."""
    assert ask(page, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 421")
    both = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nHost: evil.example.org\r\n\r\n"
    assert ask(page, both.encode()).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_only_looking(page: Page, method: str) -> None:
    """Whatever else is wanted is refused, on each path."""
    for path in (*PATHS, "/nowhere"):
        status, _, headers = page.get(path, method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_head(page: Page) -> None:
    """All headers, no body."""
    for path in PATHS:
        assert page.get(path, "HEAD")[:2] == (200, "")


def test_every_answer_is_safe_in_a_browser(page: Page) -> None:
    """Nothing may come from elsewhere, or be kept, or be guessed; also where we refuse."""
    for path, method, host in [(path, "GET", "localhost") for path in (*PATHS, "/nowhere", "/?day=x")] + [
        ("/", "POST", "localhost"),
        ("/", "GET", "evil.example.org"),
    ]:
        headers = page.get(path, method, Host=host)[2]
        assert {name: headers[name] for name in SAFE} == SAFE
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "*" not in policy


TRICKS = """
/../config.py /%2e%2e/config.py /..%2fconfig.py /page.css/../../config.py //etc/passwd /page.css/ /page.css%00
/visitorsflow/web/page.css /config.py /.git/config /fragment/ /static/page.css /% /\\..\\config.py
"""


@pytest.mark.parametrize("path", TRICKS.split())
def test_paths_that_are_tricks(page: Page, path: str) -> None:
    """No address is a path to a file."""
    answer = ask(page, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] in (b"404", b"400")
    assert b"camera" not in answer


@pytest.mark.parametrize(
    "day", ["x", "2018-02-30", "0001-01-01", "9999-12-31", "2018-5-31", "../..", "2018-05-31'--"]
)
def test_days_that_are_none(page: Page, day: str) -> None:
    """They are refused with what is wrong; nothing of them is shown again."""
    is_far = day in ("0001-01-01", "9999-12-31")
    for path in (f"/?day={day}", f"/day.csv?day={day}", f"/day.csv?day=2018-05-31&to={day}"):
        status, text, _ = page.get(path)
        assert status == 400
        assert text == ("日期要在 2000 年到 2999 年之間" if is_far else "日期看不懂：請寫成 2018-05-31")


def test_without_the_token(secret_page: Page) -> None:
    """Nobody sees anything: not with a wrong one, not with one of strange letters, nor part of it."""
    for path in (*PATHS, "/nowhere"):
        assert secret_page.get(path)[0] == 401
    for wrong in ("wrong", TOKEN[:-1], f"{TOKEN}x", "%F0%9F%94%91", "", "%00", TOKEN.upper()):
        status, text, headers = secret_page.get(f"/?token={wrong}")
        assert (status, headers["Set-Cookie"]) == (401, None)
        assert TOKEN not in text
    assert secret_page.get(cookie="visitorsflow=" + "0" * 64)[0] == 401
    assert secret_page.get(cookie=f"visitorsflow={TOKEN}")[0] == 401
    assert secret_page.get(authorization="Bearer wrong")[0] == 401
    assert secret_page.get(f"/state.json?token={TOKEN}")[0] == 401
    assert secret_page.get(f"/?token={TOKEN}", Host="evil.example.org")[0] == 421


def test_the_token_once(sqlite_venue: Venue, secret_page: Page) -> None:
    """It becomes a cookie that is not the token, leaves the address, and is written nowhere."""
    status, text, headers = secret_page.get(f"/?token={TOKEN}&lang=en")
    assert (status, text, headers["Location"]) == (303, "", "/?lang=en")
    for asked in (f"/?token={TOKEN}&wall", f"/?wall&token={TOKEN}"):
        assert secret_page.get(asked)[2]["Location"] == "/?wall="
    cookie = COOKIE.fullmatch(headers["Set-Cookie"])
    assert cookie
    for path in PATHS:
        assert secret_page.get(path, cookie=f"visitorsflow={cookie[1]}")[0] == 200
    assert secret_page.get("/metrics", authorization=f"Bearer {TOKEN}")[0] == 200
    assert TOKEN not in (sqlite_venue.home / "web.txt").read_text("utf-8")


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_other_addresses_need_a_token(sqlite_venue: Venue, address: str) -> None:
    """Else the start ends with 2 and proposes one, with which it then starts."""
    done = sqlite_venue.run("uploadData.py", "--web", address)
    assert done.returncode == 2
    proposed = re.search(r'web_token = "([\w-]{32})"', done.stderr)
    assert proposed
    sqlite_venue.configure(web_token=proposed[1])
    store(sqlite_venue, today(0))
    with serving(sqlite_venue, address) as page:
        assert page.get()[0] == 401
        assert page.get(authorization=f"Bearer {proposed[1]}")[0] == 200


@pytest.mark.parametrize(
    ("address", "code"), [("", 2), ("x", 2), ("127.0.0.1", 2), ("127.0.0.1:99999", 2), (":8080", 2)]
)
def test_addresses_that_are_none(sqlite_venue: Venue, address: str, code: int) -> None:
    """One line says how to write one."""
    done = sqlite_venue.run("uploadData.py", "--web", address)
    assert (done.returncode, done.stdout) == (code, "")
    assert address in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_in_use(sqlite_venue: Venue, page: Page) -> None:
    """It may be free later: exit code 1."""
    done = sqlite_venue.run("uploadData.py", "--web", f"127.0.0.1:{page.port}")
    assert done.returncode == 1
    assert str(page.port) in done.stderr


def test_web_goes_alone(sqlite_venue: Venue) -> None:
    """With no option that stores or shows otherwise."""
    for others in (
        ("--view",),
        ("--once",),
        ("--plain",),
        ("--check",),
        ("--demo",),
        ("Files",),
        ("--forget", "x"),
    ):
        assert sqlite_venue.run("uploadData.py", "--web", "127.0.0.1:0", *others).returncode == 2


# --- who holds it up --------------------------------------------------------------------------------


def is_closed(link: socket.socket) -> bool:
    try:
        return link.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_two_hundred_slow_clients(page: Page) -> None:
    """At most a hundred connections; whoever asks is answered at once; the slow are dropped in the end."""
    slow = [socket.create_connection(("127.0.0.1", page.port)) for _ in range(200)]
    try:
        for link in slow:
            link.send(b"GET / HTTP/1.1\r\nHost: local")
        wait_until(lambda: sum(map(is_closed, slow)) >= 100, seconds=5)
        for _ in range(5):
            began = time.monotonic()
            assert page.get()[0] == 200
            assert time.monotonic() - began < 2
        assert sum(map(is_closed, slow)) < 200
        wait_until(lambda: all(map(is_closed, slow)), seconds=15)
    finally:
        for link in slow:
            link.close()


def test_huge_headers(page: Page) -> None:
    """They are refused, and cost nothing that stays."""
    for request in (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 3_000_000,
        b"GET /?" + b"x" * 3_000_000,
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 500_000,
    ):
        try:
            answer = ask(page, request)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
        assert not answer or answer.startswith(b"HTTP/1.1 400")
    assert page.get()[0] == 200
    [line] = [x for x in Path(f"/proc/{page.process.pid}/status").read_text().splitlines() if "VmHWM" in x]
    assert int(line.split()[1]) < 300_000


def test_what_is_no_request(page: Page) -> None:
    """It is refused, and the next one is answered."""
    for request in (b"\x16\x03\x01\x02\x00", b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        assert ask(page, request)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 421")
    assert page.get()[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_within_two_seconds(sqlite_venue: Venue, number: int) -> None:
    """With connections that are held, too; see `serving`."""
    with serving(sqlite_venue, ended_by=number) as page:
        slow = [socket.create_connection(("127.0.0.1", page.port)) for _ in range(50)]
        for link in slow:
            link.send(b"GET / HTTP/1.1\r\n")
        assert page.get()[0] == 200
    assert page.process.returncode == 0
    for link in slow:
        link.close()


def test_it_writes_no_file(sqlite_venue: Venue) -> None:
    """No log, no database: the right SELECT is enough."""
    before = {path.name for path in sqlite_venue.home.iterdir()}
    with serving(sqlite_venue, fresh=True) as page:
        page.get()
    assert {path.name for path in sqlite_venue.home.iterdir()} - before == {"web.txt"}
    assert not subprocess.run(
        ["find", sqlite_venue.folder, "-type", "f"], capture_output=True, check=True
    ).stdout
