"""One uploader a folder: two with different camera names would store each crossing twice.

Known by a lock on a hidden file in the folder, which ends with the process, however that ends. Where a folder
takes no locks, nothing is refused.
"""

import contextlib
import logging
import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from visitorsflow.errors import FolderTaken
from visitorsflow.reasons import Reason, os_reason
from visitorsflow.text import printable

NAME = ".visitorsflow.lock"  # begins with a dot: no file of the camera
HOLDER = ".visitorsflow.lock.txt"  # who holds it; a lock's own file is emptied by whoever tries it
log = logging.getLogger(__name__)


def is_free(folder: Path) -> bool:
    """True when no uploader on this PC has the folder; False too where that can't be known. Makes no file."""
    try:
        if not (folder / NAME).exists():
            return folder.is_dir()
        with FileLock(folder / NAME, timeout=0, thread_local=False, fallback_to_soft=False):
            return True
    except (OSError, NotImplementedError):  # Timeout is an OSError
        return False


class Claim:
    """The folder is worked off by the uploader of `camera` in this process, and by no other one."""

    def __init__(self, folder: Path, camera: str) -> None:
        self._folder = folder
        self._camera = camera
        self._lock = FileLock(folder / NAME, thread_local=False, fallback_to_soft=False)

    def take(self) -> None:
        """Take the folder until this process ends. Raises FolderTaken where another uploader has it."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise FolderTaken(Reason("folder taken", folder=str(self._folder), by=self._holder())) from None
        except (OSError, NotImplementedError) as error:
            why = os_reason(error) if isinstance(error, OSError) else error
            log.info("no lock in %s (%s): see that no second uploader works there", self._folder, why)
            return
        with contextlib.suppress(OSError):
            holder = f"{self._camera} ({printable(socket.gethostname())}, {os.getpid()})"
            (self._folder / HOLDER).write_text(holder, encoding="utf-8")

    def release(self) -> None:
        """Let another uploader take it."""
        self._lock.release()

    def _holder(self) -> str:
        try:
            return printable((self._folder / HOLDER).read_text("utf-8", errors="replace")[:200])
        except OSError:
            return "?"
