"""The signals that end a program: Ctrl-C, a service manager's, and that of a terminal that was closed."""

import signal
from typing import Protocol


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

    Until `stop` each of them is a KeyboardInterrupt. To be made in the main thread.
    """

    def __init__(self) -> None:
        self._numbers = end_signals()
        for number in self._numbers:
            signal.signal(number, signal.default_int_handler)

    def stop(self, loop: Stoppable) -> None:
        """From now on the first one ends the loop after its transaction; a second Ctrl-C ends at once."""

        def end(number: int, _frame: object) -> None:
            closed = number not in (signal.SIGINT, signal.SIGTERM)
            loop.stop(", since the terminal was closed" if closed else "")
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        for number in self._numbers:
            signal.signal(number, end)
