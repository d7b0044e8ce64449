"""The status message: sent once a day without a sound, and edited from then on.

Which message it is stands in the database, so that a restart, and another PC that speaks from then on, go
on editing.
"""

import asyncio
import contextlib
import logging
import secrets
from typing import Any, Protocol

from telethon import errors, functions, types

from visitorsflow.alerts.refusals import said
from visitorsflow.alerts.slot import Status
from visitorsflow.errors import DatabaseAway, MessageRefused
from visitorsflow.facts import StatusMessage

log = logging.getLogger(__name__)

LONGEST_TEXT = 4096
# It is deleted, too old to be edited, or of another account that sent before.
GONE = (errors.MessageIdInvalidError, errors.MessageEditTimeExpiredError, errors.MessageAuthorRequiredError)


class Book(Protocol):
    """Where it stands which message it is, by chat. Both may raise DatabaseAway."""

    def read(self, chat: str) -> StatusMessage | None: ...

    def keep(self, chat: str, message: StatusMessage) -> None: ...


class StatusEditor:
    """Shows the status messages that are kept in `book`."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._last: StatusMessage | None = None  # as this program knows it

    async def show(self, client: Any, peer: Any, chat: str, status: Status) -> None:
        """Edit the day's message, or send a new one. Raises what Telethon raises.

        `chat` names what `peer` is, and the account, since the numbers of messages are an account's own.
        Raises MessageRefused when the database does not say which message it is.
        """
        try:
            kept = await asyncio.to_thread(self._book.read, chat)
            before = self._newest(kept)
            text = status.text[:LONGEST_TEXT]
            if before and before.day == status.day and before.number:
                with contextlib.suppress(*GONE):
                    await _edit(client, peer, before.number, text)
                    if before != kept:
                        await self._keep(chat, before)
                    return
            await self._send(client, peer, chat, text, await self._new(chat, before, status))
        except DatabaseAway as error:
            raise MessageRefused(f"which message it is can't be read or kept: {error}") from error

    def _newest(self, kept: StatusMessage | None) -> StatusMessage | None:
        """The same message with its number, where that could not be kept when it was sent."""
        last = self._last
        return last if kept and last and last.random_id == kept.random_id else kept

    async def _new(self, chat: str, before: StatusMessage | None, status: Status) -> StatusMessage:
        """Kept before it is sent: when the answer gets lost, the next try is the same message."""
        if before and before.day == status.day and not before.number:
            return before
        older = (before.number or before.older) if before else 0
        new = StatusMessage(status.day, secrets.randbits(63), older=older)
        await self._keep(chat, new)
        return new

    async def _send(self, client: Any, peer: Any, chat: str, text: str, new: StatusMessage) -> None:
        try:
            sent = await client(
                functions.messages.SendMessageRequest(peer, text, random_id=new.random_id, silent=True)
            )
        except errors.RandomIdDuplicateError:
            # It arrived, and Telegram does not say under which number: the next text is a new one.
            await self._keep(chat, new._replace(random_id=secrets.randbits(63)))
            return
        number = _number(sent)
        with contextlib.suppress(DatabaseAway):  # the next edit keeps it
            await self._keep(chat, new._replace(number=number, older=0))
        await _pin(client, peer, number)
        if new.older:
            await _pin(client, peer, new.older, unpin=True)

    async def _keep(self, chat: str, message: StatusMessage) -> None:
        self._last = message
        await asyncio.to_thread(self._book.keep, chat, message)


async def _edit(client: Any, peer: Any, number: int, text: str) -> None:
    with contextlib.suppress(errors.MessageNotModifiedError):  # an edit whose answer was lost
        await client(functions.messages.EditMessageRequest(peer, number, message=text))


async def _pin(client: Any, peer: Any, number: int, *, unpin: bool = False) -> None:
    """Without a sound. Where that is not allowed, the message goes on being edited all the same."""
    try:
        await client(
            functions.messages.UpdatePinnedMessageRequest(peer, number, silent=True, unpin=unpin or None)
        )
    except errors.RPCError as error:
        log.info("the status message can't be %s: %s", "unpinned" if unpin else "pinned", said(error))


def _number(sent: Any) -> int:
    """The number of the message that was sent, from either form of Telegram's answer; 0 if it is in none."""
    said_in = (types.UpdateMessageID, types.UpdateShortSentMessage)
    return next((u.id for u in getattr(sent, "updates", [sent]) if isinstance(u, said_in)), 0)
