"""`uploadData.py --bundle`: one zip for whoever helps, with what they would ask for, and without a secret.

Every text goes through the masks on its way into the zip. A part that can't be had is a line that says why,
and holds up no other one.
"""

import contextlib
import importlib.metadata
import io
import json
import logging
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, get_args

from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from visitorsflow import __version__, logs, script, settings
from visitorsflow.check import run as check
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras, Reports
from visitorsflow.errors import ConfigurationError
from visitorsflow.facts import CameraState, SentReport
from visitorsflow.masks import HIDDEN, Masks, keys_in_url, parts_of_url
from visitorsflow.reasons import os_reason
from visitorsflow.settings import Settings
from visitorsflow.timeouts import call_with_timeout
from visitorsflow.words import Language, Words

LOG_BYTES = 2_000_000  # of each log
REPORTS = 100
PART_SECONDS = 60
UNITS = (
    "visitorsflow.service",
    "visitorsflow-web.service",
    "visitorsflow-report.timer",
    "visitorsflow-report.service",
    "visitorsflow-yesterday.timer",
    "visitorsflow-yesterday.service",
)
# Secret by their names, whatever their types are; also in a config.py that can't be read.
_SECRET = re.compile("password|token|hash|phone|secret|database_url|heartbeat_url")
_ASSIGNED = re.compile(r"^\s*#?\s*(\w+)\s*=\s*(.*)$", re.MULTILINE)


class Part(NamedTuple):
    """A text file of the zip."""

    name: str
    text: Callable[[], str]


