"""A program at a terminal that is read as a person sees it: with size, colours and another screen."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import pyte
import pyte.modes

from tests import forks

ALTERNATE_SCREEN = 1049 << 5  # as pyte keeps the modes that it does not know


class Terminal:
    """The program sees a terminal of `columns` × `rows`; it is read only while somebody waits here."""

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> None:
        self.master, slave = pty.openpty()
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._text = ""  # of the screen, once it was asked for; to lay it out takes longer than to look at it
        self.raw = b""
        self._set_size(columns, rows)
        self.before = termios.tcgetattr(slave)
        usual = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.process = forks.start(
            command,
            fresh=fresh,
            terminal=True,  # its own, as of a login
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**usual, "TERM": "xterm-256color", **(environment or {})},
        )
        self._slave = slave

    def text(self) -> str:
        """What is on the screen now, as far as it was read."""
        if not self._text:
            # pyte's own `display` fails on half a wide character, as there is while a picture is drawn.
            rows = (self.screen.buffer[y] for y in range(self.screen.lines))
            cells = ((row[x].data for x in range(self.screen.columns)) for row in rows)
            self._text = "\n".join("".join(line).rstrip() for line in cells)
        return self._text

    def read(self, seconds: float = 0.05) -> None:
        """Read what comes within `seconds`."""
        if select.select([self.master], [], [], seconds)[0]:
            with contextlib.suppress(OSError):  # nobody has it open any more
                read = os.read(self.master, 65536)
                self.raw += read
                self._stream.feed(read)
                self._text = ""

    def wait_for(self, *texts: str, seconds: float = 30) -> None:
        """Until all of these are on the screen."""
        self.wait_until(lambda: all(text in self.text() for text in texts), " and ".join(texts), seconds)

    def wait_until(self, condition: Callable[[], object], what: str = "", seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not so after {seconds} s: {what}\n{self.text()}"
            self.read()

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end_by_ctrl_c(self) -> int:
        """Press it twice, as an uploader asks for. Returns the exit code."""
        self.type("\x03")
        self.wait_for("再按一次 Ctrl-C")
        self.type("\x03")
        return self.end()

    def stop(self) -> None:
        """As Ctrl-S does where it is not switched off: nothing that is written comes through."""
        termios.tcflow(self._slave, termios.TCOOFF)

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self._text = ""
        self._set_size(columns, rows)

    def end(self) -> int:
        """Wait for the end, reading on. Returns the exit code."""
        self.wait_until(lambda: self.process.poll() is not None, "the program has ended")
        while select.select([self.master], [], [], 0)[0]:
            self.read()
        return self.process.returncode

    def close(self) -> None:
        """As a window is closed."""
        for file in (self.master, self._slave):
            with contextlib.suppress(OSError):
                os.close(file)

    def assert_is_as_before(self) -> None:
        """Its screen, its cursor, its lines, and whether what is typed is seen."""
        assert ALTERNATE_SCREEN not in self.screen.mode
        assert not self.screen.cursor.hidden
        assert pyte.modes.DECAWM in self.screen.mode
        assert termios.tcgetattr(self._slave) == self.before

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


@contextlib.contextmanager
def terminal(
    command: Sequence[str], columns: int = 80, rows: int = 24, fresh: bool = False, /, **environment: str
) -> Iterator[Terminal]:
    """A program at a terminal, ended at the end of the block if it has not."""
    shown = Terminal(command, columns, rows, environment, fresh)
    try:
        yield shown
    finally:
        if shown.process.poll() is None:
            shown.process.send_signal(signal.SIGKILL)
            shown.process.wait()
        shown.close()
