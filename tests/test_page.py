"""The page as it is drawn: the same model, other words. In a browser: test_browser.py."""

import json
import re
from datetime import date, datetime, timedelta
from typing import Any

from tests.days import NOW, READ_AT, TODAY, a_working_uploader, camera, picture, report, settings, told
from visitorsflow.events import Began, DayRead
from visitorsflow.facts import Course, Missing, Slot, ToldThing
from visitorsflow.reasons import quoted
from visitorsflow.subjects import DATABASE, SILENCE
from visitorsflow.view.answer import answer
from visitorsflow.view.course import Beside, Shown, shown_course
from visitorsflow.view.model import ViewModel
from visitorsflow.view.sentence import to_do
from visitorsflow.web.html import Html, tag
from visitorsflow.web.metrics import metrics
from visitorsflow.web.page import Asked, document, fragment
from visitorsflow.words import Words

ZH, EN = Words("zh-TW"), Words("en")
NINE = Slot(datetime(2018, 5, 31, 9), "17", 30, 10)


def shown(model: ViewModel | None, *slots: Slot) -> Shown:
    course = shown_course(Course(TODAY, slots or (NINE,), ()), settings(), NOW)
    beside = Beside(TODAY - timedelta(days=7), 1234, 5678, 4444)
    return Shown(TODAY, model, course, None, beside)


def well(**chosen: Any) -> ViewModel:
    return picture(told(camera(), sent=report()), uploads=False, **chosen)


def test_only_markup_is_not_escaped() -> None:
    """Neither a text nor an attribute can leave its place."""
    assert tag("p", "<b>&", Html("<b>"), title='"><') == '<p title="&quot;&gt;&lt;">&lt;b&gt;&amp;<b></p>'
    assert tag("input", hidden=True, value=None, checked=False) == "<input hidden>"


def test_all_is_well() -> None:
    """One sentence says so; without any number of today it does not."""
    assert "一切正常" in fragment(shown(well()), Asked(), ZH)
    assert "All is well" in fragment(shown(well()), Asked(lang="en"), EN)
    unread = picture(uploads=False)
    assert "還沒有今天的數字" in fragment(Shown(TODAY, unread, None), Asked(), ZH)


def test_what_is_to_be_done() -> None:
    """Each thing once, the most urgent first."""
    events = (
        told(
            camera("a", alive_age=400),
            camera("b", file_age=743),
            camera("c", trouble='[["folder", ["ENOSPC", {}]]]'),
            camera("d", rejected=2),
            sent=report(accepted=False, http_status=403),
            missing=(Missing("PeopleFlowReport", quoted("denied")),),
        ),
        Began(DATABASE, quoted("gone")),
    )
    model = picture(*events, uploads=False, capacity=500)
    assert list(to_do(shown(model), EN)) == [
        "database away",
        "inside FULL",
        "a no answer 6 min",
        "b no files 12 min",
        "c folder: No space left on device",
        "totals incomplete: b, a missing",
        "report refused",
        "rejected files at d: 2",
        "can't be read: PeopleFlowReport: denied",
    ]
    assert "To deal with (9): database away; inside FULL;" in fragment(shown(model), Asked(), EN)


def test_numbers_that_lack_something_say_so_beside_them() -> None:
    """Who reads the number alone knows whose rows are missing."""
    model = picture(told(camera("東門", file_age=4000), sent=report()), uploads=False)
    assert fragment(shown(model), Asked(), ZH).count("⚠ 少 東門</small>") == 3
    assert 'class="lacks"' not in fragment(shown(well()), Asked(), ZH)


def test_when_the_phone_was_reached() -> None:
    """The time of the last message that arrived, from whichever PC; and the last alert of today."""
    then = READ_AT - timedelta(minutes=20)
    silence = ToldThing(SILENCE.key, "17", 0, then, then, None, None, "17", None, None)
    day = told(camera(), sent=report())
    model = picture(DayRead(day.day._replace(told=(silence,))), uploads=False)
    text = fragment(shown(model), Asked(), ZH)
    assert "最後送達 13:58" in text
    assert "13:58:24 17：沒有資料" in text.split("最後送達", 1)[1].split("</section>")[0]
    assert "這兩天還沒有通知送到手機" in fragment(shown(well()), Asked(), ZH)


