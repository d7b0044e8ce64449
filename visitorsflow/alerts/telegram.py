"""All that knows Telethon: signing in, and delivering one message with one short-lived client.

Every try makes a new client: connect, send, disconnect, under one time limit. So no client gets stuck;
and the same `random_id` in every try shows a message once. The session file is there as long as this
machine is signed in, as far as we know.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from telethon import TelegramClient, errors, functions, types

from visitorsflow.alerts import posts
from visitorsflow.alerts.outbox import Message
from visitorsflow.alerts.refusals import NO_MESSAGE_CAN_GO, REFUSED, SIGNED_OUT, said
from visitorsflow.errors import MessageRefused, NoAnswer, TelegramAway, TelegramRefused, VisitorsFlowError
from visitorsflow.settings import Settings

DELIVERY_SECONDS = 60  # a delivery is five requests, and some links are slow
CONNECT_SECONDS = 10
START_SECONDS = 60  # how long the start waits for somebody at the terminal
ANSWER_SECONDS = 300  # how long a person may take to read a code off a phone
LONGEST_TEXT = 4096
TRIES = 3
SIGN_IN_AGAIN = "alerts only stand in this log until you start uploadData.py once in a terminal and sign in"

Work = Callable[[Any], Awaitable[object]]


class Ask(Protocol):
    """Asks a person for one line, and waits `seconds` for it. Raises NoAnswer."""

    async def __call__(self, prompt: str, *, seconds: float, secret: bool = False) -> str: ...


class Account:
    """The Telegram account of `settings` (which has an api_id) and its session file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.session = settings.home / "visitorsflow.session"

    def send(self, message: Message) -> None:
        """Deliver one message; sent again with the same `random_id` it is shown once.

        Raises TelegramAway when a later try may work, TelegramRefused when a person must act first, and
        MessageRefused when Telegram refuses this message, and perhaps no other.
        """

        async def deliver(client: Any) -> None:
            peer = await _peer(client, self._settings.telegram_to)
            text = message.text[:LONGEST_TEXT]
            try:
                if message.picture:
                    await posts.send_picture(client, peer, message.picture, text, message.random_id)
                else:
                    await client(
                        functions.messages.SendMessageRequest(peer, text, random_id=message.random_id)
                    )
            except errors.RandomIdDuplicateError:
                pass  # an earlier try did arrive
            except (*SIGNED_OUT, *NO_MESSAGE_CAN_GO):
                raise
            except (*REFUSED, UnicodeError) as error:
                raise MessageRefused(f"Telegram refuses it: {said(error)}") from error

        self._with_session(deliver)

    def show_status(self, text: str, number: int | None, random_id: int) -> int:
        """Edit the status message of that `number`, or send a new one. Returns its number.

        Raises TelegramAway or TelegramRefused.
        """
        numbers: list[int] = []

        async def show(client: Any) -> None:
            peer = await _peer(client, self._settings.telegram_to)
            numbers.append(await posts.show_status(client, peer, text, number, random_id))

        self._with_session(show)
        return numbers[0]

    def check(self) -> None:
        """Ask Telegram whether the session is good and the recipient is known.

        Raises TelegramAway or TelegramRefused.
        """

        async def ask(client: Any) -> None:
            await client(functions.updates.GetStateRequest())
            await _peer(client, self._settings.telegram_to)

        self._with_session(ask)

    def sign_in(self, ask: Ask) -> None:
        """Ask a person for the code, and for the two-step password if there is one, and sign in.

        A code is requested only when that person says so: a program that is started again and again
        would ask for so many that Telegram makes it wait for hours. Raises TelegramAway or
        TelegramRefused; then there is no session file.
        """
        phone = self._settings.phone_number

        async def converse(client: Any) -> None:
            await ask(
                f"Telegram: press Enter to have a sign-in code sent to {phone}: ", seconds=START_SECONDS
            )
            await client.send_code_request(phone)
            try:
                await _three_times("Code", ask_digits, lambda code: client.sign_in(phone, code))
            except errors.SessionPasswordNeededError:
                await _three_times(
                    "Two-step password",
                    partial(ask, seconds=ANSWER_SECONDS, secret=True),
                    lambda password: client.sign_in(password=password),
                )

        async def ask_digits(prompt: str) -> str:
            return "".join(filter(str.isdecimal, await ask(prompt, seconds=ANSWER_SECONDS)))

        new = self.session.with_name("visitorsflow-new.session")
        new.unlink(missing_ok=True)
        try:
            self._run(new, converse, START_SECONDS + 2 * TRIES * ANSWER_SECONDS)
            new.replace(self.session)
        except (*SIGNED_OUT, NoAnswer, sqlite3.Error, OSError) as error:
            raise TelegramRefused(f"not signed in to Telegram: {error}") from error
        finally:
            new.unlink(missing_ok=True)

    def _with_session(self, work: Work) -> None:
        if not self.session.exists():
            raise TelegramRefused(f"not signed in to Telegram; {SIGN_IN_AGAIN}")
        try:
            self._run(self.session, work, DELIVERY_SECONDS)
        except SIGNED_OUT as error:
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
        except (*SIGNED_OUT, VisitorsFlowError, sqlite3.Error):
            raise
        except TimeoutError as error:
            raise TelegramAway(f"Telegram does not answer within {seconds:g} s") from error
        except NO_MESSAGE_CAN_GO as error:
            raise TelegramRefused(
                f"no message can go to {self._settings.telegram_to!r}: {said(error)}; mend telegram_to, "
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
