"""A look beyond this PC: at the cameras, the last report, Telegram, the authority's API.

Nothing is sent but a test message, if somebody wants it.
"""

import secrets
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from visitorsflow.alerts.alerts import SAID
from visitorsflow.check.database import opened
from visitorsflow.check.lines import Line, Place, elsewhere, note, well, wrong
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import Cameras, Reports
from visitorsflow.database.tables import utc_now
from visitorsflow.errors import (
    ChannelAway,
    ChannelBlocked,
    ConfigurationError,
    DatabaseAway,
    DatabaseRefuses,
    MessageRefused,
)
from visitorsflow.facts import CameraState, Message
from visitorsflow.intake.claim import is_free
from visitorsflow.reasons import Reason, kept, os_reason, quoted
from visitorsflow.rules.health import Health, Reading, Trouble, health, open_for, troubles
from visitorsflow.rules.period import period_of
from visitorsflow.settings import Settings
from visitorsflow.subjects import REPORT, TELEGRAM
from visitorsflow.text import printable
from visitorsflow.words import Words

if TYPE_CHECKING:
    from visitorsflow.telegram.account import Account
    from visitorsflow.telegram.recipients import Chat, Description


class _Says(Protocol):
    """Makes a line of this mark."""

    def __call__(self, key: str, **values: Any) -> Line: ...


HOST = printable(socket.gethostname())
HEAR_SECONDS = 20  # for what is written to a bot
CONNECT_SECONDS = 5  # to the API
ENDS_SOON = timedelta(days=14)
_SAYS: dict[Health, _Says] = {
    Health.DEAD: wrong,
    Health.SILENT: wrong,
    Health.TROUBLE: wrong,
    Health.STOPPED: note,
    Health.NEW: note,
    Health.CLOSED: well,
    Health.WELL: well,
}


def look_at_own_camera(place: Place) -> Iterator[Line]:
    """What the uploader of this PC says of itself, and whether another one has its name."""
    try:
        cameras, now = _known_cameras(place.settings)
    except (ConfigurationError, DatabaseAway):
        yield note("not asked")
        return
    own = [camera for camera in cameras if camera.name == place.settings.camera]
    if not own:
        yield note("camera unknown", name=place.settings.camera)
    for camera in own:
        if _is_running(camera, now):
            if camera.host != HOST:
                yield wrong("camera same name", name=camera.name, host=camera.host)
                return
            if is_free(place.folder):  # its uploader holds the folder, on this PC
                yield wrong("camera cloned", name=camera.name, host=camera.host)
                return
        for shown in camera.shown():
            yield from _camera(place, shown, now, _SAYS)


def look_at_others(place: Place) -> Iterator[Line]:
    """A line for each camera of another PC, the worst first: none of them is a fault of this one."""
    try:
        cameras, now = _known_cameras(place.settings)
    except (ConfigurationError, DatabaseAway):
        yield note("not asked")
        return
    others = [camera for camera in cameras if camera.name != place.settings.camera]
    if not others:
        yield note("others none")
    for camera in sorted(others, key=lambda one: _reading(place, one, now).health.badness):
        for shown in camera.shown():
            yield from _camera(place, shown, now, {how: _there(says) for how, says in _SAYS.items()})


def _there(says: _Says) -> _Says:
    return elsewhere if says is wrong else says


def _reading(place: Place, camera: CameraState, now: datetime) -> Reading:
    opened_for = open_for(place.settings.now().time(), place.settings.open_hours)
    return health(camera, now, opened_for)


def _camera(place: Place, camera: CameraState, now: datetime, marks: "dict[Health, _Says]") -> Iterator[Line]:
    words = place.words
    how, seconds = _reading(place, camera, now)
    has_length = how in (Health.DEAD, Health.SILENT, Health.STOPPED)
    text = words(f"camera is {how}", length=words.length(seconds) if has_length else "")
    lasting = troubles(camera.trouble)
    advice = [words(f"{one.what} do") for one in lasting if words.has(f"{one.what} do")]
    yield marks[how](
        f"camera {how}",
        name=camera.name,
        host=camera.host,
        health=text,
        trouble=_in_words(lasting, words),
        advice="\n".join(dict.fromkeys(advice)) or words("check camera trouble unknown"),
    )


