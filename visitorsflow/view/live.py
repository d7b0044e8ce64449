"""The view on a terminal: one thread draws the newest picture, and nobody ever waits for it.

rich's Live is not used: it shares locks between the thread that draws and whoever prints (its issue
4158), and its end waits for a writer that is held up.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable

from visitorsflow.view.lines import Line
from visitorsflow.view.terminal import FullScreen

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.2  # at the size, and whether it is over
DRAW_EVERY_LOOKS = 5
AT_END_SECONDS = 1.0
LOOSENED_SECONDS = 0.5


class Live:
    """`lines(size)` makes the newest screen; `when_over` is called once, when the terminal is free again.

    It ends when `is_over()` says so, when it is closed, or when the terminal is gone.
    """

    def __init__(
        self,
        lines: Callable[[os.terminal_size], list[Line]],
        is_over: Callable[[], bool],
        when_over: Callable[[], None],
    ) -> None:
        self._lines = lines
        self._is_over = is_over
        self._when_over = when_over
        self._terminal = FullScreen()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait(self) -> None:
        """Until it has ended by itself."""
        while self._thread.is_alive():
            self._thread.join(LOOK_EVERY_SECONDS)

    def close(self) -> bool:
        """End it, if it can be ended. False: the terminal takes nothing, and its thread is left behind."""
        self._closed.set()
        self._thread.join(AT_END_SECONDS)
        if self._thread.is_alive():
            self._terminal.loosen()
            self._thread.join(LOOSENED_SECONDS)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            self._terminal.enter()
            self._draw_until_over()
        except Exception as error:  # noqa: BLE001 - said below, where it can be seen
            failure = error
        with contextlib.suppress(OSError):
            self._terminal.leave()
        self._when_over()
        if isinstance(failure, OSError):
            log.info("the view has ended, since the terminal is gone: %s", failure.strerror)
        elif failure:
            log.error("the view has a defect; log lines follow instead", exc_info=failure)

    def _draw_until_over(self) -> None:
        shown: os.terminal_size | None = None
        looks = 0
        while not self._is_over():
            size = self._terminal.size()
            if size != shown or looks >= DRAW_EVERY_LOOKS:
                self._terminal.show(self._lines(size), size)
                shown, looks = size, 0
            looks += 1
            if self._closed.wait(LOOK_EVERY_SECONDS):
                return
