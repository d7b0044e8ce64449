"""From events to the picture of the day: what is remembered, for how long, and when it is old."""

import dataclasses
import json
import threading
from datetime import datetime, timedelta
from typing import Any

import time_machine

from tests.days import HOURS, NOW, OWN, READ_AT, TODAY, at_utc, camera, picture, report, settings, told
from visitorsflow.events import (
    Began,
    DayClosed,
    DayUnread,
    Delivered,
    Ended,
    Lasts,
    Listed,
    ReadAgain,
    Rejected,
    RejectedBefore,
    StatusShown,
    Stored,
)
from visitorsflow.facts import ToldThing
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.health import Health, troubles_text
from visitorsflow.subjects import (
    DATABASE,
    FILES,
    FOLDER,
    LOOP,
    PART,
    PROGRAM,
    REFUSAL,
    SILENCE,
    TELEGRAM,
    WAITING,
)
from visitorsflow.view.draw import plain
from visitorsflow.view.model import Progress
from visitorsflow.view.phrases import happening_text
from visitorsflow.view.screen import screen
from visitorsflow.view.state import Backlog, State
from visitorsflow.words import Words


def test_counts_are_those_of_the_day() -> None:
    """Those of the totals, from which the report is made as well; nobody is inside less than nobody."""
    shown = picture(told(camera()))
    assert (shown.inside, shown.came_in, shown.went_out) == (608, 1580, 972)
    assert [(h.hour, h.came_in, h.went_out) for h in shown.hours if h.came_in] == list(HOURS)
    assert [h.hour for h in shown.hours if h.is_open] == list(range(8, 22))
    assert picture(told(hours=((8, 1, 5),))).inside == 0


def test_before_the_first_read() -> None:
    """Nothing is known, which is not the same as nobody; the uploader's part is there."""
    shown = picture(Listed(4, True))
    assert (shown.age, shown.inside, shown.database, shown.cameras) == (None, None, "unread", ())
    assert shown.uploader
    assert shown.uploader.waiting == 4


@time_machine.travel(at_utc(NOW), tick=False)
def test_a_new_day_begins_with_nothing() -> None:
    """At midnight the counts of yesterday are over, those from the database and our own."""
    events = (Stored(5, 9, NOW), Rejected("x.json", quoted("why")), told(camera()))
    before = picture(*events, now=NOW)
    after = picture(*events, now=datetime(2018, 6, 1, 0, 0))
    assert before.uploader
    assert after.uploader
    assert (before.uploader.stored, before.uploader.rejected_name, before.inside) == (5, "x.json", 608)
    assert (after.uploader.stored, after.uploader.rejected_name, after.inside) == (0, "", None)
    assert (before.uploader.rejected, after.uploader.rejected) == (1, 0)
    assert not any(hour.came_in for hour in after.hours)


def test_an_old_picture_says_so() -> None:
    """After a minute without a read the database does not answer, whatever the storing says."""
    assert picture(told(camera()), seconds_later=60).database == "works"
    old = picture(told(camera()), seconds_later=61)
    assert (old.database, old.age, old.is_old, old.inside) == ("old", 61, True, 608)


def test_a_day_that_is_read_seldom() -> None:
    """Where a read takes long, they are far apart: then a picture is old after three times as long."""
    clock = [0.0]
    state = State(settings(), clock=lambda: clock[0])
    for clock[0] in (5.0, 45.0):
        state(told(camera()))
    ages = []
    for clock[0] in (165.0, 166.0):
        ages.append(state.snapshot(NOW).is_old)
    assert ages == [False, True]


def test_times_of_the_database_are_shown_by_the_venues_clock() -> None:
    """The database has UTC; the camera's own last crossing is local already."""
    [shown] = picture(told(camera(file_age=6))).cameras
    assert shown.file_at == READ_AT + timedelta(hours=8, seconds=-10)
    assert (shown.file_age, shown.crossing_at) == (11, NOW - timedelta(seconds=9))


