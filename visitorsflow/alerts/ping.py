"""Tells a service outside of the venue that all is well; when that service hears nothing, it rings."""

import logging
import threading
import time
from collections.abc import Callable

from visitorsflow import timeouts
from visitorsflow.events import Began, Ended, Event, Lasts, Passed
from visitorsflow.reasons import Reason
from visitorsflow.subjects import TELEGRAM, Subject, Waits
from visitorsflow.text import printable

EVERY_SECONDS = 60
ANSWER_SECONDS = 10
MOST_REDIRECTS = 5
LONGEST_PASS_SECONDS = 60
log = logging.getLogger(__name__)


class Wellness:
    """A listener that knows if all is well at this PC. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._passed = clock()
        self._troubles: set[Subject] = set()

    def __call__(self, event: Event) -> None:
        match event:
            case Passed():
                self._passed = self._clock()
            case Began(what) if what.waits is Waits.ALL or what is TELEGRAM:
                self._troubles.add(what)
            case Lasts(what) if not what.of_venue:
                self._troubles.add(what)
            case Ended(what):
                self._troubles.discard(what)

    def is_well(self) -> bool:
        """True when the loop goes on, alerts can go, and nothing is the matter that was worth an alert.

        Nor anything that holds back all files, such as a database that is away: that counts at once.
        """
        return not self._troubles and self._clock() - self._passed < LONGEST_PASS_SECONDS


class Ping:
    """A thread that makes a GET of `url` every minute while `is_well()`. Nobody waits for it.

    A trouble with it is logged once, until it works again.
    """

    def __init__(self, url: str, is_well: Callable[[], bool], every: float = EVERY_SECONDS) -> None:
        self._url = url
        self._is_well = is_well
        self._every = every
        self._failing = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ping", daemon=True)

    def start(self) -> None:
        """Make the first GET, and go on."""
        self._thread.start()

    def close(self) -> None:
        """Make no more GETs; one that is under way is not waited for."""
        self._ended.set()
        timeouts.leave_behind(self._thread)

    def _run(self) -> None:
        while not self._ended.is_set():
            if self._is_well():
                self._say(self._get())
            self._ended.wait(self._every)

    def _get(self) -> str:
        """Make the GET. Returns the fault of the answer, or why there is none; "" when all is right."""
        import requests  # takes as long as the rest of our start
        from urllib3.exceptions import HTTPError

        try:
            with requests.Session() as session:
                session.max_redirects = MOST_REDIRECTS
                # The body is not read: it may have no end.
                with session.get(self._url, timeout=ANSWER_SECONDS, stream=True) as response:
                    return "" if response.status_code < 300 else f"HTTP {response.status_code}"
        except (OSError, HTTPError, ValueError) as error:  # requests' own are OSErrors
            inner = getattr(error.args[0], "reason", error.args[0]) if error.args else error
            return str(inner) or type(error).__name__

    def _say(self, trouble: str) -> None:
        if trouble and not self._failing:
            log.warning("%s", Reason("no heartbeat", why=printable(trouble)))
        elif self._failing and not trouble:
            log.info("heartbeat_url works again")
        self._failing = bool(trouble)
