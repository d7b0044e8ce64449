"""Whether the camera's clock is right: what it wrote into its files against this PC's clock."""

import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.events import Event, Stored
from visitorsflow.rules.clocks import CameraClock
from visitorsflow.settings import Settings


class CameraClockWatch:
    """A listener: compares what the camera says that it is with this PC's clock, by the files that come."""

    def __init__(self, settings: Settings, tell: Callable[..., None]) -> None:
        self._settings = settings
        self._tell = tell
        self._rule = CameraClock()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Stored) and event.said:
            now = self._settings.now()
            written = datetime.fromtimestamp(event.written, now.tzinfo).replace(tzinfo=None)
            wall = now.replace(tzinfo=None)
            self._tell(*self._rule.look(event.said, written, wall, time.monotonic()))
