"""The cameras of the venue, by what their uploaders last said of themselves in the database."""

import socket
from collections.abc import Iterator
from datetime import datetime

from visitorsflow.check.database import opened
from visitorsflow.check.lines import Line, Place, note, well, wrong
from visitorsflow.database.cameras import Cameras
from visitorsflow.database.clock import utc_now
from visitorsflow.errors import ConfigurationError, DatabaseAway, DatabaseRefuses
from visitorsflow.facts import CameraState
from visitorsflow.rules.health import Health, health, open_for
from visitorsflow.settings import Settings
from visitorsflow.text import printable

HOST = printable(socket.gethostname())
_SAYS = {
    Health.DEAD: wrong,
    Health.SILENT: wrong,
    Health.TROUBLE: wrong,
    Health.STOPPED: note,
    Health.NEW: note,
    Health.CLOSED: well,
    Health.WELL: well,
}


def look(place: Place) -> Iterator[Line]:
    """A line a camera, the worst first."""
    try:
        cameras, now = known(place.settings)
    except (ConfigurationError, DatabaseAway):
        yield note("not asked")
        return
    if not cameras:
        yield note("cameras none")
    opened_for = open_for(place.settings.now().time(), place.settings.open_hours)
    readings = [(health(camera, now, opened_for), camera) for camera in cameras]
    for (how, seconds), camera in sorted(readings, key=lambda one: one[0].health.badness):
        name, text = camera.name, place.words(f"view health {how}")
        length = (
            f" {place.words.length(seconds)}" if how in (Health.DEAD, Health.SILENT, Health.STOPPED) else ""
        )
        trouble = camera.trouble
        key = f"camera {how}"
        yield _SAYS[how](key, name=name, host=camera.host, health=f"{text}{length}", trouble=trouble)
    for camera in cameras:
        if camera.name == place.settings.camera and camera.host != HOST and is_running(camera, now):
            yield note("camera same name", name=camera.name, host=camera.host)


def known(settings: Settings) -> tuple[tuple[CameraState, ...], datetime]:
    """All cameras, none where there is no table yet, and the database's time (naive UTC).

    Raises ConfigurationError and DatabaseAway.
    """
    with opened(settings) as database:
        if database is None:
            return (), datetime(1, 1, 1)
        now = database.transaction(utc_now)
        try:
            return Cameras(database).read(), now
        except DatabaseRefuses as error:
            if error.code == 1146 or "no such table" in str(error):
                return (), now
            raise


def is_running(camera: CameraState, now: datetime) -> bool:
    """Whether its uploader beats at `now`, the database's time."""
    return health(camera, now).health not in (Health.DEAD, Health.STOPPED)
