"""What both scripts share around their work: settings, log, exit code."""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from visitorsflow import collect_garbage, config_file, logs, ownership, settings
from visitorsflow.errors import ConfigurationError, TemporaryError
from visitorsflow.settings import Settings

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
    raise SystemExit(logs.leave(code))


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
    or has a defect of ours. 2: a person must mend the settings. Whatever happens stands in the log of
    `name`, since cron and service managers throw the rest away.
    """
    collect_garbage(seldom=False)
    path = config or PROJECT / "config.py"
    log = logging.getLogger(name)
    try:
        chosen = settings.load(path, required=config is not None)
        logs.set_up(name, chosen.home if writes else None, settings.exposed(path, chosen))
        if writes:
            _warn(log, _warnings(path, chosen, watched))
        return work(chosen)
    except ConfigurationError as error:
        error.advice = error.advice or ownership.unusable([ownership.Own(path, ownership.READ)])
        logs.say_what_to_mend(name, path if writes else None, error)
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
    """What of ours is the folder, or lies in it, where not all .json files are the camera's; else None."""
    resolved = Path(os.path.realpath(folder))
    return next((own for own in (home, PROJECT) if resolved in (own, *own.parents)), None)


def _warn(log: logging.Logger, warnings: Iterator[str]) -> None:
    """Say what looks wrong around the work, which waits for it only a moment and goes on in any case."""

    def look() -> None:
        with contextlib.suppress(OSError):  # the work meets it too, and says what it means
            for warning in filter(None, warnings):
                log.warning("%s", warning)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(LOOK_SECONDS)


def _warnings(path: Path, chosen: Settings, watched: Callable[[Settings], Path] | None) -> Iterator[str]:
    """A config.py under another name, and files that are somebody else's; "" for what is well."""
    yield config_file.misnamed(path)
    folder = watched(chosen) if watched else None
    own = list(ownership.own_files(chosen, path, folder, chosen.now().date()))
    yield ownership.as_root(chosen.home, own)
    yield ownership.unusable(own)
