"""Whether an uploader uses a Telegram session now: two programs on one session lock each other out.

Known by a lock on a file beside the session, which ends with the process, however that ends. It says so
and no more: nothing is ever refused for its sake.
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
from visitorsflow.settings import Settings
from visitorsflow.telegram import client
from visitorsflow.telegram.client import SIGNED_OUT, said

TOKEN_SECONDS = 60

START_SECONDS = 60  # how long the start waits for somebody at the terminal

ANSWER_SECONDS = 300  # how long a person may take to read a code off a phone

TRIES = 3


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
            raise ChannelBlocked(
                f"bot_token is refused: {said(error)}; @BotFather shows the right one"
            ) from error

    _into_new_session(settings, session, show_token, TOKEN_SECONDS)


def by_code(settings: Settings, session: Path, ask: Ask) -> None:
    """Ask a person for the code, and for the two-step password if there is one, and sign in.

    A code is requested only when that person says so: a program that is started again and again would
    ask for so many that Telegram makes it wait for hours. Raises ChannelAway or ChannelBlocked; then
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
        raise ChannelBlocked(f"not signed in to Telegram: {said(error)}") from error
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
    raise ChannelBlocked(f"not signed in to Telegram: {what.lower()} wrong {TRIES} times")


log = logging.getLogger(__name__)

OLD_NAME = "session_name.session"


def take_over(session: Path) -> None:
    """Make the older program's session, which lies beside `session`, ours; one log line says so.

    Not when there is one of ours, or was: then this machine has been signed out, and so has the old one.
    What another program is using, or is no session, stays where it is.
    """
    old = session.with_name(OLD_NAME)
    if session.exists() or session.with_suffix(".session.old").exists() or not old.is_file():
        return
    try:
        _look_into(old)
        old.chmod(0o600)  # it is a key to the account
        old.rename(session)
    except (OSError, sqlite3.Error) as error:
        log.warning("the older program's Telegram session %s is not taken over: %s", old, error)
    else:
        log.info("the older program's Telegram session %s is now %s", old, session.name)


def _look_into(old: Path) -> None:
    """Raises sqlite3.Error when it is no session or is in use; also mends what a crash left half written."""
    with contextlib.closing(sqlite3.connect(old, timeout=1, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("SELECT auth_key FROM sessions").fetchall()
        connection.execute("ROLLBACK")


_held: list[FileLock] = []  # until this process ends


def hold(session: Path) -> None:
    """From now on, others can see that this process uses `session`. Raises nothing."""
    lock = FileLock(_lock_of(session), thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(timeout=1)
    except (OSError, NotImplementedError):  # Timeout, which is an OSError: another uploader holds it
        return
    _held.append(lock)


def is_held(session: Path) -> bool:
    """Whether another process uses it. Makes no file; where it can't be known, the answer is yes."""
    path = _lock_of(session)
    try:
        if not path.exists():
            return False
        with FileLock(path, timeout=0, fallback_to_soft=False):
            return False
    except (OSError, NotImplementedError):
        return True


def _lock_of(session: Path) -> Path:
    return session.with_name(f"{session.name}.lock")
