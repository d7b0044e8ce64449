"""The recipient that telegram_to names, and the chats that an account knows."""

import asyncio
import contextlib
import re
import unicodedata
from functools import reduce
from typing import Any, Literal, NamedTuple

from telethon import errors, events, functions, types, utils

from visitorsflow.errors import ChannelBlocked
from visitorsflow.reasons import Reason, quoted

MYSELF = "me"
NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)
USERNAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
ADDRESS = re.compile(r"@|\+\d|.*\bt\.me/", re.ASCII)  # a username, a phone's number, a link
SOON_SECONDS = 2  # after the first chat: somebody may write in a second one
MOST = 100  # chats that are shown; the newest come first

Kind = Literal["myself", "person", "group", "channel"]


class Chat(NamedTuple):
    """A chat that may get messages; `number` may stand in telegram_to."""

    number: int
    title: str
    kind: Kind


class Description(NamedTuple):
    """The account that sends, and its recipient; or else the `trouble` with that.

    `nearly`: chats whose number is the one in telegram_to but for a minus or a -100.
    """

    name: str
    is_bot: bool
    recipient: Chat | None
    trouble: Reason | None
    nearly: tuple[Chat, ...] = ()

    @property
    def rings(self) -> Literal["rings", "reminder", "others", "no"]:
        """Tell which phones ring.

        "rings": every one there; "reminder": that of the account itself, 15 s late; "others": every one but
        those of the account itself.
        """
        if self.recipient is None:
            return "no"
        if self.is_bot:
            return "rings"
        return "reminder" if self.recipient.kind == "myself" else "others"


def is_surely_of_many(to: str, *, is_bot: bool) -> bool:
    """True when it is a group or a channel by the way in which it is written.

    >>> [is_surely_of_many(to, is_bot=False) for to in ("-555", "展場警報", "777", "@staff", "me")]
    [True, True, False, False, False]
    >>> is_surely_of_many("staff", is_bot=True)
    False
    """
    if NUMBER.fullmatch(to):
        return to.startswith("-")
    return not is_bot and to != MYSELF and not ADDRESS.match(to)


async def find(telegram: Any, to: str, *, is_bot: bool) -> Any:
    """Find the InputPeer. Raises ChannelBlocked when there is none, or more than one."""
    if to == MYSELF and not is_bot:
        return types.InputPeerSelf()
    if is_bot:
        peer = await _for_bot(telegram, to)
    elif NUMBER.fullmatch(to):
        peer = await _by_number(telegram, int(to))
    elif ADDRESS.match(to):
        peer = await _look_up(telegram, to)
    else:
        peer = await _by_title(telegram, to)
    if peer is None:
        raise ChannelBlocked(Reason("no such recipient", to=to))
    own = await telegram.get_me(input_peer=True)
    if own and not is_bot and isinstance(peer, types.InputPeerUser) and peer.user_id == own.user_id:
        return types.InputPeerSelf()
    return peer


async def follow(telegram: Any, peer: Any) -> Any:
    """Return the same, or the supergroup that the group has become: a group's number changes then."""
    if not isinstance(peer, types.InputPeerChat):
        return peer
    chats = (await telegram(functions.messages.GetChatsRequest([peer.chat_id]))).chats
    moved = getattr(chats[0], "migrated_to", None) if chats else None
    return utils.get_input_peer(moved) if moved else peer


async def look_at(telegram: Any, peer: Any) -> Chat:
    """Return the recipient as Telegram knows it.

    Raises ChannelBlocked when it knows none, or this account is not in it or may not write there.
    """
    try:
        entity = await telegram.get_entity(peer)
    except ValueError:
        entity = None
    if entity is None or isinstance(entity, types.UserEmpty | types.ChatEmpty):
        raise ChannelBlocked(Reason("bot sees nobody"))
    if isinstance(entity, types.ChatForbidden | types.ChannelForbidden) or getattr(entity, "left", False):
        raise ChannelBlocked(Reason("not in the group", to=utils.get_display_name(entity)))
    if _is_closed(entity):
        raise ChannelBlocked(Reason("group closed", to=utils.get_display_name(entity)))
    return _chat(entity)


