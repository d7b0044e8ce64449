"""Four PCs of one venue, of which some die: who says it, and how often. A file stands in for Telegram."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from tests.faults.conftest import Scene
from tests.venue import Venue, wait_until

# In place of the account that Telethon would sign in: each message is one line of a file. The times of the
# rules are a twentieth of what they are, in each module that knows them.
STAND_IN = """
import os, sys, time
from datetime import timedelta
from visitorsflow.telegram import account
from visitorsflow.rules import health
from visitorsflow.venue import overview, speaker, watch

class Account:
    needs_a_person = is_own_recipient = is_of_many = False
    def __init__(self, settings, store):
        self.session = settings.home / "none.session"
        self.camera = settings.camera
    name = "Telegram"
    def deliver(self, message):
        while os.path.exists({said!r} + ".held"):
            time.sleep(0.05)
        with open({said!r}, "a", encoding="utf-8") as said:
            said.write(f"{{self.camera}}: {{message.text}}" + chr(10))
    def check(self):
        return None
    def show(self, status):
        return None

account.Account = Account
health.DEAD_AFTER = watch.DEAD_AFTER = timedelta(seconds=6)
watch.IN_COMPANY = timedelta(seconds=4)
speaker.SETTLING = timedelta(seconds=3)
speaker.SURELY_SAID = speaker.HANDOVER = timedelta(seconds=3)
overview.Overview.__init__.__kwdefaults__["beat_every"] = 1
from visitorsflow import app
app.EVERY_SECONDS = 1
"""


class Phone:
    """The phone of somebody at the venue: what was said, by whom."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.held = file.with_name(f"{file.name}.held")  # while it is there, no message arrives

    def lines(self, *texts: str) -> list[str]:
        """The messages that hold all of these texts."""
        said = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        return [line for line in said if all(text in line for text in texts)]


class Pcs:
    """The PCs of four cameras on one database, each with a process."""

    def __init__(self, scene: Scene, phone: Phone, stack: contextlib.ExitStack) -> None:
        self.venues = [Venue(scene.venue.home / str(n), scene.venue.database) for n in range(4)]
        self._first = STAND_IN.format(said=str(phone.file))
        self._stack = stack
        for number, venue in enumerate(self.venues):
            venue.configure(
                camera=f"camera {number}", api_id=1, api_hash="h", phone_number="1", idle_seconds=600
            )
        self.processes = [self.start(number) for number in range(4)]

    def start(self, number: int) -> "subprocess.Popen[bytes]":
        return self._stack.enter_context(self.venues[number].uploading(first=self._first))

    def kill(self, *numbers: int) -> None:
        for number in numbers:
            process = self.processes[number]
            process.kill()
            process.wait()


@pytest.fixture
def phone(tmp_path: Path) -> Phone:
    """Nobody has said anything yet."""
    return Phone(tmp_path / "said.txt")


@pytest.fixture
def pcs(scene: Scene, phone: Phone) -> Iterator[Pcs]:
    """All of them at work, and ready to speak."""
    with contextlib.ExitStack() as stack:
        pcs = Pcs(scene, phone, stack)
        table = "SELECT COUNT(*) FROM PeopleFlowCamera WHERE canTell"
        database = scene.venue.settings().db

        def all_can_tell() -> bool:
            with contextlib.suppress(pymysql.Error):  # the table is not there yet
                return scene.server.execute(table, database) == ((4,),)
            return False

        wait_until(all_can_tell, "all four can tell", seconds=60)
        yield pcs


@pytest.mark.timeout(200)
def test_one_dies_and_comes_back(pcs: Pcs, phone: Phone) -> None:
    """Exactly one message names it, and exactly one says that it is back, by the first that lives."""
    pcs.kill(2)
    wait_until(lambda: phone.lines("camera 2", "沒有回應"), "it is told", seconds=60)
    pcs.processes[2] = pcs.start(2)
    wait_until(lambda: phone.lines("camera 2", "恢復了"), "its return is told", seconds=60)
    assert len(phone.lines("沒有回應")) == len(phone.lines("恢復了")) == 1
    assert all(line.startswith("camera 0: ") for line in phone.lines())


@pytest.mark.timeout(200)
def test_the_speaker_dies_with_another(pcs: Pcs, phone: Phone) -> None:
    """The next by name says it of both, in one message or in two, each of them once."""
    pcs.kill(0, 3)
    wait_until(lambda: phone.lines("camera 0", "沒有回應"), "the speaker is told", seconds=60)
    wait_until(lambda: phone.lines("camera 3", "沒有回應"), "the other is told", seconds=60)
    said = phone.lines("沒有回應")
    assert len(said) <= 2
    assert all(line.startswith("camera 1: ") for line in said)


@pytest.mark.timeout(200)
def test_an_end_in_order_is_no_death(pcs: Pcs, phone: Phone) -> None:
    """A PC that was shut down is not said to be dead, not even when it is away for as long as a dead one."""
    pcs.processes[2].terminate()
    pcs.processes[2].wait()
    pcs.kill(3)
    wait_until(lambda: phone.lines("camera 3", "沒有回應"), "the dead one is told", seconds=60)
    assert phone.lines("camera 2") == []


@pytest.mark.timeout(200)
def test_what_arrives_during_the_end_is_written(pcs: Pcs, phone: Phone, scene: Scene) -> None:
    """Else whoever starts next would tell the same deaths again."""
    phone.held.touch()
    pcs.kill(1, 2, 3)
    speaker, name = pcs.processes[0], scene.venue.settings().db
    wait_until(lambda: "沒有回應" in pcs.venues[0].terminal(), "it is to be told", seconds=60)
    assert phone.lines() == []
    speaker.terminate()
    threading.Timer(1.5, phone.held.unlink).start()
    assert speaker.wait(20) == 0
    assert phone.lines("沒有回應")
    [(told,)] = scene.server.execute("SELECT COUNT(*) FROM PeopleFlowCamera WHERE toldAt IS NOT NULL", name)
    assert told > 0
