"""The course of a day as it is shown: hours, gates, people inside, gaps, reports. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Literal, NamedTuple

from visitorsflow.facts import Course, Hour, SentReport, Slot
from visitorsflow.rules.partial import Gap
from visitorsflow.rules.period import OpenHours, Period, inside_since, is_open
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.view.model import HourShown, ViewModel
from visitorsflow.view.tables import SheetDay

SLOT = timedelta(minutes=5)
MANY = 12  # people in an hour: one in five minutes
NIGHT = 4  # hours
MISSED = timedelta(minutes=15)  # reports come every five minutes

Verdict = Literal["yes", "no", "silent"]


class GateShown(NamedTuple):
    """The counts of one camera; its name can be printed."""

    name: str
    came_in: int
    went_out: int


class Tick(NamedTuple):
    """A report of the day, at the venue's local time (naive)."""

    at: datetime
    verdict: Verdict


class Beside(NamedTuple):
    """Another day until the same time of day, to compare with."""

    day: date
    inside: int
    came_in: int
    went_out: int


@dataclass(frozen=True, slots=True)
class CourseShown:
    """A day until `until`, the venue's local time (naive), or all of it."""

    day: date
    until: datetime
    came_in: int
    went_out: int
    hours: tuple[HourShown, ...]  # all 24
    gates: tuple[GateShown, ...]  # by name
    inside: tuple[tuple[datetime, int], ...]  # so many from a moment until the next: the end of a slot
    peak: tuple[datetime, int] | None  # the first of these moments with the most people inside
    gaps: dict[int, tuple[str, ...]]  # by hour: the cameras that are missing in its numbers
    ticks: tuple[Tick, ...]
    missed: tuple[tuple[datetime, datetime], ...]  # between which reports were due and none was sent


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is shown of today, or of an earlier day: then there is no model of the moment."""

    today: date
    model: ViewModel | None
    course: CourseShown | None  # None: nothing is known of the day
    yesterday: Beside | None = None
    week_ago: Beside | None = None


def shown_course(
    course: Course, settings: Settings, until: datetime, gaps: Iterable[Gap] = ()
) -> CourseShown:
    """The day as it is shown; `until` is now (naive) or the day's end, `gaps` are those known now.

    An hour counts as a gap of a camera, too, when it was open and is over, and nobody came by this camera,
    but many in hours of this opening before and after: directly, or while another camera had many. A venue
    without open hours may have closed for NIGHT hours or more: these need the other camera.
    """
    slots = [slot for slot in course.slots if slot.start.date() == course.day]
    hours = _hours(slots, settings.open_hours)
    inside = tuple(_inside(course, settings.open_hours, until).items()) if slots else ()
    ticks = tuple(_ticks(course, settings))
    return CourseShown(
        day=course.day,
        until=until,
        came_in=sum(hour.came_in for hour in hours),
        went_out=sum(hour.went_out for hour in hours),
        hours=hours,
        gates=tuple(_gates(slots)),
        inside=inside,
        peak=max(inside, key=lambda point: point[1], default=None),
        gaps=_gaps(slots, course.day, settings.open_hours, until, gaps),
        ticks=ticks,
        missed=tuple(_missed(ticks, settings.open_hours, until)),
    )


def beside(course: Course, at: datetime, open_hours: OpenHours | None) -> Beside | None:
    """The day of `course` until `at`, a naive local time of that day; None where it has no rows.

    A slot that has only begun counts by the part of it that is over.
    """
    until = datetime.combine(course.day, at.time())
    if not any(slot.start.date() == course.day for slot in course.slots):
        return None
    since, midnight = inside_since(until, open_hours), datetime.combine(course.day, time())
    came_in = went_out = inside = 0.0
    for slot in course.slots:
        part = max(0.0, min(1.0, (until - slot.start) / SLOT))
        if slot.start >= since:
            inside += part * (slot.came_in - slot.went_out)
        if slot.start >= midnight:
            came_in += part * slot.came_in
            went_out += part * slot.went_out
    return Beside(course.day, max(0, round(inside)), round(came_in), round(went_out))


def sheet_day(course: Course, period: Period, short: Sequence[str]) -> SheetDay:
    """The day as a part of the sheet; `short`: the cameras whose rows may be missing."""
    counts: dict[tuple[date, int, str], list[int]] = {}
    for slot in course.slots:
        counted = counts.setdefault((slot.start.date(), slot.start.hour, slot.camera), [0, 0])
        counted[0] += slot.came_in
        counted[1] += slot.went_out
    hours: dict[date, list[Hour]] = {}
    for (day, hour, camera), (came_in, went_out) in counts.items():
        hours.setdefault(day, []).append(Hour(hour, camera, came_in, went_out))
    return SheetDay(period, hours, short)


def _hours(slots: Iterable[Slot], open_hours: OpenHours | None) -> tuple[HourShown, ...]:
    counts = [[0, 0] for _ in range(24)]
    for slot in slots:
        counts[slot.start.hour][0] += slot.came_in
        counts[slot.start.hour][1] += slot.went_out
    return tuple(
        HourShown(hour, came_in, went_out, any(_minutes_open(hour, open_hours)))
        for hour, (came_in, went_out) in enumerate(counts)
    )


def _gates(slots: Iterable[Slot]) -> Iterable[GateShown]:
    counts: dict[str, list[int]] = {}
    for slot in slots:
        counted = counts.setdefault(slot.camera, [0, 0])
        counted[0] += slot.came_in
        counted[1] += slot.went_out
    for name in sorted(counts):
        yield GateShown(printable(name), *counts[name])


def _inside(course: Course, open_hours: OpenHours | None, until: datetime) -> dict[datetime, int]:
    """The people inside from a moment on: counted from the opening, where they are 0, and never below 0.

    Of what came before midnight only the sum is there; of a slot that has only begun, what it has by now.
    """
    midnight = datetime.combine(course.day, time())
    end = midnight + timedelta(days=1)
    anew = inside_since(end, open_hours)  # the end, but where the venue is open over midnight
    inside: dict[datetime, int] = {}
    for opened, closed in ((inside_since(midnight, open_hours), anew), (anew, end)):
        people = 0
        if inside and opened < until:
            inside[opened] = 0
        of_opening = (slot for slot in course.slots if opened <= slot.start < closed)
        for start, together in groupby(of_opening, lambda slot: slot.start):
            people += sum(slot.came_in - slot.went_out for slot in together)
            inside[max(midnight, min(start + SLOT, closed, until))] = max(0, people)
    return inside


def _gaps(
    slots: Iterable[Slot], day: date, open_hours: OpenHours | None, until: datetime, known: Iterable[Gap]
) -> dict[int, tuple[str, ...]]:
    counts: dict[str, list[int]] = {}
    for slot in slots:
        counts.setdefault(slot.camera, [0] * 24)[slot.start.hour] += slot.came_in + slot.went_out
    midnight = datetime.combine(day, time())
    gaps: dict[int, set[str]] = {}
    for opening in _openings(open_hours):
        for hour in opening:
            start = midnight + timedelta(hours=hour)
            end = start + timedelta(hours=1)
            if start < until:
                gaps[hour] = {gap.camera for gap in known if gap.since < end}
            if end <= until and all(_minutes_open(hour, open_hours)):
                gaps[hour].update(_lost(counts, opening, hour, NIGHT if open_hours is None else 24))
    return {hour: tuple(sorted(map(printable, names))) for hour, names in gaps.items() if names}


def _openings(open_hours: OpenHours | None) -> Iterable[range]:
    """The hours of a day that are open, at least in part: those in a row belong to one opening."""
    for is_open_then, together in groupby(range(24), lambda hour: any(_minutes_open(hour, open_hours))):
        if is_open_then:
            hours = list(together)
            yield range(hours[0], hours[-1] + 1)


def _lost(counts: Mapping[str, Sequence[int]], opening: range, hour: int, night: int) -> Iterable[str]:
    """The cameras of which rows are likely to be missing; `night` empty hours in a row may be closed ones."""
    is_passed_by = any(people[hour] >= MANY for people in counts.values())
    for camera, people in counts.items():
        before = [one for one in opening if one < hour and people[one]]
        after = [one for one in opening if one > hour and people[one]]
        if people[hour] or not before or not after:
            continue
        last, following = before[-1], after[0]
        is_between = min(people[last], people[following]) >= MANY and following - last <= night
        was_busy = all(max(people[one] for one in hours) >= MANY for hours in (before, after))
        if is_between or (is_passed_by and was_busy):
            yield camera


def _minutes_open(hour: int, open_hours: OpenHours | None) -> Iterable[bool]:
    return (is_open(time(hour, minute), open_hours) for minute in range(60))


def _ticks(course: Course, settings: Settings) -> Iterable[Tick]:
    for sent in course.reports:
        at = sent.sent_at.replace(tzinfo=UTC).astimezone(settings.timezone).replace(tzinfo=None)
        if at.date() == course.day:
            yield Tick(at, verdict(sent))


def verdict(sent: SentReport) -> Verdict:
    """Accepted, refused, or without an answer."""
    return "yes" if sent.accepted else "silent" if sent.http_status is None else "no"


def _missed(
    ticks: tuple[Tick, ...], open_hours: OpenHours | None, until: datetime
) -> Iterable[tuple[datetime, datetime]]:
    """From one report to the next that came too late, in open hours; none before the first one."""
    times = [tick.at for tick in ticks]
    for one, other in zip(times, [*times[1:], until], strict=False):
        is_due = is_open((one + MISSED).time(), open_hours)
        if other - one > MISSED and is_due:
            yield one, other
