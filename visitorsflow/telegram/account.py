"""The Telegram account that sends: one short-lived client for each delivery, and its session file."""

import contextlib
import logging
import sqlite3
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

from telethon import errors, functions, types, utils

from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused
from visitorsflow.facts import Message, Status
from visitorsflow.reasons import Reason, quoted
from visitorsflow.settings import Settings
from visitorsflow.telegram import client, recipients, sign_in
from visitorsflow.telegram.client import (
    CLOSED,
    NO_MESSAGE_CAN_GO,
    REFUSED,
    SIGNED_OUT,
    Result,
    Work,
    WorkInChat,
    said,
)
from visitorsflow.telegram.session_file import Copy
from visitorsflow.telegram.status import LONGEST_TEXT, MessageStore, StatusEditor

SECONDS = 60  # a delivery is some five requests, and some links are slow
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

log = logging.getLogger(__name__)


class Account:
    """The bot or the user account of `settings` (which has an api_id), and its session file.

    The session file is there as long as this machine is signed in, as far as we know. Without a `store`
    there is no status message.
    """

    name = "Telegram"

    def __init__(
        self, settings: Settings, store: MessageStore | None = None, *, delivery_seconds: float = SECONDS
    ) -> None:
        self._settings = settings
        self._seconds = delivery_seconds
        self._is_bot = settings.bot_token is not None
        self._own_number = _bots_number(settings)  # "" until a user account has asked for it
        self.session = settings.home / _session_name(settings)
        self._peer: Any = None  # the recipient, once it is found
        self._kind: recipients.Kind | None = None  # of the recipient, once Telegram has said it
        self._status = StatusEditor(store, self._in_chat) if store else None

    @property
    def needs_a_person(self) -> bool:
        """True when somebody at a terminal must sign in first; a bot does so by itself."""
        return not self._is_bot and not self.session.exists()

    @property
    def is_own_recipient(self) -> bool:
        """True when alerts go to the account itself, where they ring only as reminders."""
        return not self._is_bot and self._settings.telegram_to == recipients.MYSELF

    @property
    def is_of_many(self) -> bool:
        """True when alerts go to a group or a channel; with a name, once Telegram has said that it is one."""
        if self._kind:
            return self._kind in ("group", "channel")
        return recipients.is_surely_of_many(self._settings.telegram_to, is_bot=self._is_bot)

    def deliver(self, message: Message) -> None:
        """Deliver one message; sent again with the same `random_id` it is shown once.

        Raises ChannelAway when a later try may work, ChannelBlocked when a person must act first, and
        MessageRefused when Telegram refuses this message, and perhaps no other.
        """

        async def send(telegram: Any) -> None:
            peer = await self._recipient(telegram)
            at = await _reminder(telegram) if isinstance(peer, types.InputPeerSelf) else None
            await _for_one_message(_send(telegram, peer, message, at))

        self._with_session(send)

    def show(self, status: Status) -> None:
        """Make `status` the text of the day's status message, silently. Raises what `deliver` raises."""
        assert self._status
        self._own_number = self._own_number or self._with_session(_ask_own_number)
        self._status.show(f"{self._own_number} {self._settings.telegram_to}", status)

    def check(self) -> None:
        """Ask Telegram if the session is good and the recipient is known.

        Raises ChannelAway or ChannelBlocked.
        """

        async def ask(telegram: Any) -> None:
            await telegram(functions.updates.GetStateRequest())
            chat = await recipients.look_at(telegram, await self._recipient(telegram))
            self._kind = chat.kind

        self._with_session(ask)

    def describe(self) -> recipients.Description:
        """Tell who sends, who gets it, and if that rings.

        Raises ChannelAway, or ChannelBlocked when this machine is not signed in.
        """

        async def look(telegram: Any) -> recipients.Description:
            await telegram(functions.updates.GetStateRequest())
            own = await telegram.get_me()
            name = f"@{own.username}" if own.username else utils.get_display_name(own)
            found, trouble = None, None
            try:
                found = await recipients.look_at(telegram, await self._recipient(telegram))
            except SIGNED_OUT:
                raise
            except ChannelBlocked as error:
                trouble = error.reason
            except REFUSED as error:
                trouble = quoted(said(error))
            nearly: tuple[recipients.Chat, ...] = ()
            if trouble and self._is_bot:
                nearly = await recipients.nearly(telegram, self._settings.telegram_to)
            return recipients.Description(name, self._is_bot, found, trouble, nearly)

        return self._with_session(look)

    def chats(self, seconds: float) -> list[recipients.Chat]:
        """List the chats that may stand in telegram_to. Raises ChannelAway or ChannelBlocked.

        They are all chats of a user account; of a bot, those in which somebody writes within `seconds`.
        """
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

    def _in_chat(self, work: WorkInChat[Result]) -> Result:
        """Do `work(client, recipient)` for one message's sake."""

        async def send(telegram: Any) -> Result:
            return await _for_one_message(work(telegram, await self._recipient(telegram)))

        return self._with_session(send)

    def _with_session(self, work: Work[Result], seconds: float = 0, *, hears: bool = False) -> Result:
        """Do `work(client)`, which may take `seconds` longer than a delivery; sign a bot in first."""
        if not self.session.exists():
            if not self._is_bot:
                raise ChannelBlocked(Reason("sign in again", why=Reason("not signed in")))
            sign_in.by_token(self._settings, self.session)
            log.info("signed in to Telegram as a bot")
        try:
            copy = Copy(self.session)
            try:
                return client.run(self._settings, copy, work, self._seconds + seconds, hears=hears)
            finally:
                copy.write_back()
        except SIGNED_OUT as error:
            why = Reason("signed out", said=type(error).__name__)
        except sqlite3.OperationalError as error:  # locked, not writable, disk full
            unusable = Reason("session unusable", path=str(self.session), said=str(error))
            raise ChannelAway(unusable) from error
        except sqlite3.DatabaseError as error:
            why = Reason("session damaged", said=str(error))
        except (ChannelAway, ChannelBlocked, MessageRefused):
            self._peer = None  # it may be another one by now
            raise
        with contextlib.suppress(OSError):  # on a read-only disk it is refused again at the next try
            self.session.replace(self.session.with_suffix(".session.old"))
        if self._is_bot:
            raise ChannelAway(Reason("bot signs in again", why=why))
        raise ChannelBlocked(Reason("sign in again", why=why))


