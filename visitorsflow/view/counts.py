"""What this PC's own uploader has done today."""

from datetime import date, datetime

from visitorsflow.text import printable
from visitorsflow.view.backlog import Backlog
from visitorsflow.view.picture import TelegramState, UploaderShown


class Counts:
    """Of today, since the program was started; they begin anew at midnight."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._stored = self._rejected = 0
        self._stored_at: datetime | None = None
        self._newest_rejected = ("", "")

    def begin_day(self, today: date) -> None:
        if self._day != today:
            self._day, self._stored, self._rejected = today, 0, 0
            self._newest_rejected = ("", "")

    def stored(self, files: int, now: datetime) -> None:
        self._stored, self._stored_at = self._stored + files, now

    def rejected(self, name: str, reason: str) -> None:
        self._rejected += 1
        self._newest_rejected = (printable(name), printable(reason))

    def shown(
        self, camera: str, backlog: Backlog, clock: float, has_trouble: bool, telegram: TelegramState
    ) -> UploaderShown:
        """With the files that wait; `has_trouble` with the folder; `clock` in monotonic seconds."""
        name, reason = self._newest_rejected
        return UploaderShown(
            camera=printable(camera),
            stored=self._stored,
            stored_at=self._stored_at,
            waiting=backlog.waiting,
            rejected=self._rejected,
            rejected_name=name,
            rejected_reason=reason,
            progress=backlog.progress(clock),
            folder="trouble" if has_trouble else "works",
            telegram=telegram,
        )
