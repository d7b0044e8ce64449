"""Telegram: signed in, the recipient known, and whether the phone rings. No message is sent.

The session belongs to the uploader: while one uses it, it is not opened here, and what that uploader says
of itself in the database is said instead.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from visitorsflow.alerts import in_use
from visitorsflow.check import cameras
from visitorsflow.check.lines import Line, Place, note, well, wrong
from visitorsflow.errors import ConfigurationError, DatabaseAway, TelegramAway, TelegramRefused
from visitorsflow.facts import CameraState
from visitorsflow.rules.health import troubles
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.words import Words

if TYPE_CHECKING:
    from visitorsflow.alerts.chats import Chat

HEAR_SECONDS = 20  # for what is written to a bot


def look(place: Place) -> Iterator[Line]:
    """Takes as long as one delivery may, at most."""
    if place.settings.api_id is None:
        yield note("telegram none")
        return
    from visitorsflow.alerts.telegram import Account  # Telethon is half of our start-up time

    account = Account(place.settings)
    if in_use.is_held(account.session):
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
        else:
            yield wrong("telegram recipient wrong", reason=found.trouble)
        if found.recipient is None or found.rings == "reminder":
            if found.is_bot:
                yield note("telegram wait", seconds=HEAR_SECONDS)
            yield _chats(account.chats(HEAR_SECONDS), place.words)
    except TelegramRefused as error:
        yield wrong("telegram token" if place.settings.bot_token else "telegram refused", reason=error)
    except TelegramAway as error:
        yield wrong("telegram away", reason=error)


def _chats(chats: "list[Chat]", words: Words) -> Line:
    if not chats:
        return note("telegram nobody")
    return note("telegram chats", chats="\n".join(_named(chat, words) for chat in chats))


def _named(chat: "Chat", words: Words) -> str:
    """Its number first, which is what config.py takes."""
    kind = words(f"check telegram {chat.kind}")
    return f"{chat.number}  {printable(chat.title)} ({kind})"


def _by_its_uploader(settings: Settings) -> Line:
    own = _own(settings)
    if own is None:
        return note("telegram used")
    told = dict(troubles(own.trouble))
    if "telegram" in told:
        return wrong("telegram used trouble", reason=told["telegram"])
    return well("telegram used well") if own.can_tell else note("telegram used")


def _own(settings: Settings) -> CameraState | None:
    """What the uploader on this PC says of itself, if it can be read."""
    try:
        known, now = cameras.known(settings)
    except (ConfigurationError, DatabaseAway):
        return None
    own = (one for one in known if (one.name, one.host) == (settings.camera, cameras.HOST))
    return next((one for one in own if cameras.is_running(one, now)), None)
