"""The last events that people should see, the newest last."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime

from visitorsflow.facts import SentReport
from visitorsflow.rules.health import Health
from visitorsflow.text import printable
from visitorsflow.view.picture import CameraShown, Happening

REMEMBERED = 100


class Notes:
    """What is noted stands there until REMEMBERED others have come."""

    def __init__(self) -> None:
        self._happenings: deque[Happening] = deque(maxlen=REMEMBERED)
        self._healths: dict[str, Health] = {}

    def note(self, at: datetime, what: str, is_bad: bool = True, **values: object) -> None:
        values = {k: printable(v) if isinstance(v, str) else v for k, v in values.items()}
        self._happenings.append(Happening(at, what, values, is_bad))

    def note_cameras(self, at: datetime, cameras: Iterable[CameraShown], but: str) -> None:
        """How each camera is, since it was noted last; `but` of the camera of which other events tell it."""
        for camera in cameras:
            before, self._healths[camera.name] = self._healths.get(camera.name), camera.health
            if before in (None, camera.health) or camera.name == but:
                continue
            is_bad = camera.health in (Health.DEAD, Health.SILENT, Health.STOPPED, Health.TROUBLE)
            values = {"name": camera.name, "health": camera.health, "seconds": camera.seconds}
            self.note(at, "view camera", is_bad, **values)

    def note_report(self, at: datetime, sent: SentReport, before: SentReport | None) -> None:
        """A new report. That one is accepted after another is every five minutes' business, and no news."""
        if before and (sent.sent_at == before.sent_at or (sent.accepted and before.accepted)):
            return
        what = "view report accepted" if sent.accepted else "view report refused"
        self.note(at, what, not sent.accepted, reply=sent.reply)

    def all(self) -> tuple[Happening, ...]:
        return tuple(self._happenings)
