"""The notify socket of a service manager: a stand-in listens, and the real script tells it how it is."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests import forks
from tests.faults.test_hanging_faults import HANGS
from tests.manager import StandIn, stand_in
from tests.venue import Venue, crossing, some_crossings, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import STATEMENT_ROWS, PeopleFlow
from visitorsflow.events import Began, Ended, Event, Listed, Passed, Stored
from visitorsflow.facts import Crossing
from visitorsflow.reasons import quoted
from visitorsflow.service import Manager, Service
from visitorsflow.subjects import DATABASE, SILENCE

NAME = "20180531101900.json"
NOON = datetime(2018, 11, 3, 12, 3, 15)
OFTEN = "3000000"  # WATCHDOG_USEC: a loop that stands still for six seconds is seen; it rests for five


@pytest.fixture
def manager() -> Iterator[StandIn]:
    """A service manager that listens."""
    with stand_in() as manager:
        yield manager


@pytest.fixture
def as_a_service(manager: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """What is started from now on is started by that manager, which wants a sign every three seconds."""
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    monkeypatch.setenv("WATCHDOG_USEC", OFTEN)
    return manager


def wait_for_signs(manager: StandIn, more: int = 9) -> None:
    """They come every second at most: nine are longer than the six seconds that a defect would take."""
    before = manager.signs()
    wait_until(lambda: manager.signs() >= before + more, "signs of life")


class Watched:
    """A service whose clock the test turns, and that tells a manager `watchdog` seconds of patience."""

    def __init__(self, manager: StandIn, watchdog: int | None = 60) -> None:
        self.now = 0.0
        environment = {"NOTIFY_SOCKET": manager.address}
        if watchdog:
            environment |= {"WATCHDOG_USEC": f"{watchdog}000000", "WATCHDOG_PID": str(os.getpid())}
        self.service = Service(Manager(environment), lambda: NOON, lambda: self.now)
        self.manager = manager
        self._looks = 0

    def look(self, place: str = "", seconds: float = 0.0) -> list[str]:
        """One look at the loop, which has been there for so long: what was told by it."""
        before = len(self.manager.heard)
        self.service.look(place, seconds)
        self._looks += 1
        mark = f"look {self._looks}"
        Manager({"NOTIFY_SOCKET": self.manager.address}).tell(mark)
        wait_until(lambda: mark in [line for _, line in self.manager.heard])
        return [line for _, line in self.manager.heard[before:-1]]


def test_ready_when_the_loop_has_made_a_pass(manager: StandIn) -> None:
    """Not before, and once."""
    watched = Watched(manager)
    assert watched.look() == []
    watched.service(Passed())
    assert watched.look() == ["READY=1", "STATUS=0 files stored, 0 waiting", "WATCHDOG=1"]
    watched.service(Passed())
    assert watched.look() == []


def test_a_long_first_pass_is_no_failed_start(manager: StandIn) -> None:
    """A huge file takes minutes: once the folder was listed, no error can end the start any more."""
    watched = Watched(manager)
    watched.service(Listed(1, True, "a"))
    assert watched.look("", 5) == ["READY=1", "WATCHDOG=1"]


def test_a_share_that_hangs_at_the_start_is_no_failed_start(manager: StandIn) -> None:
    """After ten seconds the program counts as started, and its status says what it waits for."""
    watched = Watched(manager)
    assert watched.look("/share", 10) == []
    told = watched.look("/share", 10.1)
    assert told == ["READY=1", "STATUS=waits for /share, which does not answer", "WATCHDOG=1"]


def test_a_slow_start_is_not_ready(manager: StandIn) -> None:
    """What is no disk may still end the start with an error."""
    assert Watched(manager).look("", 30) == []


@pytest.mark.parametrize(
    ("place", "seconds", "lives"),
    [("", 119.9, True), ("", 120, False), ("/share", 120, True), ("/share", 86_400, True)],
)
def test_who_lives(manager: StandIn, place: str, seconds: float, lives: bool) -> None:
    """A loop that stands still elsewhere than on a disk, for twice the time, has a defect."""
    watched = Watched(manager)
    watched.service(Passed())
    watched.look()
    watched.now = 15
    told = watched.look(place, seconds)
    assert ("WATCHDOG=1" in told) == lives
    assert ("STATUS=the loop stands still: a defect" in told) == (not lives)
    watched.now = 30
    assert watched.look() == ["STATUS=0 files stored, 0 waiting"] * (told[:1] != ["WATCHDOG=1"]) + [
        "WATCHDOG=1"
    ]


def test_signs_of_life_come_four_times_as_often_as_they_must(manager: StandIn) -> None:
    """One that is late does no harm; and none where the unit asks for none."""
    watched, unasked = Watched(manager), Watched(manager, None)
    for one in (watched, unasked):
        one.service(Passed())
        one.look()
        one.now = 14.9
        assert "WATCHDOG=1" not in one.look()
        one.now = 15
        assert ("WATCHDOG=1" in one.look()) == (one is watched)


def test_another_process_is_watched(manager: StandIn) -> None:
    """A variable that was left by a parent is none of ours."""
    environment = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}
    assert Manager(environment).watchdog is None


def test_the_status(manager: StandIn) -> None:
    """One line: what was stored, what waits, what is the matter; every five seconds at most."""
    watched = Watched(manager)
    events: list[Event]
    events = [Listed(3, True), Stored(1, 5, None), Began(DATABASE, quoted("gone\nfor good")), Passed()]
    for event in events:
        watched.service(event)
    line = "1 file stored, the last at 12:03:15, 2 waiting"
    assert f"STATUS={line}; the database: gone\\nfor good" in watched.look()
    events = [Ended(DATABASE, 5, False, 0), Began(SILENCE), Passed()]
    for event in events:
        watched.service(event)
    watched.now = 4.9
    assert watched.look() == []
    watched.now = 5
    assert watched.look() == [f"STATUS={line}; silence"]


def test_a_socket_without_a_file() -> None:
    """An address with @ is one of Linux's own names."""
    manager = StandIn(f"@visitorsflow-{os.getpid()}")
    Manager({"NOTIFY_SOCKET": manager.address}).tell("READY=1", "STATUS=成功")
    wait_until(lambda: manager.said() == ["READY=1", "STATUS=成功"])
    manager.close()


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "@nobody", "vsock:2:1234", "/" + "x" * 200])
def test_nobody_listens(address: str) -> None:
    """Nothing happens, and nothing fails."""
    Manager({"NOTIFY_SOCKET": address}).tell("READY=1")


