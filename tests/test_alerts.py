"""The alerts, word for word."""

import re
import string
import threading
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.readings import camera, day
from tests.venue import Venue, some_crossings, wait_until
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.news import News
from visitorsflow.events import (
    Began,
    CamerasBack,
    CamerasLost,
    DayRead,
    Ended,
    EndedThere,
    Event,
    Lasts,
    LastsThere,
    Listed,
    Passed,
    Rejected,
    Stored,
)
from visitorsflow.facts import Absence, Return
from visitorsflow.reasons import Reason, quoted
from visitorsflow.subjects import CAPACITY, DATABASE, DISK, FILES, FOLDER, PROGRAM, SILENCE
from visitorsflow.words import TEXTS, Language, Words

RAISED = datetime(2018, 11, 3, 10, 18, 25)


def alerts_at(clock: Callable[[], float] = lambda: 0, language: Language = "zh-TW") -> Alerts:
    return Alerts(None, Words(language), lambda: RAISED, clock)


HAPPENED: list[Event] = [
    Listed(3, True),
    Lasts(SILENCE, None, 60),
    Lasts(SILENCE, None, 300),
    Lasts(SILENCE, None, 90),
    Ended(SILENCE, 12 * 60 + 59, True, 0),
    Lasts(DATABASE, quoted("host: gone"), 30),
    Ended(DATABASE, 45, True, 40),
    Lasts(FOLDER, quoted("can't be listed"), 30),
    Ended(FOLDER, 45, True, 0),
    Lasts(FILES, quoted("can't be moved"), 30),
    Ended(FILES, 45, True, 0),
    Lasts(PROGRAM, quoted("KeyError()"), 30),
    Ended(PROGRAM, 45, True, 0),
    Rejected("bad.json", quoted("is empty")),
    Passed(),
]


def test_the_texts(caplog: pytest.LogCaptureFixture) -> None:
    """The staff knows these messages word for word."""
    alerts = alerts_at()
    for event in HAPPENED:
        alerts(event)
    assert [m.removeprefix("ALERT ") for m in caplog.messages] == [
        "已經一分鐘沒有資料了，快去查看一下吧 [2018-11-03 10:18:25]",
        "已經五分鐘沒有資料了，快去查看一下吧 [2018-11-03 10:18:25]",
        "已經 90 秒沒有資料了，快去查看一下吧 [2018-11-03 10:18:25]",
        "資料恢復了，中斷 12 分鐘 [2018-11-03 10:18:25]",
        "資料庫連不上，3 個檔案等待中 [2018-11-03 10:18:25]",
        "資料庫恢復，已補存 40 個檔案 [2018-11-03 10:18:25]",
        "資料夾有問題，檔案無法處理：can't be listed [2018-11-03 10:18:25]",
        "資料夾恢復正常 [2018-11-03 10:18:25]",
        "有檔案無法處理：can't be moved [2018-11-03 10:18:25]",
        "先前無法處理的檔案都處理好了 [2018-11-03 10:18:25]",
        "程式內部發生錯誤，會繼續重試，請通知維護人員：KeyError() [2018-11-03 10:18:25]",
        "程式恢復正常 [2018-11-03 10:18:25]",
        "1 個檔案有問題，已放到 rejected：bad.json（原因：is empty） [2018-11-03 10:18:25]",
    ]
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_the_texts_in_english(caplog: pytest.LogCaptureFixture) -> None:
    """Each event has its text there too."""
    alerts = alerts_at(language="en")
    for event in HAPPENED:
        alerts(event)
    assert len(caplog.messages) == 13
    assert all(message.isascii() for message in caplog.messages)
    assert caplog.messages[0] == (
        "ALERT No file has come for 1 minute: please have a look at the camera [2018-11-03 10:18:25]"
    )


class Sent:
    """What goes to the phone, of which the log has no signs."""

    def __init__(self, venue: str = "") -> None:
        self.texts: list[str] = []
        this: Any = self
        self.alerts = Alerts(this, Words("zh-TW"), lambda: RAISED, lambda: 0, "東門", venue)

    def put(self, news: News) -> None:
        self.texts.append(news.text.removesuffix(" [2018-11-03 10:18:25]"))

    def of(self, *events: Event) -> list[str]:
        self.texts = []
        for event in events:
            self.alerts(event)
        return self.texts


