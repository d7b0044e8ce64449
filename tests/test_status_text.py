"""The text of the status message: whoever has only a phone sees the state of the venue. Pure."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from tests.readings import NOON, ago, camera, day, hour, report
from visitorsflow.alerts.daily import DayOnPhone
from visitorsflow.alerts.status_text import CAMERAS, LONGEST, status_text
from visitorsflow.events import Began, DayRead, DayUnread, Ended, Lasts
from visitorsflow.facts import CameraState, Day, Missing, Totals
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.health import Trouble, troubles_text
from visitorsflow.subjects import DATABASE, REFUSAL
from visitorsflow.words import Words

CHINESE, ENGLISH = Words("zh-TW"), Words("en")
DAY = (time(8), time(22))
REJECTED = troubles_text([], 255, Reason("rejected file", name="20181103110000.json", why=Reason("is empty")))


def status(reading: Day, words: Words = CHINESE, now: datetime = NOON, **more: Any) -> list[str]:
    return status_text(reading, DAY, words, now, **more).splitlines()


def line(begins: str, reading: Day, now: datetime = NOON) -> str:
    """The one line that begins so, without that."""
    [found] = [one for one in status(reading, now=now) if one.startswith(begins)]
    return found.removeprefix(begins)


def test_the_status_message() -> None:
    """The twelve things that whoever is away wants to know, in both languages."""
    reading = day(
        camera("54"),
        camera("55", file_at=ago(743), rejected=2, trouble=REJECTED),
        camera("停車場", waiting=40, trouble=troubles_text([Trouble("folder", Reason("ENOENT"))], 255)),
        totals=Totals(1240, 200, NOON, NOON),
        hours=(hour(10, 900, 300), hour(11, 1000, 20), hour(11, 70, 3, "55"), hour(12, 5, 5)),
        report=report(120),
    )
    assert status(reading, venue="花博") == [
        "花博 場內 1,040 人 ⚠ 少 55、停車場 [2018-11-03 12:00]",
        "今日進場 1,240 人次、出場 200 人次",
        "最忙的一小時 10:00–11:00：進 900、出 300",
        "上一小時 11:00–12:00：進 1,070、出 23",
        "攝影機 54：正常",
        "攝影機 55：沒有資料 12 分鐘（11:47 起）",
        "攝影機 停車場：有問題：資料夾 找不到檔案或資料夾",
        "資料庫：正常",
        "存檔：⚠ 等待 40 個檔案（停車場）",
        "有問題的檔案：今天 2 個，最近：20181103110000.json 是空的",
        "回報 11:58：成功",
        "手機：最後送達 12:00",
    ]
    assert status(reading, ENGLISH) == [
        "1,040 inside ⚠ without 55, 停車場 [2018-11-03 12:00]",
        "Today 1,240 in, 200 out",
        "Busiest hour 10:00–11:00: 900 in, 300 out",
        "Last hour 11:00–12:00: 1,070 in, 23 out",
        "Camera 54: all right",
        "Camera 55: no files 12 minutes (since 11:47)",
        "Camera 停車場: in trouble: folder No such file or directory",
        "Database: all right",
        "Storing: ⚠ files waiting: 40 (停車場)",
        "Rejected files: 2 today; the last: 20181103110000.json is empty",
        "Report of 11:58: accepted",
        "Phone: last reached 12:00",
    ]


def test_it_says_its_age() -> None:
    """A minute later it is another text, so that one which stays the same is seen to be old."""
    assert status(day()) == status(day(), now=NOON + timedelta(seconds=59))
    assert status(day()) != status(day(), now=NOON + timedelta(seconds=60))


def test_before_anything_has_happened() -> None:
    """No cameras, no hour, no report; and what can't be read is named, in one line."""
    reading = day(totals=Totals(0, 0, None, None), missing=(Missing("PeopleFlow", quoted("no\nrights")),))
    assert status(reading) == [
        "場內 0 人 [2018-11-03 12:00]",
        "今日進場 0 人次、出場 0 人次",
        "資料庫：正常",
        "存檔：正常，沒有檔案等待",
        "有問題的檔案：今天沒有",
        "回報：還沒有",
        "手機：最後送達 12:00",
        "有些資料讀不到：PeopleFlow：no\\nrights",
    ]


def test_the_hours() -> None:
    """The last full hour has no second line when it is the busiest one; at one o'clock it is the first."""
    hours = (hour(10, 5, 1), hour(11, 9, 3, "54"), hour(11, 1, 1, "55"))
    assert line("最忙的一小時 ", day(hours=hours)) == "11:00–12:00：進 10、出 4"
    assert not any(one.startswith("上一小時") for one in status(day(hours=hours)))
    morning = NOON.replace(hour=1)
    assert line("上一小時 ", day(hours=(hour(0, 2, 1), hour(1, 2, 2))), morning) == "00:00–01:00：進 2、出 1"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (camera("54"), "正常"),
        (camera("54", file_at=ago(61)), "沒有資料 1 分鐘（11:58 起）"),
        (camera("54", file_at=None), "還沒有資料"),
        (camera("54", trouble="folder: gone"), "有問題：資料夾 gone"),
        (camera("54", trouble="disk"), "有問題：硬碟快滿了"),
        (camera("54", 91, file_at=None), "沒有回應 1 分鐘（11:58 起）"),
        (camera("54", 300, stopped_at=ago(7500)), "已停止 2 小時 5 分鐘（09:55 起）"),
    ],
)
def test_a_camera_has_a_word(state: CameraState, word: str) -> None:
    """The worst that is known of it, and since when."""
    assert line("攝影機 54：", day(state)) == word


