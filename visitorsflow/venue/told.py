"""What has arrived on the phone, as this PC knows it: read from the database, and noted there afterwards.

While the database is away, a small file beside the Telegram session keeps it, so that a restart says
nothing twice. It is brought over as soon as that works.
"""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from visitorsflow import timeouts
from visitorsflow.database.status_tables import Cameras, MessageStore
from visitorsflow.database.told import PEOPLE_FLOW_TOLD, ToldThings
from visitorsflow.errors import DatabaseAway, DatabaseRefuses
from visitorsflow.events import DayClosed, DayRead, Delivered, Event, Stage, TableReady, Telling
from visitorsflow.facts import Day, ToldThing
from visitorsflow.reasons import from_json
from visitorsflow.rules.condition import Backoff
from visitorsflow.rules.health import is_alive
from visitorsflow.rules.telling import Answer, Word, judge, lasting, let_go, newest, noted, taken
from visitorsflow.subjects import CAMERA
from visitorsflow.text import printable
from visitorsflow.venue.speaker import speaking

# What concerns the venue is for the PC that speaks; what nobody has told for so long, any PC tells.
UNTOLD_SECONDS = 60
ASK_SECONDS = 4  # an alert waits for the database no longer
LONGEST_BACKOFF_SECONDS = 30
MOST_NOTES = 200
AT_END_SECONDS = 1
WHOLE_SECOND = timedelta(seconds=1)  # so exact is the time of a reading
log = logging.getLogger(__name__)


