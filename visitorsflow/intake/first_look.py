"""The first look: hints, before anything is stored, to those who come from an older program."""

import logging
from pathlib import Path

from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import VisitorsFlowError
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.watch import Watchdog
from visitorsflow.text import counted, printable

log = logging.getLogger(__name__)

NEWEST_ROWS = 100_000  # read within half a second, however long the table is


def say_what_is_odd(table: PeopleFlow, folder: Path, watchdog: Watchdog) -> None:
    """Log a line for each thing that a person should know; they are hints, and never hold up the storing."""
    try:
        for remark in table.remarks():
            log.warning("%s", remark)
        double = _would_count_twice(table, Inbox(folder, 0, watchdog=watchdog))
        if double:
            log.info("%s", double)
    except VisitorsFlowError as error:
        log.info("not looked for traces of an older program: %s", error)


def _would_count_twice(table: PeopleFlow, inbox: Inbox) -> str:
    """A hint, and no more: a new camera of a venue that has others begins in the same way."""
    cameras = table.cameras_of_newest_rows(NEWEST_ROWS)
    is_known = any(f"{name}/".startswith(f"{table.camera}/") for name in cameras)  # one of its lines, perhaps
    waiting = 0 if not cameras or is_known else len(inbox.pending().files)
    if not waiting:
        return ""
    names = ", ".join(sorted(map(printable, cameras))[:5])
    return (
        f"the newest rows in the table are of other cameras ({names}), none is of {table.camera};"
        f" waiting in {inbox.folder}: {counted(waiting, 'file')}. If this is a new camera, all is well."
        " If an older program has stored them, they now count twice: press Ctrl-C and see docs/migration.md"
    )