def test_windows_has_no_such_socket(monkeypatch: pytest.MonkeyPatch, manager: StandIn) -> None:
    """Nothing is told there, whatever the environment says."""
    monkeypatch.delattr(socket, "AF_UNIX")
    nobody = Manager({"NOTIFY_SOCKET": manager.address})
    nobody.tell("READY=1")
    assert not nobody


def test_a_manager_that_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its socket is full: telling it returns at once."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        monkeypatch.chdir(tmp_path)
        link.bind("notify")
        began = time.monotonic()
        for _ in range(2000):
            Manager({"NOTIFY_SOCKET": "notify"}).tell("WATCHDOG=1")
        assert time.monotonic() - began < 10


def test_the_life_of_a_service(sqlite_venue: Venue, as_a_service: StandIn) -> None:
    """READY when the loop runs, a status, signs of life, and STOPPING at its end: from the real script."""
    sqlite_venue.drop(NAME, some_crossings("20180531101825", 3))
    with sqlite_venue.uploading() as process:
        wait_until(lambda: "READY=1" in as_a_service.said())
        wait_for_signs(as_a_service)
        wait_until(lambda: any("1 file stored, the last at " in line for line in as_a_service.said()))
        assert "STOPPING=1" not in as_a_service.said()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    wait_until(lambda: as_a_service.said()[-1] == "STOPPING=1")
    assert as_a_service.said().count("READY=1") == 1


@pytest.mark.parametrize(
    "place",
    [
        "reader.parse",
        pytest.param("uploader.Listed", marks=pytest.mark.long),
        pytest.param("uploader.Stored", marks=pytest.mark.long),
    ],
)
def test_a_loop_that_stands_still(
    sqlite_venue: Venue, as_a_service: StandIn, tmp_path: Path, place: str
) -> None:
    """A defect of ours after the listing, the reading, the move: no sign of life, and no word of a disk."""
    flag = tmp_path / "hangs"
    module, call = place.split(".")
    first = HANGS.format(module=f"visitorsflow.intake.{module}", call=call, flag=str(flag))
    with sqlite_venue.uploading(first=first):
        wait_for_signs(as_a_service)
        flag.touch()
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        wait_until(lambda: "STATUS=the loop stands still: a defect" in as_a_service.said())
        wait_until(lambda: as_a_service.seconds_without_a_sign() > 4)
        assert "does not answer" not in sqlite_venue.terminal()
        flag.unlink()
        wait_for_signs(as_a_service)
        wait_until(lambda: not sqlite_venue.waiting())


