"""Signing in: an account with a code from a phone, a bot with its token."""

import logging
import stat
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from telethon import errors

from tests.telethon_stand_in import FakeClient, bot_account, user_account, user_settings
from visitorsflow.app import open_channel
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import MessageStore
from visitorsflow.errors import ChannelAway, ChannelBlocked, NoAnswer
from visitorsflow.facts import Message
from visitorsflow.telegram import sign_in
from visitorsflow.telegram.account import Account
from visitorsflow.view import ask

pytestmark = pytest.mark.usefixtures("telegram")


@pytest.fixture
def account(telegram: object, tmp_path: Path) -> Account:
    """A user account that is signed in, on the stand-in."""
    return user_account("me", tmp_path)


class Asked(NamedTuple):
    prompt: str
    seconds: float
    secret: bool


class Person:
    """Answers at the terminal, one answer a question, and leaves after the last."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []

    async def __call__(self, prompt: str, *, seconds: float, secret: bool = False) -> str:
        self.asked.append(Asked(prompt, seconds, secret))
        if not self.answers:
            raise NoAnswer("nobody answered")
        return self.answers.pop(0)


def test_sign_in_with_wrong_and_right_answers(account: Account, monkeypatch: Any) -> None:
    """The code and the password may each be wrong twice; only the password is secret."""
    account.session.unlink()
    monkeypatch.setattr(FakeClient, "password", "geheim")
    person = Person("", "1", "", " 12 345 ", "wrong", "", "geheim")
    account.sign_in(person)
    assert [question.secret for question in person.asked] == [False] * 4 + [True] * 3
    assert [question.prompt for question in person.asked] == [
        "Telegram: press Enter to have a sign-in code sent to +886: ",
        "Code: ",
        "That was not right, tries left: 2. Code: ",
        "That was not right, tries left: 1. Code: ",
        "Two-step password: ",
        "That was not right, tries left: 2. Two-step password: ",
        "That was not right, tries left: 1. Two-step password: ",
    ]
    assert FakeClient.requests == [("code for", "+886")], "an empty answer asks for no other code"
    assert stat.S_IMODE(account.session.stat().st_mode) == 0o600


def test_the_questions_are_in_the_venues_language(tmp_path: Path, monkeypatch: Any) -> None:
    """Whoever sits there reads Chinese."""
    monkeypatch.setattr(FakeClient, "password", "geheim")
    person = Person("", "1", "12345", "geheim")
    sign_in.by_code(user_settings("me", tmp_path, "zh-TW"), tmp_path / "our.session", person)
    assert [question.prompt for question in person.asked] == [
        "Telegram：按 Enter，登入驗證碼就會傳到 +886：",
        "驗證碼：",
        "不對，還可以試 2 次。驗證碼：",
        "兩步驟驗證的密碼：",
    ]


def test_three_wrong_codes_are_the_end(account: Account) -> None:
    """No session is left, and no second code was requested."""
    account.session.unlink()
    with pytest.raises(ChannelBlocked, match="code wrong 3 times"):
        account.sign_in(Person("", "1", "2", "3"))
    assert FakeClient.requests == [("code for", "+886")]
    assert list(account.session.parent.glob("*.session")) == []


def test_no_code_is_requested_unasked(account: Account) -> None:
    """Nobody presses Enter within a minute: no code, no session, and the program goes on."""
    account.session.unlink()
    person = Person()
    with pytest.raises(ChannelBlocked, match="not signed in to Telegram: nobody answered"):
        account.sign_in(person)
    assert [question.seconds for question in person.asked] == [60]
    assert FakeClient.requests == []


def test_a_code_may_take_time(account: Account) -> None:
    """Who has pressed Enter has five minutes to find the phone; who gives up leaves no session."""
    account.session.unlink()
    person = Person("", "1")
    with pytest.raises(ChannelBlocked, match="nobody answered"):
        account.sign_in(person)
    assert [question.seconds for question in person.asked] == [60, 300, 300]
    assert list(account.session.parent.glob("*.session")) == []


@pytest.mark.parametrize("error", [ConnectionError(), errors.FloodWaitError(None, capture=86400), "silence"])
def test_sign_in_when_telegram_is_away(tmp_path: Path, error: Any) -> None:
    """The start goes on without; there is no half session."""
    FakeClient.at_connect.append(error)
    with pytest.raises(ChannelAway):
        sign_in.by_code(user_settings("me", tmp_path), tmp_path / "our.session", Person(), seconds=0.1)
    assert list(tmp_path.iterdir()) == []


def test_a_bot_signs_in_by_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With its first delivery, nobody is asked; from then on its session is enough."""
    caplog.set_level(logging.INFO)
    bot = bot_account("777", tmp_path)
    assert not bot.needs_a_person
    for number in (1, 2):
        bot.deliver(Message("text", number))
    assert FakeClient.requests.count("token") == 1
    assert len(FakeClient.sent()) == 2
    assert stat.S_IMODE(bot.session.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["visitorsflow-bot-42.session"]
    assert caplog.messages == ["signed in to Telegram as a bot"]


def test_a_user_account_needs_a_person(tmp_path: Path) -> None:
    """Until it is signed in."""
    account = user_account("me", tmp_path)
    assert not account.needs_a_person
    account.session.unlink()
    assert account.needs_a_person


def test_a_wrong_token(tmp_path: Path) -> None:
    """A person must fix it; it is not said, and no session is left."""
    bot = bot_account("777", tmp_path, token="42:wrong-secret")
    with pytest.raises(ChannelBlocked, match=r"bot_token is refused: .*@BotFather") as raised:
        bot.check()
    assert "wrong-secret" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wait", [errors.FloodWaitError(None, capture=600), ConnectionError()], ids=str)
def test_a_bot_that_must_wait(tmp_path: Path, wait: Exception) -> None:
    """Telegram is away, or has been asked too often: it is tried again, later."""
    FakeClient.answers.append(wait)
    bot = bot_account("777", tmp_path)
    with pytest.raises(ChannelAway) as raised:
        bot.check()
    assert raised.value.retry_after == getattr(wait, "seconds", None)
    assert list(tmp_path.iterdir()) == []
    bot.check()


def test_a_bot_that_was_signed_out(tmp_path: Path) -> None:
    """It signs in again by itself; a person is needed only when its token is refused."""
    bot = bot_account("777", tmp_path)
    bot.session.touch()
    FakeClient.at_connect.append(errors.AuthKeyUnregisteredError(None))
    with pytest.raises(ChannelAway, match=r"signed this machine out .*; the bot signs in again"):
        bot.deliver(Message("text", 1))
    bot.deliver(Message("text", 1))
    assert FakeClient.requests[0] == "token"
    assert len(FakeClient.sent()) == 1


def test_each_bot_has_a_session_of_its_own(tmp_path: Path) -> None:
    """Another token is another bot: the session of the one before would go on sending for that one."""
    sessions = {bot_account("777", tmp_path, token).session for token in ("42:a", "42:b", "43:a")}
    assert {path.name for path in sessions} == {"visitorsflow-bot-42.session", "visitorsflow-bot-43.session"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (("", "12345"), "已經登入 Telegram（+886）"),
        (("", "1", "2", "3"), "沒有登入 Telegram：驗證碼錯了 3 次。程式會繼續執行，通知先寫在 log 裡"),
    ],
)
def test_the_dialogue_ends_in_the_venues_language(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: tuple[str, ...],
    said: str,
) -> None:
    """Whoever sits at the terminal reads how it ended; the log has it in English."""
    monkeypatch.setattr(ask, "somebody_is_there", lambda: True)
    monkeypatch.setattr(ask, "at_terminal", Person(*answers))
    settings = user_settings("me", tmp_path, "zh-TW")
    open_channel(settings, MessageStore(Database(settings)))
    assert capsys.readouterr().out == f"{said}\n"
