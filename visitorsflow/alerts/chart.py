"""The picture of the day: who came in above a line, who went out below it, hour by hour.

It is looked at on a phone, at a third of its size. In and out differ in place and in pattern, not only in
colour. The hours in which a camera sent no files are hatched: there the bars are too short.
"""

import io
from collections.abc import Iterable
from datetime import date, datetime, time

from PIL import Image, ImageDraw

from visitorsflow.alerts.fonts import INSTALLED, Face, write
from visitorsflow.facts import DayEnd, Span
from visitorsflow.words import Words

WIDTH, HEIGHT = 1280, 1000
LEFT, RIGHT = 130, 30  # margins beside the bars; the scale stands in the left one
TOP, BOTTOM = 270, 970  # of the bars
AXIS = 64  # the band of the hours between in and out
NUMBER_ROOM = 50  # beyond the longest bar, for its number
FEWEST_HOURS = 8  # so that a bar is no block
HATCH = 18  # from one line of the hatching to the next
VENUE_ROOM = 80  # above it all, for the venue's name
STRIPE = 8  # on, and as much off: it stays a pattern at a phone's size

PAPER, INK, PALE, GRID = (255, 255, 255), (30, 34, 42), (100, 108, 120), (222, 226, 232)
HATCHING = (190, 196, 204)
IN, OUT = (0, 96, 168), (201, 84, 0)  # told apart by people who see red and green alike

Box = tuple[float, float, float, float]


def draw(end: DayEnd, words: Words, faces: Iterable[Face] = INSTALLED, venue: str = "") -> bytes:
    """A PNG, RGB, 1280 pixels wide. `faces` have the rare characters that our font lacks."""
    file = io.BytesIO()
    _Picture(end, words, tuple(faces)).image(venue).save(file, "PNG", optimize=True)
    return file.getvalue()


