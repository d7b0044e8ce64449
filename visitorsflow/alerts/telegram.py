"""Telethon's edge: sign in at the terminal once, deliver one message with one short-lived client.

Connect, send, disconnect, all under one time limit, and every try with a new client: so no client can
get stuck, and the same `random_id` makes a message that was sent twice one message. The session file
exists if and only if this machine is signed in as far as we know.
"""

import asyncio
import contextlib
import getpass
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from telethon import TelegramClient, errors, functions, types

from visitorsflow.errors import TelegramAway, TelegramRefused
from visitorsflow.settings import Settings

log = logging.getLogger(__name__)

DELIVERY_SECONDS = 60  # a delivery is five requests, and some links are slow
CONNECT_SECONDS = 10
START_SECONDS = 60  # how long the start waits for somebody at the terminal
ANSWER_SECONDS = 300  # how long a person may take to read a code off a phone
LONGEST_TEXT = 4096
TRIES = 3
SIGN_IN_AGAIN = "alerts only stand in this log until you start uploadData.py once in a terminal and sign in"

# Only these mean that the session is worth nothing any more; all else may pass by itself.
_SIGNED_OUT = (errors.UnauthorizedError, errors.AuthKeyDuplicatedError, errors.AuthKeyNotFound)

Ask = Callable[[str, bool], Awaitable[str]]
Work = Callable[[Any], Awaitable[object]]


class Account:
    """The Telegram account of `settings` (which has an api_id) and its session file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.session = settings.home / "visitorsflow.session"

    def send(self, text: str, random_id: int) -> None:
        """Deliver one message; sent again with the same `random_id` (63 bits) it is shown once.

        Raises TelegramAway when a later try may work, TelegramRefused when a person must act first.
        """

        async def deliver(client: Any) -> None:
            peer = await _peer(client, self._settings.telegram_to)
            with contextlib.suppress(errors.RandomIdDuplicateError):  # an earlier try did arrive
                await client(
                    functions.messages.SendMessageRequest(peer, text[:LONGEST_TEXT], random_id=random_id)
                )

        self._with_session(deliver)

    def check(self) -> None:
        """Ask Telegram whether the session is good and the recipient is known; raises as `send` does."""

        async def ask(client: Any) -> None:
            await client(functions.updates.GetStateRequest())
            await _peer(client, self._settings.telegram_to)

        self._with_session(ask)

    def sign_in(self, ask: Ask) -> None:
        """Sign in with the code, and the two-step password if there is one, of the person who is asked.

        A code is requested only once that person says so: requests in a crash loop would be answered
        with waits of hours. Raises TelegramAway or TelegramRefused; then there is no session file.
        """
        phone = self._settings.phone_number

        async def converse(client: Any) -> None:
            await ask(f"Telegram: press Enter to have a sign-in code sent to {phone}: ", False)
            await client.send_code_request(phone)
            try:
                await _three_times(ask, "Code", lambda code: client.sign_in(phone, code))
            except errors.SessionPasswordNeededError:
                await _three_times(ask, "Two-step password", lambda word: client.sign_in(password=word))

        new = self.session.with_name("visitorsflow-new.session")
        new.unlink(missing_ok=True)
        try:
            self._run(new, converse, START_SECONDS + 2 * TRIES * ANSWER_SECONDS)
            new.replace(self.session)
        except (*_SIGNED_OUT, sqlite3.Error, OSError) as error:
            raise TelegramRefused(f"not signed in to Telegram: {error}") from error
        finally:
            new.unlink(missing_ok=True)

    def _with_session(self, work: Work) -> None:
        if not self.session.exists():
            raise TelegramRefused(f"not signed in to Telegram; {SIGN_IN_AGAIN}")
        try:
            self._run(self.session, work, DELIVERY_SECONDS)
        except _SIGNED_OUT as error:
            reason = f"Telegram has signed this machine out ({type(error).__name__})"
        except sqlite3.OperationalError as error:  # locked, not writable, disk full
            raise TelegramAway(f"the session file {self.session} can't be used: {error}") from error
        except sqlite3.DatabaseError as error:
            reason = f"the session file is damaged ({error})"
        else:
            return
        self.session.replace(self.session.with_suffix(".session.old"))
        raise TelegramRefused(f"{reason}; {SIGN_IN_AGAIN}")

    def _run(self, session: Path, work: Work, seconds: float) -> None:
        try:
            asyncio.run(self._with_client(session, work, seconds))
        except (*_SIGNED_OUT, TelegramRefused, sqlite3.Error):
            raise
        except TimeoutError as error:
            raise TelegramAway(f"Telegram does not answer within {seconds:g} s") from error
        except errors.FloodWaitError as error:
            raise TelegramAway(f"Telegram asks to wait {error.seconds} s", error.seconds) from error
        except (errors.BadRequestError, errors.ForbiddenError) as error:
            raise TelegramRefused(f"Telegram refuses it: {error}") from error
        except (Exception, asyncio.CancelledError) as error:  # Telethon raises bare ones, EOFError and more
            text = str(error) or type(error).__name__
            raise TelegramAway(f"Telegram can't be reached: {text}") from error

    async def _with_client(self, session: Path, work: Work, seconds: float) -> None:
        session.touch(mode=0o600)  # it is a key to the account
        session.chmod(0o600)
        assert self._settings.api_hash
        client = TelegramClient(
            str(session),
            self._settings.api_id,
            self._settings.api_hash.get_secret_value(),
            timeout=CONNECT_SECONDS,
            connection_retries=1,
            request_retries=1,
            auto_reconnect=False,
            raise_last_call_error=True,
            flood_sleep_threshold=0,
            receive_updates=False,
        )
        try:
            async with asyncio.timeout(seconds):
                await client.connect()
                await work(client)
        finally:
            await asyncio.wait_for(client.disconnect(), CONNECT_SECONDS)


async def _peer(client: Any, to: str) -> Any:
    """The recipient. A number is found only among the account's own chats, which may have to be fetched."""
    if to == "me":
        return types.InputPeerSelf()
    who = int(to) if to.lstrip("-").isdecimal() else to
    for fetch in (True, False):
        try:
            return await client.get_input_entity(who)
        except ValueError:  # Telethon's word for "no such recipient"
            if fetch:
                await client.get_dialogs()
    raise TelegramRefused(f"Telegram knows no {to!r} that this account may write to; mend telegram_to")


