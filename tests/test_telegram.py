"""Telethon's edge, with a stand-in for Telethon's client that behaves as the real one was seen to."""

import asyncio
import sqlite3
import stat
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest
from telethon import errors, functions

from tests.venue import wait_until
from visitorsflow import settings
from visitorsflow.alerts import telegram
from visitorsflow.alerts.outbox import Message, Outbox
from visitorsflow.errors import MessageRefused, NoAnswer, TelegramAway, TelegramRefused


class FakeClient:
    """Takes what telegram.py gives a TelegramClient; answers what the test has chosen."""

    made: ClassVar[list["FakeClient"]] = []
    at_connect: ClassVar[list[Any]] = []
    at_look_up: ClassVar[list[Any]] = []
    answers: ClassVar[list[Any]] = []
    requests: ClassVar[list[Any]] = []
    code = "12345"
    password: ClassVar[str | None] = None

    def __init__(self, session: str, api_id: int, api_hash: str, **options: Any) -> None:
        assert (api_id, api_hash) == (1, "hash")
        assert (options["auto_reconnect"], options["flood_sleep_threshold"]) == (False, 0)
        assert options["raise_last_call_error"]
        self.session = Path(session)
        self.connected = False
        self.made.append(self)

    async def connect(self) -> None:
        self.connected = True
        await self.answer(self.at_connect)

    async def disconnect(self) -> None:
        self.connected = False

    async def __call__(self, request: Any) -> None:
        assert self.connected
        self.requests.append(request)
        await self.answer(self.answers)

    async def get_input_entity(self, peer: object) -> object:
        await self.answer(self.at_look_up)
        if peer == "@nobody":
            raise ValueError("Cannot find any entity corresponding to '@nobody'")
        return peer

    async def get_dialogs(self) -> None:
        self.requests.append("dialogs")

    async def send_code_request(self, phone: str) -> None:
        self.requests.append(("code for", phone))
        await self.answer(self.answers)

    async def sign_in(self, _phone: str = "", code: str = "", password: str = "") -> None:
        if password:
            if password != self.password:
                raise errors.PasswordHashInvalidError(None)
        elif not code:  # the real one asks for another code, and is content
            await self.send_code_request("again")
        elif code != self.code:
            raise errors.PhoneCodeInvalidError(None)
        elif self.password:
            raise errors.SessionPasswordNeededError(None)

    async def answer(self, answers: list[Any]) -> None:
        answer = answers.pop(0) if answers else None
        if answer == "silence":
            await asyncio.sleep(3600)
        elif answer:
            raise answer


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> telegram.Account:
    """An account that is signed in, on the stand-in."""
    monkeypatch.setattr(telegram, "TelegramClient", FakeClient)
    monkeypatch.setattr(telegram, "DELIVERY_SECONDS", 0.2)
    for name in ("made", "at_connect", "at_look_up", "answers", "requests"):
        monkeypatch.setattr(FakeClient, name, [])
    monkeypatch.setattr(FakeClient, "password", None)
    return account_for("me", tmp_path)


def account_for(telegram_to: str, home: Path) -> telegram.Account:
    chosen = settings.Settings(
        home=home, api_id=1, api_hash="hash", phone_number="+886", telegram_to=telegram_to
    )
    account = telegram.Account(chosen)
    account.session.touch()
    return account


def test_one_delivery_is_one_client(account: telegram.Account) -> None:
    """Connected, used for one request, disconnected; the session is for the owner's eyes only."""
    for number in (1, 2):
        account.send(Message(f"text {number} **as it is**", number))
    assert [(r.message, r.random_id) for r in FakeClient.requests] == [
        ("text 1 **as it is**", 1),
        ("text 2 **as it is**", 2),
    ]
    assert len(FakeClient.made) == 2
    assert not any(client.connected for client in FakeClient.made)
    assert stat.S_IMODE(account.session.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ConnectionError("refused"), None),
        (EOFError("0 bytes read"), None),
        (asyncio.CancelledError(), None),
        (errors.ServerError(None, "INTERNAL", 500), None),
        (errors.RpcCallFailError(None), None),
        (errors.TimedOutError(None, "TIMEOUT", -503), None),
        (errors.FloodWaitError(None, capture=600), 600),
        (errors.FloodPremiumWaitError(None, capture=600), 600),
        (errors.SlowModeWaitError(None, capture=30), 30),
        (errors.FloodError(None, "FLOOD", 420), None),
        (sqlite3.OperationalError("database is locked"), None),
        ("silence", None),
    ],
    ids=str,
)
@pytest.mark.parametrize("where", ["at_connect", "answers"])
def test_what_may_pass_by_itself(
    account: telegram.Account, error: Any, seconds: float | None, where: str
) -> None:
    """The session is kept, the client is not; a flood wait is handed on."""
    getattr(FakeClient, where).append(error)
    with pytest.raises(TelegramAway) as raised:
        account.send(Message("text", 1))
    assert raised.value.retry_after == seconds
    assert account.session.exists()
    assert not FakeClient.made[0].connected
    account.send(Message("text", 1))


