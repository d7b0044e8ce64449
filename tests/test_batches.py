"""Batches: how many files are worked on before anybody looks up."""

from datetime import date
from pathlib import Path

import pytest

from visitorsflow.events import Rejected
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.uploader import Batches


def test_bad_files_are_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand bad files do not hold up a signal to end, nor the next listing."""
    monkeypatch.setattr("visitorsflow.intake.uploader.BATCH_FILES", 5)
    for number in range(12):
        (tmp_path / f"{number}.json").write_bytes(b"{")
    told: list[object] = []
    inbox = Inbox(tmp_path, settle_seconds=0)
    batches = Batches(inbox, Archive(tmp_path, date.today), told.append)
    files = inbox.pending().files
    assert [len(batch) for batch in batches.read(files)] == [0, 0], "not whole yet"
    assert told == []
    first, *others = [(batch, len(told)) for batch in batches.read(files)]
    assert first == ([], 5)
    assert others == [([], 10)]
    assert len(told) == 12
    assert all(isinstance(event, Rejected) for event in told)
