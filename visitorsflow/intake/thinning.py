"""Old days of stored/ are deleted, where `stored_days` says so: whole days, a few files at a time.

Nothing else ever is: only files that lie in stored/YYYY-MM-DD/, and such a folder when it is empty.
"""

import contextlib
import logging
import math
import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from visitorsflow.text import printable

FILES_AT_ONCE = 100
LONGEST_SECONDS = 0.1  # at once, on a slow share: files that come now do not wait for it
EVERY_SECONDS = 3600  # so often the days are looked at anew
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
log = logging.getLogger(__name__)


class Thinning:
    """Keeps the last `days` days below the folder `stored`; `today` gives the local date.

    As many day folders are kept in any case: a clock that jumps years ahead takes nothing away.
    """

    def __init__(
        self,
        stored: str,
        days: int,
        today: Callable[[], date],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stored = stored
        self._days = days
        self._today = today
        self._clock = clock
        self._old: list[str] = []  # the oldest last
        self._looks_at = -math.inf

    def thin(self) -> None:
        """Delete a few files. What can't be deleted is said, and left until the days are looked at anew."""
        began = self._clock()
        if began >= self._looks_at:
            self._looks_at = began + EVERY_SECONDS
            self._old = self._old_days()
        if not self._old:
            return
        folder = self._old[-1]
        try:
            for path in self._files(folder):
                os.unlink(path)
                if self._clock() - began > LONGEST_SECONDS:
                    return
            with os.scandir(folder) as entries:
                is_empty = next(entries, None) is None
            if is_empty:
                os.rmdir(folder)
                log.info("%s is deleted: stored_days = %d", folder, self._days)
                self._old.pop()
        except OSError as error:
            log.warning("%s can't be deleted: %s", printable(folder), error.strerror)
            self._old.pop()

    def _old_days(self) -> list[str]:
        with contextlib.suppress(OSError):  # there is no stored/ yet
            if os.path.islink(self._stored):
                return []
            names = sorted(filter(_DAY.fullmatch, os.listdir(self._stored)), reverse=True)
            first = f"{self._today() - timedelta(days=self._days)}"
            paths = [os.path.join(self._stored, name) for name in names[self._days :] if name < first]
            return [path for path in paths if os.path.isdir(path) and not os.path.islink(path)]
        return []

    def _files(self, folder: str) -> Iterator[str]:
        """Some of its files. A folder among them is not of our making: to delete it is an OSError."""
        with os.scandir(folder) as entries:
            for _, entry in zip(range(FILES_AT_ONCE), entries, strict=False):
                yield entry.path
