"""The status message: sent once a day without a sound, and edited from then on.

Which message it is stands in the database, so that a restart, and another PC that speaks from then on, go
on editing.
"""

import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol

from telethon import errors, functions, types

from visitorsflow.errors import DatabaseAway, MessageRefused
from visitorsflow.facts import Status, StatusMessage
from visitorsflow.telegram.client import Result, said
from visitorsflow.timeouts import call_with_timeout

log = logging.getLogger(__name__)

LONGEST_TEXT = 4096

BOOK_SECONDS = 5  # an alert may wait behind this

# It is deleted, too old to be edited, or of another account that sent before.
GONE = (errors.MessageIdInvalidError, errors.MessageEditTimeExpiredError, errors.MessageAuthorRequiredError)


class Book(Protocol):
    """Where it stands which message it is, by chat. Both may raise DatabaseAway."""

    def read(self, chat: str) -> StatusMessage | None: ...

    def keep(self, chat: str, message: StatusMessage) -> None: ...


class Ask(Protocol):
    """Does `work(client, recipient)` with a short-lived client; raises what a delivery raises."""

    def __call__(self, work: Callable[[Any, Any], Awaitable[Result]]) -> Result: ...


class StatusEditor:
    """Shows the status messages that are kept in `book`, which is not asked while a client is open."""

    def __init__(self, book: Book, ask: Ask) -> None:
        self._book = book
        self._ask = ask
        self._last: StatusMessage | None = None  # as this program knows it

    def show(self, chat: str, status: Status) -> None:
        """Edit the day's message, or send a new one. Raises what `ask` raises.

        `chat` names the chat and the account, since the numbers of messages are an account's own.
        Raises MessageRefused when the database does not say which message it is.
        """
        text = status.text[:LONGEST_TEXT]
        kept = self._read(chat)
        message = self._newest(kept)
        # Where a PC's clock is ahead, tomorrow's message is there before the day is over.
        if message is None or message.day < status.day:
            message = self._begin(chat, message, status)
        elif number := message.number:
            if self._ask(lambda client, peer: _edit(client, peer, number, text)):
                if message != kept:
                    self._keep(chat, message)
                return
            message = self._begin(chat, message, status)
        self._send(chat, text, message)

    def _newest(self, kept: StatusMessage | None) -> StatusMessage | None:
        """The same message with its number, where that could not be kept when it was sent."""
        last = self._last
        return last if kept and last and last.random_id == kept.random_id else kept

    def _begin(self, chat: str, before: StatusMessage | None, status: Status) -> StatusMessage:
        """Kept before it is sent: when the answer gets lost, the next try is the same message."""
        older = (before.number or before.older) if before else 0
        new = StatusMessage(status.day, secrets.randbits(63), older=older)
        self._keep(chat, new)
        return new

    def _send(self, chat: str, text: str, new: StatusMessage) -> None:
        numbers: list[int] = []
        try:
            self._ask(lambda client, peer: _send(client, peer, text, new, numbers.append))
        finally:
            for number in numbers:  # also when it could not be pinned any more
                self._last = new._replace(number=number, older=0)
                with contextlib.suppress(MessageRefused):  # the next edit keeps it
                    self._keep(chat, self._last)
        if not numbers:
            self._lose(chat, new)

    def _lose(self, chat: str, lost: StatusMessage) -> None:
        """It arrived, and Telegram does not say under which number: the next text is another message.

        Unless the PC that has sent it has kept its number meanwhile.
        """
        kept = self._read(chat)
        if kept is None or kept.random_id != lost.random_id or not kept.number:
            self._keep(chat, lost._replace(random_id=secrets.randbits(63)))

    def _read(self, chat: str) -> StatusMessage | None:
        with _book_is_open():
            return call_with_timeout(BOOK_SECONDS, lambda: self._book.read(chat))

    def _keep(self, chat: str, message: StatusMessage) -> None:
        self._last = message
        with _book_is_open():
            call_with_timeout(BOOK_SECONDS, lambda: self._book.keep(chat, message))


@contextlib.contextmanager
def _book_is_open() -> Iterator[None]:
    try:
        yield
    except (DatabaseAway, TimeoutError) as error:
        raise MessageRefused(f"which message it is can't be read or kept: {error}") from error


async def _edit(client: Any, peer: Any, number: int, text: str) -> bool:
    """False when it can't be edited any more."""
    try:
        await client(functions.messages.EditMessageRequest(peer, number, message=text))
    except errors.MessageNotModifiedError:  # an edit whose answer was lost
        return True
    except GONE:
        return False
    return True


async def _send(
    client: Any, peer: Any, text: str, new: StatusMessage, tell_number: Callable[[int], None]
) -> None:
    """Send it, and pin it instead of the one before. No number is told when an earlier try has arrived."""
    try:
        sent = await client(
            functions.messages.SendMessageRequest(peer, text, random_id=new.random_id, silent=True)
        )
    except errors.RandomIdDuplicateError:
        return
    number = _number(sent)
    tell_number(number)
    await _pin(client, peer, number)
    if new.older:
        await _pin(client, peer, new.older, unpin=True)


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