async def _three_times(ask: Ask, what: str, attempt: Callable[[str], Awaitable[object]]) -> None:
    is_code = what == "Code"
    for tries_left in reversed(range(TRIES)):
        answer = await ask(f"{what}: ", not is_code)
        if is_code:
            answer = "".join(filter(str.isdecimal, answer))
        try:
            if answer:  # Telethon takes an empty one for the wish to get another code
                await attempt(answer)
                return
        except (errors.PhoneCodeInvalidError, errors.PasswordHashInvalidError):
            pass
        print(f"That was not right, {tries_left} tries left." if tries_left else "That was not right.")
    raise TelegramRefused(f"not signed in to Telegram: {what.lower()} wrong {TRIES} times")


def somebody_is_there() -> bool:
    """Whether there is a terminal to ask in, and we are not in its background."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return sys.platform == "win32" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


async def ask_at_terminal(prompt: str, secret: bool) -> str:
    """One line from the person at the terminal. Raises TelegramRefused when nobody answers in time."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(text: str | None) -> None:
        if answer.done():
            return
        if text is None:
            answer.set_exception(TelegramRefused("not signed in to Telegram: no answer at the terminal"))
        else:
            answer.set_result(text)

    def read() -> None:
        text = None
        with contextlib.suppress(EOFError, OSError):  # Ctrl-D, or the terminal has gone
            text = getpass.getpass(prompt) if secret else input(prompt)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, text)

    # A thread that may be left behind: nothing else can end the reading of a terminal.
    threading.Thread(target=read, daemon=True).start()
    seconds = START_SECONDS if "Enter" in prompt else ANSWER_SECONDS
    deadline = loop.time() + seconds
    try:
        while not answer.done() and loop.time() < deadline:
            await asyncio.wait([answer], timeout=0.2)  # briefly: a Ctrl-C may come just before it sleeps
        if answer.done():
            return answer.result()
        print()
        raise TelegramRefused("not signed in to Telegram: nobody answered at the terminal")
    finally:
        if secret:
            _echo_again()


def _echo_again() -> None:
    """What getpass would do, had its thread not been left behind."""
    with contextlib.suppress(ImportError):  # Windows, where getpass leaves the terminal as it is
        import termios

        attributes = termios.tcgetattr(sys.stdin.fileno())
        attributes[3] |= termios.ECHO
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, attributes)
