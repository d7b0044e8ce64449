"""The status message: one a day in the chat, edited when its text has changed, so the phone knows the state.

It rings nobody, waits for nobody, and nobody waits for it: only its newest text counts, and a try that
fails is dropped. Which message it is stands in a small file, so that a restart goes on editing it.
"""

import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from visitorsflow.errors import MessageRefused, TelegramAway, TelegramRefused

log = logging.getLogger(__name__)

EVERY_SECONDS = 60
REFUSED_RETRY_SECONDS = 600

# (text, number of the message to edit or None, random_id of a new one) -> number of the message
Show = Callable[[str, int | None, int], int]


class Status:
    """`chat` is the recipient, `file` where the message's number is kept; `clock` gives monotonic seconds."""

    def __init__(
        self, chat: str, file: Path, show: Show, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._chat = chat
        self._file = file
        self._show = show
        self._clock = clock
        self._day: date | None = None
        self._text = self._shown = ""
        self._not_before = 0.0
        self._is_failing = False

    def put(self, day: date, text: str) -> None:
        """From now on this is the newest text; `day` is the local date that it belongs to."""
        self._day, self._text = day, text

    def seconds_left(self) -> float:
        """How long until the newest text may be shown; infinite when it is shown."""
        if not self._day or self._text == self._shown:
            return float("inf")
        return max(0.0, self._not_before - self._clock())

    def deliver(self) -> None:
        """Show the newest text, or give it up for a minute or for as long as Telegram asks for."""
        assert self._day
        day, text = self._day, self._text
        wait: float = EVERY_SECONDS
        number, count = self._known(day)
        try:
            new = self._show(text, number, _random_id(f"{day} {self._chat} {count}"))
            if new != number:
                self._keep(day, new, count + 1)
            self._shown, self._is_failing = text, False
        except TelegramAway as error:
            wait = max(wait, error.retry_after or 0)
            self._say(error)
        except (TelegramRefused, MessageRefused) as error:
            wait = REFUSED_RETRY_SECONDS
            self._say(error)
        self._not_before = self._clock() + wait

    def _say(self, error: Exception) -> None:
        if not self._is_failing:
            log.warning("the status message is not up to date: %s", error)
        self._is_failing = True

    def _known(self, day: date) -> tuple[int | None, int]:
        """The number of the day's message, if there is one, and how many there have been."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._file.read_text("utf-8"))
            if kept["day"] == f"{day}" and kept["chat"] == self._chat:
                return int(kept["number"]), int(kept["count"])
        return None, 0

    def _keep(self, day: date, number: int, count: int) -> None:
        new = self._file.with_suffix(".new")
        try:
            content = {"day": f"{day}", "chat": self._chat, "number": number, "count": count}
            new.write_text(json.dumps(content), "utf-8")
            os.replace(new, self._file)
        except OSError as error:
            log.warning("after a restart there will be a new status message: %s", error)


def _random_id(text: str) -> int:
    """The same for the same message, also after a restart: a message that was sent twice is shown once."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