def test_cameras_come_worst_first() -> None:
    """And by name where they are equally well."""
    states = [camera("b"), camera("a"), camera("dead", alive_age=100), camera("silent", file_age=100)]
    assert [one.name for one in picture(told(*states)).cameras] == ["dead", "silent", "a", "b"]


def test_troubles_of_this_pc() -> None:
    """They last from their beginning to their end; what was told is among the happenings."""
    away = Began(DATABASE, quoted("no route"))
    assert picture(away).database == "away"
    assert picture(Began(REFUSAL, quoted("read-only"))).database == "refuses"
    assert picture(told(camera()), away, Ended(DATABASE, 5, False, 0)).database == "works"
    for what in (FOLDER, PART, FILES, WAITING, LOOP):
        shown = picture(Began(what, quoted("x"))).uploader
        assert shown
        assert shown.folder == "trouble"
    assert picture(Began(PROGRAM, quoted("x"))).troubles == {"program": quoted("x")}
    told_of = picture(Lasts(SILENCE, None, 60), Ended(SILENCE, 720, True, 0), Ended(FOLDER, 1, False, 0))
    assert [(one.what, one.is_bad) for one in told_of.happenings] == [
        ("silence", True),
        ("silence over", False),
    ]


def test_telegram() -> None:
    """Not set up, working, or holding the alerts back."""
    waits = Began(TELEGRAM, quoted("no network"))
    shown = [
        picture(waits),
        picture(has_telegram=True),
        picture(waits, has_telegram=True),
        picture(waits, Ended(TELEGRAM, 3, False, 0), has_telegram=True),
    ]
    assert [one.uploader.telegram for one in shown if one.uploader] == ["none", "works", "waits", "works"]


def test_another_pc_has_no_uploader() -> None:
    """`--view` knows only what the database knows."""
    assert picture(told(camera()), uploads=False).uploader is None


def test_what_happened_to_other_cameras() -> None:
    """Each change is said once, of our own camera only where no uploader tells it itself."""
    well = told(camera(), camera("east"))
    ill = told(camera(alive_age=100), camera("east", file_age=100))
    events = (well, ill, ill, well)
    said = [(one.values["name"], one.values["health"], one.is_bad) for one in picture(*events).happenings]
    assert said == [("east", Health.SILENT, True), ("east", Health.WELL, False)]
    assert len(picture(*events, uploads=False).happenings) == 4


def test_what_became_of_a_report() -> None:
    """Said when it is refused, and when the next is accepted; one that was there at the start is none."""
    first, second, fourth = report(), report(age=10), report(age=0.5)
    third = report(age=1, accepted=False, reply="no\n")
    days = [told(camera(), sent=sent) for sent in (first, first, second, third, fourth)]
    said = [(one.what, one.is_bad, one.values) for one in picture(*days).happenings]
    assert [what for what, _, _ in said] == ["view report refused", "view report accepted"]
    assert said[0] == ("view report refused", True, {"reply": quoted("no\n")})
    assert not picture(told(), days[0]).happenings  # the first one ever: nothing is over
    unanswered = told(camera(), sent=report(age=1, accepted=False, http_status=None))
    assert [one.what for one in picture(days[0], unanswered).happenings] == ["view report silent now"]


def test_a_report_is_late_in_open_hours() -> None:
    """Fifteen minutes after the last one, by the picture's own age too."""
    day = told(camera(), sent=report(age=890))
    assert [picture(day, seconds_later=s).report_is_late for s in (10, 11)] == [False, True]
    assert not picture(day, seconds_later=11, open_hours=("08:00", "14:00")).report_is_late
    shown = picture(day, seconds_later=11).report
    assert shown
    assert (shown.age, shown.sent_at) == (901, READ_AT + timedelta(hours=8, seconds=-890))


def test_the_lines_of_a_device_are_shown_in_its_place() -> None:
    """Each as a camera that is as its PC is; how this PC's own change is told by other events."""
    lines = (f"{OWN}/a", f"{OWN}/b")
    well, silent = camera(lines=lines), camera(file_age=720, lines=lines)
    shown = picture(told(well), told(silent))
    assert [(one.name, one.health) for one in shown.cameras] == [(line, Health.SILENT) for line in lines]
    assert shown.happenings == ()
    others = [one._replace(name="9", lines=("9/a",)) for one in (well, silent)]
    assert [one.values["name"] for one in picture(*map(told, others)).happenings] == ["9/a"]
    assert len(picture(told(well), told(silent), uploads=False).happenings) == 2


