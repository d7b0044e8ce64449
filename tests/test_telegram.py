"""Telethon's edge, with a stand-in for Telethon's client that behaves as the real one was seen to."""

import asyncio
import os
import pty
import sqlite3
import stat
import sys
import termios
from pathlib import Path
from typing import Any, ClassVar

import pytest
from telethon import errors, functions

from tests.venue import PROJECT, wait_until
from visitorsflow import settings
from visitorsflow.alerts import telegram
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.errors import TelegramAway, TelegramRefused


class FakeClient:
    """Takes what telegram.py gives a TelegramClient; answers what the test has chosen."""

    made: ClassVar[list["FakeClient"]] = []
    at_connect: ClassVar[list[Any]] = []
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
        await self._answer(self.at_connect)

    async def disconnect(self) -> None:
        self.connected = False

    async def __call__(self, request: Any) -> None:
        assert self.connected
        self.requests.append(request)
        await self._answer(self.answers)

    async def get_input_entity(self, peer: object) -> object:
        if peer == "@nobody":
            raise ValueError("Cannot find any entity corresponding to '@nobody'")
        return functions.InvokeWithLayerRequest if peer == 7 else peer

    async def get_dialogs(self) -> None:
        self.requests.append("dialogs")

    async def send_code_request(self, phone: str) -> None:
        self.requests.append(("code for", phone))
        await self._answer(self.answers)

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

    async def _answer(self, answers: list[Any]) -> None:
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
    for name in ("made", "at_connect", "answers", "requests"):
        monkeypatch.setattr(FakeClient, name, [])
    monkeypatch.setattr(FakeClient, "password", None)
    chosen = settings.Settings(home=tmp_path, api_id=1, api_hash="hash", phone_number="+886")
    account = telegram.Account(chosen)
    account.session.touch()
    return account


def test_one_delivery_is_one_client(account: telegram.Account) -> None:
    """Connected, used for one request, disconnected; the session is for the owner's eyes only."""
    for number in (1, 2):
        account.send(f"text {number} **as it is**", number)
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
        account.send("text", 1)
    assert raised.value.retry_after == seconds
    assert account.session.exists()
    assert not FakeClient.made[0].connected
    account.send("text", 1)


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
        account.send("text", 1)
    assert len(FakeClient.made) == 1


def test_a_repeated_message_that_telegram_knows_is_delivered(account: telegram.Account) -> None:
    """RANDOM_ID_DUPLICATE means that an earlier try, whose answer was lost, did arrive."""
    FakeClient.answers.append(errors.RandomIdDuplicateError(None))
    account.send("text", 1)


def test_a_text_that_is_too_long_is_cut(account: telegram.Account) -> None:
    """Telegram takes 4,096 characters."""
    account.send("x" * 5000, 1)
    assert len(FakeClient.requests[0].message) == 4096


def test_a_recipient_that_does_not_exist(account: telegram.Account) -> None:
    """A person must mend telegram_to; the session is kept."""
    account._settings = account._settings.model_copy(update={"telegram_to": "@nobody"})
    with pytest.raises(TelegramRefused, match="mend telegram_to"):
        account.send("text", 1)
    assert account.session.exists()