def _session_name(settings: Settings) -> str:
    """A bot's has the number of the bot, which is no secret: with another token another bot must sign in."""
    number = _bots_number(settings)
    return f"visitorsflow-bot-{number}.session" if settings.bot_token else "visitorsflow.session"


def _bots_number(settings: Settings) -> str:
    return settings.bot_token.get_secret_value().partition(":")[0] if settings.bot_token else ""


async def _ask_own_number(telegram: Any) -> str:
    [own] = await telegram(functions.users.GetUsersRequest([types.InputUserSelf()]))
    return str(own.id)


async def _for_one_message(work: Awaitable[Result]) -> Result:
    """Do `work`. Raises MessageRefused for what Telegram refuses for the message's own sake."""
    try:
        return await work
    except (*SIGNED_OUT, *NO_MESSAGE_CAN_GO, *CLOSED):
        raise
    except (*REFUSED, UnicodeError) as error:
        raise MessageRefused(Reason("telegram refuses", said=said(error))) from error


async def _reminder(telegram: Any) -> datetime:
    """The time at which it is due, by Telegram's own clock: that of this PC may be wrong."""
    now: datetime = (await telegram(functions.updates.GetStateRequest())).date
    return now + REMINDER


async def _send(telegram: Any, peer: Any, message: Message, at: datetime | None) -> None:
    """Send it as a reminder that is due then, where there is one and it is allowed; else at once."""
    media = None
    if message.picture is not None:
        file = await telegram.upload_file(message.picture, file_name="visitorsflow.png")
        media = types.InputMediaUploadedPhoto(file)
    with contextlib.suppress(errors.RandomIdDuplicateError):  # an earlier try has arrived
        if at:
            with contextlib.suppress(*NO_REMINDERS):
                await telegram(_request(peer, message, media, at))
                return
        await telegram(_request(peer, message, media))


def _request(peer: Any, message: Message, media: Any, at: datetime | None = None) -> Any:
    how = {"random_id": message.random_id, "schedule_date": at, "silent": message.silent or None}
    if media is None:
        return functions.messages.SendMessageRequest(peer, message.text[:LONGEST_TEXT], **how)
    return functions.messages.SendMediaRequest(peer, media, message.text[:LONGEST_CAPTION], **how)
