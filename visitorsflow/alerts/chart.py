"""The picture of the day: who came in above a line, who went out below it, hour by hour.

It is looked at on a phone, at a third of its size. In and out differ in place and in pattern, not only in
colour.
"""

import io
from collections.abc import Iterable

from PIL import Image, ImageDraw

from visitorsflow.alerts.fonts import INSTALLED, Face, write
from visitorsflow.facts import DayEnd
from visitorsflow.words import Words

WIDTH, HEIGHT = 1280, 1000
LEFT, RIGHT = 130, 30  # margins beside the bars; the scale stands in the left one
TOP, BOTTOM = 270, 970  # of the bars
AXIS = 64  # the band of the hours between in and out
NUMBER_ROOM = 50  # beyond the longest bar, for its number
FEWEST_HOURS = 8  # so that a bar is no block
STRIPE = 8  # on, and as much off: it stays a pattern at a phone's size

PAPER, INK, PALE, GRID = (255, 255, 255), (30, 34, 42), (100, 108, 120), (222, 226, 232)
IN, OUT = (0, 96, 168), (201, 84, 0)  # told apart by people who see red and green alike

Box = tuple[float, float, float, float]


def draw(end: DayEnd, words: Words, faces: Iterable[Face] = INSTALLED) -> bytes:
    """A PNG, RGB, 1280 pixels wide. `faces` have the rare characters that our font lacks."""
    return _Picture(end, words, tuple(faces)).png()


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
        self._hours = _shown(self._came_in, self._went_out)
        self._slot = (WIDTH - LEFT - RIGHT) / len(self._hours)
        self._middle = (TOP + BOTTOM) / 2
        self._pixels = ((BOTTOM - TOP - AXIS) / 2 - NUMBER_ROOM) / self._most  # a person

    def png(self) -> bytes:
        self._head()
        self._scale()
        self._bars()
        self._axis()
        file = io.BytesIO()
        self._image.save(file, "PNG", optimize=True)
        return file.getvalue()

    def _head(self) -> None:
        """The day, the peak, and the totals, which are the key to the patterns too."""
        self._text((40, 34), f"{self._end.day:%Y-%m-%d}", 52, "la")
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


def _shown(came_in: list[int], went_out: list[int]) -> range:
    """From the first to the last hour with anybody, and not too few of them."""
    busy = [hour for hour in range(24) if came_in[hour] or went_out[hour]] or [12]
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
