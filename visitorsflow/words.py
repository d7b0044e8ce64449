"""Every text that a person at the venue reads, in both languages."""

from typing import Literal

Language = Literal["zh-TW", "en"]

TEXTS: dict[Language, dict[str, str]] = {
    "zh-TW": {
        "silence": "已經{limit}沒有資料了，快去查看一下吧",
        "silence over": "資料恢復了，中斷 {length}",
        "database": "資料庫連不上，{waiting} 個檔案等待中",
        "database over": "資料庫恢復，已補存 {caught_up} 個檔案",
        "refusal": "資料庫拒絕寫入，{waiting} 個檔案等待中：{reason}",
        "refusal over": "資料庫可以寫入了，已補存 {caught_up} 個檔案",
        "folder": "資料夾有問題，檔案無法處理：{reason}",
        "folder over": "資料夾恢復正常",
        "part": "資料夾有一部分讀不到，其他檔案照常處理：{reason}",
        "part over": "資料夾的每一部分都讀得到了",
        "waiting": "有檔案等了十分鐘還沒存入，請查看：{reason}",
        "waiting over": "等很久的檔案處理好了",
        "loop": "硬碟或網路磁碟機已經{limit}沒有回應，檔案無法處理：{reason}",
        "loop over": "硬碟或網路磁碟機恢復回應了，中斷 {length}",
        "files": "有檔案無法處理：{reason}",
        "files over": "無法處理的檔案都處理好了",
        "program": "程式內部發生錯誤，會繼續重試，請通知維護人員：{reason}",
        "program over": "程式恢復正常",
        "rejected": "{count} 個檔案有問題，已放到 rejected：{names}",
        "list": "、",
    },
    "en": {
        "silence": "No file has come for {limit}: please have a look at the camera",
        "silence over": "Files come again, after {length} without any",
        "database": "The database can't be reached; {waiting} files are waiting",
        "database over": "The database is back; {caught_up} files that waited are stored",
        "refusal": "The database refuses to store; {waiting} files are waiting: {reason}",
        "refusal over": "The database takes rows again; {caught_up} files that waited are stored",
        "folder": "Trouble with the folder, files can't be worked on: {reason}",
        "folder over": "The folder is all right again",
        "part": "A part of the folder can't be read, the rest goes on: {reason}",
        "part over": "Every part of the folder can be read again",
        "waiting": "A file has waited for ten minutes and is not stored yet, please have a look: {reason}",
        "waiting over": "The file that had waited for long is done",
        "loop": "A disk or a network drive has not answered for {limit}, files can't be worked on: {reason}",
        "loop over": "The disk or network drive answers again, after {length}",
        "files": "Some files can't be worked on: {reason}",
        "files over": "The files that could not be worked on are done",
        "program": "The program has an error inside; it goes on trying. Tell whoever maintains it: {reason}",
        "program over": "The program works again",
        "rejected": "{count} files have something wrong and were put into rejected: {names}",
        "list": ", ",
    },
}


class Words:
    """The texts in one language.

    >>> Words("zh-TW")("silence over", length="12 分鐘")
    '資料恢復了，中斷 12 分鐘'
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return TEXTS[self.language][key].format(**values)

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
