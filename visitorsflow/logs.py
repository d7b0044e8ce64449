"""The scripts' log lines: to the terminal, and to a rotating file beside config.py.

A thread for each place writes them: only that thread waits for a terminal that nobody reads or a dead disk.
"""

import contextlib
import logging
import math
import os
import queue
import stat
import sys
import threading
import time
from io import FileIO
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import NoReturn

from visitorsflow import timeouts
from visitorsflow.errors import ConfigurationError
from visitorsflow.reasons import Reason
from visitorsflow.text import counted, printable
from visitorsflow.words import Language

WAITING_LINES = 10_000
KEPT_WARNINGS = 20
BATCH_LINES = 1000
LARGEST_FILE = 5_000_000
OLDER_FILES = 4
RETRY_SECONDS = 60.0
FLUSH_SECONDS = 2
FORMAT = "%(asctime)s %(levelname)-7s %(message)s"

log = logging.getLogger(__name__)


class Place(QueueListener):
    """The lines that wait for one place, in order.

    When WAITING_LINES wait, further ones are dropped; a line says how many when there is room again.
    """

    why_missing = ""
    failing = False

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()  # a signal may come in it
        super().__init__(self._lines)
        self._lock = threading.RLock()
        self._put = self._written = self._missing = 0
        self._began = math.inf
        self.start()

    def add(self, record: logging.LogRecord) -> None:
        """Take a line, and return at once, whatever the place does."""
        with self._lock:
            if self._put - self._written >= WAITING_LINES:
                self._missing += 1
                return
            self._say_what_is_missing()
            self._add(record)

    def handle(self, record: logging.LogRecord) -> None:
        """Write a line with those that wait behind it; called by the thread that `start` has begun."""
        records = [record]
        # In one go: whoever writes gives the interpreter away, and waits long to have it back.
        while len(records) < BATCH_LINES and not self._lines.empty():
            records.append(self._lines.get())
        self._began = time.monotonic()
        self._write("".join(f"{one.msg}\n" for one in records))
        self._began = math.inf
        with self._lock:
            self._written += len(records)
            if self.is_done():
                self._say_what_is_missing()

    def is_done(self) -> bool:
        """Every line is where it belongs."""
        return self._written >= self._put

    def held_up_for(self) -> float:
        """For how many seconds the place has not taken the lines that it was given."""
        return max(0.0, time.monotonic() - self._began)

    def _add(self, record: logging.LogRecord) -> None:
        self._lines.put(record)
        self._put += 1

    def _say_what_is_missing(self) -> None:
        if self._missing:
            lines = counted(self._missing, "line")
            text = f"{lines} {'is' if self._missing == 1 else 'are'} missing here: {self.why_missing}"
            self._missing = 0
            record = logging.makeLogRecord({"msg": text, "levelno": logging.WARNING, "levelname": "WARNING"})
            record.msg = _FORMATTER.format(record)
            self._add(record)

    def _write(self, text: str) -> None:
        raise NotImplementedError


class Terminal(Place):
    """Standard error."""

    why_missing = "nobody read the terminal; the log file has them"

    def _write(self, text: str) -> None:
        if sys.stderr:  # a program without a console has none
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(text)
                sys.stderr.flush()