class _Picture:
    def __init__(self, end: DayEnd, words: Words, faces: tuple[Face, ...]) -> None:
        self._end = end
        self._words = words
        self._faces = faces
        self._image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._came_in, self._went_out = [0] * 24, [0] * 24
        for hour in end.hours:
            self._came_in[hour.hour] += hour.came_in
            self._went_out[hour.hour] += hour.went_out
        self._most = max(*self._came_in, *self._went_out, 1)
        self._hours = _shown(self._came_in, self._went_out, end.spans)
        self._slot = (WIDTH - LEFT - RIGHT) / len(self._hours)
        self._middle = (TOP + BOTTOM) / 2
        self._pixels = ((BOTTOM - TOP - AXIS) / 2 - NUMBER_ROOM) / self._most  # a person

    def image(self, venue: str) -> Image.Image:
        self._gaps()
        self._head()
        self._scale()
        self._bars()
        self._axis()
        if not venue:
            return self._image
        whole = Image.new("RGB", (WIDTH, HEIGHT + VENUE_ROOM), PAPER)
        whole.paste(self._image, (0, VENUE_ROOM))
        size = min(56, (WIDTH - 80) // len(venue))  # a Chinese character is as wide as it is high
        write(ImageDraw.Draw(whole), (40, 4), venue, size, "la", INK, self._faces)
        return whole

    def _gaps(self) -> None:
        """Hatched from top to bottom, behind all else; and the key to it."""
        for span in self._end.spans:
            start, end = (
                LEFT + (_hour_of(at, self._end.day) - self._hours.start) * self._slot for at in span
            )
            self._hatch((start, TOP, max(end, start + HATCH / 2), BOTTOM))
        if self._end.spans:
            self._hatch((40, 222, 104, 254))
            self._text((124, 238), self._words("picture gaps"), 34, "lm", PALE)

    def _hatch(self, box: Box) -> None:
        left, top, right, bottom = (round(edge) for edge in box)
        lines = Image.new("1", (right - left, bottom - top))
        pen = ImageDraw.Draw(lines)
        for x in range(-lines.height - left % HATCH, lines.width, HATCH):  # those side by side fit together
            pen.line((x, lines.height, x + lines.height, 0), 1, 3)
        self._image.paste(HATCHING, (left, top), lines)

    def _head(self) -> None:
        """The day, the peak, and the totals, which are the key to the patterns too."""
        day = f"{self._end.day:%Y-%m-%d} {self._words.weekday(self._end.day)}"
        self._text((40, 34), day, 52, "la")
        if self._end.peak_at:
            peak = f"{self._words('picture peak')} {self._end.peak:,} ({self._end.peak_at:%H:%M})"
            self._text((WIDTH - 40, 34), peak, 52, "ra")
        for x, word, number, is_in in (
            (40, "picture in", self._end.totals.came_in, True),
            (WIDTH / 2 + 20, "picture out", self._end.totals.went_out, False),
        ):
            self._bar((x, 140, x + 64, 204), is_in=is_in)
            self._text((x + 84, 172), f"{self._words(word)} {number:,}", 68, "lm")

    def _scale(self) -> None:
        step = _step(self._most)
        for people in range(step, self._most + 1, step):
            for sign in (-1, 1):
                y = self._middle + sign * (AXIS / 2 + people * self._pixels)
                self._draw.line((LEFT, y, WIDTH - RIGHT, y), GRID, 3)
                self._text((LEFT - 14, y), _short(people), 38, "rm", PALE)

    def _bars(self) -> None:
        for place, hour in enumerate(self._hours):
            x = LEFT + (place + 0.1) * self._slot
            right = x + 0.8 * self._slot
            for counts, is_in in ((self._came_in, True), (self._went_out, False)):
                people = counts[hour]
                if not people:
                    continue
                sign = -1 if is_in else 1
                near = self._middle + sign * AXIS / 2
                far = near + sign * max(2, people * self._pixels)
                self._bar((x, min(near, far), right, max(near, far)), is_in=is_in)
                if people == max(counts) and counts.index(people) == hour:
                    anchor = "ms" if is_in else "mt"
                    self._text(((x + right) / 2, far + sign * 8), f"{people:,}", 44, anchor)

    def _axis(self) -> None:
        """The hours; that of the peak stands on dark ground."""
        every = 1 if self._slot > 56 else 2
        peak = self._end.peak_at.hour if self._end.peak_at else -every
        for place, hour in enumerate(self._hours):
            x = LEFT + (place + 0.5) * self._slot
            is_peak = hour == peak
            if is_peak:
                half = max(self._slot / 2, 30)
                box = (x - half, self._middle - 27, x + half, self._middle + 27)
                self._draw.rounded_rectangle(box, 10, INK)
            if is_peak or (
                place % every == 0 and abs(hour - peak) >= every
            ):  # side by side they are too wide
                self._text((x, self._middle), f"{hour:02}", 42, "mm", PAPER if is_peak else INK)

    def _bar(self, box: Box, *, is_in: bool) -> None:
        """Solid, or striped with a frame."""
        left, top, right, bottom = (round(edge) for edge in box)
        self._draw.rectangle((left, top, right, bottom), PAPER)
        if is_in:
            self._draw.rectangle((left, top, right, bottom), IN)
            return
        for y in range(top, bottom + 1, 2 * STRIPE):
            self._draw.rectangle((left, y, right, min(bottom, y + STRIPE - 1)), OUT)
        self._draw.rectangle((left, top, right, bottom), None, OUT, 4)

    def _text(
        self, at: tuple[float, float], text: str, size: int, anchor: str, colour: tuple[int, int, int] = INK
    ) -> None:
        write(self._draw, at, text, size, anchor, colour, self._faces)


def _hour_of(at: datetime, day: date) -> float:
    """Hours since the beginning of `day`."""
    return (at - datetime.combine(day, time())).total_seconds() / 3600


def _shown(came_in: list[int], went_out: list[int], spans: Iterable[Span]) -> range:
    """From the first to the last hour with anybody or with a gap, and not too few of them."""
    silent = {hour for start, end in spans for hour in range(start.hour, end.hour + 1)}
    busy = [hour for hour in range(24) if came_in[hour] or went_out[hour] or hour in silent] or [12]
    start, end = busy[0], busy[-1] + 1
    missing = max(0, FEWEST_HOURS - (end - start))
    start = max(0, start - missing // 2)
    end = min(24, max(end, start + FEWEST_HOURS))
    return range(min(start, end - min(FEWEST_HOURS, end)), end)


def _short(people: int) -> str:
    """
    >>> _short(800), _short(2_000), _short(50_000)
    ('800', '2,000', '50k')
    """
    return f"{people // 1000}k" if people >= 10_000 else f"{people:,}"


def _step(most: int) -> int:
    """The distance of the lines of the scale: 1, 2 or 5 times a power of ten, so that they are at most four.

    >>> [_step(most) for most in (1, 4, 9, 42, 1234)]
    [1, 1, 2, 10, 500]
    """
    step = 1
    while True:
        for factor in (1, 2, 5):
            if most // (step * factor) <= 4:
                return step * factor
        step *= 10
