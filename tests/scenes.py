"""Scenes of the screen: what it looks like in each stands in tests/screens/NAME.txt, to be read by people.

`python -m tests.scenes` writes those files anew: look at what git shows then.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import time_machine

from tests.days import (
    NOW,
    a_working_uploader,
    at_utc,
    camera,
    picture,
    report,
    some_cameras,
    told,
)
from visitorsflow.events import Began, Lasts, Listed, Rejected, Stored
from visitorsflow.facts import Missing
from visitorsflow.reasons import quoted
from visitorsflow.subjects import DATABASE, SILENCE
from visitorsflow.view.draw import plain
from visitorsflow.view.model import ViewModel
from visitorsflow.view.screen import screen
from visitorsflow.words import Language, Words

SIZES = ((80, 24), (100, 30), (120, 40))
SCREENS = Path(__file__).parent / "screens"


def scenes() -> Iterator[tuple[str, ViewModel, Language]]:
    """Name, picture and language of each."""
    with time_machine.travel(at_utc(NOW), tick=False):
        rejected = Rejected("20180531141802.json", quoted("record 3: inOut: Field required"))
        lasts = Lasts(SILENCE, None, 60)
        four = told(*some_cameras(), sent=report())
        yield "one camera", picture(*a_working_uploader(), told(camera(), sent=report())), "zh-TW"
        yield (
            "four cameras",
            picture(*a_working_uploader(), rejected, lasts, four, has_telegram=True),
            "zh-TW",
        )
        english = picture(*a_working_uploader(), rejected, lasts, four, has_telegram=True)
        yield "four cameras in English", english, "en"
        many = [camera(f"{number:02}") for number in range(17)]
        twenty = told(*many, *some_cameras()[1:], sent=report(accepted=False, http_status=403))
        yield "twenty cameras", picture(*a_working_uploader(), twenty), "zh-TW"
        yield (
            "no rows",
            picture(Listed(0, False), told(camera(file_age=None, crossing_at=None), hours=())),
            "zh-TW",
        )
        last_night = NOW - timedelta(hours=17)
        night = camera(file_age=36000, open_now=False, crossing_at=last_night)
        closed = told(night, hours=(), sent=report(age=36000))
        yield "before opening", picture(closed, now=NOW.replace(hour=6)), "zh-TW"
        midnight = NOW.replace(day=31, hour=23, minute=59, second=59) + timedelta(seconds=31)
        yield "after midnight", picture(*a_working_uploader(), told(camera()), now=midnight), "zh-TW"
        away = Began(DATABASE, quoted("Can't connect to MySQL server on '192.168.1.10'"))
        yield "database never answered", picture(Listed(40, True, "x.json"), away), "zh-TW"
        yield "old picture", picture(*a_working_uploader(), four, away, seconds_later=754), "zh-TW"
        backlog = (Listed(20_000, True, "x.json"), Stored(500, 5000, NOW), told(camera(), sent=report()))
        yield "backlog", picture(*backlog, seconds_later=2), "zh-TW"
        partial = told(
            *some_cameras(),
            sent=report(partial="北側入口"),
            missing=(Missing("PeopleFlowReport", quoted("denied")),),
        )
        yield "another PC", picture(partial, uploads=False), "zh-TW"
        late = told(camera(), sent=report(age=3000, accepted=False, http_status=None))
        yield "no report for long", picture(*a_working_uploader(), late), "zh-TW"


def drawn(picture: ViewModel, language: Language) -> str:
    """The screen at each size, as text."""
    parts = []
    for columns, rows in SIZES:
        lines = plain(screen(picture, columns, rows, Words(language)))
        parts.append(f"{columns}x{rows} {'-' * (columns - 8)}\n{lines}")
    return "".join(parts)


def path_of(name: str) -> Path:
    return SCREENS / f"{name.replace(' ', '-')}.txt"


if __name__ == "__main__":
    for name, shown, language in scenes():
        path_of(name).write_text(drawn(shown, language), encoding="utf-8")
