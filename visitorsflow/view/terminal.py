"""Where the view is shown, and what it is fed with besides the events."""

import contextlib
import errno
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from rich.color import ColorSystem

from visitorsflow import logs, timeouts
from visitorsflow.reasons import Reason
from visitorsflow.view import ask
from visitorsflow.view.draw import Line
from visitorsflow.view.screen import Prompt, help_screen, screen
from visitorsflow.view.state import State
from visitorsflow.words import Words

CHUNK = 2048  # bytes; when what it had is dropped, a terminal takes 8192 at least
# Another screen, no cursor, and no new line where a line is too long.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
# The first sign ends a sequence that was cut.
_LEAVE = "\x18\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l"
LOOK_EVERY_SECONDS = 0.2  # at the size, and whether it is over
DRAW_EVERY_LOOKS = 5
AT_END_SECONDS = 1.0
LOOSENED_SECONDS = 0.5
STOPPING_SECONDS = 0.05
CTRL_Z = "\x1a"
HELP_KEYS, END_KEYS, YES_KEYS = "?？hH", "qQ", "yY"
NO_KEYS = "nN\r\n\x1b"
# What they log is told by events too.
_TOLD_BY_EVENTS = ("visitorsflow.journal", "visitorsflow.alerts.alerts", "visitorsflow.alerts.outbox")
log = logging.getLogger(__name__)


def has_place() -> bool:
    """Is there a terminal that somebody may look at, and that can show more than lines."""
    return ask.somebody_is_there() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


class View:
    """The view model of `state` on the terminal, drawn by a thread for which nobody waits.

    Log lines go to the log file only in the meantime, and the warnings among them to `state` too: those of
    the start stay until somebody has seen them. It ends when `is_over()` says so, when it is closed, or when
    the terminal is gone; where it `only_shows`, with the key q too. `is_asking()`: Ctrl-C was pressed, and
    ends the program when it is pressed again. `now` gives the local time.
    """

    def __init__(
        self,
        state: State,
        words: Words,
        now: Callable[[], datetime],
        is_over: Callable[[], bool],
        *,
        is_asking: Callable[[], bool] = lambda: False,
        only_shows: bool = False,
    ) -> None:
        self._state = state
        self._words = words
        self._now = now
        self._is_over = is_over
        self._is_asking = is_asking
        self._only_shows = only_shows
        self._remarks = _Remarks(state)
        self._terminal = FullScreen()
        self._closed = threading.Event()
        self._shows_help = False
        self._question = _Question()
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)

    def start(self) -> None:
        logs.take_terminal()
        for record in logs.warnings_until_now():
            if said := _said(record):
                self._state.notice(said)
        logging.getLogger().addHandler(self._remarks)
        self._thread.start()

    @property
    def is_shown(self) -> bool:
        """True until it has ended, by itself or not."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Until it has ended by itself."""
        while self._thread.is_alive():
            self._thread.join(LOOK_EVERY_SECONDS)

    def ask(self, question: str, seconds: float) -> bool | None:
        """Ask whoever sits there, from another thread; None when nobody answers within `seconds`."""
        return self._question.ask(
            question, seconds, lambda: self._closed.is_set() or self._is_over() or not self._thread.is_alive()
        )

    def close(self) -> bool:
        """End it, if it can be ended. False: the terminal takes nothing, and its thread is left behind."""
        logging.getLogger().removeHandler(self._remarks)
        self._closed.set()
        self._thread.join(AT_END_SECONDS)
        if self._thread.is_alive():
            self._terminal.loosen()
            self._thread.join(LOOSENED_SECONDS)
            timeouts.leave_behind(self._thread)
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
        logs.give_terminal_back()
        if isinstance(failure, OSError):
            log.info("the view has ended, since the terminal is gone: %s", failure.strerror)
        elif failure:
            log.error("the view has a defect; log lines follow instead", exc_info=failure)

    def _draw_until_over(self) -> None:
        shown: tuple[os.terminal_size, Prompt, bool] | None = None
        looks = 0
        while not (self._is_over() or self._closed.is_set()):
            size, prompt = self._terminal.size(), self._prompt()
            wanted = (size, prompt, self._shows_help)
            if wanted != shown or looks >= DRAW_EVERY_LOOKS:
                self._terminal.show(self._lines(size, prompt), size)
                shown, looks = wanted, 0
            looks += 1
            keys = self._terminal.keys(LOOK_EVERY_SECONDS)
            if keys:
                looks = DRAW_EVERY_LOOKS
                if self._has_ended_by(keys):
                    return

    def _lines(self, size: os.terminal_size, prompt: Prompt) -> list[Line]:
        if self._shows_help:
            return help_screen(size.columns, size.lines, self._words)
        model = self._state.snapshot(self._now())
        return screen(model, size.columns, size.lines, self._words, prompt)

    def _prompt(self) -> Prompt:
        question = self._question.text
        if self._is_asking():
            return Prompt(self._words("view ending"), True, question)
        return Prompt(self._words("view keys only" if self._only_shows else "view keys"), False, question)

    def _has_ended_by(self, keys: str) -> bool:
        """Do what the keys say. True: it is over."""
        if CTRL_Z in keys:
            self._pause()
        elif self._question.text:
            self._shows_help = False
            self._question.answer(keys)
        elif self._only_shows and any(key in END_KEYS for key in keys):
            return True
        else:
            self._shows_help = not self._shows_help and any(key in HELP_KEYS for key in keys)
            self._state.seen()
        return False

    def _pause(self) -> None:
        """Stop the program as Ctrl-Z does; when it goes on in the foreground, show the view again."""
        self._terminal.leave()
        logs.give_terminal_back()
        stop_like_ctrl_z()
        while not (ask.somebody_is_there() or self._is_over()) and not self._closed.wait(LOOK_EVERY_SECONDS):
            pass  # it works on in the background
        logs.take_terminal()
        self._terminal.enter()