def _is_closed(entity: Any) -> bool:
    """True for a group in which this account may not write: it alone, or all but the administrators."""
    if getattr(entity, "creator", False) or getattr(entity, "admin_rights", None):
        return False
    refused = (getattr(entity, "banned_rights", None), getattr(entity, "default_banned_rights", None))
    return any(rights and (rights.send_messages or rights.send_plain) for rights in refused)


async def nearly(telegram: Any, to: str) -> tuple[Chat, ...]:
    """The groups whose number this is without its minus, or without what goes before a supergroup's."""
    if not NUMBER.fullmatch(to):
        return ()
    plain = to.lstrip("-")
    found = []
    for number in dict.fromkeys((f"-{plain}", f"-100{plain}", f"-{plain.removeprefix('100')}")):
        if number == to or not NUMBER.fullmatch(number):
            continue
        with contextlib.suppress(ChannelBlocked, errors.RPCError, ValueError):
            found.append(await look_at(telegram, await _for_bot(telegram, number)))
    return tuple(found)


async def known(telegram: Any) -> list[Chat]:
    """List the chats of a user account, those with the newest messages first."""
    return [_chat(dialog.entity) async for dialog in telegram.iter_dialogs(limit=MOST, ignore_migrated=True)]


async def that_write(telegram: Any, seconds: float) -> list[Chat]:
    """List the chats in which somebody writes within `seconds`, or that a bot is added to, each once.

    Soon after the first one it ends.
    """
    found: dict[int, Chat] = {}
    heard = asyncio.Event()

    async def note(event: Any) -> None:
        if event.chat_id is not None and (entity := await event.get_chat()):
            found[event.chat_id] = _chat(entity)
            heard.set()

    telegram.add_event_handler(note, events.NewMessage())
    telegram.add_event_handler(note, events.ChatAction())
    await telegram.get_me()  # Telegram sends nothing before the first request
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(heard.wait(), seconds)
        await asyncio.sleep(min(SOON_SECONDS, seconds))
    return list(found.values())


async def _for_bot(telegram: Any, to: str) -> Any:
    """Find it without a list of chats: a bot has none.

    From bots alone Telegram takes 0 for the key that goes with a number.
    """
    if to == MYSELF:
        raise ChannelBlocked(Reason("bot to itself"))
    if NUMBER.fullmatch(to):
        number, kind = utils.resolve_id(int(to))
        if kind is types.PeerUser:
            return types.InputPeerUser(number, 0)
        return types.InputPeerChat(number) if kind is types.PeerChat else types.InputPeerChannel(number, 0)
    if ADDRESS.match(to):
        return await _look_up(telegram, to)
    if USERNAME.fullmatch(to):
        return await _look_up(telegram, f"@{to}")
    raise ChannelBlocked(Reason("bot by title", to=to))


async def _by_number(telegram: Any, number: int) -> Any:
    """Find it among the account's own chats, which may have to be fetched."""
    if peer := await _look_up(telegram, number):
        return peer
    await telegram.get_dialogs()
    return await _look_up(telegram, number)


async def _by_title(telegram: Any, title: str) -> Any:
    """Find a group that the account is in. Never a username: a wrong title could be a stranger's."""
    found = [
        dialog
        async for dialog in telegram.iter_dialogs(ignore_migrated=True)
        if not dialog.is_user and _folded(dialog.name) == _folded(title)
    ]
    if len(found) > 1:
        numbers = reduce(_either, (quoted(dialog.id) for dialog in found))
        raise ChannelBlocked(Reason("groups alike", count=len(found), to=title, numbers=numbers))
    if not found:
        raise ChannelBlocked(Reason("no such group", to=title))
    return found[0].input_entity


def _either(one: Reason, other: Reason) -> Reason:
    return Reason("or", one=one, other=other)


def _folded(title: str) -> str:
    return unicodedata.normalize("NFC", title).strip()


async def _look_up(telegram: Any, who: str | int) -> Any:
    try:
        return await telegram.get_input_entity(who)
    except ValueError:  # Telethon's word for "no such recipient"
        return None


def _chat(entity: Any) -> Chat:
    kind: Kind = "group"
    if isinstance(entity, types.User):
        kind = "myself" if entity.is_self else "person"
    elif isinstance(entity, types.Channel | types.ChannelForbidden) and not entity.megagroup:
        kind = "channel"
    return Chat(utils.get_peer_id(entity), utils.get_display_name(entity), kind)