def test_closed_is_no_silence() -> None:
    """But a PC that does not answer is said in the night too."""
    night = NOON.replace(hour=23)
    reading = day(camera("54", file_at=ago(3600), open_now=False), camera("55", 91))
    assert line("攝影機 54：", reading, night) == "未開放"
    assert line("攝影機 55：", reading, night) == "沒有回應 1 分鐘（22:58 起）"
    opening = NOON.replace(hour=8, second=30)
    assert line("攝影機 54：", day(camera("54", file_at=ago(3600))), opening) == "正常"


def test_many_cameras() -> None:
    """The worst have lines, the others are counted: at most 25 lines, none of them long."""
    many = [camera(f"N{number:02}") for number in range(20)]
    assert [one for one in status(day(*many)) if "台" in one or "攝影機" in one] == ["其他 20 台：正常"]
    few = [camera(f"N{number}") for number in range(CAMERAS)]
    assert len([one for one in status(day(*few)) if "攝影機" in one]) == CAMERAS
    long = troubles_text([Trouble("folder", quoted("x" * 200))], 255)
    worst = [camera(f"Z{n:02}", file_at=ago(600), rejected=1, waiting=99, trouble=long) for n in range(20)]
    hours = tuple(hour(number, 1000 - number, 1000) for number in range(8, 12))
    missing = (Missing("PeopleFlowReport", quoted("no right " * 20)),)
    lines = status(day(*many, *worst, camera("dead", 600), hours=hours, missing=missing), venue="花博")
    assert lines[4].startswith("攝影機 dead：沒有回應 10 分鐘")
    assert "其他 13 台：沒有資料" in lines
    assert "其他 20 台：正常" in lines
    assert len(lines) <= 25
    assert max(map(len, lines)) <= LONGEST


def test_what_waits() -> None:
    """A few files on their way are no trouble; those that wait for long are, with the PC's name."""
    assert line("存檔：", day(camera("54"))) == "正常，沒有檔案等待"
    assert line("存檔：", day(camera("54", waiting=3))) == "正常，等待 3 個檔案"
    assert (
        line("存檔：", day(camera("54", waiting=1300), camera("55", waiting=2)))
        == "⚠ 等待 1,302 個檔案（54）"
    )
    refused = troubles_text([Trouble("refusal")], 255)
    assert line("存檔：", day(camera("54", trouble=refused))) == "⚠ 等待 0 個檔案（54）"
    disk = troubles_text([Trouble("disk")], 255)
    assert line("存檔：", day(camera("54", trouble=disk))) == "正常，沒有檔案等待"


def test_what_was_rejected() -> None:
    """Of today alone: a PC that has been off since yesterday says what was then; the newest name counts."""
    off = camera("55", 86_400, rejected=7, trouble=REJECTED)
    assert line("有問題的檔案：", day(off)) == "今天沒有"
    assert line("有問題的檔案：", day(off, camera("54", rejected=1))) == "今天 1 個"
    newer = REJECTED.replace("20181103110000", "20181103115900")
    both = (camera("54", rejected=1, trouble=newer), camera("55", rejected=2, trouble=REJECTED))
    assert line("有問題的檔案：", day(*both)) == "今天 3 個，最近：20181103115900.json 是空的"
    why = Reason("some rejected", total=1, bad=1, number=1, why=Reason("field missing", field="inOut"))
    long = troubles_text([], 255, Reason("rejected file", name="20181103110000-camera-north.json", why=why))
    assert line("有問題的檔案：", day(camera("54", rejected=1, trouble=long))).endswith("沒有 inOut")


def test_the_last_report() -> None:
    """Refused, of a day before, or too long ago while the venue is open."""
    assert line("回報 ", day(report=report(60, accepted=False))) == "11:59：⚠ 回報失敗"
    unanswered = report(60, accepted=False)._replace(http_status=None)
    assert line("回報 ", day(report=unanswered)) == "11:59：⚠ 回報沒有回應"
    assert line("回報 ", day(report=report(43_260))) == "11-02 23:59：成功 ⚠ 太久沒回報"
    assert line("回報 ", day(report=report(900))) == "11:45：成功"
    assert line("回報 ", day(report=report(901))) == "11:44：成功 ⚠ 太久沒回報"
    assert line("回報 ", day(report=report(3600)), NOON.replace(hour=8, minute=15)) == "07:15：成功"
    assert line("回報 ", day(report=report(3600)), NOON.replace(hour=23)) == "22:00：成功"