class Told:
    """A listener, for any thread, at the PC of the camera `name`; `write` brings its notes over.

    Without a `file` nothing outlives the program but what is in the database. `clock` gives monotonic
    seconds, `wall` seconds since 1970.
    """

    def __init__(
        self,
        name: str,
        file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.clock = clock
        self.is_ready = False  # the tables may be made
        self.rings = (
            True  # when the database is away, which each PC tells: the one that spoke last, if it lives
        )
        self._spoke = ""  # the camera whose PC spoke last, as far as is known
        self._file = file
        self._wall = wall
        self._lock = threading.Lock()
        self._notes: list[_Note] = []  # not in the database yet
        self._marks: dict[str, bool] = {}  # the same of cameras: told that it is back, or that it is dead
        self._closing: date | None = None
        self._things: dict[tuple[str, str], ToldThing] = {}  # the newest of each
        self._epoch = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=clock())
        self._refused = False
        self._wanted = self._saved = ""  # what the file is to hold, and holds
        self._saving: threading.Thread | None = None
        self._load()

    def __call__(self, event: Event) -> None:
        with self._lock:
            match event:
                case TableReady():
                    self.is_ready = True
                case Delivered(DayClosed(day)):
                    self._closing = max(day, self._closing or day)
                case Delivered(Telling() as telling):
                    note = _Note(telling, self.clock())
                    self._notes = [*self._notes, note][-MOST_NOTES:]
                    if telling.what == CAMERA.key:
                        self._marks[telling.camera] = telling.stage is Stage.OVER
                    self._take_in(note)
                    self._save()
                case DayRead(day):
                    self._look(day)
                    self._save()

    def answer(self, telling: Telling) -> Answer:
        """Judge it by what this PC knows."""
        with self._lock:
            thing = self._things.get((telling.what, telling.camera))
            now = self._epoch + timedelta(seconds=self.clock())
            return judge(thing, self._word(telling, self._epoch), now, self.name)

    def claim(self, table: ToldThings, telling: Telling) -> Answer:
        """Judge it by the table, and write there that this PC tells it. May raise DatabaseAway."""
        answers = []

        def change(thing: ToldThing | None, now: datetime) -> ToldThing | None:
            word = self._word(telling, now - timedelta(seconds=self.clock()))
            answers.append(judge(thing, word, now, self.name))
            return taken(thing, word, now, self.name) if answers[-1] is Answer.TELL else None

        table.change(telling.what, telling.camera, change)
        return answers[-1]

    def write_notes(self, table: ToldThings) -> None:
        """Bring them over. May raise DatabaseAway; then it is to be called again."""
        with self._lock:
            notes = list(self._notes)
        for note in notes:

            def change(thing: ToldThing | None, now: datetime, note: _Note = note) -> ToldThing | None:
                epoch = now - timedelta(seconds=self.clock())
                at = epoch + timedelta(seconds=note.at)
                return noted(thing, self._word(note.telling, epoch), at, self.name)

            table.change(note.telling.what, note.telling.camera, change)
        if notes:
            with self._lock:
                self._notes = [note for note in self._notes if note not in notes]
                self._save()

    def write(self, cameras: Cameras, messages: MessageStore, table: ToldThings) -> None:
        """Write all that has arrived. May raise DatabaseAway; then it is to be called again."""
        with self._lock:
            marks, closing = dict(self._marks), self._closing
        for back, write in ((False, cameras.told), (True, cameras.told_back)):
            names = [name for name, is_back in marks.items() if is_back == back]
            if names:
                write(names)
        with self._lock:
            self._marks = {n: back for n, back in self._marks.items() if marks.get(n) != back}
        try:
            self.write_notes(table)
        except DatabaseRefuses as error:  # it is a table of its own
            if not self._refused:
                log.warning("after a restart alerts may come again: %s", printable(str(error)))
            self._refused = True
        if closing:
            self._write_closing(messages, closing)

    def close(self, seconds: float = AT_END_SECONDS) -> None:
        """Wait so long until the file is written."""
        saving = self._saving
        if saving:
            saving.join(seconds)

    def _write_closing(self, messages: MessageStore, closing: date) -> None:
        """In a table of its own, which may be missing although that of the cameras is there."""
        try:
            messages.keep_closing(closing)
        except DatabaseRefuses as error:
            log.warning("after a restart the closing message may come again: %s", printable(str(error)))
        with self._lock:
            if self._closing == closing:
                self._closing = None

    def _look(self, day: Day) -> None:
        epoch = day.read_at - timedelta(seconds=self.clock())
        if abs(epoch - self._epoch) > WHOLE_SECOND:  # else the file would be another one at each reading
            self._epoch = epoch
        if chosen := speaking(day):
            self._spoke = chosen.name
        lives = any(one.name == self._spoke and is_alive(one, day.read_at) for one in day.cameras)
        self.rings = self._spoke == self.name or not lives
        if all(one.table != PEOPLE_FLOW_TOLD.name for one in day.missing):
            self._things = newest(day.told)
            for note in self._notes:
                self._take_in(note)

    def _take_in(self, note: "_Note") -> None:
        word = self._word(note.telling, self._epoch)
        key = word.what, word.camera
        if new := noted(self._things.get(key), word, self._epoch + timedelta(seconds=note.at), self.name):
            self._things[key] = new

    def _word(self, telling: Telling, epoch: datetime) -> Word:
        """`epoch`: the database's time when the monotonic clock was 0."""
        since, made = (epoch + timedelta(seconds=moment) for moment in (telling.since, telling.made))
        return Word(telling.what, telling.camera, telling.stage, since, made, telling.reason)

    def _save(self) -> None:
        """Keep what is not in the database, and what was told of this PC's own camera and lasts."""
        if self._file is None:
            return
        to_wall = self._wall() - self.clock()
        own = [one for one in lasting(self._things.values()) if one.camera == self.name]
        told = [_Note(_telling(one, self._epoch), _seconds(one.told_at, self._epoch)) for one in own]
        kept = {
            "rings": self.rings,
            "notes": [note.as_json(to_wall) for note in self._notes],
            "lasts": [note.as_json(to_wall) for note in told],
        }
        self._wanted = json.dumps(kept, indent=1)
        if self._wanted != self._saved and self._saving is None:
            self._saving = threading.Thread(target=self._write_file, args=[self._file], daemon=True)
            self._saving.start()  # a disk may hang
            timeouts.leave_behind(self._saving)

    def _write_file(self, file: Path) -> None:
        while True:
            with self._lock:
                text = self._wanted
                if text == self._saved:
                    self._saving = None
                    return
            with contextlib.suppress(OSError):  # a full or read-only disk: then it is known until the end
                part = file.with_suffix(".part")
                part.write_text(text, encoding="utf-8")
                part.replace(file)
            self._saved = text

    def _load(self) -> None:
        """Raises nothing: a file that can't be read is none."""
        try:
            kept = json.loads(self._file.read_text("utf-8")) if self._file else {}
            now = self.clock()
            to_wall = self._wall() - now
            notes, lasts = (
                [_Note.from_json(one, to_wall, now) for one in kept[name]] for name in ("notes", "lasts")
            )
            rings = bool(kept["rings"])
            for note in (*lasts, *notes):
                self._take_in(note)
        except (OSError, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
            self._things.clear()  # one time that is none, and the rest is worth nothing
        else:
            self._notes, self.rings = notes, rings


class _Note(NamedTuple):
    telling: Telling
    at: float  # when it arrived, by the monotonic clock

    def as_json(self, to_wall: float) -> list[Any]:
        one = self.telling
        times = [round(moment + to_wall, 1) for moment in (one.since, one.made, self.at)]
        return [one.what, one.camera, one.stage.value, *times, one.reason.as_json() if one.reason else None]

    @staticmethod
    def from_json(kept: list[Any], to_wall: float, now: float) -> "_Note":
        """What lies ahead of `now` was kept by a clock that was wrong: it is taken as of now."""
        what, camera, stage, *times, reason = kept
        since, made, at = (min(float(moment) - to_wall, now) for moment in times)
        why = from_json(reason) if reason else None
        return _Note(Telling(str(what), str(camera), Stage(stage), since, made, why), at)


def _telling(thing: ToldThing, epoch: datetime) -> Telling:
    told_at, since = _seconds(thing.told_at, epoch), _seconds(thing.since, epoch)
    return Telling(thing.what, thing.camera, Stage.LASTS, since, told_at, thing.reason)


def _seconds(moment: datetime | None, epoch: datetime) -> float:
    assert moment
    return (moment - epoch).total_seconds()


class Register:
    """Asks the table before each alert, in the outbox's thread; `speaks()`: this PC speaks for the venue.

    Where the database does not answer within a few seconds, what this PC knows must do.
    """

    def __init__(self, told: Told, table: ToldThings, speaks: Callable[[], bool]) -> None:
        self._told = told
        self._table = table
        self._speaks = speaks
        self._retry = Backoff(LONGEST_BACKOFF_SECONDS)

    def claim(self, *tellings: Telling) -> Mapping[Telling, Answer]:
        """Ask what becomes of each; those that are to be told, this PC tells now."""
        answers = self._answers(tellings, self._known)
        if answers and Answer.LATER not in answers.values():
            answers = self._ask(lambda: self._claims(tellings)) or answers
        return answers

    def give_up(self, *tellings: Telling) -> None:
        """They could not be delivered now: another PC may tell them."""

        def leave() -> bool:
            for one in tellings:
                self._table.change(one.what, one.camera, lambda thing, _: let_go(thing, self._told.name))
            return True

        self._ask(leave)

    def _known(self, telling: Telling) -> Answer:
        answer = self._told.answer(telling)
        is_ours = telling.camera == self._told.name or self._speaks()
        if answer is Answer.TELL and not is_ours and self._told.clock() - telling.made < UNTOLD_SECONDS:
            return Answer.LATER
        return answer

    def _claims(self, tellings: tuple[Telling, ...]) -> Mapping[Telling, Answer]:
        self._told.write_notes(self._table)
        return self._answers(tellings, lambda one: self._told.claim(self._table, one))

    @staticmethod
    def _answers(tellings: tuple[Telling, ...], ask: Callable[[Telling], Answer]) -> Mapping[Telling, Answer]:
        """What is told with its beginning is news in any case."""
        answers: dict[Telling, Answer] = {}
        for one in tellings:
            is_end = one.stage is Stage.OVER
            # A message tells of a camera's things one beginning at most: its end may be the end of more.
            begun = [answer for other, answer in answers.items() if is_end and other.camera == one.camera]
            answers[one] = Answer.TELL if Answer.TELL in begun else ask(one)
        return answers

    def _ask(self, work: Callable[[], "Mapping[Telling, Answer] | bool"]) -> Any:
        """Do it within the time limit; None where the database does not answer."""
        if not self._told.is_ready or not self._retry.is_due(self._told.clock()):
            return None
        try:
            done = timeouts.call_with_timeout(ASK_SECONDS, work)
        except (DatabaseAway, TimeoutError):
            self._retry.failed(self._told.clock())
            return None
        self._retry.reset()
        return done
