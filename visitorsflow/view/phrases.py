"""Phrases of the view model in the venue's language, for any face. Pure."""

from datetime import datetime
from typing import Any

from visitorsflow.reasons import Reason
from visitorsflow.rules.health import Health, Trouble
from visitorsflow.subjects import SILENCE
from visitorsflow.text import printable
from visitorsflow.view.model import CameraShown, Happening
from visitorsflow.words import Words

WITH_A_LENGTH = (Health.SILENT, Health.DEAD, Health.STOPPED, Health.UNKNOWN)


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


def health_text(health: Health, seconds: float, words: Words) -> str:
    """A camera's state in a word, with its length where that matters."""
    text = words(f"view health {health}")
    return f"{text} {age(seconds, words)}" if health in WITH_A_LENGTH else text


def waiting_text(camera: CameraShown) -> str:
    """How many files wait there; ? while that can't be known."""
    return str(camera.waiting) if camera.knows_waiting else "?"


def trouble_text(troubles: tuple[Trouble, ...], words: Words) -> str:
    """A camera's troubles besides silence, which the state says already."""
    said = (words.about(what, reason) for what, reason in troubles if what != SILENCE.key)
    return printable(words("list").join(said))


def happening_text(one: Happening, words: Words) -> str:
    """In the words of the alerts, where they have some for it."""
    values: dict[str, Any] = {
        name: printable(words.say(value)) if isinstance(value, Reason) else value
        for name, value in one.values.items()
    }
    values["reason"] = values.get("reason") or ""
    if "health" in values:
        values["health"] = health_text(values["health"], values["seconds"], words)
    if "patience" in values:
        values["limit"] = words.limit(values["patience"])
    if "about" in values:
        values["text"] = _told_text(one, words)
    if "seconds" in values:
        values["length"] = words.length(values["seconds"])
    if words.has(one.what):
        return words(one.what, **values)
    return f"{words.about(one.what)} {values['reason']}".rstrip()


def _told_text(one: Happening, words: Words) -> str:
    """The subject with its reason, and the camera that it is about."""
    text = printable(words.about(one.values["about"], one.values["reason"]))
    camera = one.values["camera"]
    return words("of camera", camera=camera, text=text) if camera else text
