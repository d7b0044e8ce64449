"""What both scripts share around their work: settings, log, exit code."""

import logging
from collections.abc import Callable
from pathlib import Path

from visitorsflow import collect_garbage, logs, settings
from visitorsflow.errors import ConfigurationError, TemporaryError
from visitorsflow.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent


def run(
    name: str, config: Path | None, work: Callable[[Settings], int], when_interrupted: Callable[[], int]
) -> int:
    """Load the settings, set up the log, do `work`, and return the script's exit code.

    `config` is the path that the command line gives; None means config.py beside the scripts, which may
    be missing. 1: it could not be done now, or has a defect of ours. 2: a person must mend the settings.
    Whatever happens stands in the log of `name`, since cron and service managers throw the rest away.
    """
    collect_garbage(seldom=False)
    path = config or PROJECT / "config.py"
    log = logging.getLogger(name)
    try:
        chosen = settings.load(path, required=config is not None)
        logs.set_up(name, chosen.home, settings.exposed(path, chosen))
        return work(chosen)
    except ConfigurationError as error:
        logs.say_what_to_mend(name, path, error)
        return 2
    except TemporaryError as error:
        log.error("%s", error)
        return 1
    except KeyboardInterrupt:
        return when_interrupted()
    except Exception:
        log.exception("%s.py has a defect", name)
        return 1
