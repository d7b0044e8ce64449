"""Where the view is shown, and what it is fed with besides the events."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime

from visitorsflow import logs
from visitorsflow.view import ask
from visitorsflow.view.lines import Line
from visitorsflow.view.live import Live
from visitorsflow.view.screen import screen
from visitorsflow.view.state import State
from visitorsflow.words import Words

# What they log is told by events too.
_TOLD_BY_EVENTS = ("visitorsflow.journal", "visitorsflow.alerts.alerts")


def has_place() -> bool:
    """Whether there is a terminal that somebody may look at, and that can show more than lines."""
    return ask.somebody_is_there() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


@contextlib.contextmanager
def shown(
    state: State, words: Words, now: Callable[[], datetime], is_over: Callable[[], bool]
) -> Iterator[Live]:
    """Show the picture of the day on the terminal until `is_over()`, or to the end of the block.

    Log lines go to the log file only in the meantime, and the warnings among them to `state` too.
    """

    def lines(size: os.terminal_size) -> list[Line]:
        return screen(state.snapshot(now()), size.columns, size.lines, words)

    live = Live(lines, is_over, logs.give_terminal_back)
    remarks = _Remarks(state)
    logs.take_terminal()
    logging.getLogger().addHandler(remarks)
    live.start()
    try:
        yield live
    finally:
        logging.getLogger().removeHandler(remarks)
        live.close()


class _Remarks(logging.Handler):
    def __init__(self, state: State) -> None:
        super().__init__(logging.WARNING)
        self._state = state

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_TOLD_BY_EVENTS):
            self._state.remark(record.getMessage())
