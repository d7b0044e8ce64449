"""All that one PC makes of a reading of the day: what it says for itself, and what for the whole venue.

Pure but for its listeners: the clocks are passed in. Each PC comes to the same, and what has been told stands
in the table: so a thing is said once, whichever PC says it, and a rule goes on where the one before it was.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from time import monotonic

from visitorsflow.events import CamerasBack, CamerasLost, DayRead, Event, Lasts, Stored, Tell
from visitorsflow.facts import Absence, CameraState, Day, DayGaps, Return, SentReport, Span
from visitorsflow.reasons import Reason, kept, quoted
from visitorsflow.rules.clocks import CameraClock, OwnClock
from visitorsflow.rules.condition import Condition
from visitorsflow.rules.health import DEAD_AFTER, is_alive, open_for
from visitorsflow.rules.limits import Capacity
from visitorsflow.rules.period import OpenHours
from visitorsflow.rules.silence import Silence
from visitorsflow.rules.telling import lasting, newest
from visitorsflow.settings import Settings
from visitorsflow.subjects import CAMERA, REPORT, REPORT_REFUSED
from visitorsflow.venue.ends import OwnEnds
from visitorsflow.venue.others import OthersTroubles
from visitorsflow.venue.speaker import EPOCH, Speaker

# Of open time: so long an ended program may be away, and so long staff have to switch on a PC in the morning.
STOPPED = timedelta(minutes=5)
# What has missed three beats when another is lost is lost too: several at once are one message.
IN_COMPANY = timedelta(seconds=60)
SAME_LOSS = timedelta(minutes=10)
REFUSED_IN_A_ROW = 3
OUT_OF_SIGHT_SECONDS = 200  # between two readings: then nobody can say that no report was sent
GIVEN_UP = timedelta(days=7)  # where the last report is so old, none is expected any more
SHORTEST_SECONDS = 90  # a file is known to the table only with the next beat
PAUSE_SECONDS = 300  # of open time between two readings: then something may have been missed


class VenueWatch:
    """A listener: looks at each reading of the day, and tells what follows. `clock`: monotonic seconds."""

    def __init__(self, settings: Settings, tell: Tell, clock: Callable[[], float] = monotonic) -> None:
        self._settings = settings
        self._tell = tell
        self._clock = clock
        self._rules = VenueRules(settings.camera, settings.open_hours, settings.capacity, clock())
        self._ends = OwnEnds(settings.camera)

    def __call__(self, event: Event) -> None:
        self._ends.note(event, self._clock())
        if isinstance(event, DayRead):
            self._tell(*self._ends.check(event.day, self._clock()))
            wall = self._settings.now().replace(tzinfo=None)
            self._tell(*self._rules.look(event.day, wall, self._clock()))

    @property
    def is_ready(self) -> bool:
        """May its beat say that it can tell, when Telegram works."""
        return self._rules.is_ready

    @property
    def speaks(self) -> bool:
        """Are the status message and the closing message its work."""
        return self._rules.speaks


class VenueRules:
    """All rules at the PC of the camera `name`. `now` at first: monotonic seconds."""

    def __init__(self, name: str, open_hours: OpenHours | None, capacity: int | None, now: float) -> None:
        self._name = name
        self._speaker = Speaker(name)
        self._lost = LostCameras(name, open_hours)
        self._reporting = Reporting(open_hours, now)
        self._others = OthersTroubles(name)
        self._capacity = Capacity(capacity) if capacity else None
        self._own_clock = OwnClock()
        self._has_looked = False

    @property
    def is_ready(self) -> bool:
        """May its beat say that it can tell, when Telegram works."""
        return self._speaker.is_ready

    @property
    def speaks(self) -> bool:
        """Are the status message and the closing message its work."""
        return self._speaker.speaks

    def look(self, day: Day, wall: datetime, now: float) -> tuple[Event, ...]:
        """The events to tell after this reading; `wall` is its local time, `now` its monotonic seconds."""
        self._speaker.look(day)
        if not self._has_looked:
            self._resume(day, now)
        venue = (*self._others.check(day), *self._reporting.check(day, wall, now))
        is_counted = day.totals.first is not None or not day.missing  # else nobody knows who is inside
        if self._capacity and is_counted:
            venue += self._capacity.check(day.inside, now)
        lost: tuple[Event, ...] = ()
        if self._speaker.is_ready:  # before that, nobody has had the time to beat
            lost = self._lost.check(day, wall, speaks=self._speaker.speaks)
        own = next((camera for camera in day.cameras if camera.name == self._name), None)
        clock = self._own_clock.check(own.clock_offset, now) if own else ()
        return (*lost, *venue, *clock)

    def _resume(self, day: Day, now: float) -> None:
        """Go on from what was told of the venue before this program started."""
        self._has_looked = True
        for one in lasting(day.told):
            since = now - (day.read_at - one.since).total_seconds()
            if not one.camera:
                self._reporting.resume(one.what, since, one.reason)
                if self._capacity:
                    self._capacity.resume(one.what, since, one.reason)


class LostCameras:
    """The others, as the PC of the camera `name` sees them."""

    def __init__(self, name: str, open_hours: OpenHours | None) -> None:
        self._name = name
        self._open_hours = open_hours
        self._conditions: dict[str, Condition] = {}
        self._lost_at: dict[str, datetime] = {}  # camera -> its last sign of life before its last loss
        self._quiet_since: dict[str, datetime] = {}  # of those that lately were quiet
        self._beside: dict[str, set[str]] = {}  # camera -> those seen alive with it on one PC
        self._said: dict[str, datetime] = {}  # camera -> the last sign of life before the loss that was said
        self._said_back: dict[str, datetime] = {}  # camera -> the `told_at` that its return answers

    def check(self, day: Day, now: datetime, *, speaks: bool) -> tuple[Event, ...]:
        """Tell what is new: for the log on each PC, and for the phone on the one that `speaks`.

        `now` is the local time at which the day was read.
        """
        others = [camera for camera in day.cameras if camera.name != self._name]
        open_since = _ago(day.read_at, open_for(now.time(), self._open_hours))
        renamed = self._renamed(day)
        lost = [c for c in others if _is_lost(c, day.read_at, open_since) and c.name not in renamed]
        if any(not _was_told(camera) for camera in lost):
            lost = [c for c in others if c in lost or _is_quiet(c, day.read_at, open_since)]
        for camera in others:
            if camera.stopped_at or day.read_at - camera.alive_at >= IN_COMPANY:
                self._quiet_since[camera.name] = _last_sign(camera)
        logged = self._logged(others, lost, day.read_at, now)
        # Of its own return too: it may be the only one that is left.
        return (*logged, *(self._told(day, lost, now) if speaks else ()))

    def _is_news(self, name: str, last: datetime, day: Day) -> bool:
        """A loss is said once; one that follows it soon, as with two clocks, only if it lasts."""
        said = newest(day.told).get((CAMERA.key, name))
        said_at = said.told_at if said else None
        is_soon = said_at is not None and timedelta(0) <= day.read_at - said_at < SAME_LOSS
        return self._said.get(name) != last and not is_soon

    def _renamed(self, day: Day) -> set[str]:
        """The cameras that were stopped, and whose PC beats under another name now.

        Where a PC has two cameras, both were seen alive at the same time, and none is renamed.
        """
        alive = {camera.name: camera.host for camera in day.cameras if is_alive(camera, day.read_at)}
        for name, host in alive.items():
            self._beside.setdefault(name, set()).update(other for other in alive if alive[other] == host)
        return {
            camera.name
            for camera in day.cameras
            if camera.stopped_at
            and any(
                host == camera.host and name not in self._beside.get(camera.name, ())
                for name, host in alive.items()
            )
        }

    def _logged(
        self, others: list[CameraState], lost: list[CameraState], read_at: datetime, now: datetime
    ) -> tuple[Event, ...]:
        events: list[Event] = []
        for camera in others:
            name = camera.name
            condition = self._conditions.setdefault(name, Condition(CAMERA, who=name))
            last = _last_sign(camera)
            if camera in lost and not condition.active:
                self._lost_at[name] = last
                since = f"{now - (read_at - last):%Y-%m-%d %H:%M:%S}"
                reason = Reason("stopped since" if camera.stopped_at else "silent since", since=since)
                events += condition.begin(_since_epoch(last), reason)
            elif is_alive(camera, read_at) and last != self._lost_at.get(name):
                events += condition.end(_since_epoch(last))
        return tuple(events)

    def _told(self, day: Day, lost: list[CameraState], now: datetime) -> tuple[Event, ...]:
        absences, returns, read_at = [], [], day.read_at
        for camera in day.cameras:
            name, last, told_at = camera.name, _last_sign(camera), camera.told_at
            if camera in lost and not _was_told(camera) and self._is_news(name, last, day):
                self._said[name] = last
                absences.append(Absence(name, now - (read_at - last), camera.stopped_at is not None))
            elif told_at and _is_back(camera, read_at) and self._said_back.get(name) != told_at:
                self._said_back[name] = told_at
                since = min(told_at, self._quiet_since.get(name, told_at))
                returns.append(Return(name, (last - since).total_seconds()))
        back = (CamerasBack(tuple(returns)),) if returns else ()
        return (*back, CamerasLost(tuple(absences))) if absences else back


def _is_lost(camera: CameraState, read_at: datetime, open_since: datetime) -> bool:
    """Has it been quiet for too long in this opening."""
    last = _last_sign(camera)
    died_while_open = camera.stopped_at is None and last > open_since
    return read_at - max(last, open_since) >= (DEAD_AFTER if died_while_open else STOPPED)


def _is_quiet(camera: CameraState, read_at: datetime, open_since: datetime) -> bool:
    """Has it missed three beats in this opening."""
    died_while_open = camera.stopped_at is None and camera.alive_at > open_since
    return died_while_open and read_at - camera.alive_at >= IN_COMPANY


def _was_told(camera: CameraState) -> bool:
    """Was somebody told after its last sign of life: of this loss, not of one before."""
    return camera.told_at is not None and camera.told_at >= _last_sign(camera)


def _is_back(camera: CameraState, read_at: datetime) -> bool:
    """Has it beaten again after somebody was told that it does not."""
    return camera.told_at is not None and camera.alive_at > camera.told_at and is_alive(camera, read_at)


def _last_sign(camera: CameraState) -> datetime:
    return max(camera.alive_at, camera.stopped_at or camera.alive_at)


def _ago(now: datetime, seconds: float | None) -> datetime:
    return EPOCH if seconds is None else now - timedelta(seconds=seconds)


def _since_epoch(moment: datetime) -> float:
    return (moment - EPOCH).total_seconds()


class Reporting:
    """The rule of reports: callAPI.py sends one every five minutes, and the authority takes it.

    `now` at first: monotonic seconds."""

    def __init__(self, open_hours: OpenHours | None, now: float) -> None:
        self._silence = Silence(REPORT.patience, open_hours, now, REPORT)
        self._refused = Condition(REPORT_REFUSED)
        self._looked = now
        self._last: datetime | None = None  # when the last report that was seen was sent
        self._has_resumed = False

    def resume(self, what: str, since: float, reason: Reason | None) -> None:
        """It was told before this program started that `what` lasts."""
        if what == REPORT.key:
            self._silence.resume(self._looked - since)
            self._has_resumed = True
        elif what == REPORT_REFUSED.key:
            self._refused.resume(since, reason)

    def check(self, day: Day, wall: datetime, now: float) -> tuple[Event, ...]:
        """Tell what is new. `wall` is the local time at which the day was read, `now` the monotonic seconds.

        Silence counts from when this PC could see that there was something to report and nobody did:
        before the day's first row callAPI.py has nothing to send.
        """
        before, self._looked = self._looked, now
        report = day.report
        if report is None:
            self._silence.blind()
            return ()
        silence: tuple[Event, ...] = ()
        if self._has_resumed and (day.read_at - report.sent_at).total_seconds() >= REPORT.patience:
            self._last = self._last or report.sent_at  # none was sent since that was told
        if report.sent_at != self._last:
            self._last = report.sent_at
            silence = self._silence.arrived(now)
        elif day.totals.first is None or day.read_at - report.sent_at >= GIVEN_UP:
            self._silence.blind()
        else:
            if now - before > OUT_OF_SIGHT_SECONDS:
                self._silence.blind()
            silence = self._silence.quiet(now, wall.time())
        return (*(_with_time(e, day, report, wall) for e in silence), *self._acceptance(day, report, now))

    def _acceptance(self, day: Day, report: SentReport, now: float) -> tuple[Event, ...]:
        if report.accepted:
            return self._refused.end(now)
        is_new = day.read_at - report.sent_at < timedelta(seconds=REPORT.patience)
        if self._refused.active or not is_new or day.refused_in_a_row < REFUSED_IN_A_ROW:
            return ()
        why = kept(report.reply)
        if why.key == "quoted" and report.http_status:
            why = quoted(f"HTTP {report.http_status} {report.reply}")
        return (*self._refused.begin(now, why), *self._refused.check(now))


def _with_time(event: Event, day: Day, report: SentReport, wall: datetime) -> Event:
    """When it has lasted: with the local time of the last report as the reason."""
    if not isinstance(event, Lasts):
        return event
    sent = wall - (day.read_at - report.sent_at)
    return replace(event, reason=Reason("last report", sent=f"{sent:%Y-%m-%d %H:%M}"))


class GapsOfDays:
    """A listener: the cameras' gaps of today and of the day before."""

    def __init__(self, open_hours: OpenHours | None, now: Callable[[], datetime]) -> None:
        self._gaps = Gaps(open_hours)
        self._now = now
        self._days: dict[date, DayGaps] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, DayRead):
            self._days = {day: kept for day, kept in self._days.items() if (event.day.day - day).days < 2}
            if self._gaps.look(event.day, self._now().replace(tzinfo=None)):
                self._days[event.day.day] = self._gaps.so_far()

    def of(self, day: date) -> DayGaps | None:
        """None when this program has seen nothing of that day."""
        return self._days.get(day)


