"""The watchdog outside hears of us once a minute; here more often, from a real server."""

import logging
import threading
import time

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.venue import wait_until
from visitorsflow.alerts.ping import Ping, Wellness
from visitorsflow.events import Began, Ended, Event, Lasts, Passed
from visitorsflow.subjects import CAPACITY, CLOCK_FAST, DATABASE, DISK, FILES, SILENCE, TELEGRAM


class Watchdog:
    """Answers as it is told to, and counts who asks."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/ping/secret")
        self.heard = 0
        self.response = Response("OK")
        server.expect_request("/ping/secret").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        assert request.method == "GET"
        self.heard += 1
        return self.response


@pytest.fixture
def watchdog(httpserver: HTTPServer) -> Watchdog:
    """One that is content."""
    return Watchdog(httpserver)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Of ours; the server of the test has some too."""
    return [record.message for record in caplog.records if record.name.startswith("visitorsflow")]


def wait_for(watchdog: Watchdog, more: int = 3) -> None:
    heard = watchdog.heard
    wait_until(lambda: watchdog.heard >= heard + more)


def test_a_get_while_all_is_well(watchdog: Watchdog, caplog: pytest.LogCaptureFixture) -> None:
    """Again and again; nothing to log."""
    caplog.set_level(logging.INFO, "visitorsflow")
    ping = Ping(watchdog.url, lambda: True, every=0.02)
    ping.start()
    wait_for(watchdog)
    ping.close()
    assert messages(caplog) == []


def test_silence_is_the_signal(watchdog: Watchdog) -> None:
    """Not well, no GET; well again, a GET."""
    is_well, asked = threading.Event(), threading.Semaphore(0)

    def well() -> bool:
        asked.release()
        return is_well.is_set()

    ping = Ping(watchdog.url, well, every=0.02)
    ping.start()
    for _ in range(5):
        assert asked.acquire(timeout=10)
    assert watchdog.heard == 0
    is_well.set()
    wait_for(watchdog)
    ping.close()


def test_it_waits_between_two(watchdog: Watchdog) -> None:
    """The first at once, the next after its time."""
    ping = Ping(watchdog.url, lambda: True, every=0.5)
    began = time.monotonic()
    ping.start()
    wait_until(lambda: watchdog.heard == 1)
    wait_until(lambda: watchdog.heard == 3)
    assert time.monotonic() - began >= 1
    ping.close()


def test_after_the_end_no_more(watchdog: Watchdog) -> None:
    """Also when it ends in the middle of a wait."""
    ping = Ping(watchdog.url, lambda: True)
    ping.start()
    wait_until(lambda: watchdog.heard == 1)
    ping.close()
    wait_until(lambda: "ping" not in [thread.name for thread in threading.enumerate()])
    assert watchdog.heard == 1


def test_a_failure_is_logged_once(watchdog: Watchdog, caplog: pytest.LogCaptureFixture) -> None:
    """And once that it works again; then the next failure."""
    caplog.set_level(logging.INFO, "visitorsflow")
    watchdog.response = Response("gone", status=404)
    ping = Ping(watchdog.url, lambda: True, every=0.02)
    ping.start()
    wait_for(watchdog)
    watchdog.response = Response("OK")
    wait_for(watchdog)
    watchdog.response = Response("no", status=500)
    wait_for(watchdog)
    ping.close()
    assert messages(caplog) == [
        "heartbeat_url can't be reached, trying every minute: HTTP 404",
        "heartbeat_url works again",
        "heartbeat_url can't be reached, trying every minute: HTTP 500",
    ]


@pytest.mark.parametrize(
    "place", ["/ping/secret", "ftp://127.0.0.1/", "http://.", "http://127.0.0.1:0/", "//"]
)
def test_redirects_to_nowhere_are_harmless(
    watchdog: Watchdog, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In a circle, and to what is no address."""
    watchdog.response = Response(status=302, headers={"Location": place})
    ping = Ping(watchdog.url, lambda: True, every=0.02)
    ping.start()
    wait_for(watchdog, 20)
    ping.close()
    (message,) = messages(caplog)
    assert message.startswith("heartbeat_url can't be reached, trying every minute: ")


def test_a_redirect_is_followed(httpserver: HTTPServer, watchdog: Watchdog) -> None:
    """As a browser would."""
    moved = Response(status=301, headers={"Location": watchdog.url})
    httpserver.expect_request("/old").respond_with_response(moved)
    ping = Ping(httpserver.url_for("/old"), lambda: True, every=0.02)
    ping.start()
    wait_for(watchdog)
    ping.close()


def test_an_answer_without_end_is_not_read(watchdog: Watchdog) -> None:
    """The next GET comes in time."""
    ended = threading.Event()

    def forever() -> object:
        while not ended.wait(0.01):
            yield b"x" * 100_000

    watchdog.response = Response(forever())  # type: ignore[arg-type]
    ping = Ping(watchdog.url, lambda: True, every=0.02)
    ping.start()
    wait_until(lambda: watchdog.heard >= 1)
    ping.close()
    wait_until(lambda: "ping" not in [thread.name for thread in threading.enumerate()])
    ended.set()


def test_nobody_is_there(caplog: pytest.LogCaptureFixture) -> None:
    """The reason is named, the secret in the address is not."""
    asked = threading.Semaphore(0)

    def well() -> bool:
        asked.release()
        return True

    ping = Ping("http://127.0.0.1:1/ping/secret", well, every=0.02)
    ping.start()
    for _ in range(3):
        assert asked.acquire(timeout=10)
    ping.close()
    (message,) = messages(caplog)
    assert "refused" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "begins",
    [
        Began(TELEGRAM),
        Began(DATABASE),
        Lasts(DISK, None, 30),
        Lasts(SILENCE, None, 60),
        Lasts(FILES, None, 30),
    ],
    ids=lambda event: event.what.key,
)
def test_it_is_silent_while_something_is_the_matter(begins: Began | Lasts) -> None:
    """An alert that can't go, or what an alert was worth: until it is over."""
    well = Wellness(lambda: 0.0)
    assert well.is_well()
    well(begins)
    well(Ended(CLOCK_FAST, 1, told=True, caught_up=0))
    assert not well.is_well()
    well(Ended(begins.what, 1, told=True, caught_up=0))
    assert well.is_well()


@pytest.mark.parametrize("event", [Began(SILENCE), Began(DISK), Lasts(CAPACITY, None, 0), Passed()], ids=str)
def test_what_does_not_make_it_silent(event: Event) -> None:
    """Not yet worth an alert, or the venue's: this PC is well."""
    well = Wellness(lambda: 0.0)
    well(event)
    assert well.is_well()


def test_it_is_silent_when_the_loop_hangs() -> None:
    """For a minute without a pass."""
    now = [0.0]
    well = Wellness(lambda: now[0])
    for now[0], passes, is_well in ((59.9, 0, True), (60, 0, False), (61, 1, True), (121, 0, False)):
        if passes:
            well(Passed())
        assert well.is_well() == is_well
