"""The font of the picture of the day. It comes along, so that every PC writes Chinese, and all alike.

A rare character that it lacks, as in a name, is taken from an installed font.
"""

import sys
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from PIL import ImageDraw, ImageFont

Colour = tuple[int, int, int]


class Face(NamedTuple):
    """A font file; one file may hold several faces, of which `number` is the one for Taiwan."""

    path: Path
    number: int = 0


OURS = Face(Path(__file__).parent / "font" / "VisitorsFlowTC-Regular.otf")  # docs/make_font.py made it
_WINDOWS = [
    Face(Path("C:/Windows/Fonts") / name) for name in ("msjh.ttc", "mingliu.ttc", "mingliub.ttc", "msyh.ttc")
]
_MAC = [
    Face(Path("/System/Library/Fonts") / name)
    for name in ("PingFang.ttc", "STHeiti Medium.ttc", "Hiragino Sans GB.ttc")
]
_LINUX = [
    Face(Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 3),  # Debian, Ubuntu
    Face(Path("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc"), 3),  # Fedora
    Face(Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"), 3),  # Arch
    Face(Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")),
    Face(Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")),
    Face(Path("/usr/share/fonts/truetype/arphic/uming.ttc"), 3),
]
INSTALLED = tuple({"win32": _WINDOWS, "darwin": _MAC}.get(sys.platform, _LINUX))

_NO_CHARACTER = "\U0010ffff"  # for good; a font draws for it what it draws for each character that it lacks


def font(size: int, face: Face = OURS) -> ImageFont.FreeTypeFont:
    """The face, so many pixels high. OSError: it is not there, or can't be read."""
    return ImageFont.truetype(face.path, size, face.number, layout_engine=ImageFont.Layout.BASIC)


def write(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    anchor: str,
    colour: Colour,
    faces: Iterable[Face] = INSTALLED,
) -> None:
    """Put the text where one in our font alone would stand; `anchor` is Pillow's, as "lm"."""
    x, y = at
    ours = font(size)
    y += ours.getbbox(text, anchor=f"l{anchor[1]}")[1] - ours.getbbox(text, anchor="ls")[1]  # of the baseline
    runs = [(part, font(size, face)) for part, face in parts(text, faces)]
    x -= {"l": 0, "m": 0.5, "r": 1}[anchor[0]] * sum(each.getlength(part) for part, each in runs)
    for part, each in runs:
        pen.text((x, y), part, colour, each, "ls")
        x += each.getlength(part)


def parts(text: str, faces: Iterable[Face] = INSTALLED) -> list[tuple[str, Face]]:
    """The text in pieces of one face each: ours, or the first that has what ours lacks.

    What no face has stays in ours: it is a box.
    """
    order = (OURS, *faces)

    def face(character: str) -> Face:
        return next((each for each in order if _has(each, character)), OURS)

    return [("".join(characters), of) for of, characters in groupby(text, face)]


@lru_cache(2000)
def _has(face: Face, character: str) -> bool:
    try:
        drawn = font(20, face)
    except OSError:
        return False
    return _bitmap(drawn, character) != _bitmap(drawn, _NO_CHARACTER)


def _bitmap(drawn: ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = drawn.getmask(character)
    return mask.size, bytes(mask)
