"""What to say when something is wrong, and the outbox that says it without ever holding up the storing."""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial

from visitorsflow.errors import TelegramAway, TelegramRefused
from visitorsflow.logs import printable

log = logging.getLogger(__name__)

REJECTED_EVERY_SECONDS = 60
LONGEST_BACKOFF_SECONDS = 60
# A person must sign in first: look now and then whether that has happened.
REFUSED_RETRY_SECONDS = 300


class Alerts:
    """Writes the messages; each goes to the log, and to the outbox if there is one.

    `now` gives the local time that stands in a message; a message about rejected files is held back
    until the last one is a minute old by `clock` (monotonic seconds).
    """

    def __init__(
        self,
        outbox: "Outbox | None",
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._now = now
        self._clock = clock
        self._rejected: list[str] = []
        self._next_rejected = clock()

    def idle(self, limit: float) -> None:
        self._say(f"已經{limit_in_words(limit)}沒有資料了，快去查看一下吧")

    def data_again(self, silence: float) -> None:
        self._say(f"資料恢復了，中斷 {length_in_words(silence)}")

    def database_away(self, waiting: int) -> None:
        self._say(f"資料庫連不上，{waiting} 個檔案等待中")

    def database_back(self, stored: int) -> None:
        self._say(f"資料庫恢復，已補存 {stored} 個檔案")

    def folder_trouble(self, reason: str) -> None:
        self._say(f"資料夾有問題，檔案無法處理：{reason}")

    def folder_well(self) -> None:
        self._say("資料夾恢復正常")

    def rejected(self, name: str) -> None:
        """A file, or records of it, went to rejected/. Said with the next `tick` that may say it."""
        self._rejected.append(name)

    def tick(self, ending: bool = False) -> None:
        """Say what has been held back long enough, or anything when the program ends."""
        if self._rejected and (ending or self._clock() >= self._next_rejected):
            shown = "、".join(name[:100] for name in self._rejected[:5])
            more = " …" if len(self._rejected) > 5 else ""
            self._say(f"{len(self._rejected)} 個檔案有問題，已放到 rejected：{shown}{more}")
            self._rejected.clear()
            self._next_rejected = self._clock() + REJECTED_EVERY_SECONDS

    def _say(self, text: str) -> None:
        text = f"{printable(text)} [{self._now():%Y-%m-%d %H:%M:%S}]"
        log.warning("ALERT %s", text)
        if self._outbox:
            self._outbox.put(text)


_DIGITS = "零一二三四五六七八九"


def limit_in_words(seconds: float) -> str:
    """The length of `idle_seconds` as the idle message says it.

    >>> [limit_in_words(s) for s in (60, 120, 300, 900, 3600, 90)]
    ['一分鐘', '兩分鐘', '五分鐘', '十五分鐘', '一小時', ' 90 秒']
    """
    for unit, name in ((3600, "小時"), (60, "分鐘")):
        count, rest = divmod(seconds, unit)
        if rest == 0 and 1 <= count < 100:
            tens, ones = divmod(int(count), 10)
            if count == 2:
                return "兩" + name
            return (
                (_DIGITS[tens] if tens > 1 else "")
                + ("十" if tens else "")
                + (_DIGITS[ones] if ones or not tens else "")
                + name
            )
    return f" {seconds:g} 秒"


def length_in_words(seconds: float) -> str:
    """The length of a silence, rounded down: to the minute from one minute on.

    >>> [length_in_words(s) for s in (45, 743, 7500)]
    ['45 秒', '12 分鐘', '2 小時 5 分鐘']
    """
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{int(seconds)} 秒"
    hours, minutes = divmod(minutes, 60)
    return " ".join([f"{hours} 小時"] * (hours > 0) + [f"{minutes} 分鐘"] * (minutes > 0 or not hours))


class Outbox:
    """A thread that delivers messages in order, each until it has arrived.

    `deliver(text, random_id)` raises TelegramAway (tried again: after 1, 2, 4 … 60 s, or after what
    Telegram asks for) or TelegramRefused (said once in the log, tried again every five minutes).
    `check()` raises the same and is asked once at the start, so that a lost sign-in is known at once.
    """

    def __init__(self, deliver: Callable[[str, int], None], check: Callable[[], None]) -> None:
        self._deliver = deliver
        self._check = check
        self._waiting: deque[tuple[str, int]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, text: str) -> None:
        """Take a message; returns at once."""
        with self._changed:
            self._waiting.append((text, secrets.randbits(63)))
            self._changed.notify()

    def close(self, seconds: float) -> None:
        """Give what waits this long to be delivered, then log what was not."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        for text, _ in list(self._waiting):
            log.warning("not delivered to Telegram: %s", text)

    def _run(self) -> None:
        self._try(self._check)
        failures = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                text, random_id = self._waiting[0]
            wait = self._try(partial(self._deliver, text, random_id))
            with self._changed:
                if wait is None:
                    failures = 0
                    self._waiting.popleft()
                    continue
                failures += 1
                backoff = min(LONGEST_BACKOFF_SECONDS, 2 ** min(failures - 1, 10))
                self._pause(max(wait, backoff))

    def _pause(self, seconds: float) -> None:
        """Cut short by the end, once: that is a reason to try again, not to spin."""
        closing = self._closing
        self._changed.wait_for(lambda: self._closing != closing, seconds)

    def _try(self, work: Callable[[], None]) -> float | None:
        """None when it worked, else how many seconds to wait at least. Said once a reason."""
        wait: float | None
        try:
            work()
        except TelegramRefused as error:
            wait, reason = REFUSED_RETRY_SECONDS, str(error)
        except TelegramAway as error:
            wait, reason = error.retry_after or 0, str(error)
        except Exception as error:  # an outbox that has died would be a silent one
            log.exception("delivering an alert failed")
            wait, reason = LONGEST_BACKOFF_SECONDS, str(error)
        else:
            wait, reason = None, ""
        if reason and reason != self._said:
            log.warning("alerts wait: %s", reason)
        elif self._said and not reason:
            log.info("Telegram works again")
        self._said = reason
        return wait
