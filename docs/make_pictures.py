#!/usr/bin/env python3
"""Draw the pictures of the view in the documents: docs/view.png and docs/view-en.png, from the demo's day.

Needs a font whose Chinese characters are just two cells wide, as Debian's fonts-noto-cjk has. Run it after
the view has changed: .venv/bin/python docs/make_pictures.py
"""

import logging
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.terminal_theme import MONOKAI

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from visitorsflow.demo import DemoVenue
from visitorsflow.view.draw import Line
from visitorsflow.view.screen import screen
from visitorsflow.words import Language

HERE = Path(__file__).resolve().parent
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
MONO_TC = 8  # Noto Sans Mono CJK TC in that collection
COLUMNS, ROWS = 100, 30
AT = datetime(2018, 11, 3, 17, 25)
SIZE = 24  # pixels of a Chinese character; a cell is half as wide
HEIGHT = 30
MARGIN = 16
BACKGROUND = (16, 18, 20)
PICTURES: dict[Language, str] = {"zh-TW": "view.png", "en": "view-en.png"}


def main() -> int:
    logging.disable()
    for language, name in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            venue = DemoVenue(Path(folder), language, seed=1, has_view=True)
            for now in venue.live_through():
                if now == AT:
                    draw(screen(venue.app.state.snapshot(now), COLUMNS, ROWS, venue.app.words)).save(
                        HERE / name
                    )
                    break
            venue.close()
        print(HERE / name)
    return 0


def draw(lines: list[Line]) -> Image.Image:
    cell = SIZE // 2
    picture = Image.new("RGB", (COLUMNS * cell + 2 * MARGIN, ROWS * HEIGHT + 2 * MARGIN), BACKGROUND)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(FONT, SIZE, index=MONO_TC)
    for row, line in enumerate(lines):
        column = 0
        for segment in line:
            colour, behind = _colour(segment.style), BACKGROUND
            if segment.style and segment.style.reverse:
                colour, behind = behind, colour
            for character in segment.text:
                x, y = MARGIN + column * cell, MARGIN + row * HEIGHT
                width = get_character_cell_size(character) * cell
                if behind != BACKGROUND:
                    pen.rectangle((x, y, x + width - 1, y + HEIGHT - 1), fill=behind)
                if character in "▁▂▃▄▅▆▇█":
                    high = HEIGHT * ("▁▂▃▄▅▆▇█".index(character) + 1) // 8
                    pen.rectangle((x, y + HEIGHT - high, x + width - 1, y + HEIGHT - 1), fill=colour)
                else:
                    pen.text((x, y), character, font=font, fill=colour)
                column += get_character_cell_size(character)
    return picture


def _colour(style: object) -> tuple[int, int, int]:
    colour = (216, 220, 224)
    if style is None:
        return colour
    named = getattr(style, "color", None)
    if named is not None and named.downgrade(ColorSystem.STANDARD):
        triplet = named.get_truecolor(MONOKAI)
        colour = (triplet.red, triplet.green, triplet.blue)
    if getattr(style, "dim", False):
        colour = (colour[0] // 2, colour[1] // 2, colour[2] // 2)
    return colour


if __name__ == "__main__":
    raise SystemExit(main())
