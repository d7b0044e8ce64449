"""The state of the view: a listener that remembers, and makes the view model of any moment."""

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from visitorsflow.events import (
    Began,
    DayRead,
    DayUnread,
    Delivered,
    Ended,
    Event,
    Lasts,
    Listed,
    ReadAgain,
    Rejected,
    RejectedBefore,
    StatusShown,
    Stored,
    Warned,
)
from visitorsflow.facts import Day, SentReport
from visitorsflow.reasons import Reason, kept
from visitorsflow.rules.health import Health
from visitorsflow.rules.limits import Fill, fill
from visitorsflow.rules.period import inside_since, is_open
from visitorsflow.settings import Settings
from visitorsflow.subjects import DATABASE, FILES, FOLDER, LOOP, PART, REFUSAL, TELEGRAM, WAITING
from visitorsflow.text import printable
from visitorsflow.view.model import (
    TIME_TO_BEAT_SECONDS,
    CameraShown,
    DatabaseState,
    Happening,
    Progress,
    ShownDay,
    TelegramState,
    UploaderShown,
    ViewModel,
)

WORTH_SHOWING_FILES = 300
LOOK_BACK_SECONDS = 15.0
REMEMBERED = 100
OLD_SECONDS = 60.0  # a picture of that age is old, unless the day is read more seldom
OLD_READS = 3
LATE_REPORT_SECONDS = 15 * 60.0
NOTICED_SECONDS = 3600.0  # a warning of the start stays for so long, unless somebody has seen it
OF_FOLDER = (FOLDER, LOOP, PART, FILES, WAITING)