class _Question:
    """One question at a time, asked in one thread and answered in another."""

    def __init__(self) -> None:
        self.text = ""
        self._answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def ask(self, text: str, seconds: float, is_over: Callable[[], bool]) -> bool | None:
        self.text = text
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline and not is_over():
                with contextlib.suppress(queue.Empty):
                    return self._answers.get(timeout=LOOK_EVERY_SECONDS)
            return None
        finally:
            self.text = ""

    def answer(self, keys: str) -> None:
        """Take the first key that is an answer; Enter is a no."""
        for key in keys:
            if key in YES_KEYS or key in NO_KEYS:
                self._answers.put(key in YES_KEYS)
                return


def stop_like_ctrl_z() -> None:
    """Stop this program and what was started with it, until the shell lets them go on.

    One signal for all: another, to this thread, could come only after the shell had let them go on, and
    would stop them a second time.
    """
    if sys.platform != "win32":
        import signal

        # Another thread takes it; until then it is seen to be pending, and this one goes no further.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
        os.killpg(os.getpgrp(), signal.SIGTSTP)
        while signal.SIGTSTP in signal.sigpending():
            time.sleep(STOPPING_SECONDS)
        time.sleep(STOPPING_SECONDS)  # from the taking of it to the stop
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Remarks(logging.Handler):
    def __init__(self, state: State) -> None:
        super().__init__(logging.WARNING)
        self._state = state

    def emit(self, record: logging.LogRecord) -> None:
        if said := _said(record):
            self._state.remark(said)


def _said(record: logging.LogRecord) -> Reason | str | None:
    """The reason that a line of the log consists of, or its text; None for what is told by events too."""
    if record.name.startswith(_TOLD_BY_EVENTS) or getattr(record, "is_told", False):
        return None
    reasons = [one for one in record.args if isinstance(one, Reason)] if record.args else []
    if record.msg == "%s" and reasons:
        return reasons[0]
    return record.getMessage()


class FullScreen:
    """Standard output, which must be a terminal. Each method may raise OSError: the terminal is gone."""

    def __init__(self) -> None:
        self._file = sys.stdout.fileno()
        self._typed = sys.stdin.fileno()
        # Not sys.stdout: its lock would be held for as long as nobody reads the terminal.
        self._raw = open(self._file, "wb", buffering=0, closefd=False)  # noqa: SIM115
        self._encoding = sys.stdout.encoding
        self._size = os.terminal_size((0, 0))
        self._before: list[Any] | None = None
        self._is_loosened = False

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

    def keys(self, seconds: float) -> str:
        """Wait up to `seconds` for keys; "" when none was pressed."""
        if sys.platform == "win32":
            return _windows_keys(seconds)
        import select

        if not select.select([self._typed], [], [], seconds)[0]:
            return ""
        if not ask.somebody_is_there():  # reading in the background would stop the program
            time.sleep(seconds)
            return ""
        typed = os.read(self._typed, 1024)
        if not typed:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return typed.decode(errors="replace")

    def leave(self) -> None:
        """Cursor, lines and what is typed are seen again, as before."""
        try:
            self._write(_LEAVE)
        finally:
            _restore(self._file, self._before)

    def loosen(self) -> None:
        """Let the writer go on that is held up, since nobody reads what is shown; what is typed is shown.

        What it was about to show is dropped, but for how to leave.
        """
        self._is_loosened = True
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
            rest = rest[self._raw.write(rest[:CHUNK]) or 0 :]
            if self._is_loosened and text != _LEAVE:
                return


def _windows_keys(seconds: float) -> str:
    import msvcrt

    deadline = time.monotonic() + seconds
    while not msvcrt.kbhit():  # type: ignore[attr-defined]
        if time.monotonic() >= deadline:
            return ""
        time.sleep(0.05)
    return str(msvcrt.getwch())  # type: ignore[attr-defined]


def _without_echo(file: int) -> list[Any] | None:
    """Show no more what is typed, take each key at once, and let none freeze the screen.

    Ctrl-C works as before; Ctrl-Z is a key like others. Returns how it was. On Windows it lets the console
    take our sequences instead.
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
        changed[3] &= ~(termios.ECHO | termios.ICANON)
        changed[6][termios.VMIN], changed[6][termios.VTIME] = 1, 0
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
