"""Who gets the messages: every form of telegram_to, for a bot and for a user account."""

from pathlib import Path
from typing import Any

import pytest
from telethon import errors, types

from tests.telethon_stand_in import FakeClient, bot_account, group, supergroup, user_account
from visitorsflow.app import open_channel
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import MessageStore
from visitorsflow.errors import ChannelAway, ChannelBlocked, ConfigurationError
from visitorsflow.facts import Message
from visitorsflow.settings import Settings
from visitorsflow.telegram.account import Account

pytestmark = pytest.mark.usefixtures("telegram")

STAFF = types.InputPeerUser(777, 70)


def peer_of(account: Account) -> Any:
    """Whom a message of this account goes to."""
    account.deliver(Message("text", 1))
    return FakeClient.sent()[-1].peer


@pytest.mark.parametrize(
    ("to", "peer"),
    [
        ("777", types.InputPeerUser(777, 0)),
        ("-555", types.InputPeerChat(555)),
        ("-1000001234567", types.InputPeerChannel(1234567, 0)),
        ("-1001234567890", types.InputPeerChannel(1234567890, 0)),
        ("@staff", STAFF),
        ("staff", STAFF),
    ],
)
def test_a_bots_recipient(tmp_path: Path, to: str, peer: Any) -> None:
    """A number in each of its three forms, or a username; no list of chats is needed."""
    assert peer_of(bot_account(to, tmp_path)) == peer
    assert "dialogs" not in FakeClient.requests


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("me", "a bot can't write to itself: put the number of a group into telegram_to"),
        ("場館群組", "a bot can't find a group by its title: put its number into telegram_to"),
        ("1" * 30, "a bot can't find a group by its title"),
        ("@nobody", "Telegram knows no '@nobody'"),
    ],
)
def test_a_bot_without_a_recipient(tmp_path: Path, to: str, reason: str) -> None:
    """A person must fix telegram_to; the line says how."""
    with pytest.raises(ChannelBlocked, match=reason):
        bot_account(to, tmp_path).check()
    assert FakeClient.sent() == []


@pytest.mark.parametrize(
    ("to", "peer"),
    [
        ("me", types.InputPeerSelf()),
        ("777", STAFF),
        ("-555", types.InputPeerChat(555)),
        ("-1000001234567", types.InputPeerChannel(1234567, 8641969)),
        ("@staff", STAFF),
        ("展場警報", types.InputPeerChat(555)),
        ("場館群組 ", types.InputPeerChannel(1234567, 8641969)),
    ],
)
def test_an_accounts_recipient(tmp_path: Path, to: str, peer: Any) -> None:
    """Itself, a number, a username, or the title of a group that it is in."""
    FakeClient.chats += [
        FakeClient.usernames["@staff"],
        group(555, "展場警報"),
        supergroup(1234567, "場館群組"),
    ]
    assert peer_of(user_account(to, tmp_path)) == peer


def test_two_groups_of_the_same_title(tmp_path: Path) -> None:
    """Which one is meant, a person must say: with the number, which the line shows."""
    FakeClient.chats += [group(555, "警報"), supergroup(1234567, "警報"), supergroup(1234568, "警報 2")]
    with pytest.raises(
        ChannelBlocked, match="2 groups are named '警報': put -555 or -1000001234567 into telegram_to"
    ):
        user_account("警報", tmp_path).check()


@pytest.mark.parametrize("to", ["@nobody", "999", "-1000009999999"])
def test_a_recipient_that_does_not_exist(tmp_path: Path, to: str) -> None:
    """A person must fix telegram_to; the session is kept."""
    account = user_account(to, tmp_path)
    with pytest.raises(ChannelBlocked, match=f"knows no '{to}' .*; fix telegram_to"):
        account.deliver(Message("text", 1))
    assert account.session.exists()


@pytest.mark.parametrize("to", ["沒有這個群組", "staff"])
def test_a_title_that_no_group_has(tmp_path: Path, to: str) -> None:
    """A title is no username: a stranger who has that one would read the venue's alerts."""
    FakeClient.chats += [FakeClient.usernames["@staff"], group(555, "展場警報")]
    with pytest.raises(ChannelBlocked, match=f"no group '{to}' that this account is in; fix telegram_to"):
        user_account(to, tmp_path).deliver(Message("text", 1))
    assert FakeClient.sent() == []


def test_a_bot_whose_recipient_was_not_set(tmp_path: Path) -> None:
    """The start says what to set; nothing is asked of Telegram, and --check can still show the numbers."""
    settings = Settings(home=tmp_path, api_id=1, api_hash="hash", bot_token="42:test")
    with pytest.raises(ConfigurationError, match=r'telegram_to = "me": a bot .* number of a group'):
        open_channel(settings, MessageStore(Database(settings)))
    assert FakeClient.made == []
    assert Account(settings).describe().trouble


def test_a_person_is_no_group(tmp_path: Path) -> None:
    """Anybody may give himself the name that the group has."""
    FakeClient.chats += [types.User(5, first_name="警報", access_hash=1), group(555, "警報")]
    assert peer_of(user_account("警報", tmp_path)) == types.InputPeerChat(555)


@pytest.mark.parametrize("is_bot", [False, True])
def test_a_group_that_became_a_supergroup(tmp_path: Path, is_bot: bool) -> None:
    """Its number has changed: the messages follow it."""
    account = (bot_account if is_bot else user_account)("-555", tmp_path)
    FakeClient.usernames["-555"] = group(555, "警報")
    FakeClient.chats.append(group(555, "警報", migrated_to=types.InputChannel(99, 3)))
    assert peer_of(account) == types.InputPeerChannel(99, 3)


def test_a_recipient_is_looked_for_once(tmp_path: Path) -> None:
    """An account may have thousands of chats; but after a failure it is looked for again."""
    FakeClient.chats.append(supergroup(1234567, "警報"))
    account = user_account("警報", tmp_path)
    for number in (1, 2, 3):
        account.deliver(Message("text", number))
    assert FakeClient.requests.count("dialogs") == 1
    FakeClient.answers.append(ConnectionError())
    with pytest.raises(ChannelAway):
        account.deliver(Message("text", 4))
    FakeClient.chats[:] = [supergroup(77, "警報")]
    assert peer_of(account) == types.InputPeerChannel(77, 539)


def test_what_is_refused_while_it_is_looked_for(tmp_path: Path) -> None:
    """That a list of chats can't be had is not the message's fault: it waits."""
    FakeClient.at_look_up.append(errors.BadRequestError(None, "NOT_KNOWN_TO_TELETHON", 400))
    with pytest.raises(ChannelBlocked):
        user_account("@staff", tmp_path).deliver(Message("text", 1))


@pytest.mark.parametrize(
    ("to", "at_first", "then"),
    [("-555", True, True), ("@venue_news", False, True), ("@staff", False, False), ("777", False, False)],
)
def test_whether_many_read_there(tmp_path: Path, to: str, at_first: bool, then: bool) -> None:
    """A group or a channel: by its number at once, by its name when Telegram has said what it is."""
    FakeClient.usernames["@venue_news"] = supergroup(2345678, "News", is_group=False)
    FakeClient.usernames["@staff"] = types.User(777, access_hash=70, first_name="Guard", username="staff")
    FakeClient.chats.append(group(555, "展場警報"))
    bot = bot_account(to, tmp_path)
    known = [bot.is_of_many]
    bot.check()
    assert [*known, bot.is_of_many] == [at_first, then]
