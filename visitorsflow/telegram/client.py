"""One short-lived Telethon client for each thing that is done, and the meaning of Telethon's errors for us.

Connect, work, disconnect, under one time limit. So no client gets stuck, what one of them remembers of a
refused request is gone with it, and never are there two connections on one session.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from telethon import TelegramClient, errors

from visitorsflow.errors import ChannelAway, ChannelBlocked, VisitorsFlowError
from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings

CONNECT_SECONDS = 10

# The session is worth nothing any more: a person must sign in again.
SIGNED_OUT = (errors.UnauthorizedError, errors.AuthKeyDuplicatedError, errors.AuthKeyNotFound)

# The same request would be refused again. AuthKeyError is 406, which Telegram answers for much more
# than keys.
REFUSED = (errors.BadRequestError, errors.ForbiddenError, errors.NotFoundError, errors.AuthKeyError)

# Every message would be refused: the recipient is wrong, or this account may not write to it. What is not
# here is refused for the message's own sake, also what Telethon does not know: if it held back the
# messages after it, one bad message would silence us.
NO_MESSAGE_CAN_GO = (
    errors.ChannelBannedError,
    errors.ChannelIdInvalidError,
    errors.ChannelInvalidError,
    errors.ChannelPrivateError,
    errors.ChannelPublicGroupNaError,
    errors.ChatAdminRequiredError,
    errors.ChatForbiddenError,
    errors.ChatGuestSendForbiddenError,
    errors.ChatIdInvalidError,
    errors.ChatInvalidError,
    errors.ChatRestrictedError,
    errors.FrozenMethodInvalidError,
    errors.FrozenParticipantMissingError,
    errors.InputUserDeactivatedError,
    errors.PeerFloodError,
    errors.PeerIdInvalidError,
    errors.PeerIdNotSupportedError,
    errors.UserBannedInChannelError,
    errors.UserBlockedError,
    errors.UserDeletedError,
    errors.UserIdInvalidError,
    errors.UserInvalidError,
    errors.UserIsBlockedError,
    errors.UserIsBotError,
    errors.UserKickedError,
    errors.UsernameInvalidError,
    errors.UsernameNotOccupiedError,
    errors.UserNotParticipantError,
    errors.UserPrivacyRestrictedError,
    errors.UserRestrictedError,
    errors.YouBlockedUserError,
)

# Nobody may write there now. When it opens again, what lasts is still to be said.
CLOSED = (errors.ChatSendPlainForbiddenError, errors.ChatWriteForbiddenError)

Result = TypeVar("Result")
Work = Callable[[Any], Awaitable[Result]]  # done with a connected client
WorkInChat = Callable[[Any, Any], Awaitable[Result]]  # done with a connected client and the recipient


def run(
    settings: Settings, session: Any, work: Work[Result], seconds: float, *, hears: bool = False
) -> Result:
    """Return what `work(client)` returns, within `seconds`. `hears`: what others write arrives too.

    `session` is what Telethon takes for one: the name of a file, or a session in memory.

    Raises ChannelAway, ChannelBlocked and what else of ours `work` raises; and, as they are, SIGNED_OUT
    and sqlite3.Error: what they mean for the session file is not decided here.
    """
    try:
        return asyncio.run(_with_client(settings, session, work, seconds, hears))
    except (*SIGNED_OUT, VisitorsFlowError, sqlite3.Error):
        raise
    except TimeoutError as error:
        raise ChannelAway(Reason("telegram silent", seconds=seconds)) from error
    except CLOSED as error:
        raise ChannelBlocked(Reason("group closed", to=settings.telegram_to)) from error
    except NO_MESSAGE_CAN_GO as error:
        raise ChannelBlocked(
            Reason("no message can go", to=settings.telegram_to, said=said(error))
        ) from error
    except errors.FloodError as error:
        wait = getattr(error, "seconds", None)  # some have none
        asked = (
            Reason("telegram asks to wait")
            if wait is None
            else Reason("telegram asks to wait for", seconds=wait)
        )
        raise ChannelAway(asked, wait) from error
    except REFUSED as error:
        raise ChannelBlocked(Reason("telegram refuses", said=said(error))) from error
    except (Exception, asyncio.CancelledError) as error:  # Telethon raises bare ones, EOFError and more
        raise ChannelAway(Reason("telegram away", said=said(error))) from error


def said(error: BaseException) -> str:
    """Quote Telegram, without the names of Telethon's requests."""
    return str(error).partition(" (caused by ")[0] or type(error).__name__


async def _with_client(
    settings: Settings, session: Any, work: Work[Result], seconds: float, hears: bool
) -> Result:
    assert settings.api_hash
    telegram = TelegramClient(
        session,
        settings.api_id,
        settings.api_hash.get_secret_value(),
        timeout=CONNECT_SECONDS,
        connection_retries=1,
        request_retries=1,
        auto_reconnect=False,
        raise_last_call_error=True,
        flood_sleep_threshold=0,
        receive_updates=hears,
    )
    try:
        async with asyncio.timeout(seconds):
            await telegram.connect()
            return await work(telegram)
    finally:
        await asyncio.wait_for(telegram.disconnect(), CONNECT_SECONDS)