def test_an_alert_while_the_page_runs() -> None:
    """The last one stands there, not only those of before its start; and a device's files are said once."""
    silence = ToldThing(SILENCE.key, "17", 0, READ_AT, READ_AT, None, None, "17", None, None)
    lines = camera("north", rejected=2, lines=("north/a", "north/b"))
    day = told(camera(), lines, sent=report())
    model = picture(day, DayRead(day.day._replace(told=(silence,))), uploads=False)
    text = fragment(shown(model), Asked(), ZH)
    assert "14:18:24 17：沒有資料" in text.split("最後送達", 1)[1].split("</section>")[0]
    assert text.count("north：2 個") == 1
    assert list(to_do(shown(model), ZH)) == ["north 有 2 個有問題的檔案"]


def test_a_late_report() -> None:
    """One that was refused is said first."""
    late = picture(told(camera(), sent=report(age=3000)), uploads=False)
    assert list(to_do(shown(late), ZH)) == ["太久沒回報"]
    no_answer = picture(told(camera(), sent=report(3000, accepted=False, http_status=None)), uploads=False)
    assert list(to_do(shown(no_answer), ZH)) == ["回報沒有回應"]


def test_the_capacity() -> None:
    """How full it is, in percent and by a bar; full is said and coloured."""
    near = fragment(shown(well(capacity=650)), Asked(), ZH)
    assert "上限 650 人，93 %" in near
    assert "場內 快滿了" in near
    assert 'class="number inside fill1"' in near
    assert 'width="93.5"' in near
    assert 'class="number inside fill2"' in fragment(shown(well(capacity=601)), Asked(), ZH)
    assert "上限" not in fragment(shown(well()), Asked(), ZH)


def test_other_days_stand_beside() -> None:
    """Each number beside its own."""
    drawn = fragment(shown(well()), Asked(), EN)
    order = [drawn.index(f"last Thu by now <b>{number}</b>") for number in ("1,234", "5,678", "4,444")]
    assert order == sorted(order)
    assert "yesterday" not in drawn


def test_the_same_is_the_same() -> None:
    """Byte for byte, while only the age has changed; else it would be sent again every five seconds."""
    one, other = (picture(told(camera()), seconds_later=later, uploads=False) for later in (1, 4))
    assert one.age != other.age
    assert fragment(shown(one), Asked(), ZH) == fragment(shown(other), Asked(), ZH)
    assert document(shown(one), Asked(), ZH) != document(shown(other), Asked(), ZH)


def test_the_venue_has_its_name_on_the_page() -> None:
    """Above, before the day, where it is set; on the wall and on another day too."""
    for asked in (Asked(), Asked(wall=True)):
        assert "<h1>花博 &amp; 市集 2018 年 5 月 31 日（星期四）</h1>" in document(
            shown(well()), asked, ZH, "花博 & 市集"
        )
    assert "<h1>2018 年" in document(shown(None), Asked(), ZH)


def test_links_keep_what_was_asked_for() -> None:
    """The language goes along to other days and files; nothing else does."""
    drawn = document(shown(well()), Asked(lang="en"), EN)
    assert 'href="/?lang=en&amp;day=2018-05-30"' in drawn
    assert 'href="/day.csv?lang=en&amp;day=2018-05-31"' in drawn
    assert 'href="/?lang=en&amp;wall=1"' in drawn
    assert "day after" not in drawn
    assert Asked().link() == "/"


def test_a_day_that_is_over() -> None:
    """No state of the moment, no script that asks for more."""
    course = shown_course(Course(TODAY, (NINE,), ()), settings(), datetime(2018, 6, 1))
    drawn = document(Shown(date(2018, 6, 2), None, course), Asked(day=TODAY), EN)
    assert "Thu 2018-05-31: 30 in, 10 out; most: 20 at 09:05" in drawn
    assert "page.js" not in drawn
    assert "refresh" not in drawn
    assert 'href="/?day=2018-06-01"' in drawn


