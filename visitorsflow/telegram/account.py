"""The Telegram account that sends: one short-lived client for each delivery, and its session file.

The session file is there as long as this machine is signed in, as far as we know. The same `random_id`
in every try shows a message once.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from telethon import errors, functions, types, utils

from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.facts import Message, Status
from visitorsflow.settings import Settings
from visitorsflow.telegram import client, recipients, sign_in
from visitorsflow.telegram.client import NO_MESSAGE_CAN_GO, REFUSED, SIGNED_OUT, Result, Work, said
from visitorsflow.telegram.status import LONGEST_TEXT, Book, StatusEditor

log = logging.getLogger(__name__)

DELIVERY_SECONDS = 60  # a delivery is some five requests, and some links are slow

LONGEST_CAPTION = 1024

# Telegram rings for what it reminds of, not for what an account sends to itself. Less than 10 s ahead it
# would be sent at once, without a sound.
REMINDER = timedelta(seconds=15)

NO_REMINDERS = (
    errors.ScheduleBotNotAllowedError,
    errors.ScheduleDateInvalidError,
    errors.ScheduleDateTooLateError,
    errors.ScheduleStatusPrivateError,
    errors.ScheduleTooMuchError,
)

SIGN_IN_AGAIN = "alerts only stand in this log until you start uploadData.py once in a terminal and sign in"


class Account:
    """The bot or the user account of `settings` (which has an api_id), and its session file.

    `book` is where it stands which message shows the status; without it, none does.
    """

    name = "Telegram"

    def __init__(self, settings: Settings, book: Book | None = None) -> None:
        self._settings = settings
        self._is_bot = settings.bot_token is not None
        self.session = settings.home / _session_name(settings)
        self._peer: Any = None  # the recipient, once it is found
        self._number = _bots_number(settings)  # the account's own, once it is known; or ""
        self._status = StatusEditor(book, self._ask) if book else None

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody at a terminal must sign in first; a bot does so by itself."""
        return not self._is_bot and not self.session.exists()

    @property
    def is_own_recipient(self) -> bool:
        """Whether alerts go to the account itself, where they ring only as reminders."""
        return not self._is_bot and self._settings.telegram_to == recipients.MYSELF

    def deliver(self, message: Message) -> None:
        """Deliver one message; sent again with the same `random_id` it is shown once.

        Raises ChannelAway when a later try may work, ChannelBlocked when a person must act first, and
        MessageRefused when Telegram refuses this message, and perhaps no other.
        """

        async def send(telegram: Any) -> None:
            peer = await self._recipient(telegram)
            later = await _reminder(telegram) if isinstance(peer, types.InputPeerSelf) else None
            with _this_message_only():
                media = await _uploaded(telegram, message)
                if later:
                    with contextlib.suppress(*NO_REMINDERS):
                        await telegram(_request(peer, message, media, later))
                        return
                await telegram(_request(peer, message, media))

        self._with_session(send)

    def show(self, status: Status) -> None:
        """Make `status` the text of the day's status message, silently. Raises what `deliver` raises."""
        assert self._status
        self._status.show(f"{self._own_number()} {self._settings.telegram_to}", status)

    def check(self) -> None:
        """Ask Telegram whether the session is good and the recipient is known.

        Raises ChannelAway or ChannelBlocked.
        """

        async def ask(telegram: Any) -> None:
            await telegram(functions.updates.GetStateRequest())
            await recipients.look_at(telegram, await self._recipient(telegram))

        self._with_session(ask)

    def describe(self) -> recipients.Description:
        """Who sends, who gets it, and whether that rings. Raises ChannelAway, or ChannelBlocked when
        this machine is not signed in."""

        async def look(telegram: Any) -> recipients.Description:
            await telegram(functions.updates.GetStateRequest())
            own = await telegram.get_me()
            name = f"@{own.username}" if own.username else utils.get_display_name(own)
            try:
                peer = await self._recipient(telegram)
                found, trouble = await recipients.look_at(telegram, peer), ""
            except SIGNED_OUT:
                raise
            except ChannelBlocked as error:
                found, trouble = None, str(error)
            except REFUSED as error:
                found, trouble = None, said(error)
            return recipients.Description(name, self._is_bot, found, trouble)

        return self._with_session(look)

    def chats(self, seconds: float) -> list[recipients.Chat]:
        """What may stand in telegram_to: the account's chats; for a bot, those in which somebody writes
        within `seconds`. Raises ChannelAway or ChannelBlocked."""
        if self._is_bot:
            return self._with_session(
                lambda telegram: recipients.that_write(telegram, seconds), seconds, hears=True
            )
        return self._with_session(recipients.known)

    def sign_in(self, ask: sign_in.Ask) -> None:
        """Ask a person for the code of a user account. Raises ChannelAway or ChannelBlocked."""
        sign_in.by_code(self._settings, self.session, ask)

    async def _recipient(self, telegram: Any) -> Any:
        if self._peer is None:
            to = self._settings.telegram_to
            self._peer = await recipients.find(telegram, to, is_bot=self._is_bot)
        return await recipients.follow(telegram, self._peer)

    def _own_number(self) -> str:
        async def ask(telegram: Any) -> int:
            [own] = await telegram(functions.users.GetUsersRequest([types.InputUserSelf()]))
            return int(own.id)

        self._number = self._number or str(self._with_session(ask))
        return self._number

    def _ask(self, work: Callable[[Any, Any], Awaitable[Result]]) -> Result:
        """Do `work(client, recipient)` for one message's sake."""

        async def ask(telegram: Any) -> Result:
            return await _for_one_message(work, telegram, await self._recipient(telegram))

        return self._with_session(ask)

    def _with_session(self, work: Work[Result], seconds: float = 0, *, hears: bool = False) -> Result:
        if not self.session.exists():
            if not self._is_bot:
                raise ChannelBlocked(f"not signed in to Telegram; {SIGN_IN_AGAIN}")
            sign_in.by_token(self._settings, self.session)
            log.info("signed in to Telegram as a bot")
        try:
            return client.run(self._settings, self.session, work, DELIVERY_SECONDS + seconds, hears=hears)
        except SIGNED_OUT as error:
            reason = f"Telegram has signed this machine out ({type(error).__name__})"
        except sqlite3.OperationalError as error:  # locked, not writable, disk full
            raise ChannelAway(f"the session file {self.session} can't be used: {error}") from error
        except sqlite3.DatabaseError as error:
            reason = f"the session file is damaged ({error})"
        except (ChannelAway, ChannelBlocked, MessageRefused):
            self._peer = None  # it may be another one by now
            raise
        self.session.replace(self.session.with_suffix(".session.old"))
        if self._is_bot:
            raise ChannelAway(f"{reason}; the bot signs in again")
        raise ChannelBlocked(f"{reason}; {SIGN_IN_AGAIN}")


