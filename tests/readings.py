"""Readings of a day as the tests need them: all is well but for what a test says."""

from datetime import datetime, timedelta
from typing import Any

from visitorsflow.facts import CameraState, Day, Hour, SentReport, Totals

READ_AT = datetime(2018, 11, 3, 4, 0, 0)  # UTC, by the database's clock
NOON = datetime(2018, 11, 3, 12, 0, 0)  # the same moment at the venue


def ago(seconds: float, now: datetime = READ_AT) -> datetime:
    return now - timedelta(seconds=seconds)


def camera(name: str, alive: float = 0, **changed: Any) -> CameraState:
    """A camera that has beaten `alive` seconds before READ_AT."""
    state = CameraState(
        name=name,
        alive_at=ago(alive),
        stopped_at=None,
        file_at=ago(5),
        file_name="20181103120000.json",
        crossing_at=NOON,
        waiting=0,
        rejected=0,
        idle_seconds=60,
        open_now=True,
        clock_offset=0,
        can_tell=True,
        trouble="",
        told_at=None,
        version="2",
        host=name,
    )
    return state._replace(**changed)


def day(*cameras: CameraState, **changed: Any) -> Day:
    totals = changed.get("totals", Totals(72, 20, NOON, NOON))
    inside = max(0, totals.came_in - totals.went_out)
    reading = Day(READ_AT, NOON.date(), totals, inside, (), cameras, None, ())
    return reading._replace(**changed)


def later(reading: Day, seconds: float) -> Day:
    """The same, read so much later; whoever has beaten goes on."""
    passed = timedelta(seconds=seconds)
    return reading._replace(
        read_at=reading.read_at + passed,
        cameras=tuple(one._replace(alive_at=one.alive_at + passed) for one in reading.cameras),
    )


def report(age: float = 60, **changed: Any) -> SentReport:
    """A report that was accepted `age` seconds before READ_AT."""
    sent = SentReport(
        ago(age), NOON.date(), 52, 72, 20, NOON, NOON, http_status=200, accepted=True, reply="OK", partial=""
    )
    return sent._replace(**changed)


def hour(number: int, came_in: int, went_out: int, name: str = "54") -> Hour:
    return Hour(number, name, came_in, went_out)
