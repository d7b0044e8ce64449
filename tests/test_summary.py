"""The texts of the closing message and of the alerts about cameras: pure."""

from datetime import date, datetime, timedelta

import pytest

from tests.readings import NOON
from visitorsflow.alerts.alerts import back_text, lost_text
from visitorsflow.alerts.daily import closing_caption
from visitorsflow.events import CamerasBack, CamerasLost
from visitorsflow.facts import Absence, DayEnd, Return, Totals
from visitorsflow.words import TEXTS, Words

CHINESE, ENGLISH = Words("zh-TW"), Words("en")
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


def test_the_closing_caption() -> None:
    """A day that is over, in both languages."""
    assert closing_caption(END, CHINESE, "花博").splitlines() == [
        "花博 2018-11-03 星期六 全日統計",
        "進場 1,240 人次、出場 1,200 人次 ⚠ 少 54、55",
        "場內最多 312 人（14:35）",
        "結束時還有 40 人未計入出場（3.2%）",
        "攝影機 54 中斷 12 分鐘",
        "攝影機 55 中斷 1 分鐘",
        "回報 168 次，165 次成功",
    ]
    assert closing_caption(END, ENGLISH).splitlines() == [
        "Sat 2018-11-03, the whole day",
        "1,240 in, 1,200 out ⚠ without 54, 55",
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
    assert left(1000, 999) == "結束時還有 1 人未計入出場（0.1%）"
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
            ["攝影機 54 中斷 12 分鐘", "（12:00 以前的中斷可能沒列出來）"],
            ["Camera 54 was silent for 12 minutes", "(gaps before 12:00 may not be listed)"],
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


def test_a_camera_that_was_taken_out() -> None:
    """It is no day on which all was well, nor are the totals whole."""
    end = END._replace(gaps=(), gone=(("54", datetime(2018, 11, 3, 14)),))
    lines = closing_caption(end, CHINESE).splitlines()
    assert lines[1] == "進場 1,240 人次、出場 1,200 人次 ⚠ 少 54"
    assert lines[4:-1] == ["攝影機 54 在 14:00 移除，之後沒有計入"]
    both = closing_caption(end._replace(gaps=(("54", 60),)), ENGLISH).splitlines()
    assert both[1] == "1,240 in, 1,200 out ⚠ without 54"
    assert both[4:-1] == [
        "Camera 54 was silent for 1 minute",
        "Camera 54 was taken out at 14:00, and did not count from then on",
    ]


def test_one_lost_camera() -> None:
    """Since when, with the date where it was not today, and what to do."""
    lost = Absence("54", NOON, stopped=False)
    stopped = Absence("54", NOON - timedelta(days=1), stopped=True)
    assert [lost_text(CamerasLost((one,)), CHINESE, NOON) for one in (lost, stopped)] == [
        "攝影機 54 的電腦從 12:00 起沒有回應，請檢查電源和網路",
        "攝影機 54 的程式 11-02 12:00 已停止，請重新啟動",
    ]
    assert lost_text(CamerasLost((lost,)), ENGLISH, NOON) == (
        "The PC of camera 54 has not answered since 12:00: check its power and network"
    )


def test_several_lost_cameras() -> None:
    """One message names them all."""
    lost = CamerasLost((Absence("54", NOON, stopped=False), Absence("55", NOON, stopped=True)))
    assert lost_text(lost, CHINESE, NOON) == (
        "這些攝影機的電腦沒有回應，請檢查電源和網路：54（從 12:00 起）、55（程式 12:00 已停止）"
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
