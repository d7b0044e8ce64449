"""The drawings of the page as SVG, at a width for a phone and at one for a screen. Pure."""

from collections.abc import Iterable
from datetime import datetime, time

from visitorsflow.view.course import CourseShown, Verdict
from visitorsflow.view.model import HourShown
from visitorsflow.web.html import Html, tag
from visitorsflow.words import Words

NARROW, WIDE = 360, 900
LEFT, RIGHT = 8, 8
TOP, UP, NAMES, DOWN, GAP, CURVE, STRIP = 18, 110, 22, 90, 34, 90, 34
FOOT = TOP + UP + NAMES + DOWN + GAP + CURVE + STRIP
DIGIT = 6.6  # the width of a digit of a number at a bar
VERDICTS: tuple[Verdict, ...] = ("yes", "no", "silent")


def day_chart(course: CourseShown, capacity: int | None, is_today: bool, width: int, words: Words) -> Html:
    """Who came in rises, who went out hangs; below it the people inside, and the reports as ticks."""
    return _Chart(course, capacity, is_today, width, words).draw()


def capacity_bar(people: int, capacity: int) -> Html:
    """How full the venue is; a number stands beside it."""
    filled = min(100.0, 100 * people / capacity)
    rest = tag("rect", width=100, height=6, class_="rest")
    bar = tag("rect", width=f"{filled:.1f}", height=6, class_="bar")
    options = {"viewBox": "0 0 100 6", "preserveAspectRatio": "none", "aria_hidden": "true"}
    return tag("svg", rest, bar, class_="capacity", **options)


def shown_hours(course: CourseShown) -> tuple[HourShown, ...]:
    """From the first to the last hour that is open or has somebody in it."""
    busy = [hour.hour for hour in course.hours if hour.is_open or hour.came_in or hour.went_out]
    return course.hours[busy[0] : busy[-1] + 1] if busy else course.hours


class _Chart:
    def __init__(
        self, course: CourseShown, capacity: int | None, is_today: bool, width: int, words: Words
    ) -> None:
        self._course = course
        self._capacity = capacity
        self._is_today = is_today
        self._width = width
        self._words = words
        self._hours = shown_hours(course)
        self._each = (width - LEFT - RIGHT) / len(self._hours)

    def draw(self) -> Html:
        words, course = self._words, self._course
        label = words("page chart", came_in=course.came_in, went_out=course.went_out)
        hatch = f"hatch{self._width}"
        pattern = tag(
            "pattern", tag("path", d="M0 8L8 0", class_="hatch"), id=hatch, width=8, height=8,
            patternUnits="userSpaceOnUse",
        )  # fmt: skip
        parts = [tag("defs", pattern), *self._gaps(hatch), *self._bars(), *self._curve(), *self._reports()]
        box = f"0 0 {self._width} {FOOT}"
        kind = "narrow" if self._width == NARROW else "wide"
        return tag("svg", *parts, viewBox=box, role="img", aria_label=label, class_=f"chart {kind}")

    def _x(self, at: datetime) -> float:
        midnight = datetime.combine(self._course.day, time())
        hours = (at - midnight).total_seconds() / 3600 - self._hours[0].hour
        return min(self._width - RIGHT, max(LEFT, LEFT + hours * self._each))

    def _gaps(self, hatch: str) -> Iterable[Html]:
        for place, hour in enumerate(self._hours):
            if cameras := self._course.gaps.get(hour.hour):
                names = self._words("list").join(cameras)
                title = tag("title", self._words("page gap", hour=hour.hour, cameras=names))
                x, height = LEFT + place * self._each, UP + NAMES + DOWN
                size = {"width": f"{self._each:.1f}", "height": height}
                yield tag("rect", title, x=f"{x:.1f}", y=TOP, fill=f"url(#{hatch})", class_="gap", **size)

    def _bars(self) -> Iterable[Html]:
        most_in = max(hour.came_in for hour in self._hours)
        most_out = max(hour.went_out for hour in self._hours)
        scale = min(UP / max(1, most_in), DOWN / max(1, most_out))
        middle, below = TOP + UP, TOP + UP + NAMES
        for place, hour in enumerate(self._hours):
            x, width = LEFT + (place + 0.1) * self._each, 0.8 * self._each
            up, down = hour.came_in * scale, hour.went_out * scale
            yield from self._bar("in", hour.came_in, x, width, middle - up, up, middle - up - 4)
            yield from self._bar("out", hour.went_out, x, width, below, down, below + down + 12)
            is_now = self._is_today and hour.hour == self._course.until.hour
            kind = "now" if is_now else "name" if hour.is_open else "name closed"
            yield self._text(f"{'›' if is_now else ''}{hour.hour:02}", x + width / 2, middle + 15, kind)

    def _bar(
        self, kind: str, people: int, x: float, width: float, y: float, height: float, number_y: float
    ) -> Iterable[Html]:
        if not people:
            return
        box = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
        yield tag("rect", class_=kind, **box)
        if len(str(people)) * DIGIT <= self._each:
            yield self._text(str(people), x + width / 2, number_y, "n")

    def _curve(self) -> Iterable[Html]:
        """The people inside in steps, until somebody comes or goes; and the capacity where it is near."""
        course = self._course
        foot = FOOT - STRIP
        yield self._text(self._words("page curve"), LEFT, foot - CURVE - 10, "label")
        yield self._line(foot, "axis")
        if not course.peak:
            return
        at, most = course.peak
        highest = max(most, 1)
        if self._capacity and self._capacity <= 1.5 * highest:
            highest = max(highest, self._capacity)
            yield self._line(foot - CURVE * self._capacity / highest, "full")
        steps = [
            f"H{self._x(when):.0f}V{foot - CURVE * people / highest:.0f}" for when, people in course.inside
        ]
        first, last = self._x(course.inside[0][0]), self._x(course.until)
        yield tag("path", d=f"M{first:.0f} {foot}{''.join(steps)}H{last:.0f}V{foot}Z", class_="inside")
        text = self._words("page peak", count=f"{most:,}", at=f"{at:%H:%M}")
        yield self._text(text, self._width - RIGHT, foot - CURVE - 10, "label end")

    def _reports(self) -> Iterable[Html]:
        """A tick a report; a line where some are missing."""
        foot = FOOT - 4
        if not self._course.ticks:
            return
        for one, other in self._course.missed:
            x, width = self._x(one), self._x(other) - self._x(one)
            yield tag("rect", x=f"{x:.0f}", y=foot - 7, width=f"{width:.0f}", height=4, class_="missed")
        for verdict in VERDICTS:
            places = [f"{self._x(tick.at):.0f}" for tick in self._course.ticks if tick.verdict == verdict]
            height = 10 if verdict == "yes" else 16
            path = "".join(f"M{x} {foot}v-{height}" for x in dict.fromkeys(places))
            if path:
                yield tag("path", d=path, class_=f"tick {verdict}")

    def _line(self, y: float, kind: str) -> Html:
        return tag("path", d=f"M{LEFT} {y:.0f}H{self._width - RIGHT}", class_=kind)

    def _text(self, text: str, x: float, y: float, kind: str) -> Html:
        return tag("text", text, x=f"{x:.1f}", y=f"{y:.1f}", class_=kind)
