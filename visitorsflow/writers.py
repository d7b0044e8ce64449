"""Lines on their way to the terminal and to the log file: a thread for each writes them.

Only that thread ever waits for a terminal that nobody reads or for a disk that does not answer.
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

from visitorsflow.text import counted

WAITING_LINES = 10_000
BATCH_LINES = 1000
LARGEST_FILE = 5_000_000
OLDER_FILES = 4
RETRY_SECONDS = 60.0
log = logging.getLogger(__name__)


class Writer:
    """The lines that wait for one place, in order; a logging.StreamHandler writes to it as to a stream.

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
