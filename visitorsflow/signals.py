"""Ctrl-C, what a service manager sends, and what closing a terminal (on Windows, a console) sends."""

import signal
import sys

from visitorsflow.intake.watch import Wake


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
