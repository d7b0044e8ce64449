"""`uploadData.py --demo`: a day of a venue in two minutes, with the real loop, database and view.

Two cameras beside a temporary SQLite file: opening, rush, lunch, closing; a broken file, a silence, a camera
that dies. Nothing of this machine's own is touched: no config.py, no other database, no network.
"""

import json
import math
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import PrivateAttr
from sqlalchemy import update

from visitorsflow import garbage, logs
from visitorsflow.app import App
from visitorsflow.database.connection import Database
from visitorsflow.database.day import Today
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import PEOPLE_FLOW_CAMERA, Cameras, Reports
from visitorsflow.database.tables import utc_ago
from visitorsflow.events import DayRead
from visitorsflow.facts import Crossing, Day
from visitorsflow.report import tags
from visitorsflow.settings import Settings
from visitorsflow.signals import end_signals
from visitorsflow.view import terminal
from visitorsflow.words import Language

DAY = date(2018, 11, 3)
BEGIN, END = datetime(2018, 11, 3, 7, 50), datetime(2018, 11, 3, 22, 10)
OPEN_HOURS = ("08:00", "22:00")
STEP = timedelta(minutes=1)
BROKEN = datetime(2018, 11, 3, 11, 20)  # a file that is cut off
REFUSED = datetime(2018, 11, 3, 13, 0)  # a report
SILENCE = (datetime(2018, 11, 3, 14, 0), datetime(2018, 11, 3, 14, 30))  # of the first camera
DEATH = datetime(2018, 11, 3, 16, 40)  # of the second one
PEOPLE_AN_HOUR = 900  # that come at the busiest time, by the first camera
Crossed = tuple[datetime, int, int]  # when, the person, and 0 for in or 1 for out
NAMES: dict[Language, tuple[str, str]] = {"zh-TW": ("北門", "南門"), "en": ("north gate", "south gate")}
SAID_EVERY_MINUTES = 5  # how the cameras are, and a report
SHARES = (1.0, 0.7)  # of all crossings, by the first and the second camera
SECONDS = 105  # that the day takes on a terminal
SEED = 1


def main(language: Language) -> int:
    """Show it on the terminal until Ctrl-C; elsewhere run through it and print the report. Returns 0."""
    garbage.collect_as_usual()
    logs.set_up("uploadData", None)
    is_seen = terminal.has_place()
    if is_seen:
        logs.take_terminal()  # its lines are in English, and all that they say is on the screen
    is_over: list[bool] = []
    for number in end_signals():
        signal.signal(number, lambda *_: is_over.append(True))
    folder = Path(tempfile.mkdtemp(prefix="visitorsflow-demo-"))
    try:
        venue = DemoVenue(folder, language, SEED, has_view=is_seen)
        if venue.app.view:
            venue.app.view.start()
            _play(venue, is_over)
            venue.app.view.close()
            print(venue.last_words())
        else:
            for _ in venue.live_through():
                if is_over:
                    break
            print(venue.last_words() if is_over else venue.report())
        venue.close()
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class People:
    """Many come in the morning and after lunch, whoever was there for two hours goes, and all at closing."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._inside = 0
        self._person = 0

    def cross(self, now: datetime, share: float) -> list[Crossed]:
        """Who crosses in the minute before `now`, by a camera that sees this share of all."""
        hour = now.hour + now.minute / 60
        if not 8 <= hour < 22:
            return []
        rush = math.exp(-(((hour - 10.5) / 1.6) ** 2)) + 0.8 * math.exp(-(((hour - 15.2) / 2) ** 2)) + 0.05
        coming = 0 if hour > 21.5 else PEOPLE_AN_HOUR / 60 * rush * share
        staying = 115 if hour < 20.5 else max(3, (21.95 - hour) * 40)  # minutes
        came_in = self._about(coming)
        went_out = min(self._inside, self._about(self._inside / staying * share / 1.7))
        self._inside += came_in - went_out
        return [self._crossing(now, state) for state in [0] * came_in + [1] * went_out]

    def _about(self, expected: float) -> int:
        return max(0, round(self._dice.gauss(expected, math.sqrt(expected + 0.1))))

    def _crossing(self, now: datetime, state: int) -> Crossed:
        self._person += 1
        return now - timedelta(seconds=self._dice.randrange(60)), self._person, state


class DemoSettings(Settings):
    """Settings whose clock is set."""

    _now: datetime = PrivateAttr(BEGIN)

    def now(self) -> datetime:
        return self._now

    def set_clock(self, now: datetime) -> None:
        self._now = now

    def seconds(self) -> float:
        """The demo's monotonic seconds."""
        return (self._now - BEGIN).total_seconds()


