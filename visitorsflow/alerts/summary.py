"""The texts of the status message and the closing message. Pure: the clock is passed in."""

from datetime import datetime

from visitorsflow.facts import CameraState, Day, DayEnd
from visitorsflow.rules.capacity import inside
from visitorsflow.rules.health import health, open_for
from visitorsflow.rules.silence import OpenHours
from visitorsflow.text import day_time, printable
from visitorsflow.words import Words


def status_text(day: Day, open_hours: OpenHours | None, words: Words, now: datetime) -> str:
    """The state of the day in a few lines; `now` is the local time at which it was read.

    It changes at least once a minute, so that a text which stays the same is seen to be old.
    """
    lines = [
        words("status", inside=_grouped(inside(day.totals)), now=f"{now:%Y-%m-%d %H:%M}"),
        words("status counts", came_in=_grouped(day.totals.came_in), went_out=_grouped(day.totals.went_out)),
        *_last_full_hour(day, words, now),
        *(
            words("status camera", camera=camera.name, word=_word(camera, day, open_hours, words, now))
            for camera in day.cameras
        ),
        _last_report(day, words, now),
    ]
    if day.missing:
        lines.append(words("status missing", missing=day.missing))
    return "\n".join(printable(line) for line in lines)


def closing_caption(end: DayEnd, words: Words) -> str:
    """What there is to say of a day when it is over."""
    totals = end.totals
    lines = [
        words("closing", day=f"{end.day:%Y-%m-%d}"),
        words("closing counts", came_in=_grouped(totals.came_in), went_out=_grouped(totals.went_out)),
    ]
    if end.peak_at:
        lines.append(words("closing peak", people=_grouped(end.peak), at=f"{end.peak_at:%H:%M}"))
    lines.append(_left_over(end, words))
    lines += _gaps(end, words)
    if end.sent:
        lines.append(words("closing reports", sent=end.sent, accepted=end.accepted))
    else:
        lines.append(words("closing no report"))
    return "\n".join(printable(line) for line in lines)


def _gaps(end: DayEnd, words: Words) -> list[str]:
    if end.gaps is None:
        return [words("closing gaps not known")]
    lines = [
        words("closing gap", camera=camera, length=words.length(seconds)) for camera, seconds in end.gaps
    ]
    if not lines:
        since = end.gaps_since
        return [words("closing no gap since", since=f"{since:%H:%M}") if since else words("closing no gap")]
    if end.gaps_since:
        lines.append(words("closing gaps since", since=f"{end.gaps_since:%H:%M}"))
    return lines


def _left_over(end: DayEnd, words: Words) -> str:
    """The cameras' drift: in percent of the larger of the two counts."""
    left = end.totals.came_in - end.totals.went_out
    if left == 0:
        return words("closing even")
    percent = f"{100 * abs(left) / max(end.totals.came_in, end.totals.went_out):.1f}"
    return words(
        "closing inside" if left > 0 else "closing more out", people=_grouped(abs(left)), percent=percent
    )


def _last_full_hour(day: Day, words: Words, now: datetime) -> list[str]:
    hours = [hour for hour in day.hours if hour.hour == now.hour - 1]
    if not hours:
        return []
    return [
        words(
            "status hour",
            start=f"{now.hour - 1:02}",
            end=f"{now.hour:02}",
            came_in=_grouped(sum(hour.came_in for hour in hours)),
            went_out=_grouped(sum(hour.went_out for hour in hours)),
        )
    ]


def _word(camera: CameraState, day: Day, open_hours: OpenHours | None, words: Words, now: datetime) -> str:
    """How a camera is, and for how long."""
    reading = health(camera, day.read_at, open_for(now.time(), open_hours))
    return words(f"camera is {reading.health}", length=words.length(reading.seconds))


def _last_report(day: Day, words: Words, now: datetime) -> str:
    if day.report is None:
        return words("status no report")
    sent = now - (day.read_at - day.report.sent_at)
    verdict = words("status accepted" if day.report.accepted else "status refused")
    return words("status report", sent=day_time(sent, now), verdict=verdict)


def _grouped(number: int) -> str:
    """1234 is 1,234."""
    return f"{number:,}"