def main(config: Path | None, file: Path | None, watched: Callable[[Settings], Path]) -> int:
    """Write the zip to `file`, or into it where that is a folder; None: beside config.py.

    `config` is config.py, if the command line gives it; `watched` tells the camera's folder. Returns the exit
    code: 0, or 1 when the zip can't be written, or exists.
    """
    logs.set_up("uploadData", None)
    logging.disable()  # what is of interest stands in the zip
    path = _config(config)
    chosen = _settings(path, config is not None)
    text = _text_of(path)
    languages: tuple[Language, ...] = (chosen.language,) if chosen else get_args(Language)
    _say(languages, "bundle begins")
    name = f"visitorsflow-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip"
    target = path.parent / name if file is None else file / name if file.is_dir() else file
    try:
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(number, "wb") as zipped, zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as bundle:
            masks = Masks([*(_secrets(chosen) if chosen else ()), *_secrets_in(text)])
            for part in _parts(config, chosen, text, watched):
                bundle.writestr(part.name, masks(_text(part)))
    except OSError as error:
        for language in languages:
            why = os_reason(error).text(language)
            print(Words(language)("bundle unwritten", path=target, reason=why), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        target.unlink(missing_ok=True)  # half of it helps nobody
        return 1
    _say(languages, "bundle made", path=target, size=max(1, round(target.stat().st_size / 1000)))
    return 0


def _say(languages: tuple[Language, ...], key: str, **values: object) -> None:
    for language in languages:
        print(Words(language)(key, **values), flush=True)


def _parts(
    config: Path | None, chosen: Settings | None, text: str, watched: Callable[[Settings], Path]
) -> Iterator[Part]:
    yield Part("versions.txt", _versions)
    yield Part("config.txt", lambda: "".join(_shown(chosen) if chosen else _names_only(text)))
    yield Part("check.txt", lambda: _check(config, watched))
    for name in ("uploadData", "callAPI"):
        log = _config(config).parent / "log" / f"{name}.log"
        yield Part(log.name, lambda log=log: _within_limit(lambda: _tail(log)))  # type: ignore[misc]
    if chosen:
        yield Part("cameras.txt", lambda: _within_limit(lambda: _rows(chosen, _cameras)))
        yield Part("reports.txt", lambda: _within_limit(lambda: _rows(chosen, _reports)))
    if shutil.which("systemctl"):
        yield Part("systemctl.txt", _systemctl)


def _text(part: Part) -> str:
    try:
        return part.text()
    except Exception as error:  # noqa: BLE001 - what can't be had must not keep the rest back
        return f"{type(error).__name__}: {error}\n"


def _within_limit(work: Callable[[], str]) -> str:
    return call_with_timeout(PART_SECONDS, work)


# --- the secrets ----------------------------------------------------------------------------------------


def _secrets(chosen: Settings) -> Iterator[str]:
    """All that must not be in the zip, as texts."""
    for name, value in chosen:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if value is not None and (isinstance(value, SecretStr) or _SECRET.search(name)):
            yield text
    if chosen.heartbeat_url:
        yield from parts_of_url(chosen.heartbeat_url)
    if chosen.api_url:
        yield from keys_in_url(chosen.api_url)
    if chosen.telegram_to.startswith("+"):
        yield chosen.telegram_to
    if chosen.database_url:
        with contextlib.suppress(ArgumentError, ValueError):
            yield make_url(chosen.database_url.get_secret_value()).password or ""


def _secrets_in(text: str) -> Iterator[str]:
    """What config.py's text assigns to the name of a secret, also in a comment, and in a broken file."""
    for name, value in _ASSIGNED.findall(text):
        if _SECRET.search(name):
            inner = value.partition("#")[0].strip().strip("\"'")
            yield from (part for part in (value.strip(), inner) if len(part) > len("None"))


# --- the parts ------------------------------------------------------------------------------------------


def _config(path: Path | None) -> Path:
    return path or script.PROJECT / "config.py"


def _settings(path: Path, is_required: bool) -> Settings | None:
    with contextlib.suppress(ConfigurationError, TimeoutError):
        return call_with_timeout(PART_SECONDS, lambda: settings.load(path, required=is_required))
    return None


def _text_of(path: Path) -> str:
    with contextlib.suppress(OSError, TimeoutError):
        return _within_limit(lambda: path.read_text("utf-8", errors="replace"))
    return ""


def _shown(chosen: Settings) -> Iterator[str]:
    """The settings that config.py sets, with their values, but for secrets."""
    for name, value in chosen:
        if name in chosen.model_fields_set:
            is_secret = isinstance(value, SecretStr) or _SECRET.search(name)
            yield f"{name} = {HIDDEN if is_secret and value is not None else repr(value)}\n"


def _names_only(text: str) -> Iterator[str]:
    """A config.py that can't be read: which values in it are secrets, nobody can tell."""
    yield "config.py can't be read; check.txt says why. Its lines, without their values:\n"
    for number, line in enumerate(text.splitlines(), 1):
        if found := _ASSIGNED.match(line):
            is_known = found[1] in Settings.model_fields
            yield f"{number}: {found[1] if is_known else '(a name that is not known)'} = ...\n"


def _versions() -> str:
    installed = sorted(f"{one.metadata['Name']}=={one.version}" for one in importlib.metadata.distributions())
    return "\n".join(
        [
            f"VisitorsFlow {__version__}, {datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}",
            f"Python {sys.version}",
            platform.platform(),
            *installed,
            "",
        ]
    )


def _check(config: Path | None, watched: Callable[[Settings], Path]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        check.main(config, watched)
    return printed.getvalue()


def _tail(log: Path) -> str:
    """The last LOG_BYTES of a log and of its older files, from the beginning of a line on."""
    pieces: list[bytes] = []
    left, is_cut = LOG_BYTES, False
    for path in (log, *(Path(f"{log}.{number + 1}") for number in range(logs.OLDER_FILES))):
        if left <= 0 or not path.exists() or not stat.S_ISREG(path.stat().st_mode):
            continue
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - left))
            pieces.insert(0, file.read(left))
        is_cut, left = size > left, left - size
    raw = b"".join(pieces)
    if is_cut:  # half a secret would look like none
        raw = raw.partition(b"\n")[2]
    return raw.decode("utf-8", errors="replace")


def _rows(chosen: Settings, read: Callable[[Database], Iterable[CameraState | SentReport]]) -> str:
    """A line for each row of a table; times are UTC by the database's clock."""
    with contextlib.closing(Database(chosen)) as database:
        if database.is_not_made_yet:
            return f"{database}: there is nothing yet\n"
        rows = [json.dumps(row._asdict(), default=str, ensure_ascii=False) for row in read(database)]
    return "".join(f"{row}\n" for row in rows)


def _cameras(database: Database) -> Iterable[CameraState]:
    return Cameras(database).read()


def _reports(database: Database) -> Iterable[SentReport]:
    return Reports(database).newest(REPORTS) or ()


def _systemctl() -> str:
    command = ["systemctl", "status", "--no-pager", "--full", "--lines=100", *UNITS]
    done = subprocess.run(command, capture_output=True, timeout=PART_SECONDS, check=False)
    return (done.stdout + done.stderr).decode("utf-8", errors="replace")
