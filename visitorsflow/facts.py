"""Values without behaviour, which every room may know."""

from datetime import datetime
from typing import NamedTuple


class Crossing(NamedTuple):
    """One person crossing the line once. Times are the camera's local time, whole seconds, naive."""

    time: datetime
    output_time: datetime
    person: int
    state: int  # 0 came in, 1 went out, anything else is stored and never counted
    frame: int
    occurrence: int  # 0, or 1, 2, … for records of one file that are alike in everything else


class Totals(NamedTuple):
    """A day's counts; `first` and `last` are naive local times, None when there are no rows."""

    came_in: int
    went_out: int
    first: datetime | None
    last: datetime | None


class Rows(NamedTuple):
    """How many rows there are, and the naive local time of the last one, None when there are none."""

    rows: int
    last: datetime | None
