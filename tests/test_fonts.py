"""The font that comes along, and what it lacks."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from visitorsflow.alerts.fonts import OURS, Face, font, parts, write
from visitorsflow.words import TEXTS

RARE = "\N{FRACTION SLASH}"  # not in ours, but in the one that Pillow brings
INK, PAPER = (0, 0, 0), (255, 255, 255)
ELSEWHERE = "✗⚠"  # on terminals and in messages, never in the picture; Noto Sans CJK has none


@pytest.fixture
def other(tmp_path: Path) -> Face:
    """A font that has the rare character."""
    pillows = ImageFont.load_default(20)
    assert isinstance(pillows, ImageFont.FreeTypeFont)
    assert isinstance(pillows.path, io.BytesIO)
    path = tmp_path / "other.ttf"
    path.write_bytes(pillows.path.getvalue())
    return Face(path)


def written(text: str, anchor: str, faces: list[Face]) -> Image.Image:
    """At the middle of a picture of 400 by 200 pixels."""
    image = Image.new("RGB", (400, 200), PAPER)
    write(ImageDraw.Draw(image), (200, 100), text, 40, anchor, INK, faces)
    return image


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is written."""
    box = image.convert("L").point(lambda grey: 255 - grey).getbbox()
    assert box
    return box


def lacks(characters: str) -> str:
    """Those that are drawn like one that no font has."""
    ours = font(30)
    none = bytes(ours.getmask("\U0010ffff"))
    return "".join(one for one in characters if bytes(ours.getmask(one)) == none)


def test_it_has_what_is_said() -> None:
    """Every character of every text that may stand in it, in both languages."""
    said = {character for texts in TEXTS.values() for text in texts.values() for character in text}
    assert lacks("".join(sorted(said - {"\n", *ELSEWHERE}))) == ""


def test_it_has_the_common_characters() -> None:
    """The 5,401 of Big5, and those of some names of places and people."""
    codes = (code.to_bytes(2, "big").decode("big5", "ignore") for code in range(0xA440, 0xC67F))
    common = {character for character in codes if len(character) == 1 and character >= "一"}
    assert len(common) == 5401
    assert lacks("".join(sorted(common)) + "艋舺墘坔檨鯓瑠堃喆峯") == ""


def test_small_and_with_its_licence() -> None:
    """At most 2.5 MB; the licence lies beside it, and its name is not a reserved one."""
    assert OURS.path.stat().st_size <= 2_500_000
    licence = OURS.path.with_name("OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'" in licence
    assert font(20).getname() == ("VisitorsFlow TC", "Regular")


def test_a_rare_character(other: Face, tmp_path: Path) -> None:
    """It is taken from the first installed font that has it, and nothing else is."""
    broken = tmp_path / "broken.ttc"
    broken.write_bytes(b"no font")
    faces = [Face(tmp_path / "nowhere.ttc"), Face(broken), OURS, other]
    assert parts(f"{RARE}三{RARE}{RARE}樓 3F", faces) == [
        *((RARE, other), ("三", OURS)),
        *((RARE * 2, other), ("樓 3F", OURS)),
    ]
    assert parts("三樓 3F", faces) == [("三樓 3F", OURS)]


def test_what_no_font_has() -> None:
    """It is a box, among what can be read."""
    assert parts(f"三{RARE}樓", []) == [(f"三{RARE}樓", OURS)]


@pytest.mark.parametrize("anchor", ["la", "lm", "mm", "mt", "ms", "rm", "ra"])
def test_it_stands_where_pillow_puts_it(anchor: str) -> None:
    """With our font alone it is as if Pillow had drawn it."""
    image = Image.new("RGB", (400, 200), PAPER)
    ImageDraw.Draw(image).text((200, 100), "進場 1,234", INK, font(40), anchor)
    assert ink(written("進場 1,234", anchor, [])) == pytest.approx(ink(image), abs=1)


def test_two_fonts_in_one_line(other: Face) -> None:
    """They stand side by side, and the line still ends, or has its middle, where it should."""
    left, right, middle = (ink(written(f"三{RARE}三", anchor, [other])) for anchor in ("ls", "rs", "ms"))
    alone = ink(written("三三", "ls", [other]))
    slash = font(40, other).getlength(RARE)
    assert left[2] - left[0] == pytest.approx(alone[2] - alone[0] + slash, abs=2)
    assert left[0] - 200 == pytest.approx(200 - right[2], abs=3)
    assert middle[0] + middle[2] == pytest.approx(400, abs=3)
    assert (left[1], left[3]) == (right[1], right[3]) == (middle[1], middle[3])
