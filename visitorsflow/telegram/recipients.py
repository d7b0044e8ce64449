"""The chats that an account knows, described for the person who sets it up."""

import asyncio
import re
import unicodedata
from typing import Any, Literal, NamedTuple

from telethon import events, functions, types, utils

from visitorsflow.errors import ChannelBlocked

MYSELF = "me"

NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)

USERNAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)

ADDRESS = re.compile(r"@|\+\d|.*\bt\.me/", re.ASCII)  # a username, a phone's number, a link


async def find(client: Any, to: str, *, is_bot: bool) -> Any:
    """The InputPeer. Raises ChannelBlocked when there is none, or more than one, and a person must act."""
    if to == MYSELF and not is_bot:
        return types.InputPeerSelf()
    if is_bot:
        peer = await _for_bot(client, to)
    elif NUMBER.fullmatch(to):
        peer = await _by_number(client, int(to))
    elif ADDRESS.match(to):
        peer = await _look_up(client, to)
    else:
        peer = await _by_title(client, to)
    if peer is None:
        raise ChannelBlocked(f"Telegram knows no {to!r} that this account may write to; mend telegram_to")
    own = await client.get_me(input_peer=True)
    if own and not is_bot and isinstance(peer, types.InputPeerUser) and peer.user_id == own.user_id:
        return types.InputPeerSelf()
    return peer


async def follow(client: Any, peer: Any) -> Any:
    """The same, or the supergroup that the group has become: a group's number changes then."""
    if not isinstance(peer, types.InputPeerChat):
        return peer
    chats = (await client(functions.messages.GetChatsRequest([peer.chat_id]))).chats
    moved = getattr(chats[0], "migrated_to", None) if chats else None
    return utils.get_input_peer(moved) if moved else peer


async def _for_bot(client: Any, to: str) -> Any:
    """A bot has no list of chats. Telegram takes 0 for the key that goes with a number, only from bots."""
    if to == MYSELF:
        raise ChannelBlocked(
            'a bot can\'t write to itself: put the number of a group into telegram_to, not "me"; '
            "uploadData.py --check shows the numbers"
        )
    if NUMBER.fullmatch(to):
        number, kind = utils.resolve_id(int(to))
        if kind is types.PeerUser:
            return types.InputPeerUser(number, 0)
        return types.InputPeerChat(number) if kind is types.PeerChat else types.InputPeerChannel(number, 0)
    if ADDRESS.match(to):
        return await _look_up(client, to)
    if USERNAME.fullmatch(to):
        return await _look_up(client, f"@{to}")
    raise ChannelBlocked(
        f"a bot can't find a group by its title: put its number into telegram_to, not {to!r}; "
        "uploadData.py --check shows the numbers"
    )


async def _by_number(client: Any, number: int) -> Any:
    """Found only among the account's own chats, which may have to be fetched."""
    if peer := await _look_up(client, number):
        return peer
    await client.get_dialogs()
    return await _look_up(client, number)


async def _by_title(client: Any, title: str) -> Any:
    """A group that the account is in. Never a username: that could be a stranger's, if the title is wrong."""
    found = [
        dialog
        async for dialog in client.iter_dialogs(ignore_migrated=True)
        if not dialog.is_user and _folded(dialog.name) == _folded(title)
    ]
    if len(found) > 1:
        numbers = " or ".join(str(dialog.id) for dialog in found)
        raise ChannelBlocked(f"{len(found)} groups are named {title!r}: put {numbers} into telegram_to")
    if not found:
        raise ChannelBlocked(
            f"Telegram knows no group {title!r} that this account is in; mend telegram_to "
            '(who has a username is written with the @: "@name")'
        )
    return found[0].input_entity


def _folded(title: str) -> str:
    return unicodedata.normalize("NFC", title).strip()


async def _look_up(client: Any, who: str | int) -> Any:
    try:
        return await client.get_input_entity(who)
    except ValueError:  # Telethon's word for "no such recipient"
        return None


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
    """The recipient as Telegram knows it. Raises ChannelBlocked when it knows none."""
    try:
        entity = await client.get_entity(peer)
    except ValueError:
        entity = None
    if entity is None or isinstance(entity, types.UserEmpty | types.ChatEmpty):
        raise ChannelBlocked(
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
