"""What is sent besides a plain text, as requests to a connected Telethon client."""

import contextlib
from typing import Any

from telethon import errors, functions, types

LONGEST_CAPTION = 1024
LONGEST_TEXT = 4096
# The message that was to be edited can't be edited any more: a new one takes its place.
_GONE = (
    errors.MessageIdInvalidError,
    errors.MessageEditTimeExpiredError,
    errors.MessageAuthorRequiredError,
)


async def send_picture(client: Any, peer: Any, png: bytes, caption: str, random_id: int) -> None:
    """Upload a PNG and send it as a photo. Not by Telethon's send_file: that takes no `random_id`."""
    uploaded = await client.upload_file(png, file_name="day.png")
    media = types.InputMediaUploadedPhoto(uploaded)
    await client(
        functions.messages.SendMediaRequest(peer, media, caption[:LONGEST_CAPTION], random_id=random_id)
    )


async def show_status(client: Any, peer: Any, text: str, number: int | None, random_id: int) -> int:
    """Edit the message of that number, or send one silently and pin it. Returns its number."""
    text = text[:LONGEST_TEXT]
    if number is not None:
        try:
            await client(functions.messages.EditMessageRequest(peer, number, message=text))
            return number
        except errors.MessageNotModifiedError:
            return number  # an edit whose answer was lost
        except _GONE:
            pass
    sent = await client(functions.messages.SendMessageRequest(peer, text, silent=True, random_id=random_id))
    new = _number_of(sent)
    with contextlib.suppress(errors.RPCError):  # not allowed everywhere, and not important
        await client(functions.messages.UpdatePinnedMessageRequest(peer, new, silent=True))
    return new


def _number_of(sent: Any) -> int:
    """The number that the server gave to a message."""
    for update in getattr(sent, "updates", [sent]):
        if isinstance(update, types.UpdateMessageID | types.UpdateShortSentMessage):
            return int(update.id)
    raise ValueError(f"no number in {type(sent).__name__}")
