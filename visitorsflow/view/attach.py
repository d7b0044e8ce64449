"""`uploadData.py --view`: the day of the venue on any PC that has the config.py. It writes nothing."""

import os
import signal
import sys

from visitorsflow import logs
from visitorsflow.database.connection import Database
from visitorsflow.database.day import Today
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import DayRead, Events
from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings
from visitorsflow.signals import end_signals
from visitorsflow.venue.overview import READ_EVERY_SECONDS, Overview
from visitorsflow.view import terminal
from visitorsflow.view.draw import plain
from visitorsflow.view.screen import COLUMNS, ROWS, screen
from visitorsflow.view.state import State
from visitorsflow.words import Words


def attach(settings: Settings, *, as_json: bool = False, remark: Reason | None = None) -> int:
    """Show it until Ctrl-C; as JSON, or where there is no terminal, just once. Returns the exit code.

    `remark` is shown among what has happened.
    """
    is_live = terminal.has_place() and not as_json
    try:
        return _live(settings, remark) if is_live else _once(settings, as_json)
    except DatabaseAway as error:
        logs.flush()
        print(Words(settings.language).say(error.reason), file=sys.stderr)
        return 1


def _once(settings: Settings, as_json: bool) -> int:
    database, state = _open(settings)
    try:
        today = Today(database, settings.now, makes=False, open_hours=settings.open_hours)
        state(DayRead(today.read()))
    finally:
        database.close()
    model = state.snapshot(settings.now())
    words = Words(settings.language)
    print(model.as_json() if as_json else plain(screen(model, COLUMNS, ROWS, words)).rstrip())
    return 0


def _live(settings: Settings, remark: Reason | None) -> int:
    database, state = _open(settings)
    if remark:
        state.notice(remark)
    is_over = []

    def end(_number: int, _frame: object) -> None:
        is_over.append(True)

    for number in end_signals():
        signal.signal(number, end)
    events = Events()
    events.subscribe(state)
    overview = Overview(settings, database, events.tell, beats=False, read_every=READ_EVERY_SECONDS)
    try:
        words = Words(settings.language)
        view = terminal.View(state, words, settings.now, lambda: bool(is_over), only_shows=True)
        view.start()
        overview.start()
        view.wait()
        view.close()
    finally:
        overview.close()
    return 0


def _open(settings: Settings) -> tuple[Database, State]:
    database = Database(settings)
    url = database.engine.url
    if not url.host and not os.path.exists(url.database or ""):  # or it would be made by looking into it
        raise DatabaseAway(Reason("nothing yet", where=str(database)))
    return database, State(settings, uploads=False)
