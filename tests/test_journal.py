"""An ordinary day in the log: a line a minute for what was stored, and one for each thing that is unusual."""

from datetime import datetime, timedelta

import pytest

from tests.venue import Venue, crossing, wait_until
from visitorsflow.events import Began, Passed, Rejected, Stored
from visitorsflow.journal import Journal
from visitorsflow.reasons import quoted
from visitorsflow.subjects import FILES

NOON = datetime(2018, 11, 3, 12)


class Clock:
    """Monotonic seconds that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """An hour with a file every five seconds: 60 lines, whose sums are all that was stored."""
    caplog.set_level("INFO")
    clock = Clock()
    journal = Journal("17", clock=clock)
    for number in range(720):
        clock.now = 5.0 * number
        journal(Stored(1, 3, NOON + timedelta(seconds=5 * number)))
        journal(Passed())
    assert caplog.messages[:3] == [
        "stored 1 file, 3 crossings from camera 17 up to 2018-11-03 12:00:00",
        "stored 12 files, 36 crossings from camera 17 up to 2018-11-03 12:01:00",
        "stored 12 files, 36 crossings from camera 17 up to 2018-11-03 12:02:00",
    ]
    assert len(caplog.messages) == 60
    journal.sum_up()
    journal.sum_up()
    assert caplog.messages[60:] == ["stored 11 files, 33 crossings from camera 17 up to 2018-11-03 12:59:55"]


def test_a_sum_does_not_wait_for_the_next_file(caplog: pytest.LogCaptureFixture) -> None:
    """When no file comes any more, what was stored is written all the same; files without crossings too."""
    caplog.set_level("INFO")
    clock = Clock()
    journal = Journal("17", clock=clock)
    journal(Stored(1, 0, None))
    journal(Stored(2, 1, NOON))
    journal(Stored(1, 0, None))
    clock.now = 59.9
    journal(Passed())
    assert caplog.messages == ["stored 1 file, 0 crossings from camera 17"]
    clock.now = 60
    journal(Passed())
    assert caplog.messages[1:] == ["stored 3 files, 1 crossing from camera 17 up to 2018-11-03 12:00:00"]


def test_what_is_unusual_has_its_own_line(caplog: pytest.LogCaptureFixture) -> None:
    """At once, each time."""
    caplog.set_level("INFO")
    journal = Journal("17", clock=Clock())
    for number in range(3):
        journal(Stored(1, 0, None))
        journal(Rejected(f"{number}.json", quoted("is empty")))
        journal(Began(FILES, quoted(f"{number}")))
    assert len(caplog.messages) == 7


@pytest.mark.parametrize(("arguments", "lines"), [([], 2), (["--verbose"], 4)])
def test_the_log_of_the_script(sqlite_venue: Venue, arguments: list[str], lines: int) -> None:
    """Four files: the first at once, the others when it ends; with --verbose each when it is stored."""
    with sqlite_venue.uploading(*arguments):
        for number in range(4):
            name = f"2018053110190{number}.json"
            sqlite_venue.drop(name, [crossing("20180531101825", number)])
            wait_until(lambda name=name: name in sqlite_venue.names("stored"))  # type: ignore[misc]
    said = [line[28:] for line in sqlite_venue.terminal().splitlines()]
    stored = [line for line in said if line.startswith("stored")]
    assert len(stored) == lines
    assert said.index(stored[-1]) < next(n for n, line in enumerate(said) if line.startswith("stopped"))