class State:
    """A listener, for any thread; nothing in it is of a terminal.

    `uploads`: there is an uploader in this process. `has_telegram`: alerts go there. `clock` gives
    monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        uploads: bool = True,
        has_telegram: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._shown = ShownDay(settings, settings.camera if uploads else "")
        self._uploads = uploads
        self._has_telegram = has_telegram
        self._clock = clock
        self._lock = threading.Lock()
        self._day: Day | None = None
        self._read_at = 0.0  # by our own clock
        self._read_every = 0.0  # seconds between the last two reads
        self._unread: tuple[float, Reason] | None = None  # since when, and why, the day can't be read
        self._back_at: float | None = None  # when it could be read again
        self._reached_at: datetime | None = None  # the phone
        self._notices: list[tuple[float, Happening]] = []
        self._backlog = Backlog()
        self._counts = Counts()
        self._troubles: dict[str, Reason | None] = {}
        self._notes = Notes()

    def __call__(self, event: Event) -> None:
        now = self._local_now()
        with self._lock:
            self._counts.begin_day(now.date())
            match event:
                case Listed(waiting):
                    self._backlog.listed(waiting, self._clock())
                case Stored(files):
                    self._backlog.stored(files, self._clock())
                    self._counts.stored(files, now)
                case Rejected(name, reason):
                    self._counts.rejected(name, reason)
                    self._notes.note(now, "view rejected", name=name, reason=reason)
                case RejectedBefore(count, name, reason):
                    self._counts.rejected_before(count, name, reason)
                case Warned(reason):
                    self._notice(reason, now)
                case Delivered() | StatusShown():
                    self._reached_at = now
                case ReadAgain(name):
                    self._notes.note(now, "view read again", name=name)
                case Began(what, reason, who):
                    if what is TELEGRAM:
                        self._notes.note(now, "view alerts wait", reason=reason)
                    self._troubles[f"{what.key} {who}".rstrip()] = reason
                case Lasts(what, reason, patience):
                    self._troubles[what.key] = reason
                    waiting = self._backlog.waiting
                    self._notes.note(now, what.key, reason=reason, patience=patience, waiting=waiting)
                case Ended(what, seconds, told, caught_up, who):
                    self._troubles.pop(f"{what.key} {who}".rstrip(), None)
                    if told:
                        over = f"{what.key} over"
                        self._notes.note(now, over, False, seconds=seconds, caught_up=caught_up)
                case DayUnread(reason):
                    if self._unread is None:
                        self._unread = (self._clock(), reason)
                        self._notes.note(now, "view unread", reason=reason)
                case DayRead(day):
                    self._note_that_it_is_read(now)
                    self._remember(day)
                    self._note_what_changed(day, now)
                    before, self._read_at = self._read_at, self._clock()
                    self._read_every = self._read_at - before if self._day else 0.0
                    self._day = day

    def remark(self, said: Reason | str) -> None:
        """A line of the log that is worth showing, and that no event tells."""
        with self._lock:
            what, values = _remark(said)
            self._notes.add(Happening(self._local_now(), what, values))

    def notice(self, said: Reason | str) -> None:
        """A warning of the start: it stays for an hour, or until somebody has `seen` it."""
        with self._lock:
            self._notice(said, self._local_now())

    def seen(self) -> None:
        """Somebody has pressed a key: the notices are among the other happenings from now on."""
        with self._lock:
            self._drop_notices(self._clock())
            for _, notice in self._notices:
                self._notes.add(notice)
            self._notices.clear()

    def snapshot(self, now: datetime) -> ViewModel:
        """The view model at `now`, the local time of the venue."""
        now = now.replace(tzinfo=None)
        with self._lock:
            self._counts.begin_day(now.date())
            day = self._day
            clock = self._clock()
            self._drop_notices(clock)
            age = clock - self._read_at if day else None
            # Of the day before nothing is shown: at midnight it is all over.
            today = day if day and day.day == now.date() else None
            totals = today.totals if today else None
            people = self._inside(now)
            report = self._shown.report(day, age or 0.0) if day else None
            is_late = bool(
                report and report.age > LATE_REPORT_SECONDS and is_open(now.time(), self._settings.open_hours)
            )
            return ViewModel(
                now=now,
                age=age,
                is_old=self._is_old(age),
                counted_at=self._shown.counted_at(day) if day else None,
                inside=people,
                came_in=totals.came_in if totals else None,
                went_out=totals.went_out if totals else None,
                hours=self._shown.hours(today),
                cameras=self._cameras(day, age or 0.0) if day else (),
                database=self._database(age),
                missing=day.missing if day else (),
                short=self._shown.short(today) if today else (),
                troubles=dict(self._troubles),
                report=report,
                report_is_late=is_late,
                fill=self._fill(people),
                reached_at=self._reached_at,
                uploader=self._uploader() if self._uploads else None,
                happenings=self._notes.all(),
                venue=printable(self._settings.venue or ""),
                phone=self._shown.phone(day) if day else "works",
                capacity=self._settings.capacity,
                notices=tuple(notice for _, notice in self._notices),
                last_told=next(reversed(self._shown.told(today)), None) if today else None,
            )

    def _cameras(self, day: Day, age: float) -> tuple[CameraShown, ...]:
        """Of our own camera we know better than its last beat how many files wait."""
        shown = self._shown.cameras(day, age, is_old=self._is_old(age), is_back=self._is_back())
        waiting = self._backlog.waiting
        return tuple(dataclasses.replace(one, waiting=waiting) if one.is_own else one for one in shown)

    def _is_back(self) -> bool:
        return self._back_at is not None and self._clock() - self._back_at < TIME_TO_BEAT_SECONDS

    def _drop_notices(self, clock: float) -> None:
        self._notices = [one for one in self._notices if clock - one[0] < NOTICED_SECONDS]

    def _remember(self, day: Day) -> None:
        """What was told before the first reading, by whichever PC; and when the phone was reached."""
        if self._day is None:
            self._notes.add_earlier(self._shown.told(day))
        times = [at for at in (self._reached_at, self._shown.reached_at(day)) if at]
        self._reached_at = max(times, default=None)

    def _note_that_it_is_read(self, now: datetime) -> None:
        """Before `now` it could not be read, or nobody did: then no camera has had the time to beat."""
        clock = self._clock()
        if self._unread:
            since, _ = self._unread
            self._unread = None
            self._notes.note(now, "view read", False, seconds=clock - since)
            self._back_at = clock
        elif self._day and self._is_old(clock - self._read_at):
            self._back_at = clock

    def _notice(self, said: Reason | str, now: datetime) -> None:
        what, values = _remark(said)
        self._notices.append((self._clock(), Happening(now, what, values)))

    def _note_what_changed(self, day: Day, now: datetime) -> None:
        """Since the day was read before."""
        ours = self._settings.camera if self._uploads else ""
        shown = self._shown.cameras(day, is_back=self._is_back())
        self._notes.note_cameras(now, shown, but=ours)
        self._notes.note_rejected(now, shown, but=ours)
        if day.report and self._day:
            self._notes.note_report(now, day.report, self._day.report)

    def _inside(self, now: datetime) -> int | None:
        """People inside; None when nothing is known of this opening, which may have begun yesterday."""
        day, since = self._day, inside_since(now, self._settings.open_hours)
        return day.inside if day and since.date() <= day.day <= now.date() else None

    def _fill(self, people: int | None) -> Fill:
        capacity = self._settings.capacity
        return fill(people, capacity) if people is not None and capacity else Fill.FREE

    def _database(self, age: float | None) -> DatabaseState:
        if DATABASE.key in self._troubles or self._unread:
            return "away"
        if REFUSAL.key in self._troubles:
            return "refuses"
        if age is None:
            return "unread"
        return "old" if self._is_old(age) else "works"

    def _is_old(self, age: float | None) -> bool:
        """Nobody could read it when it was tried last; or it should have been read by now."""
        if age is None:
            return False
        return self._unread is not None or age > max(OLD_SECONDS, OLD_READS * self._read_every)

    def _uploader(self) -> UploaderShown:
        has_trouble = any(what.key in self._troubles for what in OF_FOLDER)
        telegram: TelegramState = "none"
        if self._has_telegram:
            telegram = "waits" if TELEGRAM.key in self._troubles else "works"
        camera, clock = self._settings.camera, self._clock()
        return self._counts.shown(camera, self._backlog, clock, has_trouble, telegram)

    def _local_now(self) -> datetime:
        return self._settings.now().replace(tzinfo=None)


def _remark(said: Reason | str) -> tuple[str, dict[str, object]]:
    """The key and the values of the happening; a text is not in the venue's language."""
    if isinstance(said, Reason):
        return "view reason", {"reason": said}
    return "view remark", {"text": printable(said)}


