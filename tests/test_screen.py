"""The screen as a pure function: a picture and a size in, lines out."""

import dataclasses
import unicodedata

import pytest
import time_machine
from rich.cells import cell_len

from tests.days import NOW, at_utc, camera, picture, report, some_cameras, told
from tests.scenes import SIZES, drawn, path_of, scenes
from visitorsflow.events import Began, DayUnread, Listed, Rejected, StatusShown
from visitorsflow.facts import Missing
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.health import Trouble, troubles_text
from visitorsflow.rules.limits import fill
from visitorsflow.subjects import FOLDER, REFUSAL, TELEGRAM
from visitorsflow.view.draw import plain
from visitorsflow.view.model import Happening, ViewModel
from visitorsflow.view.screen import Prompt, help_screen, inside_label, screen
from visitorsflow.words import Language, Words

SCENES = {name: (shown, language) for name, shown, language in scenes()}
BLOCKS = set("▁▂▃▄▅▆▇█")


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_looks_as_it_did(name: str) -> None:
    """At the three sizes, to the letter; what differs may be right: `python -m tests.scenes`, and look."""
    assert drawn(*SCENES[name]) == path_of(name).read_text("utf-8")


@pytest.mark.parametrize("name", SCENES)
def test_every_line_is_as_wide_as_the_screen(name: str) -> None:
    """Whatever the size is, even a silly one: so many lines, each a cell less than there is room for."""
    shown, language = SCENES[name]
    for columns, rows in (*SIZES, (81, 25), (200, 60), (79, 24), (80, 23), (40, 10), (9, 3), (1, 1)):
        lines = screen(shown, columns, rows, Words(language))
        assert len(lines) == rows
        assert {sum(cell_len(part.text) for part in line) for line in lines} == {max(1, columns - 1)}


@pytest.mark.parametrize("name", SCENES)
def test_no_sign_has_a_width_that_terminals_disagree_about(name: str) -> None:
    """Only the blocks have, and no text stands right of them but in the huge numbers."""
    shown, language = SCENES[name]
    for number, line in enumerate(text_of(shown, 120, 40, language).splitlines()):
        doubtful = {sign for sign in line if unicodedata.east_asian_width(sign) == "A"}
        assert doubtful <= BLOCKS
        if doubtful and number > 6:
            after = line[min(line.index(sign) for sign in doubtful) :]
            assert set(after) <= BLOCKS | {" "}


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (40, 10)])
def test_a_small_window(size: tuple[int, int]) -> None:
    """It says so, and the three numbers."""
    shown, _ = SCENES["four cameras"]
    text = text_of(shown, *size, "zh-TW")
    for part in ("場內 608", "進 1580", "出 972", "視窗太小，請放大到 80x24"):
        assert part in text.replace("\n", "") if size[0] == 40 else part in text


def test_the_three_questions() -> None:
    """How many are inside, does each camera live, was the last report accepted: also at 80 × 24."""
    text = text_of(SCENES["four cameras"][0], 80, 24, "zh-TW")
    assert "██████  ██████  ██████      █  ███ ███ ███           ███ ███ ███" in text  # 608 1580 972
    for words in ("沒有回應 6 分鐘", "沒有資料 12 分鐘", "停止 2 小時", "正常"):
        assert text.count(words)
    assert "回報成功 14:15:01 3 分鐘前" in text


def test_many_cameras() -> None:
    """The worst come first, the last row says how many more there are."""
    rows = text_of(SCENES["twenty cameras"][0], 80, 24, "zh-TW").splitlines()
    heading = next(index for index, row in enumerate(rows) if row.startswith("攝影機"))
    assert [row.split()[0] for row in rows[heading + 1 : heading + 4]] == ["east", "北側入口", "west"]
    assert rows[heading + 5] == "還有 16 台：正常 16"


@pytest.mark.parametrize("size", SIZES)
def test_the_frame_never_jumps(size: tuple[int, int]) -> None:
    """What happens moves no block: with the same cameras, each heading stays in its row."""
    quiet = picture(told(*some_cameras(), sent=report()))
    loud, _ = SCENES["four cameras"]
    for words in ("場內", "回報成功", "時  ", "攝影機", "本機"):
        where = [
            next(i for i, row in enumerate(text_of(p, *size, "zh-TW").splitlines()) if row.startswith(words))
            for p in (quiet, loud)
        ]
        assert where[0] == where[1]


