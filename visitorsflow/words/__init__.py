"""Every text that a person at the venue reads, in both languages.

Each module of this package holds the texts of one place: a table from key to the text in each language.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Protocol, get_args

from visitorsflow.words import alerts, check, page, shared, terminal

Language = Literal["zh-TW", "en"]

PLACES = (shared, alerts, check, terminal, page)

TEXTS: dict[Language, dict[str, str]] = {
    language: {key: texts[number] for place in PLACES for key, texts in place.TEXTS.items()}
    for number, language in enumerate(get_args(Language))
}


class HasText(Protocol):
    """A reason: a value that has a text in each language."""

    def text(self, language: Language) -> str: ...


class Words:
    """The texts in one language.

    >>> Words("zh-TW")("silence over", length="12 分鐘")
    '資料恢復了，中斷 12 分鐘'
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __contains__(self, key: str) -> bool:
        return key in TEXTS[self.language]

    def __call__(self, key: str, **values: object) -> str:
        return TEXTS[self.language][key].format(**values)

    def say(self, reason: HasText | None) -> str:
        """A reason in this language; "" for none."""
        return reason.text(self.language) if reason else ""

    def has(self, key: str) -> bool:
        return key in TEXTS[self.language]

    def about(self, what: str, reason: HasText | None = None) -> str:
        """The subject of an event in a word, with its reason; as it is when there is no word for it.

        >>> Words("zh-TW").about("folder"), Words("en").about("camera 17")
        ('資料夾', 'camera 17')
        """
        why = self.say(reason)
        text = self(f"about {what}", reason=why) if self.has(f"about {what}") else what
        if not why or why in text:
            return text
        return f"{text}：{why}" if self.language == "zh-TW" else f"{text}: {why}"

    def without(self, cameras: Sequence[str], most: int = 4) -> str:
        """Mark a number that lacks what these cameras counted; "" for none. At most `most` are named.

        >>> Words("zh-TW").without(["東門", "停車場"]), Words("en").without(["east"])
        ('⚠ 少 東門、停車場', '⚠ without east')
        >>> Words("zh-TW").without(["東門", "停車場", "西門"], most=1)
        '⚠ 少 東門 等 3 台'
        """
        if not cameras:
            return ""
        named = self("list").join(cameras[:most])
        return self("without some" if len(cameras) > most else "without", cameras=named, count=len(cameras))

    def weekday(self, day: date) -> str:
        """
        >>> Words("zh-TW").weekday(date(2018, 11, 3)), Words("en").weekday(date(2018, 11, 4))
        ('星期六', 'Sun')
        """
        return self("weekdays").split()[day.weekday()]

    def limit(self, seconds: float) -> str:
        """A length that somebody has set, like that of `idle_seconds`.

        >>> [Words("zh-TW").limit(s) for s in (60, 120, 300, 900, 3600, 90)]
        ['一分鐘', '兩分鐘', '五分鐘', '十五分鐘', '一小時', ' 90 秒']
        >>> [Words("en").limit(s) for s in (60, 300, 90)]
        ['1 minute', '5 minutes', '90 seconds']
        """
        for unit, chinese, english in ((3600, "小時", "hour"), (60, "分鐘", "minute")):
            count, rest = divmod(seconds, unit)
            if rest == 0 and 1 <= count < 100:
                if self.language == "en":
                    return _plural(int(count), english)
                return _in_chinese(int(count)) + chinese
        return f"{seconds:g} seconds" if self.language == "en" else f" {seconds:g} 秒"

    def length(self, seconds: float) -> str:
        """A length that was measured, rounded down: to the minute from one minute on.

        >>> [Words("zh-TW").length(s) for s in (45, 743, 7500)]
        ['45 秒', '12 分鐘', '2 小時 5 分鐘']
        >>> [Words("en").length(s) for s in (45, 743, 3600)]
        ['45 seconds', '12 minutes', '1 hour']
        """
        hours, minutes = divmod(int(seconds // 60), 60)
        parts = [(hours, " 小時", "hour"), (minutes, " 分鐘", "minute")]
        parts = [part for part in parts if part[0]] or [(int(seconds), " 秒", "second")]
        if self.language == "en":
            return " ".join(_plural(count, english) for count, _, english in parts)
        return " ".join(f"{count}{chinese}" for count, chinese, _ in parts)


_DIGITS = "零一二三四五六七八九"


def _in_chinese(count: int) -> str:
    """1 to 99, as it is said before a unit."""
    tens, ones = divmod(count, 10)
    if count == 2:
        return "兩"
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")


def _plural(count: int, unit: str) -> str:
    return f"{count} {unit}{'s' * (count != 1)}"
