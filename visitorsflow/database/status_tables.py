"""The tables beside PeopleFlow: each camera's last beat, what was reported, what the phone was sent.

All times are by the database's clock, so that PCs whose clocks differ agree on how long ago something was.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    case,
    func,
    inspect,
    null,
    select,
    update,
)
from sqlalchemy.dialects import mysql

from visitorsflow.database.connection import Database
from visitorsflow.database.tables import (
    CAMERA,
    IN_UTF8,
    MOMENT,
    clock_offset,
    make_when_missing,
    upsert,
    utc_ago,
)
from visitorsflow.facts import CameraState, PastDay, PastDays, SentReport, StatusMessage, Totals, camera_of
from visitorsflow.text import printable

GONE_SECONDS = 7 * 24 * 3600  # a camera that has not beaten for so long was taken away
LONGEST_TEXT = 255
LONGEST_REPLY = 500
LONGEST_CHAT = 190  # of four bytes: a key of older servers is 767 bytes long at most
MOST_REFUSED = 10
MOST_A_DAY = 24 * 60  # reports that are looked at: one a minute
_STATUS, _CLOSING = "status", "closing"
# Titles of groups may differ in upper and lower case alone.
_CHAT = String(LONGEST_CHAT).with_variant(mysql.VARCHAR(LONGEST_CHAT, collation="utf8mb4_bin"), "mysql")

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
    **IN_UTF8,
)

# After `id` in the order of SentReport.
PEOPLE_FLOW_REPORT = Table(
    "PeopleFlowReport",
    MetaData(),
    # Of SQLite's kinds only INTEGER counts up by itself.
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("sentAt", MOMENT, nullable=False),
    Column("day", Date(), nullable=False),
    Column("count", Integer(), nullable=False),
    Column("accuIn", Integer(), nullable=False),
    Column("accuOut", Integer(), nullable=False),
    Column("startTime", MOMENT, nullable=False),
    Column("endTime", MOMENT, nullable=False),
    Column("httpStatus", SmallInteger()),
    Column("accepted", Boolean(), nullable=False),
    Column("reply", String(LONGEST_REPLY), nullable=False),
    Column("partial", Text(), nullable=False),
    **IN_UTF8,
)

# After `what` and `chat` in the order of StatusMessage.
PEOPLE_FLOW_MESSAGE = Table(
    "PeopleFlowMessage",
    MetaData(),
    Column("what", String(16), primary_key=True),
    Column("chat", _CHAT, primary_key=True),
    Column("day", Date(), nullable=False),
    Column("randomId", BigInteger(), nullable=False),
    Column("number", BigInteger(), nullable=False),
    Column("older", BigInteger(), nullable=False),
    **IN_UTF8,
)

_CAMERA = PEOPLE_FLOW_CAMERA.c
_MESSAGE = PEOPLE_FLOW_MESSAGE.c


class Beat(NamedTuple):
    """An uploader's word on itself; the times of CameraState are made of it by the database's clock."""

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

    def of_line(self, line: str) -> "Beat":
        """The row that only says that there is this line: all else is its device's."""
        return self._replace(
            name=camera_of(self.name, line), waiting=0, rejected=0, can_tell=False, trouble="", version=""
        )


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

    def beat(self, beat: Beat, *, stopped: bool = False, lines: Iterable[str] = ()) -> CameraState | None:
        """Say that the uploader of `beat` lives, or with `stopped` that it ends in order.

        `lines`: those of the camera's device that it has heard of since. The camera is shown as these, until
        one has not been heard of for a week.

        Returns what the table said of this camera before. Where two uploaders have one camera name, the
        last beat counts.
        """

        def write(connection: Connection) -> CameraState | None:
            before = connection.execute(select(PEOPLE_FLOW_CAMERA).where(_CAMERA.ip == beat.name)).first()
            offset = clock_offset(connection)
            for one in (beat, *map(beat.of_line, sorted(lines))):
                connection.execute(_camera_upsert(connection.dialect.name, one, offset, stopped))
            return CameraState(*before) if before else None

        return self._database.transaction(write)

    def told(self, names: Iterable[str]) -> None:
        """Somebody has been told that these cameras are dead."""
        self._set_told(names, utc_ago())

    def told_back(self, names: Iterable[str]) -> None:
        """Somebody has been told that they are back: the next death is a new one."""
        self._set_told(names, null())

    def forget(self, name: str) -> None:
        """Take a camera out, as if it had not beaten for a week; it is back when it beats again."""
        gone = utc_ago(GONE_SECONDS + 1)
        change = update(PEOPLE_FLOW_CAMERA).where(_CAMERA.ip == name).values(aliveAt=gone, toldAt=null())
        self._database.transaction(lambda connection: connection.execute(change))

    def read(self) -> tuple[CameraState, ...]:
        """All cameras by name, without those that have not beaten for a week."""
        return self._database.transaction(known_cameras)

    def _set_told(self, names: Iterable[str], value: Any) -> None:
        change = update(PEOPLE_FLOW_CAMERA).where(_CAMERA.ip.in_(list(names))).values(toldAt=value)
        self._database.transaction(lambda connection: connection.execute(change))


