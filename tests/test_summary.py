"""The texts of the status message, the closing message, and the alerts about cameras: pure."""

from datetime import date, datetime, time, timedelta

import pytest

from tests.readings import NOON, ago, camera, day, hour, report
from visitorsflow.alerts.alerts import back_text, lost_text
from visitorsflow.alerts.daily import closing_caption, status_text
from visitorsflow.events import CamerasBack, CamerasLost
from visitorsflow.facts import Absence, CameraState, Day, DayEnd, Missing, Return, Totals
from visitorsflow.reasons import quoted
from visitorsflow.words import TEXTS, Words

CHINESE, ENGLISH = Words("zh-TW"), Words("en")
DAY = (time(8), time(22))
END = DayEnd(
    date(2018, 11, 3),
    Totals(1240, 1200, NOON, NOON),
    (),
    peak=312,
    peak_at=datetime(2018, 11, 3, 14, 35, 20),
    gaps=(("54", 743), ("55", 95)),
    sent=168,
    accepted=165,
)


def status(reading: Day, words: Words = CHINESE, now: datetime = NOON) -> list[str]:
    return status_text(reading, DAY, words, now).splitlines()


def test_the_status_message() -> None:
    """All that whoever is away wants to know."""
    reading = day(
        camera("54"),
        camera("55", file_at=ago(743)),
        totals=Totals(1240, 200, NOON, NOON),
        hours=(hour(10, 1, 1), hour(11, 1000, 20), hour(11, 70, 3, "55"), hour(12, 5, 5)),
        report=report(120),
    )
    assert status(reading) == [
        "場內 1,040 人 [2018-11-03 12:00]",
        "今日進 1,240、出 200",
        "11:00–12:00 進 1,070、出 23",
        "攝影機 54：正常",
        "攝影機 55：沒有資料 12 分鐘",
        "回報 11:58：已接受",
    ]
    assert status(reading, ENGLISH) == [
        "1,040 inside [2018-11-03 12:00]",
        "Today 1,240 in, 200 out",
        "11:00–12:00 1,070 in, 23 out",
        "Camera 54: all right",
        "Camera 55: no files for 12 minutes",
        "Report of 11:58: accepted",
    ]


def test_it_says_its_age() -> None:
    """A minute later it is another text, so that one which stays the same is seen to be old."""
    assert status(day()) == status(day(), now=NOON + timedelta(seconds=59))
    assert status(day()) != status(day(), now=NOON + timedelta(seconds=60))


def test_before_anything_has_happened() -> None:
    """No cameras, no hour, no report; and what can't be read is named, in one line."""
    reading = day(
        totals=Totals(0, 0, None, None),
        hours=(hour(12, 1, 1),),
        missing=(Missing("PeopleFlow", quoted("no\nrights")),),
    )
    assert status(reading) == [
        "場內 0 人 [2018-11-03 12:00]",
        "今日進 0、出 0",
        "還沒有回報",
        "有些資料讀不到：PeopleFlow：no\\nrights",
    ]
    morning = NOON.replace(hour=1)
    assert status(day(hours=(hour(0, 2, 1),)), now=morning)[2] == "00:00–01:00 進 2、出 1"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (camera("54"), "正常"),
        (camera("54", file_at=ago(61)), "沒有資料 1 分鐘"),
        (camera("54", file_at=None), "還沒有資料"),
        (camera("54", trouble="folder: gone"), "有問題"),
        (camera("54", 91, file_at=None), "沒有回應 1 分鐘"),
        (camera("54", 300, stopped_at=ago(7500)), "已停止 2 小時 5 分鐘"),
    ],
)
def test_a_camera_has_a_word(state: CameraState, word: str) -> None:
    """The worst that is known of it."""
    assert status(day(state))[2] == f"攝影機 54：{word}"


def test_closed_is_no_silence() -> None:
    """But a PC that does not answer is said in the night too."""
    night = NOON.replace(hour=23)
    reading = day(camera("54", file_at=ago(3600), open_now=False), camera("55", 91))
    assert status(reading, now=night)[2:4] == ["攝影機 54：休息中", "攝影機 55：沒有回應 1 分鐘"]
    opening = NOON.replace(hour=8, second=30)
    assert status(day(camera("54", file_at=ago(3600))), now=opening)[2] == "攝影機 54：正常"


def test_the_last_report() -> None:
    """Refused, or of a day before."""
    assert status(day(report=report(60, accepted=False)))[-1] == "回報 11:59：沒有被接受"
    assert status(day(report=report(43_260)))[-1] == "回報 11-02 23:59：已接受"
    assert status(day(report=report(43_200)))[-1] == "回報 00:00：已接受"


def test_the_closing_caption() -> None:
    """A day that is over, in both languages."""
    assert closing_caption(END, CHINESE).splitlines() == [
        "2018-11-03 全日統計",
        "進場 1,240 人、出場 1,200 人",
        "場內最多 312 人（14:35）",
        "結束時還有 40 人沒有計到出場（3.2%）",
        "攝影機 54 中斷 12 分鐘",
        "攝影機 55 中斷 1 分鐘",
        "回報 168 次，165 次被接受",
    ]
    assert closing_caption(END, ENGLISH).splitlines() == [
        "2018-11-03, the whole day",
        "1,240 in, 1,200 out",
        "At most 312 inside (14:35)",
        "40 were not counted out at the end (3.2 %)",
        "Camera 54 was silent for 12 minutes",
        "Camera 55 was silent for 1 minute",
        "168 reports, 165 accepted",
    ]


