"""Files that are stored late: the rule, and the loop that applies it."""

import os
import time
from datetime import datetime

import pytest

from tests.api import Api
from tests.faults.clocks import Clocks, alerts
from tests.venue import Venue, crossing, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras, Reports
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import Began, Ended, Lasts
from visitorsflow.reasons import Reason
from visitorsflow.rules.delay import Delay
from visitorsflow.subjects import DELAY

LATE = Reason("stored late")


def test_a_backlog_begins_and_ends() -> None:
    """What is stored has waited for more than a minute, and more waits; over when nothing does."""
    delay = Delay()
    assert delay.check(0, more_wait=True) == ()
    delay.stored(5, 60)
    assert delay.check(1, more_wait=True) == ()
    delay.stored(5, 60.1)
    assert delay.check(2, more_wait=False) == ()
    assert delay.check(3, more_wait=True) == (Began(DELAY, LATE),)
    delay.stored(7, 500)
    assert delay.check(99, more_wait=True) == ()
    assert delay.check(100, more_wait=False) == (Ended(DELAY, 97, told=False, caught_up=7),)


def test_ten_minutes_are_told_once_and_their_end() -> None:
    """When that has lasted for half a minute: who was off for a moment catches up sooner."""
    delay = Delay()
    delay.stored(5, 601)
    assert delay.check(0, more_wait=True) == (Began(DELAY, LATE),)
    assert delay.check(29, more_wait=True) == ()
    delay.stored(5, 600)
    assert delay.check(30, more_wait=True) == ()
    delay.stored(5, 601)
    assert delay.check(31, more_wait=True) == (Lasts(DELAY, LATE, 30),)
    assert delay.check(62, more_wait=True) == ()
    delay.stored(5, 60)
    assert delay.check(63, more_wait=True) == (Ended(DELAY, 63, told=True, caught_up=15),)


def test_what_the_phone_knows_is_not_told_under_another_name() -> None:
    """While a database that was away is caught up with, its own end says when all is stored."""
    delay = Delay()
    delay.stored(5, 601)
    assert delay.check(0, more_wait=True, is_told=True) == (Began(DELAY, LATE),)
    assert delay.check(99, more_wait=True, is_told=True) == ()
    assert delay.check(100, more_wait=True) == (Lasts(DELAY, LATE, 30),)


def backlog(venue: Venue, files: int, written: float) -> None:
    """Files that were written then, in seconds since 1970, each with one crossing of now."""
    for number in range(files):
        path = venue.drop(f"{number:03}.json", [crossing(f"{datetime.now():%Y%m%d%H%M%S}", number)])  # noqa: DTZ005
        os.utime(path, (written, written))


def test_the_loop_tells_it(
    sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A PC that was off works off its folder: the phone hears that counts are not whole, and when."""
    monkeypatch.setattr("visitorsflow.intake.reader.BATCH_FILES", 1)
    monkeypatch.setattr("visitorsflow.intake.uploader.LONGEST_TURN_SECONDS", -1)
    clocks = Clocks(sqlite_venue, idle_seconds=600)
    backlog(sqlite_venue, 5, clocks.wall.timestamp() - 700)
    for _ in range(6):
        clocks.uploader.make_pass()
        clocks.monotonic += 15
    assert [text.partition(" [")[0] for text in alerts(caplog)] == [
        "檔案晚了十分鐘以上才存入，還有 3 個檔案等待中，目前的人數還不完整",
        "檔案又能馬上存入了，已補存 4 個檔案",
    ]
    sqlite_venue.table().database.close()


def test_an_old_file_that_is_put_back_is_no_backlog(
    sqlite_venue: Venue, caplog: pytest.LogCaptureFixture
) -> None:
    """However old it is, it is stored at once."""
    clocks = Clocks(sqlite_venue)
    backlog(sqlite_venue, 5, clocks.wall.timestamp() - 7000)
    for moment in (0, 60, 120):
        clocks.pass_at(moment)
    assert not any("late" in message for message in caplog.messages)


@pytest.mark.usefixtures("not_at_midnight")
def test_a_report_during_catching_up_is_partial(sqlite_venue: Venue, api: Api) -> None:
    """A camera that is well otherwise, and whose files wait: its rows so far are not all."""
    slow = (
        "from visitorsflow.intake import reader, uploader as u\n"
        "reader.BATCH_FILES, u.LONGEST_TURN_SECONDS, insert = 1, 0.1, u.PeopleFlow.insert\n"
        "def slowly(*a): u.time.sleep(0.2); return insert(*a)\n"
        "u.PeopleFlow.insert = slowly"
    )
    sqlite_venue.configure(api_url=api.url)
    backlog(sqlite_venue, 100, time.time() - 90)
    database = Database(sqlite_venue.settings())

    def is_late() -> bool:
        try:
            return any("delay" in camera.trouble for camera in Cameras(database).read())
        except DatabaseAway:  # no table yet
            return False

    with sqlite_venue.uploading(first=slow):
        wait_until(is_late)
        done = sqlite_venue.run("callAPI.py")
        assert sqlite_venue.waiting()
    assert (done.returncode, "partial: files wait at camera 17 since " in done.stderr) == (0, True), (
        done.stderr
    )
    assert (Reports(database).newest(1) or [])[0].partial.startswith("17 (")
    database.close()
