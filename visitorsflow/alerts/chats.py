"""The chats that an account knows, described for the person who sets it up."""

import asyncio
from typing import Any, Literal, NamedTuple

from telethon import events, types, utils

from visitorsflow.errors import TelegramRefused

MOST = 100  # chats that are shown; the newest come first

Kind = Literal["myself", "person", "group", "channel"]


class Chat(NamedTuple):
    """`number` is what may stand in telegram_to."""

    number: int
    title: str
    kind: Kind


class Description(NamedTuple):
    """The account that sends, its recipient, or else what is wrong with that: `trouble`."""

    name: str
    is_bot: bool
    recipient: Chat | None
    trouble: str

    @property
    def rings(self) -> Literal["rings", "reminder", "others", "no"]:
        """ "rings": on every phone there. "reminder": 15 s late, since it goes to the account itself.
        "others": on every phone but those of the account itself."""
        if self.recipient is None:
            return "no"
        if self.is_bot:
            return "rings"
        return "reminder" if self.recipient.kind == "myself" else "others"


async def look_at(client: Any, peer: Any) -> Chat:
    """The recipient as Telegram knows it. Raises TelegramRefused when it knows none."""
    try:
        entity = await client.get_entity(peer)
    except ValueError:
        entity = None
    if entity is None or isinstance(entity, types.UserEmpty | types.ChatEmpty):
        raise TelegramRefused(
            "Telegram shows this bot nobody of the number in telegram_to: "
            "add it to the group, or let the person press Start in its chat"
        )
    return _chat(entity)


async def known(client: Any) -> list[Chat]:
    """The chats of a user account, those with the newest messages first."""
    return [_chat(dialog.entity) async for dialog in client.iter_dialogs(limit=MOST, ignore_migrated=True)]


async def that_write(client: Any, seconds: float) -> list[Chat]:
    """The chats in which somebody writes within `seconds`, or that a bot is added to, each once."""
    found: dict[int, Chat] = {}

    async def note(event: Any) -> None:
        if event.chat_id is not None and (entity := await event.get_chat()):
            found[event.chat_id] = _chat(entity)

    client.add_event_handler(note, events.NewMessage())
    client.add_event_handler(note, events.ChatAction())
    await client.get_me()  # Telegram sends nothing before the first request
    await asyncio.sleep(seconds)
    return list(found.values())


def _chat(entity: Any) -> Chat:
    kind: Kind = "group"
    if isinstance(entity, types.User):
        kind = "myself" if entity.is_self else "person"
    elif isinstance(entity, types.Channel | types.ChannelForbidden) and not entity.megagroup:
        kind = "channel"
    return Chat(utils.get_peer_id(entity), utils.get_display_name(entity), kind)
