"""A believable day of people who come and go. Pure but for its dice, which a seed makes fall the same way."""

import math
import random
from datetime import date, datetime, timedelta

DAY = date(2018, 11, 3)
BEGIN, END = datetime(2018, 11, 3, 7, 50), datetime(2018, 11, 3, 22, 10)
OPEN_HOURS = ("08:00", "22:00")
STEP = timedelta(minutes=1)
BROKEN = datetime(2018, 11, 3, 11, 20)  # a file that is cut off
REFUSED = datetime(2018, 11, 3, 13, 0)  # a report
SILENCE = (datetime(2018, 11, 3, 14, 0), datetime(2018, 11, 3, 14, 30))  # of the first camera
DEATH = datetime(2018, 11, 3, 16, 40)  # of the second one
PEOPLE_AN_HOUR = 900  # that come at the busiest time, by the first camera

Crossed = tuple[datetime, int, int]  # when, the person, and 0 for in or 1 for out


class People:
    """Many come in the morning and after lunch, whoever was there for two hours goes, and all at closing."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._inside = 0
        self._person = 0

    def cross(self, now: datetime, share: float) -> list[Crossed]:
        """Who crosses in the minute before `now`, by a camera that sees this share of all."""
        hour = now.hour + now.minute / 60
        if not 8 <= hour < 22:
            return []
        rush = math.exp(-(((hour - 10.5) / 1.6) ** 2)) + 0.8 * math.exp(-(((hour - 15.2) / 2) ** 2)) + 0.05
        coming = 0 if hour > 21.5 else PEOPLE_AN_HOUR / 60 * rush * share
        staying = 115 if hour < 20.5 else max(3, (21.95 - hour) * 40)  # minutes
        came_in = self._about(coming)
        went_out = min(self._inside, self._about(self._inside / staying * share / 1.7))
        self._inside += came_in - went_out
        return [self._crossing(now, state) for state in [0] * came_in + [1] * went_out]

    def _about(self, expected: float) -> int:
        return max(0, round(self._dice.gauss(expected, math.sqrt(expected + 0.1))))

    def _crossing(self, now: datetime, state: int) -> Crossed:
        self._person += 1
        return now - timedelta(seconds=self._dice.randrange(60)), self._person, state
