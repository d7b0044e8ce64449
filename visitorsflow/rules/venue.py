"""All that one PC makes of a reading of the day: what it says for itself, and what for the whole venue.

Pure: the clock is passed in.
"""

from datetime import datetime

from visitorsflow.events import Event
from visitorsflow.facts import Day
from visitorsflow.rules.capacity import Capacity, inside
from visitorsflow.rules.clocks import OwnClock
from visitorsflow.rules.lost import LostCameras
from visitorsflow.rules.reporting import Reporting
from visitorsflow.rules.silence import OpenHours
from visitorsflow.rules.speaker import Speaker


class Venue:
    """The rules at the PC of the camera `name`. `now` at first: monotonic seconds."""

    def __init__(self, name: str, open_hours: OpenHours | None, capacity: int | None, now: float) -> None:
        self._name = name
        self._speaker = Speaker(name)
        self._lost = LostCameras(name, open_hours)
        self._reporting = Reporting(open_hours, now)
        self._capacity = Capacity(capacity) if capacity else None
        self._own_clock = OwnClock()

    @property
    def is_ready(self) -> bool:
        """Whether its beat may say that it can tell, when Telegram works."""
        return self._speaker.is_ready

    @property
    def speaks(self) -> bool:
        """Whether the status message and the closing message are its work."""
        return self._speaker.speaks

    def look(self, day: Day, wall: datetime, now: float) -> tuple[Event, ...]:
        """What is to be told after this reading; `wall` is its local time, `now` its monotonic seconds."""
        self._speaker.look(day)
        venue = self._reporting.check(day, wall, now)
        is_counted = day.totals.first is not None or not day.missing  # else nobody knows who is inside
        if self._capacity and is_counted:
            venue += self._capacity.check(inside(day.totals), now)
        lost: tuple[Event, ...] = ()
        if self._speaker.is_ready:  # before that, nobody has had the time to beat
            lost = self._lost.check(day, wall, speaks=self._speaker.speaks)
        own = next((camera for camera in day.cameras if camera.name == self._name), None)
        clock = self._own_clock.check(own.clock_offset, now) if own else ()
        return (*lost, *self._speaker.pass_on(*venue), *clock)