def test_gates_that_only_have_rows() -> None:
    """A camera that was taken away counts for today all the same."""
    drawn = fragment(shown(well(), NINE, Slot(datetime(2018, 5, 31, 9), "gone", 2, 1)), Asked(), EN)
    row = '<th scope="row">gone</th><td class="n">2</td><td class="n">1</td><td>-</td><td>-</td><td>-</td>'
    assert row in drawn


def test_the_drawing() -> None:
    """A bar for each number, hatched where data is missing, the present hour marked."""
    drawn = fragment(shown(well(), NINE, Slot(datetime(2018, 5, 31, 11), "17", 6, 6)), Asked(), EN)
    assert drawn.count('class="in"') == drawn.count('class="out"') == 4  # two hours, on a screen and a phone
    assert drawn.count("<title>10:00 without 17</title>") == drawn.count("without 17") - 1 == 2
    assert ">›14</text>" in drawn


def test_the_curve_has_steps() -> None:
    """So many stay inside until the next comes or goes, and until now; it begins with nobody."""
    later = Slot(datetime(2018, 5, 31, 12, 55), "17", 0, 10)
    drawn = fragment(shown(well(), NINE, later), Asked(), EN)
    [wide, _narrow] = re.findall('<path d="([^"]*)" class="inside">', drawn)
    [first, *steps] = re.findall(r"M[\d ]+|[HVL]\d+", wide)
    x = [round(8 + hours * 884 / 14) for hours in (1 + 5 / 60, 5, 6 + 18 / 60 + 25 / 3600)]
    foot = first.split()[1]
    top, half = int(foot) - 90, int(foot) - 45
    assert first == f"M{x[0]} {foot}"
    assert steps == [f"H{x[0]}", f"V{top}", f"H{x[1]}", f"V{half}", f"H{x[2]}", f"V{foot}"]


def test_the_answer_for_programs() -> None:
    """The version, and each event with its text."""
    text = answer(picture(*a_working_uploader(), told(camera()), told(camera(alive_age=400))), EN)
    assert '"version": "' in text
    assert '"happenings"' not in text
    assert '"capacity": null' in text


def test_the_answer_while_nothing_is_known_of_today() -> None:
    """Neither numbers nor hours: an hour of 0 would say that nobody came."""
    unread = json.loads(answer(picture(Began(DATABASE, quoted("gone")), uploads=False), EN))
    assert (unread["came_in"], unread["hours"]) == (None, [])
    of_yesterday = picture(told(camera(), on=TODAY - timedelta(days=1)), uploads=False)
    assert json.loads(answer(of_yesterday, EN))["hours"] == []
    empty = json.loads(answer(picture(told(camera(), hours=()), uploads=False), EN))
    assert (empty["came_in"], len(empty["hours"])) == (0, 24)


def test_the_age_of_an_accepted_report() -> None:
    """The last one that was accepted counts, also after others were refused."""
    refused = report(60, accepted=False)
    model = picture(told(camera(), sent=refused), uploads=False)
    course = shown_course(Course(TODAY, (), (report(age=600), refused)), settings(), NOW)
    assert "visitorsflow_accepted_report_age_seconds 601.0" in metrics(Shown(TODAY, model, course)).decode()
    accepted = picture(told(camera(), sent=report(age=60)), seconds_later=1, uploads=False)
    assert "visitorsflow_accepted_report_age_seconds 61.0" in metrics(Shown(TODAY, accepted, None)).decode()
    assert "visitorsflow_accepted_report_age_seconds 6" not in metrics(Shown(TODAY, model, None)).decode()


def test_the_ages_of_a_camera() -> None:
    """They have gone on since the database was read, once."""
    model = picture(told(camera(file_age=10, alive_age=4)), seconds_later=5, uploads=False)
    said = metrics(Shown(TODAY, model, None)).decode()
    assert 'visitorsflow_camera_alive_age_seconds{camera="17"} 9.0' in said
    assert 'visitorsflow_camera_last_file_age_seconds{camera="17"} 19.0' in said
    assert "visitorsflow_age_seconds 5.0" in said
