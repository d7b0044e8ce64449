"""What to say when something is wrong."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from visitorsflow.alerts.outbox import Outbox
from visitorsflow.text import printable

log = logging.getLogger(__name__)

REJECTED_EVERY_SECONDS = 60


class Alerts:
    """Writes the messages; each goes to the log, and to the outbox if there is one.

    `now` gives the local time that stands in a message; a message about rejected files is held back
    until the last one is a minute old by `clock` (monotonic seconds).
    """

    def __init__(
        self,
        outbox: Outbox | None,
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
