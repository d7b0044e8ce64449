"""Who gets the messages: what stands in `telegram_to` becomes what Telegram's requests take.

A number is written as Telegram's own programs for bots write it: 777 is a person, -555 a group,
-1000001234567 a supergroup or channel (-10¹² less its number).
"""

import re
import unicodedata
from typing import Any

from telethon import functions, types, utils

from visitorsflow.errors import TelegramRefused

MYSELF = "me"
NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)
USERNAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
ADDRESS = re.compile(r"@|\+\d|.*\bt\.me/", re.ASCII)  # a username, a phone's number, a link


async def find(client: Any, to: str, *, is_bot: bool) -> Any:
    """The InputPeer. Raises TelegramRefused when there is none, or more than one, and a person must act."""
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
        raise TelegramRefused(f"Telegram knows no {to!r} that this account may write to; mend telegram_to")
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
        raise TelegramRefused(
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
    raise TelegramRefused(
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
        raise TelegramRefused(f"{len(found)} groups are named {title!r}: put {numbers} into telegram_to")
    if not found:
        raise TelegramRefused(
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
