"""Small help with text that people read."""

from datetime import datetime


def printable(text: str) -> str:
    r"""The text with everything that could move a cursor or forge a line made visible.

    >>> printable("a\n\udcff.json")
    'a\\n\\udcff.json'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def day_time(moment: datetime, now: datetime) -> str:
    """The minute, with its date where that is not the date of `now`; both are local times.

    >>> from datetime import timedelta
    >>> noon = datetime(2018, 11, 3, 12)
    >>> day_time(noon, noon), day_time(noon, noon + timedelta(days=1))
    ('12:00', '11-03 12:00')
    """
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%m-%d %H:%M}"


def counted(number: int, what: str) -> str:
    """The number with its noun.

    >>> counted(1, "file"), counted(3, "file")
    ('1 file', '3 files')
    """
    return f"{number} {what}{'s' * (number != 1)}"
