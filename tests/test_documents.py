"""What the README says is so: its first commands run, its table is complete."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.venue import PROJECT
from visitorsflow.settings import Settings

README = (PROJECT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_first_code_block_does_the_main_job(tmp_path: Path) -> None:
    """Its commands, word for word but for the virtual environment, store the samples and print the tags."""
    for name in ("uploadData.py", "callAPI.py"):
        shutil.copy(PROJECT / name, tmp_path)
    for name in ("visitorsflow", "samples"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    making, installing, *running = BLOCKS[0].split("&&\n")
    assert (making.strip(), installing.strip()) == (
        "python3 -m venv .venv",
        ".venv/bin/pip install -q -r requirements.txt",
    )
    commands = "&&\n".join(running).replace(".venv/bin/python", shlex.quote(sys.executable))
    done = subprocess.run(
        ["bash", "-c", commands], cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r'"TagValue":"(\d+)"', done.stdout) == ["52", "72", "20"]
    assert '"StartTime":"20180531101825","EndTime":"20180531102825"' in done.stdout
    assert len(list((tmp_path / "Files" / "stored").rglob("*.json"))) == 10


def test_the_second_code_block_is_the_test_command() -> None:
    """And it can be run."""
    assert BLOCKS[1] == "tests/run\n"
    assert os.access(PROJECT / "tests" / "run", os.X_OK)


def test_the_table_of_settings_is_complete() -> None:
    """Every setting, with its default where that is short."""
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", README, re.MULTILINE)
    named = {name: default for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    assert set(named) - {"uploadData", "callAPI"} == set(Settings.model_fields) - {"home"}
    for name, default in named.items():
        if default.startswith("`") and "None" not in default:
            expected = Settings.model_fields[name].default
            assert default == f"`{str(expected) if isinstance(expected, int) else repr(expected)}`".replace(
                "'", '"'
            ).replace('PosixPath("Files")', '"Files"')


@pytest.mark.parametrize("path", sorted(PROJECT.glob("visitorsflow/**/*.py")), ids=lambda path: path.name)
def test_modules_stay_short(path: Path) -> None:
    """No module above 250 lines: each is read in one go."""
    assert len(path.read_text("utf-8").splitlines()) <= 250