def _session_name(settings: Settings) -> str:
    """A bot's has the number of the bot, which is no secret: with another token another bot must sign in."""
    number = _bots_number(settings)
    return f"visitorsflow-bot-{number}.session" if settings.bot_token else "visitorsflow.session"


def _bots_number(settings: Settings) -> str:
    return settings.bot_token.get_secret_value().partition(":")[0] if settings.bot_token else ""


@contextlib.contextmanager
def _this_message_only() -> Iterator[None]:
    """Raises MessageRefused for what Telegram refuses for the message's own sake."""
    try:
        yield
    except errors.RandomIdDuplicateError:
        pass  # an earlier try did arrive
    except (*SIGNED_OUT, *NO_MESSAGE_CAN_GO):
        raise
    except (*REFUSED, UnicodeError) as error:
        raise MessageRefused(f"Telegram refuses it: {said(error)}") from error


async def _for_one_message(work: Callable[[Any, Any], Awaitable[Result]], telegram: Any, peer: Any) -> Result:
    with _this_message_only():
        return await work(telegram, peer)
    raise AssertionError("unreachable")  # `work` has taken care of what arrived before


async def _reminder(telegram: Any) -> datetime:
    """When it is due, by Telegram's own clock: that of this PC may be wrong."""
    now: datetime = (await telegram(functions.updates.GetStateRequest())).date
    return now + REMINDER


async def _uploaded(telegram: Any, message: Message) -> Any:
    if message.picture is None:
        return None
    return types.InputMediaUploadedPhoto(
        await telegram.upload_file(message.picture, file_name="visitorsflow.png")
    )


def _request(peer: Any, message: Message, media: Any, at: datetime | None = None) -> Any:
    if media is None:
        text = message.text[:LONGEST_TEXT]
        return functions.messages.SendMessageRequest(
            peer, text, random_id=message.random_id, schedule_date=at
        )
    caption = message.text[:LONGEST_CAPTION]
    return functions.messages.SendMediaRequest(
        peer, media, caption, random_id=message.random_id, schedule_date=at
    )
