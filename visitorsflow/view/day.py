"""What the database knows of a day becomes what is shown of it. Pure."""

from datetime import UTC, datetime, time

from visitorsflow.facts import CameraState, Day
from visitorsflow.rules.health import health, open_for
from visitorsflow.rules.silence import is_open
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.view.picture import CameraShown, HourShown, ReportShown


class ShownDay:
    """The settings say the venue's open hours and its time zone."""

    def __init__(self, settings: Settings) -> None:
        self._open_hours = settings.open_hours
        self._timezone = settings.timezone
        # An hour is open when any part of it is.
        self._is_open = [
            any(is_open(time(hour, minute), self._open_hours) for minute in range(60)) for hour in range(24)
        ]

    def hours(self, day: Day | None) -> tuple[HourShown, ...]:
        """All 24, of all cameras together; empty ones when nothing is known of the day."""
        counts = [[0, 0] for _ in range(24)]
        for hour in day.hours if day else ():
            counts[hour.hour][0] += hour.came_in
            counts[hour.hour][1] += hour.went_out
        return tuple(
            HourShown(hour, came_in, went_out, self._is_open[hour])
            for hour, (came_in, went_out) in enumerate(counts)
        )

    def cameras(self, day: Day) -> tuple[CameraShown, ...]:
        """The worst first, each as it was when the day was read."""
        is_open_for = open_for(self._local(day.read_at).time(), self._open_hours)
        shown = [self._camera(camera, day.read_at, is_open_for) for camera in day.cameras]
        return tuple(sorted(shown, key=lambda camera: (camera.health.badness, camera.name)))

    def report(self, day: Day, age: float) -> ReportShown | None:
        """The last report; `age`: how many seconds ago the day was read."""
        sent = day.report
        if sent is None:
            return None
        return ReportShown(
            sent_at=self._local(sent.sent_at),
            age=max(0.0, (day.read_at - sent.sent_at).total_seconds()) + age,
            day=sent.day,
            accepted=sent.accepted,
            http_status=sent.http_status,
            reply=printable(sent.reply),
            partial=printable(sent.partial),
        )

    def _camera(self, camera: CameraState, read_at: datetime, is_open_for: float | None) -> CameraShown:
        how = health(camera, read_at, is_open_for)
        return CameraShown(
            name=printable(camera.name),
            health=how.health,
            seconds=how.seconds,
            crossing_at=camera.crossing_at,
            file_at=self._local(camera.file_at) if camera.file_at else None,
            file_age=max(0.0, (read_at - camera.file_at).total_seconds()) if camera.file_at else None,
            waiting=camera.waiting,
            rejected=camera.rejected,
            trouble=printable(camera.trouble),
        )

    def _local(self, utc: datetime) -> datetime:
        """A naive UTC time as the venue's local time."""
        return utc.replace(tzinfo=UTC).astimezone(self._timezone).replace(tzinfo=None)
