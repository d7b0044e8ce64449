"""Makes messages for the phone from the events that somebody must know of."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from visitorsflow.alerts.news import NAMES, Line, News, OtherCameras, Part, RejectedFiles, State
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.events import (
    REJECTED,
    CamerasBack,
    CamerasLost,
    DayRead,
    Ended,
    EndedThere,
    Event,
    Lasts,
    LastsThere,
    Listed,
    Passed,
    Rejected,
    Stage,
    Telling,
    Warned,
)
from visitorsflow.facts import Absence, Return
from visitorsflow.reasons import Reason
from visitorsflow.subjects import CAMERA, CAPACITY, CAPACITY_NEAR, DATABASE, SILENCE, Subject
from visitorsflow.text import day_time, printable
from visitorsflow.words import Words

REJECTED_EVERY_SECONDS = 60
BEGINS, OVER, SAID = "🔴 ", "🟢 ", "ℹ️ "  # to be scanned on a phone
LONGEST = 100  # characters of a file's name, and of the reason why it was rejected
# Who hears that it is full knows that it is nearly full; and that it is not full, when it is not even that.
IMPLIED = {(CAPACITY, Stage.LASTS): (CAPACITY_NEAR,), (CAPACITY_NEAR, Stage.OVER): (CAPACITY,)}
log = logging.getLogger(__name__)


class Alerts:
    """A listener. Each message goes to the log, and to the outbox if there is one.

    On the phone it begins with a sign; but the one about silence is its sentence alone where nothing needs to
    be named. `now` gives the local time that stands in a message. `camera` is this PC's; `venue` may be "". A
    message about rejected files is held back until the last one is a minute old by `clock` (monotonic
    seconds). `rings()`: this PC rings when the database is away, which all PCs of a venue tell.
    """

    def __init__(
        self,
        outbox: Outbox | None,
        words: Words,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        camera: str = "",
        venue: str = "",
        rings: Callable[[], bool] = lambda: True,
    ) -> None:
        self._outbox = outbox
        self._words = words
        self._now = now
        self._clock = clock
        self._camera = camera
        self._venue = venue
        self._rings = rings
        self._rang: bool | None = None  # for the absence of the database that lasts
        self._has_others = False
        self._waiting = 0  # files in the last listing
        self._rejected: list[str] = []
        self._next_rejected = clock()

    def __call__(self, event: Event) -> None:
        words = self._words
        match event:
            case Listed(waiting):
                self._waiting = waiting
            case Rejected(name, because):
                named = words("rejected one", name=name[:LONGEST], reason=words.say(because)[:LONGEST])
                self._rejected.append(named)
            case Passed() if self._clock() >= self._next_rejected:
                self.say_what_was_rejected()
            case Lasts(what, reason, patience):
                limit, why = words.limit(patience), words.say(reason)
                text = words(what.key, limit=limit, reason=why, waiting=self._waiting)
                telling = self._telling(what, self._whose(what), Stage.LASTS, patience, reason)
                self._say_state(telling, text, self._ours(what), what)
            case Ended(what, seconds, told=True, caught_up=caught_up):
                text = words(f"{what.key} over", length=words.length(seconds), caught_up=caught_up)
                telling = self._telling(what, self._whose(what), Stage.OVER, seconds)
                self._say_state(telling, text, self._ours(what), what)
            case LastsThere(camera, what, reason, patience, waiting):
                limit, why = words.limit(patience), words.say(reason)
                text = words(what.key, limit=limit, reason=why, waiting=waiting)
                telling = self._telling(what, camera, Stage.LASTS, patience, reason)
                self._say_state(telling, text, camera, what)
            case EndedThere(camera, what, seconds, caught_up):
                text = words(f"{what.key} over", length=words.length(seconds), caught_up=caught_up)
                self._say_state(self._telling(what, camera, Stage.OVER, seconds), text, camera, what)
            case Warned(reason):
                message = self._message(BEGINS, words.say(reason), self._ours(), self._now())
                self._say(Line(message))
            case CamerasLost(cameras):
                tellings = tuple(self._lost(one) for one in cameras)
                self._say(OtherCameras(event, None, partial(self._others_text, self._now()), tellings))
            case CamerasBack(cameras):
                tellings = tuple(
                    self._telling(CAMERA, one.camera, Stage.OVER, one.seconds) for one in cameras
                )
                self._say(OtherCameras(None, event, partial(self._others_text, self._now()), tellings))
            case DayRead(day):
                self._has_others = len(day.cameras) > 1

    def say_what_was_rejected(self) -> None:
        """Say it in one message, if anything was; also what would be held back: the program ends."""
        if self._rejected:
            say = partial(self._rejected_text, self._now())
            now, names = self._clock(), tuple(self._rejected[:NAMES])
            reason = Reason("files rejected", files=len(self._rejected), first=names[0])
            telling = Telling(REJECTED, self._camera, Stage.ONCE, now, now, reason)
            self._say(RejectedFiles(len(self._rejected), names, say, (telling,)))
            self._rejected.clear()
            self._next_rejected = self._clock() + REJECTED_EVERY_SECONDS

    def say_that_it_ends(self, reason: Reason) -> None:
        """Say that the program could not start, and why: after a reboot nobody may look at its PC."""
        text = self._words("not started", camera=self._camera, reason=self._words.say(reason))
        self._say(Line(self._message(BEGINS, text, "", self._now())))

    def _say_state(self, telling: Telling, text: str, camera: str, what: Subject) -> None:
        lasts = telling.stage is Stage.LASTS
        sign = BEGINS if lasts else OVER
        if what is SILENCE and lasts and not (camera or self._venue):
            sign = ""
        also = IMPLIED.get((what, telling.stage), ())
        message = self._message(sign, text, camera, self._now())
        part = Part(message, telling, tuple(replace(telling, what=one.key) for one in also))
        silent = what is DATABASE and not self._rings_for_database(lasts)
        # One waits at most: what is over before anybody heard that it is full must not leave "full" behind.
        subject = (CAPACITY if what is CAPACITY_NEAR else what).key, telling.camera
        self._say(State(subject, part if lasts else None, None if lasts else part, silent))

    def _rings_for_database(self, lasts: bool) -> bool:
        """Whoever rang for an absence rings for its end: just after it, nobody seems to live."""
        rings = self._rings() if self._rang is None else self._rang
        self._rang = rings if lasts else None
        return rings

    def _telling(
        self, what: Subject, camera: str, stage: Stage, seconds: float, reason: Reason | None = None
    ) -> Telling:
        """It began so many seconds ago."""
        now = self._clock()
        return Telling(what.key, camera, stage, now - seconds, now, reason)

    def _lost(self, one: Absence) -> Telling:
        seconds = (self._now().replace(tzinfo=None) - one.since).total_seconds()
        since = f"{one.since:%Y-%m-%d %H:%M:%S}"
        reason = Reason("stopped since" if one.stopped else "silent since", since=since)
        return self._telling(CAMERA, one.camera, Stage.LASTS, seconds, reason)

    def _say(self, news: News) -> None:
        log.warning("ALERT %s", _without_signs(news.text))
        if self._outbox:
            self._outbox.put(news)

    def _rejected_text(self, now: datetime, count: int, names: tuple[str, ...]) -> str:
        more = " …" if count > len(names) else ""
        text = self._words("rejected", count=count, names=self._words("list").join(names) + more)
        return self._message(SAID, text, self._ours(), now)

    def _others_text(self, now: datetime, event: CamerasLost | CamerasBack) -> str:
        words = self._words
        if isinstance(event, CamerasLost):
            return self._message(BEGINS, lost_text(event, words, now), "", now)
        return self._message(OVER, back_text(event, words), "", now)

    def _whose(self, what: Subject) -> str:
        return "" if what.of_venue else self._camera

    def _ours(self, what: Subject | None = None) -> str:
        """The camera's name where there are several, and it is no matter of the whole venue; else ""."""
        is_of_venue = what is not None and what.of_venue
        return self._camera if self._has_others and not is_of_venue else ""

    def _message(self, sign: str, text: str, camera: str, now: datetime) -> str:
        """The whole of an alert: its sign, where it is, what it is, and the local time."""
        if place := " ".join(filter(None, (self._venue, camera))):
            text = self._words("of camera", camera=place, text=text)
        return f"{sign}{printable(text)} [{now:%Y-%m-%d %H:%M:%S}]"


def _without_signs(text: str) -> str:
    for sign in (BEGINS, OVER, SAID):
        text = text.replace(sign, "")
    return text


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
