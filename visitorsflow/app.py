"""The parts of `uploadData.py`: built, subscribed to the events, started, and stopped in reverse."""

import contextlib
import logging
import math
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from visitorsflow import __version__, script
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.daily import ClosingMessage, DayOnPhone
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.ping import Heartbeat, Wellness
from visitorsflow.database.connection import Database
from visitorsflow.database.day import read_end
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import Messages
from visitorsflow.errors import ConfigurationError, VisitorsFlowError
from visitorsflow.events import DayRead, Event, Events, Listener
from visitorsflow.facts import DayEnd, DayGaps
from visitorsflow.intake import files, first_look
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Pulse, Wake, run_supervised
from visitorsflow.journal import Journal
from visitorsflow.rules.silence import Silence
from visitorsflow.settings import Settings
from visitorsflow.venue.overview import EVERY_SECONDS, READ_EVERY_SECONDS, Overview
from visitorsflow.venue.watch import CameraClockWatch, GapsOfDays, Venue
from visitorsflow.view import terminal
from visitorsflow.view.state import State
from visitorsflow.words import Words


class Signals:
    """Until `stop` each of them is a KeyboardInterrupt. To be made in the main thread."""

    def __init__(self) -> None:
        self._numbers = [signal.SIGINT, signal.SIGTERM]
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # by nohup
            self._numbers.append(signal.SIGHUP)
        if sys.platform == "win32":
            self._numbers.append(signal.SIGBREAK)
        for number in self._numbers:
            signal.signal(number, signal.default_int_handler)

    def stop(self, wake: Wake) -> None:
        """From now on the first one ends the loop after its transaction; a second Ctrl-C ends at once."""

        def end(number: int, _frame: object) -> None:
            closed = number not in (signal.SIGINT, signal.SIGTERM)
            wake.stop(", since the terminal was closed" if closed else "")
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        for number in self._numbers:
            signal.signal(number, end)


DELIVERY_AT_END_SECONDS = 3  # a person or a service manager waits for the end

DELIVERY_WITH_ONCE_SECONDS = 30

log = logging.getLogger("uploadData")


def upload(settings: Settings, folder: Path, *, once: bool, plain: bool) -> int:
    """Watch `folder` until a signal comes, or with `once` work it off. Returns the exit code."""
    database = Database(settings)
    log.info("VisitorsFlow %s: %s -> %s, camera %s", __version__, folder, database, settings.camera)
    if settings.host and "camera" not in settings.model_fields_set:
        log.warning("camera %s is from this machine's address: set `camera` in config.py", settings.camera)
    for name in settings.retired:
        log.warning("%s in config.py is not used any more: the line can go", name)
    signals = Signals()
    return _Parts(settings, folder, database, once=once, plain=plain).run(signals)