class Backlog:
    """`now` everywhere in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.waiting = 0
        self._is_shown = False
        self._done = 0
        self._stored: deque[tuple[float, int]] = deque()  # when, and how many files were done by then

    def listed(self, waiting: int, now: float) -> None:
        """So many files wait."""
        self.waiting = waiting
        if not self._is_shown and waiting > WORTH_SHOWING_FILES:
            self._is_shown, self._done = True, 0
            self._stored = deque([(now, 0)])
        elif self._is_shown and waiting == 0:
            self._is_shown = False

    def stored(self, files: int, now: float) -> None:
        """So many of them are done."""
        self.waiting = max(0, self.waiting - files)
        self._done += files
        self._stored.append((now, self._done))
        while len(self._stored) > 2 and self._stored[1][0] < now - LOOK_BACK_SECONDS:
            self._stored.popleft()

    def progress(self, now: float) -> Progress | None:
        """The progress; None when no backlog worth showing is worked off."""
        if not self._is_shown:
            return None
        since, done_then = self._stored[0]
        speed = (self._done - done_then) / max(1.0, now - since)
        left = self.waiting / speed if speed else None
        return Progress(self._done, self._done + self.waiting, speed, left)


class Counts:
    """Of today: files stored since the program was started, and all that were rejected.

    They begin anew at midnight.
    """

    def __init__(self) -> None:
        self._day: date | None = None
        self._stored = self._rejected = 0
        self._stored_at: datetime | None = None
        self._newest_rejected: tuple[str, Reason | None] = ("", None)

    def begin_day(self, today: date) -> None:
        if self._day != today:
            self._day, self._stored, self._rejected = today, 0, 0
            self._newest_rejected = ("", None)

    def stored(self, files: int, now: datetime) -> None:
        self._stored, self._stored_at = self._stored + files, now

    def rejected(self, name: str, reason: Reason) -> None:
        self._rejected += 1
        self._newest_rejected = (printable(name), reason)

    def rejected_before(self, count: int, name: str, reason: Reason) -> None:
        """So many were rejected today before this program was started."""
        self._rejected += count
        if not self._newest_rejected[0]:
            self._newest_rejected = (printable(name), reason)

    def shown(
        self, camera: str, backlog: Backlog, clock: float, has_trouble: bool, telegram: TelegramState
    ) -> UploaderShown:
        """With the files that wait; `has_trouble` with the folder; `clock` in monotonic seconds."""
        name, reason = self._newest_rejected
        return UploaderShown(
            camera=printable(camera),
            stored=self._stored,
            stored_at=self._stored_at,
            waiting=backlog.waiting,
            rejected=self._rejected,
            rejected_name=name,
            rejected_reason=reason,
            progress=backlog.progress(clock),
            folder="trouble" if has_trouble else "works",
            telegram=telegram,
        )


class Notes:
    """The last events that people should see, at most REMEMBERED."""

    def __init__(self) -> None:
        self._happenings: deque[Happening] = deque(maxlen=REMEMBERED)
        self._healths: dict[str, Health] = {}
        self._rejected: dict[str, Reason | None] = {}  # by device, the newest file

    def note(self, at: datetime, what: str, is_bad: bool = True, **values: object) -> None:
        values = {k: printable(v) if isinstance(v, str) else v for k, v in values.items()}
        self.add(Happening(at, what, values, is_bad))

    def add(self, happening: Happening) -> None:
        self._happenings.append(happening)

    def add_earlier(self, happenings: Sequence[Happening]) -> None:
        """Those of before, the newest last, as far as there is room for them."""
        room = REMEMBERED - len(self._happenings)
        self._happenings.extendleft(reversed(happenings[-room:] if room else []))

    def note_cameras(self, at: datetime, cameras: Iterable[CameraShown], but: str) -> None:
        """Note how each camera has changed, except `but`, of which other events tell it."""
        for camera in cameras:
            if camera.health is Health.UNKNOWN:
                continue
            before, self._healths[camera.name] = self._healths.get(camera.name), camera.health
            is_ours = camera.name == but or (but and camera.name.startswith(f"{but}/"))
            if before in (None, camera.health) or is_ours:
                continue
            is_bad = camera.health in (Health.DEAD, Health.SILENT, Health.STOPPED, Health.TROUBLE)
            values = {"name": camera.name, "health": camera.health, "seconds": camera.seconds}
            self.note(at, "view camera", is_bad, **values)

    def note_rejected(self, at: datetime, cameras: Iterable[CameraShown], but: str) -> None:
        """Note which file another PC has rejected since the reading before; `but` tells it by events."""
        newest = {camera.device: camera.rejected_last for camera in cameras if camera.device != but}
        for device, reason in newest.items():
            before = self._rejected.setdefault(device, reason)
            if reason and reason != before:
                self._rejected[device] = reason  # one that has just started does not say it for a moment
                name = f"{device} {reason.values.get('name', '')}".rstrip()
                why = reason.values.get("why")
                self.note(at, "view rejected", name=name, reason=why if isinstance(why, Reason) else reason)

    def note_report(self, at: datetime, sent: SentReport, before: SentReport | None) -> None:
        """A new report. That one is accepted is every five minutes' business, but after a refusal."""
        is_new = before is None or sent.sent_at != before.sent_at
        if not is_new or (sent.accepted and (before is None or before.accepted)):
            return
        refused = "view report silent now" if sent.http_status is None else "view report refused"
        what = "view report accepted" if sent.accepted else refused
        self.note(at, what, not sent.accepted, reply=kept(sent.reply))

    def all(self) -> tuple[Happening, ...]:
        return tuple(self._happenings)
