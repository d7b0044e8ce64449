"""The parts of `uploadData.py`: built, subscribed to the events, started, and stopped in reverse.

Parts meet here alone. A part tells what happens, and hears what others tell; it starts no other part.
"""

import asyncio
import contextlib
import difflib
import faulthandler
import logging
import math
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from visitorsflow import __version__, script, timeouts
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.channel import Channel
from visitorsflow.alerts.daily import ClosingMessage, DayOnPhone
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.ping import Ping, Wellness
from visitorsflow.database.connection import Database
from visitorsflow.database.day import read_end
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import MessageStore
from visitorsflow.database.told import ToldThings
from visitorsflow.errors import ConfigurationError, FolderTaken, NoAnswer, VisitorsFlowError
from visitorsflow.events import Events, Listener
from visitorsflow.facts import DayEnd
from visitorsflow.intake import files
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.claim import Claim
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Wake, Watchdog, run_watched
from visitorsflow.journal import SUM_SECONDS, Journal
from visitorsflow.reasons import Reason, os_reason
from visitorsflow.rules.silence import Silence
from visitorsflow.service import Manager, Service
from visitorsflow.settings import Settings
from visitorsflow.signals import EndSignals
from visitorsflow.text import printable
from visitorsflow.venue.overview import EVERY_SECONDS, READ_EVERY_SECONDS, Overview
from visitorsflow.venue.told import Register, Told
from visitorsflow.venue.watch import CameraClockWatch, GapsOfDays, VenueWatch
from visitorsflow.view import ask, terminal
from visitorsflow.view.attach import attach
from visitorsflow.view.state import State
from visitorsflow.words import Words

ANSWER_SECONDS = 600.0  # to a question of the start; then it goes on as where nobody can be asked
DELIVERY_AT_END_SECONDS = 3  # a person or a service manager waits for the end
DELIVERY_WITH_ONCE_SECONDS = 30
DELIVERY_AT_REFUSAL_SECONDS = 10  # of the start; perhaps the PC was switched on just now, and its network too
TOLD_FILE = "visitorsflow.told.json"  # beside the Telegram session
log = logging.getLogger("uploadData")


def upload(settings: Settings, folder: Path, *, once: bool, plain: bool, verbose: bool = False) -> int:
    """Watch `folder` until a signal comes, or with `once` work it off. Returns the exit code.

    `verbose`: a line in the log for each file that is stored, not one a minute.
    """
    signals = EndSignals()  # from here on; signing in may wait for a person
    database = Database(settings)
    log.info("VisitorsFlow %s: %s -> %s, camera %s", __version__, folder, database, settings.camera)
    look_for(folder, once=once)
    if settings.host and "camera" not in settings.model_fields_set:
        log.warning("%s", Reason("camera from address", camera=settings.camera))
    for name in settings.retired:
        log.warning("%s", Reason("not used any more", name=name))
    if Manager():  # its watchdog ends a defect by SIGABRT: then it prints where each thread stands
        faulthandler.enable()
    has_view = not (once or plain) and terminal.has_place()
    try:
        return App(
            settings, folder, database, once=once, has_view=has_view, verbose=verbose, signals=signals
        ).run(signals)
    except FolderTaken as error:
        if not has_view:
            raise
        log.error("%s", error, extra={"is_told": True})
        return attach(settings, remark=error.reason)  # the same day, without a second uploader