def test_where_it_stood_is_printed(sqlite_venue: Venue, as_a_service: StandIn, tmp_path: Path) -> None:
    """systemd's watchdog ends it by SIGABRT: what the journal has then names the line of the defect."""
    flag = tmp_path / "hangs"
    flag.touch()
    first = HANGS.format(module="visitorsflow.intake.reader", call="parse", flag=str(flag))
    sqlite_venue.drop(NAME, [crossing("20180531101825")])
    command = sqlite_venue.command("uploadData.py", first=first)
    for _ in range(3):  # Python reads the stacks of threads that run, and may fall over one, rarely
        with forks.start(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            try:
                wait_until(Path(f"{flag}.reached").exists)
                process.send_signal(signal.SIGABRT)
                _, printed = process.communicate(timeout=20)
            finally:
                process.kill()
        if process.returncode == -signal.SIGABRT:
            break
        Path(f"{flag}.reached").unlink()
    assert process.returncode == -signal.SIGABRT
    assert "in hang" in printed.decode()
    assert "reader.py" in printed.decode()


def test_a_listener_that_stands_still(sqlite_venue: Venue, as_a_service: StandIn, tmp_path: Path) -> None:
    """What follows the move of a file is our own work as well."""
    flag = tmp_path / "hangs"
    first = HANGS.format(module="visitorsflow.journal", call="counted", flag=str(flag))
    with sqlite_venue.uploading(first=first):
        wait_for_signs(as_a_service)
        flag.touch()
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        wait_until(lambda: as_a_service.seconds_without_a_sign() > 4)
        assert "does not answer" not in sqlite_venue.terminal()
        flag.unlink()


@pytest.mark.parametrize("call", ["scandir", "open"])
def test_a_share_that_hangs(sqlite_venue: Venue, as_a_service: StandIn, tmp_path: Path, call: str) -> None:
    """It is told to people; the manager goes on hearing of us, since a new start would not help."""
    flag = tmp_path / "hangs"
    sqlite_venue.configure(idle_seconds=1.5)
    with sqlite_venue.uploading(first=HANGS.format(module="os", call=call, flag=str(flag))):
        wait_for_signs(as_a_service, 1)
        flag.touch()
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        wait_until(lambda: "沒有回應，檔案無法處理" in sqlite_venue.terminal())
        wait_for_signs(as_a_service)
        flag.unlink()
        wait_until(lambda: not sqlite_venue.waiting())


def test_a_process_that_stood_still(sqlite_venue: Venue, as_a_service: StandIn) -> None:
    """Ctrl-Z, a machine that was suspended: when it goes on, so do its signs of life."""
    with sqlite_venue.uploading() as process:
        wait_for_signs(as_a_service, 2)
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: as_a_service.seconds_without_a_sign() > 8)
        process.send_signal(signal.SIGCONT)
        wait_for_signs(as_a_service)
    assert "STATUS=the loop stands still: a defect" not in as_a_service.said()


def test_a_start_that_is_refused(sqlite_venue: Venue, as_a_service: StandIn) -> None:
    """Settings that can never be right: never ready, exit code 2."""
    done = sqlite_venue.run("uploadData.py", str(sqlite_venue.home))
    assert done.returncode == 2
    wait_until(lambda: "STOPPING=1" in as_a_service.said())
    assert as_a_service.said() == ["STOPPING=1"]


def test_each_statement_is_a_sign_of_life(mariadb_venue: Venue) -> None:
    """A slow server may be given many of them for one file: between two of them the loop goes on."""
    signs: list[None] = []
    database = Database(mariadb_venue.settings())
    table = PeopleFlow(database, "17", lambda: signs.append(None))
    table.prepare()
    assert table.insert(Crossing(NOON, NOON, person, 0, 0, 0) for person in range(2 * STATEMENT_ROWS + 1))
    database.close()
    assert len(signs) == 3