def test_every_alert_arrives_once_in_order_whatever_happens(
    account: telegram.Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox over all that Telethon was seen to do: each message is shown once, in order."""
    monkeypatch.setattr("visitorsflow.alerts.outbox.LONGEST_BACKOFF_SECONDS", 0.01)
    shown: list[str] = []
    known: set[int] = set()
    faults: list[Any] = [
        ConnectionError("refused"), None, "silence", EOFError("closed at once"), "lost", None, "lost",
        errors.ServerError(None, "INTERNAL", 500), errors.FloodWaitError(None, capture=0), "lost twice",
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
        if isinstance(fault, str) and fault != "silence":
            fault = ConnectionError(fault)
        await self._answer([fault])

    monkeypatch.setattr(FakeClient, "__call__", request)
    outbox = Outbox(account.send, account.check)
    outbox.start()
    texts = [f"alert {number}" for number in range(8)]
    for text in texts:
        outbox.put(text)
    wait_until(lambda: len(shown) == len(texts) and not faults)
    outbox.close(5)
    assert shown == texts


class Person:
    """Answers at the terminal, one answer a question."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, bool]] = []

    async def __call__(self, prompt: str, secret: bool) -> str:
        self.asked.append((prompt, secret))
        return self.answers.pop(0)


def test_sign_in_with_wrong_and_right_answers(account: telegram.Account, monkeypatch: Any) -> None:
    """The code and the password may each be wrong twice; the password is not echoed."""
    account.session.unlink()
    monkeypatch.setattr(FakeClient, "password", "geheim")
    person = Person("", "1", "", " 12 345 ", "wrong", "", "geheim")
    account.sign_in(person)
    assert [secret for _, secret in person.asked] == [False] * 4 + [True] * 3
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
    """Nobody presses Enter: no code, no session, and the program goes on."""
    account.session.unlink()

    async def nobody(_prompt: str, _secret: bool) -> str:
        raise TelegramRefused("nobody answered")

    with pytest.raises(TelegramRefused):
        account.sign_in(nobody)
    assert FakeClient.requests == []


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


def test_without_a_terminal_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under systemd or cron there is no one to ask."""
    monkeypatch.setattr(sys, "stdin", None)
    assert not telegram.somebody_is_there()


AT_A_TERMINAL = """
import asyncio, sys
sys.path.insert(0, {project!r})
from visitorsflow.alerts import telegram
telegram.START_SECONDS = telegram.ANSWER_SECONDS = {seconds}
assert telegram.somebody_is_there()
try:
    print("got", repr(asyncio.run(telegram.ask_at_terminal({prompt!r}, {secret}))))
except telegram.TelegramRefused as error:
    print("refused:", error)
except KeyboardInterrupt:
    print("interrupted")
"""


class Terminal:
    """A program at a pseudo-terminal: type to it, read what it shows."""

    def __init__(self, prompt: str, secret: bool = False, seconds: float = 30) -> None:
        code = AT_A_TERMINAL.format(project=str(PROJECT), prompt=prompt, secret=secret, seconds=seconds)
        self.process, self.fd = pty.fork()
        if self.process == 0:
            os.execv(sys.executable, [sys.executable, "-c", code])
        self.shown = ""
        self.read_until(prompt)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def read_until(self, text: str) -> None:
        while text not in self.shown:
            self.shown += os.read(self.fd, 1000).decode()

    def end(self) -> None:
        os.waitpid(self.process, 0)
        os.close(self.fd)


def test_an_answer_at_the_terminal() -> None:
    """What was typed, as it was typed."""
    terminal = Terminal("Code: ")
    terminal.type("12345\n")
    terminal.read_until("got '12345'")
    terminal.end()


def test_a_password_is_not_shown() -> None:
    """Neither while it is typed nor after."""
    terminal = Terminal("Two-step password: ", secret=True)
    terminal.type("geheim\n")
    terminal.read_until("got 'geheim'")
    assert terminal.shown.count("geheim") == 1
    terminal.end()


@pytest.mark.parametrize("key", ["\x04", "\x03"], ids=["Ctrl-D", "Ctrl-C"])
@pytest.mark.parametrize("secret", [False, True])
def test_a_question_that_is_turned_down(key: str, secret: bool) -> None:
    """The program goes on, or ends, at once; the terminal shows again what is typed."""
    terminal = Terminal("Question: ", secret)
    wait_until(lambda: bool(termios.tcgetattr(terminal.fd)[3] & termios.ECHO) is not secret)
    terminal.type(key)
    terminal.read_until("refused: " if key == "\x04" else "interrupted")
    assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    terminal.end()


def test_a_question_that_nobody_answers() -> None:
    """After its time the program goes on without."""
    terminal = Terminal("press Enter: ", seconds=0.5)
    terminal.read_until("refused: not signed in to Telegram: nobody answered")
    terminal.end()
