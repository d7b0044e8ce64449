"""The tool that asks whether the tests would notice."""

import subprocess
import sys

import pytest

from tests.mutate import changes
from tests.venue import PROJECT


def test_what_is_changed() -> None:
    """A comparison, its constant, a condition, a return; no docstring and no annotation."""
    module = 'def f(x: int = -1) -> "str":\n    """Text."""\n    if not x <= 3:\n        return "a" + b\n'
    assert [(change.line, change.before, change.after) for change in changes(module)] == [
        (1, "-1", "+1"),
        (1, "1", "2"),
        (3, "not x <= 3", "not not x <= 3"),
        (3, "x <= 3", "x < 3"),
        (3, "3", "4"),
        (4, "return 'a' + b", "return None"),
        (4, "'a' + b", "'a' - b"),
        (4, "'a'", "'a~'"),
    ]
    assert len({change.module for change in changes(module)} - {module}) == 8


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_command() -> None:
    """It prints just those changes that the given tests did not notice; the tree stays as it is."""
    path = "visitorsflow/text.py"
    before = (PROJECT / path).read_text("utf-8")
    command = [sys.executable, "-m", "tests.mutate", "-j", "1", path, path, "-k", "counted"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=290)
    assert (done.returncode, done.stderr) == (0, "")
    *missed, summary = done.stdout.splitlines()
    all_of_it = list(changes(before))
    last = max(change.line for change in all_of_it)  # the only one that `counted` has
    counted = [change for change in all_of_it if change.line == last]
    assert summary.startswith(f"{len(counted)} of {len(all_of_it)} changes noticed (")
    assert [line.partition(": ")[2] for line in missed] == [
        f"{change.before}  ->  {change.after}" for change in all_of_it if change not in counted
    ]
    assert (PROJECT / path).read_text("utf-8") == before
