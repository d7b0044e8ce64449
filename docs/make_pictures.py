#!/usr/bin/env python3
"""Draw the pictures in the documents from the demo's day: the view (a film too), a phone, the closing one.

Needs a font whose Chinese characters are just two cells wide, as Debian's fonts-noto-cjk has. Run it after
the view has changed: .venv/bin/python docs/make_pictures.py
"""

import contextlib
import logging
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.terminal_theme import MONOKAI

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from visitorsflow.alerts import chart
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.daily import closing_caption
from visitorsflow.alerts.news import News
from visitorsflow.alerts.status_text import status_text
from visitorsflow.database.connection import Database
from visitorsflow.database.day import read_end
from visitorsflow.demo import DAY, DemoVenue
from visitorsflow.events import DayRead, Event
from visitorsflow.settings import Settings
from visitorsflow.venue.watch import GapsOfDays, VenueRules
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


FILM, FILM_SIZE = "demo.gif", (80, 24)
FILM_FROM, FILM_EVERY = datetime(2018, 11, 3, 8, 10), timedelta(minutes=30)
FRAME_MS, LAST_FRAME_MS = 700, 4000
COLOURS = 24  # of the film: it is text
PHONE_AT = datetime(2018, 11, 3, 17, 0)
CHAT, BUBBLE, SIGNS = (
    (14, 22, 33),
    (24, 37, 51),
    {"🔴": (235, 70, 70), "🟢": (70, 190, 100), "ℹ": (60, 130, 220)},
)
PHONE_WIDTH, LETTER, LINE = 900, 30, 44


def main() -> int:
    logging.disable()
    for language, name in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            venue = DemoVenue(Path(folder), language, seed=1, has_view=True)
            if language == "zh-TW":
                _chinese(venue)
            for now in venue.live_through():
                if now == AT:
                    _view(venue, now, COLUMNS, ROWS).save(HERE / name)
                if language == "zh-TW" and now >= FILM_FROM and (now - FILM_FROM) % FILM_EVERY == timedelta():
                    _FRAMES.append(_view(venue, now, *FILM_SIZE))
            if language == "zh-TW":
                _closing(venue)
            venue.close()
        print(HERE / name)
    frames = _in_few_colours(_FRAMES)
    times = [FRAME_MS] * (len(frames) - 1) + [LAST_FRAME_MS]
    frames[0].save(
        HERE / FILM, save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True
    )
    _phone(_SAID).save(HERE / "phone.png", optimize=True)
    print(HERE / FILM, (HERE / FILM).stat().st_size)
    return 0


def _in_few_colours(frames: list[Image.Image]) -> list[Image.Image]:
    """The same ones in all, of which a rare one is kept too: a state's green must not turn orange."""
    wide, high = frames[0].size
    all_of_them = Image.new("RGB", (wide, high * len(frames)))
    for number, frame in enumerate(frames):
        all_of_them.paste(frame, (0, high * number))
    palette = all_of_them.quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


_FRAMES: list[Image.Image] = []
_SAID: list[str] = []  # on the phone
_GAPS: list[GapsOfDays] = []


def _view(venue: DemoVenue, now: datetime, columns: int, rows: int) -> Image.Image:
    return draw(screen(venue.app.state.snapshot(now), columns, rows, venue.app.words), columns, rows)


def _chinese(venue: DemoVenue) -> None:
    """Take note of what a phone would show, until PHONE_AT, and of the gaps."""
    words, settings = venue.app.words, venue.settings
    outbox: Any = _Outbox(settings)
    alerts = Alerts(outbox, words, settings.now, settings.seconds, settings.camera, "花博")

    def note(event: Event) -> None:
        if settings.now() <= PHONE_AT:
            alerts(event)
            if isinstance(event, DayRead):
                text = status_text(event.day, settings.open_hours, words, settings.now(), "花博")
                _SAID[:1] = [text]

    _GAPS.append(GapsOfDays(settings.open_hours, settings.now))
    watch = VenueRules(settings.camera, settings.open_hours, None, 0)

    def tell_lost(event: Event) -> None:
        if isinstance(event, DayRead):
            for told in watch.look(event.day, settings.now(), settings.seconds()):
                note(told)

    venue.app.events.subscribe(note, tell_lost, _GAPS[0])


