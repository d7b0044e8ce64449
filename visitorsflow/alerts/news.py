"""News for the phone, and the queue in which they wait: one message a subject.

After an outage the alert of now must not wait behind those of hours ago. So what is newer takes in what
still waits of its subject, and what lasts goes first. Pure.
"""

import math
import secrets
from collections.abc import Callable, Container, Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from visitorsflow.events import About, CamerasBack, CamerasLost, Telling
from visitorsflow.facts import Absence, Return

NAMES = 5  # of rejected files, in one message


class News(Protocol):
    """One message about a `subject`; `lasts` tells if that is the matter still. A `silent` one does not ring.

    When it has arrived, Delivered says so of all that it is `about`.
    """

    @property
    def subject(self) -> Hashable: ...

    @property
    def lasts(self) -> bool: ...

    @property
    def text(self) -> str: ...

    @property
    def silent(self) -> bool: ...

    @property
    def about(self) -> tuple[About, ...]: ...

    @property
    def claims(self) -> tuple[Telling, ...]:
        """What another PC may have told, or the one before a restart."""

    def after(self, waiting: "News") -> "News":
        """Take in what has not arrived: older news of the same subject."""

    def without(self, heard: Container[Telling]) -> "News | None":
        """Leave out the claims that were told; None when nothing is left."""


@dataclass(frozen=True)
class Line:
    """Says something that nothing newer takes in."""

    text: str
    about: tuple[About, ...] = ()
    subject: Hashable = field(default_factory=object)
    lasts: bool = False
    silent: bool = False
    claims: tuple[Telling, ...] = ()

    def after(self, waiting: News) -> News:
        return self

    def without(self, heard: Container[Telling]) -> News:
        return self


class Part(NamedTuple):
    """One half of a State's text; it tells `telling`, and with it `also`."""

    text: str
    telling: Telling
    also: tuple[Telling, ...] = ()


@dataclass(frozen=True)
class State:
    """Says that something is the matter (`begun`), or that it is over, or both."""

    subject: Hashable
    begun: Part | None = None
    over: Part | None = None
    silent: bool = False

    @property
    def lasts(self) -> bool:
        return self.over is None

    @property
    def text(self) -> str:
        return " → ".join(part.text for part in self._parts())

    @property
    def about(self) -> tuple[Telling, ...]:
        return tuple(telling for part in self._parts() for telling in (part.telling, *part.also))

    @property
    def claims(self) -> tuple[Telling, ...]:
        return tuple(part.telling for part in self._parts())

    def after(self, waiting: News) -> News:
        """The newest counts; what is over before anybody heard of it is one line."""
        if isinstance(waiting, State) and not self.lasts:
            return replace(self, begun=waiting.begun)
        return self

    def without(self, heard: Container[Telling]) -> News | None:
        begun, over = (
            None if part is None or part.telling in heard else part for part in (self.begun, self.over)
        )
        return replace(self, begun=begun, over=over) if begun or over else None

    def _parts(self) -> Iterator[Part]:
        return (part for part in (self.begun, self.over) if part)


@dataclass(frozen=True)
class RejectedFiles:
    """Says how many files were rejected, and the names of the first; `say(count, names)` makes the text."""

    count: int
    names: tuple[str, ...]
    say: Callable[[int, tuple[str, ...]], str]
    about: tuple[About, ...] = ()
    subject: Hashable = "rejected"
    lasts: bool = False
    silent: bool = False
    claims: tuple[Telling, ...] = ()

    @property
    def text(self) -> str:
        return self.say(self.count, self.names)

    def after(self, waiting: News) -> News:
        """All of them, with the names of the first."""
        if not isinstance(waiting, RejectedFiles):
            return self
        names = (*waiting.names, *self.names)[:NAMES]
        about = (*waiting.about, *self.about)
        return replace(self, count=waiting.count + self.count, names=names, about=about)

    def without(self, heard: Container[Telling]) -> News:
        return self


