"""Both scripts share this around their work: settings, log, exit code."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from visitorsflow import config_file, garbage, logs, ownership, settings
from visitorsflow.errors import ConfigurationError, TemporaryError
from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings
from visitorsflow.timeouts import call_with_timeout

PROJECT = Path(__file__).resolve().parent.parent
LOOK_SECONDS = 2  # a dead network share never answers


def start(main: Callable[[], int]) -> NoReturn:
    """Run `main` as the whole of this process, with its exit code.

    Whoever reads what it prints may have seen enough, as in `--history | head`: 1, and no traceback.
    """
    try:
        code = main()
    except BrokenPipeError:
        code = 1
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:  # Python's own last flush must not meet it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or 1
    logs.leave(code)


def run(
    name: str,
    config: Path | None,
    work: Callable[[Settings], int],
    when_interrupted: Callable[[], int],
    watched: Callable[[Settings], Path] | None = None,
    writes: bool = True,
) -> int:
    """Load the settings, set up the log, do `work`, and return the script's exit code.

    `config` is the path that the command line gives; None means config.py beside the scripts, which may
    be missing. `watched` tells the camera's folder, where the script has one; `writes` is False for work
    that must leave no file behind, not even a log. 1: it could not be done now,
    or has a defect of ours. 2: a person must fix the settings. Whatever happens stands in the log of
    `name`, since cron and service managers throw the rest away.
    """
    garbage.collect_as_usual()
    path = config or PROJECT / "config.py"
    log = logging.getLogger(name)
    language = None
    try:
        chosen = settings.load(path, required=config is not None)
        language = chosen.language
        logs.set_up(name, chosen.home if writes else None, settings.exposed(path, chosen))
        if writes:
            _warn(log, _warnings(path, chosen, watched))
        return work(chosen)
    except ConfigurationError as error:
        error.advice = error.advice or ownership.unusable([ownership.Own(path, ownership.READ)]) or ""
        logs.say_what_to_fix(name, path if writes else None, error, language or error.language)
        return 2
    except TemporaryError as error:
        log.error("%s", error)
        return 1
    except KeyboardInterrupt:
        return when_interrupted()
    except BrokenPipeError:  # see start
        raise
    except Exception:
        log.exception("%s.py has a defect", name)
        return 1


def held_by(folder: Path, home: Path) -> Path | None:
    """The folder of ours that is this one, or lies in it, where not all .json files are the camera's."""
    resolved = Path(os.path.realpath(folder))
    return next((own for own in (home, PROJECT) if resolved in (own, *own.parents)), None)


def _warn(log: logging.Logger, warnings: Iterator[Reason | None]) -> None:
    """Say what looks wrong around the work, which waits for it only a moment and goes on in any case."""

    def look() -> None:
        for warning in filter(None, warnings):
            log.warning("%s", warning)

    with contextlib.suppress(OSError):  # the work meets it too, and says what it means
        call_with_timeout(LOOK_SECONDS, look)


def _warnings(
    path: Path, chosen: Settings, watched: Callable[[Settings], Path] | None
) -> Iterator[Reason | None]:
    """A config.py under another name, and files that are somebody else's; None for what is well."""
    yield config_file.misnamed(path)
    folder = watched(chosen) if watched else None
    own = list(ownership.own_files(chosen, path, folder, chosen.now().date()))
    yield ownership.as_root(chosen.home, own)
    yield ownership.unusable(own)