class _Outbox:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def put(self, news: News) -> None:
        _SAID.append(news.text)


def _closing(venue: DemoVenue) -> None:
    """The picture of the day and its caption, as the phone gets them at closing."""
    with contextlib.closing(Database(venue.settings)) as database:
        end = read_end(database, DAY, _GAPS[0].of(DAY))
    (HERE / "closing.png").write_bytes(chart.draw(end, venue.app.words, venue="花博"))
    print(closing_caption(end, venue.app.words, "花博"))


def _phone(texts: list[str]) -> Image.Image:
    """A chat: the status message on top, then the alerts."""
    face = ImageFont.truetype(FONT, LETTER, index=MONO_TC)
    bubbles = [[part for line in text.splitlines() for part in _folded(line, face)] for text in texts]
    height = sum(len(lines) * LINE + 52 for lines in bubbles) + 24
    picture = Image.new("RGB", (PHONE_WIDTH, height), CHAT)
    pen = ImageDraw.Draw(picture)
    y = 24
    for lines in bubbles:
        bottom = y + len(lines) * LINE + 32
        pen.rounded_rectangle((24, y, PHONE_WIDTH - 24, bottom), 22, BUBBLE)
        for number, line in enumerate(lines):
            x, top = 48.0, y + 14 + number * LINE
            for character in line.replace("\ufe0f", ""):
                if colour := SIGNS.get(character):
                    pen.ellipse((x + 2, top + 8, x + 28, top + 34), colour)
                    if character == "ℹ":
                        pen.text((x + 15, top + 21), "i", (255, 255, 255), face, "mm")
                else:
                    pen.text((x, top), character, (232, 236, 240), face)
                x += face.getlength("花") if character in SIGNS else face.getlength(character)
        y = bottom + 20
    return picture


def _folded(line: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """The line in pieces that fit into a bubble; the time at its end stays whole."""
    line, bracket, at = line.partition(" [")
    if bracket and face.getlength(line + bracket + at) > PHONE_WIDTH - 100:
        return [*_folded(line, face), f"[{at}"]
    parts = [""]
    for character in line + bracket + at:
        if face.getlength(parts[-1] + character) > PHONE_WIDTH - 100:
            parts.append("")
        parts[-1] += character
    return parts


def draw(lines: list[Line], columns: int, rows: int) -> Image.Image:
    cell = SIZE // 2
    picture = Image.new("RGB", (columns * cell + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN), BACKGROUND)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(FONT, SIZE, index=MONO_TC)
    for row, line in enumerate(lines):
        column = 0
        for segment in line:
            colour, behind = _colour(segment.style), _ground(segment.style)
            if segment.style and segment.style.reverse:
                colour, behind = behind, colour
            if behind != BACKGROUND:  # first: some signs are wider than their cell
                x, y = MARGIN + column * cell, MARGIN + row * HEIGHT
                end = x + sum(map(get_character_cell_size, segment.text)) * cell - 1
                pen.rectangle((x, y, end, y + HEIGHT - 1), fill=behind)
            for character in segment.text:
                x, y = MARGIN + column * cell, MARGIN + row * HEIGHT
                width = get_character_cell_size(character) * cell
                if character in "▁▂▃▄▅▆▇█":
                    high = HEIGHT * ("▁▂▃▄▅▆▇█".index(character) + 1) // 8
                    pen.rectangle((x, y + HEIGHT - high, x + width - 1, y + HEIGHT - 1), fill=colour)
                else:
                    pen.text((x, y), character, font=font, fill=colour)
                column += get_character_cell_size(character)
    return picture


def _ground(style: object) -> tuple[int, int, int]:
    named = getattr(style, "bgcolor", None)
    if named is None:
        return BACKGROUND
    triplet = named.get_truecolor(MONOKAI)
    return (triplet.red, triplet.green, triplet.blue)


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
