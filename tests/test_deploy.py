"""The files for systemd in deploy/: systemd's own tools read them, and they start our scripts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_documents import options
from tests.venue import PROJECT

DEPLOY = PROJECT / "deploy"
UNITS = {path.name: path.read_text("utf-8") for path in sorted(DEPLOY.iterdir())}
SERVICES = [name for name in UNITS if name.endswith(".service")]
TIMERS = [name for name in UNITS if name.endswith(".timer")]
EXPOSURE = "40"  # in tenths, of 100: less is better
each_service = pytest.mark.parametrize("name", SERVICES)
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is missing: apt-get install systemd"
)


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = ["systemd-analyze", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=50)


def value(name: str, key: str) -> str:
    """The last value of a unit's setting; "" without one."""
    found = re.findall(rf"^{key}=(.*)$", UNITS[name], re.MULTILINE)
    return str(found[-1]) if found else ""


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_it(name: str, tmp_path: Path) -> None:
    """Without a remark, as soon as the program is installed: here, something that can be started."""
    for other, text in UNITS.items():
        (tmp_path / other).write_text(text.replace("/opt/visitorsflow/.venv/bin/python ", "/bin/true "))
    done = analyze("verify", "--man=no", str(tmp_path / name))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@each_service
def test_it_is_hardened(name: str) -> None:
    """The exposure that systemd computes is below 4.0; a bare unit has 9.2 or more."""
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", str(DEPLOY / name))
    assert done.returncode == 0, done.stdout + done.stderr


@each_service
def test_it_starts_our_script(name: str) -> None:
    """With the installation's Python, as the venue's user, and with options that the script has."""
    python, script, *given = value(name, "ExecStart").split()
    assert python == "/opt/visitorsflow/.venv/bin/python"
    found = PROJECT / Path(script).relative_to("/opt/visitorsflow")
    assert found.exists()
    if given and given[0] != "--web":  # which the page brings
        assert set(given[:1]) <= options(found.name)
    assert value(name, "User") == "venue"
    assert value(name, "WorkingDirectory") in value(name, "ReadWritePaths")


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_starts_its_service(name: str) -> None:
    """It is the one of its name, which nobody else starts."""
    service = name.replace(".timer", ".service")
    assert "[Install]" in UNITS[name]
    assert "[Install]" not in UNITS[service]
    assert value(service, "Type") == "oneshot"


def test_who_is_started_again() -> None:
    """What runs for months is, but for exit code 2; the watchdog is the loop's alone."""
    for name in ("visitorsflow.service", "visitorsflow-web.service"):
        assert value(name, "Restart") == "always"
        assert value(name, "RestartPreventExitStatus") == "2"
    assert [name for name in SERVICES if value(name, "Type") == "notify"] == ["visitorsflow.service"]
    assert value("visitorsflow.service", "WatchdogSec") == "60"
