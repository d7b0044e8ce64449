"""The status message: one a day, the newest text, at most once a minute, and never in the way of an alert."""

from datetime import date
from pathlib import Path

import pytest

from tests.venue import wait_until
from visitorsflow.alerts.outbox import Message, Outbox
from visitorsflow.alerts.status import Status
from visitorsflow.errors import MessageRefused, TelegramAway, TelegramRefused

DAY = date(2018, 11, 3)


class Chat:
    """Shows status texts, or raises what the test has put before it; and a clock that the test turns."""

    def __init__(self, file: Path) -> None:
        self.now = 0.0
        self.errors: list[Exception] = []
        self.shown: list[tuple[str, int | None]] = []
        self.random_ids: list[int] = []
        self.gone = False
        self.status = Status("-555", file, self.show, lambda: self.now)

    def show(self, text: str, number: int | None, random_id: int) -> int:
        self.random_ids.append(random_id)
        if self.errors:
            raise self.errors.pop(0)
        self.shown.append((text, number))
        return number if number and not self.gone else len(self.shown)

    def put_at(self, now: float, text: str, day: date = DAY) -> None:
        """Put a text, and deliver it if it is due then."""
        self.now = now
        self.status.put(day, text)
        if self.status.seconds_left() == 0:
            self.status.deliver()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the number of the message is kept."""
    return tmp_path / "visitorsflow-status.json"


def test_one_message_is_edited(file: Path) -> None:
    """Sent once, then edited; at most once a minute; not when its text is the same."""
    chat = Chat(file)
    assert chat.status.seconds_left() == float("inf")
    chat.put_at(0, "a")
    assert chat.status.seconds_left() == float("inf")
    chat.put_at(10, "b")
    assert chat.status.seconds_left() == 50
    chat.put_at(59, "c")
    chat.put_at(60, "d")
    chat.put_at(200, "d")
    assert chat.shown == [("a", None), ("d", 1)]


def test_a_new_day_has_a_new_message(file: Path) -> None:
    """The one of yesterday stays as it is."""
    chat = Chat(file)
    chat.put_at(0, "a")
    chat.put_at(100, "b", date(2018, 11, 4))
    chat.put_at(200, "c", date(2018, 11, 4))
    assert chat.shown == [("a", None), ("b", None), ("c", 2)]


def test_a_restart_goes_on_editing(file: Path) -> None:
    """Its number stands in a file; one for another chat, or a damaged file, is no number."""
    Chat(file).put_at(0, "a")
    later = Chat(file)
    later.put_at(0, "b")
    assert later.shown == [("b", 1)]
    file.write_text("{")
    again = Chat(file)
    again.put_at(0, "c")
    assert again.shown == [("c", None)]


def test_one_that_is_gone_is_followed_by_a_new_one(file: Path) -> None:
    """Deleted, or too old to edit: Telegram's side sends another, and that is edited from then on."""
    chat = Chat(file)
    chat.put_at(0, "a")
    chat.put_at(60, "b")
    chat.gone = True
    chat.put_at(120, "c")
    chat.gone = False
    chat.put_at(180, "d")
    assert chat.shown == [("a", None), ("b", 1), ("c", 1), ("d", 3)]


def test_a_try_whose_answer_was_lost_is_shown_once(file: Path) -> None:
    """Also after a restart: the new message has the same random_id as long as no number is known."""
    chat = Chat(file)
    chat.errors = [TelegramAway("away")]
    chat.put_at(0, "a")
    later = Chat(file)
    later.put_at(0, "b")
    assert chat.random_ids[0] == later.random_ids[0]
    later.put_at(60, "c", date(2018, 11, 4))
    assert later.random_ids[0] != later.random_ids[-1]


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (TelegramAway("away"), 60),
        (TelegramAway("flood", retry_after=300), 300),
        (TelegramRefused("who?"), 600),
        (MessageRefused("no"), 600),
    ],
)
def test_a_failure_is_waited_out(
    file: Path, error: Exception, wait: float, caplog: pytest.LogCaptureFixture
) -> None:
    """For as long as Telegram asks for; said once; then the newest text is shown."""
    chat = Chat(file)
    chat.errors = [error, error]
    chat.put_at(0, "a")
    assert chat.status.seconds_left() == wait
    chat.put_at(wait, "b")
    chat.put_at(2 * wait, "c")
    assert chat.shown == [("c", None)]
    assert len(caplog.messages) == 1


def test_alerts_go_first(file: Path) -> None:
    """While an alert waits for Telegram, the status message waits too; a status that fails holds no alert."""
    tried: list[str] = []
    errors = [TelegramAway("away")]

    def deliver(message: Message) -> None:
        tried.append(message.text)
        if errors:
            raise errors.pop()

    def show(text: str, _number: int | None, _random_id: int) -> int:
        tried.append(text)
        raise TelegramAway("flood", retry_after=600)

    outbox = Outbox(deliver, lambda: None, status=Status("-555", file, show))
    outbox.put("alert")
    outbox.show_status(DAY, "status")
    outbox.start()
    wait_until(lambda: tried == ["alert", "alert", "status"])
    outbox.put("another")
    wait_until(lambda: tried[3:] == ["another"])
    outbox.show_status(DAY, "newer")
    outbox.close(5)
    assert tried[4:] == []