@pytest.mark.parametrize(
    "error",
    [
        errors.AuthKeyUnregisteredError(None),
        errors.SessionRevokedError(None),
        errors.UserDeactivatedError(None),
        errors.AuthKeyDuplicatedError(None),
        errors.AuthKeyNotFound(),
        sqlite3.DatabaseError("file is not a database"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_signed_out(account: telegram.Account, error: Exception) -> None:
    """The session is set aside, and no later try connects: a person must sign in again."""
    FakeClient.at_connect.append(error)
    with pytest.raises(TelegramRefused, match=r"start uploadData\.py once in a terminal and sign in"):
        account.check()
    assert not account.session.exists()
    with pytest.raises(TelegramRefused, match="not signed in"):
        account.send(Message("text", 1))
    assert len(FakeClient.made) == 1


def test_a_repeated_message_that_telegram_knows_is_delivered(account: telegram.Account) -> None:
    """RANDOM_ID_DUPLICATE means that an earlier try, whose answer was lost, did arrive."""
    FakeClient.answers.append(errors.RandomIdDuplicateError(None))
    account.send(Message("text", 1))


def test_a_text_that_is_too_long_is_cut(account: telegram.Account) -> None:
    """Telegram takes 4,096 characters."""
    account.send(Message("x" * 5000, 1))
    assert len(FakeClient.requests[0].message) == 4096


@pytest.mark.parametrize(
    "error",
    [
        errors.MessageTooLongError(None),
        errors.MessageEmptyError(None),
        errors.MediaInvalidError(None),
        errors.MediaCaptionTooLongError(None),
        errors.EntityBoundsInvalidError(None),
        errors.ChatWriteForbiddenError(None),
        errors.ChatSendPlainForbiddenError(None),
        errors.BadRequestError(None, "NOT_KNOWN_TO_TELETHON", 400),
        errors.ForbiddenError(None, "NOT_KNOWN_TO_TELETHON", 403),
        errors.NotFoundError(None, "NOT_KNOWN_TO_TELETHON", 404),
        errors.AuthKeyError(None, "NOT_KNOWN_TO_TELETHON", 406),
        UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_message_that_is_refused_for_its_own_sake(account: telegram.Account, error: Exception) -> None:
    """This one never; the session is kept, and the next one arrives."""
    FakeClient.answers.append(error)
    with pytest.raises(MessageRefused, match="Telegram refuses it: ") as raised:
        account.send(Message("text", 1))
    assert "caused by" not in str(raised.value)
    assert account.session.exists()
    account.send(Message("text", 2))


@pytest.mark.parametrize(
    "error",
    [
        errors.PeerIdInvalidError(None),
        errors.UserIsBlockedError(None),
        errors.YouBlockedUserError(None),
        errors.InputUserDeactivatedError(None),
        errors.UserIsBotError(None),
        errors.UserBannedInChannelError(None),
        errors.ChannelPrivateError(None),
        errors.ChannelInvalidError(None),
        errors.ChatAdminRequiredError(None),
        errors.ChatForbiddenError(None),
        errors.PeerFloodError(None),
        errors.FrozenMethodInvalidError(None),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_recipient_that_takes_no_message(account: telegram.Account, error: Exception) -> None:
    """A person must mend it: the message is not given up, and the session is kept."""
    FakeClient.answers.append(error)
    with pytest.raises(TelegramRefused, match=r"no message can go to 'me': .*; mend telegram_to"):
        account.send(Message("text", 1))
    assert account.session.exists()


@pytest.mark.parametrize(
    "error",
    [errors.UsernameInvalidError(None), errors.BadRequestError(None, "NOT_KNOWN_TO_TELETHON", 400)],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("where", ["at_connect", "at_look_up"])
def test_what_is_refused_before_the_message_is_not_its_fault(
    account: telegram.Account, tmp_path: Path, error: Exception, where: str
) -> None:
    """The same refusal would meet each message: it holds them all, and none is given up."""
    account = account_for("@staff", tmp_path)
    getattr(FakeClient, where).append(error)
    with pytest.raises(TelegramRefused):
        account.send(Message("text", 1))


def test_a_recipient_that_does_not_exist(account: telegram.Account, tmp_path: Path) -> None:
    """A person must mend telegram_to; the session is kept."""
    account = account_for("@nobody", tmp_path)
    with pytest.raises(TelegramRefused, match="mend telegram_to"):
        account.send(Message("text", 1))
    assert account.session.exists()


def test_every_alert_arrives_once_in_order_whatever_happens(
    account: telegram.Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox over all that Telethon was seen to do: each message is shown once, in order.

    All but the one that Telegram refuses.
    """
    monkeypatch.setattr("visitorsflow.alerts.tries.LONGEST_BACKOFF_SECONDS", 0.01)
    shown: list[str] = []
    known: set[int] = set()
    refused: list[str] = []
    faults: list[Any] = [
        ConnectionError("refused"), None, "silence", EOFError("closed at once"), "lost", None, "lost",
        errors.ServerError(None, "INTERNAL", 500), errors.FloodWaitError(None, capture=0), "lost twice",
        errors.MessageTooLongError(None), errors.FloodPremiumWaitError(None, capture=0), None,
        sqlite3.OperationalError("database is locked"), "locked after the delivery", asyncio.CancelledError(),
    ]  # fmt: skip

    async def request(self: FakeClient, sent: Any) -> None:
        if not isinstance(sent, functions.messages.SendMessageRequest):
            return
        fault = faults.pop(0) if faults else None
        arrives = fault is None or (isinstance(fault, str) and fault != "silence")
        if arrives and sent.random_id in known:
            raise errors.RandomIdDuplicateError(None)
        if arrives:
            known.add(sent.random_id)
            shown.append(sent.message)
        if isinstance(fault, errors.MessageTooLongError):
            refused.append(sent.message)
        if isinstance(fault, str) and fault != "silence":
            fault = ConnectionError(fault)
        await self.answer([fault])

    monkeypatch.setattr(FakeClient, "__call__", request)
    outbox = Outbox(account.send, account.check, account.show)
    outbox.start()
    texts = [f"alert {number}" for number in range(8)]
    for text in texts:
        outbox.put(text)
    wait_until(lambda: len(shown) == len(texts) - 1 and not faults)
    outbox.close(5)
    assert shown == [text for text in texts if text not in refused]
    assert len(refused) == 1


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


def test_sign_in_with_wrong_and_right_answers(account: telegram.Account, monkeypatch: Any) -> None:
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


def test_three_wrong_codes_are_the_end(account: telegram.Account) -> None:
    """No session is left, and no second code was requested."""
    account.session.unlink()
    with pytest.raises(TelegramRefused, match="code wrong 3 times"):
        account.sign_in(Person("", "1", "2", "3"))
    assert FakeClient.requests == [("code for", "+886")]
    assert list(account.session.parent.glob("*.session")) == []


def test_no_code_is_requested_unasked(account: telegram.Account) -> None:
    """Nobody presses Enter within a minute: no code, no session, and the program goes on."""
    account.session.unlink()
    person = Person()
    with pytest.raises(TelegramRefused, match="not signed in to Telegram: nobody answered"):
        account.sign_in(person)
    assert [question.seconds for question in person.asked] == [60]
    assert FakeClient.requests == []


def test_a_code_may_take_time(account: telegram.Account) -> None:
    """Who has pressed Enter has five minutes to find the phone; who gives up leaves no session."""
    account.session.unlink()
    person = Person("", "1")
    with pytest.raises(TelegramRefused, match="nobody answered"):
        account.sign_in(person)
    assert [question.seconds for question in person.asked] == [60, 300, 300]
    assert list(account.session.parent.glob("*.session")) == []


@pytest.mark.parametrize("error", [ConnectionError(), errors.FloodWaitError(None, capture=86400), "silence"])
def test_sign_in_when_telegram_is_away(
    account: telegram.Account, error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start goes on without; there is no half session."""
    monkeypatch.setattr(telegram, "START_SECONDS", -2 * telegram.TRIES * telegram.ANSWER_SECONDS + 0.1)
    account.session.unlink()
    FakeClient.at_connect.append(error)
    with pytest.raises(TelegramAway):
        account.sign_in(Person())
    assert list(account.session.parent.glob("*.session")) == []