def test_happenings_are_safe_to_show() -> None:
    """Names and reasons come from outside; only the newest hundred are kept."""
    shown = picture(Rejected("\x1b.json", quoted("bad\n")), ReadAgain("a\tb"))
    assert [(one.what, one.values) for one in shown.happenings] == [
        ("view rejected", {"name": "\\x1b.json", "reason": quoted("bad\n")}),
        ("view read again", {"name": "a\\tb"}),
    ]
    assert "\\x1b.json 已放到 rejected（原因：bad\\n）" in plain(screen(shown, 80, 24, Words("zh-TW")))
    assert len(picture(*[ReadAgain(str(number)) for number in range(150)]).happenings) == 100
    state = State(settings())
    state.remark("a line\x07")
    assert state.snapshot(NOW).happenings[0].values == {"text": "a line\\x07"}


def test_lengths_go_on_while_the_database_is_away() -> None:
    """By our own clock; and how a camera is now is not known then, which is not the same as dead."""
    day = told(camera(), camera("east", file_age=743), sent=report())
    away = DayUnread(quoted("no route"))
    before, after = (picture(day, *more, seconds_later=30) for more in ((), (away,)))
    assert [(one.name, one.health, one.file_age) for one in before.cameras] == [
        ("east", Health.SILENT, 777),
        ("17", Health.WELL, 37),
    ]
    assert {one.health for one in after.cameras} == {Health.UNKNOWN}
    assert [one.file_age for one in after.cameras] == [37, 777]
    assert (before.database, after.database, after.is_old) == ("works", "away", True)
    assert after.counted_at == READ_AT + timedelta(hours=8)
    assert [one.what for one in after.happenings] == ["view unread"]


def test_one_failed_read_is_enough() -> None:
    """Before anything was read, too; and when it works again that is said, once."""
    away = DayUnread(quoted("no route"))
    assert picture(away, away, uploads=False).database == "away"
    assert len(picture(away, away).happenings) == 1
    back = picture(away, told(camera()))
    assert (back.database, back.is_old) == ("works", False)
    assert [(one.what, one.is_bad) for one in back.happenings] == [
        ("view unread", True),
        ("view read", False),
    ]


def test_nobody_is_dead_before_it_could_beat() -> None:
    """After the database was away, a camera that has not beaten is unknown for ninety seconds."""
    clock = [0.0]
    state = State(settings(), uploads=False, clock=lambda: clock[0])
    state(told(camera(), camera("stopped", stopped_at=READ_AT)))
    state(DayUnread(quoted("no route")))
    clock[0] = 600.0
    late = READ_AT + timedelta(seconds=600)
    state(told(camera(), camera("stopped", stopped_at=READ_AT), read_at=late))
    healths = []
    for clock[0] in (601.0, 640.0, 689.0, 690.0):
        state(told(camera(), camera("stopped", stopped_at=READ_AT), read_at=late))
        healths.append({one.name: one.health.value for one in state.snapshot(NOW).cameras})
    unknown, dead = {"17": "unknown", "stopped": "stopped"}, {"17": "dead", "stopped": "stopped"}
    assert healths == [unknown, unknown, unknown, dead]


def test_a_pause_of_our_own_is_like_an_absence_of_the_database() -> None:
    """As when a notebook was shut: the first reading after it calls nobody dead."""
    clock = [0.0]
    state = State(settings(), uploads=False, clock=lambda: clock[0])
    state(told(camera()))
    clock[0] = 600.0
    state(told(camera(), read_at=READ_AT + timedelta(seconds=600)))
    assert [one.health for one in state.snapshot(NOW).cameras] == [Health.UNKNOWN]


