"""The screen as a pure function: a picture and a size in, lines out."""

import dataclasses
import unicodedata

import pytest
from rich.cells import cell_len

from tests.days import camera, picture, report, some_cameras, told
from tests.scenes import SIZES, drawn, path_of, scenes
from visitorsflow.events import Began
from visitorsflow.reasons import quoted
from visitorsflow.rules.limits import fill
from visitorsflow.subjects import FOLDER, REFUSAL, TELEGRAM
from visitorsflow.view.draw import plain
from visitorsflow.view.model import ViewModel
from visitorsflow.view.screen import screen
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
    assert "██████  ██████  ██████           █  ███ ███ ███          ███ ███ ███" in text  # 608 1580 972
    for words in ("沒有回應 6 分鐘", "沒有資料 12 分鐘", "停止 2 小時", "正常"):
        assert text.count(words)
    assert "回報 14:15:01 成功 3 分鐘前" in text


def test_many_cameras() -> None:
    """The worst come first, the last row says how many more there are."""
    rows = text_of(SCENES["twenty cameras"][0], 80, 24, "zh-TW").splitlines()
    heading = next(index for index, row in enumerate(rows) if row.startswith("攝影機"))
    assert [row.split()[0] for row in rows[heading + 1 : heading + 4]] == ["east", "北側入口", "west"]
    assert rows[heading + 4] == "還有 17 台：正常 17"


@pytest.mark.parametrize("size", SIZES)
def test_the_frame_never_jumps(size: tuple[int, int]) -> None:
    """What happens moves no block: with the same cameras, each heading stays in its row."""
    quiet = picture(told(*some_cameras()))
    loud, _ = SCENES["four cameras"]
    for words in ("場內", "回報", "時  ", "攝影機", "本機"):
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
    assert text_of(shown, 80, 24, "zh-TW").splitlines()[7].endswith("Telegram 等待中")
    assert text_of(shown, 80, 24, "en").splitlines()[7].endswith("Telegram waits")


def test_bars_have_one_scale() -> None:
    """Whoever came in rises, who went out hangs; one person is seen, none leaves no mark."""
    shown = picture(told(camera(), hours=((8, 400, 1), (9, 0, 0), (10, 200, 200))))
    rows = text_of(shown, 80, 24, "en").splitlines()[8:14]
    at = [[row.ljust(79)[8 + 3 * hour : 10 + 3 * hour] for hour in (8, 9, 10)] for row in rows]
    assert rows[0].startswith("in 450")
    assert rows[5].startswith("out 300")
    assert [column[0] for column in at] == ["▆▆", "██", "██", "08", "▇▇", "  "]
    assert [column[1] for column in at] == ["  ", "  ", "  ", "09", "  ", "  "]
    assert [column[2] for column in at] == ["  ", "▃▃", "██", "10", "██", "▅▅"]


@pytest.mark.parametrize(("capacity", "word"), [(1000, "場內 "), (30, "場內 快滿了"), (28, "場內 滿了")])
def test_how_full_it_is(capacity: int, word: str) -> None:
    """Amber from 90 % on and red when it is full, each with its word."""
    shown = picture(told(camera(), hours=((10, 40, 12),)))
    full = dataclasses.replace(shown, fill=fill(shown.inside or 0, capacity))
    label = screen(full, 100, 30, Words("zh-TW"))[1][0]
    assert label.text.startswith(word)
    colour = {1000: None, 30: "yellow", 28: "red"}[capacity]
    assert (label.style and label.style.color and label.style.color.name) == colour


def test_a_camera_name_moves_nothing() -> None:
    """Names come from other PCs: what could move the cursor is made visible, what is long is cut."""
    name = "\x1b[2J" + "很長的攝影機名稱" * 3
    text = text_of(picture(told(camera(name))), 80, 24, "zh-TW")
    assert "\x1b" not in text
    assert ".. 正常" in text


def text_of(shown: ViewModel, columns: int, rows: int, language: Language) -> str:
    return plain(screen(shown, columns, rows, Words(language)))


def test_bars_that_hang() -> None:
    """There is no block that hangs: one of the rest is turned over. What is closed is dim."""
    shown = picture(told(camera(), hours=((7, 100, 0), (8, 400, 1))))
    up, down = screen(shown, 80, 24, Words("en"))[10], screen(shown, 80, 24, Words("en"))[12]
    bars = [(part.text, str(part.style)) for part in (*up, *down) if set(part.text) & BLOCKS]
    assert bars == [("▆▆", "dim cyan"), ("██", "cyan"), ("▇▇", "reverse magenta")]


def test_each_colour_has_a_word() -> None:
    """Well, amber and red are told apart by what is written too."""
    shown, _ = SCENES["four cameras"]
    styles: dict[str, set[str]] = {}
    for line in screen(shown, 80, 24, Words("zh-TW"))[15:19]:
        styles.setdefault(str(line[2].style), set()).add(line[2].text.split()[0])
    assert styles == {"bold red": {"沒有回應", "沒有資料"}, "yellow": {"停止"}, "green": {"正常"}}
