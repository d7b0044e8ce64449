#!/usr/bin/env python3
"""Store every crossing of every JSON file in a folder, exactly once, and send an alert when none come."""

import argparse
import logging
import math
import signal
import time
from pathlib import Path

from visitorsflow import __version__, logs, script
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.alerts.session import take_over
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.errors import ConfigurationError, VisitorsFlowError
from visitorsflow.events import Events
from visitorsflow.intake import first_look
from visitorsflow.intake.archive import Archive
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.uploader import Uploader
from visitorsflow.intake.watch import Wake
from visitorsflow.journal import Journal
from visitorsflow.rules.silence import Silence
from visitorsflow.settings import Settings
from visitorsflow.words import Words

DELIVERY_AT_END_SECONDS = 3  # a person or a service manager waits for the end
DELIVERY_WITH_ONCE_SECONDS = 30
log = logging.getLogger("uploadData")


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 (with --once) something was rejected or waits, 2 wrong settings."""
    options = _options(argv)
    return script.run(
        "uploadData", options.config, lambda settings: _run(options, settings), when_interrupted=lambda: 0
    )


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="uploadData.py", description=__doc__)
    parser.add_argument("folder", nargs="?", type=_path, help="the folder to watch (default: watch_folder)")
    parser.add_argument("--config", type=Path, help="the settings (default: config.py beside this script)")
    parser.add_argument("--once", action="store_true", help="work off the folder and end")
    parser.add_argument("--version", action="version", version=f"VisitorsFlow {__version__}")
    return parser.parse_args(argv)


def _path(text: str) -> Path:
    if not text.strip():  # as from an unset variable in a shell
        raise argparse.ArgumentTypeError("the name of the folder is empty")
    return Path(text)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    folder = _folder(options.folder or settings.under_home(settings.watch_folder), settings.home)
    table = PeopleFlow(settings, lambda table: first_look.say_what_is_odd(table, folder))
    log.info("VisitorsFlow %s: %s -> %s, camera %s", __version__, folder, table, settings.camera)
    if settings.host and "camera" not in settings.model_fields_set:
        log.warning("camera %s is from this machine's address: set `camera` in config.py", settings.camera)
    for name in settings.retired:
        log.warning("%s in config.py is not used any more: the line can go", name)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until the loop can end in order
    outbox = _outbox(settings)
    alerts = Alerts(outbox, Words(settings.language), settings.now)
    events = Events(Journal(settings.camera), alerts)
    wake = Wake()
    limit = math.inf if options.once else settings.idle_seconds
    uploader = Uploader(
        Inbox(folder, settings.settle_seconds),
        Archive(folder, lambda: settings.now().date()),
        table,
        Silence(limit, settings.open_hours, time.monotonic()),
        events.tell,
        wake,
        settings.now,
    )
    _stop_on_signals(wake)
    uploader.open_table()
    try:
        if options.once:
            return 0 if uploader.once() else 1
        uploader.run()
        log.info("stopped; what is in the folder waits for the next start")
        return 0
    finally:
        alerts.say_what_was_rejected()
        if outbox:
            outbox.close(DELIVERY_AT_END_SECONDS if wake.stopping else DELIVERY_WITH_ONCE_SECONDS)
        table.close()


def _folder(path: Path, home: Path) -> Path:
    """The folder to watch: made when missing; never one whose .json files are not the camera's."""
    path = path.absolute()
    for own in (home, script.PROJECT):
        if path.resolve() in (own, *own.parents):
            raise ConfigurationError(f"the folder {path} holds {own}: give the camera one of its own")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"the folder {path} can't be made: {error.strerror}") from None
    return path


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


def _stop_on_signals(wake: Wake) -> None:
    """The first Ctrl-C or SIGTERM ends the loop after its transaction; a second Ctrl-C ends at once."""

    def stop(_number: int, _frame: object) -> None:
        wake.stop()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


if __name__ == "__main__":
    raise SystemExit(logs.leave(main()))
