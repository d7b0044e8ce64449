"""A stand-in for Telethon's client that behaves as the real one was seen to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from telethon import errors, functions, types, utils
from telethon.crypto import AuthKey
from telethon.sessions import SQLiteSession

from visitorsflow.facts import StatusMessage
from visitorsflow.settings import Settings
from visitorsflow.telegram.account import Account
from visitorsflow.words import Language

OWN = types.User(42, is_self=True, access_hash=7, first_name="Lab", username="lab_account")
STAFF = types.User(777, access_hash=70, first_name="staff", username="staff")
SHORT_SECONDS = 1.0  # of a delivery that hangs
SERVER_TIME = datetime(2018, 11, 3, 10, 18, 25, tzinfo=UTC)


def group(number: int, title: str, **more: Any) -> types.Chat:
    return types.Chat(number, title, types.ChatPhotoEmpty(), 3, SERVER_TIME, 1, **more)


def supergroup(number: int, title: str, *, is_group: bool = True, **more: Any) -> types.Channel:
    photo = types.ChatPhotoEmpty()
    return types.Channel(
        number, title, photo, SERVER_TIME, access_hash=number * 7, megagroup=is_group, **more
    )


class Dialog(NamedTuple):
    """A chat, as Telethon lists it."""

    entity: Any

    @property
    def id(self) -> Any:
        return utils.get_peer_id(self.entity)

    @property
    def name(self) -> Any:
        return utils.get_display_name(self.entity)

    @property
    def is_user(self) -> bool:
        return isinstance(self.entity, types.User)

    @property
    def input_entity(self) -> Any:
        return utils.get_input_peer(self.entity)


class FakeClient:
    """Takes what we give a TelegramClient; answers what the test has chosen.

    `answers` are those to what is sent, edited and pinned; `at_look_up` those to all questions.
    """

    made: ClassVar[list["FakeClient"]] = []
    at_connect: ClassVar[list[Any]] = []
    at_look_up: ClassVar[list[Any]] = []
    answers: ClassVar[list[Any]] = []
    requests: ClassVar[list[Any]] = []
    chats: ClassVar[list[Any]] = []
    usernames: ClassVar[dict[str, Any]] = {}
    heard: ClassVar[list[Any]] = []  # the chats in which somebody writes
    own: ClassVar[types.User] = OWN
    code = "12345"
    token = "42:test"
    password: ClassVar[str | None] = None

    def __init__(self, session: Any, api_id: int, api_hash: str, **options: Any) -> None:
        assert (api_id, api_hash) == (1, "hash")
        assert (options["auto_reconnect"], options["flood_sleep_threshold"]) == (False, 0)
        assert options["raise_last_call_error"]
        self.session = SQLiteSession(session) if isinstance(session, str) else session
        self.hears = options["receive_updates"]
        self.connected = False
        assert not any(client.connected for client in self.made), "two at a time lock each other out"
        self.has_dialogs = False
        self.made.append(self)

    async def connect(self) -> None:
        self.connected = True
        self.session.auth_key = self.session.auth_key or AuthKey(data=b"k" * 256)  # each time
        self.session.save()
        await self.answer(self.at_connect)

    async def disconnect(self) -> None:
        self.connected = False
        self.session.close()

    async def __call__(self, request: Any) -> Any:
        assert self.connected
        if isinstance(request, functions.updates.GetStateRequest):
            await self.answer(self.at_look_up)
            return types.updates.State(1, 0, SERVER_TIME, 1, 0)
        if isinstance(request, functions.messages.GetChatsRequest):
            await self.answer(self.at_look_up)
            return types.messages.Chats([c for c in self.chats if c.id in request.id])
        if isinstance(request, functions.users.GetUsersRequest):
            await self.answer(self.at_look_up)
            return [self.own]
        self.requests.append(request)
        await self.answer(self.answers)
        number = len(self.requests)
        if isinstance(getattr(request, "peer", None), types.InputPeerChannel):
            named = types.UpdateMessageID(number, getattr(request, "random_id", 0))
            return types.Updates([named], [], [], SERVER_TIME, 1)
        return types.UpdateShortSentMessage(number, 1, 1, SERVER_TIME)

    async def get_me(self, input_peer: bool = False) -> Any:
        return utils.get_input_peer(self.own, allow_self=False) if input_peer else self.own

    async def get_input_entity(self, who: object) -> Any:
        await self.answer(self.at_look_up)
        known = dict(self.usernames)
        if self.has_dialogs:
            known |= {str(utils.get_peer_id(chat)): chat for chat in self.chats}
        if str(who) not in known:
            raise ValueError(f"Cannot find any entity corresponding to {who!r}")
        return utils.get_input_peer(known[str(who)], allow_self=False)

    async def get_entity(self, peer: Any) -> Any:
        await self.answer(self.at_look_up)
        if isinstance(peer, types.InputPeerSelf):
            return self.own
        for chat in (*self.chats, *self.usernames.values()):
            if utils.get_peer_id(chat) == utils.get_peer_id(peer):
                return chat
        raise ValueError("no user has this number")

    async def get_dialogs(self) -> None:
        self.requests.append("dialogs")
        self.has_dialogs = True

    async def iter_dialogs(self, limit: int | None = None, *, ignore_migrated: bool) -> AsyncIterator[Dialog]:
        assert ignore_migrated, "a group that became a supergroup has its old self beside it"
        self.requests.append("dialogs")
        for chat in self.chats[:limit]:
            yield Dialog(chat)

    async def upload_file(self, file: bytes, *, file_name: str) -> Any:
        await self.answer(self.at_look_up)
        return types.InputFile(1, 1, file_name, str(len(file)))

    def add_event_handler(self, callback: Any, _kind: Any) -> None:
        assert self.hears
        for chat in self.heard:
            asyncio.get_running_loop().call_soon(asyncio.ensure_future, callback(Heard(chat)))

    async def send_code_request(self, phone: str) -> None:
        self.requests.append(("code for", phone))
        await self.answer(self.answers)

    async def sign_in(
        self, _phone: str = "", code: str = "", password: str = "", bot_token: str = ""
    ) -> None:
        if bot_token:
            self.requests.append("token")
            await self.answer(self.answers)
            if bot_token != self.token:
                raise errors.AccessTokenInvalidError(None)
        elif password:
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

    @classmethod
    def sent(cls) -> list[Any]:
        """The messages that were sent."""
        kinds = (functions.messages.SendMessageRequest, functions.messages.SendMediaRequest)
        return [request for request in cls.requests if isinstance(request, kinds)]


class Heard(NamedTuple):
    """Somebody writes in a chat."""

    chat: Any

    @property
    def chat_id(self) -> Any:
        return utils.get_peer_id(self.chat)

    async def get_chat(self) -> Any:
        return self.chat


class FakeStore:
    """Keeps the status message of each chat, for all accounts whose settings are in `home`."""

    _of_all: ClassVar[dict[Path, dict[str, StatusMessage]]] = {}

    def __init__(self, home: Path) -> None:
        self._messages = self._of_all.setdefault(home, {})

    def read(self, chat: str) -> StatusMessage | None:
        return self._messages.get(chat)

    def keep(self, chat: str, message: StatusMessage) -> None:
        self._messages[chat] = message


def user_account(telegram_to: str, home: Path) -> Account:
    """A user account that is signed in."""
    account = Account(user_settings(telegram_to, home), FakeStore(home), delivery_seconds=SHORT_SECONDS)
    account.session.touch()
    return account


def user_settings(telegram_to: str, home: Path, language: Language = "en") -> Settings:
    return Settings(
        home=home, api_id=1, api_hash="hash", phone_number="+886", telegram_to=telegram_to, language=language
    )


def bot_account(telegram_to: str, home: Path, token: str = FakeClient.token) -> Account:
    """A bot; it is not signed in yet."""
    settings = bot_settings(telegram_to, home, token)
    return Account(settings, FakeStore(home), delivery_seconds=SHORT_SECONDS)


def bot_settings(telegram_to: str, home: Path, token: str = FakeClient.token) -> Settings:
    return Settings(home=home, api_id=1, api_hash="hash", bot_token=token, telegram_to=telegram_to)
