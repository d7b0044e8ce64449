"""Batches: how many files are worked on before the loop looks up."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.venue import Venue
from visitorsflow.events import Event, Rejected
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Wake
from visitorsflow.rules.silence import Silence


def test_bad_files_are_counted_too(sqlite_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand bad files do not hold up a signal to end, nor the next listing."""
    monkeypatch.setattr("visitorsflow.intake.uploader.BATCH_FILES", 5)
    for number in range(12):
        (sqlite_venue.folder / f"{number}.json").write_bytes(b"{")
    rejected: list[Event] = []
    wake = Wake()

    def tell(*events: Event) -> None:
        rejected.extend(event for event in events if isinstance(event, Rejected))
        if rejected:
            wake.stop()

    folder: Path = sqlite_venue.folder
    table = sqlite_venue.table()
    uploader = Uploader(
        Inbox(folder, settle_seconds=0),
        Archive(folder, lambda: datetime(2018, 5, 31).date()),
        table,
        Silence(60, None, 0),
        tell,
        wake,
        lambda: datetime(2018, 5, 31, 12),
    )
    uploader.make_pass()
    assert rejected == [], "not whole yet"
    for number in (5, 10, 12):
        wake.stopping = False
        uploader.make_pass()
        assert len(rejected) == number
    table.database.close()