class Phone:
    """The status message on a phone, by a PC that speaks."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.at_once: list[bool] = []
        self.spoke = True
        self.now = NOON
        self.speaks = True
        self.dropped = 0
        this: Any = self
        speaks, spoke, now = (lambda: self.speaks), (lambda: self.spoke), (lambda: self.now)
        self.listener = DayOnPhone(this, this, CHINESE, DAY, speaks, spoke, now)

    def show_status(self, _day: object, text: str, *, at_once: bool) -> None:
        self.shown.append(text)
        self.at_once.append(at_once)

    def drop_status(self) -> None:
        self.dropped += 1

    def look(self, _now: datetime, _last: object) -> None:
        """The closing message's."""


def test_while_the_database_is_away() -> None:
    """Once it is worth telling, the message says since when, and that its numbers are old."""
    phone = Phone()
    phone.listener(Began(DATABASE))  # at the start: there is nothing to show
    phone.listener(Lasts(DATABASE, None, 30))
    phone.listener(Ended(DATABASE, 60, True, 3))
    assert phone.shown == []
    phone.listener(DayRead(day(camera("54"))))
    before = phone.shown[-1].splitlines()
    phone.now += timedelta(minutes=10)
    phone.listener(Began(DATABASE))
    phone.now += timedelta(minutes=5)
    phone.listener(Began(DATABASE, quoted("another reason")))
    assert len(phone.shown) == 1
    phone.spoke = False
    phone.listener(Lasts(DATABASE, None, 30))
    assert len(phone.shown) == 1  # it is for another PC
    phone.spoke = True
    phone.listener(Lasts(DATABASE, None, 30))
    away = phone.shown[-1].splitlines()
    assert phone.at_once == [False, True]
    assert away[0] == "⚠ 12:10 起資料庫連不上，以下是舊數字"
    assert away[1:3] == before[:2]
    assert "攝影機 54：正常" in before
    assert "資料庫：連不上" in away
    assert "攝影機：不明" in away
    assert "攝影機 54：正常" not in away
    assert "存檔：⚠ 停住了，檔案在資料夾裡等，不會遺失" in away
    phone.listener(Ended(DATABASE, 900, True, 3))
    phone.listener(DayRead(day()))
    assert phone.shown[-1].splitlines()[0].endswith("[2018-11-03 12:15]")
    assert phone.at_once[-1]  # that it is back is as new as that it was away
    phone.listener(Lasts(REFUSAL, None, 30))
    assert len(phone.shown) == 3
    phone.listener(DayRead(day()))
    assert phone.at_once == [False, True, True, False]


def test_a_pc_that_speaks_no_more_leaves_nothing_behind() -> None:
    """What waited there for its minute would be shown later than what the other PC shows."""
    phone = Phone()
    phone.listener(DayRead(day()))
    assert (len(phone.shown), phone.dropped) == (1, 0)
    phone.speaks = False
    phone.listener(DayRead(day()))
    assert (len(phone.shown), phone.dropped) == (1, 1)
    phone.spoke = False
    phone.listener(Began(DATABASE))
    phone.listener(Lasts(DATABASE, None, 30))
    assert (len(phone.shown), phone.dropped) == (1, 2)


def test_that_the_database_is_away_is_shown_until_telegram_has_taken_it() -> None:
    """Each failed reading says it again, from when it is told until it is over."""
    phone = Phone()
    phone.listener(DayRead(day()))
    phone.listener(Began(DATABASE))
    phone.listener(DayUnread(quoted("gone")))
    assert len(phone.shown) == 1  # it may be over in a moment
    phone.listener(Lasts(DATABASE, None, 30))
    for _ in range(2):
        phone.now += timedelta(minutes=1)
        phone.listener(DayUnread(quoted("gone")))
    assert len(phone.shown) == 4
    assert len(set(phone.shown[1:])) == 1  # one that is shown already is not sent again
    phone.listener(Began(REFUSAL))
    phone.listener(Ended(REFUSAL, 1, False, 0))  # it is away again
    phone.listener(DayUnread(quoted("gone")))
    assert len(phone.shown) == 5
    phone.listener(Ended(DATABASE, 90, True, 3))
    for _ in range(2):
        phone.listener(DayUnread(quoted("another moment")))
    assert len(phone.shown) == 5


def test_one_failed_reading_while_files_are_caught_up_is_no_absence() -> None:
    """The absence is over when all are stored; until then the server has much to do."""
    phone = Phone()
    phone.listener(DayRead(day()))
    phone.listener(Began(DATABASE))
    phone.listener(Lasts(DATABASE, None, 30))
    phone.listener(DayUnread(quoted("gone")))
    shown = len(phone.shown)
    phone.listener(DayRead(day()))
    phone.listener(DayUnread(quoted("slow")))
    assert len(phone.shown) == shown + 1
    assert not phone.shown[-1].startswith("⚠")
    phone.listener(DayUnread(quoted("gone again")))
    assert phone.shown[-1].startswith("⚠")
