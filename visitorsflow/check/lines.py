"""One line of the check: a mark, what was found, and what to do about it.

A look gives keys and values; they become words where they are printed.
"""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings
from visitorsflow.words import Words


class Mark(Enum):
    """Each with the sign that shows it, and the letters for a terminal that does not know the sign.

    ELSEWHERE: somebody must act, but at another PC.
    """

    WELL = "✓", "ok"
    NOTE = "–", "--"
    WRONG = "✗", "NO"
    ELSEWHERE = "!", "! "


class Line(NamedTuple):
    """`key` is a text of words/check.py; the text "KEY do", where there is one, says what to do.

    `values` are put into both: texts, numbers, and reasons.
    """

    mark: Mark
    key: str
    values: dict[str, Any]

    def found(self, words: Words) -> str:
        """Say what was found."""
        return self._text(self.key, words)

    def advice(self, words: Words) -> str:
        """Say what to do, in several lines perhaps; "" when there is nothing."""
        key = f"{self.key} do"
        return self._text(key, words) if self.mark is not Mark.WELL and words.has(key) else ""

    def _text(self, key: str, words: Words) -> str:
        values = {
            name: words.say(value) if value is None or isinstance(value, Reason) else value
            for name, value in self.values.items()
        }
        return words(key, **values)


class MayRing(Protocol):
    """Decides if a test message is sent: it may ask somebody."""

    def __call__(self, recipient: str, /) -> bool: ...


def rings_nobody(_recipient: str) -> bool:
    """No test message is sent."""
    return False


class Place(NamedTuple):
    """The place to look at: config.py at `config`, its settings, and the camera's `folder`."""

    config: Path
    settings: Settings
    folder: Path
    words: Words
    may_ring: MayRing = rings_nobody


class LookAt(Protocol):
    """Looks at one thing, and gives a line for each part of it as soon as that is known."""

    def __call__(self, place: Place, /) -> Iterator[Line]: ...


def well(key: str, **values: Any) -> Line:
    """It is as it should be."""
    return Line(Mark.WELL, f"check {key}", values)


def note(key: str, **values: Any) -> Line:
    """It may be meant so; a person should know it."""
    return Line(Mark.NOTE, f"check {key}", values)


def wrong(key: str, **values: Any) -> Line:
    """Somebody must act."""
    return Line(Mark.WRONG, f"check {key}", values)


def elsewhere(key: str, **values: Any) -> Line:
    """Somebody must act at another PC: it is no fault of this one."""
    return Line(Mark.ELSEWHERE, f"check {key}", values)