class Gaps:
    """Adds up each camera's silences that were longer than its `idle_seconds`, in open time.

    What had ended before this PC could read the day, at its start or after a pause, is not known: `since` is
    the local time of the first reading then, or None where there was none such in today's open time. A camera
    of which the table knew nothing before had been silent since the opening.
    """

    def __init__(self, open_hours: OpenHours | None) -> None:
        self.since: datetime | None = None
        self._looked: datetime | None = None  # local time of the last reading
        self._open_hours = open_hours
        start, end = open_hours or (time(0), time(0))
        self._opens, self._closes = (start, end) if start < end else (time.min, time.max)
        self._day: date | None = None
        self._over: dict[str, tuple[Span, ...]] = {}  # silences that have ended
        self._lasting: dict[str, Span] = {}
        self._known: set[str] = set()  # the cameras of the last reading
        self._gone: dict[str, datetime] = {}

    @property
    def seconds(self) -> dict[str, float]:
        """Of today by camera; one without a gap is left out."""
        return {name: sum(span.seconds for span in spans) for name, spans in self.so_far().spans.items()}

    def so_far(self) -> DayGaps:
        """Today's, by camera."""
        spans = {
            name: (*self._over.get(name, ()), *([self._lasting[name]] if name in self._lasting else []))
            for name in sorted(self._over.keys() | self._lasting.keys())
        }
        return DayGaps(spans, self.since, dict(self._gone))

    def look(self, day: Day, now: datetime) -> bool:
        """One more reading of the day; `now` is its local time. False: without any camera it is none."""
        if not day.cameras:
            return False
        names = {camera.name for camera in day.cameras}
        if day.day != self._day:
            self._day, self._over, self._lasting, self.since = day.day, {}, {}, None
            self._known, self._gone = names, {}
        if self._unseen(now) > timedelta(seconds=PAUSE_SECONDS):
            self.since = now
        self._looked = now
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        today, opened = (now - midnight).total_seconds(), open_for(now.time(), self._open_hours)
        longest = today if opened is None else min(today, opened)
        for camera in day.cameras:
            silence = min(longest, _silence(camera, day.read_at))
            before = self._lasting.pop(camera.name, None)
            if before and before.seconds > silence:
                self._end(camera.name, before)
            span = Span(now - timedelta(seconds=silence), now)
            if camera.name not in self._known:
                self._was_absent(camera, now - timedelta(seconds=longest), span.start)
            if silence > max(camera.idle_seconds, SHORTEST_SECONDS):
                self._lasting[camera.name] = span
        self._gone |= dict.fromkeys(self._known - names, now)
        self._known = names
        return True

    def _was_absent(self, camera: CameraState, opened: datetime, until: datetime) -> None:
        absent = Span(max(opened, self.since or opened, self._gone.pop(camera.name, opened)), until)
        if absent.seconds > max(camera.idle_seconds, SHORTEST_SECONDS):
            self._end(camera.name, absent)

    def _end(self, name: str, span: Span) -> None:
        self._over[name] = (*self._over.get(name, ()), span)

    def _unseen(self, now: datetime) -> timedelta:
        """The part of today's open time that has passed since the last reading."""
        start = datetime.combine(now, self._opens)
        end = datetime.combine(now, self._closes)
        return min(now, end) - max(self._looked or start, start)


def _silence(camera: CameraState, read_at: datetime) -> float:
    if camera.file_at is None:
        return float("inf")
    return (read_at - camera.file_at).total_seconds()


class CameraClockWatch:
    """A listener: compares what the camera says that it is with this PC's clock, by the files that come."""

    def __init__(self, settings: Settings, tell: Tell) -> None:
        self._settings = settings
        self._tell = tell
        self._rule = CameraClock()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Stored) and event.said:
            now = self._settings.now()
            written = datetime.fromtimestamp(event.written, now.tzinfo).replace(tzinfo=None)
            wall = now.replace(tzinfo=None)
            ahead = now.utcoffset() or timedelta(0)
            self._tell(*self._rule.look(event.said, written, wall, monotonic(), ahead))
