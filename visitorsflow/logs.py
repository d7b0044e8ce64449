"""Where the scripts' lines go: the terminal, and a rotating file beside config.py."""

import logging
import os
import queue
import sys
import time
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

from visitorsflow.errors import ConfigurationError
from visitorsflow.text import printable

FLUSH_SECONDS = 2
FORMAT = "%(asctime)s %(levelname)-7s %(message)s"


def set_up(script: str, home: Path, warning: str = "") -> None:
    """Send log lines, `warning` first, to standard error and to home/log/SCRIPT.log (5 × 5 MB).

    A log that can't be written (no permission, disk full) never stops the work.
    """
    logging.raiseExceptions = False
    for stream in (sys.stdout, sys.stderr):  # a terminal's code page may know no Chinese
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    handlers: list[logging.Handler] = [_terminal_handler()]
    path = home / "log" / f"{script}.log"
    try:
        path.parent.mkdir(exist_ok=True)
        handlers.append(
            RotatingFileHandler(path, maxBytes=5_000_000, backupCount=4, encoding="utf-8", errors="replace")
        )
    except OSError as error:
        warning = f"no log file: {error}. {warning}"
    for handler in handlers:
        handler.setFormatter(_OneLine(FORMAT, "%Y-%m-%d %H:%M:%S"))
        root.addHandler(handler)
    for chatty in ("telethon", "asyncio", "urllib3"):  # we say ourselves, in one line, what went wrong
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    if warning:
        root.warning(warning)


def say_what_to_mend(script: str, config: Path, error: ConfigurationError) -> None:
    """Print an error and its advice as they are, to be read and copied, and keep them in the log."""
    flush()
    print(f"{script}: {error}\n{error.advice}".rstrip(), file=sys.stderr)
    if not logging.getLogger().handlers:
        if not os.path.exists(config):  # a closed folder is no error here
            return
        set_up(script, config.parent)
    for line in f"{error}\n{error.advice}".splitlines():
        logging.getLogger(script).error("%s", line, extra={"is_on_terminal": True})


def flush() -> None:
    """Wait until the terminal shows what was logged, or it is clear that nobody reads it."""
    deadline = time.monotonic() + FLUSH_SECONDS
    while _for_terminal.unfinished_tasks and time.monotonic() < deadline:
        time.sleep(0.005)


def leave(exit_code: int) -> int:
    """The last thing a script does; on a terminal that nobody reads it ends here and now."""
    flush()
    if _for_terminal.unfinished_tasks:
        os._exit(exit_code)
    return exit_code


# A terminal that is not read (Ctrl-S, a selection on Windows) holds up its writer: that may be this
# queue's thread, never the loop. When it is full, lines are only in the log file.
_for_terminal: "queue.Queue[logging.LogRecord]" = queue.Queue(1000)


def _terminal_handler() -> logging.Handler:
    terminal = logging.StreamHandler()
    QueueListener(_for_terminal, terminal).start()
    handler = QueueHandler(_for_terminal)
    handler.addFilter(lambda record: not getattr(record, "is_on_terminal", False))
    return handler


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = printable(record.message)
        return super().formatMessage(record)