def test_the_longest_states_fit() -> None:
    """When everything is the matter at once, each state is still seen at 80 columns."""
    events = [Began(what, quoted("x")) for what in (REFUSAL, FOLDER, TELEGRAM)]
    late = told(camera(), sent=report(age=3500, accepted=False, http_status=None))
    shown = picture(late, *events, has_telegram=True)
    assert text_of(shown, 80, 24, "zh-TW").splitlines()[7].endswith("手機 送不出去")
    assert text_of(shown, 80, 24, "en").splitlines()[7].endswith("phone fails")


def test_bars_have_one_scale() -> None:
    """Whoever came in rises, who went out hangs; one person is seen, none leaves no mark."""
    shown = picture(told(camera(), hours=((8, 400, 1), (9, 0, 0), (10, 200, 200))))
    rows = text_of(shown, 80, 24, "en").splitlines()[8:14]
    at = [[row.ljust(79)[8 + 3 * hour : 10 + 3 * hour] for hour in (8, 9, 10)] for row in rows]
    assert [row[:8].rstrip() for row in (rows[0], rows[1])] == ["in top", "450/h"]
    assert [row[:8].rstrip() for row in (rows[4], rows[5])] == ["out top", "300/h"]
    assert [column[0] for column in at] == ["▆▆", "██", "██", "08", "▇▇", "  "]
    assert [column[1] for column in at] == ["  ", "  ", "  ", "09", "  ", "  "]
    assert [column[2] for column in at] == ["  ", "▃▃", "██", "10", "██", "▅▅"]


@pytest.mark.parametrize(("capacity", "word"), [(1000, ""), (30, "快滿了"), (28, "滿了")])
def test_how_full_it_is(capacity: int, word: str) -> None:
    """Amber from 90 % on and red when it is full, each with its word."""
    shown = picture(told(camera(), hours=((10, 40, 12),)))
    full = dataclasses.replace(shown, fill=fill(shown.inside or 0, capacity), capacity=capacity)
    label = inside_label(full, 40, Words("zh-TW"))
    assert "".join(part.text for part in label) == f"場內／上限 {capacity} {word}".rstrip()
    if word:
        assert str(label[-1].style) == {30: "black on yellow", 28: "bold white on red"}[capacity]


def test_a_camera_name_moves_nothing() -> None:
    """Names come from other PCs: what could move the cursor is made visible, what is long is cut."""
    name = "\x1b[2J" + "很長的攝影機名稱" * 3
    text = text_of(picture(told(camera(name))), 80, 24, "zh-TW")
    assert "\x1b" not in text
    assert ".. 正常" in text.replace("  ", " ")


def text_of(shown: ViewModel, columns: int, rows: int, language: Language) -> str:
    return plain(screen(shown, columns, rows, Words(language)))


def test_bars_that_hang() -> None:
    """There is no block that hangs: one of the rest is turned over. What is closed is dim."""
    shown = picture(told(camera(), hours=((7, 100, 0), (8, 400, 1))))
    up, down = screen(shown, 80, 24, Words("en"))[10], screen(shown, 80, 24, Words("en"))[12]
    bars = [(part.text, str(part.style)) for part in (*up, *down) if set(part.text) & BLOCKS]
    assert bars == [("▆▆", "dim cyan"), ("██", "cyan"), ("▇▇", "reverse bright_blue")]


def test_each_colour_has_a_word() -> None:
    """Well, amber and red are told apart by what is written too."""
    shown, _ = SCENES["four cameras"]
    styles: dict[str, set[str]] = {}
    for line in screen(shown, 80, 24, Words("zh-TW"))[15:19]:
        styles.setdefault(str(line[2].style), set()).add(line[2].text.split()[0])
    assert styles == {
        "bold white on red": {"沒有回應", "沒有資料"},
        "black on yellow": {"停止"},
        "green": {"正常"},
    }


