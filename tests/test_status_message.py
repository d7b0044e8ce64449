"""The status message: one a day, silent, edited; it never holds back an alert."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from telethon import errors, functions, types

from tests.telethon_stand_in import FakeClient, FakeStore, bot_account, bot_settings, group, user_account
from visitorsflow.errors import ChannelAway, ChannelBlocked, DatabaseAway, MessageRefused
from visitorsflow.facts import Status, StatusMessage
from visitorsflow.telegram.account import Account

pytestmark = pytest.mark.usefixtures("telegram")

TODAY = date(2018, 11, 3)
TOMORROW = TODAY + timedelta(days=1)
TO = "-1000001234567"


@pytest.fixture
def bot(telegram: object, tmp_path: Path) -> Account:
    """A bot that is signed in, on the stand-in."""
    bot = bot_account(TO, tmp_path)
    bot.session.touch()
    return bot


def asked() -> list[str]:
    """The requests to Telegram, in order."""
    said = []
    for request in FakeClient.requests:
        match request:
            case functions.messages.SendMessageRequest():
                said.append(f"send {request.message}")
            case functions.messages.EditMessageRequest():
                said.append(f"edit {request.id} {request.message}")
            case functions.messages.UpdatePinnedMessageRequest():
                assert request.silent
                said.append(f"{'unpin' if request.unpin else 'pin'} {request.id}")
    return said


def test_it_is_sent_once_and_edited_then(bot: Account) -> None:
    """Sent and pinned without a sound, then edited, each time by a new client."""
    for text in ("10:00", "10:01", "10:02"):
        bot.show(Status(TODAY, text))
    assert asked() == ["send 10:00", "pin 1", "edit 1 10:01", "edit 1 10:02"]
    assert FakeClient.sent()[0].silent
    assert FakeClient.sent()[0].schedule_date is None
    assert len(FakeClient.made) == 3


def test_a_restart_goes_on_editing(bot: Account, tmp_path: Path) -> None:
    """Which message it is stands in the database: so does another PC that speaks from then on."""
    bot.show(Status(TODAY, "before"))
    other = bot_account(TO, tmp_path)
    other.show(Status(TODAY, "after"))
    other.show(Status(TOMORROW, "tomorrow"))
    bot.show(Status(TOMORROW, "again"))
    assert asked() == [
        "send before",
        "pin 1",
        "edit 1 after",
        "send tomorrow",
        "pin 4",
        "unpin 1",
        "edit 4 again",
    ]


def test_another_recipient(bot: Account, tmp_path: Path) -> None:
    """The number is one of the other chat: there it would be another message."""
    bot.show(Status(TODAY, "here"))
    bot_account("777", tmp_path).show(Status(TODAY, "there"))
    assert asked() == ["send here", "pin 1", "send there", "pin 3"]


def test_another_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a group each account has numbers of its own: that of another would be one of its alerts."""
    FakeClient.chats.append(group(555, "警報"))
    for number in (42, 43):
        monkeypatch.setattr(FakeClient, "own", types.User(number, is_self=True, access_hash=7))
        user_account("-555", tmp_path).show(Status(TODAY, f"by {number}"))
    assert asked() == ["send by 42", "pin 2", "send by 43", "pin 5"]


class Failing(FakeStore):
    """They can't be reached while `away` is set; nor can the number of a message be kept at first."""

    away = False
    loses_number = False

    def read(self, chat: str) -> StatusMessage | None:
        self._open()
        return super().read(chat)

    def keep(self, chat: str, message: StatusMessage) -> None:
        self.away = self.away or (self.loses_number and bool(message.number))
        self._open()
        super().keep(chat, message)

    def _open(self) -> None:
        if self.away:
            raise DatabaseAway("db:3306/venue: gone")


def test_the_database_is_away(bot: Account, tmp_path: Path) -> None:
    """The day's message is edited all the same, to say so; nothing is sent that nobody would find again."""
    store = Failing(tmp_path)
    bot = Account(bot_settings(TO, tmp_path), store)
    bot.show(Status(TODAY, "one"))
    bot_account(TO, tmp_path).show(Status(TODAY, "of another PC"))
    store.away = True
    bot.show(Status(TODAY, "two"))
    for account, day in ((bot, TOMORROW), (Account(bot_settings(TO, tmp_path), store), TODAY)):
        with pytest.raises(MessageRefused, match=r"which message it is .* gone"):
            account.show(Status(day, "new"))
    store.away = False
    bot.show(Status(TODAY, "three"))
    assert asked() == ["send one", "pin 1", "edit 1 of another PC", "edit 1 two", "edit 1 three"]


def test_the_database_goes_while_it_is_sent(tmp_path: Path, bot: Account) -> None:
    """Its number is kept by the next edit, so that a restart finds it."""
    store = Failing(tmp_path)
    bot = Account(bot_settings(TO, tmp_path), store)
    store.loses_number = True
    bot.show(Status(TODAY, "one"))
    store.away = store.loses_number = False
    bot.show(Status(TODAY, "two"))
    Account(bot_settings(TO, tmp_path), store).show(Status(TODAY, "three"))
    assert asked() == ["send one", "pin 1", "edit 1 two", "edit 1 three"]


