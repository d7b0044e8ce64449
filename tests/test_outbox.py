"""The outbox: what happens to a message that arrives, that must wait, and that never will arrive."""

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import pytest

from tests.venue import wait_until
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.events import TELEGRAM, Began, Ended, Event
from visitorsflow.facts import Message, Status
from visitorsflow.reasons import quoted


class Try(NamedTuple):
    message: Message
    at: float


class Postman:
    """Delivers, or raises what the test has put before it, one error a try."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries: list[Try] = []
        self.arrived: list[str] = []
        self.release = threading.Event()
        self.release.set()

    def __call__(self, message: Message) -> None:
        self.release.wait(20)
        self.tries.append(Try(message, time.monotonic()))
        if self.errors:
            raise self.errors.pop(0)
        self.arrived.append(message.text)

    def tried(self) -> list[str]:
        return [made.message.text for made in self.tries]

    def waits(self) -> list[float]:
        return [after.at - before.at for before, after in zip(self.tries, self.tries[1:], strict=False)]


def outbox_of(postman: Postman) -> Outbox:
    outbox = Outbox(postman, lambda: None, lambda status: None)
    outbox.start()
    return outbox


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits that nobody asked for are short."""
    monkeypatch.setattr("visitorsflow.alerts.outbox.LONGEST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr("visitorsflow.alerts.outbox.REFUSED_RETRY_SECONDS", 0.01)
    monkeypatch.setattr("visitorsflow.alerts.outbox.LONGEST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr("visitorsflow.alerts.outbox.EVERY_SECONDS", 0)


@pytest.mark.usefixtures("in_a_hurry")
def test_messages_arrive_in_order_after_failures() -> None:
    """Tried again until it arrives, always with the same random_id; the ones behind it wait."""
    postman = Postman(*[ChannelAway("away")] * 5)
    outbox = outbox_of(postman)
    for text in "abc":
        outbox.put(text)
    wait_until(lambda: postman.arrived == ["a", "b", "c"])
    assert postman.tried() == ["a"] * 6 + ["b", "c"]
    assert len({made.message.random_id for made in postman.tries}) == 3
    outbox.close(5)


def test_a_refused_message_does_not_hold_the_next(caplog: pytest.LogCaptureFixture) -> None:
    """It is tried once, and the log keeps its text and the reason; the next one goes on at once."""
    postman = Postman(MessageRefused("too long"))
    outbox = outbox_of(postman)
    for text in "ab":
        outbox.put(text)
    outbox.close(20)
    assert postman.tried() == ["a", "b"]
    assert postman.arrived == ["b"]
    assert caplog.messages == ["not delivered to Telegram: a (too long)"]
    assert caplog.records[0].levelname == "WARNING"


def test_when_every_message_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Each stands in the log with its text."""
    postman = Postman(*[MessageRefused("unknown")] * 3)
    outbox = outbox_of(postman)
    for text in "abc":
        outbox.put(text)
    outbox.close(20)
    assert caplog.messages == [f"not delivered to Telegram: {text} (unknown)" for text in "abc"]


@pytest.mark.usefixtures("in_a_hurry")
def test_a_message_may_wait_first_and_be_refused_then(caplog: pytest.LogCaptureFixture) -> None:
    """The waiting is over with it."""
    postman = Postman(ChannelAway("away"), MessageRefused("too long"), ChannelAway("away"))
    outbox = outbox_of(postman)
    for text in "ab":
        outbox.put(text)
    wait_until(lambda: postman.arrived == ["b"])
    assert postman.tried() == ["a", "a", "b", "b"]
    assert caplog.messages == [
        "alerts wait: away",
        "not delivered to Telegram: a (too long)",
        "alerts wait: away",
    ]
    outbox.close(5)


@pytest.mark.usefixtures("in_a_hurry")
def test_what_telegram_asks_for_is_waited_for() -> None:
    """No further try before a flood wait is over, also when more messages come."""
    postman = Postman(ChannelAway("flood", retry_after=0.5))
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: postman.tries)
    outbox.put("b")
    wait_until(lambda: postman.arrived == ["a", "b"])
    assert postman.tried() == ["a", "a", "b"]
    assert postman.waits()[0] >= 0.5
    outbox.close(5)


def test_the_waits_grow() -> None:
    """A second first, then twice as long; after a success a second again."""
    away = ChannelAway("away")
    postman = Postman(away, away)
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: postman.arrived == ["a"])
    postman.errors.append(away)
    outbox.put("b")
    wait_until(lambda: postman.arrived == ["a", "b"])
    first, second, _, again = postman.waits()
    assert first >= 1
    assert second >= 2
    assert 1 <= again < 2
    outbox.close(5)


def test_a_person_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed out, or the recipient wrong: the messages wait for minutes, none is lost."""
    monkeypatch.setattr("visitorsflow.alerts.outbox.LONGEST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr("visitorsflow.alerts.outbox.EVERY_SECONDS", 0.01)
    monkeypatch.setattr("visitorsflow.alerts.outbox.REFUSED_RETRY_SECONDS", 0.5)
    postman = Postman(ChannelBlocked("not signed in"))
    outbox = outbox_of(postman)
    for text in "ab":
        outbox.put(text)
    wait_until(lambda: postman.arrived == ["a", "b"])
    assert postman.waits()[0] >= 0.5
    outbox.close(5)


@pytest.mark.usefixtures("in_a_hurry")
def test_the_first_message_waits_for_what_the_check_was_told() -> None:
    """A flood wait that comes at the start holds for the first message too."""
    postman = Postman()
    checked = []

    def check() -> None:
        checked.append(time.monotonic())
        raise ChannelAway("flood", retry_after=0.5)

    outbox = Outbox(postman, check, lambda status: None)
    outbox.put("a")
    outbox.start()
    wait_until(lambda: postman.arrived == ["a"])
    assert postman.tries[0].at - checked[0] >= 0.5
    outbox.close(5)


def test_putting_never_waits(caplog: pytest.LogCaptureFixture) -> None:
    """However long a delivery hangs, and it is said at the end what was not delivered."""
    postman = Postman()
    postman.release.clear()
    outbox = outbox_of(postman)
    for number in range(100):
        outbox.put(str(number))
    outbox.close(0.05)
    assert caplog.messages == [f"not delivered to Telegram: {number}" for number in range(100)]
    postman.release.set()


@pytest.mark.usefixtures("in_a_hurry")
def test_a_trouble_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Not once a try; and when it is over, that is said too."""
    caplog.set_level("INFO")
    postman = Postman(*[ChannelBlocked("not signed in")] * 3, *[ChannelAway("away")] * 3, ValueError("bug"))
    outbox = outbox_of(postman)
    for text in "ab":
        outbox.put(text)
    outbox.close(20)
    assert postman.arrived == ["a", "b"]
    assert caplog.messages == [
        "alerts wait: not signed in",
        "alerts wait: away",
        "delivering an alert failed",
        "alerts wait: bug",
        "Telegram works again",
    ]


def test_the_sign_in_is_checked_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """A machine that is signed out is known at once, not at the first alert."""

    def check() -> None:
        raise ChannelBlocked("signed out")

    Outbox(Postman(), check, lambda status: None).start()
    wait_until(lambda: caplog.messages == ["alerts wait: signed out"])


def test_closing_delivers_what_waits() -> None:
    """With --once an alert of the last moment still goes out."""
    postman = Postman()
    outbox = outbox_of(postman)
    for number in range(10):
        outbox.put(str(number))
    outbox.close(10)
    assert postman.arrived == [str(number) for number in range(10)]


def test_closing_makes_a_last_try() -> None:
    """Telegram may be back by now: the end does not wait until the next try is due."""
    postman = Postman(*[ChannelAway("away")] * 3)
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: len(postman.tries) == 3)
    outbox.close(2)
    assert postman.arrived == ["a"]
    assert postman.waits()[2] < 2, "the next try was due after 4 s"


def test_closing_makes_one_last_try(caplog: pytest.LogCaptureFixture) -> None:
    """When it fails too, no more tries are made than otherwise."""
    postman = Postman(*[ChannelAway("away")] * 100)
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: len(postman.tries) == 2)
    outbox.close(0.5)
    assert len(postman.tries) <= 3
    assert caplog.messages == ["alerts wait: away", "not delivered to Telegram: a"]


@pytest.mark.usefixtures("in_a_hurry")
@pytest.mark.parametrize("error", [ChannelAway("flood", retry_after=600), ChannelBlocked("signed out")])
def test_closing_does_not_cut_short_what_was_asked_for(
    error: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try before the end of a flood wait, or before a person has acted, would be of no use."""
    monkeypatch.setattr("visitorsflow.alerts.outbox.REFUSED_RETRY_SECONDS", 600)
    postman = Postman(error)
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: postman.tries)
    outbox.close(0.5)
    assert postman.tried() == ["a"]
    assert caplog.messages == [f"alerts wait: {error}", "not delivered to Telegram: a"]


DAY = date(2018, 11, 3)


class Board:
    """Shows the status, or raises what the test has put before it, one error a try."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries: list[Status] = []

    def __call__(self, status: Status) -> None:
        self.tries.append(status)
        if self.errors:
            raise self.errors.pop(0)

    def tried(self) -> list[str]:
        return [status.text for status in self.tries]


def test_a_picture_goes_the_way_of_a_text() -> None:
    """In order with the others, tried again, and not delivered means that its caption is logged."""
    postman = Postman()
    outbox = outbox_of(postman)
    outbox.put("before")
    outbox.put_picture(b"png", "caption")
    outbox.put("after")
    outbox.close(10)
    assert [(made.message.text, made.message.picture) for made in postman.tries] == [
        ("before", None),
        ("caption", b"png"),
        ("after", None),
    ]
    assert len({made.message.random_id for made in postman.tries}) == 3


def test_a_picture_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """It is dropped, its caption stands in the log, the next one goes on."""
    postman = Postman(MessageRefused("no image"))
    outbox = outbox_of(postman)
    outbox.put_picture(b"png", "caption")
    outbox.put("after")
    outbox.close(10)
    assert postman.arrived == ["after"]
    assert caplog.messages == ["not delivered to Telegram: caption (no image)"]


@pytest.mark.usefixtures("in_a_hurry")
def test_who_put_it_hears_that_it_arrived() -> None:
    """Once, after the delivery and not before; never for one that is refused."""
    postman = Postman(ChannelAway("away"), MessageRefused("too long"))
    outbox = outbox_of(postman)
    heard: list[tuple[str, int]] = []
    for text in "ab":
        outbox.put(text, lambda text=text: heard.append((text, len(postman.arrived))))  # type: ignore[misc]
    outbox.put_picture(b"png", "c", lambda: heard.append(("c", len(postman.arrived))))
    outbox.close(10)
    assert postman.tried() == ["a", "a", "b", "c"]
    assert heard == [("b", 1), ("c", 2)]


def test_what_follows_a_delivery_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    """The message has arrived: it is not delivered again."""
    postman = Postman()
    outbox = outbox_of(postman)

    def fail() -> None:
        raise ValueError("bug")

    outbox.put("a", fail)
    outbox.put("b")
    outbox.close(10)
    assert postman.tried() == ["a", "b"]
    assert caplog.messages == ["what was to follow a delivery failed"]


def with_board(postman: Postman, board: Board, check: Callable[[], None] = lambda: None) -> Outbox:
    outbox = Outbox(postman, check, board)
    outbox.start()
    return outbox


def test_the_newest_status_is_shown() -> None:
    """Those that came while alerts waited are never shown."""
    postman, board = Postman(), Board()
    outbox = with_board(postman, board)
    wait_until(lambda: outbox.can_tell)
    postman.release.clear()
    outbox.put("alert")
    for text in ("10:00", "10:01", "10:02"):
        outbox.show_status(DAY, text)
    postman.release.set()
    wait_until(lambda: board.tries)
    assert board.tries == [Status(DAY, "10:02")]
    assert postman.arrived == ["alert"]
    outbox.close(5)


@pytest.mark.usefixtures("in_a_hurry")
def test_edits_wait_while_alerts_wait() -> None:
    """Also while these wait for their next try."""
    postman, board = Postman(*[ChannelAway("away", retry_after=0.1)] * 3), Board()
    outbox = with_board(postman, board)
    outbox.put("alert")
    outbox.show_status(DAY, "text")
    wait_until(lambda: board.tries)
    assert postman.arrived == ["alert"]
    outbox.close(5)


def test_a_flood_wait_on_an_edit_holds_edits_only(caplog: pytest.LogCaptureFixture) -> None:
    """Alerts go on, no check is needed, and after the wait the newest text is shown."""
    checks: list[int] = []
    postman, board = Postman(), Board(ChannelAway("asks to wait", retry_after=2))
    outbox = with_board(postman, board, lambda: checks.append(1))
    outbox.show_status(DAY, "one")
    wait_until(lambda: board.tries)
    outbox.show_status(DAY, "two")
    outbox.show_status(DAY, "three")
    outbox.put("alert")
    wait_until(lambda: postman.arrived)
    assert board.tried() == ["one"]
    assert outbox.can_tell
    wait_until(lambda: len(board.tries) == 2)
    assert board.tried() == ["one", "three"]
    assert checks == [1]
    assert caplog.messages == ["the status message is not up to date: asks to wait"]
    outbox.close(5)


def test_the_status_is_shown_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is read; and what was read last is what is shown."""
    monkeypatch.setattr("visitorsflow.alerts.outbox.EVERY_SECONDS", 1)
    shown: list[tuple[float, str]] = []
    outbox = Outbox(Postman(), lambda: None, lambda status: shown.append((time.monotonic(), status.text)))
    outbox.start()
    outbox.show_status(DAY, "0")
    wait_until(lambda: shown)
    for number in range(1, 100):
        outbox.show_status(DAY, str(number))
    wait_until(lambda: len(shown) == 2)
    assert [text for _, text in shown] == ["0", "99"]
    assert shown[1][0] - shown[0][0] >= 1
    outbox.close(5)


@pytest.mark.usefixtures("in_a_hurry")
def test_a_status_that_has_not_changed_is_not_shown_again() -> None:
    """Another text, or another day, is."""
    board = Board()
    outbox = with_board(Postman(), board)
    for day, text in ((DAY, "a"), (DAY, "a"), (DAY, "b"), (DAY, "b"), (date(2018, 11, 4), "b")):
        outbox.show_status(day, text)
        wait_until(lambda day=day, text=text: board.tries[-1:] == [Status(day, text)])  # type: ignore[misc]
    assert board.tried() == ["a", "b", "b"]
    outbox.close(5)


@pytest.mark.usefixtures("in_a_hurry")
def test_an_edit_that_is_refused_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    """Each reason is said once until it works; alerts are not concerned."""
    board = Board(MessageRefused("closed"), MessageRefused("closed"), ValueError("bug"))
    outbox = with_board(Postman(), board)
    for number in range(5):
        outbox.show_status(DAY, str(number))
        wait_until(lambda number=number: len(board.tries) == number + 1)  # type: ignore[misc]
    assert outbox.can_tell
    assert caplog.messages == [
        "the status message is not up to date: closed",
        "showing the status failed",
        "the status message is not up to date: bug",
    ]
    outbox.close(5)


@pytest.mark.usefixtures("in_a_hurry")
@pytest.mark.parametrize("error", [ChannelAway("away"), ChannelBlocked("signed out")])
def test_an_edit_that_fails_is_a_reason_to_look(error: Exception) -> None:
    """The alerts would fail too: that is known at once, and so is that it works again."""
    told: list[Event] = []
    answers: list[Exception | None] = [None, error, error]

    def check() -> None:
        if answers and (answer := answers.pop(0)):
            raise answer

    board = Board(error)
    outbox = Outbox(Postman(), check, board)
    outbox.start(told.append)
    outbox.show_status(DAY, "text")
    wait_until(lambda: len(told) == 2)
    assert told[0] == Began(TELEGRAM, str(error))
    assert isinstance(told[1], Ended)
    assert outbox.can_tell
    assert board.tried() == ["text"]
    outbox.close(5)


def test_closing_waits_for_no_edit() -> None:
    """Nobody needs it when the program ends."""
    board = Board(ChannelAway("asks to wait", retry_after=600))
    outbox = with_board(Postman(), board)
    outbox.show_status(DAY, "one")
    wait_until(lambda: board.tries)
    outbox.show_status(DAY, "two")
    began = time.monotonic()
    outbox.close(20)
    assert time.monotonic() - began < 10
    assert board.tried() == ["one"]


@pytest.mark.usefixtures("in_a_hurry")
def test_whether_it_can_tell() -> None:
    """Not before the first check; not while messages wait; again after a delivery."""
    told: list[Event] = []
    postman = Postman(ChannelAway("away"), ChannelAway("away"), ChannelAway("flood", retry_after=0.5))
    outbox = Outbox(postman, lambda: None, Board())
    assert not outbox.can_tell
    outbox.start(told.append)
    wait_until(lambda: outbox.can_tell)
    assert told == []
    outbox.put("a")
    wait_until(lambda: len(told) == 2)
    assert not outbox.can_tell
    wait_until(lambda: postman.arrived)
    wait_until(lambda: outbox.can_tell)
    wait_until(lambda: len(told) == 3)
    assert told[:2] == [Began(TELEGRAM, quoted("away")), Began(TELEGRAM, quoted("flood"))]
    assert isinstance(told[2], Ended)
    assert (told[2].what, told[2].told, told[2].seconds >= 0.5) == ("telegram", False, True)
    outbox.close(5)


@pytest.mark.usefixtures("in_a_hurry")
def test_a_check_that_fails_is_made_again() -> None:
    """Whether this PC can tell is known before it has something to say."""
    answers: list[Exception | None] = [ChannelAway("away"), ChannelBlocked("signed out"), None]

    def check() -> None:
        if answer := answers.pop(0):
            raise answer

    outbox = Outbox(Postman(), check, Board())
    outbox.start()
    wait_until(lambda: outbox.can_tell)
    assert answers == []
    outbox.close(5)