def test_whose_rows_are_missing_stands_beside_the_number() -> None:
    """As many names as there is room for, and at least how many; also where the window is small."""
    gone = [camera(f"第{number}號門", file_age=900 + number, trouble="silence") for number in range(4)]
    shown = picture(told(camera(), *gone, sent=report()))
    labels = {size: text_of(shown, *size, "zh-TW").splitlines()[1] for size in SIZES}
    assert labels[(80, 24)].startswith("場內 ⚠ 少 第3號門、第2號門 等 4 台")
    assert labels[(120, 40)].startswith("場內 ⚠ 少 第3號門、第2號門、第1號門、第0號門")
    assert "場內 608 ⚠ 少 第3號門" in text_of(shown, 60, 10, "zh-TW")
    crowded = dataclasses.replace(shown, capacity=1000, fill=fill(950, 1000))
    assert "".join(part.text for part in inside_label(crowded, 34, Words("zh-TW"))) == (
        "場內／上限 1000 快滿了 ⚠ 少 4 台"
    )


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize("counts", [(3, 2), (40, 12), (3000, 2990), (12000, 11000)])
@pytest.mark.parametrize("size", SIZES)
def test_capacity_and_missing_gates_are_never_cut(
    size: tuple[int, int], counts: tuple[int, int], language: Language
) -> None:
    """However few people are inside, and many came: the digits give way to what is said of them."""
    gone = [camera(f"第{number}號門", file_age=900 + number, trouble="silence") for number in range(3)]
    shown = picture(told(camera(), *gone, hours=((10, *counts),)))
    shown = dataclasses.replace(shown, capacity=500, fill=fill(shown.inside or 0, 500))
    label = text_of(shown, *size, language).splitlines()[1]
    words = Words(language)
    assert words("view capacity", capacity=500) in label
    assert words("view without", count=3) in label or "第2號門" in label
    assert str(counts[0]) in label
    assert str(counts[1]) in label


def test_the_busiest_hour_has_its_number() -> None:
    """Of each direction, as text; none before anybody came, and no scale either."""
    text = text_of(SCENES["four cameras"][0], 100, 30, "zh-TW")
    assert "進場 最忙 10 點 380 人次" in text
    assert "出場 最忙 12 點 260 人次" in text
    empty = text_of(SCENES["no rows"][0], 100, 30, "zh-TW")
    assert "最忙" not in empty
    assert "最高" not in empty


def test_the_reason_of_a_trouble_is_read_at_80_columns() -> None:
    """In a line below the table; with 120 it stands in the camera's row."""
    ill = camera("east", trouble='[["folder", ["ENOENT", {}]]]')
    shown = picture(told(camera(), ill))
    for size in SIZES[:2]:
        rows = text_of(shown, *size, "zh-TW").splitlines()
        at = next(index for index, row in enumerate(rows) if row.startswith("17 "))
        assert rows[at + 1] == "east 資料夾：找不到檔案或資料夾"
    wide = text_of(picture(told(ill)), 130, 40, "zh-TW")
    assert "有問題" in next(row for row in wide.splitlines() if "找不到檔案或資料夾" in row)


def test_each_gate_has_its_counts_where_there_is_room() -> None:
    """From 100 columns on."""
    shown = SCENES["four cameras"][0]
    row = next(r for r in text_of(shown, 100, 30, "zh-TW").splitlines() if r.startswith("17 "))
    assert row.split()[1:4] == ["正常", "1580", "972"]
    assert "1580" not in "".join(text_of(shown, 80, 24, "zh-TW").splitlines()[14:])


def test_its_own_camera_is_always_listed() -> None:
    """However many others are worse; and where there is room for all, none is only counted."""
    many = [camera(f"gate {number}", alive_age=500) for number in range(20)]
    rows = text_of(picture(told(camera(), *many)), 80, 24, "zh-TW").splitlines()
    assert any(row.startswith("17     ") for row in rows)
    assert "還有 17 台：沒有回應 17" in rows
    six = picture(told(*(camera(f"gate {number}") for number in range(6))), uploads=False)
    assert "還有" not in text_of(six, 80, 24, "zh-TW")


def test_another_pc_shows_what_was_rejected_and_waits() -> None:
    """From the beats of all PCs, with the reason of the newest file."""
    why = '[["rejected", ["rejected file", {"name": "x.json", "why": ["is empty", {}]}]]]'
    shown = picture(told(camera(waiting=3), camera("east", rejected=2, trouble=why)), uploads=False)
    text = text_of(shown, 80, 24, "zh-TW")
    assert "所有電腦  等待 3  今天有問題的檔案 2" in text
    assert "east：x.json 是空的" in text.splitlines()


