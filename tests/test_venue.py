"""Several PCs on one table: a turned clock, and any order of deaths, restarts and lost connections."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readings import NOON, READ_AT, ago, camera, day, report
from visitorsflow.events import CamerasBack, CamerasLost, Event, Lasts
from visitorsflow.facts import CameraState, Missing, Totals
from visitorsflow.reasons import Reason, quoted
from visitorsflow.subjects import REPORT
from visitorsflow.venue.watch import VenueRules

TICK = 5
EVERY = 20  # seconds between two beats, and two readings
NAMES = "abcd"
NOT_READ = (Missing("PeopleFlow", quoted("no")),)


@dataclass
class Computer:
    """A PC with an uploader: its rules, and its way to the phone."""

    name: str
    started: int
    venue: VenueRules
    has_telegram: bool = True
    has_network: bool = True
    outbox: list[tuple[int, Event]] = field(default_factory=list)  # and when it was put there
    to_mark: list[CamerasLost | CamerasBack] = field(default_factory=list)


class Simulation:
    """Four PCs, each of which beats and reads every 20 s; a message takes `delivery` seconds."""

    def __init__(self, delivery: int) -> None:
        self.seconds = 0
        self.delivery = delivery
        self.is_away = False  # the database
        self.table: dict[str, CameraState] = {}
        self.running: dict[str, Computer] = {}
        self.phone: list[tuple[int, Event]] = []
        self.beats: dict[str, list[int]] = {name: [] for name in NAMES}
        self.may_repeat: set[str] = set()  # said by one that could not mark it
        for name in NAMES:
            self.start(name)
        self.run(100)

    def now(self) -> datetime:
        return READ_AT + timedelta(seconds=self.seconds)

    def start(self, name: str) -> None:
        if name not in self.running:
            venue = VenueRules(name, None, None, self.seconds)
            # The beats of the four are spread over the twenty seconds.
            self.running[name] = Computer(name, self.seconds + TICK * NAMES.index(name), venue)

    def kill(self, name: str) -> None:
        if one := self.running.pop(name, None):
            self.excuse(one)

    def stop(self, name: str) -> None:
        """An end in order: what waits is delivered, and marked."""
        if one := self.running.get(name):
            if self.is_away or not one.has_network or not one.has_telegram:
                return self.kill(name)
            self.deliver(one, hurry=True)
            self.mark(one)
            self.beats[name].append(self.seconds)
            self.table[name] = self.table[name]._replace(alive_at=self.now(), stopped_at=self.now())
            del self.running[name]
        return None

    def telegram(self, name: str, *, works: bool) -> None:
        if one := self.running.get(name):
            one.has_telegram = works
            if not works:
                self.excuse(one)

    def network(self, name: str, *, works: bool) -> None:
        if one := self.running.get(name):
            one.has_network = works
            if not works:
                self.excuse(one)

    def excuse(self, one: Computer) -> None:
        """What it has said, or would say, another may say again."""
        for event in (*(event for _, event in one.outbox), *one.to_mark):
            if isinstance(event, CamerasLost | CamerasBack):
                self.may_repeat |= {each.camera for each in event.cameras}

    def run(self, seconds: int) -> None:
        for _ in range(seconds // TICK):
            self.seconds += TICK
            for one in list(self.running.values()):
                self.deliver(one)
                if not self.is_away and one.has_network:
                    self.mark(one)
                if self.seconds >= one.started and (self.seconds - one.started) % EVERY == 0:
                    self.turn(one)

    def turn(self, one: Computer) -> None:
        """It beats and reads."""
        if self.is_away or not one.has_network:
            return
        self.beats[one.name].append(self.seconds)
        before = self.table.get(one.name)
        state = camera(one.name, told_at=before.told_at if before else None)
        can_tell = one.has_telegram and one.venue.is_ready
        self.table[one.name] = state._replace(alive_at=self.now(), can_tell=can_tell)
        cameras = tuple(self.table[name] for name in sorted(self.table))
        reading = day(*cameras, read_at=self.now())
        wall = NOON + timedelta(seconds=self.seconds)
        one.outbox += ((self.seconds, event) for event in one.venue.look(reading, wall, self.seconds))

    def deliver(self, one: Computer, *, hurry: bool = False) -> None:
        while one.outbox and one.has_telegram and (hurry or one.outbox[0][0] + self.delivery <= self.seconds):
            _, event = one.outbox.pop(0)
            if isinstance(event, CamerasLost | CamerasBack):
                self.phone.append((self.seconds, event))
                one.to_mark.append(event)

    def mark(self, one: Computer) -> None:
        for event in one.to_mark:
            told_at = self.now() if isinstance(event, CamerasLost) else None
            for each in event.cameras:
                self.table[each.camera] = self.table[each.camera]._replace(told_at=told_at)
        one.to_mark.clear()

    def said(self, name: str) -> list[tuple[int, str]]:
        """When the phone was told of this camera, and what."""
        return [
            (at, "lost" if isinstance(event, CamerasLost) else "back")
            for at, event in self.phone
            if isinstance(event, CamerasLost | CamerasBack) and name in [one.camera for one in event.cameras]
        ]


@given(st.integers(0, 3).map(lambda steps: steps * TICK), st.sampled_from(NAMES), st.integers(0, 3))
def test_a_death_is_told_within_two_minutes(delivery: int, victim: str, ticks: int) -> None:
    """Once, whoever it is, the speaker too; and its return, once."""
    venue = Simulation(delivery)
    venue.run(ticks * TICK)
    died = venue.seconds
    venue.kill(victim)
    venue.run(1000)
    ((told, what),) = venue.said(victim)
    assert (what, told - died <= 120) == ("lost", True)
    came = venue.seconds
    venue.start(victim)
    venue.run(1000)
    _, (told, what) = venue.said(victim)
    assert (what, told - came <= 80) == ("back", True)
    assert {name for name in NAMES if venue.said(name)} == {victim}


@given(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3), st.integers(0, 3), st.integers(0, 3))
def test_several_deaths_at_once_are_one_message(victims: set[str], delivery: int, ticks: int) -> None:
    """It names them all."""
    venue = Simulation(delivery * TICK)
    venue.run(ticks * TICK)
    for victim in victims:
        venue.kill(victim)
    venue.run(600)
    ((_, event),) = venue.phone
    assert isinstance(event, CamerasLost)
    assert {one.camera for one in event.cameras} == victims


@pytest.mark.parametrize("seconds", [70, 100, 300, 3000])
def test_a_database_that_was_away_is_no_death(seconds: int) -> None:
    """When it is back, each has the time to beat first."""
    venue = Simulation(0)
    venue.is_away = True
    venue.run(seconds)
    venue.is_away = False
    venue.run(1000)
    assert venue.phone == []
    venue.is_away = True
    venue.run(seconds)
    venue.kill("b")
    venue.is_away = False
    venue.run(300)
    assert [what for _, what in venue.said("b")] == ["lost"]


def test_one_that_starts_again_and_again_silences_nobody() -> None:
    """The first by name never lives for long: the second speaks."""
    venue = Simulation(0)
    died = venue.seconds
    venue.kill("d")
    while venue.seconds < died + 130:
        venue.kill("a")
        venue.start("a")
        venue.run(25)
    assert [what for _, what in venue.said("d")] == ["lost"]


ACTIONS = st.tuples(
    st.sampled_from(["kill", "start", "start", "stop", "mute", "unmute", "cut", "mend", "away", "here"]),
    st.sampled_from(NAMES),
    st.integers(0, 60).map(lambda steps: steps * TICK),
)


@given(st.lists(ACTIONS, max_size=25), st.integers(0, 4).map(lambda steps: steps * TICK))
def test_never_silent_and_never_twice(actions: list[tuple[str, str, int]], delivery: int) -> None:
    """For any course of things: who is dead at last has been told, and each death was told once.

    It may be told twice only where the one that said it died, or was cut off, before it could mark it.
    """
    venue = Simulation(delivery)
    for action, name, seconds in actions:
        match action:
            case "kill":
                venue.kill(name)
            case "start":
                venue.start(name)
            case "stop":
                venue.stop(name)
            case "mute" | "unmute":
                venue.telegram(name, works=action == "unmute")
            case "cut" | "mend":
                venue.network(name, works=action == "mend")
            case "away" | "here":
                venue.is_away = action == "away"
        venue.run(seconds)
    venue.is_away = False
    venue.run(1000)
    able = [one for one in venue.running.values() if one.has_telegram and one.has_network]
    living = {one.name for one in venue.running.values() if one.has_network}
    for name in NAMES:
        words = [what for _, what in venue.said(name)]
        if able and name not in living:
            assert words[-1] == "lost"
        if name in venue.may_repeat:
            continue
        if able and name in living:
            assert words[-1:] != ["lost"]
        assert words[:1] != ["back"]
        for (first, one), (second, other) in pairwise(venue.said(name)):
            # Twice lost is two deaths: it beat in between, but for too short a time to be told.
            beat_between = any(first < beat < second for beat in venue.beats[name])
            assert one != other or (one == "lost" and beat_between)


def test_what_each_pc_comes_to() -> None:
    """Capacity, of which one is to tell; and its own clock."""
    told: dict[str, list[str]] = {}
    for name in "ab":
        venue = VenueRules(name, None, 50, 0)
        for seconds in range(0, 200, 20):
            reading = day(
                *(camera(each, -seconds, clock_offset=200 if each == name else 0) for each in "ab"),
                read_at=ago(-seconds),
            )
            events = venue.look(reading, NOON + timedelta(seconds=seconds), seconds)
            told.setdefault(name, []).extend(event.what.key for event in events if isinstance(event, Lasts))
        assert venue.speaks == (name == "a")
    assert told == {"a": ["capacity", "clock fast"], "b": ["capacity", "clock fast"]}


def test_without_capacity_nobody_counts() -> None:
    """Nor does a PC whose row is not there yet look at its clock."""
    venue = VenueRules("a", None, None, 0)
    for seconds in range(0, 200, 20):
        assert venue.look(day(read_at=ago(-seconds)), NOON, seconds) == ()


@pytest.mark.parametrize(
    ("missing", "first", "ends"), [(NOT_READ, None, 0), ((), None, 2), (NOT_READ, NOON, 2)]
)
def test_what_can_not_be_counted_is_not_empty(
    missing: tuple[Missing, ...], first: datetime | None, ends: int
) -> None:
    """Where the rows can't be read nobody says that people have left."""
    venue = VenueRules("a", None, 50, 0)
    for seconds in range(0, 100, 20):
        venue.look(day(camera("a", -seconds), read_at=ago(-seconds)), NOON, seconds)
    reading = day(camera("a", -100), read_at=ago(-100), totals=Totals(0, 0, first, first), missing=missing)
    assert len(venue.look(reading, NOON, 100)) == ends


def test_reports_are_watched_too() -> None:
    """By the same readings."""
    venue = VenueRules("a", None, None, 0)
    told: list[Event] = []
    for seconds in range(0, 1000, 20):
        reading = day(camera("a", -seconds), read_at=ago(-seconds), report=report())
        told += venue.look(reading, NOON + timedelta(seconds=seconds), seconds)
    assert told == [Lasts(REPORT, Reason("last report", sent="2018-11-03 11:59"), 900)]