class Reports:
    """The table in `database`. `add` and `newest` may raise DatabaseAway; reading needs only SELECT."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        day: date,
        inside: int,
        totals: Totals,
        *,
        http_status: int | None,
        accepted: bool,
        reply: str,
        partial: str,
    ) -> None:
        """Add the report that was sent just now, by the database's clock. Makes the table when it is missing.

        `totals` has rows. What of the reply can't be printed is escaped, and only its beginning is kept.
        """
        row = {
            "sentAt": utc_ago(),
            "day": day,
            "count": inside,
            "accuIn": totals.came_in,
            "accuOut": totals.went_out,
            "startTime": totals.first,
            "endTime": totals.last,
            "httpStatus": http_status,
            "accepted": accepted,
            "reply": printable(reply)[:LONGEST_REPLY],
            "partial": printable(partial),
        }

        def write(connection: Connection) -> None:
            make_when_missing(connection, PEOPLE_FLOW_REPORT)
            connection.execute(PEOPLE_FLOW_REPORT.insert().inline().values(row))

        self._database.transaction(write)

    def newest(self, count: int, day: date | None = None) -> list[SentReport] | None:
        """The last `count` reports, of `day` or of all days, newest first. None when there is no table."""

        def read(connection: Connection) -> list[SentReport] | None:
            if not inspect(connection).has_table(PEOPLE_FLOW_REPORT.name):
                return None
            query = _newest_reports(count)
            if day:
                query = query.where(PEOPLE_FLOW_REPORT.c.day == day)
            return [SentReport(*row) for row in connection.execute(query)]

        return self._database.transaction(read)

    def past_days(self, first: date, today: date) -> PastDays:
        """The days from `first` to yesterday of which a report was accepted; none when there is no table."""

        def read(connection: Connection) -> PastDays:
            if not inspect(connection).has_table(PEOPLE_FLOW_REPORT.name):
                return PastDays((), 0)
            last = [tuple(row) for row in connection.execute(_last_of_days(first, today))]
            number, *columns = PEOPLE_FLOW_REPORT.c
            accepted = select(number, *columns).where(number.in_([row[1] for row in last if row[1]]))
            reports = {id_: SentReport(*report) for id_, *report in connection.execute(accepted)}
            days = [PastDay(reports[row[1]], row[2] or 0) for row in last if row[1] and row[0] < today]
            return PastDays(tuple(days), sum(count for day, _, _, count in last if day == today))

        return self._database.transaction(read)

    @staticmethod
    def last(connection: Connection) -> SentReport | None:
        """The last report, whatever day it was for. Raises SQLAlchemy's DBAPIError when there is no table."""
        row = connection.execute(_newest_reports(1)).first()
        return SentReport(*row) if row else None

    @staticmethod
    def refused_in_a_row(connection: Connection) -> int:
        """Count the last reports, from the newest on, that were not accepted: to MOST_REFUSED."""
        taken = [SentReport(*row).accepted for row in connection.execute(_newest_reports(MOST_REFUSED))]
        return taken.index(True) if True in taken else len(taken)


