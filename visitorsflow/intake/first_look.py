"""The first look, before anything is stored: what those should know who come from an older program."""

import logging
from pathlib import Path

from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import VisitorsFlowError
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.watch import Watchdog
from visitorsflow.reasons import Reason
from visitorsflow.text import printable

log = logging.getLogger(__name__)

NEWEST_ROWS = 100_000  # read within half a second, however long the table is
NAMED = 5


def look(table: PeopleFlow, folder: Path, watchdog: Watchdog) -> Reason | None:
    """Log a line for each thing that a person should know. Returns why the files that wait may count twice.

    None where nothing speaks for that, or where it can't be read: it never holds up the storing.
    """
    try:
        for remark in table.remarks():
            log.warning("%s", remark)
        return _may_count_twice(table, Inbox(folder, 0, watchdog=watchdog))
    except VisitorsFlowError as error:
        log.info("not looked for traces of an older program: %s", error)
        return None


def _may_count_twice(table: PeopleFlow, inbox: Inbox) -> Reason | None:
    """A new camera of a venue that has others begins in the same way: only a person can tell."""
    cameras = table.cameras_of_newest_rows(NEWEST_ROWS)
    is_known = any(f"{name}/".startswith(f"{table.camera}/") for name in cameras)  # one of its lines, perhaps
    waiting = 0 if not cameras or is_known else len(inbox.pending().files)
    if not waiting:
        return None
    names = ", ".join(sorted(map(printable, cameras))[:NAMED])
    folder = str(inbox.folder)
    return Reason("may count twice", names=names, camera=table.camera, folder=folder, count=waiting)
