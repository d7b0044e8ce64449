"""When the most people were inside. Pure."""

from collections.abc import Iterable
from datetime import datetime


def peak(changes: Iterable[tuple[datetime, int]]) -> tuple[int, datetime | None]:
    """The most people that were inside at once, and since when; (0, None) when there never was anybody.

    `changes`: the moments of a day in their order, each with how many more came in than went out.

    >>> ten, eleven, noon = (datetime(2018, 11, 3, hour) for hour in (10, 11, 12))
    >>> peak([(ten, 3), (eleven, -2), (noon, 2)])
    (3, datetime.datetime(2018, 11, 3, 10, 0))
    """
    people, most, at = 0, 0, None
    for moment, more in changes:
        people += more
        if people > most:
            most, at = people, moment
    return most, at