def test_an_alert_begins_with_a_sign(caplog: pytest.LogCaptureFixture) -> None:
    """🔴 begins, 🟢 is over, ℹ️ is said; the sentence about silence is the one that staff knows."""
    sent = Sent()
    silence, database = Lasts(SILENCE, None, 60), Lasts(DATABASE, None, 30)
    assert sent.of(silence, Ended(SILENCE, 60, True, 0)) == [
        "已經一分鐘沒有資料了，快去查看一下吧",
        "🟢 資料恢復了，中斷 1 分鐘",
    ]
    assert sent.of(database, Rejected("a.json", Reason("is empty")), Passed()) == [
        "🔴 資料庫連不上，0 個檔案等待中",
        "ℹ️ 1 個檔案有問題，已放到 rejected：a.json（原因：是空的）",
    ]
    sent.alerts(DayRead(day(camera("東門"), camera("西門"))))
    lost = CamerasLost((Absence("西門", RAISED, stopped=False),))
    assert sent.of(
        silence, lost, CamerasBack((Return("西門", 60),)), Lasts(CAPACITY, quoted("9 / 9"), 0)
    ) == [
        "🔴 東門：已經一分鐘沒有資料了，快去查看一下吧",
        "🔴 攝影機 西門 的電腦從 10:18 起沒有回應，請檢查電源和網路",
        "🟢 攝影機 西門 的電腦恢復了，中斷 1 分鐘",
        "🔴 場內人數已達上限（9 / 9），請管制入場",
    ]
    assert sent.of(LastsThere("西門", DISK, quoted("1 GB"), 30, 0), EndedThere("西門", DISK, 60, 0)) == [
        "🔴 西門：硬碟快滿了，只剩 1 GB，請清出空間；設定 stored_days 會自動刪掉舊檔案",
        "🟢 西門：硬碟空間足夠了",
    ]
    assert not re.search("[🔴🟢ℹ]", caplog.text)


def test_the_venues_name_stands_in_front() -> None:
    """Where it is set: then one phone may get the messages of several venues."""
    sent = Sent("花博")
    assert sent.of(Lasts(SILENCE, None, 60)) == ["🔴 花博：已經一分鐘沒有資料了，快去查看一下吧"]
    sent.alerts(DayRead(day(camera("東門"), camera("西門"))))
    assert sent.of(Lasts(SILENCE, None, 60), Lasts(CAPACITY, quoted("9 / 9"), 0)) == [
        "🔴 花博 東門：已經一分鐘沒有資料了，快去查看一下吧",
        "🔴 花博：場內人數已達上限（9 / 9），請管制入場",
    ]


def test_whoever_rang_for_an_absence_rings_for_its_end() -> None:
    """Just after a long one no PC seems to live: each would ring for its end. The next one is new."""
    put: list[Any] = []
    outbox: Any = SimpleNamespace(put=put.append)
    rings = False
    alerts = Alerts(outbox, Words("zh-TW"), lambda: RAISED, rings=lambda: rings)
    for rings in (False, True):
        alerts(Lasts(DATABASE, None, 30))
        rings = not rings
        alerts(Ended(DATABASE, 300, True, 0))
    assert [news.silent for news in put] == [True, True, False, False]
    alerts(Ended(DATABASE, 300, True, 0))  # told before this start
    assert put[-1].silent


def test_what_was_not_told_has_no_end(caplog: pytest.LogCaptureFixture) -> None:
    """A trouble that was over before anybody heard of it makes no message."""
    alerts = alerts_at()
    unheard: list[Event] = [
        Began(DATABASE, quoted("gone")),
        Ended(DATABASE, 3, False, 0),
        Stored(1, 2, RAISED),
    ]
    for event in unheard:
        alerts(event)
    assert caplog.messages == []


