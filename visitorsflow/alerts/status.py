"""The status message: sent once a day without a sound, and edited from then on.

Which message it is stands in a small file, so that a restart goes on editing.
"""

import contextlib
import json
import logging
import secrets
from pathlib import Path
from typing import Any, NamedTuple

from telethon import errors, functions, types

from visitorsflow.alerts.refusals import said
from visitorsflow.alerts.slot import Status

log = logging.getLogger(__name__)

LONGEST_TEXT = 4096
# It is deleted, too old to be edited, or of another account that sent before.
GONE = (errors.MessageIdInvalidError, errors.MessageEditTimeExpiredError, errors.MessageAuthorRequiredError)


class Kept(NamedTuple):
    """The message of `day` in the chat `to`. `number` is 0 as long as Telegram has not said it.

    `older` is the number of the one before it, which is to be unpinned then; 0 if there is none.
    """

    to: str
    day: str
    random_id: int
    number: int = 0
    older: int = 0


class StatusMessage:
    """The one that is in the chat `to`; what is known of it is kept in the file `path`."""

    def __init__(self, path: Path, to: str) -> None:
        self._path = path
        self._to = to
        self._kept: Kept | None = None

    async def show(self, client: Any, peer: Any, status: Status) -> None:
        """Edit the day's message, or send a new one. Raises what Telethon raises."""
        before = self._kept or self._read()
        day, text = status.day.isoformat(), status.text[:LONGEST_TEXT]
        if before and before.day == day and before.number:
            with contextlib.suppress(*GONE):
                await _edit(client, peer, before.number, text)
                return
        await self._send(client, peer, text, self._new(before, day))

    def _new(self, before: Kept | None, day: str) -> Kept:
        """Kept before it is sent: when the answer gets lost, the next try is the same message."""
        if before and before.day == day and not before.number:
            return before
        older = (before.number or before.older) if before else 0
        new = Kept(self._to, day, secrets.randbits(63), older=older)
        self._keep(new)
        return new

    async def _send(self, client: Any, peer: Any, text: str, new: Kept) -> None:
        try:
            sent = await client(
                functions.messages.SendMessageRequest(peer, text, random_id=new.random_id, silent=True)
            )
        except errors.RandomIdDuplicateError:
            # It arrived, and Telegram does not say under which number: the next text is a new one.
            self._keep(new._replace(random_id=secrets.randbits(63)))
            return
        number = _number(sent)
        self._keep(new._replace(number=number, older=0))
        await _pin(client, peer, number)
        if new.older:
            await _pin(client, peer, new.older, unpin=True)

    def _read(self) -> Kept | None:
        try:
            kept = Kept(**json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):  # none yet, or not ours
            return None
        return kept if kept.to == self._to else None

    def _keep(self, kept: Kept) -> None:
        self._kept = kept
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            new.write_text(json.dumps(kept._asdict()), "utf-8")
            new.replace(self._path)
        except OSError as error:  # no more is lost than that a restart sends a new message
            log.warning("%s can't be written: %s", self._path, error)


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
