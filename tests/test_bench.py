"""The benchmark runs; how fast anything is, no test says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import MEASURES
from tests.mariadb import MariaDB
from tests.speed.stage import Sizes, Stage
from tests.venue import PROJECT

pytestmark = pytest.mark.long
TINY = Sizes(1, 1, 2, 50, 2, (10, 20), 30, (1_000, 2_000), 100, 40)


@pytest.mark.timeout(150)
def test_one_command(tmp_path: Path) -> None:
    """It prints a table and writes every run's value."""
    result = tmp_path / "bench.json"
    with subprocess.Popen(
        [sys.executable, "tests/bench.py", "--quick", "four", "--json", str(result)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=140)
        finally:
            process.terminate()  # it takes its server with it
    assert process.returncode == 0
    assert "four on one table" in printed
    content = json.loads(result.read_text("utf-8"))
    assert {figure["measure"] for figure in content["figures"]} == {"four"}
    assert "PyMySQL" in content["versions"]


@pytest.mark.parametrize("name", sorted(set(MEASURES) - {"four"}))
def test_every_measure(mariadb: MariaDB, tmp_path: Path, name: str) -> None:
    """Each has figures, even on next to nothing."""
    stage = Stage(mariadb, tmp_path, TINY, lambda text: None)
    MEASURES[name].run(stage)
    assert stage.figures
    for figure in stage.figures:
        assert figure.runs, figure.what
        assert min(figure.runs) >= 0, figure.what
