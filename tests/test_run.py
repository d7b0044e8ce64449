"""Which Pythons tests/run takes, and which packages it installs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.venue import PROJECT


def pythons(home: Path, path: list[str]) -> "subprocess.CompletedProcess[str]":
    """Ask tests/pythons on a machine whose Pythons are those in `path` and in pyenv's folder."""
    bash = shutil.which("bash")
    assert bash
    environment = {"PATH": os.pathsep.join(str(home / folder) for folder in path), "HOME": str(home)}
    return subprocess.run(
        [bash, str(PROJECT / "tests" / "pythons")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def install(home: Path, name: str, works: bool = True) -> None:
    """A program that starts, or does not."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {0 if works else 1}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        (["bin/python3.11"], ["bin/python3.11"]),
        (["bin/python3.11", "bin/python3.9", "bin/python3", "bin/python3.11-config"], ["bin/python3.11"]),
        (["bin/python3.12", "bin/python3.13", "bin/python3.11"], ["bin/python3.11", "bin/python3.13"]),
        (["bin/python3.14", "bin/python3.9", "bin/python3.12"], ["bin/python3.12", "bin/python3.14"]),
        (["local/python3.11", "bin/python3.11"], ["local/python3.11"]),
        (
            ["bin/python3.11", ".pyenv/versions/3.13.0/bin/python3.13"],
            ["bin/python3.11", ".pyenv/versions/3.13.0/bin/python3.13"],
        ),
    ],
)
def test_the_oldest_and_the_newest_are_chosen(
    tmp_path: Path, installed: list[str], chosen: list[str]
) -> None:
    """The oldest that we support first, then the newest; one line where there is only one."""
    for name in installed:
        install(tmp_path, name)
    assert pythons(tmp_path, ["local", "bin"]).stdout.splitlines() == [
        str(tmp_path / name) for name in chosen
    ]


def test_what_does_not_start_is_passed_by(tmp_path: Path) -> None:
    """pyenv's shims of versions that are not switched on, and a Python without venv."""
    install(tmp_path, "shims/python3.11", works=False)
    install(tmp_path, "shims/python3.13", works=False)
    install(tmp_path, "bin/python3.11")
    install(tmp_path, ".pyenv/versions/3.12.1/bin/python3.12")
    chosen = pythons(tmp_path, ["shims", "bin"]).stdout.splitlines()
    assert chosen == [str(tmp_path / n) for n in ("bin/python3.11", ".pyenv/versions/3.12.1/bin/python3.12")]


def test_without_a_python_it_says_what_to_install(tmp_path: Path) -> None:
    """Exit 1 and one line."""
    install(tmp_path, "bin/python3.9")
    done = pythons(tmp_path, ["bin"])
    assert (done.returncode, done.stdout) == (1, "")
    assert "install Python 3.11 or newer" in done.stderr


@pytest.mark.parametrize(("in_ci", "code"), [(False, 0), (True, 1)])
def test_a_package_that_can_not_be_had(tmp_path: Path, in_ci: bool, code: int) -> None:
    """Each is asked for by itself; the tests of one that is missing are left out, but never in CI."""
    bash = shutil.which("bash")
    assert bash
    for name in ("mariadbd", "env"):
        install(tmp_path, name)
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "apt-get").write_text("#!/bin/sh\nexit 0\n")
    # As root: nothing but chromium can be had.
    (tmp_path / "sudo").write_text(
        '#!/bin/sh\necho "$*" >> "$ASKED"\ncase "$*" in *chromium) exit 100; esac\n'
    )
    for name in ("id", "apt-get", "sudo"):
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": str(tmp_path), "ASKED": str(tmp_path / "asked")} | (
        {"CI": "true"} if in_ci else {}
    )
    done = subprocess.run(
        [bash, str(PROJECT / "tests" / "packages")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    asked = [line.split()[-1] for line in (tmp_path / "asked").read_text().splitlines()]
    assert asked == ["-qq", "chromium", "systemd"]
    assert "--no-install-recommends chromium\n" in done.stderr
    assert ("are left out" in done.stderr) == (not in_ci)
