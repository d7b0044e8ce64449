"""Any course of things in a venue of three PCs: told at least once, at most once, and ended when it ends.

The PCs are the real rules, news, registers and queues on one simulated clock; between them is a table in
memory that each may be cut off from, and a phone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readings import NOON, READ_AT, camera, day
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.news import News, Queue, Waiting
from visitorsflow.alerts.outbox import Outbox
from visitorsflow.database.status_tables import Cameras, MessageStore
from visitorsflow.database.told import Change, ToldThings
from visitorsflow.errors import DatabaseAway
from visitorsflow.events import DayRead, Delivered, Event, Passed, Stage, TableReady, Telling
from visitorsflow.facts import CameraState, ToldThing, Totals
from visitorsflow.reasons import quoted
from visitorsflow.rules.condition import Condition
from visitorsflow.rules.health import Trouble, troubles_text
from visitorsflow.rules.telling import Answer
from visitorsflow.subjects import CAPACITY, DISK
from visitorsflow.venue.ends import OwnEnds
from visitorsflow.venue.told import Register, Told
from visitorsflow.venue.watch import VenueRules
from visitorsflow.words import Words

TICK = 5
EVERY = 20  # seconds between two beats, and two readings
RETRY = 30  # until the next try of a delivery that failed
NAMES = "abc"
Key = tuple[str, str]
FULL: Key = (CAPACITY.key, "")


class Table(ToldThings):
    """The table, as one PC reaches it."""

    def __init__(self, pc: "Computer") -> None:
        self._pc = pc

    def change(self, what: str, camera: str, change: Change) -> None:
        world = self._pc.world
        if not self._pc.reaches_the_database:
            raise DatabaseAway(quoted("away"))
        things = world.things.setdefault((what, camera), [])
        new = change(things[-1] if things else None, world.now())
        if new and new.number < 0:
            things.append(new._replace(number=len(things)))
        elif new:
            things[-1] = new


class Marks(Cameras):
    """The same of PeopleFlowCamera."""

    def __init__(self, pc: "Computer") -> None:
        self._pc = pc

    def told(self, names: Iterable[str]) -> None:
        self._mark(names, self._pc.world.now())

    def told_back(self, names: Iterable[str]) -> None:
        self._mark(names, None)

    def _mark(self, names: Iterable[str], at: datetime | None) -> None:
        cameras = self._pc.world.cameras
        cameras.update({name: cameras[name]._replace(told_at=at) for name in names})


class Computer:
    """A PC with an uploader; its outbox is this, so that a message takes as long as the test wants."""

    def __init__(self, world: "World", name: str) -> None:
        self.world, self.name = world, name
        self.started = world.seconds + TICK * NAMES.index(name)
        self.has_telegram = self.has_network = True
        self.has_read_at = -1.0
        self.next_try = 0.0
        self.hangs = False  # its outbox does, and it does not know
        self.disk = Condition(DISK)
        self.rules = VenueRules(name, None, 100, world.seconds)
        self.ends = OwnEnds(name)
        self.told = Told(name, None, world.clock, world.clock)
        self.register = Register(self.told, Table(self), lambda: self.rules.speaks)
        self.queue = Queue()
        self.under_way: tuple[float, Waiting] | None = None  # when it arrives
        self.alerts = Alerts(
            cast(Outbox, self),
            Words("en"),
            lambda: NOON + timedelta(seconds=world.seconds),
            world.clock,
            name,
        )
        self.hear(TableReady())

    @property
    def reaches_the_database(self) -> bool:
        return self.has_network and not self.world.is_away

    def put(self, news: News) -> None:
        self.queue.put(news)

    def hear(self, *events: Event) -> None:
        for event in events:
            self.alerts(event)
            self.told(event)
            self.ends.note(event, self.world.seconds)

    def tick(self) -> None:
        now = self.world.seconds
        self.hear(Passed())
        if self.name in self.world.full_disks:
            self.hear(*self.disk.begin(now, quoted("full")), *self.disk.check(now))
        else:
            self.hear(*self.disk.end(now))
        self.deliver()
        if now >= self.started and (now - self.started) % EVERY == 0 and self.reaches_the_database:
            self.beat()
            self.read()
            self.has_read_at = now

    def beat(self) -> None:
        before = self.world.cameras.get(self.name)
        lasting = [Trouble(DISK.key, self.disk.reason)] if self.disk.active else []
        self.world.cameras[self.name] = camera(
            self.name,
            alive_at=self.world.now(),
            can_tell=self.has_telegram and self.rules.is_ready,
            trouble=troubles_text(lasting, 200),
            told_at=before.told_at if before else None,
        )
        self.told.write(Marks(self), cast(MessageStore, None), Table(self))

    def read(self) -> None:
        world = self.world
        reading = day(
            *(world.cameras[name] for name in sorted(world.cameras)),
            read_at=world.now(),
            totals=Totals(world.people, 0, NOON, NOON),
            told=tuple(one for things in world.things.values() for one in things if one.told_at),
        )
        self.hear(DayRead(reading))
        self.hear(*self.ends.check(reading, world.seconds))
        self.hear(*self.rules.look(reading, NOON + timedelta(seconds=world.seconds), world.seconds))

    def deliver(self) -> None:
        now = self.world.seconds
        if self.hangs or now < self.next_try:
            return
        if self.under_way is None and self.queue.seconds_left(now) == 0:
            claims = self.queue.take(now).news.claims
            answers = self.register.claim(*claims)
            if Answer.LATER in answers.values():
                self.queue.give_back(now + 10)
            elif waiting := self.queue.leave_out([one for one in claims if answers[one] is Answer.HEARD]):
                self.under_way = now + self.world.delivery, waiting
        if self.under_way and now >= self.under_way[0]:
            news = self.under_way[1].news
            self.under_way = None
            if not self.has_telegram:
                self.register.give_up(*news.claims)
                self.queue.give_back()
                self.next_try = now + RETRY
                return
            self.queue.arrived()
            self.world.say(self, news)
            self.hear(*(Delivered(one) for one in news.about))

    def unwritten(self) -> set[Key]:
        """What it has told, or is telling, and could not note."""
        said = self.world.said_by.get(self.name, set())
        under_way = self.under_way[1].news.claims if self.under_way else ()
        return said | {(one.what, one.camera) for one in under_way}


class World:
    """The table, the phone, and what is really so."""

    def __init__(self, delivery: int) -> None:
        self.seconds = 0.0
        self.delivery = delivery
        self.is_away = False
        self.people = 0
        self.full_disks: set[str] = set()
        self.things: dict[Key, list[ToldThing]] = {}
        self.cameras: dict[str, CameraState] = {}
        self.phone: list[tuple[float, Key, Stage, str]] = []
        self.said_by: dict[str, set[Key]] = {}  # not noted yet
        self.may_repeat: set[Key] = set()
        self.running: dict[str, Computer] = {}
        for name in NAMES:
            self.start(name)
        self.run(100)

    def clock(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def now(self) -> datetime:
        return READ_AT + timedelta(seconds=self.seconds)

    def start(self, name: str) -> None:
        if name not in self.running:
            self.running[name] = Computer(self, name)

    def kill(self, name: str) -> None:
        if one := self.running.pop(name, None):
            self.may_repeat |= one.unwritten()
            self.said_by.pop(name, None)

    def say(self, pc: Computer, news: News) -> None:
        for one in cast(tuple[Telling, ...], news.about):
            key = one.what, one.camera
            self.phone.append((self.seconds, key, one.stage, pc.name))
            self.said_by.setdefault(pc.name, set()).add(key)
        if not pc.reaches_the_database:  # it can't note it in time: another may say it again
            self.may_repeat |= pc.unwritten()

    def cut(self, name: str, *, network: bool) -> None:
        if one := self.running.get(name):
            one.has_network = network
            if not network:
                self.may_repeat |= one.unwritten()

    def away(self, *, is_away: bool) -> None:
        self.is_away = is_away
        if is_away:
            for one in self.running.values():
                self.may_repeat |= one.unwritten()

    def mute(self, name: str, *, telegram: bool) -> None:
        if one := self.running.get(name):
            one.has_telegram = telegram

    def run(self, seconds: int) -> None:
        for _ in range(seconds // TICK):
            self.seconds += TICK
            for one in list(self.running.values()):
                one.tick()
                if one.has_read_at == self.seconds:
                    self.said_by.pop(one.name, None)  # it has written its notes

    def words(self, key: Key) -> list[Stage]:
        """What the phone was told of it, in this order."""
        return [stage for _, of, stage, _ in self.phone if of == key]


def test_a_restart_says_nothing_twice() -> None:
    """Neither that the venue is full, nor that a disk is; and the end of each is told afterwards."""
    world = World(delivery=0)
    world.people, world.full_disks = 120, {"a"}
    world.run(200)
    world.kill("a")
    world.run(20)
    world.start("a")
    world.run(300)
    assert world.words(FULL) == world.words((DISK.key, "a")) == [Stage.LASTS]
    world.kill("a")
    world.people, world.full_disks = 0, set()
    world.start("a")
    world.run(400)
    assert world.words(FULL) == world.words((DISK.key, "a")) == [Stage.LASTS, Stage.OVER]


def test_full_for_a_moment() -> None:
    """Read by a PC that does not speak alone: "full" is not told a minute later, with no end."""
    world = World(delivery=0)
    world.people = 120
    world.run(5)
    world.people = 0
    world.run(600)
    words = world.words(FULL)
    assert words == [Stage.LASTS, Stage.OVER] * (len(words) // 2)


def test_another_tells_what_the_speaker_does_not() -> None:
    """Its row says that it can, and its message does not go: after a minute another one tells it."""
    world = World(delivery=0)
    world.running["a"].hangs = True
    world.people = 120
    filled = world.seconds
    world.run(300)
    [(at, _, stage, name)] = [one for one in world.phone if one[1] == FULL]
    assert (stage, name) == (Stage.LASTS, "b")
    assert at - filled <= 100


def test_late_news_of_an_old_speaker() -> None:
    """A camera that does not answer, told by the next one, and back again: it is not told that it is lost."""
    world = World(delivery=10)
    world.kill("c")
    world.run(90)
    world.mute("a", telegram=False)
    world.run(300)
    world.start("c")
    world.run(200)
    world.mute("a", telegram=True)
    world.run(300)
    assert world.words(("camera", "c")) == [Stage.LASTS, Stage.OVER]


def test_a_mute_pc_recovers() -> None:
    """What another has told for it comes once, and so does its end."""
    world = World(delivery=0)
    world.mute("b", telegram=False)
    world.run(60)
    world.full_disks = {"b"}
    world.run(400)
    world.mute("b", telegram=True)
    world.run(200)
    assert world.words((DISK.key, "b")) == [Stage.LASTS]
    world.full_disks = set()
    world.run(100)
    assert world.words((DISK.key, "b")) == [Stage.LASTS, Stage.OVER]


ACTIONS = st.tuples(
    st.sampled_from(
        [
            "kill",
            "start",
            "start",
            "mute",
            "unmute",
            "cut",
            "mend",
            "away",
            "here",
            "fill",
            "empty",
            "disk-full",
            "disk-room",
        ]
    ),
    st.sampled_from(NAMES),
    st.integers(0, 60).map(lambda steps: steps * TICK),
)


@pytest.mark.timeout(300)
@settings(max_examples=40)
@given(st.lists(ACTIONS, max_size=20), st.integers(0, 4).map(lambda steps: steps * TICK))
def test_told_once_and_ended(actions: list[tuple[str, str, int]], delivery: int) -> None:
    """For any course of deaths, restarts and lost connections, of a full venue and of full disks.

    Twice only where the PC that told it died, or was cut off, before it could note that.
    """
    world = World(delivery)
    for action, name, seconds in actions:
        match action:
            case "kill":
                world.kill(name)
            case "start":
                world.start(name)
            case "mute" | "unmute":
                world.mute(name, telegram=action == "unmute")
            case "cut" | "mend":
                world.cut(name, network=action == "mend")
            case "away" | "here":
                world.away(is_away=action == "away")
            case "fill" | "empty":
                world.people = 120 if action == "fill" else 0
            case "disk-full":
                world.full_disks.add(name)
            case "disk-room":
                world.full_disks.discard(name)
        world.run(seconds)
    world.away(is_away=False)
    world.run(1200)
    able = {n for n, one in world.running.items() if one.has_telegram and one.has_network}
    beating = {n for n, one in world.running.items() if one.has_network}
    so = {FULL: world.people > 0} | {(DISK.key, name): name in world.full_disks for name in NAMES}
    for key, is_so in so.items():
        words = world.words(key)
        knows = able if key == FULL or key[1] in beating else able & {key[1]}
        if knows or (key[1] in world.running and world.running[key[1]].has_telegram):
            assert (words[-1:] == [Stage.LASTS]) == is_so, (key, words)
        if key not in world.may_repeat:
            expected = [Stage.LASTS, Stage.OVER] * len(words)
            assert words == expected[: len(words)], key
    for name in NAMES:
        words = world.words(("camera", name))
        if able and ("camera", name) not in world.may_repeat:
            assert (words[-1:] == [Stage.LASTS]) == (name not in beating)
            assert words == ([Stage.LASTS, Stage.OVER] * len(words))[: len(words)], name
