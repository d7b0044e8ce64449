"""The database is away in every way: no reason for a service manager to start the program again."""

import pytest

from tests.faults.conftest import Scene
from tests.manager import StandIn, stand_in
from tests.venue import wait_until

OFTEN = 8_000_000  # of microseconds: a loop that stands still for 16 s has a defect; time limits are shorter


def wait_for_signs(manager: StandIn, more: int) -> None:
    """They come every two seconds."""
    before = manager.signs()
    wait_until(lambda: manager.signs() >= before + more, "signs of life", 50)


@pytest.mark.parametrize("fault", ["refuse", "stall"])
def test_the_database_is_away(scene: Scene, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, or silent: it is told to people and to the status, and the signs of life go on."""
    with stand_in() as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
        monkeypatch.setenv("WATCHDOG_USEC", str(OFTEN))
        with scene.venue.uploading():
            scene.write(1)
            wait_for_signs(manager, 1)
            getattr(scene.proxy, fault)()
            scene.write(1)
            wait_until(lambda: any("the database: " in line for line in manager.said()))
            wait_for_signs(manager, 10)
            assert "STATUS=the loop stands still: a defect" not in manager.said()
            scene.proxy.heal()
            scene.wait_until_all_is_stored()
    scene.check()


def test_the_database_is_away_at_the_start(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start is no failure for the manager either: it is ready, and waits."""
    scene.proxy.refuse()
    with stand_in() as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
        monkeypatch.setenv("WATCHDOG_USEC", str(OFTEN))
        with scene.venue.uploading():
            wait_until(lambda: "READY=1" in manager.said())
            wait_for_signs(manager, 2)
