"""The picture of the day: what can be measured of it. How it looks, a person looks at."""

import io
from datetime import date, datetime
from pathlib import Path

import pytest
from PIL import Image

from tests.readings import hour
from visitorsflow.alerts import chart
from visitorsflow.alerts.fonts import INSTALLED, Face
from visitorsflow.facts import DayEnd, Hour, Span, Totals
from visitorsflow.words import Words

WORDS = Words("zh-TW")
BUSY = tuple(hour(number, 10 * number, 300 - 10 * number) for number in range(8, 22))


def draw(
    hours: tuple[Hour, ...],
    peak_at: datetime | None = None,
    faces: list[Face] | None = None,
    words: Words = WORDS,
    spans: tuple[Span, ...] = (),
    venue: str = "",
) -> Image.Image:
    came_in, went_out = sum(one.came_in for one in hours), sum(one.went_out for one in hours)
    end = DayEnd(date(2018, 11, 3), Totals(came_in, went_out, None, None), hours, 312, peak_at, (), 0, 0)
    png = chart.draw(end._replace(spans=spans), words, INSTALLED if faces is None else faces, venue)
    assert len(png) < 200_000
    return Image.open(io.BytesIO(png))


def count(image: Image.Image, colour: tuple[int, int, int], box: tuple[int, int, int, int]) -> int:
    """So many pixels in the box are of this colour."""
    colours = image.crop(box).getcolors(maxcolors=2**16)  # a table of that size is made each time
    assert colours
    return sum(number for number, each in colours if each == colour)


def above(image: Image.Image, colour: tuple[int, int, int]) -> int:
    """In the half of those who came in; below the head."""
    return count(image, colour, (0, 230, image.width, (chart.TOP + chart.BOTTOM) // 2))


def below(image: Image.Image, colour: tuple[int, int, int]) -> int:
    return count(image, colour, (0, (chart.TOP + chart.BOTTOM) // 2, image.width, image.height))


def test_what_telegram_takes() -> None:
    """RGB, 1280 pixels wide, and no bytes to waste."""
    image = draw(BUSY)
    assert (image.format, image.mode, image.width) == ("PNG", "RGB", 1280)
    assert image.width / image.height < 20


def test_in_above_and_out_below() -> None:
    """Told apart without colour: by place, and since one is solid and the other striped."""
    image = draw((hour(10, 100, 100),))
    assert below(image, chart.IN) == above(image, chart.OUT) == 0
    solid, striped = above(image, chart.IN), below(image, chart.OUT)
    assert 0.4 * solid < striped < 0.7 * solid


def test_in_proportion() -> None:
    """Half as many people are a bar of half the height; one scale for both."""
    full, half = (above(draw((hour(10, people, 100),)), chart.IN) for people in (100, 50))
    assert half / full == pytest.approx(0.5, abs=0.01)
    one_hour = [above(draw((hour(10, 100, 0), hour(11, people, 0))), chart.IN) for people in (0, 100)]
    assert one_hour[1] / one_hour[0] == pytest.approx(2, abs=0.01)


def test_cameras_are_added_up() -> None:
    """One bar an hour, whoever counted."""
    together = draw((hour(10, 30, 10, "54"), hour(10, 70, 20, "55")))
    assert together.tobytes() == draw((hour(10, 100, 30),)).tobytes()


def test_one_person_is_seen() -> None:
    """Beside thousands."""
    assert above(draw((hour(10, 1, 5000),)), chart.IN) > 100


def test_nobody_came() -> None:
    """An empty picture, with its hours."""
    image = draw(())
    assert above(image, chart.IN) == below(image, chart.OUT) == 0
    assert count(image, chart.INK, (0, 590, image.width, 650)) > 1000


def test_all_hours_and_few() -> None:
    """From the first to the last with anybody; at the ends of the day too."""
    for hours in ((0,), (23,), (0, 23), tuple(range(24))):
        image = draw(tuple(hour(number, 10, 10) for number in hours))
        widest = above(image, chart.IN)
        assert widest > 1000
        left, right = chart.LEFT, chart.WIDTH - chart.RIGHT
        assert count(image, chart.IN, (0, 230, left, 600)) == 0
        assert count(image, chart.IN, (right, 230, image.width, 600)) == 0


def test_the_hour_of_the_peak_is_marked() -> None:
    """On dark ground, and named in the head."""
    plain, marked = (draw(BUSY, at) for at in (None, datetime(2018, 11, 3, 14, 35)))
    axis, head = (0, 590, 1280, 650), (600, 0, 1280, 120)
    assert count(marked, chart.INK, axis) > count(plain, chart.INK, axis) + 1000
    assert count(marked, chart.INK, head) > count(plain, chart.INK, head) + 1000


def test_chinese_on_every_pc() -> None:
    """Without any installed font its few words are the same."""
    alone = draw(BUSY, faces=[])
    assert draw(BUSY, faces=[Face(Path("/nowhere.ttc"))]).tobytes() == alone.tobytes()
    assert draw(BUSY).tobytes() == alone.tobytes() != draw(BUSY, faces=[], words=Words("en")).tobytes()


def test_gaps_are_hatched() -> None:
    """From their beginning to their end, also where nobody was counted; and the key says what it means."""
    plain = draw(BUSY)
    assert count(plain, chart.HATCHING, (0, 0, *plain.size)) == 0
    noon = datetime(2018, 11, 3, 12)
    hatched = draw(BUSY, spans=(Span(noon, noon.replace(hour=14)),))
    slot = (chart.WIDTH - chart.LEFT - chart.RIGHT) // 14
    left, right = chart.LEFT + 4 * slot, chart.LEFT + 6 * slot
    plot = (chart.TOP, chart.BOTTOM)
    assert count(hatched, chart.HATCHING, (left, plot[0], right, plot[1])) > 5000
    assert count(hatched, chart.HATCHING, (0, plot[0], left, plot[1])) == 0
    assert count(hatched, chart.HATCHING, (right + 4, plot[0], chart.WIDTH, plot[1])) == 0
    assert count(hatched, chart.HATCHING, (0, 0, chart.WIDTH, plot[0])) > 100
    short = draw(BUSY, spans=(Span(noon, noon),))
    assert count(short, chart.HATCHING, (left, plot[0], right, plot[1])) > 100
    nobody = draw((hour(20, 5, 5),), spans=(Span(noon, noon.replace(hour=13)),))
    assert count(nobody, chart.HATCHING, (chart.LEFT, plot[0], chart.WIDTH, plot[1])) > 3000


def test_the_venue_and_the_weekday() -> None:
    """The name stands above the picture, as a whole; who has no name has no empty line."""
    plain, named = draw(BUSY), draw(BUSY, venue="花博")
    assert named.size == (plain.width, plain.height + chart.VENUE_ROOM)
    assert named.crop((0, chart.VENUE_ROOM, *named.size)).tobytes() == plain.tobytes()
    long = draw(BUSY, venue="花" * 40)
    assert count(long, chart.INK, (0, 0, 1240, chart.VENUE_ROOM)) > 1000
    assert count(long, chart.PAPER, (1245, 0, 1280, chart.VENUE_ROOM)) == 35 * chart.VENUE_ROOM
    assert count(named, chart.INK, (340, 80, 520, 200)) > 500
