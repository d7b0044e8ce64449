"""An account and its recipient, described for the person who sets it up."""

from collections.abc import Awaitable, Callable
from typing import Any

from telethon import functions, utils

from visitorsflow.alerts import chats
from visitorsflow.alerts.refusals import REFUSED, SIGNED_OUT, said
from visitorsflow.errors import TelegramRefused


async def of(client: Any, find: Callable[[], Awaitable[Any]]) -> chats.Description:
    """That of the account which is signed in; `find` looks up its recipient."""
    await client(functions.updates.GetStateRequest())
    own = await client.get_me()
    name = f"@{own.username}" if own.username else utils.get_display_name(own)
    recipient, trouble = None, ""
    try:
        recipient = await chats.look_at(client, await find())
    except SIGNED_OUT:
        raise
    except TelegramRefused as error:
        trouble = str(error)
    except REFUSED as error:
        trouble = said(error)
    return chats.Description(name, False, recipient, trouble)
