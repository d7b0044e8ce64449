"""One line of the check: a mark, what was found, and what to do about it."""

from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from visitorsflow.settings import Settings
from visitorsflow.words import Words


class Mark(Enum):
    """Each with the sign that shows it, and the letters for a terminal that does not know the sign."""

    WELL = "✓", "ok"
    NOTE = "–", "--"
    WRONG = "✗", "NO"


class Line(NamedTuple):
    """`key` is a text of words/check.py; the text "KEY do", where there is one, says what to do."""

    mark: Mark
    key: str
    values: dict[str, Any]


class Place(NamedTuple):
    """What is looked at: config.py at `config`, its settings, and the camera's `folder`."""

    config: Path
    settings: Settings
    folder: Path
    words: Words


def well(key: str, **values: Any) -> Line:
    """It is as it should be."""
    return Line(Mark.WELL, f"check {key}", values)


def note(key: str, **values: Any) -> Line:
    """It may be meant so; a person should know it."""
    return Line(Mark.NOTE, f"check {key}", values)


def wrong(key: str, **values: Any) -> Line:
    """Somebody must act."""
    return Line(Mark.WRONG, f"check {key}", values)
