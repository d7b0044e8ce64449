"""Files that wait become batches: each is read and parsed while the one before is stored.

One thread is at the disk meanwhile: it reads the next batch, then does what it was given. Reading changes
nothing that anybody keeps. The loop decides what comes of it, batch by batch and in order: so each thing has
one owner, and events come in the order of the files.
"""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple, TypeVar

from visitorsflow.errors import FolderTrouble, NotCrossings
from visitorsflow.formats import Format
from visitorsflow.intake.crossings import parse, time_in_name
from visitorsflow.intake.files import Stamp, digest
from visitorsflow.intake.inbox import Inbox, IsStopping, ReadFile, WaitingFile
from visitorsflow.intake.watch import Watchdog

BATCH_ROWS = 5_000
BATCH_FILES = 500
T = TypeVar("T")


class Unread(NamedTuple):
    """A file that can't be taken as it was then, and why; `error` is None while somebody writes to it."""

    file: WaitingFile
    is_settled: bool  # and has not changed since it was listed
    stamp: Stamp
    error: Exception | None


Batch = list[ReadFile | Unread]


class Reader:
    """`form`: the format of the files of `camera`.

    `rows()` tells how many rows a batch may have, fewer where the server is slow.
    """

    def __init__(
        self,
        inbox: Inbox,
        watchdog: Watchdog,
        form: Format,
        camera: str,
        is_stopping: IsStopping,
        rows: Callable[[], int],
    ) -> None:
        self._inbox = inbox
        self._watchdog = watchdog
        self._form = form
        self._camera = camera
        self._is_stopping = is_stopping
        self._rows = rows
        self._is_given_up = False
        self._beside: ThreadPoolExecutor | None = None  # the thread, while there is one

    def batches(self, files: list[WaitingFile]) -> Generator[Batch, None, None]:
        """Read those that are due, in batches; to be closed when it is left before its end, which waits for
        what `meanwhile` was given.

        The folder is listed again after BATCH_FILES, whatever was in these files. What is one batch, like the
        file of a camera, is read by the caller itself.
        """
        due = deque((file, self._inbox.is_settled(file)) for file in files if self._inbox.is_due(file))
        self._is_given_up = False
        batch = self._next(due)
        if not due:
            if batch:
                yield batch
            return
        with ThreadPoolExecutor(1, "beside") as self._beside:
            try:
                while batch:
                    ahead = self._beside.submit(self._next, due)
                    yield batch
                    batch = ahead.result()  # from here on until the next one, `due` is not the thread's
            finally:
                self._is_given_up = True
                self._beside = None

    def meanwhile(self, work: Callable[[], T]) -> "Future[T]":
        """Have it done while the next batch is stored, after what is being read; by the caller if none is."""
        if self._beside:
            return self._beside.submit(work)
        done = Future[T]()
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - for whoever asks for the result
            done.set_exception(error)
        return done

    def _next(self, due: deque[tuple[WaitingFile, bool]]) -> Batch:
        batch: Batch = []
        rows = 0
        while due and len(batch) < BATCH_FILES and rows < self._rows():
            if self._is_given_up or (self._is_stopping() and (batch or self._beside)):
                break
            read = self._read(*due.popleft())
            batch.append(read)
            if isinstance(read, ReadFile):
                rows += read.records + len(read.parsed.rejected)
        self._watchdog.leave()
        return batch

    def _read(self, file: WaitingFile, was_settled: bool) -> ReadFile | Unread:
        stamp = file.stamp
        try:
            raw, stamp, writer = self._inbox.read(file)
            if writer and not (was_settled and stamp == file.stamp):
                return Unread(file, False, stamp, None)
            parsed = parse(raw, file.name, self._form, self._camera)
            times = [crossing.time for crossing in parsed.crossings]
            until, since = max(times, default=None), min(times, default=None)
            said = parsed.ends or _later(until, time_in_name(file.name))
            longest = parsed.longest.total_seconds()
            return ReadFile(file, stamp, digest(raw), parsed, writer, len(times), until, since, said, longest)
        except (FileNotFoundError, NotCrossings, FolderTrouble, MemoryError) as error:
            return Unread(file, was_settled and stamp == file.stamp, stamp, error)


def _later(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time), default=None)