def test_what_waits_is_one_number() -> None:
    """That of our own listing, also in the row of our own camera; of the others that of their beat."""
    shown = picture(Listed(7, True), told(camera(waiting=3), camera("east", waiting=2)))
    assert shown.uploader
    assert shown.uploader.waiting == 7
    assert {one.name: one.waiting for one in shown.cameras} == {"17": 7, "east": 2}


@time_machine.travel(at_utc(NOW), tick=False)
def test_what_was_rejected_before_the_start() -> None:
    """It counts, and the newest is that of this start once there is one."""
    before = RejectedBefore(2, "old.json", quoted("why"))
    shown = [picture(before).uploader, picture(before, Rejected("new.json", quoted("x"))).uploader]
    assert [(one.rejected, one.rejected_name) for one in shown if one] == [(2, "old.json"), (3, "new.json")]


def test_when_the_phone_was_reached() -> None:
    """By the last message that has arrived there."""
    with time_machine.travel(at_utc(NOW), tick=False):
        assert picture(Delivered(DayClosed(TODAY)), has_telegram=True).reached_at == NOW
    assert picture(has_telegram=True).reached_at is None


def thing(what: str, camera: str, told: float, over: float | None = None, **changed: Any) -> ToldThing:
    """It was told so many seconds before READ_AT, twenty seconds after it began; and its end, perhaps."""
    told_at, end = READ_AT - timedelta(seconds=told), None
    if over is not None:
        end = READ_AT - timedelta(seconds=over)
    since = told_at - timedelta(seconds=20)
    return ToldThing(what, camera, 1, since, told_at, end, end, "17", None, None)._replace(**changed)


@time_machine.travel(at_utc(NOW), tick=False)
def test_what_was_told_before_the_start_is_remembered() -> None:
    """Today's, of all PCs, before what this program has seen itself; and when the phone was reached."""
    things = (
        thing("silence", "east", 7200, 6600),
        thing("report", "", 900, reason=quoted("2018-05-31 14:00")),
        thing("disk", "west", 86400, 80000),
        thing("rejected", "17", 300, 300, reason=Reason("files rejected", files=2, first="a.json")),
    )
    first = told(camera())
    first = dataclasses.replace(first, day=first.day._replace(told=things))
    shown = picture(ReadAgain("x.json"), first, first)
    said = [(f"{one.at:%H:%M}", happening_text(one, Words("zh-TW"))) for one in shown.happenings[:-1]]
    assert said == [
        ("12:18", "east：沒有資料"),
        ("12:28", "east：沒有資料，已恢復，中斷 10 分鐘"),
        ("14:03", "太久沒回報：2018-05-31 14:00"),
        ("14:13", "17：有問題的檔案：2 個檔案，例如 a.json"),
    ]
    assert [one.is_bad for one in shown.happenings] == [True, False, True, True, True]
    assert shown.reached_at == READ_AT + timedelta(hours=8, seconds=-300)


def test_notices_stay_until_they_are_seen() -> None:
    """Or for an hour; what was seen is among the happenings."""
    clock = [0.0]
    state = State(settings(), clock=lambda: clock[0])
    state.notice("one")
    clock[0] = 3599.0
    state.notice(quoted("two"))
    counts = []
    for clock[0] in (3599.5, 3600.0):
        counts.append(len(state.snapshot(NOW).notices))
    assert counts == [2, 1]
    state.seen()
    shown = state.snapshot(NOW)
    assert (shown.notices, [one.values for one in shown.happenings]) == ((), [{"reason": quoted("two")}])


def test_the_hours_of_which_rows_are_missing() -> None:
    """From the last file of a camera that is silent until now, in open hours."""
    silent = camera("east", file_age=2 * 3600 + 1800, trouble="silence")
    shown = picture(told(camera(), silent))
    assert [(gap.camera, gap.since.hour) for gap in shown.short] == [("east", 11)]
    assert [hour.hour for hour in shown.hours if hour.short == ("east",)] == [11, 12, 13, 14]
    assert {hour.short for hour in shown.hours if not 11 <= hour.hour <= 14} == {()}


