"""The uploader in this process, on clocks that a test turns."""

from datetime import datetime, timedelta

import pytest

from tests.venue import Venue
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.events import Events
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Wake
from visitorsflow.journal import Journal
from visitorsflow.rules.silence import Silence
from visitorsflow.words import Words


class Clocks:
    """The uploader in this process, on clocks that the test turns: monotonic seconds, and the wall's time."""

    def __init__(self, venue: Venue, idle_seconds: float = 60) -> None:
        self.venue = venue
        self.monotonic = 0.0
        self.wall = datetime(2018, 5, 31, 12)
        chosen = venue.settings()
        self.table = venue.table()
        events = Events()
        alerts = Alerts(None, Words("zh-TW"), lambda: self.wall, lambda: self.monotonic)
        events.subscribe(Journal(chosen.camera), alerts)
        self.uploader = Uploader(
            Inbox(venue.folder, chosen.settle_seconds, lambda: self.monotonic),
            Archive(venue.folder, lambda: self.wall.date()),
            self.table,
            Silence(idle_seconds, None, 0),
            events.tell,
            Wake(),
            lambda: self.wall,
            lambda: self.monotonic,
        )

    def pass_at(self, monotonic: float, wall: datetime | None = None) -> float:
        """One pass at that moment; without a wall time, the two clocks agree. Returns the wait after it."""
        self.wall = wall or self.wall + timedelta(seconds=monotonic - self.monotonic)
        self.monotonic = monotonic
        while not (seconds := self.uploader.make_pass()):
            pass
        return seconds


def alerts(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [message.removeprefix("ALERT ") for message in caplog.messages if message.startswith("ALERT")]
