"""What real programs say before and after a restart, and while the database is away."""

from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from tests.venue import Venue, wait_until
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.news import News
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.events import Ended, Lasts
from visitorsflow.reasons import quoted
from visitorsflow.subjects import CAPACITY, DATABASE, DISK
from visitorsflow.words import Words

# In place of the account that Telethon would sign in: each message is a line of a file.
STAND_IN = """
from visitorsflow.telegram import account

class Account:
    needs_a_person = is_own_recipient = is_of_many = False
    name = "Telegram"
    def __init__(self, settings, store):
        self.session = settings.home / "none.session"
        self.said = settings.home / "said.txt"
    def deliver(self, message):
        with self.said.open("a", encoding="utf-8") as said:
            said.write(("silent " if message.silent else "") + message.text + chr(10))
    def check(self):
        return None
    def show(self, status):
        return None

account.Account = Account
"""
ON = {"api_id": 1, "api_hash": "h", "phone_number": "1", "language": "en", "status_message": False}


def said(venue: Venue, *texts: str) -> list[str]:
    path: Path = venue.home / "said.txt"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [line for line in lines if all(text in line for text in texts)]


def test_a_silence_over_a_restart(venue: Venue) -> None:
    """It is told once, however often the PC is killed, and its end is told by the program after that."""
    venue.configure(idle_seconds=4, **ON)  # on a busy machine an end takes seconds to be told
    with venue.uploading(first=STAND_IN) as process:
        wait_until(lambda: said(venue, "No file has come"), "the silence is told")
        wait_until(lambda: _noted(venue), "it stands in the table")
        process.kill()
        process.wait()
    with venue.uploading(first=STAND_IN):
        wait_until(lambda: venue.terminal().count("ALERT No file has come") == 2, "it is noticed again")
        venue.drop("20180531101900.json", [])
        wait_until(lambda: said(venue, "Files come again"), "its end is told")
    assert len(said(venue)) == 2, said(venue)


def _noted(venue: Venue) -> bool:
    return '"lasts": [\n' in (venue.home / "visitorsflow.told.json").read_text("utf-8")


def test_a_silence_over_a_restart_while_the_database_is_away(venue: Venue) -> None:
    """Then the note beside the session is what is known."""
    venue.configure(idle_seconds=4, **ON)
    with venue.uploading(first=STAND_IN):
        wait_until(lambda: said(venue, "No file has come"), "the silence is told")
    database, venue.database = venue.database, 'host = "127.0.0.1"\nport = 1\nuser = "u"\ndb = "d"'
    venue.configure(idle_seconds=4, **ON)
    with venue.uploading(first=STAND_IN):
        wait_until(lambda: venue.terminal().count("ALERT No file has come") == 2, "it is noticed again")
        venue.drop("20180531101900.json", [])
        wait_until(lambda: said(venue, "Files come again"), "its end is told")
    assert len(said(venue)) == 2, said(venue)
    venue.database = database


class Kept:
    """An outbox that keeps what it is given."""

    def __init__(self) -> None:
        self.news: list[News] = []

    def put(self, news: News) -> None:
        self.news.append(news)


@pytest.mark.parametrize("rings", [True, False])
def test_the_database_is_away_at_all_pcs(rings: bool) -> None:
    """The one that spoke last rings; of the others it arrives without a sound, and its end too."""
    outbox = Kept()
    now = datetime(2018, 11, 3, 12)
    alerts = Alerts(cast(Outbox, outbox), Words("en"), lambda: now, lambda: 0.0, "17", rings=lambda: rings)
    for what in (DATABASE, DISK, CAPACITY):
        alerts(Lasts(what, quoted("why"), 30))
        alerts(Ended(what, 60, told=True, caught_up=0))
    assert [news.silent for news in outbox.news] == [not rings] * 2 + [False] * 4