class MessageStore:
    """The table in `database`, made when missing. All methods may raise DatabaseAway."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, chat: str) -> StatusMessage | None:
        """The last status message in a chat; `chat` names it and the account whose numbers count there."""

        def read(connection: Connection) -> StatusMessage | None:
            make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            query = _select_message(_STATUS).where(_MESSAGE.chat == chat[:LONGEST_CHAT])
            row = connection.execute(query).first()
            return StatusMessage(*row) if row else None

        return self._database.transaction(read)

    def keep(self, chat: str, message: StatusMessage) -> None:
        """From now on, this is the status message in that chat."""

        def write(connection: Connection) -> None:
            make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            _write_message(connection, _STATUS, chat[:LONGEST_CHAT], message)

        self._database.transaction(write)

    def keep_closing(self, day: date) -> None:
        """The closing message of this day was delivered; an earlier one may be late."""

        def write(connection: Connection) -> None:
            make_when_missing(connection, PEOPLE_FLOW_MESSAGE)
            last = self.last_closing(connection)
            if last is None or last < day:
                _write_message(connection, _CLOSING, "", StatusMessage(day, 0))

        self._database.transaction(write)

    @staticmethod
    def last_closing(connection: Connection) -> date | None:
        """The day of the last closing message. Raises SQLAlchemy's DBAPIError when there is no table."""
        row = connection.execute(_select_message(_CLOSING)).first()
        return row.day if row else None


def known_cameras(connection: Connection) -> tuple[CameraState, ...]:
    """All cameras by name with their lines, without those that have not beaten for a week."""
    query = select(PEOPLE_FLOW_CAMERA).where(_CAMERA.aliveAt >= utc_ago(GONE_SECONDS))
    known = sorted(CameraState(*row) for row in connection.execute(query))
    cameras = {one.name: one for one in known if one.version}
    for line in known:
        if not line.version:
            owners = [name for name in cameras if line.name.startswith(f"{name}/")]
            for name in sorted(owners, key=len)[-1:]:
                cameras[name] = cameras[name]._replace(lines=(*cameras[name].lines, line.name))
    return tuple(cameras.values())


def _camera_upsert(dialect: str, beat: Beat, offset: float, stopped: bool) -> Any:
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
        return {**new, "crossingAt": func.coalesce(said["crossingAt"], _CAMERA.crossingAt)}

    return upsert(dialect, PEOPLE_FLOW_CAMERA, values, changes)


def _newest_reports(count: int) -> Any:
    """The end of the primary key, backwards."""
    number, *columns = PEOPLE_FLOW_REPORT.c
    return select(*columns).order_by(number.desc()).limit(count)


def _last_of_days(first: date, today: date) -> Any:
    """By day: the number of the last report that was accepted, of the last that was not, and how many.

    No index finds a day: the end of the primary key is read, back to what so many days can have.
    """
    columns = PEOPLE_FLOW_REPORT.c
    most = MOST_A_DAY * ((today - first).days + 1)
    newest = (
        select(columns.id, columns.day, columns.accepted).order_by(columns.id.desc()).limit(most).subquery()
    )
    number, day, accepted = newest.c
    return (
        select(day, func.max(case((accepted, number))), func.max(case((~accepted, number))), func.count())
        .where(day >= first, day <= today)
        .group_by(day)
        .order_by(day)
    )


def _select_message(what: str) -> Any:
    _what, _chat, *columns = _MESSAGE
    return select(*columns).where(_MESSAGE.what == what)


def _write_message(connection: Connection, what: str, chat: str, message: StatusMessage) -> None:
    day, random_id, number, older = message
    key = {"what": what, "chat": chat}
    values = {"day": day, "randomId": random_id, "number": number, "older": older}
    connection.execute(
        upsert(connection.dialect.name, PEOPLE_FLOW_MESSAGE, {**key, **values}, lambda _: values)
    )
