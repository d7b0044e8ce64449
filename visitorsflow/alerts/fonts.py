"""A font for the picture of the day: one of the system's with Chinese signs, if there is one.

Pillow brings one of its own, for Latin letters and digits.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Face(NamedTuple):
    """A font file; one file may hold several faces, of which `number` is the one for Taiwan."""

    path: Path
    number: int = 0


_WINDOWS = [Face(Path("C:/Windows/Fonts") / name) for name in ("msjh.ttc", "mingliu.ttc", "msyh.ttc")]
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
FACES = {"win32": _WINDOWS, "darwin": _MAC}.get(sys.platform, _LINUX)


def chinese_face(faces: Iterable[Face] = FACES) -> Face | None:
    """The first that is there and can be read."""
    for face in faces:
        try:
            ImageFont.truetype(face.path, 20, face.number)
        except OSError:
            continue
        return face
    return None


def font(face: Face | None, size: int) -> Font:
    """The face, or Pillow's own, so many pixels high."""
    return ImageFont.truetype(face.path, size, face.number) if face else ImageFont.load_default(size)
