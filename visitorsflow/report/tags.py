"""A day's totals become the three tags of the report, and its body. Pure."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from visitorsflow.facts import Totals
from visitorsflow.settings import Settings, TagType

# Clocks that are nearly right differ by less.
AHEAD = timedelta(minutes=5)


class Period(NamedTuple):
    """start <= time < end, in the naive local time of the table."""

    start: datetime
    end: datetime


def period_of(day: date, now: datetime) -> Period:
    """A day from 00:00:00 to its end, or to `now` (local time, with its `fold`) if that is earlier.

    In the hour that a clock set back repeats, the rows of its first passage may be later by the clock
    than now: they belong to the day so far.

    >>> period_of(date(2018, 5, 31), datetime(2018, 5, 31, 10, 18, 25)).end
    datetime.datetime(2018, 5, 31, 10, 18, 26)
    """
    start = datetime(day.year, day.month, day.day)
    return Period(start, min(start + timedelta(days=1), max(start, _end_of(now))))


def ahead_from(now: datetime) -> datetime:
    """A row of this time or later lies ahead of `now`: by more than AHEAD, on this day or a later one.

    >>> ahead_from(datetime(2018, 5, 31, 23, 58))
    datetime.datetime(2018, 6, 1, 0, 3, 1)
    """
    return _end_of(now) + AHEAD


def _end_of(now: datetime) -> datetime:
    """The end of the second `now`; in an hour that is repeated, the end of what its first passage had."""
    so_far = now.replace(tzinfo=None, fold=0, microsecond=0) + timedelta(seconds=1)
    if now.fold:
        so_far += now.astimezone(UTC) - now.replace(fold=0).astimezone(UTC)
    return so_far


def inside(totals: Totals) -> int:
    """How many are inside; never less than nobody, whatever a camera has missed."""
    return max(0, totals.came_in - totals.went_out)


def tags_of(totals: Totals, settings: Settings) -> list[dict[str, str]]:
    """The three tags in the API's order; `totals` has rows, so `first` and `last` are times."""
    assert totals.first is not None
    assert totals.last is not None
    values: dict[TagType, int] = {
        "Count": inside(totals),
        "CountAccuIn": totals.came_in,
        "CountAccuOut": totals.went_out,
    }
    return [
        {
            "SSID": settings.ssid,
            "TagType": tag,
            "TagID": settings.tag_ids[tag],
            "TagValue": str(value),
            "StartTime": f"{totals.first:%Y%m%d%H%M%S}",
            "EndTime": f"{totals.last:%Y%m%d%H%M%S}",
        }
        for tag, value in values.items()
    ]


def body_of(tags: list[dict[str, str]]) -> str:
    """The JSON list that is POSTed, one tag a line."""
    return "[" + ",\n ".join(json.dumps(tag, ensure_ascii=False, separators=(",", ":")) for tag in tags) + "]"