class LogFile(Place):
    """A file that is followed by a new one when it is large, or when somebody has moved or deleted it.

    When it can't be written, that is said once, and tried again every RETRY_SECONDS; the lines wait.
    """

    why_missing = "the log could not be written"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_said = False
        super().__init__()

    def add(self, record: logging.LogRecord) -> None:
        """Take a line, and return at once; say it when the disk has not answered for long."""
        super().add(record)
        if self.held_up_for() > RETRY_SECONDS:
            self._say_that_it_fails("the disk does not answer")

    def _write(self, text: str) -> None:
        rest = memoryview(text.replace("\n", os.linesep).encode("utf-8", "replace"))
        while rest:
            try:
                self._path.parent.mkdir(exist_ok=True)
                self._make_room(len(rest))
                with FileIO(self._path, "ab") as file:
                    rest = rest[file.write(rest) :]
            except OSError as error:
                self._say_that_it_fails(error.strerror or str(error))
                time.sleep(RETRY_SECONDS)
        if self._is_said:
            log.info("the log file is written again")
            self._is_said = self.failing = False

    def _say_that_it_fails(self, reason: str) -> None:
        if not self._is_said:
            self._is_said = True
            log.warning("%s", Reason("no log file", path=str(self._path), why=reason))
        self.failing = True  # only now, so that nobody leaves before it is said

    def _make_room(self, length: int) -> None:
        """Give a file that has no room for `length` bytes the name *.1, and so on.

        The oldest is replaced when there is no free name. On Windows it grows on while somebody has it open.
        """
        with contextlib.suppress(OSError):
            found = self._path.stat()
            if not stat.S_ISREG(found.st_mode) or not found.st_size or found.st_size + length <= LARGEST_FILE:
                return
            names = [self._path, *(Path(f"{self._path}.{number + 1}") for number in range(OLDER_FILES))]
            free = next((index for index, name in enumerate(names) if not name.exists()), OLDER_FILES)
            for index in range(free, 0, -1):
                names[index - 1].replace(names[index])


def set_up(script: str, home: Path | None, warning: Reason | None = None) -> None:
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
    _places.append(Terminal())
    if home:
        _places.append(LogFile(home / "log" / f"{script}.log"))
    root.addHandler(_kept)
    handler = _ToPlaces(queue.SimpleQueue())
    handler.setFormatter(_FORMATTER)
    root.addHandler(handler)
    # We say ourselves, in one line, what went wrong.
    for chatty in ("telethon", "asyncio", "urllib3", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    if warning:
        root.warning("%s", warning)


def say_what_to_fix(
    script: str, config: Path | None, error: ConfigurationError, language: Language | None
) -> None:
    """Print an error and its advice as they are, to be read and copied, and keep them in the log in English.

    Without a `language`, since config.py could not be read, they are printed in both. Without `config`, or
    where a folder was given for it, there is no log to keep them in.
    """
    flush()
    texts = [error.text(one) for one in ((language,) if language else ("zh-TW", "en"))]
    with contextlib.suppress(OSError):  # nobody reads it any more; the log keeps it
        for text in dict.fromkeys(texts):
            print(f"{script}: {text}", file=sys.stderr)
    if not logging.getLogger().handlers:
        if config is None or not os.path.isfile(config):  # a closed folder is no error here
            return
        set_up(script, config.parent)
    for line in error.text("en").splitlines():
        logging.getLogger(script).error("%s", line, extra={"is_on_terminal": True})


def warnings_until_now() -> list[logging.LogRecord]:
    """The first warnings since the start, for whoever takes the terminal away under them; only once."""
    logging.getLogger().removeHandler(_kept)
    records, _kept.records = _kept.records, []
    return records


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
    while any(_is_worth_waiting(place) for place in _places) and time.monotonic() < deadline:
        time.sleep(0.005)


def leave(exit_code: int) -> NoReturn:
    """End the script. With a terminal, a disk or a thread that hangs it ends here and now."""
    flush()
    if timeouts.left_behind() or not all(place.is_done() for place in _places):
        end_now(exit_code)
    raise SystemExit(exit_code)


def end_now(exit_code: int) -> NoReturn:
    """End the process from any of its threads, after what was said has been written."""
    flush()
    if sys.stdout:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
    os._exit(exit_code)


class _ToPlaces(QueueHandler):
    """One for all places: a line is formatted once, and they all have the lines in the same order."""

    def enqueue(self, record: logging.LogRecord) -> None:
        is_shown = not (getattr(record, "is_on_terminal", False) or _taken.is_set())
        for place in _places:
            if is_shown or not isinstance(place, Terminal):
                place.add(record)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.records) < KEPT_WARNINGS:
            self.records.append(record)


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = printable(record.message)
        return super().formatMessage(record)


def _is_worth_waiting(place: Place) -> bool:
    return not (place.is_done() or place.failing or place.held_up_for() > FLUSH_SECONDS)


_FORMATTER = _OneLine(FORMAT, "%Y-%m-%d %H:%M:%S")
_places: list[Place] = []
_kept = _Kept()
_taken = threading.Event()
