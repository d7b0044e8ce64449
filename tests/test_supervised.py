"""Who watches the loop, with a clock that the test turns."""

import threading

from tests.venue import wait_until
from visitorsflow.events import Began, Ended, Event, Lasts
from visitorsflow.intake.watch import Wake, Watchdog, run_watched


class Watched:
    """A loop that is held up at a place, and whoever watches it; each look counts."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0
        self.told: list[Event] = []
        self.seen: list[tuple[str, float]] = []
        self.go_on = threading.Event()
        watchdog = Watchdog(lambda: self.now)

        def work() -> bool:
            watchdog.enter("a share")
            return self.go_on.wait(30)

        def watch() -> None:
            run_watched(work, watchdog, Wake(), self.tell, 60, lambda: self.now, self.look)

        self.thread = threading.Thread(target=watch, daemon=True)
        self.thread.start()

    def look(self, place: str, seconds: float) -> None:
        self.seen.append((place, seconds))

    def tell(self, *events: Event) -> None:
        self.told.extend(events)
        self.looks += 1

    def after(self, seconds: float) -> list[type[Event]]:
        """Turn the clock, and wait for two looks: what they told."""
        self.now += seconds
        self.told.clear()
        looks = self.looks + 2
        wait_until(lambda: self.looks >= looks)
        return [type(event) for event in self.told]


def test_a_process_that_stood_still_is_not_a_disk_that_does() -> None:
    """Ctrl-Z for two minutes, a machine that was suspended: nothing is told. What comes after it counts."""
    watched = Watched()
    assert watched.after(0) == []
    assert watched.after(120) == []
    assert watched.seen[-1] == ("a share", 0)
    told = [event for _ in range(20) for event in watched.after(4)]
    assert told == [Began, Lasts]
    assert watched.seen[-1] == ("a share", 80)
    watched.go_on.set()
    watched.thread.join(10)
    assert not any(isinstance(event, Ended) for event in watched.told)
