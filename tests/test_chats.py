"""Telegram in --check: who sends, who gets it, if that rings, and the chats that there are."""

from pathlib import Path

import pytest
from telethon import errors

from tests.telethon_stand_in import FakeClient, bot_account, group, supergroup, user_account
from visitorsflow.errors import ChannelAway, ChannelBlocked
from visitorsflow.telegram.recipients import Chat, Description

pytestmark = pytest.mark.usefixtures("telegram")

PERSON = Chat(777, "staff", "person")
GROUP = Chat(-555, "展場警報", "group")
SUPERGROUP = Chat(-1000001234567, "場館群組", "group")
CHANNEL = Chat(-1000002345678, "場館公告", "channel")
MYSELF = Chat(42, "Lab", "myself")


@pytest.fixture(autouse=True)
def chats(telegram: object) -> None:
    """One of each kind."""
    FakeClient.chats += [
        FakeClient.own,
        FakeClient.usernames["@staff"],
        group(555, "展場警報"),
        supergroup(1234567, "場館群組"),
        supergroup(2345678, "場館公告", is_group=False),
    ]


@pytest.mark.parametrize(
    ("to", "found", "rings"),
    [
        ("me", MYSELF, "reminder"),
        ("@staff", PERSON, "others"),
        ("展場警報", GROUP, "others"),
        ("場館群組", SUPERGROUP, "others"),
        ("-1000002345678", CHANNEL, "others"),
    ],
)
def test_a_user_account(tmp_path: Path, to: str, found: Chat, rings: str) -> None:
    """It never rings on the account's own phones but as a reminder."""
    described = user_account(to, tmp_path).describe()
    assert described == Description("@lab_account", False, found, None)
    assert described.rings == rings


@pytest.mark.parametrize(("to", "found"), [("777", PERSON), ("-555", GROUP), ("-1000001234567", SUPERGROUP)])
def test_a_bot(tmp_path: Path, to: str, found: Chat) -> None:
    """It rings on all phones."""
    described = bot_account(to, tmp_path).describe()
    assert described == Description("@lab_account", True, found, None)
    assert described.rings == "rings"


@pytest.mark.parametrize("to", ["me", "999", "場館群組", "@nobody"])
def test_a_bots_recipient_that_is_wrong(tmp_path: Path, to: str) -> None:
    """It is signed in all the same: the trouble is told, and nothing rings."""
    described = bot_account(to, tmp_path).describe()
    assert (described.name, described.recipient, described.rings) == ("@lab_account", None, "no")
    assert "telegram_to" in str(described.trouble)


def test_a_recipient_that_telegram_refuses(tmp_path: Path) -> None:
    """The trouble is told in Telegram's words."""
    bot = bot_account("-1000001234567", tmp_path)
    FakeClient.at_look_up += [None, errors.ChannelPrivateError(None)]
    assert str(bot.describe().trouble).startswith("The channel specified is private")


def test_an_account_that_is_not_signed_in(tmp_path: Path) -> None:
    """There is nothing to describe."""
    account = user_account("me", tmp_path)
    account.session.unlink()
    with pytest.raises(ChannelBlocked, match="not signed in"):
        account.describe()


def test_telegram_is_away(tmp_path: Path) -> None:
    """That is not said to be a wrong recipient."""
    FakeClient.at_connect.append(ConnectionError())
    with pytest.raises(ChannelAway):
        bot_account("777", tmp_path).describe()


def test_the_chats_of_a_user_account(tmp_path: Path) -> None:
    """All that it is in, with the numbers for telegram_to."""
    assert user_account("me", tmp_path).chats(0) == [MYSELF, PERSON, GROUP, SUPERGROUP, CHANNEL]


def test_the_chats_of_a_bot(tmp_path: Path) -> None:
    """Those in which somebody writes in the meantime, each once."""
    FakeClient.heard += [FakeClient.chats[3], FakeClient.chats[1], FakeClient.chats[3]]
    assert bot_account("me", tmp_path).chats(seconds=0.1) == [SUPERGROUP, PERSON]


def test_nobody_writes_to_a_bot(tmp_path: Path) -> None:
    """Then there is nothing to show; a delivery after it hears nothing."""
    bot = bot_account("777", tmp_path)
    assert bot.chats(seconds=0.1) == []
    bot.check()
    assert [client.hears for client in FakeClient.made] == [False, True, False]
