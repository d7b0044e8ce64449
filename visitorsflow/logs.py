"""Where the scripts' lines go: the terminal, and a rotating file beside config.py."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)-7s %(message)s"


def set_up(script: str, home: Path) -> None:
    """Send log lines to standard error and to home/log/SCRIPT.log (5 × 5 MB).

    A log that can't be written (no permission, disk full) never stops the work.
    """
    logging.raiseExceptions = False
    for stream in (sys.stdout, sys.stderr):  # a terminal's code page may know no Chinese
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    path = home / "log" / f"{script}.log"
    try:
        path.parent.mkdir(exist_ok=True)
        handlers.append(
            RotatingFileHandler(path, maxBytes=5_000_000, backupCount=4, encoding="utf-8", errors="replace")
        )
    except OSError as error:
        trouble = f"no log file: {error}"
    else:
        trouble = ""
    for handler in handlers:
        handler.setFormatter(_OneLine(FORMAT, "%Y-%m-%d %H:%M:%S"))
        root.addHandler(handler)
    for chatty in ("telethon", "asyncio", "urllib3"):  # we say ourselves, in one line, what went wrong
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    if trouble:
        root.warning(trouble)


def printable(text: str) -> str:
    r"""The text with everything that could move a cursor or forge a line made visible.

    >>> printable("a\n\udcff.json")
    'a\\n\\udcff.json'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = printable(record.message)
        return super().formatMessage(record)
