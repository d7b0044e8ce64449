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
from pathlib import Path

from visitorsflow.errors import ConfigurationError
from visitorsflow.text import counted, printable

WAITING_LINES = 10_000

BATCH_LINES = 1000

LARGEST_FILE = 5_000_000

OLDER_FILES = 4

RETRY_SECONDS = 60.0

log = logging.getLogger(__name__)


class Writer:
    """The lines that wait for one place, in order.

    When WAITING_LINES wait, further ones are dropped; a line says how many when there is room again.
    """

    why_missing = ""
    failing = False

    def __init__(self, formatter: logging.Formatter) -> None:
        self._formatter = formatter
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()  # a signal may come while it is used
        self._lock = threading.RLock()
        self._put = self._written = self._missing = 0
        self._began = math.inf
        threading.Thread(target=self._run, name=type(self).__name__, daemon=True).start()

    def write(self, line: str) -> None:
        """Returns at once, whatever the place does."""
        with self._lock:
            if self._put - self._written >= WAITING_LINES:
                self._missing += 1
                return
            self._say_what_is_missing()
            self._add(line)

    def is_done(self) -> bool:
        """Every line is where it belongs."""
        return self._written >= self._put

    def held_up_for(self) -> float:
        """For how many seconds the place has not taken the lines that it was given."""
        return max(0.0, time.monotonic() - self._began)

    def _add(self, line: str) -> None:
        self._lines.put(line)
        self._put += 1

    def _say_what_is_missing(self) -> None:
        if self._missing:
            lines = counted(self._missing, "line")
            text = f"{lines} {'is' if self._missing == 1 else 'are'} missing here: {self.why_missing}"
            self._missing = 0
            record = logging.makeLogRecord({"msg": text, "levelno": logging.WARNING, "levelname": "WARNING"})
            self._add(f"{self._formatter.format(record)}\n")

    def _run(self) -> None:
        while True:
            lines = [self._lines.get()]
            # In one go: whoever writes gives the interpreter away, and waits long to have it back.
            while len(lines) < BATCH_LINES and not self._lines.empty():
                lines.append(self._lines.get())
            self._began = time.monotonic()
            self._write_out("".join(lines))
            self._began = math.inf
            with self._lock:
                self._written += len(lines)
                if self.is_done():
                    self._say_what_is_missing()

    def _write_out(self, text: str) -> None:
        raise NotImplementedError


class Terminal(Writer):
    """Standard error."""

    why_missing = "nobody read the terminal; the log file has them"

    def _write_out(self, text: str) -> None:
        if sys.stderr:  # a program without a console has none
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(text)
                sys.stderr.flush()


class LogFile(Writer):
    """A file that is followed by a new one when it is large, or when somebody has moved or deleted it.

    When it can't be written, that is said once, and tried again every RETRY_SECONDS; the lines wait.
    """

    why_missing = "the log could not be written"

    def __init__(self, path: Path, formatter: logging.Formatter) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._is_said = False
        super().__init__(formatter)

    def write(self, line: str) -> None:
        """Returns at once; says it when the disk has not answered for long."""
        super().write(line)
        if self.held_up_for() > RETRY_SECONDS:
            self._say_that_it_fails("the disk does not answer")

    def _write_out(self, text: str) -> None:
        rest = memoryview(text.replace("\n", os.linesep).encode("utf-8", "replace"))
        while rest:
            try:
                rest = rest[self._opened(len(rest)).write(rest) :]
            except OSError as error:
                self._say_that_it_fails(error.strerror or str(error))
                self._close()
                time.sleep(RETRY_SECONDS)
        if self._is_said:
            log.info("the log file is written again")
            self._is_said = self.failing = False

    def _say_that_it_fails(self, reason: str) -> None:
        if not self._is_said:
            self._is_said = True
            log.warning("no log file: %s: %s", self._path, reason)
        self.failing = True  # only now, so that nobody leaves before it is said

    def _opened(self, length: int) -> FileIO:
        """The file that bears the name now, with room for `length` bytes."""
        if self._file and not self._is_still_there(self._file):
            self._close()
        file = self._file or self._open()
        found = os.fstat(file.fileno())
        if stat.S_ISREG(found.st_mode) and found.st_size and found.st_size + length > LARGEST_FILE:
            self._close()
            with contextlib.suppress(OSError):  # on Windows, while somebody has it open: it grows on
                _make_room(self._path)
            file = self._open()
        return file

    def _is_still_there(self, file: FileIO) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False

    def _open(self) -> FileIO:
        self._path.parent.mkdir(exist_ok=True)
        self._file = FileIO(self._path, "ab")
        return self._file

    def _close(self) -> None:
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
        self._file = None


def _make_room(path: Path) -> None:
    """Give `path` the name `path`.1, and so on; the oldest is replaced when there is no free name."""
    names = [path, *(Path(f"{path}.{number}") for number in range(1, OLDER_FILES + 1))]
    free = next((index for index, name in enumerate(names) if not name.exists()), OLDER_FILES)
    for index in range(free, 0, -1):
        names[index - 1].replace(names[index])


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
