"""`uploadData.py --demo`: a day of a venue in two minutes, with the real loop, database and view.

Two cameras beside a temporary SQLite file: opening, rush, lunch, closing; a broken file, a silence, a camera
that dies. Nothing of this machine's own is touched: no config.py, no other database, no network.
"""

import shutil
import signal
import tempfile
import time
from pathlib import Path

from visitorsflow import collect_garbage, logs
from visitorsflow.demo.day import BEGIN, END, STEP
from visitorsflow.demo.venue import Venue
from visitorsflow.view import show
from visitorsflow.words import Language

SECONDS = 105  # that the day takes on a terminal
SEED = 1


def main(language: Language) -> int:
    """Show it on the terminal until Ctrl-C; elsewhere run through it. Prints the report, returns 0."""
    collect_garbage(seldom=False)
    logs.set_up("uploadData", None)
    is_over: list[bool] = []
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: is_over.append(True))
    folder = Path(tempfile.mkdtemp(prefix="visitorsflow-demo-"))
    try:
        venue = Venue(folder, language, SEED)
        if show.has_place():
            with show.shown(venue.state, venue.words, venue.settings.now, lambda: bool(is_over)):
                _play(venue, is_over)
        else:
            for _ in venue.live_through():
                if is_over:
                    break
        print(venue.report())
        venue.close()
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _play(venue: Venue, is_over: list[bool]) -> None:
    """The day at a pace that people can follow; its end stays until somebody has seen enough."""
    pause = SECONDS * STEP / (END - BEGIN)
    for _ in venue.live_through():
        time.sleep(pause)
        if is_over:
            return
    while not is_over:
        time.sleep(0.2)
