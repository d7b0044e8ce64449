"""The table PeopleFlowMessage, the same tests on SQLite and on a real MariaDB."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.mariadb import MariaDB
from tests.venue import Venue, wait_until
from visitorsflow.database.messages import LONGEST_CHAT, Messages
from visitorsflow.database.overview import Overview
from visitorsflow.database.today import NOT_KNOWN
from visitorsflow.database.transaction import Database
from visitorsflow.events import DayRead, Event
from visitorsflow.facts import Day, StatusMessage

TODAY = date(2018, 11, 3)
ONE = StatusMessage(TODAY, 2**63 - 1)
TELEGRAM = {"api_id": 1, "api_hash": "h", "bot_token": "42:test", "telegram_to": "-555"}


@pytest.fixture
def database(venue: Venue) -> Iterator[Database]:
    """A connection to the venue's database."""
    database = Database(venue.settings())
    yield database
    database.close()


@pytest.fixture
def messages(database: Database) -> Messages:
    """The table, which is made when it is needed."""
    return Messages(database)


def test_what_is_kept_is_read_back(messages: Messages) -> None:
    """The last of each chat, to the letter."""
    chats = ("42 -555", "42 展場警報 😀", "42 Alarm", "42 alarm", "7 -555", "x" * 2 * LONGEST_CHAT)
    assert [messages.read(chat) for chat in chats] == [None] * len(chats)
    for number, chat in enumerate(chats):
        messages.keep(chat, ONE)
        messages.keep(chat, StatusMessage(TODAY + timedelta(days=1), number, number + 2**31, 7))
    for number, chat in enumerate(chats):
        assert messages.read(chat) == StatusMessage(TODAY + timedelta(days=1), number, number + 2**31, 7)


def test_the_closing_message_is_no_status(messages: Messages, database: Database) -> None:
    """Each has a row of its own."""
    messages.keep("42 -555", ONE)
    assert database.transaction(Messages.last_closing) is None
    messages.keep_closing(TODAY)
    messages.keep_closing(TODAY + timedelta(days=1))
    messages.keep_closing(TODAY)  # a late one
    assert database.transaction(Messages.last_closing) == TODAY + timedelta(days=1)
    assert messages.read("42 -555") == ONE
    assert messages.read("") is None


def read_days(venue: Venue) -> tuple[Overview, list[Day]]:
    """An overview in this process, and the days that it has told."""
    venue.rows()  # makes PeopleFlow
    days: list[Day] = []

    def tell(event: Event) -> None:
        assert isinstance(event, DayRead)
        days.append(event.day)

    overview = Overview(venue.settings(), Database(venue.settings()), read_every=0.1)
    overview.start(tell)
    return overview, days


@pytest.mark.usefixtures("not_at_midnight")
def test_every_pc_learns_which_closing_message_was_said(venue: Venue) -> None:
    """By the day that it reads; written with the next beat of the PC that said it."""
    venue.configure(status_message=True, **TELEGRAM)
    overview, days = read_days(venue)
    wait_until(lambda: days, "the first read")
    assert (days[0].missing, days[0].closing_said) == ("", None)
    overview.closing_said(TODAY)
    wait_until(lambda: days[-1].closing_said == TODAY, "it is read")
    overview.close()
    overview, days = read_days(venue)
    wait_until(lambda: days, "the next program reads it")
    assert days[0].closing_said == TODAY
    overview.close()


@pytest.mark.usefixtures("not_at_midnight")
def test_a_table_that_can_not_be_made(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """Nothing else suffers: that a camera was told dead is written; and which was the last is not known."""
    mariadb_venue.configure(status_message=True, **TELEGRAM)
    name = mariadb_venue.settings().db
    overview, days = read_days(mariadb_venue)
    wait_until(lambda: days, "all tables are made")
    overview.close()
    mariadb.execute("DROP TABLE PeopleFlowMessage", name)
    user = f"u{name}"[:32]
    mariadb.execute(f"CREATE OR REPLACE USER '{user}'@'%' IDENTIFIED BY 'x'")
    mariadb.execute(f"GRANT SELECT, INSERT, UPDATE ON {name}.* TO '{user}'@'%'")
    port = mariadb.port
    mariadb_venue.database = f"host, port, user, password, db = '127.0.0.1', {port}, {user!r}, 'x', {name!r}"
    mariadb_venue.configure(status_message=True, **TELEGRAM)
    mariadb.execute("UPDATE PeopleFlowCamera SET toldAt = NULL", name)
    settings, days = mariadb_venue.settings(), []

    def tell(event: Event) -> None:
        assert isinstance(event, DayRead)
        days.append(event.day)

    overview = Overview(settings, Database(settings), read_every=0.1)
    overview.closing_said(TODAY)
    overview.told([settings.camera])
    overview.start(tell)
    wait_until(lambda: days and days[-1].cameras[0].told_at, "it is written")
    overview.close()
    assert days[-1].closing_said == NOT_KNOWN
    assert days[-1].missing.startswith("PeopleFlowMessage: ")
    assert mariadb.execute("SELECT COUNT(*) FROM PeopleFlowCamera WHERE stoppedAt IS NOT NULL", name) == (
        (1,),
    )


@pytest.mark.usefixtures("not_at_midnight")
def test_without_the_status_message_there_is_no_such_table(venue: Venue, database: Database) -> None:
    """Nobody needs it."""
    overview, days = read_days(venue)
    wait_until(lambda: days, "the first read")
    overview.close()
    assert days[0].missing == ""
    is_there = "SELECT 1 FROM PeopleFlowMessage"
    with pytest.raises(Exception, match=r"PeopleFlowMessage"):
        database.transaction(lambda connection: connection.exec_driver_sql(is_there))
