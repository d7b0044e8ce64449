"""The status message: sent once a day without a sound, and edited from then on.

The database keeps which message it is, so that a restart, and another PC that speaks from then on, go on
editing it.
"""

import contextlib
import logging
import secrets
from collections.abc import Iterator
from typing import Any, Protocol

from telethon import errors, functions, types

from visitorsflow.errors import DatabaseAway, MessageRefused
from visitorsflow.facts import Status, StatusMessage
from visitorsflow.reasons import Reason, quoted
from visitorsflow.telegram.client import Result, WorkInChat, said
from visitorsflow.timeouts import call_with_timeout

LONGEST_TEXT = 4096
STORE_SECONDS = 5  # an alert may wait behind this

# It is deleted, too old to be edited, or of another account that sent before.
GONE = (errors.MessageIdInvalidError, errors.MessageEditTimeExpiredError, errors.MessageAuthorRequiredError)

log = logging.getLogger(__name__)


class MessageStore(Protocol):
    """Keeps which message is the status message, by chat. Both methods may raise DatabaseAway."""

    def read(self, chat: str) -> StatusMessage | None: ...

    def keep(self, chat: str, message: StatusMessage) -> None: ...


class InChat(Protocol):
    """Does `work(client, recipient)` with a short-lived client. Raises what a delivery raises."""

    def __call__(self, work: WorkInChat[Result]) -> Result: ...


class StatusEditor:
    """Shows the status messages that `store` keeps; it is not asked while a client is open."""

    def __init__(self, store: MessageStore, in_chat: InChat) -> None:
        self._store = store
        self._in_chat = in_chat
        self._last: StatusMessage | None = None  # as this program knows it

    def show(self, chat: str, status: Status) -> None:
        """Edit the day's message, or send a new one. Raises what a delivery raises.

        `chat` names the chat and the account, since the numbers of messages are an account's own.
        Raises MessageRefused when the database does not say which message it is; but this program goes on
        editing one that it knows, which may say that the database is away.
        """
        text = status.text[:LONGEST_TEXT]
        try:
            kept = self._read(chat)
        except MessageRefused:
            kept = self._last
            if kept is None or not kept.number or kept.day < status.day:
                raise
        message = self._last = self._newest(kept)
        # Where a PC's clock is ahead, tomorrow's message is there before the day is over.
        if message is None or message.day < status.day:
            message = self._begin(chat, message, status)
        elif number := message.number:
            if self._in_chat(lambda telegram, peer: _edit(telegram, peer, number, text)):
                if message != kept:
                    self._keep(chat, message)
                return
            message = self._begin(chat, message, status)
        self._send(chat, text, message)

    def _newest(self, kept: StatusMessage | None) -> StatusMessage | None:
        """Add the number, where it could not be kept when the message was sent."""
        last = self._last
        return last if kept and last and last.random_id == kept.random_id else kept

    def _begin(self, chat: str, before: StatusMessage | None, status: Status) -> StatusMessage:
        """Keep it before it is sent: when the answer gets lost, the next try is the same message."""
        older = (before.number or before.older) if before else 0
        new = StatusMessage(status.day, secrets.randbits(63), older=older)
        self._keep(chat, new)
        return new

    def _send(self, chat: str, text: str, new: StatusMessage) -> None:
        number: int | None = None

        async def send(telegram: Any, peer: Any) -> None:
            nonlocal number
            with contextlib.suppress(errors.RandomIdDuplicateError):  # an earlier try has arrived
                number = await _send(telegram, peer, text, new.random_id)
                await _pin(telegram, peer, number)
                if new.older:
                    await _pin(telegram, peer, new.older, unpin=True)

        try:
            self._in_chat(send)
        finally:
            if number is not None:  # also when it could not be pinned any more
                with contextlib.suppress(MessageRefused):  # the next edit keeps it
                    self._keep(chat, new._replace(number=number, older=0))
        if number is None:
            self._lose(chat, new)

    def _lose(self, chat: str, lost: StatusMessage) -> None:
        """Begin another message: this one arrived, and Telegram does not say under which number.

        Unless the PC that has sent it has kept its number meanwhile.
        """
        kept = self._read(chat)
        if kept is None or kept.random_id != lost.random_id or not kept.number:
            self._keep(chat, lost._replace(random_id=secrets.randbits(63)))

    def _read(self, chat: str) -> StatusMessage | None:
        with _store_answers():
            return call_with_timeout(STORE_SECONDS, lambda: self._store.read(chat))

    def _keep(self, chat: str, message: StatusMessage) -> None:
        self._last = message
        with _store_answers():
            call_with_timeout(STORE_SECONDS, lambda: self._store.keep(chat, message))


@contextlib.contextmanager
def _store_answers() -> Iterator[None]:
    try:
        yield
    except (DatabaseAway, TimeoutError) as error:
        why = error.reason if isinstance(error, DatabaseAway) else quoted(error)
        raise MessageRefused(Reason("status message unknown", why=why)) from error


async def _edit(telegram: Any, peer: Any, number: int, text: str) -> bool:
    """Edit it. False when it can't be edited any more."""
    try:
        await telegram(functions.messages.EditMessageRequest(peer, number, message=text))
    except errors.MessageNotModifiedError:  # an edit whose answer was lost
        return True
    except GONE:
        return False
    return True


async def _send(telegram: Any, peer: Any, text: str, random_id: int) -> int:
    """Send it. Returns its number, which stands in either form of Telegram's answer; 0 if it is in none."""
    sent = await telegram(functions.messages.SendMessageRequest(peer, text, random_id=random_id, silent=True))
    with_number = (types.UpdateMessageID, types.UpdateShortSentMessage)
    return next((u.id for u in getattr(sent, "updates", [sent]) if isinstance(u, with_number)), 0)


async def _pin(telegram: Any, peer: Any, number: int, *, unpin: bool = False) -> None:
    """Pin it without a sound. Where that is not allowed, the message goes on being edited all the same."""
    try:
        await telegram(
            functions.messages.UpdatePinnedMessageRequest(peer, number, silent=True, unpin=unpin or None)
        )
    except errors.RPCError as error:
        log.info("the status message can't be %s: %s", "unpinned" if unpin else "pinned", said(error))