def test_a_day_has_its_own(bot: Account) -> None:
    """The one of the day before stays in the chat, and is not pinned any more."""
    bot.show(Status(TODAY, "today"))
    bot.show(Status(TOMORROW, "tomorrow"))
    bot.show(Status(TOMORROW, "later"))
    assert asked() == ["send today", "pin 1", "send tomorrow", "pin 3", "unpin 1", "edit 3 later"]


def test_an_edit_that_changes_nothing(bot: Account) -> None:
    """An earlier edit, whose answer was lost, is done: that is a success."""
    bot.show(Status(TODAY, "text"))
    FakeClient.answers.append(errors.MessageNotModifiedError(None))
    bot.show(Status(TODAY, "text"))
    bot.show(Status(TODAY, "more"))
    assert asked() == ["send text", "pin 1", "edit 1 text", "edit 1 more"]


@pytest.mark.parametrize(
    "error",
    [
        errors.MessageIdInvalidError(None),
        errors.MessageEditTimeExpiredError(None),
        errors.MessageAuthorRequiredError(None),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_message_that_is_gone(bot: Account, error: Exception) -> None:
    """Deleted, too old, or of another account: a new one is sent at once, and edited from then on."""
    bot.show(Status(TODAY, "old"))
    FakeClient.answers.append(error)
    bot.show(Status(TODAY, "new"))
    bot.show(Status(TODAY, "newer"))
    assert asked() == ["send old", "pin 1", "edit 1 new", "send new", "pin 4", "unpin 1", "edit 4 newer"]


@pytest.mark.parametrize(
    "error",
    [
        errors.ChatAdminRequiredError(None),
        errors.PinRestrictedError(None),
        errors.FloodWaitError(None, capture=60),
    ],
    ids=lambda error: type(error).__name__,
)
def test_where_it_may_not_be_pinned(bot: Account, error: Exception) -> None:
    """It is edited all the same."""
    FakeClient.answers += [None, error]
    bot.show(Status(TODAY, "one"))
    bot.show(Status(TODAY, "two"))
    assert asked() == ["send one", "pin 1", "edit 1 two"]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (errors.FloodWaitError(None, capture=600), 600),
        (errors.FloodPremiumWaitError(None, capture=600), 600),
        (ConnectionError(), None),
    ],
    ids=str,
)
def test_a_wait(bot: Account, error: Exception, seconds: float | None) -> None:
    """It is handed on; the message is the same afterwards."""
    bot.show(Status(TODAY, "one"))
    FakeClient.answers.append(error)
    with pytest.raises(ChannelAway) as raised:
        bot.show(Status(TODAY, "two"))
    assert raised.value.retry_after == seconds
    bot.show(Status(TODAY, "three"))
    assert asked()[-1] == "edit 1 three"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.MessageTooLongError(None), MessageRefused),
        (errors.ChatWriteForbiddenError(None), ChannelBlocked),
        (errors.ChannelPrivateError(None), ChannelBlocked),
    ],
    ids=lambda error: getattr(error, "__name__", type(error).__name__),
)
def test_a_refusal(bot: Account, error: Exception, expected: type[Exception]) -> None:
    """Told apart as for an alert."""
    FakeClient.answers.append(error)
    with pytest.raises(expected):
        bot.show(Status(TODAY, "one"))


def test_a_first_answer_that_is_lost(bot: Account, tmp_path: Path) -> None:
    """The same message is sent again, also after a restart: it is shown once."""
    FakeClient.answers.append(ConnectionError())
    with pytest.raises(ChannelAway):
        bot.show(Status(TODAY, "one"))
    bot_account(TO, tmp_path).show(Status(TODAY, "two"))
    assert len({sent.random_id for sent in FakeClient.sent()}) == 1
    assert asked() == ["send one", "send two", "pin 2"]


def test_a_message_whose_number_nobody_knows(bot: Account) -> None:
    """It arrived, and can't be edited: the next text is another message, which can."""
    FakeClient.answers += [ConnectionError(), errors.RandomIdDuplicateError(None)]
    with pytest.raises(ChannelAway):
        bot.show(Status(TODAY, "one"))
    for text in ("two", "three", "four"):
        bot.show(Status(TODAY, text))
    assert asked() == ["send one", "send two", "send three", "pin 3", "edit 3 four"]
    assert len({sent.random_id for sent in FakeClient.sent()}) == 2


def test_yesterdays_is_unpinned_although_an_answer_was_lost(bot: Account) -> None:
    """The one that is pinned stays known until the new one is there."""
    bot.show(Status(TODAY, "today"))
    FakeClient.answers.append(ConnectionError())
    with pytest.raises(ChannelAway):
        bot.show(Status(TOMORROW, "tomorrow"))
    bot.show(Status(TOMORROW, "again"))
    assert asked()[-3:] == ["send again", "pin 4", "unpin 1"]


def test_to_oneself_it_is_no_reminder(bot: Account, tmp_path: Path) -> None:
    """It is looked at, and does not ring."""
    user_account("me", tmp_path).show(Status(TODAY, "text"))
    assert FakeClient.sent()[0].schedule_date is None


def test_a_text_that_is_too_long_is_cut(bot: Account) -> None:
    """Telegram takes 4,096 characters."""
    for _ in range(2):
        bot.show(Status(TODAY, "x" * 5000))
    sent, _pinned, edited = FakeClient.requests
    assert (len(sent.message), len(edited.message)) == (4096, 4096)
