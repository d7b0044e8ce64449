"""Where the scripts' lines go: the terminal, and a rotating file beside config.py."""

import contextlib
import logging
import os
import sys
import threading
import time
from pathlib import Path

from visitorsflow.errors import ConfigurationError
from visitorsflow.text import printable
from visitorsflow.writers import LogFile, Terminal, Writer

FLUSH_SECONDS = 2
FORMAT = "%(asctime)s %(levelname)-7s %(message)s"


def set_up(script: str, home: Path | None, warning: str = "") -> None:
    """Send log lines, `warning` first, to standard error and to home/log/SCRIPT.log (5 × 5 MB).

    Without `home` there is no file.

    A log that can't be written (no permission, disk full, a disk that hangs) never holds up the work.
    """
    logging.raiseExceptions = False
    for stream in (sys.stdout, sys.stderr):  # a terminal's code page may know no Chinese
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    formatter = _OneLine(FORMAT, "%Y-%m-%d %H:%M:%S")
    _writers.append(Terminal(formatter))
    if home:
        _writers.append(LogFile(home / "log" / f"{script}.log", formatter))
    handler = _ToWriters()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    for chatty in ("telethon", "asyncio", "urllib3"):  # we say ourselves, in one line, what went wrong
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    if warning:
        root.warning(warning)


def say_what_to_mend(script: str, config: Path | None, error: ConfigurationError) -> None:
    """Print an error and its advice as they are, to be read and copied, and keep them in the log.

    Without `config` there is no log to keep them in.
    """
    flush()
    with contextlib.suppress(OSError):  # nobody reads it any more; the log keeps it
        print(f"{script}: {error}\n{error.advice}".rstrip(), file=sys.stderr)
    if not logging.getLogger().handlers:
        if config is None or not os.path.exists(config):  # a closed folder is no error here
            return
        set_up(script, config.parent)
    for line in f"{error}\n{error.advice}".splitlines():
        logging.getLogger(script).error("%s", line, extra={"is_on_terminal": True})


def take_terminal() -> None:
    """From now on no line goes to the terminal, since something else is shown there.

    Where standard error is no terminal, it goes on getting the lines.
    """
    if sys.stderr and sys.stderr.isatty():
        flush()
        _taken.set()


def give_terminal_back() -> None:
    """Lines go to the terminal again."""
    _taken.clear()


def flush() -> None:
    """Wait until the terminal and the log file have what was logged, or it is clear that they won't."""
    deadline = time.monotonic() + FLUSH_SECONDS
    while any(_is_worth_waiting(writer) for writer in _writers) and time.monotonic() < deadline:
        time.sleep(0.005)


def leave(exit_code: int) -> int:
    """The last thing a script does; with a terminal or a disk that hangs it ends here and now."""
    flush()
    if not all(writer.is_done() for writer in _writers):
        if sys.stdout:
            with contextlib.suppress(OSError):
                sys.stdout.flush()
        os._exit(exit_code)
    return exit_code


_writers: list[Writer] = []
_taken = threading.Event()


def _is_worth_waiting(writer: Writer) -> bool:
    return not (writer.is_done() or writer.failing or writer.held_up_for() > FLUSH_SECONDS)


class _ToWriters(logging.Handler):
    """One for all writers: a line is formatted once, and they all have the lines in the same order."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n"
        except Exception:  # noqa: BLE001 - a line that can't be made must not stop the work
            self.handleError(record)
            return
        is_shown = not (getattr(record, "is_on_terminal", False) or _taken.is_set())
        for writer in _writers:
            if is_shown or not isinstance(writer, Terminal):
                writer.write(line)


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = printable(record.message)
        return super().formatMessage(record)
