"""Days as the database would tell them, at a fixed moment; for tests of what is shown of them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from visitorsflow.events import DayRead, Event, Listed, Stored
from visitorsflow.facts import CameraState, Day, Hour, Missing, SentReport, Totals
from visitorsflow.settings import Settings
from visitorsflow.view.model import ViewModel
from visitorsflow.view.state import State

NOW = datetime(2018, 5, 31, 14, 18, 25)  # at the venue, in Taipei
READ_AT = datetime(2018, 5, 31, 6, 18, 24)  # the same moment, nearly, by the database's clock in UTC
TODAY = NOW.date()
HOURS = (
    (8, 120, 4),
    (9, 310, 40),
    (10, 380, 160),
    (11, 290, 220),
    (12, 150, 260),
    (13, 240, 200),
    (14, 90, 88),
)
OWN = "17"


def settings(**chosen: Any) -> Settings:
    """Those of a venue in Taipei, open from 8 to 22."""
    usual = {"camera": OWN, "timezone": "Asia/Taipei", "open_hours": ("08:00", "22:00")}
    return Settings(home=Path("/"), **(usual | chosen))


def camera(
    name: str = OWN, *, file_age: float | None = 3, alive_age: float = 4, **changed: Any
) -> CameraState:
    """One that is well, but for what is changed; ages in seconds before READ_AT."""
    usual: dict[str, Any] = {
        "name": name,
        "alive_at": READ_AT - timedelta(seconds=alive_age),
        "stopped_at": None,
        "file_at": None if file_age is None else READ_AT - timedelta(seconds=file_age + alive_age),
        "file_name": "20180531141820.json",
        "crossing_at": NOW - timedelta(seconds=9),
        "waiting": 0,
        "rejected": 0,
        "idle_seconds": 60.0,
        "open_now": True,
        "clock_offset": 0.0,
        "can_tell": True,
        "trouble": "",
        "told_at": None,
        "version": "2.0.0",
        "host": "pc",
    }
    return CameraState(**(usual | changed))


def report(age: float = 203, **changed: Any) -> SentReport:
    """One that was accepted, `age` seconds before READ_AT, but for what is changed."""
    usual: dict[str, Any] = {
        "sent_at": READ_AT - timedelta(seconds=age),
        "day": TODAY,
        "inside": 601,
        "came_in": 1570,
        "went_out": 969,
        "start": datetime(2018, 5, 31, 8),
        "end": NOW,
        "http_status": 200,
        "accepted": True,
        "reply": '{"Desc":"成功"}',
        "partial": "",
    }
    return SentReport(**(usual | changed))


def day(
    *cameras: CameraState,
    hours: tuple[tuple[int, int, int], ...] = HOURS,
    read_at: datetime = READ_AT,
    on: date = TODAY,
    sent: SentReport | None = None,
    missing: tuple[Missing, ...] = (),
) -> Day:
    """What was counted in `hours` (hour, in, out), and how the cameras are."""
    came_in, went_out = (sum(hour[i] for hour in hours) for i in (1, 2))
    totals = Totals(came_in, went_out, NOW if hours else None, NOW if hours else None)
    counted = tuple(Hour(hour, OWN, came, went) for hour, came, went in hours)
    return Day(read_at, on, totals, max(0, came_in - went_out), counted, cameras, sent, missing)


def some_cameras() -> tuple[CameraState, ...]:
    """One of each kind that must be told apart."""
    return (
        camera(),
        camera("east", alive_age=400, file_age=7, trouble="folder: /srv/Files can't be listed"),
        camera("west", stopped_at=READ_AT - timedelta(hours=2), waiting=4),
        camera("北側入口", file_age=743, trouble="silence"),
    )


def a_working_uploader() -> list[Event]:
    """What its loop tells in the first minutes."""
    return [Listed(3, True, "x.json"), Stored(812, 9000, NOW), Listed(0, True, "y.json")]


def picture(*events: Event, seconds_later: float = 1, **chosen: Any) -> ViewModel:
    """The picture after these events, `seconds_later` than the last; with settings and State's options."""
    clock = [0.0]
    options = {name: chosen.pop(name) for name in ("uploads", "has_telegram") if name in chosen}
    now = chosen.pop("now", NOW)
    state = State(settings(**chosen), clock=lambda: clock[0], **options)
    for event in events:
        state(event)
    clock[0] = seconds_later
    return state.snapshot(now)


def told(*cameras: CameraState, **options: Any) -> DayRead:
    return DayRead(day(*cameras, **options))


def at_utc(moment: datetime) -> datetime:
    """A time at the venue, aware: for a clock that is turned."""
    return (moment - timedelta(hours=8)).replace(tzinfo=UTC)
