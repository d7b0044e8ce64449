"""A Galera cluster of three real nodes behind a real haproxy, set up as docs/growing.md says."""

import contextlib
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pymysql
import pytest

from tests.camera import Camera
from tests.cluster.galera import Galera, is_here
from tests.faults.test_venue_faults import STAND_IN, Phone
from tests.mariadb import short_folder
from tests.venue import Venue, some_crossings, wait_until
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.intake.crossings import parse

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not is_here, reason="no galera-4 or no haproxy here"),
]
PCS = 4
# The cluster takes its real six seconds for a change: a PC is dead after a quarter of the real time, not a
# twentieth.
SLOWER = STAND_IN.replace("timedelta(seconds=6)", "timedelta(seconds=30)")


@dataclass
class Site:
    """Four PCs of a venue, their database on a cluster, and the phone."""

    cluster: Galera
    name: str
    pcs: list[Venue]
    processes: "list[subprocess.Popen[bytes]]"
    cameras: list[Camera]
    phone: Phone

    def write_until(self, done: threading.Event) -> None:
        while not done.wait(0.05):
            for camera in self.cameras:
                camera.write()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """The cameras go on while this lasts."""
        done = threading.Event()
        writer = threading.Thread(target=self.write_until, args=(done,))
        writer.start()
        try:
            yield
        finally:
            done.set()
            writer.join()

    def waiting(self) -> int:
        return sum(len(pc.waiting()) for pc in self.pcs)

    def count(self) -> int:
        """The rows that are committed, as the cluster says; -1 while it says nothing."""
        with contextlib.suppress(pymysql.Error):
            return int(self.cluster.execute("SELECT COUNT(*) FROM PeopleFlow", self.name)[0][0])
        return -1

    def check(self) -> None:
        """Each node has the truth, row for row."""
        wait_until(lambda: not self.waiting(), "every file is put away", 120)
        expected = set().union(*(camera.truth for camera in self.cameras))
        for node in self.cluster.nodes:
            rows = node.execute("SELECT * FROM PeopleFlow", self.name)
            assert len(rows) == len(expected)
            assert set(rows) == expected
        assert all(pc.names("rejected") == set() for pc in self.pcs)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Galera]:
    """Three nodes; each test leaves them running."""
    with short_folder() as folder, Galera(folder) as cluster:
        yield cluster


@pytest.fixture
def site(cluster: Galera, tmp_path: Path) -> Iterator[Site]:
    """All four at work, and ready to speak."""
    name = f"v{uuid.uuid4().hex[:20]}"
    cluster.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    cluster.grant(name, "SELECT, INSERT, UPDATE, CREATE", name)
    lines = f"{cluster.lines(name)}\nuser = {name!r}"
    pcs = [Venue(tmp_path / str(n), lines) for n in range(PCS)]
    phone = Phone(tmp_path / "said.txt")
    processes: list[subprocess.Popen[bytes]] = []
    with contextlib.ExitStack() as stack:
        for number, pc in enumerate(pcs):
            telegram = {"api_id": 1, "api_hash": "h", "phone_number": "1"}
            pc.configure(camera=f"camera {number}", idle_seconds=600, **telegram)
            processes.append(stack.enter_context(pc.uploading(first=SLOWER.format(said=str(phone.file)))))
        able = "SELECT COUNT(*) FROM PeopleFlowCamera WHERE canTell"

        def all_can_tell() -> bool:
            with contextlib.suppress(pymysql.Error):
                return cluster.execute(able, name) == ((PCS,),)
            return False

        wait_until(all_can_tell, "all four can tell", 90)
        cameras = [Camera(pc.folder, f"camera {n}") for n, pc in enumerate(pcs)]
        yield Site(cluster, name, pcs, processes, cameras, phone)


