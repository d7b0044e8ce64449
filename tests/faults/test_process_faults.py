"""Whatever happens to the process: killed, stopped, doubled."""

import contextlib
import random
import signal
import subprocess
import threading
import time

import pytest

from tests.camera import Camera
from tests.faults.conftest import Scene
from tests.venue import Venue, wait_until

INSERT = b"INSERT INTO `PeopleFlow` "


@pytest.mark.timeout(150)
@pytest.mark.parametrize("kills", [10, pytest.param(32, marks=pytest.mark.long)])
def test_sigkill_at_random_moments(scene: Scene, kills: int) -> None:
    """Killed again and again while files arrive, each time started anew: nothing lost, nothing doubled."""
    done = threading.Event()

    def film() -> None:
        while not done.wait(0.002):  # faster than they can be taken one by one
            scene.camera.write()

    filming = threading.Thread(target=film)
    filming.start()
    interrupted = 0
    try:
        for _ in range(kills):
            with scene.venue.uploading() as process:
                seen = scene.venue.terminal().count("VisitorsFlow")
                wait_until(lambda: scene.venue.terminal().count("VisitorsFlow") > seen)  # noqa: B023
                time.sleep(random.uniform(0, 0.4))
                interrupted += bool(scene.venue.waiting())
                process.kill()
    finally:
        done.set()
        filming.join()
    assert interrupted > kills / 4, f"it was killed at work {interrupted} times"
    assert scene.venue.upload().returncode == 0
    scene.check()


def test_two_uploaders_on_one_folder(scene: Scene) -> None:
    """Where no lock tells them apart, they take the same files, and each other's files away."""
    (scene.venue.folder / ".visitorsflow.lock").mkdir()
    with scene.venue.uploading(), scene.venue.uploading():
        scene.write(1500, every=0.001)
        scene.wait_until_all_is_stored()
    scene.check()
    assert "Traceback" not in scene.venue.terminal()
    archived = [p for p in scene.venue.folder.rglob("stored/*/*") if p.stat().st_size == 0]
    assert archived == [], "no claim is left behind"


def test_four_uploaders_with_four_cameras_on_one_database(scene: Scene) -> None:
    """Four venues' PCs, one database: the table is the sum of the four truths; no deadlock is noticed."""
    venues = [Venue(scene.venue.home / str(n), scene.venue.database) for n in range(4)]
    cameras = [Camera(venue.folder, f"camera {n}") for n, venue in enumerate(venues)]
    with contextlib.ExitStack() as running:
        for venue, camera in zip(venues, cameras, strict=True):
            venue.configure(camera=camera.name)
            running.enter_context(venue.uploading())
        for _ in range(300):
            for camera in cameras:
                camera.write()
        wait_until(lambda: not any(venue.waiting() for venue in venues))
    assert set(scene.venue.rows()) == set().union(*(camera.truth for camera in cameras))
    warnings = [line for venue in venues for line in venue.terminal().splitlines() if "WARNING" in line]
    # One that starts with files when others have stored some says that it may be an old camera's new name.
    assert [line for line in warnings if "docs/migration.md" not in line] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("phase", ["starting", "idle", "storing", "refused", "stalled"])
def test_a_signal_in_every_phase(scene: Scene, number: signal.Signals, phase: str) -> None:
    """Exit 0 within 5 s (within the database's time limit where that is what it waits for), and in order."""
    limit = 5
    if phase == "refused":
        scene.proxy.refuse()
    scene.write(300 if phase == "storing" else 9)
    with scene.venue.uploading() as process:
        if phase == "starting":
            wait_until(lambda: "VisitorsFlow" in scene.venue.terminal())
        elif phase == "idle":
            scene.wait_until_all_is_stored()
        elif phase == "storing":
            wait_until(lambda: scene.venue.names("stored"))
        elif phase == "refused":
            wait_until(lambda: "trouble with the database" in scene.venue.terminal())
        else:
            scene.wait_until_all_is_stored()
            scene.proxy.stall()
            scene.write(9)
            limit = 12
            wait_until(lambda: scene.proxy.holds(INSERT))
        process.send_signal(number)
        began = time.monotonic()
        assert process.wait(20) == 0
        assert time.monotonic() - began < limit
    assert "Traceback" not in scene.venue.terminal()
    scene.proxy.heal()
    assert scene.venue.upload().returncode == 0
    scene.check()


def test_a_second_ctrl_c_ends_at_once(scene: Scene) -> None:
    """Even while the database says nothing; and nothing is lost."""
    with scene.venue.uploading() as process:
        scene.write(9)
        scene.wait_until_all_is_stored()
        scene.proxy.stall()
        scene.write(9)
        wait_until(lambda: scene.proxy.holds(INSERT))
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(1) == -signal.SIGINT
    scene.proxy.heal()
    assert scene.venue.upload().returncode == 0
    scene.check()
