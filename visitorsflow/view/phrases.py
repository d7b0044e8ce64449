"""Times and lengths, as short as a screen needs them. Pure."""

from datetime import datetime

from visitorsflow.words import Words


def age(seconds: float, words: Words) -> str:
    """A length in its largest unit, rounded down.

    >>> [age(s, Words("zh-TW")) for s in (5, 743, 7500, 200000)]
    ['5 秒', '12 分鐘', '2 小時', '2 天']
    """
    for unit, key in ((86400, "view days"), (3600, "view hours"), (60, "view minutes")):
        if seconds >= unit:
            return words(key, count=int(seconds // unit))
    return words("view seconds", count=int(seconds))


def moment(at: datetime | None, now: datetime) -> str:
    """A time of today to the second; of another day, the day and the minute.

    >>> moment(datetime(2018, 5, 31, 9, 5), datetime(2018, 6, 1)), moment(None, datetime(2018, 6, 1))
    ('05-31 09:05', '-')
    """
    if at is None:
        return "-"
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%m-%d %H:%M}"