def test_the_drift_has_two_directions() -> None:
    """In percent of the larger count."""

    def left(came_in: int, went_out: int) -> str:
        end = END._replace(totals=Totals(came_in, went_out, None, None))
        return closing_caption(end, CHINESE).splitlines()[3]

    assert left(1000, 1001) == "出場比進場多計 1 人（0.1%）"
    assert left(0, 2000) == "出場比進場多計 2,000 人（100.0%）"
    assert left(1000, 999) == "結束時還有 1 人沒有計到出場（0.1%）"
    assert left(7, 7) == left(0, 0) == "進出人數相符"


def test_a_day_on_which_nothing_happened() -> None:
    """It is said all the same."""
    end = END._replace(totals=Totals(0, 0, None, None), peak=0, peak_at=None, gaps=(), sent=0, accepted=0)
    assert closing_caption(end, CHINESE).splitlines()[2:] == [
        "進出人數相符",
        "攝影機全日正常",
        "當天沒有回報",
    ]


@pytest.mark.parametrize(
    ("gaps", "since", "chinese", "english"),
    [
        (None, None, ["這一天的攝影機狀況沒有紀錄"], ["It is not known whether the cameras had gaps"]),
        (
            (),
            NOON,
            ["12:00 以後攝影機都正常，之前的沒有紀錄"],
            ["No camera had a gap after 12:00; nothing is known of the time before"],
        ),
        (
            (("54", 743),),
            NOON,
            ["攝影機 54 中斷 12 分鐘", "（12:00 以前的中斷沒有紀錄）"],
            ["Camera 54 was silent for 12 minutes", "(gaps before 12:00 are not known)"],
        ),
    ],
)
def test_what_is_not_known_of_the_gaps(
    gaps: tuple[tuple[str, float], ...] | None, since: datetime | None, chinese: list[str], english: list[str]
) -> None:
    """Nobody says of a camera that it was well who has not seen it."""
    end = END._replace(gaps=gaps, gaps_since=since)
    assert closing_caption(end, CHINESE).splitlines()[4:-1] == chinese
    assert closing_caption(end, ENGLISH).splitlines()[4:-1] == english


def test_one_lost_camera() -> None:
    """Since when, with the date where it was not today, and what to do."""
    lost = Absence("54", NOON, stopped=False)
    stopped = Absence("54", NOON - timedelta(days=1), stopped=True)
    assert [lost_text(CamerasLost((one,)), CHINESE, NOON) for one in (lost, stopped)] == [
        "攝影機 54 的電腦從 12:00 起沒有回應，請查看電源和網路",
        "攝影機 54 的程式從 11-02 12:00 起停止了，請重新啟動",
    ]
    assert lost_text(CamerasLost((lost,)), ENGLISH, NOON) == (
        "The PC of camera 54 has not answered since 12:00: check its power and network"
    )


def test_several_lost_cameras() -> None:
    """One message names them all."""
    lost = CamerasLost((Absence("54", NOON, stopped=False), Absence("55", NOON, stopped=True)))
    assert lost_text(lost, CHINESE, NOON) == (
        "這些攝影機的電腦沒有回應，請查看電源和網路：54（從 12:00 起）、55（從 12:00 起，程式停止了）"
    )
    assert lost_text(lost, ENGLISH, NOON) == (
        "The PCs of these cameras do not answer, please check power and network: "
        "54 (since 12:00), 55 (since 12:00, the program was stopped)"
    )


def test_cameras_that_are_back() -> None:
    """Each with the time for which it was away."""
    one, other = Return("54", 743), Return("55", 60)
    assert back_text(CamerasBack((one,)), CHINESE) == "攝影機 54 的電腦恢復了，中斷 12 分鐘"
    assert back_text(CamerasBack((one, other)), CHINESE) == (
        "這些攝影機的電腦恢復了：54（中斷 12 分鐘）、55（中斷 1 分鐘）"
    )
    assert back_text(CamerasBack((one, other)), ENGLISH) == (
        "The PCs of these cameras answer again: 54 (after 12 minutes), 55 (after 1 minute)"
    )


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize(
    "what",
    [
        *("capacity near", "capacity", "report", "report refused", "disk"),
        *("clock fast", "clock slow", "camera's clock fast", "camera's clock slow"),
    ],
)
def test_each_subject_has_a_beginning_and_an_end(language: str, what: str) -> None:
    """With nothing in them that an alert does not have."""
    texts = TEXTS[language]  # type: ignore[index]
    assert texts[what].format(limit="LIMIT", reason="REASON", waiting=0).count("REASON") == 1
    assert texts[f"{what} over"].format(length="LENGTH", caught_up=0)


def test_both_languages_have_the_same_texts() -> None:
    """None is missing when somebody changes the language."""
    assert TEXTS["en"].keys() == TEXTS["zh-TW"].keys()
