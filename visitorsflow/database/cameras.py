"""The table PeopleFlowCamera: what each camera's uploader last said of itself, for all PCs of the venue.

All times are by the database's clock, so that PCs whose clocks differ agree on how long ago something was.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects import mysql, sqlite

from visitorsflow.database.clock import clock_offset, utc_ago
from visitorsflow.database.schema import CAMERA, MOMENT, make_when_missing
from visitorsflow.database.transaction import Database
from visitorsflow.facts import CameraState

GONE_SECONDS = 7 * 24 * 3600  # a camera that has not beaten for so long was taken away
LONGEST_TEXT = 255

# In the order of CameraState.
PEOPLE_FLOW_CAMERA = Table(
    "PeopleFlowCamera",
    MetaData(),
    Column("ip", CAMERA, primary_key=True),
    Column("aliveAt", MOMENT, nullable=False),
    Column("stoppedAt", MOMENT),
    Column("fileAt", MOMENT),
    Column("fileName", String(LONGEST_TEXT), nullable=False),
    Column("crossingAt", MOMENT),
    Column("waiting", Integer(), nullable=False),
    Column("rejected", Integer(), nullable=False),
    Column("idleSeconds", Double(), nullable=False),
    Column("openNow", Boolean(), nullable=False),
    Column("clockOffset", Double(), nullable=False),
    Column("canTell", Boolean(), nullable=False),
    Column("trouble", String(LONGEST_TEXT), nullable=False),
    Column("toldAt", MOMENT),
    Column("version", String(LONGEST_TEXT), nullable=False),
    Column("host", String(LONGEST_TEXT), nullable=False),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
)
_COLUMNS = PEOPLE_FLOW_CAMERA.c


class Beat(NamedTuple):
    """What an uploader says of itself; the times of CameraState are made of it by the database's clock."""

    name: str
    file_age: float | None  # seconds since the last file came; None: what was said before stays
    file_name: str
    crossing_at: datetime | None  # None: what was said before stays
    waiting: int
    rejected: int
    idle_seconds: float
    open_now: bool
    can_tell: bool
    trouble: str
    version: str
    host: str


class Cameras:
    """The table in `database`. All methods may raise DatabaseAway; `read` needs no right but SELECT."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._prepared_at = -1  # how many failures the database had had then

    def prepare(self) -> None:
        """Make the table when it is missing. Looks only once, and again after the database has failed."""
        if self._prepared_at != self._database.failures:
            self._database.transaction(lambda c: make_when_missing(c, PEOPLE_FLOW_CAMERA))
            self._prepared_at = self._database.failures

    def beat(self, beat: Beat, *, stopped: bool = False) -> CameraState | None:
        """Say that the uploader of `beat` lives, or with `stopped` that it ends in order.

        Returns what the table said of this camera before. Where two uploaders have one camera name, the
        last beat counts.
        """

        def write(connection: Connection) -> CameraState | None:
            before = connection.execute(select(PEOPLE_FLOW_CAMERA).where(_COLUMNS.ip == beat.name)).first()
            offset = clock_offset(connection)
            connection.execute(_upsert(connection.dialect.name, beat, offset, stopped))
            return CameraState(*before) if before else None

        return self._database.transaction(write)

    def told(self, names: Iterable[str]) -> None:
        """Somebody has been told that these cameras are dead."""
        self._set_told(names, utc_ago())

    def told_back(self, names: Iterable[str]) -> None:
        """Somebody has been told that they are back: the next death is a new one."""
        self._set_told(names, null())

    def read(self) -> tuple[CameraState, ...]:
        """All cameras by name, without those that have not beaten for a week."""
        return self._database.transaction(known_cameras)

    def _set_told(self, names: Iterable[str], value: Any) -> None:
        change = update(PEOPLE_FLOW_CAMERA).where(_COLUMNS.ip.in_(list(names))).values(toldAt=value)
        self._database.transaction(lambda connection: connection.execute(change))


def known_cameras(connection: Connection) -> tuple[CameraState, ...]:
    """All cameras by name, without those that have not beaten for a week."""
    query = select(PEOPLE_FLOW_CAMERA).where(_COLUMNS.aliveAt >= utc_ago(GONE_SECONDS))
    return tuple(sorted(CameraState(*row) for row in connection.execute(query)))


def _upsert(dialect: str, beat: Beat, offset: float, stopped: bool) -> Any:
    """One statement that makes the camera's row, or changes what an uploader knows: all but `toldAt`."""
    values = {
        "ip": beat.name,
        "aliveAt": utc_ago(),
        "stoppedAt": utc_ago() if stopped else null(),
        "fileAt": null() if beat.file_age is None else utc_ago(beat.file_age),
        "fileName": beat.file_name[:LONGEST_TEXT],
        "crossingAt": beat.crossing_at,
        "waiting": beat.waiting,
        "rejected": beat.rejected,
        "idleSeconds": beat.idle_seconds,
        "openNow": beat.open_now,
        "clockOffset": offset,
        "canTell": beat.can_tell,
        "trouble": beat.trouble[:LONGEST_TEXT],
        "version": beat.version,
        "host": beat.host[:LONGEST_TEXT],
    }
    is_new = beat.file_age is not None
    kept = {"ip"} | (set() if is_new else {"fileAt", "fileName"})

    def changes(said: Any) -> dict[str, Any]:
        new = {name: said[name] for name in values if name not in kept}
        return {**new, "crossingAt": func.coalesce(said["crossingAt"], _COLUMNS.crossingAt)}

    if dialect == "sqlite":
        insert = sqlite.insert(PEOPLE_FLOW_CAMERA).values(values)
        return insert.on_conflict_do_update(index_elements=["ip"], set_=changes(insert.excluded))
    statement = mysql.insert(PEOPLE_FLOW_CAMERA).values(values)
    return statement.on_duplicate_key_update(changes(statement.inserted))
