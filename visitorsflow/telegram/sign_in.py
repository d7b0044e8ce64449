"""Signing in to Telegram: a bot with its token, an account with a code; and the session file of either.

Two programs on one session lock each other out. Therefore an uploader holds a lock on a file beside the
session, which ends with the process, however that ends.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock
from telethon import errors

from visitorsflow.errors import ChannelBlocked, NoAnswer
from visitorsflow.reasons import Reason, quoted
from visitorsflow.settings import Settings
from visitorsflow.telegram import client
from visitorsflow.telegram.client import SIGNED_OUT, said
from visitorsflow.telegram.session_file import MODE
from visitorsflow.words import Words

TOKEN_SECONDS = 60
START_SECONDS = 60  # the start waits for somebody at the terminal
ANSWER_SECONDS = 300  # a person may need them to read a code off a phone
TRIES = 3
DIALOGUE_SECONDS = START_SECONDS + 2 * TRIES * ANSWER_SECONDS
OLD_NAME = "session_name.session"

log = logging.getLogger(__name__)
_held: list[FileLock] = []  # until this process ends


class Ask(Protocol):
    """Asks a person for one line, and waits `seconds` for it. Raises NoAnswer."""

    async def __call__(self, prompt: str, *, seconds: float, secret: bool = False) -> str: ...


def by_token(settings: Settings, session: Path) -> None:
    """Sign a bot in; nobody is asked. Raises ChannelAway or ChannelBlocked; then there is no session."""

    async def show_token(telegram: Any) -> None:
        assert settings.bot_token
        try:
            await telegram.sign_in(bot_token=settings.bot_token.get_secret_value())
        except (errors.AccessTokenInvalidError, errors.AccessTokenExpiredError) as error:
            raise ChannelBlocked(Reason("token refused", said=said(error))) from error

    _into_new_session(settings, session, show_token, TOKEN_SECONDS)


def by_code(settings: Settings, session: Path, ask: Ask, seconds: float = DIALOGUE_SECONDS) -> None:
    """Ask a person for the code, and for the two-step password if there is one, and sign in.

    A code is requested only when that person says so: a program that is started again and again would
    ask for so many that Telegram makes it wait for hours. Raises ChannelAway, also when it has taken longer
    than `seconds`, or ChannelBlocked; then there is no session.
    """
    phone, words = settings.phone_number, Words(settings.language)

    async def converse(telegram: Any) -> None:
        await ask(words("ask to begin", phone=phone), seconds=START_SECONDS)
        await telegram.send_code_request(phone)
        try:
            wrong = Reason("wrong code", tries=TRIES)
            await _until_right(
                words, "ask code", wrong, ask_digits, lambda code: telegram.sign_in(phone, code)
            )
        except errors.SessionPasswordNeededError:
            ask_secret = partial(ask, seconds=ANSWER_SECONDS, secret=True)
            wrong = Reason("wrong password", tries=TRIES)
            await _until_right(
                words, "ask password", wrong, ask_secret, lambda text: telegram.sign_in(password=text)
            )

    async def ask_digits(prompt: str) -> str:
        return "".join(filter(str.isdecimal, await ask(prompt, seconds=ANSWER_SECONDS)))

    _into_new_session(settings, session, converse, seconds)


def take_over(session: Path) -> None:
    """Rename the older program's session, which lies beside `session`, to ours; one log line says so.

    Not when there is one of ours, or was: then this machine has been signed out, and so has the old one.
    What another program is using, or is no session, stays where it is.
    """
    old = session.with_name(OLD_NAME)
    if session.exists() or session.with_suffix(".session.old").exists() or not old.is_file():
        return
    try:
        _look_into(old)
        old.chmod(MODE)
        old.rename(session)
    except (OSError, sqlite3.Error) as error:
        log.warning("the older program's Telegram session %s is not taken over: %s", old, error)
    else:
        log.info("the older program's Telegram session %s is now %s", old, session.name)


def hold(session: Path) -> None:
    """Let others see that this process uses `session`, until it ends. Raises nothing."""
    lock = FileLock(_lock_of(session), thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(timeout=1)
    except (OSError, NotImplementedError):  # Timeout, which is an OSError: another uploader holds it
        return
    _held.append(lock)


def is_held(session: Path) -> bool:
    """True when another process uses it, or when that can't be known. Makes no file."""
    path = _lock_of(session)
    try:
        if not path.exists():
            return False
        with FileLock(path, timeout=0, fallback_to_soft=False):
            return False
    except (OSError, NotImplementedError):
        return True


def _into_new_session(settings: Settings, session: Path, work: client.Work[None], seconds: float) -> None:
    new = session.with_name(f"{session.stem}-new.session")
    new.unlink(missing_ok=True)
    try:
        new.touch(MODE)
        client.run(settings, str(new), work, seconds)
        new.replace(session)
    except NoAnswer as error:
        raise ChannelBlocked(Reason("sign-in failed", why=error.reason)) from error
    except (*SIGNED_OUT, sqlite3.Error, OSError) as error:
        raise ChannelBlocked(Reason("sign-in failed", why=quoted(said(error)))) from error
    finally:
        new.unlink(missing_ok=True)


async def _until_right(
    words: Words,
    key: str,
    wrong: Reason,
    ask: Callable[[str], Awaitable[str]],
    attempt: Callable[[str], Awaitable[object]],
) -> None:
    """Ask the question `key` until the answer is right. Raises ChannelBlocked after the third wrong one."""
    prompt = question = words(key)
    for left in reversed(range(TRIES)):
        answer = await ask(prompt)
        try:
            if answer:  # Telethon takes an empty code for the wish to get another one
                await attempt(answer)
                return
        except (errors.PhoneCodeInvalidError, errors.PasswordHashInvalidError):
            pass
        prompt = words("ask again", left=left, question=question)
    raise ChannelBlocked(Reason("sign-in failed", why=wrong))


def _look_into(old: Path) -> None:
    """Read it, which also repairs what a crash left half written.

    Raises sqlite3.Error when it is no session or is in use.
    """
    with contextlib.closing(sqlite3.connect(old, timeout=1, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("SELECT auth_key FROM sessions").fetchall()
        connection.execute("ROLLBACK")


def _lock_of(session: Path) -> Path:
    return session.with_name(f"{session.name}.lock")
