"""The terminal while a full screen is shown on it: taken over, written to, and left as it was.

Only the thread that shows the screen uses it; `loosen` alone is for another one.
"""

import contextlib
import os
import sys
from typing import Any

from rich.color import ColorSystem

from visitorsflow.view.lines import Line

# Another screen, no cursor, and no new line where a line is too long.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE = "\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l"


class FullScreen:
    """Standard output, which must be a terminal. Each method may raise OSError: the terminal is gone."""

    def __init__(self) -> None:
        self._file = sys.stdout.fileno()
        # Not sys.stdout: its lock would be held for as long as nobody reads the terminal.
        self._raw = open(self._file, "wb", buffering=0, closefd=False)  # noqa: SIM115
        self._encoding = sys.stdout.encoding
        self._size = os.terminal_size((0, 0))
        self._before: list[Any] | None = None

    def size(self) -> os.terminal_size:
        return os.get_terminal_size(self._file)

    def enter(self) -> None:
        self._before = _without_echo(self._file)
        self._write(_ENTER)

    def show(self, lines: list[Line], size: os.terminal_size) -> None:
        """Write over what is there, without clearing it first: nothing flickers."""
        clear = "\x1b[2J" if size != self._size else ""  # what a wider screen has left
        self._size = size
        rows = (f"\x1b[{row};1H{self._as_text(line)}\x1b[K" for row, line in enumerate(lines, start=1))
        self._write(clear + "".join(rows))

    def leave(self) -> None:
        """Cursor, lines and what is typed are seen again, as before."""
        try:
            self._write(_LEAVE)
        finally:
            _restore(self._file, self._before)

    def loosen(self) -> None:
        """Let the writer go on that is held up, since nobody reads what is shown; what is typed is shown."""
        if sys.platform != "win32":
            import termios

            _restore(self._file, self._before)
            with contextlib.suppress(termios.error):
                termios.tcflush(self._file, termios.TCOFLUSH)
                for flow in (termios.TCOOFF, termios.TCOON):  # only the change wakes the writer
                    termios.tcflow(self._file, flow)

    def _as_text(self, line: Line) -> str:
        return "".join(
            style.render(text, color_system=ColorSystem.STANDARD) if style else text
            for text, style, _ in line
        )

    def _write(self, text: str) -> None:
        rest = memoryview(text.encode(self._encoding, "replace"))
        while rest:
            rest = rest[self._raw.write(rest) or 0 :]


def _without_echo(file: int) -> list[Any] | None:
    """Show no more what is typed, and let no key stop the program or freeze the screen.

    Ctrl-C works as before. Returns how it was. On Windows it lets the console take our sequences instead.
    """
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetConsoleMode(kernel.GetStdHandle(-11), 7)
        return None
    import termios

    try:
        before = termios.tcgetattr(file)
        changed = termios.tcgetattr(file)
        changed[0] &= ~termios.IXON  # Ctrl-S
        changed[3] &= ~termios.ECHO
        changed[6][termios.VSUSP] = b"\0"  # Ctrl-Z
        termios.tcsetattr(file, termios.TCSANOW, changed)
    except termios.error as error:
        raise OSError(*error.args) from None
    return before


def _restore(file: int, before: list[Any] | None) -> None:
    if sys.platform != "win32" and before is not None:
        import signal
        import termios

        # Changing the terminal from its background would stop the whole program.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        with contextlib.suppress(termios.error):
            termios.tcsetattr(file, termios.TCSANOW, before)