def test_a_node_is_killed_and_comes_back(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """The one that all write to: the next takes its place within seconds, and nothing is lost or doubled."""
    writer, cluster = site.cluster.nodes[0], site.cluster
    with site.writing():
        wait_until(lambda: site.count() > 100)
        writer.kill()
        began = time.monotonic()
        wait_until(lambda: site.count() >= 0, "another node answers")
        before = site.count()
        wait_until(lambda: site.count() > before, "rows are stored again")
        pause = time.monotonic() - began
        took = cluster.bring_back(writer)
        after = site.count()
        wait_until(lambda: site.count() > after, "and now too")
    site.check()
    with capsys.disabled():
        print(f"\nnode killed: rows again after {pause:.1f} s; it is back and has all after {took:.1f} s")
    assert pause < 30
    assert site.phone.lines() == []


def test_the_majority_is_lost(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is accepted then, and all files wait; when the nodes are back all goes on without a person."""
    first, *others = site.cluster.nodes
    with site.writing():
        wait_until(lambda: site.count() > 100)
        for node in others:
            node.kill()
        began = time.monotonic()
        wait_until(lambda: first.status("wsrep_cluster_status") == "non-Primary")
        noticed = time.monotonic() - began
        stored = [len(pc.names("stored")) for pc in site.pcs]
        wait_until(lambda: site.waiting() > 200, "files wait")
        assert [len(pc.names("stored")) for pc in site.pcs] == stored
        back = site.cluster.bring_back(*others)
        began = time.monotonic()
        wait_until(lambda: not site.waiting() or site.count() > sum(stored), "rows are stored again", 60)
        again = time.monotonic() - began
    site.check()
    said = [line for line in site.pcs[0].terminal().splitlines() if "trouble with the database" in line]
    with capsys.disabled():
        print(f"\nmajority lost: noticed after {noticed:.1f} s; nodes synced {back:.1f} s after their start")
        print(f"rows again {again:.1f} s after that; the log said: {said[:2]}")


def test_the_totals_from_another_node(cluster: Galera, tmp_path: Path) -> None:
    """What one node has committed, a report that reads from another has at once: wsrep_sync_wait."""
    name = f"v{uuid.uuid4().hex[:20]}"
    cluster.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    tables: list[PeopleFlow] = []
    for number, node in enumerate(cluster.nodes):
        tables.append(Venue(tmp_path / str(number), node.lines(name)).table())
        tables[-1].prepare()
    day = datetime(2018, 5, 31)
    for number in range(50):
        start = day + timedelta(minutes=number)
        content = str(some_crossings(f"{start:%Y%m%d%H%M%S}", 20)).replace("'", '"').encode()
        tables[0].insert(parse(content, f"{start:%Y%m%d%H%M%S}.json").crossings)
        for table in tables[1:]:
            found = table.totals(day, day + timedelta(days=1))
            assert found.came_in + found.went_out == 20 * (number + 1)
    for table in tables:
        table.database.close()


def test_two_nodes_at_once(cluster: Galera, tmp_path: Path) -> None:
    """Conflicts that the cluster finds at COMMIT are tried again: the same rows by two nodes are one time."""
    name = f"v{uuid.uuid4().hex[:20]}"
    cluster.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    venues = [Venue(tmp_path / str(n), node.lines(name)) for n, node in enumerate(cluster.nodes[:2])]
    names = [f"201805311019{second:02}.json" for second in range(30)]
    records = {file: some_crossings(file[:14], 200) for file in names}
    with contextlib.ExitStack() as stack:
        for venue in venues:
            stack.enter_context(venue.uploading())
        for file in names:
            for venue in venues:
                venue.drop(file, records[file])
        wait_until(lambda: not any(venue.waiting() for venue in venues))
    assert cluster.execute("SELECT COUNT(*) FROM PeopleFlow", name) == ((30 * 200,),)


def test_who_speaks_for_the_venue(site: Site) -> None:
    """A PC that dies while a node is away is told once, by the first PC that lives, and so is its return."""
    node = site.cluster.nodes[0]
    node.kill()
    site.processes[3].kill()
    wait_until(lambda: site.phone.lines("camera 3", "沒有回應"), "it is told", 120)
    site.cluster.bring_back(node)
    with site.pcs[3].uploading(first=SLOWER.format(said=str(site.phone.file))):
        wait_until(lambda: site.phone.lines("camera 3", "恢復了"), "its return is told", 90)
    assert len(site.phone.lines("沒有回應")) == len(site.phone.lines("恢復了")) == 1
    assert all(line.startswith("camera 0: ") for line in site.phone.lines())


def test_what_was_told_outlives_the_speaker_and_its_node(site: Site) -> None:
    """The note of it is on every node: when the node and the PC that spoke are gone, the next PC goes on."""
    node, *others = site.cluster.nodes
    told = "SELECT COUNT(*) FROM PeopleFlowTold WHERE ip = 'camera 3' AND toldAt IS NOT NULL AND endToldAt IS"
    site.processes[3].kill()
    wait_until(lambda: site.phone.lines("camera 3", "沒有回應"), "it is told", 120)
    lasts = f"{told} NULL"
    wait_until(lambda: all(one.execute(lasts, site.name) == ((1,),) for one in others), "it is noted")
    node.kill()
    site.processes[0].kill()
    wait_until(lambda: site.phone.lines("camera 0 的電腦", "沒有回應"), "the next PC speaks", 150)
    with site.pcs[3].uploading(first=SLOWER.format(said=str(site.phone.file))):
        wait_until(lambda: site.phone.lines("camera 3", "恢復了"), "its return is told", 120)
    site.cluster.bring_back(node)
    wait_until(lambda: node.execute(f"{told} NOT NULL", site.name) == ((1,),), "the node has the note")
    said = [line.partition(": ") for line in site.phone.lines("沒有回應")]
    assert [speaker for speaker, _, text in said if "camera 3" in text] == ["camera 0"]
    assert [speaker for speaker, _, text in said if "camera 0" in text] == ["camera 1"]
    [over] = site.phone.lines("恢復了")
    assert over.startswith("camera 1: ")
