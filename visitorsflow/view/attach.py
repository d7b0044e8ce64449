"""`uploadData.py --view`: the day of the venue on any PC that has the config.py. It writes nothing."""

import signal
import sys

from visitorsflow import logs
from visitorsflow.database.connection import Database
from visitorsflow.database.day import Today
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import DayRead, DayUnread, Events
from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings
from visitorsflow.signals import end_signals
from visitorsflow.venue.overview import READ_EVERY_SECONDS, Overview
from visitorsflow.view import terminal
from visitorsflow.view.answer import answer
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
    """A program that asks for JSON gets some, also when the database is away."""
    database, state = Database(settings), State(settings, uploads=False)
    code = 0
    try:
        database.see_that_it_is_there()
        today = Today(database, settings.now, makes=False, open_hours=settings.open_hours)
        state(DayRead(today.read()))
    except DatabaseAway as error:
        if not as_json:
            raise
        state(DayUnread(error.reason))
        code = 1
    finally:
        database.close()
    model = state.snapshot(settings.now())
    words = Words(settings.language)
    print(answer(model, words) if as_json else plain(screen(model, COLUMNS, ROWS, words)).rstrip())
    return code


def _live(settings: Settings, remark: Reason | None) -> int:
    database, state = Database(settings), State(settings, uploads=False)
    database.see_that_it_is_there()
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
