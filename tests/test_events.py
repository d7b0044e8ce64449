"""Telling what happened to whoever listens."""

import threading

import pytest

from visitorsflow.events import Began, Ended, Event, Events, Lasts, Passed, Rejected, Stored
from visitorsflow.journal import Journal
from visitorsflow.reasons import Reason, quoted
from visitorsflow.subjects import CAMERA, DATABASE, FILES, PROGRAM, REPORT_REFUSED, SILENCE

GONE = Began(DATABASE, quoted("gone"))


def test_to_each_listener_in_order() -> None:
    """Every listener hears every event, in the order in which they were told."""
    heard: list[tuple[str, Event]] = []
    events = Events()
    events.subscribe(lambda event: heard.append(("a", event)), lambda event: heard.append(("b", event)))
    events.tell(GONE, Passed())
    assert heard == [("a", GONE), ("b", GONE), ("a", Passed()), ("b", Passed())]


def test_a_listener_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, the others hear it all the same, and who tells never notices."""
    heard: list[Event] = []

    def fail(_event: Event) -> None:
        raise ZeroDivisionError

    events = Events()
    events.subscribe(fail, heard.append)
    events.tell(GONE)
    assert heard == [GONE]
    assert "a listener failed at Began(what=Subject(key='database'" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_one_event_at_a_time() -> None:
    """From however many threads they come, a listener is never called twice at once."""
    at_once, most = 0, 0

    def listen(_event: Event) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        threading.Event().wait(0.001)
        at_once -= 1

    events = Events()
    events.subscribe(listen)
    threads = [threading.Thread(target=events.tell, args=[Passed()] * 20) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_the_journal(caplog: pytest.LogCaptureFixture) -> None:
    """The lines that people read in the log, word for word."""
    caplog.set_level("INFO")
    journal = Journal("17")
    told: list[Event] = [
        GONE,
        Lasts(DATABASE, quoted("gone"), 30),
        Ended(DATABASE, 60, True, 3),
        Began(FILES, quoted("a.json can't be moved")),
        Began(PROGRAM, quoted("KeyError()")),
        Stored(1, 0, None),
        Rejected("bad.json", quoted("is empty")),
        Ended(SILENCE, 60, True, 0),
        Began(CAMERA, Reason("silent since", since="2018-11-03 11:58:30"), "18"),
        Ended(CAMERA, 90.4, told=False, caught_up=0, who="18"),
        Began(REPORT_REFUSED, quoted("HTTP 403")),
        Passed(),
    ]
    for event in told:
        journal(event)
    assert caplog.messages == [
        "trouble with the database: gone; files wait, trying again until it works",
        "the database works again",
        "trouble with the folder: a.json can't be moved; files wait, trying again until it works",
        "trouble with the program itself: KeyError(); files wait, trying again until it works",
        "stored 1 file, 0 crossings from camera 17",
        "rejected: bad.json is empty",
        "camera 18: no sign of life since 2018-11-03 11:58:30",
        "camera 18: over after 90 s",
        "report refused: HTTP 403",
    ]