def test_the_newest_of_the_rejected_files_comes_first() -> None:
    """At 80 columns there is room for one."""
    cameras = [
        camera(
            name,
            rejected=1,
            trouble=troubles_text([], 255, Reason("rejected file", name=file, why=Reason("is empty"))),
        )
        for name, file in (("a", "20180531110000.json"), ("b", "20180531130000.json"), ("c", "1.json"))
    ]
    rows = text_of(picture(told(*cameras), uploads=False), 100, 30, "zh-TW").splitlines()
    line = next(row for row in rows if row.startswith("b："))
    assert line == "b：20180531130000.json 是空的；a：20180531110000.json 是空的；c：1.json 是空的"


def test_a_device_with_lines_is_counted_once() -> None:
    """What waits and what was rejected is of the device, though each of its lines has a row."""
    why = '[["rejected", ["rejected file", {"name": "x.json", "why": ["is empty", {}]}]]]'
    device = camera("north", waiting=3, rejected=2, trouble=why, lines=("north/a", "north/b"))
    text = text_of(picture(told(device, camera("east", waiting=1)), uploads=False), 80, 24, "zh-TW")
    assert "north/a" in text
    assert "north/b" in text
    assert "所有電腦  等待 4  今天有問題的檔案 2" in text
    assert "north：x.json 是空的" in text.splitlines()


def test_another_pc_does_not_know_what_waits_while_the_database_is_away() -> None:
    """What waited before is no answer; our own uploader knows it."""
    events = told(camera(waiting=3), camera("east")), DayUnread(quoted("gone"))
    text = text_of(picture(*events, uploads=False), 80, 24, "zh-TW")
    assert "所有電腦  等待 ?" in text
    assert next(row for row in text.splitlines() if row.startswith("east ")).endswith(" ?")
    own = text_of(picture(Listed(5, False), *events), 80, 24, "zh-TW").splitlines()
    assert next(row for row in own if row.startswith("17 ")).endswith(" 5")


def test_another_pc_says_why_a_file_was_rejected_at_80_columns() -> None:
    """The file's name gives way to the reason."""
    why = Reason("some rejected", total=1, bad=1, number=1, why=Reason("field missing", field="inOut"))
    trouble = troubles_text([], 255, Reason("rejected file", name="20180531213706-camera.json", why=why))
    shown = picture(told(camera("北側入口", rejected=1, trouble=trouble)), uploads=False)
    assert (
        "北側入口：1 筆紀錄中有 1 筆有問題；第 1 筆：沒有 inOut"
        in text_of(shown, 80, 24, "zh-TW").splitlines()
    )


def test_a_long_reason_of_a_rejected_file_is_read_at_80_columns() -> None:
    """The words around it give way."""
    reason = Reason("some rejected", total=1, bad=1, number=1, why=Reason("field missing", field="time"))
    with time_machine.travel(at_utc(NOW), tick=False):
        shown = picture(told(camera()), Rejected("20180531213706-bad.json", reason))
    rows = text_of(shown, 80, 24, "zh-TW").splitlines()
    assert "20180531213706-bad.json：1 筆紀錄中有 1 筆有問題；第 1 筆：沒有 time" in rows


def test_a_table_that_is_not_there() -> None:
    """Without any camera nothing was started yet; beside cameras it is one table that is missing."""
    missing = (Missing("PeopleFlowTold", Reason("database no table", where="db", said="")),)
    empty, full = (
        text_of(picture(told(*cameras, missing=missing), uploads=False), 80, 24, "en").splitlines()[0]
        for cameras in ((), (camera(),))
    )
    assert "start uploadData.py first" in empty
    assert "can't be read: PeopleFlowTold" in full


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_a_long_name_gives_way_to_the_counts_of_this_pc(language: Language) -> None:
    """What was rejected is read to its end, whatever the camera is called."""
    for name in ("north gate", "很長的攝影機名稱" * 5):
        with time_machine.travel(at_utc(NOW), tick=False):
            shown = picture(Rejected("x.json", quoted("why")), told(camera(name)), camera=name)
        line = next(
            row for row in text_of(shown, 80, 24, language).splitlines() if row.startswith(("本機", "this"))
        )
        assert line.endswith(Words(language)("view rejected count", count=1))