def look_at_report(place: Place) -> Iterator[Line]:
    """Nothing is sent."""
    try:
        with opened(place.settings) as database:
            yield _last(place, database) if database else note("report none")
    except (ConfigurationError, DatabaseAway):
        yield note("not asked")


def look_at_telegram(place: Place) -> Iterator[Line]:
    """Takes as long as one delivery may, at most."""
    if place.settings.api_id is None:
        yield note("telegram none")
        return
    from visitorsflow.telegram.account import Account  # Telethon is half of our start-up time
    from visitorsflow.telegram.sign_in import is_held

    account = Account(place.settings)
    if is_held(account.session):
        yield _by_its_uploader(place.settings)
        return
    if account.needs_a_person:
        yield wrong("telegram signed out")
        return
    try:
        found = account.describe()
        yield well("telegram signed in", account=found.name)
        if found.recipient:
            yield well("telegram recipient", recipient=_named(found.recipient, place.words))
            if found.rings != "rings":
                yield note(f"telegram {found.rings}")
            yield from _rung(place, account, found)
        else:
            yield from _no_recipient(place, found)
        if (found.recipient is None and not found.nearly) or found.rings == "reminder":
            if found.is_bot:
                # Where nobody has set it otherwise, no plain text in a group reaches a bot.
                command = f"/start{found.name if found.name.startswith('@') else ''}"
                yield note("telegram wait", command=command, seconds=HEAR_SECONDS)
            yield _chats(account.chats(HEAR_SECONDS), place.words)
    except ChannelBlocked as error:
        yield wrong("telegram token" if place.settings.bot_token else "telegram refused", reason=error.reason)
    except ChannelAway as error:
        yield wrong("telegram away", reason=error.reason)


def _rung(place: Place, account: "Account", found: "Description") -> Iterator[Line]:
    """Send a test message if that is wanted, and say what must have rung."""
    assert found.recipient
    recipient = (
        f"{printable(found.recipient.title)} ({place.words(f'check telegram {found.recipient.kind}')})"
    )
    if not place.may_ring(recipient):
        return
    settings = place.settings
    text = SAID + place.words(
        "check test message",
        place=" ".join(filter(None, (settings.venue, settings.camera))),
        now=f"{settings.now():%Y-%m-%d %H:%M:%S}",
    )
    try:
        account.deliver(Message(printable(text), secrets.randbits(63)))
    except MessageRefused as error:
        yield wrong("telegram not rung", reason=error.reason)
    else:
        yield well(f"telegram rung {found.rings}", recipient=recipient)


def _no_recipient(place: Place, found: "Description") -> Iterator[Line]:
    """Nobody has set it yet; a minus may be missing; or Telegram says why."""
    if "telegram_to" not in place.settings.model_fields_set:
        yield note("telegram to nobody yet")
    elif found.nearly:
        lines = "\n".join(_to_paste(chat, place.words) for chat in found.nearly)
        yield wrong("telegram minus", to=place.settings.telegram_to, lines=lines)
    else:
        key = "telegram recipient of bot" if found.is_bot else "telegram recipient wrong"
        yield wrong(key, reason=found.trouble)


def look_at_api(place: Place) -> Iterator[Line]:
    """The connection is closed as soon as it stands."""
    url = place.settings.api_url
    if not url:
        yield note("api none")
        return
    way = _way(url)
    target = {"host": way.host, "port": way.port}
    try:
        addresses = socket.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else quoted(error)
        yield wrong("api name", reason=reason, **target)
        return
    try:
        with socket.create_connection((way.host, way.port), CONNECT_SECONDS) as link:
            yield well("api there", address=link.getpeername()[0], path=urlsplit(url).path or "/", **target)
            if way.is_proxy:
                yield note("api proxy", **target)
            elif urlsplit(url).scheme == "https":
                yield _certificate(link, way)
            else:
                yield note("api plain")
    except OSError as error:
        tried = ", ".join(dict.fromkeys(str(one[4][0]) for one in addresses))
        yield wrong("api refused", reason=os_reason(error), tried=tried, **target)


def _in_words(lasting: list[Trouble], words: Words) -> str:
    """Each trouble with its reason, where that is known."""
    return words("check camera troubles").join(words.about(one.what, one.reason) for one in lasting)


def _known_cameras(settings: Settings) -> tuple[tuple[CameraState, ...], datetime]:
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
            if error.reason.key == "database no table":
                return (), now
            raise


