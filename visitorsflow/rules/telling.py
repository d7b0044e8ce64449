"""What has been told, and so what is still to be told: one thing at a time, of one subject and camera.

All PCs of a venue look at the same table before they say anything. Who is about to tell something writes
that first: so two PCs tell it once. If that one dies before it could write that it was told, another one
tells it after LEASE: perhaps twice, but never not at all. Pure: all times are the database's.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from visitorsflow.events import REJECTED, Stage
from visitorsflow.facts import NEW_NUMBER, ToldThing
from visitorsflow.reasons import Reason
from visitorsflow.subjects import CAMERA

LEASE = timedelta(seconds=90)  # a delivery takes a minute at most
ROUNDED = timedelta(seconds=2)  # the table holds whole seconds


class Answer(Enum):
    """What becomes of something that is to be told."""

    TELL = "nobody has told it"
    LATER = "another PC is about to"
    HEARD = "it was told, or need not be told any more"


class Word(NamedTuple):
    """Something that is to be told: a Telling, in the database's time."""

    what: str
    camera: str
    stage: Stage
    since: datetime
    made: datetime
    reason: Reason | None = None


def judge(thing: ToldThing | None, word: Word, now: datetime, teller: str) -> Answer:
    """Tell what becomes of `word` at the PC `teller`; `thing` is the newest of its subject and camera."""
    if word.stage is Stage.ONCE:
        return Answer.TELL
    is_taken = thing is not None and _is_taken(thing, now, teller)
    if thing is None or thing.end_told_at:
        # A message that waited for long may tell of what has come and gone in the meantime.
        if word.stage is Stage.LASTS:
            is_heard = thing is not None and _was_there(thing.told_at, word)
        else:  # an older version notes in PeopleFlowCamera alone that it told a camera's loss
            is_heard = word.what != CAMERA.key or (thing is not None and _was_there(thing.end_told_at, word))
        return Answer.HEARD if is_heard else Answer.TELL
    if thing.told_at and word.stage is Stage.LASTS:
        return Answer.HEARD
    if is_taken:
        return Answer.LATER
    # Where nobody has heard that it lasts, nobody need hear that it is over.
    return Answer.TELL if thing.told_at or word.stage is Stage.LASTS else Answer.HEARD


def taken(thing: ToldThing | None, word: Word, now: datetime, teller: str) -> ToldThing | None:
    """The row in which `teller` says that it is about to tell `word`, which was judged to be told."""
    if word.stage is Stage.LASTS:
        return _begun(thing, word, now, teller)
    return thing._replace(teller=teller, taken_at=now) if thing and not thing.end_told_at else None


def noted(thing: ToldThing | None, word: Word, at: datetime, teller: str) -> ToldThing | None:
    """The row that says that `word` has arrived; None where that changes nothing."""
    if word.stage is Stage.ONCE:
        if thing and thing.reason == word.reason and abs(thing.since - word.since) <= ROUNDED:
            return None  # it is there already: the answer to its commit was lost
        new = _begun(None, word, at, teller)
        return new._replace(told_at=at, ended_at=word.made, end_told_at=at, taken_at=None)
    told_at = thing.told_at if thing else None
    if word.stage is Stage.OVER:
        if not thing or not told_at or thing.end_told_at:
            return None
        return thing._replace(ended_at=word.made, end_told_at=at, teller=teller, taken_at=None)
    if thing and told_at and (thing.end_told_at is None or _was_there(told_at, word)):
        return None
    return _begun(thing, word, at, teller)._replace(told_at=at, taken_at=None)


def let_go(thing: ToldThing | None, teller: str) -> ToldThing | None:
    """The row after `teller` could not tell it: another may. None where that changes nothing."""
    if thing is None or thing.teller != teller or thing.taken_at is None:
        return None
    return thing._replace(taken_at=None)


class Heard(NamedTuple):
    """Something that the phone was told at `at`: that it lasts, or with `over` that it no longer does.

    `camera` is "" for the whole venue. `what` is the key of a Subject, or "rejected".
    """

    at: datetime
    what: str
    camera: str
    over: bool
    reason: Reason | None
    since: datetime
    ended: datetime | None


def heard_since(things: Iterable[ToldThing], start: datetime) -> list[Heard]:
    """All that the phone was told from `start` on, in that order; of each thing its beginning and its end.

    `things` are those of a Day (`told`). All times are naive UTC by the database's clock.
    """
    heard = []
    for one in things:
        end = None if one.what == REJECTED else one.end_told_at
        for at, over in ((one.told_at, False), (end, True)):
            if at and at >= start:
                heard.append(Heard(at, one.what, one.camera, over, one.reason, one.since, one.ended_at))
    return sorted(heard, key=lambda one: (one.at, one.over, one.what, one.camera))


def last_delivery(things: Iterable[ToldThing]) -> datetime | None:
    """When the phone was reached last, by any PC; None when nothing is known to have been told."""
    times = (at for one in things for at in (one.told_at, one.end_told_at) if at)
    return max(times, default=None)


def newest(things: Iterable[ToldThing]) -> dict[tuple[str, str], ToldThing]:
    """The newest thing of each subject and camera."""
    ordered = sorted(things, key=lambda one: (one.since, one.number))
    return {(one.what, one.camera): one for one in ordered}


def lasting(things: Iterable[ToldThing]) -> list[ToldThing]:
    """What was told and whose end was not."""
    return [one for one in newest(things).values() if one.told_at and not one.end_told_at]


def _begun(thing: ToldThing | None, word: Word, now: datetime, teller: str) -> ToldThing:
    number = NEW_NUMBER if thing is None or thing.told_at else thing.number
    return ToldThing(word.what, word.camera, number, word.since, None, None, None, teller, now, word.reason)


def _is_taken(thing: ToldThing, now: datetime, teller: str) -> bool:
    """Is another PC about to tell it."""
    if thing.taken_at is None or thing.teller == teller:
        return False
    return timedelta(0) <= now - thing.taken_at < LEASE


def _was_there(at: datetime | None, word: Word) -> bool:
    """Was something told since this was to be told."""
    return at is not None and at >= word.made - ROUNDED