def test_both_languages_have_the_same_texts() -> None:
    """Every key, with the same values in it."""

    def values(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    chinese, english = TEXTS["zh-TW"], TEXTS["en"]
    assert {key: values(text) for key, text in chinese.items()} == {
        key: values(text) for key, text in english.items()
    }


def test_lengths_in_words() -> None:
    """Chinese numerals where the limit is a whole number of minutes or hours."""
    words = Words("zh-TW")
    assert [words.limit(60 * n) for n in (1, 2, 10, 11, 20, 35)] == [
        "一分鐘", "兩分鐘", "十分鐘", "十一分鐘", "二十分鐘", "三十五分鐘",
    ]  # fmt: skip
    assert [words.limit(s) for s in (7200, 0.5, 100 * 3600)] == ["兩小時", " 0.5 秒", " 360000 秒"]
    assert [words.length(s) for s in (59.9, 60, 3600, 90_000)] == ["59 秒", "1 分鐘", "1 小時", "25 小時"]


def test_rejected_files_are_said_at_most_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """The first at once; those that follow together, a minute later; what is held back comes at the end."""
    now = 0.0
    alerts = alerts_at(lambda: now)
    for now, name in (  # noqa: B007 - the clock reads it
        (0, "a"),
        (1, "b"),
        (59, "c\n"),
        (60, ""),
        (61, ""),
        (62, "d"),
    ):
        if name:
            alerts(Rejected(f"{name}.json", quoted("空的")))
        alerts(Passed())
    alerts.say_what_was_rejected()
    assert [m.partition("：")[2].partition(" [")[0] for m in caplog.messages] == [
        "a.json（原因：空的）", "b.json（原因：空的）、c\\n.json（原因：空的）", "d.json（原因：空的）",
    ]  # fmt: skip


def test_every_text_can_be_sent(caplog: pytest.LogCaptureFixture) -> None:
    """A name that is no text at all does not make a message that Telegram's client can't encode."""
    alerts = alerts_at()
    alerts(Lasts(FILES, quoted("bad\udcff\n.json can't be moved"), 30))
    assert "bad\\udcff\\n.json can't be moved [" in caplog.messages[0]
    caplog.messages[0].encode()


def test_many_rejected_files_fit_in_one_message(caplog: pytest.LogCaptureFixture) -> None:
    """However many there are, and however long their names."""
    alerts = alerts_at()
    for number in range(1000):
        alerts(Rejected(f"{number:04}{'x' * 200}.json", quoted("y" * 200)))
    alerts(Passed())
    [message] = caplog.messages
    assert "1000 個檔案有問題" in message
    assert len(message) < 1200


def test_idle_and_data_again(sqlite_venue: Venue) -> None:
    """The process alerts once a silence, whatever else is in the folder, and says when data is back."""
    sqlite_venue.configure(idle_seconds=1)
    with sqlite_venue.uploading():
        wait_until(lambda: "已經 1 秒沒有資料了，快去查看一下吧 [" in sqlite_venue.terminal())
        (sqlite_venue.folder / "Thumbs.db").write_bytes(b"no sign of life")
        sqlite_venue.drop("20180531101900.json", [])
        wait_until(lambda: "資料恢復了，中斷 " in sqlite_venue.terminal())
        wait_until(lambda: sqlite_venue.terminal().count("沒有資料了") == 2)
    assert sqlite_venue.terminal().count("資料恢復了") == 1


def test_any_file_is_a_sign_of_life(sqlite_venue: Venue) -> None:
    """Empty lists, bad files and files that wait: while they come there is no silence."""
    sqlite_venue.configure(idle_seconds=5, settle_seconds=60)
    with sqlite_venue.uploading():
        wait_until(lambda: (sqlite_venue.home / "visitorsflow.db").exists())
        for number, raw in enumerate([b"[]", b"{", b"", b"[7]", b"[[[["] * 2):
            sqlite_venue.drop(f"{number}.json", raw)
            threading.Event().wait(0.5)  # a camera's pace
        assert "沒有資料了" not in sqlite_venue.terminal()
        wait_until(lambda: "沒有資料了" in sqlite_venue.terminal())


def test_alerts_without_telegram_stand_in_the_log(sqlite_venue: Venue) -> None:
    """Without api_id the start says so, and a rejected file is a WARNING in the log."""
    sqlite_venue.drop("bad.json", b"{")
    sqlite_venue.drop("20180531101900.json", some_crossings("20180531101825", 1))
    done = sqlite_venue.upload()
    assert "alerts go to this log only: api_id is not set in config.py" in done.stderr
    assert "WARNING ALERT 1 個檔案有問題，已放到 rejected：bad.json（原因：不是（完整的）JSON" in done.stderr