def test_notices_take_the_place_of_the_bars() -> None:
    """Nothing else moves; a question takes their place."""
    shown = SCENES["four cameras"][0]
    notice = Happening(NOW, "view reason", {"reason": Reason("camera from address", camera="17")})
    warned = dataclasses.replace(shown, notices=(notice,))
    quiet, loud = (text_of(one, 80, 24, "zh-TW").splitlines() for one in (shown, warned))
    assert loud[8].startswith("啟動時的警告")
    assert loud[9].startswith("- 攝影機的名字 17 是用這台電腦的 IP 位址取的")
    assert quiet[:8] + quiet[14:] == loud[:8] + loud[14:]
    asked = plain(screen(warned, 80, 24, Words("zh-TW"), Prompt(question="要存入嗎？(y/N)"))).splitlines()
    assert asked[8] == "要存入嗎？(y/N)"
    assert "啟動時" not in "".join(asked)


def test_the_keys_stand_in_the_last_line() -> None:
    """Faint; beside what happened, which is cut for it."""
    shown = SCENES["four cameras"][0]
    last = plain(screen(shown, 80, 24, Words("zh-TW"), Prompt("q 結束　? 說明"))).splitlines()[-1]
    assert last.endswith("q 結束　? 說明")
    assert last.startswith("14:18:25 20180531141802.json")


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_the_help_fits(size: tuple[int, int], language: Language) -> None:
    """Each word of the screen is explained, at 80 x 24 too."""
    words = Words(language)
    text = plain(help_screen(*size, words))
    assert len(text.splitlines()) == size[1]
    assert words("view help").splitlines()[-1].partition("|")[0] in text
    assert text.rstrip().endswith(words("view help end"))


def test_another_pc_says_whether_the_phone_rings() -> None:
    """One PC that can tell is enough; else one that tries says so; else nobody is there to tell."""
    away = troubles_text([Trouble("telegram", quoted("no net"))], 255)
    deaf = camera("east", can_tell=False, trouble=away)
    for cameras, said in (
        ((camera(), deaf), "手機 可通知"),
        ((camera(can_tell=False), deaf), "手機 送不出去"),
        ((camera(can_tell=False), camera("east", alive_age=900)), "手機 還沒有電腦可通知"),
    ):
        text = text_of(picture(told(*cameras), uploads=False), 80, 24, "zh-TW")
        assert text.splitlines()[7].endswith(said)


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_the_longest_line_of_states_ends_with_the_phone(language: Language) -> None:
    """Its time is read to the end, and whether it can be reached."""
    late = told(camera(), sent=report(age=3000, accepted=False, http_status=None))
    for has_trouble, ends in ((False, "14:18"), (True, words_of("view telegram waits", language))):
        events = [Began(FOLDER, quoted("gone")), *([Began(TELEGRAM, quoted("gone"))] if has_trouble else [])]
        with time_machine.travel(at_utc(NOW), tick=False):
            shown = picture(late, StatusShown(), *events, has_telegram=True)
        assert text_of(shown, 80, 24, language).splitlines()[7].endswith(ends)


def words_of(key: str, language: Language) -> str:
    return Words(language)(key)


def test_what_all_pcs_say_is_said_once() -> None:
    """Telegram is away for all of them: one line has room for that, and for what else there is."""
    away = troubles_text([Trouble("telegram", quoted("no net"))], 255)
    shown = picture(told(*(camera(name, trouble=away) for name in ("北門", "南門"))), uploads=False)
    assert "北門、南門 Telegram：no net" in text_of(shown, 80, 24, "zh-TW").splitlines()


def test_the_names_of_those_who_are_missing_come_before_large_digits() -> None:
    """A larger window shows no less than a small one."""
    shown = picture(told(*(camera(name, file_age=743, trouble="silence") for name in ("北門", "東門"))))
    for size in SIZES:
        assert "⚠ 少 北門、東門" in text_of(shown, *size, "zh-TW").splitlines()[1]


def test_the_venue_in_the_title() -> None:
    """A long name gives way to what is the matter, and to the time."""
    events = told(camera()), DayUnread(quoted("gone"))
    assert text_of(picture(events[0], venue="花博"), 80, 24, "zh-TW").startswith("VisitorsFlow  花博 ")
    title = text_of(picture(*events, venue="很長的場館名稱" * 5), 80, 24, "zh-TW").splitlines()[0]
    assert title.startswith("VisitorsFlow  很長的")
    assert "..  ⚠ 14:18:24 的舊數字（1 秒前）" in title
    assert title.endswith("2018-05-31 14:18:25")