@dataclass(frozen=True)
class OtherCameras:
    """Says which PCs do not answer, and which do again; `say` makes the text of either event."""

    lost: CamerasLost | None
    back: CamerasBack | None
    say: Callable[[CamerasLost | CamerasBack], str]
    about: tuple[Telling, ...] = ()  # one of each camera
    subject: Hashable = "camera"
    silent: bool = False

    @property
    def lasts(self) -> bool:
        return self.lost is not None

    @property
    def text(self) -> str:
        return "\n".join(self.say(event) for event in (self.lost, self.back) if event)

    @property
    def claims(self) -> tuple[Telling, ...]:
        return self.about

    def after(self, waiting: News) -> News:
        """Each camera once, with the newest that is known of it."""
        if not isinstance(waiting, OtherCameras):
            return self
        named = {one.camera for event in (self.lost, self.back) if event for one in event.cameras}
        return self._of(
            (*_lost(waiting, named), *_lost(self)),
            (*_back(waiting, named), *_back(self)),
            (*(one for one in waiting.about if one.camera not in named), *self.about),
        )

    def without(self, heard: Container[Telling]) -> News | None:
        gone = {one.camera for one in self.about if one in heard}
        lost, back = tuple(_lost(self, gone)), tuple(_back(self, gone))
        about = tuple(one for one in self.about if one not in heard)
        return self._of(lost, back, about) if lost or back else None

    def _of(
        self, lost: tuple[Absence, ...], back: tuple[Return, ...], about: tuple[Telling, ...]
    ) -> "OtherCameras":
        return replace(
            self,
            lost=CamerasLost(lost) if lost else None,
            back=CamerasBack(back) if back else None,
            about=about,
        )


def _lost(news: OtherCameras, without: Container[str] = ()) -> Iterator[Absence]:
    return (one for one in (news.lost.cameras if news.lost else ()) if one.camera not in without)


def _back(news: OtherCameras, without: Container[str] = ()) -> Iterator[Return]:
    return (one for one in (news.back.cameras if news.back else ()) if one.camera not in without)


class Waiting(NamedTuple):
    """News that wait. Every try to deliver them has the same `random_id`, so they are shown once.

    Not before `due` (monotonic seconds): until then another PC may tell it.
    """

    news: News
    random_id: int
    due: float = 0.0


class Queue:
    """News in the order in which they go: what lasts, then the rest, the oldest first.

    For one thread at a time. `now` in monotonic seconds.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Waiting] = {}
        self._taken: Waiting | None = None  # is being delivered

    def seconds_left(self, now: float) -> float:
        """The seconds until the first ones are due; infinite when nothing waits."""
        return min((max(0.0, one.due - now) for one in self._waiting.values()), default=math.inf)

    def undelivered(self) -> list[str]:
        """The texts of all that has not arrived, without what another PC may tell."""
        taken = [self._taken] if self._taken else []
        return [one.news.text for one in (*taken, *self._waiting.values()) if not one.due]

    def put(self, news: News) -> None:
        """Add them, in the place of what waits of their subject."""
        before = self._waiting.get(news.subject)
        self._waiting[news.subject] = _new(news.after(before.news) if before else news)

    def take(self, now: float) -> Waiting:
        """Take the next that are due, to be delivered now; then comes one of the methods below."""
        due = [one for one in self._waiting.values() if one.due <= now]
        self._taken = next((one for one in due if one.news.lasts), due[0])
        del self._waiting[self._taken.news.subject]
        return self._taken

    def leave_out(self, heard: Container[Telling]) -> Waiting | None:
        """Leave out of what was taken what was told elsewhere; None when nothing is left."""
        assert self._taken
        news = self._taken.news.without(heard)
        if news is None:
            self._taken = None
        elif news != self._taken.news:
            self._taken = _new(news)
        return self._taken

    def arrived(self) -> None:
        """What was taken needs no other try."""
        self._taken = None

    def give_back(self, due: float = 0.0) -> None:
        """What was taken has not arrived: it goes next, unless newer ones of its subject take it in."""
        assert self._taken
        subject = self._taken.news.subject
        newer = self._waiting.pop(subject, None)
        again = _new(newer.news.after(self._taken.news)) if newer else self._taken._replace(due=due)
        self._waiting = {subject: again, **self._waiting}
        self._taken = None


def _new(news: News) -> Waiting:
    return Waiting(news, secrets.randbits(63))
