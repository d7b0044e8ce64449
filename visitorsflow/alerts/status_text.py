"""The text of the status message: the state of the day in short lines, for whoever has only a phone. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from visitorsflow.facts import CameraState, Day, Hour, missing_reason
from visitorsflow.rules.health import Health, Reading, health, is_alive, newest_rejected, open_for, troubles
from visitorsflow.rules.partial import Gap, Moment, gaps, holds_files
from visitorsflow.rules.period import OpenHours, period_of
from visitorsflow.subjects import REPORT
from visitorsflow.text import day_time, printable
from visitorsflow.words import Words

CAMERAS = 8  # so many have a line of their own: the rest is counted
LONGEST = 70  # characters of a line, as far as we make it
LONGEST_REASON = 140
_WITHOUT_LENGTH = (Health.WELL, Health.CLOSED, Health.NEW, Health.TROUBLE)


class _Count(NamedTuple):
    hour: int
    came_in: int
    went_out: int


def status_text(
    day: Day,
    open_hours: OpenHours | None,
    words: Words,
    now: datetime,
    venue: str = "",
    away_since: datetime | None = None,
) -> str:
    """Tell the state of the day in at most 25 lines; `now` is the local time at which it was read.

    It changes at least once a minute, so that a text which stays the same is seen to be old. `away_since`:
    since that local time the database can't be read, and what is shown is what was read before.
    """
    now = now.replace(tzinfo=None)
    moment = Moment(day.read_at, now)
    found = gaps(day.cameras, moment, period_of(now.date(), now), open_hours)
    lines = [
        *([words("status away", since=day_time(away_since, now))] if away_since else []),
        _inside(day, found, words, now, venue),
        words("status counts", came_in=_grouped(day.totals.came_in), went_out=_grouped(day.totals.went_out)),
        *_hours(day, words, now),
        *([words("status cameras unknown")] if away_since else _cameras(day, open_hours, words, now)),
        words("status database away" if away_since else "status database"),
        words("status stores nothing") if away_since else _storing(day, found, words),
        _rejected(day, moment, words),
        _last_report(day, open_hours, words, now),
        words("status phone", at=f"{now:%H:%M}"),
    ]
    if day.missing:
        lines.append(_cut(words("status missing", missing=words.say(missing_reason(day.missing)))))
    return "\n".join(printable(line) for line in lines)


def _inside(day: Day, found: list[Gap], words: Words, now: datetime, venue: str) -> str:
    without = words.without([gap.camera for gap in found])
    inside = words("status", inside=_grouped(day.inside))
    parts = (venue, inside, without, f"[{now:%Y-%m-%d %H:%M}]")
    return " ".join(part for part in parts if part)


def _hours(day: Day, words: Words, now: datetime) -> Iterator[str]:
    """The busiest hour so far, in both directions together, and the last full one if that is another."""
    counts = _by_hour(day.hours)
    busiest = max(counts, key=lambda one: one.came_in + one.went_out, default=None)
    if busiest:
        yield _hour("status busiest", busiest, words)
    for count in counts:
        if count.hour == now.hour - 1 and count is not busiest:
            yield _hour("status hour", count, words)


def _by_hour(hours: tuple[Hour, ...]) -> list[_Count]:
    return [
        _Count(
            number,
            sum(hour.came_in for hour in hours if hour.hour == number),
            sum(hour.went_out for hour in hours if hour.hour == number),
        )
        for number in sorted({hour.hour for hour in hours})
    ]


def _hour(key: str, count: _Count, words: Words) -> str:
    return words(
        key,
        start=f"{count.hour:02}",
        end=f"{count.hour + 1:02}",
        came_in=_grouped(count.came_in),
        went_out=_grouped(count.went_out),
    )


def _cameras(day: Day, open_hours: OpenHours | None, words: Words, now: datetime) -> Iterator[str]:
    """A line a camera; of many, those that are not well, the worst first, and how many others there are."""
    opened = open_for(now.time(), open_hours)
    cameras = [camera for one in day.cameras for camera in one.shown()]
    readings = [(camera, health(camera, day.read_at, opened)) for camera in cameras]
    shown = readings
    if len(readings) > CAMERAS:
        worst = sorted(readings, key=lambda one: one[1].health.badness)
        shown = [one for one in worst if one[1].health is not Health.WELL][:CAMERAS]
    for camera, reading in shown:
        yield _cut(words("status camera", camera=camera.name, word=_word(camera, reading, day, words, now)))
    others = [reading.health for one, reading in readings if one not in [camera for camera, _ in shown]]
    for how in sorted(set(others), key=lambda one: one.badness):
        word = words(f"camera is {how}", length="").strip()
        yield words("status others", count=others.count(how), word=word)


def _word(camera: CameraState, reading: Reading, day: Day, words: Words, now: datetime) -> str:
    """Tell a camera's state in a word, for how long and since when; of a trouble, what it is."""
    word = words(f"camera is {reading.health}", length=words.length(reading.seconds))
    if reading.health is Health.TROUBLE:
        known = (
            (words.about(what), words.say(reason) if reason else "")
            for what, reason in troubles(camera.trouble)
        )
        about = words("list").join(f"{what} {why}".strip() for what, why in known)
        return words("status trouble", word=word, about=about)
    if reading.health in _WITHOUT_LENGTH:
        return word
    since = {Health.STOPPED: camera.stopped_at, Health.DEAD: camera.alive_at}.get(
        reading.health, camera.file_at
    )
    assert since is not None  # else it would have no length
    return words("status since", word=word, since=day_time(Moment(day.read_at, now).local(since), now))


def _storing(day: Day, found: list[Gap], words: Words) -> str:
    waiting = sum(camera.waiting for camera in day.cameras)
    late = [gap.camera for gap in found if gap.waits]
    late += [
        c.name for c in day.cameras if is_alive(c, day.read_at) and holds_files(c) and c.name not in late
    ]
    if late:
        cameras = words("list").join(late)
        return _cut(words("status waits", count=_grouped(waiting), cameras=cameras))
    return words("status stores", count=_grouped(waiting)) if waiting else words("status stores all")


def _rejected(day: Day, moment: Moment, words: Words) -> str:
    """How many files were rejected today, and of the newest its reason, where its PC says it."""
    today = [c for c in day.cameras if c.rejected and moment.local(c.alive_at).date() == moment.wall.date()]
    if not today:
        return words("status none rejected")
    text = words("status rejected", count=_grouped(sum(camera.rejected for camera in today)))
    known = filter(None, (newest_rejected(camera.trouble) for camera in today))
    reasons = sorted((str(reason.values.get("name")), words.say(reason)) for reason in known)
    if reasons:  # the names of files are times
        text = words("status newest rejected", text=text, reason=reasons[-1][1])
    return _cut(text, LONGEST_REASON)


def _last_report(day: Day, open_hours: OpenHours | None, words: Words, now: datetime) -> str:
    if day.report is None:
        return words("status no report")
    sent = Moment(day.read_at, now).local(day.report.sent_at)
    refused = "status no answer" if day.report.http_status is None else "status refused"
    verdict = words("status accepted" if day.report.accepted else refused)
    opened = open_for(now.time(), open_hours)
    is_expected = opened is None or opened > REPORT.patience
    is_late = is_expected and (now - sent).total_seconds() > REPORT.patience
    key = "status report late" if is_late else "status report"
    return words(key, sent=day_time(sent, now), verdict=verdict)


def _cut(line: str, longest: int = LONGEST) -> str:
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _grouped(number: int) -> str:
    """1234 is 1,234."""
    return f"{number:,}"
