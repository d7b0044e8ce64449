"""The table PeopleFlowMessage, the same tests on SQLite and on a real MariaDB."""

from datetime import date, datetime, timedelta

import pytest

from tests.mariadb import MariaDB
from tests.overviews import first, limited, listening
from tests.tellings import dead
from tests.venue import Venue, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.day import NOT_KNOWN
from visitorsflow.database.status_tables import LONGEST_CHAT, MessageStore
from visitorsflow.events import DayClosed, Delivered
from visitorsflow.facts import StatusMessage

TODAY = date(2018, 11, 3)
NOON = datetime(2018, 11, 3, 12)
ONE = StatusMessage(TODAY, 2**63 - 1)
TELEGRAM = {"api_id": 1, "api_hash": "h", "bot_token": "42:test", "telegram_to": "-555"}


@pytest.fixture
def messages(database: Database) -> MessageStore:
    """The table, which is made when it is needed."""
    return MessageStore(database)


def test_what_is_kept_is_read_back(messages: MessageStore) -> None:
    """The last of each chat, to the letter."""
    chats = ("42 -555", "42 展場警報 😀", "42 Alarm", "42 alarm", "7 -555", "x" * 2 * LONGEST_CHAT)
    assert [messages.read(chat) for chat in chats] == [None] * len(chats)
    for number, chat in enumerate(chats):
        messages.keep(chat, ONE)
        messages.keep(chat, StatusMessage(TODAY + timedelta(days=1), number, number + 2**31, 7))
    for number, chat in enumerate(chats):
        assert messages.read(chat) == StatusMessage(TODAY + timedelta(days=1), number, number + 2**31, 7)


def test_the_closing_message_is_no_status(messages: MessageStore, database: Database) -> None:
    """Each has a row of its own."""
    messages.keep("42 -555", ONE)
    assert database.transaction(MessageStore.last_closing) is None
    messages.keep_closing(TODAY)
    messages.keep_closing(TODAY + timedelta(days=1))
    messages.keep_closing(TODAY)  # a late one
    assert database.transaction(MessageStore.last_closing) == TODAY + timedelta(days=1)
    assert messages.read("42 -555") == ONE
    assert messages.read("") is None


@pytest.mark.usefixtures("not_at_midnight")
def test_every_pc_learns_which_closing_message_was_said(venue: Venue) -> None:
    """By the day that it reads; written with the next beat of the PC that said it."""
    venue.configure(status_message=True, **TELEGRAM)
    venue.rows()  # makes PeopleFlow
    with listening(venue, read_every=0.1) as (overview, days):
        assert (first(days).missing, first(days).closing_said) == ((), None)
        overview(Delivered(DayClosed(TODAY)))
        wait_until(lambda: days[-1].closing_said == TODAY, "it is read")
    with listening(venue) as (_, days):
        assert first(days).closing_said == TODAY


@pytest.mark.usefixtures("not_at_midnight")
def test_a_table_that_can_not_be_made(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """Nothing else suffers: that a camera was told dead is written; and which was the last is not known."""
    mariadb_venue.rows()  # makes PeopleFlow
    name = mariadb_venue.settings().db
    with listening(mariadb_venue) as (_, days):
        first(days)  # the other tables are made
    limited(mariadb, mariadb_venue, "SELECT, INSERT, UPDATE")
    mariadb_venue.configure(status_message=True, **TELEGRAM)
    with listening(mariadb_venue, read_every=0.1) as (overview, days):
        overview(Delivered(DayClosed(TODAY)))
        overview(dead(mariadb_venue.settings().camera))
        wait_until(lambda: days and days[-1].cameras[0].told_at, "it is written")
    assert days[-1].closing_said == NOT_KNOWN
    assert days[-1].missing[0].table == "PeopleFlowMessage"
    ended = "SELECT COUNT(*) FROM PeopleFlowCamera WHERE stoppedAt IS NOT NULL"
    assert mariadb.execute(ended, name) == ((1,),)


@pytest.mark.usefixtures("not_at_midnight")
def test_without_the_status_message_there_is_no_such_table(venue: Venue, database: Database) -> None:
    """Nobody needs it."""
    venue.rows()  # makes PeopleFlow
    with listening(venue) as (_, days):
        assert first(days).missing == ()
    is_there = "SELECT 1 FROM PeopleFlowMessage"
    with pytest.raises(Exception, match=r"PeopleFlowMessage"):
        database.transaction(lambda connection: connection.exec_driver_sql(is_there))
