"""What happened becomes what is said on the phone: events in, messages out."""

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
    is_of_venue,
)
from visitorsflow.facts import Absence, Return
from visitorsflow.text import day_time, printable
from visitorsflow.words import Words


def lost_text(lost: CamerasLost, words: Words, now: datetime) -> str:
    """Which cameras do not answer, and since when; a time of another day than `now` has its date."""

    def say(key: str, one: Absence) -> str:
        since = day_time(one.since, now)
        return words(f"{key} stopped" if one.stopped else key, camera=one.camera, since=since)

    if len(lost.cameras) == 1:
        return say("camera", lost.cameras[0])
    return words(
        "cameras", cameras=words("list").join(say("one of the cameras", one) for one in lost.cameras)
    )


def back_text(back: CamerasBack, words: Words) -> str:
    """Which cameras answer again, and how long they did not."""

    def say(key: str, one: Return) -> str:
        return words(f"{key} over", camera=one.camera, length=words.length(one.seconds))

    if len(back.cameras) == 1:
        return say("camera", back.cameras[0])
    cameras = words("list").join(say("one of the cameras", one) for one in back.cameras)
    return words("cameras over", cameras=cameras)


log = logging.getLogger(__name__)

REJECTED_EVERY_SECONDS = 60


class Alerts:
    """A listener. Each message goes to the log, and to the outbox if there is one.

    `now` gives the local time that stands in a message. `camera` is this PC's, and `told(names)` notes
    that somebody was told that cameras are dead, or with `back` that they answer again. A message about
    rejected files is held back until the last one is a minute old by `clock` (monotonic seconds).
    """

    def __init__(
        self,
        outbox: Outbox | None,
        words: Words,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        camera: str = "",
        told: Callable[..., None] = lambda names, back=False: None,
    ) -> None:
        self._outbox = outbox
        self._words = words
        self._now = now
        self._clock = clock
        self._camera = camera
        self._told = told
        self._has_others = False
        self._waiting = 0  # files in the last listing
        self._rejected: list[str] = []
        self._next_rejected = clock()

    def __call__(self, event: Event) -> None:
        match event:
            case Listed(waiting):
                self._waiting = waiting
            case Rejected(name):
                self._rejected.append(name)
            case Passed() if self._clock() >= self._next_rejected:
                self.say_what_was_rejected()
            case Lasts(what, reason, patience) if what in self._words:
                limit = self._words.limit(patience)
                text = self._words(what, limit=limit, reason=reason, waiting=self._waiting)
                self._say(self._ours(what, text))
            case Ended(what, seconds, told=True, caught_up=caught_up) if what in self._words:
                length = self._words.length(seconds)
                text = self._words(f"{what} over", length=length, caught_up=caught_up)
                self._say(self._ours(what, text))
            case CamerasLost(cameras):
                names = [one.camera for one in cameras]
                self._say(lost_text(event, self._words, self._now()), lambda: self._told(names))
            case CamerasBack(cameras):
                names = [one.camera for one in cameras]
                self._say(back_text(event, self._words), lambda: self._told(names, back=True))
            case DayRead(day):
                self._has_others = len(day.cameras) > 1

    def say_what_was_rejected(self) -> None:
        """Say it in one message, if anything was; also what would be held back: the program ends."""
        if self._rejected:
            more = " …" if len(self._rejected) > 5 else ""
            names = self._words("list").join(name[:100] for name in self._rejected[:5])
            text = self._words("rejected", count=len(self._rejected), names=names + more)
            self._say(self._ours("rejected", text))
            self._rejected.clear()
            self._next_rejected = self._clock() + REJECTED_EVERY_SECONDS

    def _ours(self, what: str, text: str) -> str:
        """With the camera's name where there are several, unless it concerns the whole venue."""
        if not self._has_others or is_of_venue(what):
            return text
        return self._words("of camera", camera=self._camera, text=text)

    def _say(self, text: str, when_delivered: Callable[[], None] | None = None) -> None:
        text = f"{printable(text)} [{self._now():%Y-%m-%d %H:%M:%S}]"
        log.warning("ALERT %s", text)
        if self._outbox:
            self._outbox.put(text, when_delivered)
