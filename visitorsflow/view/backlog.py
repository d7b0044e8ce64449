"""How fast a backlog of files is worked off, and how long that still takes. Pure: the clock is passed in."""

from collections import deque

from visitorsflow.view.picture import Progress

WORTH_SHOWING_FILES = 300
LOOK_BACK_SECONDS = 15.0


class Backlog:
    """`now` everywhere in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.waiting = 0
        self._is_shown = False
        self._done = 0
        self._stored: deque[tuple[float, int]] = deque()  # when, and how many files were done by then

    def listed(self, waiting: int, now: float) -> None:
        """So many files wait."""
        self.waiting = waiting
        if not self._is_shown and waiting > WORTH_SHOWING_FILES:
            self._is_shown, self._done = True, 0
            self._stored = deque([(now, 0)])
        elif self._is_shown and waiting == 0:
            self._is_shown = False

    def stored(self, files: int, now: float) -> None:
        """So many of them are done."""
        self.waiting = max(0, self.waiting - files)
        self._done += files
        self._stored.append((now, self._done))
        while len(self._stored) > 2 and self._stored[1][0] < now - LOOK_BACK_SECONDS:
            self._stored.popleft()

    def progress(self, now: float) -> Progress | None:
        """How far it is; None when no backlog worth showing is worked off."""
        if not self._is_shown:
            return None
        since, done_then = self._stored[0]
        speed = (self._done - done_then) / max(1.0, now - since)
        left = self.waiting / speed if speed else None
        return Progress(self._done, self._done + self.waiting, speed, left)
