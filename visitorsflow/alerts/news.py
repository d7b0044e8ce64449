"""News for the phone, and the queue in which they wait: one message a subject.

After an outage the alert of now must not wait behind those of hours ago. So what is newer takes in what
still waits of its subject, and what lasts goes first. Pure.
"""

import secrets
from collections.abc import Callable, Container, Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from visitorsflow.events import About, CamerasBack, CamerasLost
from visitorsflow.facts import Absence, Return

NAMES = 5  # of rejected files, in one message


class News(Protocol):
    """One message about a `subject`; `lasts` tells if that is the matter still.

    When it has arrived, Delivered says so of each event in `about`.
    """

    @property
    def subject(self) -> Hashable: ...

    @property
    def lasts(self) -> bool: ...

    @property
    def text(self) -> str: ...

    @property
    def about(self) -> tuple[About, ...]: ...

    def after(self, waiting: "News") -> "News":
        """Take in what has not arrived: older news of the same subject."""


@dataclass(frozen=True)
class Line:
    """Says something that nothing newer takes in."""

    text: str
    about: tuple[About, ...] = ()
    subject: Hashable = field(default_factory=object)
    lasts: bool = False

    def after(self, waiting: News) -> News:
        return self


@dataclass(frozen=True)
class State:
    """Says that something is the matter, or that it is over."""

    subject: Hashable
    text: str
    lasts: bool
    about: tuple[About, ...] = ()

    def after(self, waiting: News) -> News:
        """The newest counts; what is over before anybody heard of it is one line."""
        if waiting.lasts and not self.lasts:
            return replace(self, text=f"{waiting.text} → {self.text}")
        return self


@dataclass(frozen=True)
class RejectedFiles:
    """Says how many files were rejected, and the names of the first; `say(count, names)` makes the text."""

    count: int
    names: tuple[str, ...]
    say: Callable[[int, tuple[str, ...]], str]
    subject: Hashable = "rejected"
    lasts: bool = False
    about: tuple[About, ...] = ()

    @property
    def text(self) -> str:
        return self.say(self.count, self.names)

    def after(self, waiting: News) -> News:
        """All of them, with the names of the first."""
        if not isinstance(waiting, RejectedFiles):
            return self
        names = (*waiting.names, *self.names)[:NAMES]
        return replace(self, count=waiting.count + self.count, names=names)


@dataclass(frozen=True)
class OtherCameras:
    """Says which PCs do not answer, and which do again; `say` makes the text of either event."""

    lost: CamerasLost | None
    back: CamerasBack | None
    say: Callable[[CamerasLost | CamerasBack], str]
    subject: Hashable = "camera"

    @property
    def lasts(self) -> bool:
        return self.lost is not None

    @property
    def text(self) -> str:
        return "\n".join(self.say(event) for event in self.about)

    @property
    def about(self) -> tuple[CamerasLost | CamerasBack, ...]:
        return tuple(event for event in (self.lost, self.back) if event)

    def after(self, waiting: News) -> News:
        """Each camera once, with the newest that is known of it."""
        if not isinstance(waiting, OtherCameras):
            return self
        named = {one.camera for event in self.about for one in event.cameras}
        lost = (*_lost(waiting, without=named), *_lost(self))
        back = (*_back(waiting, without=named), *_back(self))
        return replace(
            self, lost=CamerasLost(lost) if lost else None, back=CamerasBack(back) if back else None
        )


def _lost(news: OtherCameras, without: Container[str] = ()) -> Iterator[Absence]:
    return (one for one in (news.lost.cameras if news.lost else ()) if one.camera not in without)


def _back(news: OtherCameras, without: Container[str] = ()) -> Iterator[Return]:
    return (one for one in (news.back.cameras if news.back else ()) if one.camera not in without)


class Waiting(NamedTuple):
    """News that wait. Every try to deliver them has the same `random_id`, so they are shown once."""

    news: News
    random_id: int


class Queue:
    """News in the order in which they go: what lasts, then the rest, the oldest first.

    For one thread at a time.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Waiting] = {}
        self._taken: Waiting | None = None  # is being delivered

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __iter__(self) -> Iterator[str]:
        """The texts of all that has not arrived."""
        taken = [self._taken] if self._taken else []
        return iter([one.news.text for one in (*taken, *self._waiting.values())])

    def put(self, news: News) -> None:
        """Add them, in the place of what waits of their subject."""
        before = self._waiting.get(news.subject)
        self._waiting[news.subject] = _new(news.after(before.news) if before else news)

    def take(self) -> Waiting:
        """Take the next ones, which are to be delivered now; then comes `arrived` or `give_back`."""
        first = next((one for one in self._waiting.values() if one.news.lasts), None)
        self._taken = first or next(iter(self._waiting.values()))
        del self._waiting[self._taken.news.subject]
        return self._taken

    def arrived(self) -> None:
        """What was taken needs no other try."""
        self._taken = None

    def give_back(self) -> None:
        """What was taken has not arrived: it goes next, unless newer ones of its subject take it in."""
        assert self._taken
        subject = self._taken.news.subject
        newer = self._waiting.pop(subject, None)
        again = _new(newer.news.after(self._taken.news)) if newer else self._taken
        self._waiting = {subject: again, **self._waiting}
        self._taken = None


def _new(news: News) -> Waiting:
    return Waiting(news, secrets.randbits(63))