class _Parts:
    """All parts of the program, each knowing only those that it needs."""

    def __init__(
        self, settings: Settings, folder: Path, database: Database, *, once: bool, plain: bool
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._database = database
        self._once = once
        self._pulse, self._wake = Pulse(), Wake()
        self._words = Words(settings.language)
        self._has_view = not (once or plain) and terminal.has_place()
        self._events = Events(*self._listeners())

    def run(self, signals: Signals) -> int:
        signals.stop(self._wake)
        files.ignore_signals()
        if self._outbox:
            self._outbox.start(self._events.tell)
        if self._heartbeat:
            self._heartbeat.start()
        try:
            with self._shown():
                is_done = run_supervised(
                    self._work, self._pulse, self._wake, self._events.tell, self._settings.idle_seconds
                )
            if self._once:
                return 0 if is_done else 1
            log.info("stopped%s; what is in the folder waits for the next start", self._wake.why)
            return 0
        finally:
            self._close()

    def _listeners(self) -> Iterator[Listener]:
        settings = self._settings
        self._of_phone = Database(settings)
        self._outbox = open_outbox(settings, Messages(self._of_phone))
        self._venue = Venue(settings.camera, settings.open_hours, settings.capacity, time.monotonic())
        self._overview = Overview(
            settings,
            Database(settings),
            read_every=READ_EVERY_SECONDS if self._has_view else EVERY_SECONDS,
            can_tell=lambda: self._outbox is not None and self._outbox.can_tell and self._venue.is_ready,
        )
        self._alerts = Alerts(
            self._outbox, self._words, settings.now, camera=settings.camera, told=self._overview.told
        )
        self._state = State(settings, has_telegram=self._outbox is not None)
        self._heartbeat: Heartbeat | None = None
        yield Journal(settings.camera)
        yield self._alerts
        yield self._overview
        yield CameraClockWatch(settings, self._tell)
        if self._has_view:
            yield self._state
        if self._outbox and settings.status_message:
            yield from self._day_on_phone(self._outbox)
        if settings.heartbeat_url:
            well = Wellness()
            self._heartbeat = Heartbeat(settings.heartbeat_url, well.is_well)
            yield well

    def _day_on_phone(self, outbox: Outbox) -> Iterator[Listener]:
        settings = self._settings
        gaps = GapsOfDays(settings.open_hours, settings.now)
        closing = ClosingMessage(
            outbox,
            self._words,
            settings.open_hours,
            lambda day: _read_end(settings, day, gaps.of(day)),
            self._overview.closing_said,
        )
        yield gaps
        yield DayOnPhone(
            outbox, closing, self._words, settings.open_hours, lambda: self._venue.speaks, settings.now
        )

    def _work(self) -> bool:
        """The loop, in a thread of its own."""
        settings, pulse = self._settings, self._pulse
        pulse.beat(str(self._folder))
        make(self._folder, settings.home)
        pulse.rest()
        inbox = Inbox(self._folder, settings.settle_seconds, pulse=pulse)

        def when_found(table: PeopleFlow) -> None:
            first_look.say_what_is_odd(table, Inbox(self._folder, settings.settle_seconds, pulse=pulse))
            pulse.rest()
            self._overview.start(self._hear_of_the_day)

        uploader = Uploader(
            inbox,
            Archive(self._folder, lambda: settings.now().date(), pulse=pulse),
            PeopleFlow(self._database, settings.camera, when_found),
            Silence(math.inf if self._once else settings.idle_seconds, settings.open_hours, time.monotonic()),
            self._events.tell,
            self._wake,
            settings.now,
            pulse=pulse,
        )
        return uploader.once() if self._once else uploader.run()

    def _hear_of_the_day(self, event: Event) -> None:
        self._events.tell(event)
        if isinstance(event, DayRead) and not self._once:
            wall = self._settings.now().replace(tzinfo=None)
            self._events.tell(*self._venue.look(event.day, wall, time.monotonic()))

    def _tell(self, *events: Event) -> None:
        """For what begins before all listeners are there."""
        self._events.tell(*events)

    @contextlib.contextmanager
    def _shown(self) -> Iterator[None]:
        if not self._has_view:
            yield
            return
        with terminal.shown(self._state, self._words, self._settings.now, lambda: self._wake.stopping):
            yield

    def _close(self) -> None:
        if self._heartbeat:
            self._heartbeat.close()
        self._alerts.say_what_was_rejected()
        if self._outbox:
            self._outbox.close(DELIVERY_AT_END_SECONDS if self._wake.stopping else DELIVERY_WITH_ONCE_SECONDS)
        self._overview.close()  # the last that it writes is what was delivered
        self._database.close()
        self._of_phone.close()


def make(folder: Path, home: Path) -> None:
    """Make the folder when it is missing. Raises ConfigurationError for one that can never be right.

    Where it can't be made now, like on a network share that comes later, the loop tells it and goes on.
    """
    if own := script.held_by(folder, home):
        raise ConfigurationError(f"the folder {folder} holds {own}: give the camera one of its own")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        if any(os.path.islink(path) and not os.path.exists(path) for path in (folder, *folder.parents)):
            return  # a link to a share that is not mounted yet
        raise ConfigurationError(f"the folder {folder} can't be made: {error.strerror}") from None
    except OSError:
        return


def _read_end(settings: Settings, day: date, gaps: DayGaps | None) -> DayEnd:
    with contextlib.closing(Database(settings)) as database:  # once a day
        return read_end(database, day, gaps)


def open_outbox(settings: Settings, messages: Messages) -> Outbox | None:
    """The way to Telegram, not started yet. Signing in may ask at the terminal. Raises ConfigurationError."""
    if settings.api_id is None:
        log.info("alerts go to this log only: api_id is not set in config.py")
        return None
    if settings.bot_token and settings.telegram_to == "me":
        where = 'the number of a group or a person (uploadData.py --check shows them), or "@name"'
        raise ConfigurationError(f'telegram_to = "me": a bot can\'t write to itself; set {where}')
    from visitorsflow.telegram.account import Account  # Telethon is half of our start-up time
    from visitorsflow.telegram.sign_in import hold, take_over
    from visitorsflow.view import ask

    account = Account(settings, messages)
    if account.needs_a_person:
        take_over(account.session)
    hold(account.session)
    if account.needs_a_person and ask.somebody_is_there():
        try:
            account.sign_in(ask.at_terminal)
            log.info("signed in to Telegram as %s", settings.phone_number)
        except VisitorsFlowError as error:
            log.warning("%s", error)
    if account.is_own_recipient:
        log.info(
            'telegram_to = "me": alerts come 15 s late, as reminders; a group is better, it rings at once'
        )
    return Outbox(account.send, account.check, account.show)
