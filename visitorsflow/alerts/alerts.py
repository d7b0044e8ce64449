"""Makes messages for the phone from the events that somebody must know of."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.alerts.outbox import Outbox
from visitorsflow.events import (
    CamerasBack,
    CamerasLost,
    DayRead,
    Ended,
    Event,
    Lasts,
    Listed,
    Passed,
    Rejected,
)
from visitorsflow.facts import Absence, Return
from visitorsflow.text import day_time, printable
from visitorsflow.words import Words

REJECTED_EVERY_SECONDS = 60
log = logging.getLogger(__name__)


class Alerts:
    """A listener. Each message goes to the log, and to the outbox if there is one.

    `now` gives the local time that stands in a message. `camera` is this PC's. A message about rejected
    files is held back until the last one is a minute old by `clock` (monotonic seconds).
    """

    def __init__(
        self,
        outbox: Outbox | None,
        words: Words,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        camera: str = "",
    ) -> None:
        self._outbox = outbox
        self._words = words
        self._now = now
        self._clock = clock
        self._camera = camera
        self._has_others = False
        self._waiting = 0  # files in the last listing
        self._rejected: list[str] = []
        self._next_rejected = clock()

    def __call__(self, event: Event) -> None:
        words = self._words
        match event:
            case Listed(waiting):
                self._waiting = waiting
            case Rejected(name):
                self._rejected.append(name)
            case Passed() if self._clock() >= self._next_rejected:
                self.say_what_was_rejected()
            case Lasts(what, reason, patience):
                limit, why = words.limit(patience), words.say(reason)
                text = words(what.key, limit=limit, reason=why, waiting=self._waiting)
                self._say(text if what.of_venue else self._ours(text))
            case Ended(what, seconds, told=True, caught_up=caught_up):
                text = words(f"{what.key} over", length=words.length(seconds), caught_up=caught_up)
                self._say(text if what.of_venue else self._ours(text))
            case CamerasLost():
                self._say(lost_text(event, words, self._now()), event)
            case CamerasBack():
                self._say(back_text(event, words), event)
            case DayRead(day):
                self._has_others = len(day.cameras) > 1

    def say_what_was_rejected(self) -> None:
        """Say it in one message, if anything was; also what would be held back: the program ends."""
        if self._rejected:
            more = " …" if len(self._rejected) > 5 else ""
            names = self._words("list").join(name[:100] for name in self._rejected[:5])
            self._say(self._ours(self._words("rejected", count=len(self._rejected), names=names + more)))
            self._rejected.clear()
            self._next_rejected = self._clock() + REJECTED_EVERY_SECONDS

    def _ours(self, text: str) -> str:
        """With the camera's name where there are several."""
        return self._words("of camera", camera=self._camera, text=text) if self._has_others else text

    def _say(self, text: str, about: CamerasLost | CamerasBack | None = None) -> None:
        text = f"{printable(text)} [{self._now():%Y-%m-%d %H:%M:%S}]"
        log.warning("ALERT %s", text)
        if self._outbox:
            self._outbox.put(text, about)


def lost_text(lost: CamerasLost, words: Words, now: datetime) -> str:
    """Name the cameras that do not answer, and since when; a time of another day than `now` has its date."""

    def say(key: str, one: Absence) -> str:
        since = day_time(one.since, now)
        return words(f"{key} stopped" if one.stopped else key, camera=one.camera, since=since)

    if len(lost.cameras) == 1:
        return say("camera", lost.cameras[0])
    return words(
        "cameras", cameras=words("list").join(say("one of the cameras", one) for one in lost.cameras)
    )


def back_text(back: CamerasBack, words: Words) -> str:
    """Name the cameras that answer again, and how long they did not."""

    def say(key: str, one: Return) -> str:
        return words(f"{key} over", camera=one.camera, length=words.length(one.seconds))

    if len(back.cameras) == 1:
        return say("camera", back.cameras[0])
    cameras = words("list").join(say("one of the cameras", one) for one in back.cameras)
    return words("cameras over", cameras=cameras)
