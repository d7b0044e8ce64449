"""`uploadData.py --forget NAME`: take a camera that is gone out of the view and the alerts.

Its rows in PeopleFlow stay. When a camera of that name beats again, it is back by itself.
"""

import asyncio

from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras
from visitorsflow.errors import DatabaseRefuses, NoAnswer
from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.view import ask
from visitorsflow.words import Words

ANSWER_SECONDS = 60


def forget(settings: Settings, name: str, *, is_sure: bool) -> int:
    """Ask, unless somebody `is_sure`, and forget it. Returns the exit code: 1 when there is none, or a no."""
    words = Words(settings.language)
    database = Database(settings)
    cameras = Cameras(database)
    try:
        known = {name for camera in cameras.read() for name in (camera.name, *camera.lines)}
        if name not in known:
            names = words("list").join(sorted(map(printable, known))) or "-"
            print(words("forget unknown", name=printable(name), names=names))
            return 1
        if not (is_sure or _is_yes(words("forget sure", name=printable(name)))):
            print(words("forget kept"))
            return 1
        cameras.forget(name)
        print(words("forget done", name=printable(name)))
        return 0
    except DatabaseRefuses as error:
        raise DatabaseRefuses(Reason("not forgotten", why=error.reason), error.code) from error
    finally:
        database.close()


def _is_yes(question: str) -> bool:
    if not ask.somebody_is_there():
        return False
    try:
        answer = asyncio.run(ask.at_terminal(question, seconds=ANSWER_SECONDS))
    except NoAnswer:
        return False
    return ask.is_yes(answer)