class DemoVenue:
    """The day of two cameras below `folder`: the real parts, and clocks that the demo turns."""

    def __init__(self, folder: Path, language: Language, seed: int, *, has_view: bool) -> None:
        first, self._second = NAMES[language]
        self.settings = DemoSettings(
            home=folder, camera=first, language=language, idle_seconds=600, open_hours=OPEN_HOURS
        )
        self._people = People(seed)
        self._files = folder / "Files"
        self._files.mkdir()
        self._others: list[Crossing] = []  # of the second camera, not inserted yet
        self._came = BEGIN  # when the last file of the first camera came
        database = Database(self.settings)
        self.app = App(self.settings, self._files, database, has_view=has_view, clock=self.settings.seconds)
        self._database = database
        self._table = PeopleFlow(database, self._second)
        self._cameras = Cameras(database)
        self._reports = Reports(database)
        self._today = Today(database, self.settings.now, makes=True, clock=self.settings.seconds)

    def live_through(self) -> Iterator[datetime]:
        """From before the opening until after the closing, minute by minute."""
        self._table.prepare()
        self._cameras.prepare()
        now = BEGIN
        while now < END:
            now += STEP
            self.settings.set_clock(now)
            self._film(now)
            while not self.app.uploader.make_pass():
                pass
            if now.minute % SAID_EVERY_MINUTES == 0:
                self._say_how_it_is(now)
            yield now

    def report(self) -> str:
        """The body that callAPI.py would send of this day."""
        return tags.body_of(tags.tags_of(self._today.read().totals, self.settings))

    def last_words(self) -> str:
        """A sentence to leave with."""
        totals = self._today.read().totals
        return self.app.words("demo over", came_in=totals.came_in, went_out=totals.went_out)

    def close(self) -> None:
        self._database.close()

    def _film(self, now: datetime) -> None:
        if not SILENCE[0] <= now < SILENCE[1]:
            self._came = now
            records = [
                {"ID": person, "inOut": state, "time": f"{at:%Y%m%d%H%M%S}", "frameNumber": 0}
                for at, person, state in self._people.cross(now, SHARES[0])
            ]
            self._drop(f"{now:%Y%m%d%H%M%S}.json", json.dumps(records))
        if now == BROKEN:
            self._drop(f"{now:%Y%m%d%H%M%S}-2.json", '[{"ID": 1, "inOut"')
        if now < DEATH:
            crossed = self._people.cross(now, SHARES[1])
            self._others.extend(Crossing(at, now, person, state, 0, 0) for at, person, state in crossed)

    def _drop(self, name: str, text: str) -> None:
        (self._files / name).write_text(text, "utf-8")

    def _say_how_it_is(self, now: datetime) -> None:
        """Do the work of the overview and of callAPI.py, which go on beside the loop."""
        self._table.insert(self._others)
        self._others.clear()
        own = self.app.overview.own.beat()._replace(file_age=(now - self._came).total_seconds())
        self._cameras.beat(own)
        if now < DEATH:
            other = own._replace(
                name=self._second, file_age=0.0, crossing_at=now, rejected=0, trouble="", host="south"
            )
            self._cameras.beat(other)
        else:
            self._is_dead_since((now - DEATH).total_seconds())
        day = self._today.read()
        if day.totals.first:
            self._send(day, is_accepted=now != REFUSED)
        self.app.events.tell(DayRead(_at_our_time(day, now)))

    def _send(self, day: Day, *, is_accepted: bool) -> None:
        self._reports.add(
            DAY,
            max(0, day.totals.came_in - day.totals.went_out),
            day.totals,
            http_status=200,
            accepted=is_accepted,
            reply='{"Desc":"成功"}' if is_accepted else '{"Desc":"失敗"}',
            partial="",
        )

    def _is_dead_since(self, seconds: float) -> None:
        then = utc_ago(seconds)
        columns = PEOPLE_FLOW_CAMERA.c
        change = (
            update(PEOPLE_FLOW_CAMERA).where(columns.ip == self._second).values(aliveAt=then, fileAt=then)
        )
        self._database.transaction(lambda connection: connection.execute(change))


def _at_our_time(day: Day, now: datetime) -> Day:
    """The database has the real clock: its times are moved to those of the demo."""
    read_at = now.astimezone(UTC).replace(tzinfo=None)
    moved = read_at - day.read_at
    cameras = tuple(
        camera._replace(
            alive_at=camera.alive_at + moved, file_at=camera.file_at + moved if camera.file_at else None
        )
        for camera in day.cameras
    )
    report = day.report._replace(sent_at=day.report.sent_at + moved) if day.report else None
    return day._replace(read_at=read_at, cameras=cameras, report=report)


def _play(venue: DemoVenue, is_over: list[bool]) -> None:
    """The day at a pace that people can follow; its end stays until somebody has seen enough."""
    pause = SECONDS * STEP / (END - BEGIN)
    for _ in venue.live_through():
        time.sleep(pause)
        if is_over:
            return
    while not is_over:
        time.sleep(0.2)
