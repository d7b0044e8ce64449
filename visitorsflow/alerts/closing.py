"""The closing message: when the venue has closed, a picture of the day and its numbers, once a day."""

import contextlib
import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.summary import closing_caption
from visitorsflow.errors import VisitorsFlowError
from visitorsflow.facts import DayEnd
from visitorsflow.rules.closing import Closing
from visitorsflow.rules.silence import OpenHours
from visitorsflow.words import Words

log = logging.getLogger(__name__)


class ClosingMessage:
    """`read` gives a day that is over, and may raise; `file` keeps which day was the last that was said."""

    def __init__(
        self,
        outbox: Outbox,
        words: Words,
        open_hours: OpenHours | None,
        file: Path,
        read: Callable[[date], DayEnd],
    ) -> None:
        self._outbox = outbox
        self._words = words
        self._rule = Closing(open_hours)
        self._file = file
        self._read = read

    def look(self, now: datetime) -> None:
        """Say it if it is due at this local time; returns at once."""
        day = self._rule.due(now, self._said())
        if day:
            threading.Thread(target=self._say, args=[day], name="closing", daemon=True).start()

    def _say(self, day: date) -> None:
        from visitorsflow.alerts import picture  # Pillow, for one picture a day

        try:
            end = self._read(day)
            if end.totals.first is None:
                return  # nobody came: there is nothing to show
            png = picture.draw(end, self._words)
        except (VisitorsFlowError, OSError) as error:
            log.warning("no closing message for %s: %s", day, error)
            return
        self._outbox.put_picture(png, closing_caption(end, self._words), lambda: self._keep(day))

    def _said(self) -> date | None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return date.fromisoformat(json.loads(self._file.read_text("utf-8"))["day"])
        return None

    def _keep(self, day: date) -> None:
        new = self._file.with_suffix(".new")
        try:
            new.write_text(json.dumps({"day": f"{day}"}), "utf-8")
            os.replace(new, self._file)
        except OSError as error:
            log.warning("after a restart the closing message may come again: %s", error)
