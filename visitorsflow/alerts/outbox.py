"""The outbox delivers messages in order, without ever holding up who has something to say."""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from visitorsflow.errors import TelegramAway, TelegramRefused

log = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 60
# A person must sign in first: look now and then whether that has happened.
REFUSED_RETRY_SECONDS = 300


class Outbox:
    """A thread that delivers messages in order, each until it has arrived.

    `deliver(text, random_id)` raises TelegramAway (tried again: after 1, 2, 4 … 60 s, or after what
    Telegram asks for) or TelegramRefused (said once in the log, tried again every five minutes).
    `check()` raises the same and is asked once at the start, so that a lost sign-in is known at once.
    """

    def __init__(self, deliver: Callable[[str, int], None], check: Callable[[], None]) -> None:
        self._deliver = deliver
        self._check = check
        self._waiting: deque[tuple[str, int]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, text: str) -> None:
        """Take a message; returns at once."""
        with self._changed:
            self._waiting.append((text, secrets.randbits(63)))
            self._changed.notify()

    def close(self, seconds: float) -> None:
        """Give what waits this long to be delivered, then log what was not."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        for text, _ in list(self._waiting):
            log.warning("not delivered to Telegram: %s", text)

    def _run(self) -> None:
        self._try(self._check)
        failures = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                text, random_id = self._waiting[0]
            wait = self._try(partial(self._deliver, text, random_id))
            with self._changed:
                if wait is None:
                    failures = 0
                    self._waiting.popleft()
                    continue
                failures += 1
                backoff = min(LONGEST_BACKOFF_SECONDS, 2 ** min(failures - 1, 10))
                self._pause(max(wait, backoff))

    def _pause(self, seconds: float) -> None:
        """Cut short by the end, once: that is a reason to try again, not to spin."""
        closing = self._closing
        self._changed.wait_for(lambda: self._closing != closing, seconds)

    def _try(self, work: Callable[[], None]) -> float | None:
        """None when it worked, else how many seconds to wait at least. Said once a reason."""
        wait: float | None
        try:
            work()
        except TelegramRefused as error:
            wait, reason = REFUSED_RETRY_SECONDS, str(error)
        except TelegramAway as error:
            wait, reason = error.retry_after or 0, str(error)
        except Exception as error:  # an outbox that has died would be a silent one
            log.exception("delivering an alert failed")
            wait, reason = LONGEST_BACKOFF_SECONDS, str(error)
        else:
            wait, reason = None, ""
        if reason and reason != self._said:
            log.warning("alerts wait: %s", reason)
        elif self._said and not reason:
            log.info("Telegram works again")
        self._said = reason
        return wait