def _is_running(camera: CameraState, now: datetime) -> bool:
    """Does its uploader beat at `now`, the database's time."""
    return health(camera, now).health not in (Health.DEAD, Health.STOPPED)


def _last(place: Place, database: Database) -> Line:
    reports = Reports(database).newest(1)
    if not reports:
        is_late = place.settings.api_url and _is_due(place, database)
        return (wrong if is_late else note)("report none")
    [report] = reports
    age = max(0.0, (database.transaction(utc_now) - report.sent_at).total_seconds())
    values = {"age": place.words.length(age), "reply": kept(report.reply)}
    if age <= REPORT.patience or not _is_due(place, database):
        if not report.accepted:
            return wrong("report refused", **values)
        return (
            well("report accepted", **values) if age <= REPORT.patience else note("report not due", **values)
        )
    return wrong("report late", **values)


def _is_due(place: Place, database: Database) -> bool:
    """Has the venue been open, and had something to report, for so long that one was due."""
    now = place.settings.now()
    opened_for = open_for(now.time(), place.settings.open_hours)
    if opened_for is not None and opened_for < REPORT.patience:
        return False
    totals = PeopleFlow(database, place.settings.camera).totals(*period_of(now.date(), now))
    first = totals.first
    return first is not None and (now.replace(tzinfo=None) - first).total_seconds() > REPORT.patience


def _chats(chats: "list[Chat]", words: Words) -> Line:
    if not chats:
        return note("telegram nobody")
    return note("telegram chats", chats="\n".join(_to_paste(chat, words) for chat in chats))


def _to_paste(chat: "Chat", words: Words) -> str:
    """The line as it stands in config.py."""
    kind = words(f"check telegram {chat.kind}")
    return f'telegram_to = "{chat.number}"  # {printable(chat.title)} ({kind})'


def _named(chat: "Chat", words: Words) -> str:
    """Its number first, which is what config.py takes."""
    kind = words(f"check telegram {chat.kind}")
    return f"{chat.number}  {printable(chat.title)} ({kind})"


def _by_its_uploader(settings: Settings) -> Line:
    own = _own(settings)
    if own is None:
        return note("telegram used")
    told = dict(troubles(own.trouble))
    if TELEGRAM.key in told:
        return wrong("telegram used trouble", reason=told[TELEGRAM.key])
    return well("telegram used well") if own.can_tell else note("telegram used")


def _own(settings: Settings) -> CameraState | None:
    """The last beat of the uploader on this PC; None when it can't be read, or does not run."""
    try:
        known, now = _known_cameras(settings)
    except (ConfigurationError, DatabaseAway):
        return None
    own = (one for one in known if (one.name, one.host) == (settings.camera, HOST))
    return next((one for one in own if _is_running(one, now)), None)


class _Way(NamedTuple):
    """The way that callAPI.py would go: to which machine, over a proxy or not, and whom it trusts."""

    host: str
    port: int
    is_proxy: bool
    trusted: Path


def _way(url: str) -> _Way:
    """As requests finds it, with the environment's proxies and certificates."""
    import requests  # a tenth of our start-up time
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy

    with requests.Session() as session:
        chosen = session.merge_environment_settings(url, {}, None, None, None)
    proxy = select_proxy(url, chosen["proxies"])
    parts = urlsplit(proxy or url)
    trusted = chosen["verify"] if isinstance(chosen["verify"], str) else DEFAULT_CA_BUNDLE_PATH
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return _Way(parts.hostname or "", port, bool(proxy), Path(trusted))


def _certificate(link: socket.socket, way: _Way) -> Line:
    trusted = str(way.trusted)
    try:
        if way.trusted.is_dir():
            context = ssl.create_default_context(capath=trusted)
        else:
            context = ssl.create_default_context(cafile=trusted)
        with context.wrap_socket(link, server_hostname=way.host) as secured:
            shown = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return wrong("api certificate wrong", reason=quoted(error.verify_message))
    except OSError as error:  # ssl.SSLError, a closed connection, no such file of certificates
        return wrong("api tls", reason=_tls_reason(error))
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    soon = until - datetime.now(UTC) < ENDS_SOON
    return (note if soon else well)(
        "api certificate ends" if soon else "api certificate", until=f"{until.astimezone():%Y-%m-%d}"
    )


def _tls_reason(error: OSError) -> Reason:
    said = getattr(error, "reason", None)  # of OpenSSL
    return quoted(said) if said else os_reason(error)
