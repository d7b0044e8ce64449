"""A look at who starts the scripts: systemd at boot, cron or a timer every five minutes. Only on Linux."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from visitorsflow.check.lines import Line, Place, note, well, wrong

SERVICE, TIMER = "visitorsflow.service", "visitorsflow-report.timer"
ASK_SECONDS = 5
CRONTABS = (Path("/etc/crontab"), Path("/etc/cron.d"))
RUN_SECONDS = 15 * 60  # every five minutes; one may be missed
_HIDES = re.compile(r"(?:>|&>)\s*/dev/null\b")


def look_at_service(place: Place) -> Iterator[Line]:
    """Whether uploadData.py starts with the PC; where there is no systemd, nothing is said."""
    enabled, active = _systemctl("is-enabled", SERVICE), _systemctl("is-active", SERVICE)
    if not active:  # nobody answers
        return
    if enabled in ("", "not-found"):
        yield note("service none")
    elif active not in ("active", "activating", "reloading"):
        yield wrong("service failed" if active == "failed" else "service not running", service=SERVICE)
    elif enabled not in ("enabled", "enabled-runtime"):
        yield wrong("service not enabled", service=SERVICE)
    else:
        yield well("service runs", service=SERVICE)


def look_at_schedule(place: Place) -> Iterator[Line]:
    """Whether callAPI.py is started by itself where this PC reports, and when it last ran."""
    if not place.settings.api_url:
        return
    lines = list(_cron_lines())
    if _systemctl("is-active", TIMER) == "active":
        yield well("timer", timer=TIMER)
    elif lines:
        yield well("cron", line=lines[0])
        if any(_HIDES.search(line) for line in lines):
            yield note("cron hides")
    elif shutil.which("crontab"):
        yield wrong("cron none")
    else:
        return
    try:
        age = max(0.0, time.time() - (place.settings.home / "log" / "callAPI.log").stat().st_mtime)
    except OSError:
        yield note("cron never ran")
        return
    says = well if age <= RUN_SECONDS else note
    yield says("cron ran", age=place.words.length(age))


def _systemctl(verb: str, unit: str) -> str:
    """Its one word; "" where there is no systemd, or it does not answer."""
    return _said("systemctl", verb, unit).strip()


def _cron_lines() -> Iterator[str]:
    """The lines that start callAPI.py: this user's, and the system's as far as they can be read."""
    texts = [_said("crontab", "-l")]
    for path in CRONTABS:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            try:
                texts.append(file.read_text("utf-8", errors="replace"))
            except OSError:
                continue
    for line in "\n".join(texts).splitlines():
        if "callAPI.py" in line and not line.lstrip().startswith("#"):
            yield line.strip()


def _said(*command: str) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=ASK_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
