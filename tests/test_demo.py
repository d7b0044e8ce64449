"""The demo: a day in two minutes, for somebody who has nothing but the project."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import terminal
from tests.venue import PROJECT
from visitorsflow.demo import NAMES, DemoVenue
from visitorsflow.rules.health import Health
from visitorsflow.words import Language


def files_of_the_project() -> set[str]:
    """Without what the tests themselves leave for a while."""
    return {path.name for path in PROJECT.iterdir() if not path.name.startswith((".", "bench"))}


@pytest.mark.timeout(240)
def test_in_a_pipe(tmp_path: Path) -> None:
    """It runs to its end with the three tags and exit 0, and leaves nothing behind."""
    before = files_of_the_project()
    done = subprocess.run(
        [sys.executable, str(PROJECT / "uploadData.py"), "--demo"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    tags = json.loads(done.stdout)
    assert [tag["TagType"] for tag in tags] == ["Count", "CountAccuIn", "CountAccuOut"]
    count, came_in, went_out = (int(tag["TagValue"]) for tag in tags)
    assert count == came_in - went_out
    assert came_in > 1000
    for said in ("已放到 rejected", "已經十分鐘沒有資料了", "資料恢復了，中斷 30 分鐘"):
        assert said in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert files_of_the_project() == before


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["zh-TW", pytest.param("en", marks=pytest.mark.long)])
def test_what_the_view_shows_of_it(tmp_path: Path, language: Language) -> None:
    """The broken file, the silence, the camera that died, and the report; at closing few are left inside."""
    venue = DemoVenue(tmp_path, language, seed=1, has_view=False)
    venue.app.events.subscribe(venue.app.state)
    seen: set[tuple[str, Health]] = set()
    most = 0
    for now in venue.live_through():
        picture = venue.app.state.snapshot(now)
        seen |= {(camera.name, camera.health) for camera in picture.cameras}
        most = max(most, picture.inside or 0)
    first, second = NAMES[language]
    assert {(first, Health.WELL), (first, Health.SILENT), (second, Health.DEAD)} <= seen
    assert most > 1000
    assert picture.inside is not None
    assert picture.inside < 100
    assert picture.uploader is not None
    assert picture.uploader.rejected == 1
    assert picture.report is not None
    assert picture.report.accepted
    venue.close()


def test_it_ends_with_a_sentence() -> None:
    """On a terminal nobody needs the report's body: one Ctrl-C leaves with a sentence."""
    with terminal([sys.executable, str(PROJECT / "uploadData.py"), "--demo", "en"]) as shown:
        shown.wait_for("inside", "Ctrl-C ends", seconds=60)
        shown.type("\x03")
        assert shown.end() == 0
        shown.assert_is_as_before()
        assert "The demo is over: " in shown.text()
        assert b"TagID" not in shown.raw
        assert b"INFO" not in shown.raw  # a line of the log
