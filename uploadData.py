#!/usr/bin/env python3
"""Store every crossing of every JSON file in a folder, exactly once, and send an alert when none come."""

import argparse
import contextlib
import logging
import math
import os
import signal
import sys
import time
from pathlib import Path

from visitorsflow import __version__, attach, logs, script
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.session import take_over
from visitorsflow.database.overview import EVERY_SECONDS, Overview
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.transaction import Database
from visitorsflow.errors import ConfigurationError, VisitorsFlowError
from visitorsflow.events import Events
from visitorsflow.intake import first_look, lease
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.pulse import Pulse
from visitorsflow.intake.supervised import run_supervised
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Wake
from visitorsflow.journal import Journal
from visitorsflow.rules.silence import Silence
from visitorsflow.settings import Settings
from visitorsflow.view import show
from visitorsflow.view.state import State
from visitorsflow.words import Words

DELIVERY_AT_END_SECONDS = 3  # a person or a service manager waits for the end
DELIVERY_WITH_ONCE_SECONDS = 30
log = logging.getLogger("uploadData")


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 (with --once) something was rejected or waits, 2 wrong settings."""
    options = _options(argv)
    if options.demo:
        from visitorsflow import demo

        return demo.main(options.demo)
    if options.view:
        return attach.main(options.config, as_json=options.json)
    return script.run(
        "uploadData",
        options.config,
        lambda settings: _run(options, settings),
        when_interrupted=lambda: 0,
        watched=lambda settings: _watched(options, settings),
    )


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="uploadData.py", description=__doc__)
    parser.add_argument("folder", nargs="?", type=_path, help="the folder to watch (default: watch_folder)")
    parser.add_argument("--config", type=Path, help="the settings (default: config.py beside this script)")
    parser.add_argument("--once", action="store_true", help="work off the folder and end")
    parser.add_argument("--plain", action="store_true", help="log lines on the terminal, not the view")
    parser.add_argument("--view", action="store_true", help="only show the day of the venue; on any PC")
    parser.add_argument("--json", action="store_true", help="with --view: as one JSON object, then end")
    parser.add_argument(
        "--demo",
        nargs="?",
        const="zh-TW",
        choices=("zh-TW", "en"),
        help="see a day in two minutes; needs nothing",
    )
    parser.add_argument("--version", action="version", version=f"VisitorsFlow {__version__}")
    options = parser.parse_args(argv)
    if options.json and not options.view:
        parser.error("--json needs --view")
    if options.view and (options.folder or options.once or options.plain):
        parser.error("--view has no folder: it only shows what the database knows")
    return options


def _path(text: str) -> Path:
    if not text.strip():  # as from an unset variable in a shell
        raise argparse.ArgumentTypeError("the name of the folder is empty")
    return Path(os.path.expanduser(text))  # a service manager leaves the ~ to us


def _watched(options: argparse.Namespace, settings: Settings) -> Path:
    folder: Path = options.folder or settings.under_home(settings.watch_folder)
    return Path(os.path.abspath(folder))


def _run(options: argparse.Namespace, settings: Settings) -> int:
    folder, pulse = _watched(options, settings), Pulse()
    database = Database(settings)
    has_view = not (options.once or options.plain) and show.has_place()
    read_every = attach.READ_EVERY_SECONDS if has_view else EVERY_SECONDS
    overview = Overview(settings, Database(settings), read_every=read_every)

    def when_found(table: PeopleFlow) -> None:
        first_look.say_what_is_odd(table, Inbox(folder, settings.settle_seconds, pulse=pulse))
        pulse.rest()
        overview.start(events.tell)

    table = PeopleFlow(database, settings.camera, when_found)
    log.info("VisitorsFlow %s: %s -> %s, camera %s", __version__, folder, database, settings.camera)
    if settings.host and "camera" not in settings.model_fields_set:
        log.warning("camera %s is from this machine's address: set `camera` in config.py", settings.camera)
    for name in settings.retired:
        log.warning("%s in config.py is not used any more: the line can go", name)
    signals = _signals_to_end()
    for number in signals:  # until the loop can end in order
        signal.signal(number, signal.default_int_handler)
    outbox = _outbox(settings)
    alerts = Alerts(outbox, Words(settings.language), settings.now)
    state = State(settings, has_telegram=outbox is not None)
    events = Events(Journal(settings.camera), alerts, overview, *([state] if has_view else []))
    wake = Wake()
    uploader = Uploader(
        Inbox(folder, settings.settle_seconds, pulse=pulse),
        Archive(folder, lambda: settings.now().date(), pulse=pulse),
        table,
        Silence(math.inf if options.once else settings.idle_seconds, settings.open_hours, time.monotonic()),
        events.tell,
        wake,
        settings.now,
        pulse=pulse,
    )
    _stop_on(signals, wake)
    lease.ignore_signals()

    def work() -> bool:
        pulse.beat(str(folder))
        _make(folder, settings.home)
        pulse.rest()
        return uploader.once() if options.once else uploader.run()

    try:
        with contextlib.ExitStack() as stack:
            if has_view:
                view = show.shown(state, Words(settings.language), settings.now, lambda: wake.stopping)
                stack.enter_context(view)
            is_done = run_supervised(work, pulse, wake, events.tell, settings.idle_seconds)
        if options.once:
            return 0 if is_done else 1
        log.info("stopped%s; what is in the folder waits for the next start", wake.why)
        return 0
    finally:
        overview.close()
        alerts.say_what_was_rejected()
        if outbox:
            outbox.close(DELIVERY_AT_END_SECONDS if wake.stopping else DELIVERY_WITH_ONCE_SECONDS)
        database.close()


def _make(folder: Path, home: Path) -> None:
    """Make the folder when it is missing. Raises ConfigurationError for one that can never be right.

    Where it can't be made now, like on a network share that comes later, the loop tells it and goes on.
    """
    resolved = folder.resolve()
    for own in (home, script.PROJECT):
        if resolved in (own, *own.parents):  # its .json files are not the camera's
            raise ConfigurationError(f"the folder {folder} holds {own}: give the camera one of its own")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConfigurationError(f"the folder {folder} can't be made: {error.strerror}") from None
    except OSError:
        return


def _outbox(settings: Settings) -> Outbox | None:
    """The way to Telegram; signing in asks at the terminal if there is one, and nothing else waits for it."""
    if settings.api_id is None:
        log.info("alerts go to this log only: api_id is not set in config.py")
        return None
    from visitorsflow.alerts import telegram  # Telethon is half of our start-up time
    from visitorsflow.view import ask

    account = telegram.Account(settings)
    take_over(account.session)
    if not account.session.exists() and ask.somebody_is_there():
        try:
            account.sign_in(ask.at_terminal)
            log.info("signed in to Telegram as %s", settings.phone_number)
        except VisitorsFlowError as error:
            log.warning("%s", error)
    outbox = Outbox(account.send, account.check)
    outbox.start()
    return outbox


def _signals_to_end() -> list[signal.Signals]:
    """Ctrl-C, what a service manager sends, and what closing a terminal (on Windows, a console) sends."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # by nohup
        numbers.append(signal.SIGHUP)
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    return numbers


def _stop_on(signals: list[signal.Signals], wake: Wake) -> None:
    """The first one ends the loop after its transaction; a second Ctrl-C ends at once."""

    def stop(number: int, _frame: object) -> None:
        closed = number not in (signal.SIGINT, signal.SIGTERM)
        wake.stop(", since the terminal was closed" if closed else "")
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    for number in signals:
        signal.signal(number, stop)


if __name__ == "__main__":
    raise SystemExit(logs.leave(main()))
