"""Signing in: a bot with its token, an account with the code that Telegram sends to a phone.

Both in a new session file, which takes its place when it is good: a session that is there is one that
worked, as far as we know.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from telethon import errors

from visitorsflow.alerts import client
from visitorsflow.alerts.refusals import SIGNED_OUT, said
from visitorsflow.errors import NoAnswer, TelegramRefused
from visitorsflow.settings import Settings

TOKEN_SECONDS = 60
START_SECONDS = 60  # how long the start waits for somebody at the terminal
ANSWER_SECONDS = 300  # how long a person may take to read a code off a phone
TRIES = 3


class Ask(Protocol):
    """Asks a person for one line, and waits `seconds` for it. Raises NoAnswer."""

    async def __call__(self, prompt: str, *, seconds: float, secret: bool = False) -> str: ...


def by_token(settings: Settings, session: Path) -> None:
    """Sign a bot in; nobody is asked. Raises TelegramAway or TelegramRefused; then there is no session."""

    async def show_token(telegram: Any) -> None:
        assert settings.bot_token
        try:
            await telegram.sign_in(bot_token=settings.bot_token.get_secret_value())
        except (errors.AccessTokenInvalidError, errors.AccessTokenExpiredError) as error:
            raise TelegramRefused(
                f"bot_token is refused: {said(error)}; @BotFather shows the right one"
            ) from error

    _into_new_session(settings, session, show_token, TOKEN_SECONDS)


def by_code(settings: Settings, session: Path, ask: Ask) -> None:
    """Ask a person for the code, and for the two-step password if there is one, and sign in.

    A code is requested only when that person says so: a program that is started again and again would
    ask for so many that Telegram makes it wait for hours. Raises TelegramAway or TelegramRefused; then
    there is no session.
    """
    phone = settings.phone_number

    async def converse(telegram: Any) -> None:
        await ask(f"Telegram: press Enter to have a sign-in code sent to {phone}: ", seconds=START_SECONDS)
        await telegram.send_code_request(phone)
        try:
            await _three_times("Code", ask_digits, lambda code: telegram.sign_in(phone, code))
        except errors.SessionPasswordNeededError:
            await _three_times(
                "Two-step password",
                partial(ask, seconds=ANSWER_SECONDS, secret=True),
                lambda password: telegram.sign_in(password=password),
            )

    async def ask_digits(prompt: str) -> str:
        return "".join(filter(str.isdecimal, await ask(prompt, seconds=ANSWER_SECONDS)))

    _into_new_session(settings, session, converse, START_SECONDS + 2 * TRIES * ANSWER_SECONDS)


def _into_new_session(settings: Settings, session: Path, work: client.Work[None], seconds: float) -> None:
    new = session.with_name(f"{session.stem}-new.session")
    new.unlink(missing_ok=True)
    try:
        client.run(settings, new, work, seconds)
        new.replace(session)
    except (*SIGNED_OUT, NoAnswer, sqlite3.Error, OSError) as error:
        raise TelegramRefused(f"not signed in to Telegram: {said(error)}") from error
    finally:
        new.unlink(missing_ok=True)


async def _three_times(
    what: str, ask: Callable[[str], Awaitable[str]], attempt: Callable[[str], Awaitable[object]]
) -> None:
    told = ""
    for tries_left in reversed(range(TRIES)):
        answer = await ask(f"{told}{what}: ")
        try:
            if answer:  # Telethon takes an empty code for the wish to get another one
                await attempt(answer)
                return
        except (errors.PhoneCodeInvalidError, errors.PasswordHashInvalidError):
            pass
        told = f"That was not right, tries left: {tries_left}. "
    raise TelegramRefused(f"not signed in to Telegram: {what.lower()} wrong {TRIES} times")
