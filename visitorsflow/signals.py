"""The signals that end a program: Ctrl-C, a service manager's, and that of a terminal that was closed."""

import signal
import time
from collections.abc import Callable
from typing import Protocol

AGAIN_SECONDS = 5.0  # in which Ctrl-C is to be pressed a second time


def end_signals() -> list[signal.Signals]:
    """Ctrl-C, what a service manager sends, and what closing a terminal or a console of Windows sends."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [number for name in names if (number := getattr(signal, name, None))]
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]  # by nohup


class Stoppable(Protocol):
    """A loop that ends soon after `stop`; `why` is what its last line says."""

    def stop(self, why: str = "") -> None: ...


class EndSignals:
    """Ctrl-C, what a service manager sends, and what closing a terminal (on Windows, a console) sends.

    Until `stop` each of them is a KeyboardInterrupt. To be made in the main thread. `clock` gives monotonic
    seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked_at: float | None = None  # when Ctrl-C was pressed first
        self._numbers = end_signals()
        for number in self._numbers:
            signal.signal(number, signal.default_int_handler)

    def is_asking(self) -> bool:
        """True when Ctrl-C was pressed, and ends the program when it is pressed again."""
        return self._asked_at is not None and self._clock() - self._asked_at < AGAIN_SECONDS

    def stop(self, loop: Stoppable, ask: Callable[[], None] | None = None) -> None:
        """From now on the first one ends the loop after its transaction; a second Ctrl-C ends at once.

        Where a person may press it by mistake, `ask` asks for another Ctrl-C within AGAIN_SECONDS: only that
        one ends the loop. It is called in the signal's handler, where no lock may be taken.
        """

        def end(number: int, _frame: object) -> None:
            if number == signal.SIGINT and ask and not self.is_asking():
                self._asked_at = self._clock()
                ask()
                return
            closed = number not in (signal.SIGINT, signal.SIGTERM)
            loop.stop(", since the terminal was closed" if closed else "")
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        for number in self._numbers:
            signal.signal(number, end)