def test_a_backlog() -> None:
    """Worth showing above 300 files, until all are done."""
    backlog = Backlog()
    assert backlog.waiting == 0
    backlog.stored(5, 0)  # more than were known
    assert backlog.waiting == 0
    backlog.listed(300, 0)
    assert backlog.progress(0) is None
    backlog.listed(301, 0)
    assert backlog.progress(0) == Progress(0, 301, 0, None)
    backlog.stored(1, 0.5)  # in less than a second no speed is known
    assert backlog.progress(0.5) == Progress(1, 301, 1, 300)
    backlog.listed(400, 10)  # a hundred more came in the meantime
    assert backlog.progress(10) == Progress(1, 401, 0.1, 4000)
    backlog.listed(1, 11)
    assert backlog.progress(11)
    backlog.listed(0, 12)
    assert backlog.progress(12) is None
    backlog.listed(301, 20)  # the next one begins anew
    assert backlog.progress(20) == Progress(0, 301, 0, None)


def test_the_speed_of_the_last_fifteen_seconds() -> None:
    """What was before does not count, and what is left is counted from it."""
    backlog = Backlog()
    backlog.listed(1000, 0)
    for second in range(1, 41):
        backlog.stored(10 if second <= 24 else 20, second)
    assert backlog.progress(40) == Progress(560, 1000, 20, 22)
    assert backlog.progress(56) == Progress(560, 1000, 10, 44)  # slower while nothing goes on
    backlog.stored(40, 100)
    assert backlog.progress(100) == Progress(600, 1000, 40 / 60, 600)


def test_json() -> None:
    """One object with everything, for scripts: no value needs explaining to json."""
    shown = picture(
        Rejected("x.json", quoted("why")), told(camera(), camera("北側", file_age=100), sent=report())
    )
    read = json.loads(shown.as_json())
    assert (read["inside"], read["came_in"], read["went_out"]) == (608, 1580, 972)
    assert read["cameras"][0] | {"name": "北側", "health": "silent", "seconds": 101.0} == read["cameras"][0]
    assert (read["now"], read["report"]["day"]) == ("2018-05-31T14:18:25", str(TODAY))
    assert "北側" in shown.as_json()


def test_from_many_threads() -> None:
    """Events and pictures may come at the same time, from anywhere."""
    state = State(settings())

    def tell() -> None:
        for number in range(200):
            state(Stored(1, 1, None))
            state(Listed(number, True))
            state.snapshot(state.snapshot(NOW).now)

    with time_machine.travel(at_utc(NOW), tick=False):
        threads = [threading.Thread(target=tell) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shown = state.snapshot(NOW).uploader
    assert shown
    assert shown.stored == 800


@time_machine.travel(at_utc(NOW), tick=False)
def test_the_status_message_has_reached_the_phone() -> None:
    """On a day without any alert it is what shows that the phone is reached."""
    assert picture(told(camera())).reached_at is None
    assert picture(told(camera()), StatusShown()).reached_at == NOW


@time_machine.travel(at_utc(NOW), tick=False)
def test_what_another_pc_rejects_is_noted() -> None:
    """Once, with that PC's name; not what was there at the first reading, nor what we tell ourselves."""

    def with_rejected(name: str) -> str:
        return troubles_text([], 255, Reason("rejected file", name=name, why=Reason("is empty")))

    own = camera(rejected=1, trouble=with_rejected("own.json"))
    east = [
        camera("east", rejected=1, trouble=with_rejected(name)) for name in ("a.json", "b.json", "b.json")
    ]
    shown = picture(told(camera(), east[0]), *(told(own, one) for one in east))
    said = [happening_text(one, Words("zh-TW")) for one in shown.happenings]
    assert said == ["east b.json 已放到 rejected（原因：是空的）"]
    restarted = camera("east", rejected=1)
    again = picture(told(camera(), east[0]), told(camera(), restarted), told(camera(), east[0]))
    assert again.happenings == ()
    first = picture(told(camera(), camera("east")), told(own, east[0]))
    assert [one.what for one in first.happenings] == ["view rejected"]
