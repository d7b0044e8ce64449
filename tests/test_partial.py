"""Which cameras are silent while the others count; pure."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from visitorsflow.facts import CameraState
from visitorsflow.rules.health import DEAD_AFTER, Silent, silent

MIDNIGHT = datetime(2018, 5, 30, 16)  # of Taipei, in UTC
NOW = datetime(2018, 5, 31, 2, 18, 25)
BEAT = NOW - timedelta(seconds=19)


def camera(name: str = "17", seconds: float = 61, **other: Any) -> CameraState:
    """One that lives, and whose last file came `seconds` before its last beat."""
    state = CameraState(
        name=name, alive_at=BEAT, stopped_at=None, file_at=BEAT - timedelta(seconds=seconds), file_name="",
        crossing_at=None, waiting=0, rejected=0, idle_seconds=60, open_now=True, clock_offset=0,
        can_tell=False, trouble="", told_at=None, version="", host="",
    )  # fmt: skip
    return state._replace(**other)


def test_one_that_is_silent_for_too_long_is_named_since_its_last_file() -> None:
    """By its own limit; the longest silence first."""
    cameras = [camera("a"), camera("b", 60), camera("c", 301, idle_seconds=300), camera("d", 299)]
    assert silent(cameras, NOW, MIDNIGHT) == [
        Silent("c", BEAT - timedelta(seconds=301)),
        Silent("d", BEAT - timedelta(seconds=299)),
        Silent("a", BEAT - timedelta(seconds=61)),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"stopped_at": BEAT},
        {"open_now": False},
        {"file_at": None},
        {"file_at": MIDNIGHT - timedelta(seconds=1)},
    ],
    ids=["has ended in order", "is closed", "has never delivered", "delivered before today only"],
)
def test_one_that_need_not_deliver_is_not_named(other: dict[str, Any]) -> None:
    """Nothing of today is missing from it, or nobody can say so."""
    assert silent([camera(**other)], NOW, MIDNIGHT) == []


def test_a_file_may_have_come_since_the_last_beat() -> None:
    """Of one that lives, the silence is known until its beat; of one that is dead, it lasts until now."""
    beat = NOW - DEAD_AFTER
    lives = camera(alive_at=beat, file_at=beat)
    dead = lives._replace(alive_at=beat - timedelta(seconds=1))
    assert silent([lives], NOW, MIDNIGHT) == []
    assert silent([dead], NOW, MIDNIGHT) == [Silent("17", beat)]


def test_the_first_second_of_today_counts() -> None:
    """A file at midnight is one of today."""
    assert silent([camera(file_at=MIDNIGHT)], NOW, MIDNIGHT) == [Silent("17", MIDNIGHT)]
