"""One short-lived Telethon client for each thing that is done, and what Telethon's errors mean for us.

Connect, work, disconnect, under one time limit. So no client gets stuck, what one of them remembers of a
refused request is gone with it, and never are there two connections on one session.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from telethon import TelegramClient, errors

from visitorsflow.alerts.refusals import NO_MESSAGE_CAN_GO, REFUSED, SIGNED_OUT, said
from visitorsflow.errors import TelegramAway, TelegramRefused, VisitorsFlowError
from visitorsflow.settings import Settings

CONNECT_SECONDS = 10

Result = TypeVar("Result")
Work = Callable[[Any], Awaitable[Result]]


def run(
    settings: Settings, session: Path, work: Work[Result], seconds: float, *, hears: bool = False
) -> Result:
    """What `work(client)` returns, which must be within `seconds`; `hears`: what others write arrives too.

    Raises TelegramAway, TelegramRefused and what else of ours `work` raises; and, as they are, SIGNED_OUT
    and sqlite3.Error, since what they mean for the session file is not decided here.
    """
    try:
        return asyncio.run(_with_client(settings, session, work, seconds, hears))
    except (*SIGNED_OUT, VisitorsFlowError, sqlite3.Error):
        raise
    except TimeoutError as error:
        raise TelegramAway(f"Telegram does not answer within {seconds:g} s") from error
    except NO_MESSAGE_CAN_GO as error:
        raise TelegramRefused(
            f"no message can go to {settings.telegram_to!r}: {said(error)}; mend telegram_to, "
            "or what this account may do there"
        ) from error
    except errors.FloodError as error:
        wait = getattr(error, "seconds", None)  # some have none
        text = "Telegram asks to wait" if wait is None else f"Telegram asks to wait {wait} s"
        raise TelegramAway(text, wait) from error
    except REFUSED as error:
        raise TelegramRefused(f"Telegram refuses it: {said(error)}") from error
    except (Exception, asyncio.CancelledError) as error:  # Telethon raises bare ones, EOFError and more
        raise TelegramAway(f"Telegram can't be reached: {said(error)}") from error


async def _with_client(
    settings: Settings, session: Path, work: Work[Result], seconds: float, hears: bool
) -> Result:
    session.touch(mode=0o600)  # it is a key to the account
    session.chmod(0o600)
    assert settings.api_hash
    client = TelegramClient(
        str(session),
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
            await client.connect()
            return await work(client)
    finally:
        await asyncio.wait_for(client.disconnect(), CONNECT_SECONDS)