class App:
    """All parts, in the order in which they are built. `clock` gives monotonic seconds.

    Raises ConfigurationError for settings that can't be used.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        database: Database,
        *,
        once: bool = False,
        has_view: bool = False,
        verbose: bool = False,
        signals: EndSignals | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.folder, self.once = settings, folder, once
        self._delivery_seconds = DELIVERY_WITH_ONCE_SECONDS
        self.words = Words(settings.language)
        self.wake, self.watchdog = Wake(), Watchdog(clock)
        self.events = Events()
        tell, now, hours = self.events.tell, settings.now, settings.open_hours

        # Each of them is for one thread: the loop, the outbox, the overview.
        self.database, self._of_outbox, of_overview = database, Database(settings), Database(settings)
        self.channel = open_channel(settings, MessageStore(self._of_outbox))
        self.told = Told(settings.camera, settings.home / TOLD_FILE if self.channel else None, clock)
        register = Register(self.told, ToldThings(self._of_outbox), self._speaks)
        self.outbox = Outbox(self.channel, tell, register=register) if self.channel else None

        self.claim = Claim(folder, settings.camera)
        silence = Silence(math.inf if once else settings.idle_seconds, hours, clock())
        self.uploader = Uploader(
            Inbox(folder, settings.settle_seconds, clock, self.watchdog, self._is_stopping, self.claim),
            Archive(folder, lambda: now().date(), clock, self.watchdog, settings.stored_days),
            PeopleFlow(self.database, settings.camera, self.watchdog.leave),
            silence,
            tell,
            self.wake,
            now,
            clock,
            self.watchdog,
            settings.format,
            self._may_store,
        )
        self.watch = VenueWatch(settings, tell, clock)
        self.overview = Overview(
            settings,
            of_overview,
            tell,
            read_every=READ_EVERY_SECONDS if has_view else EVERY_SECONDS,
            can_tell=self._can_tell,
            told=self.told,
            clock=clock,
        )
        every = 0 if verbose else SUM_SECONDS
        self.journal = Journal(settings.camera, settings.idle_seconds, every, clock)
        self.alerts = Alerts(
            self.outbox, self.words, now, clock, settings.camera, settings.venue or "", self._rings
        )
        self.state = State(settings, has_telegram=self.outbox is not None, clock=clock)
        self.gaps = GapsOfDays(hours, now)
        self.well = Wellness(clock)
        self.ping = Ping(settings.heartbeat_url, self.well.is_well) if settings.heartbeat_url else None
        self.service = Service(Manager(), now, clock)
        is_asking = signals.is_asking if signals else lambda: False
        self.view = (
            terminal.View(self.state, self.words, now, self._is_stopping, is_asking=is_asking)
            if has_view
            else None
        )
        self.events.subscribe(*self._listeners())

    def _listeners(self) -> list[Listener]:
        """Who hears what happens, in this order."""
        settings, outbox = self.settings, self.outbox
        listeners: list[Listener] = [
            self.journal,
            self.alerts,
            self.overview,
            CameraClockWatch(settings, self.events.tell),
        ]
        if self.view:
            listeners.append(self.state)
        listeners.append(self.service)
        if self.ping:
            listeners.append(self.well)
        if outbox and settings.may_show_status:
            hours, words, now, venue = settings.open_hours, self.words, settings.now, settings.venue or ""
            closing = ClosingMessage(outbox, words, hours, self._read_end, venue=venue)
            listeners += [
                self.gaps,
                DayOnPhone(
                    outbox, closing, words, hours, self._shows_status, self._showed_status, now, venue
                ),
            ]
        if not self.once:
            listeners.append(self.watch)  # after all others have heard of the day
        return listeners

    def start(self) -> None:
        """Start what works beside the loop."""
        files.ignore_signals()
        for part in (self.outbox, self.ping, self.overview, self.view):
            if part:
                part.start()

    def run(self, signals: EndSignals) -> int:
        """Work until a signal comes, or with `once` until all is done. Returns the exit code."""
        is_watched = ask.somebody_is_there() and not self.once
        signals.stop(self.wake, self._ask_again if is_watched else None)
        self.start()
        try:
            is_done = run_watched(
                self._work,
                self.watchdog,
                self.wake,
                self.events.tell,
                self.settings.idle_seconds,
                look=self.service.look,
            )
            self.journal.sum_up()
            if self.view:
                self.view.close()  # what follows is for the terminal again
            if not self.once:
                log.info("stopped%s; what is in the folder waits for the next start", self.wake.why)
        except ConfigurationError as error:
            self.alerts.say_that_it_ends(error.reason)
            self._delivery_seconds = DELIVERY_AT_REFUSAL_SECONDS
            raise
        finally:
            self.stop()
        return 0 if is_done or not self.once else 1

    def stop(self) -> None:
        """Stop everything in the opposite order; the last that is written is what was delivered."""
        self.service.end()
        if self.view:
            self.view.close()
        if self.ping:
            self.ping.close()
        self.alerts.say_what_was_rejected()
        if self.outbox:
            self.outbox.close(DELIVERY_AT_END_SECONDS if self.wake.stopping else self._delivery_seconds)
        self.overview.close()
        self.told.close()
        self.claim.release()
        if not timeouts.left_behind():  # it may be using them still
            self.database.close()
            self._of_outbox.close()

    def _work(self) -> bool:
        """The loop, in a thread of its own."""
        self.watchdog.enter(str(self.folder))
        make(self.folder, self.settings.home)
        self.watchdog.leave()
        return self.uploader.once() if self.once else self.uploader.run()

    def _ask_again(self) -> None:
        """Say that Ctrl-C is to be pressed again; the view says it by itself."""
        if not (self.view and self.view.is_shown):  # in a signal's handler: no log, no lock
            os.write(2, f"{self.words('view ending')}\n".encode())

    def _may_store(self, reason: Reason) -> bool | None:
        """Ask whoever sits at the terminal; None where nobody does, or answers."""
        question = self.words("ask may store", reason=self.words.say(reason))
        if self.view:
            return self.view.ask(question, ANSWER_SECONDS)
        if not ask.somebody_is_there():
            return None
        try:
            answer = asyncio.run(ask.at_terminal(f"{question} ", seconds=ANSWER_SECONDS))
        except NoAnswer:
            return None
        return ask.is_yes(answer)

    def _can_tell(self) -> bool:
        return self.outbox is not None and self.outbox.can_tell and self.watch.is_ready

    def _speaks(self) -> bool:
        return self.watch.speaks

    def _shows_status(self) -> bool:
        """Is the status message its work."""
        return self.watch.speaks and self._status_is_wanted()

    def _showed_status(self) -> bool:
        """Was it until the database went."""
        return self.told.rings and self._status_is_wanted()

    def _status_is_wanted(self) -> bool:
        """To an "@name" only once that is known to be of many."""
        return bool(self.settings.status_message) or (self.channel is not None and self.channel.is_of_many)

    def _rings(self) -> bool:
        return self.told.rings

    def _is_stopping(self) -> bool:
        return self.wake.stopping

    def _read_end(self, day: date) -> DayEnd:
        with contextlib.closing(Database(self.settings)) as database:  # once a day
            return read_end(database, day, self.gaps.of(day))


def look_for(folder: Path, *, once: bool) -> None:
    """Say that the folder is not there, and what looks like it. Raises ConfigurationError with `once`."""

    def look() -> Reason | None:
        return None if os.path.lexists(folder) else absent(folder)

    with contextlib.suppress(OSError):  # a share that does not answer: the loop tells it
        reason = timeouts.call_with_timeout(script.LOOK_SECONDS, look)
        if reason and once:
            raise ConfigurationError(reason, Reason("once makes no folder"))
        if reason:
            log.warning("%s", Reason("folder is made", why=reason))


def absent(folder: Path) -> Reason:
    """Name the first folder on the way that is not there, and what beside it has nearly its name."""
    missing = folder
    while not os.path.lexists(missing.parent) and missing.parent != missing:
        missing = missing.parent
    alike: list[str] = []
    with contextlib.suppress(OSError):
        names = {one.name.lower(): one.name for one in missing.parent.iterdir() if one.is_dir()}
        alike = [names[name] for name in difflib.get_close_matches(missing.name.lower(), names)]
    hint = Reason("did you mean", name=" / ".join(map(printable, alike))) if alike else ""
    return Reason("no folder", folder=str(folder), missing=str(missing), hint=hint)


def make(folder: Path, home: Path) -> None:
    """Make the folder when it is missing. Raises ConfigurationError for one that can never be right.

    Where it can't be made now, like on a network share that comes later, the loop tells it and goes on.
    """
    if own := script.held_by(folder, home):
        raise ConfigurationError(Reason("folder holds us", folder=str(folder), own=str(own)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        if any(os.path.islink(path) and not os.path.exists(path) for path in (folder, *folder.parents)):
            return  # a link to a share that is not mounted yet
        raise ConfigurationError(
            Reason("folder not made", folder=str(folder), why=os_reason(error))
        ) from None
    except OSError:
        return


def open_channel(settings: Settings, messages: MessageStore) -> Channel | None:
    """The way to people's phones, if one is set. Signing in may ask at the terminal.

    Raises ConfigurationError.
    """
    if settings.api_id is None:
        log.info("alerts go to this log only: api_id is not set in config.py")
        return None
    if settings.bot_token and settings.telegram_to == "me":
        raise ConfigurationError(Reason("bot to nobody"))
    from visitorsflow.telegram.account import Account  # Telethon is half of our start-up time
    from visitorsflow.telegram.sign_in import hold, take_over

    account, words = Account(settings, messages), Words(settings.language)
    if account.needs_a_person:
        take_over(account.session)
    hold(account.session)
    if account.needs_a_person and ask.somebody_is_there():
        try:
            account.sign_in(ask.at_terminal)
            log.info("signed in to Telegram as %s", settings.phone_number)
            print(words("sign-in done", phone=settings.phone_number))
        except VisitorsFlowError as error:
            log.warning("%s", error.reason)
            print(words("sign-in failed", reason=words.say(error.reason)))
    if account.is_own_recipient:
        log.info(
            'telegram_to = "me": alerts come 15 s late, as reminders; a group is better, it rings at once'
        )
    return account
