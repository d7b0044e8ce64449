"""Deliveries over Telethon's edge, with a stand-in for Telethon's client."""

import asyncio
import contextlib
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from telethon import errors, functions, types

from tests.telethon_stand_in import SERVER_TIME, FakeClient, bot_account, supergroup, user_account
from tests.tellings import lasting, over
from tests.venue import wait_until
from visitorsflow.alerts.outbox import Outbox, Pace
from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.events import Events
from visitorsflow.facts import Message
from visitorsflow.telegram.account import Account

pytestmark = pytest.mark.usefixtures("telegram")


@pytest.fixture
def account(telegram: object, tmp_path: Path) -> Account:
    """A user account that is signed in, on the stand-in; it sends to @staff."""
    return user_account("@staff", tmp_path)


def test_one_delivery_is_one_client(account: Account) -> None:
    """Connected, used for one request, disconnected; the session is for the owner's eyes only."""
    for number in (1, 2):
        account.deliver(Message(f"text {number} **as it is**", number))
    assert [(r.message, r.random_id) for r in FakeClient.sent()] == [
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
def test_what_may_pass_by_itself(account: Account, error: Any, seconds: float | None, where: str) -> None:
    """The session is kept, the client is not; a flood wait is handed on."""
    getattr(FakeClient, where).append(error)
    with pytest.raises(ChannelAway) as raised:
        account.deliver(Message("text", 1))
    assert raised.value.retry_after == seconds
    assert account.session.exists()
    assert not FakeClient.made[0].connected
    account.deliver(Message("text", 1))


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
def test_signed_out(account: Account, error: Exception) -> None:
    """The session is set aside, and no later try connects: a person must sign in again."""
    FakeClient.at_connect.append(error)
    with pytest.raises(ChannelBlocked, match=r"start uploadData\.py once in a terminal and sign in"):
        account.check()
    assert not account.session.exists()
    with pytest.raises(ChannelBlocked, match="not signed in"):
        account.deliver(Message("text", 1))
    assert len(FakeClient.made) == 1


def test_a_repeated_message_that_telegram_knows_is_delivered(account: Account) -> None:
    """RANDOM_ID_DUPLICATE means that an earlier try, whose answer was lost, did arrive."""
    FakeClient.answers.append(errors.RandomIdDuplicateError(None))
    account.deliver(Message("text", 1))


def test_a_text_that_is_too_long_is_cut(account: Account) -> None:
    """Telegram takes 4,096 characters."""
    account.deliver(Message("x" * 5000, 1))
    assert len(FakeClient.sent()[0].message) == 4096


@pytest.mark.parametrize(
    "error",
    [
        errors.MessageTooLongError(None),
        errors.MessageEmptyError(None),
        errors.MediaInvalidError(None),
        errors.MediaCaptionTooLongError(None),
        errors.EntityBoundsInvalidError(None),
        errors.ChatSendPhotosForbiddenError(None),
        errors.BadRequestError(None, "NOT_KNOWN_TO_TELETHON", 400),
        errors.ForbiddenError(None, "NOT_KNOWN_TO_TELETHON", 403),
        errors.NotFoundError(None, "NOT_KNOWN_TO_TELETHON", 404),
        errors.AuthKeyError(None, "NOT_KNOWN_TO_TELETHON", 406),
        UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_message_that_is_refused_for_its_own_sake(account: Account, error: Exception) -> None:
    """This one never; the session is kept, and the next one arrives."""
    FakeClient.answers.append(error)
    with pytest.raises(MessageRefused, match="Telegram refuses it: ") as raised:
        account.deliver(Message("text", 1))
    assert "caused by" not in str(raised.value)
    assert account.session.exists()
    account.deliver(Message("text", 2))


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
def test_a_recipient_that_takes_no_message(account: Account, error: Exception) -> None:
    """A person must fix it: the message is not given up, and the session is kept."""
    FakeClient.answers.append(error)
    with pytest.raises(ChannelBlocked, match=r"no message can go to '@staff': .*; fix telegram_to"):
        account.deliver(Message("text", 1))
    assert account.session.exists()


@pytest.mark.parametrize(
    "error",
    [errors.UsernameInvalidError(None), errors.BadRequestError(None, "NOT_KNOWN_TO_TELETHON", 400)],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("where", ["at_connect", "at_look_up"])
def test_what_is_refused_before_the_message_is_not_its_fault(
    account: Account, error: Exception, where: str
) -> None:
    """The same refusal would meet each message: it holds them all, and none is given up."""
    getattr(FakeClient, where).append(error)
    with pytest.raises(ChannelBlocked):
        account.deliver(Message("text", 1))


@pytest.mark.parametrize(
    "error", [errors.ChatWriteForbiddenError(None), errors.ChatSendPlainForbiddenError(None)], ids=str
)
def test_an_alert_waits_until_the_group_opens(account: Account, error: Exception) -> None:
    """What lasts is said then; what is over meanwhile is one line."""
    FakeClient.answers += [error] * 2
    outbox = Outbox(account, Events().tell, Pace(blocked=0.3))
    outbox.start()
    outbox.put(lasting("disk", "the disk is full"))
    wait_until(lambda: FakeClient.sent())
    outbox.put(lasting("folder", "no folder"))
    outbox.put(over("folder", "a folder again"))
    outbox.close(20)
    assert [sent.message for sent in FakeClient.sent()[2:]] == [
        "the disk is full",
        "no folder → a folder again",
    ]


def test_every_alert_arrives_once_in_order_whatever_happens(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox over all that Telethon was seen to do: each message is shown once, in order.

    All but the one that Telegram refuses.
    """
    shown: list[str] = []
    known: set[int] = set()
    refused: list[str] = []
    faults: list[Any] = [
        ConnectionError("refused"), None, "silence", EOFError("closed at once"), "lost", None, "lost",
        errors.ServerError(None, "INTERNAL", 500), errors.FloodWaitError(None, capture=0), "lost twice",
        errors.MessageTooLongError(None), errors.FloodPremiumWaitError(None, capture=0), None,
        sqlite3.OperationalError("database is locked"), "locked after the delivery", asyncio.CancelledError(),
    ]  # fmt: skip

    async def request(self: FakeClient, sent: Any) -> Any:
        if not isinstance(sent, functions.messages.SendMessageRequest):
            return None
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
        return None

    monkeypatch.setattr(FakeClient, "__call__", request)
    outbox = Outbox(account, Events().tell, Pace(longest=0.01))
    outbox.start()
    texts = [f"alert {number}" for number in range(8)]
    for text in texts:
        outbox.put(text)
    wait_until(lambda: len(shown) == len(texts) - 1 and not faults)
    outbox.close(5)
    assert shown == [text for text in texts if text not in refused]
    assert len(refused) == 1


PNG = b"\x89PNG"


@pytest.mark.parametrize("error", [None, errors.RandomIdDuplicateError(None)], ids=str)
def test_a_picture(account: Account, error: Exception | None) -> None:
    """It is uploaded and sent with its caption; the same random_id in every try shows it once."""
    FakeClient.answers.append(error)
    account.deliver(Message("caption", 5, PNG))
    [sent] = FakeClient.sent()
    assert (sent.message, sent.random_id, sent.media.file.name) == ("caption", 5, "visitorsflow.png")
    assert isinstance(sent.media, types.InputMediaUploadedPhoto)


def test_a_caption_that_is_too_long_is_cut(account: Account) -> None:
    """Telegram takes 1,024 characters under a picture."""
    account.deliver(Message("x" * 5000, 1, PNG))
    assert len(FakeClient.sent()[0].message) == 1024


@pytest.mark.parametrize("where", ["at_look_up", "answers"])
def test_a_picture_that_is_refused(account: Account, where: str) -> None:
    """At its upload or after it: this one never, and the next message arrives."""
    account.check()
    getattr(FakeClient, where).append(errors.ImageProcessFailedError(None))
    with pytest.raises(MessageRefused, match="Telegram refuses it: Failure while processing image"):
        account.deliver(Message("caption", 1, PNG))
    account.deliver(Message("text", 2))


@pytest.mark.parametrize("picture", [None, PNG])
def test_to_oneself_it_is_a_reminder(account: Account, tmp_path: Path, picture: bytes | None) -> None:
    """15 seconds ahead by Telegram's clock, whatever this PC's clock says: then phones ring."""
    account = user_account("me", tmp_path)
    account.deliver(Message("text", 1, picture))
    [sent] = FakeClient.sent()
    assert sent.schedule_date == SERVER_TIME + timedelta(seconds=15)
    assert not sent.silent


@pytest.mark.parametrize("to", ["42", "@lab_account"])
def test_to_oneself_by_another_name(account: Account, tmp_path: Path, to: str) -> None:
    """The account's own number or username is the same chat as "me"."""
    FakeClient.usernames[to] = FakeClient.own
    user_account(to, tmp_path).deliver(Message("text", 1))
    assert FakeClient.sent()[0].schedule_date
    assert FakeClient.sent()[0].peer == types.InputPeerSelf()


@pytest.mark.parametrize(
    "error",
    [
        errors.ScheduleTooMuchError(None),
        errors.ScheduleDateInvalidError(None),
        errors.ScheduleDateTooLateError(None),
        errors.ScheduleStatusPrivateError(None),
        errors.ScheduleBotNotAllowedError(None),
    ],
    ids=lambda error: type(error).__name__,
)
def test_where_reminders_are_refused(account: Account, tmp_path: Path, error: Exception) -> None:
    """It is sent at once: silent is better than never."""
    FakeClient.answers.append(error)
    user_account("me", tmp_path).deliver(Message("text", 1))
    assert [(sent.random_id, bool(sent.schedule_date)) for sent in FakeClient.sent()] == [
        (1, True),
        (1, False),
    ]


def test_to_others_it_is_no_reminder(account: Account, tmp_path: Path) -> None:
    """Their phones ring at once."""
    account.deliver(Message("text", 1))
    bot_account("-555", tmp_path).deliver(Message("text", 2))
    assert [sent.schedule_date for sent in FakeClient.sent()] == [None, None]


def test_a_bot_asks_nothing_before_it_sends(tmp_path: Path) -> None:
    """The number of a supergroup is enough: no look-up, no list of chats."""
    FakeClient.at_look_up.append(AssertionError("it asked"))
    bot_account("-1000001234567", tmp_path).deliver(Message("text", 1))
    assert FakeClient.sent()[0].peer == types.InputPeerChannel(1234567, 0)


def test_the_check_finds_a_recipient_that_no_message_can_go_to(tmp_path: Path) -> None:
    """A bot that was not added to the group is known at the start, not at the first alert."""
    bot = bot_account("-1000001234567", tmp_path)
    with pytest.raises(ChannelBlocked, match="add it to the group, or let the person press Start"):
        bot.check()
    FakeClient.chats.append(supergroup(1234567, "場館群組"))
    bot.check()


NOBODY_WRITES = types.ChatBannedRights(None, send_messages=True)
NOBODY_PINS = types.ChatBannedRights(None, pin_messages=True)
ADMINISTRATOR = types.ChatAdminRights(pin_messages=True)


@pytest.mark.parametrize(
    ("chat", "reason"),
    [
        (types.ChannelForbidden(1234567, 7, "場館群組", megagroup=True), "this account is not in '場館群組'"),
        (supergroup(1234567, "場館群組", left=True), "this account is not in '場館群組'"),
        (supergroup(1234567, "場館群組", banned_rights=NOBODY_WRITES), "nobody may write to '場館群組' now"),
        (supergroup(1234567, "群組", default_banned_rights=NOBODY_WRITES), "nobody may write to '群組' now"),
        (supergroup(1234567, "群組", default_banned_rights=NOBODY_PINS), None),
        (supergroup(1234567, "群組", default_banned_rights=NOBODY_WRITES, admin_rights=ADMINISTRATOR), None),
        (supergroup(1234567, "群組", default_banned_rights=NOBODY_WRITES, creator=True), None),
    ],
    ids=["banned", "left", "silenced", "closed", "open", "administrator", "creator"],
)
def test_the_check_finds_that_nothing_can_be_written(tmp_path: Path, chat: Any, reason: str | None) -> None:
    """The account was put out of the group, or the group is closed for a while; not where it may write."""
    FakeClient.chats.append(chat)
    bot = bot_account("-1000001234567", tmp_path)
    with pytest.raises(ChannelBlocked, match=reason) if reason else contextlib.nullcontext():
        bot.check()
