"""The benchmark runs; how fast anything is, no test says."""

import json
import subprocess
import sys
from pathlib import Path

from tests.venue import PROJECT


def test_a_quick_measure(tmp_path: Path) -> None:
    """One command prints a table and writes every run's value."""
    command = [sys.executable, "tests/bench.py", "--quick", "backlog", "--json", str(tmp_path / "bench.json")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "uploader to bare loop" in done.stdout
    result = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert {figure["measure"] for figure in result["figures"]} == {"backlog"}
    assert all(len(figure["runs"]) >= 2 and min(figure["runs"]) > 0 for figure in result["figures"])
    assert "PyMySQL" in result["versions"]
