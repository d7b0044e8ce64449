"""What has arrived on the phone, noted in the database, or beside the session while that is away."""

import contextlib
import itertools
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.mariadb import MariaDB
from tests.overviews import first, limited, listening
from tests.proxy import Proxy
from tests.readings import READ_AT, ago, camera, day
from tests.venue import Venue, wait_until
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras, MessageStore
from visitorsflow.database.tables import utc_now
from visitorsflow.database.told import KEPT_ROWS, ToldThings, read_told
from visitorsflow.errors import DatabaseRefuses
from visitorsflow.events import REJECTED, DayRead, Delivered, Stage, TableReady, Telling
from visitorsflow.facts import Missing, ToldThing
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.telling import Answer, heard_since, last_delivery
from visitorsflow.subjects import CAMERA, CAPACITY, DATABASE, DISK, FOLDER, Subject
from visitorsflow.venue.told import Register, Told

TELL, LATER, HEARD = Answer.TELL, Answer.LATER, Answer.HEARD


class Pc:
    """A PC with its knowledge, on a clock that the test turns; `speaks` is the test's choice."""

    def __init__(self, database: Database, name: str, home: Path | None = None, now: float = 1000.0) -> None:
        self.now = now
        self.name = name
        self.speaks = True
        self.database = database
        file = home / f"{name}.json" if home else None
        # The database's clock goes on by itself: this PC's runs beside it.
        self.told = Told(name, file, lambda: self.now, lambda: 1e9 + self.now)
        self.table = ToldThings(database)
        self.register = Register(self.told, self.table, lambda: self.speaks)
        self.told(TableReady())

    def telling(self, what: Subject, stage: Stage, camera: str | None = None) -> Telling:
        owner = "" if what.of_venue else self.name
        return Telling(what.key, owner if camera is None else camera, stage, self.now - 30, self.now)

    def ask(self, telling: Telling) -> Answer:
        return self.register.claim(telling)[telling]

    def deliver(self, telling: Telling) -> None:
        self.told(Delivered(telling))

    def beat(self) -> None:
        self.told.write(Cameras(self.database), MessageStore(self.database), self.table)

    def say(self, what: Subject, stage: Stage) -> Answer:
        """Ask, and when it is to be told, deliver and note it."""
        telling = self.telling(what, stage)
        if (answer := self.ask(telling)) is TELL:
            self.deliver(telling)
            self.beat()
        return answer


@pytest.fixture
def pcs(venue: Venue) -> Iterator[list[Pc]]:
    """Two PCs on one database, each with a connection of its own."""
    venue.rows()  # makes PeopleFlow
    databases = [Database(venue.settings()) for _ in range(2)]
    cameras = Cameras(databases[0])
    cameras.prepare()
    yield [Pc(database, name) for database, name in zip(databases, ("17", "18"), strict=True)]
    for database in databases:
        database.close()


def things(pc: Pc) -> tuple[ToldThing, ...]:
    return pc.database.transaction(read_told)


def test_a_thing_is_told_once_and_so_is_its_end(pcs: list[Pc]) -> None:
    """By whichever of two PCs is first; and the next one of the same kind is another thing."""
    a, b = pcs
    both = [Stage.LASTS, Stage.OVER]
    for _ in range(2):
        assert [pc.say(CAPACITY, stage) for stage in both for pc in (a, b)] == [TELL, HEARD, TELL, HEARD]
        b.now += 10  # what comes after
        a.now += 10
        with a.database.engine.begin() as connection:  # it was ten seconds ago
            for column in ("since", "toldAt", "endedAt", "endToldAt"):
                earlier = f"{column} - INTERVAL 10 SECOND"
                if connection.dialect.name == "sqlite":
                    earlier = f"datetime({column}, '-10 seconds')"
                connection.execute(text(f"UPDATE PeopleFlowTold SET {column} = {earlier}"))
    assert [(one.what, one.teller, one.taken_at) for one in things(a)] == [("capacity", "17", None)] * 2
    assert all(one.end_told_at and one.told_at and one.ended_at for one in things(a))


def test_while_one_tells_it_the_other_waits(pcs: list[Pc]) -> None:
    """It may tell it when the first one could not; and need not when the first one has."""
    a, b = pcs
    of_a, of_b = a.telling(CAPACITY, Stage.LASTS), b.telling(CAPACITY, Stage.LASTS)
    assert [a.ask(of_a), b.ask(of_b), a.ask(of_a)] == [TELL, LATER, TELL]
    a.register.give_up(of_a)
    assert [b.ask(of_b), a.ask(of_a)] == [TELL, LATER]
    b.deliver(of_b)
    b.beat()
    assert [a.ask(of_a), b.ask(of_b)] == [HEARD, HEARD]


def test_two_that_ask_at_once(pcs: list[Pc]) -> None:
    """Exactly one of them is to tell it, a hundred times."""
    a, b = pcs
    start = threading.Barrier(2)
    answers: dict[str, Answer] = {}

    def ask(pc: Pc, subject: str) -> None:
        telling = Telling(subject, "", Stage.LASTS, 0, pc.now)
        start.wait(10)
        answers[pc.name] = pc.told.claim(pc.table, telling)

    for number in range(100):
        threads = [threading.Thread(target=ask, args=[pc, f"{number}"]) for pc in (a, b)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(answer.name for answer in answers.values()) == ["LATER", "TELL"], number


def test_who_does_not_speak_waits_a_minute(pcs: list[Pc]) -> None:
    """Then it tells what stands untold; of its own camera it waits for nobody."""
    a, _ = pcs
    a.speaks = False
    full, own = a.telling(CAPACITY, Stage.LASTS), a.telling(DISK, Stage.LASTS)
    other = a.telling(DISK, Stage.LASTS, "18")
    assert [a.ask(one) for one in (full, own, other)] == [LATER, TELL, LATER]
    a.now += 59.9
    assert [a.ask(one) for one in (full, other)] == [LATER, LATER]
    a.now += 0.2
    assert [a.ask(one) for one in (full, other)] == [TELL, TELL]


def test_a_beginning_and_its_end_in_one_message(pcs: list[Pc]) -> None:
    """Told as a whole, unless the beginning was told: then the end alone."""
    a, b = pcs
    begun, over = a.telling(CAPACITY, Stage.LASTS), a.telling(CAPACITY, Stage.OVER)
    assert a.register.claim(begun, over) == {begun: TELL, over: TELL}
    a.deliver(begun)
    a.beat()
    of_b = [b.telling(CAPACITY, stage) for stage in (Stage.LASTS, Stage.OVER)]
    assert list(b.register.claim(*of_b).values()) == [HEARD, TELL]


def test_a_note_on_its_way_counts(pcs: list[Pc]) -> None:
    """What was delivered a moment ago is known before it stands in the database."""
    a, _ = pcs
    assert a.ask(a.telling(DISK, Stage.LASTS)) is TELL
    a.deliver(a.telling(DISK, Stage.LASTS))
    assert a.ask(a.telling(DISK, Stage.LASTS)) is HEARD
    assert things(a)[0].told_at  # it is brought over before the table is asked


def test_a_restart(pcs: list[Pc], tmp_path: Path) -> None:
    """What lasts is not told again, its end is; also where the database is away at the start."""
    a, _ = pcs
    for home, what in ((None, DISK), (tmp_path, FOLDER)):
        first = Pc(a.database, "17", home)
        assert first.say(what, Stage.LASTS) is TELL
        first.told.close(10)
        second = Pc(a.database, "17", home, now=5.0)
        second.told.is_ready = home is None  # else it can't be asked
        assert second.ask(second.telling(what, Stage.LASTS)) is HEARD
        assert second.ask(second.telling(what, Stage.OVER)) is TELL
        second.told.is_ready = True
        assert second.say(what, Stage.OVER) is TELL


def test_while_the_database_is_away(pcs: list[Pc], tmp_path: Path) -> None:
    """The note is beside the session, outlives a restart, and is brought over when that works."""
    a, _ = pcs
    first = Pc(a.database, "17", tmp_path)
    first.told.is_ready = False
    reason = Reason("people", people=1, capacity=2)
    telling = first.telling(DATABASE, Stage.LASTS)
    assert first.ask(telling) is TELL
    first.deliver(Telling(*telling_values(telling), reason))
    first.told.close(10)
    second = Pc(a.database, "17", tmp_path, now=first.now + 600)
    assert second.told.answer(second.telling(DATABASE, Stage.LASTS)) is HEARD
    second.beat()
    [thing] = things(a)
    assert (thing.what, thing.camera, thing.reason) == ("database", "17", reason)
    assert thing.told_at
    assert abs((thing.told_at - thing.since).total_seconds() - 30) <= 1
    wait_until(lambda: json.loads((tmp_path / "17.json").read_text())["notes"] == [])


def telling_values(telling: Telling) -> tuple[str, str, Stage, float, float]:
    return telling.what, telling.camera, telling.stage, telling.since, telling.made


def one_note(time: str) -> str:
    return f'{{"notes": [["disk", "17", "lasts", {time}, 0, 0, null]], "lasts": [], "rings": false}}'


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"notes": [[1]], "lasts": [], "rings": false}',
        one_note("NaN"),
        one_note("-Infinity"),
        one_note("-1e12"),
        "[" * 100_000,
    ],
    ids=range(8),
)
def test_a_file_that_can_not_be_read(tmp_path: Path, content: str) -> None:
    """It is as if there were none; nor is anything of it ever written to the database."""
    (tmp_path / "told.json").write_text(content)
    told = Told("17", tmp_path / "told.json")
    assert told.rings
    assert told.answer(Telling("disk", "17", Stage.LASTS, 0, 0)) is TELL
    told(Delivered(Telling("files", "17", Stage.LASTS, 0, 0)))
    told.close(10)
    assert [note[0] for note in json.loads((tmp_path / "told.json").read_text())["notes"]] == ["files"]


def test_a_clock_that_was_ahead(pcs: list[Pc], tmp_path: Path) -> None:
    """What was told years ahead was told by now: else all that follows would be older, and heard."""
    ahead = Told("17", tmp_path / "17.json", lambda: 1000.0, lambda: 4e9)
    for stage in (Stage.LASTS, Stage.OVER):
        ahead(Delivered(Telling("disk", "17", stage, 900, 950)))
    ahead.close(10)
    pc = Pc(pcs[0].database, "17", tmp_path)
    pc.beat()
    [thing] = things(pc)
    now = pc.database.transaction(utc_now)
    assert thing.end_told_at
    assert max(thing.since, thing.end_told_at) <= now + timedelta(seconds=2)


def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    """Then it is known until the program ends."""
    told = Told("17", tmp_path / "no such folder" / "told.json")
    telling = Telling("disk", "17", Stage.LASTS, 0, 0)
    told(Delivered(telling))
    told.close(10)
    assert told.answer(telling) is HEARD


def test_what_lasts_is_written_once(tmp_path: Path) -> None:
    """Not at each reading, whose time is whole seconds: a view reads once a second, on a memory card."""
    file, now = tmp_path / "told.json", 1000.0
    told = Told("17", file, lambda: now, lambda: 1e9 + now)
    lasts = ToldThing("disk", "17", 0, ago(60), ago(30), None, None, "17", None, None)
    written = set()
    for _ in range(20):
        told(DayRead(day(camera("17"), read_at=READ_AT + timedelta(seconds=now // 1 - 1000), told=(lasts,))))
        told.close(10)
        written.add(file.read_text())
        now += 1.3
    assert len(written) == 1
    told(DayRead(day(camera("17"), read_at=READ_AT + timedelta(seconds=now - 900), told=(lasts,))))
    told.close(10)
    assert file.read_text() not in written  # the database's clock was set


def test_who_rings_when_the_database_is_away(tmp_path: Path) -> None:
    """The PC that spoke last, also after a restart; and one that knows of nobody who could."""
    file = tmp_path / "told.json"
    for cameras, rings in (((), True), (("16", "17"), False), (("17", "18"), True), (("16", "17"), False)):
        told = Told("17", file)
        told(DayRead(day(*(camera(name) for name in cameras))))
        told.close(10)
        assert told.rings == Told("17", file).rings == rings
    told(DayRead(day(camera("16", can_tell=False), camera("17"))))
    assert told.rings


def test_who_rings_where_nobody_can_speak_yet(tmp_path: Path) -> None:
    """Soon after an outage no PC is ready: still one rings, the one that spoke before, while it lives."""
    first, second = Told("16", tmp_path / "16.json"), Told("17", tmp_path / "17.json")
    for told in (first, second):
        told(DayRead(day(camera("16"), camera("17"))))
        told(DayRead(day(camera("16", can_tell=False), camera("17", can_tell=False))))
    assert (first.rings, second.rings) == (True, False)
    gone = camera("16", can_tell=False, alive_at=ago(900))
    second(DayRead(day(gone, camera("17", can_tell=False))))
    assert second.rings


def test_what_the_table_does_not_tell_is_kept() -> None:
    """Where it can't be read, what this PC has told itself is what is known."""
    told = Told("17")
    telling = Telling("disk", "17", Stage.LASTS, 0, 0)
    told(Delivered(telling))
    told(DayRead(day(camera("17"), missing=(Missing("PeopleFlowTold", quoted("no")),))))
    assert told.answer(telling) is HEARD


def test_cameras_are_marked_too(pcs: list[Pc]) -> None:
    """For older versions beside this one, which look at that alone."""
    a, _ = pcs
    with a.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO PeopleFlowCamera VALUES ('18', CURRENT_TIMESTAMP, NULL, NULL, '', NULL, 0,"
                " 0, 60, 1, 0, 1, '', NULL, '2', 'pc')"
            )
        )
    marks = []
    for stage in (Stage.LASTS, Stage.OVER):
        a.deliver(a.telling(CAMERA, stage, "18"))
        a.beat()
        marks.append(Cameras(a.database).read()[0].told_at is not None)
    assert marks == [True, False]
    assert things(a)[0].end_told_at


def test_what_is_read_of_it(pcs: list[Pc]) -> None:
    """The events of today in their order, and the last delivery; rejected files have no end."""
    a, b = pcs
    a.say(DISK, Stage.LASTS)
    b.deliver(Telling(REJECTED, "18", Stage.ONCE, b.now, b.now, quoted("3 files")))
    b.beat()
    read = things(a)
    heard = heard_since(read, min(one.since for one in read))
    assert [(one.what, one.camera, one.over) for one in heard] == [
        ("disk", "17", False),
        ("rejected", "18", False),
    ]
    assert heard[1].reason == quoted("3 files")
    assert last_delivery(read) == heard[1].at


def test_a_note_whose_commit_is_lost(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """The server has it, and its answer was lost: written again, what has no end is not told twice."""
    mariadb_venue.rows()
    with Proxy(mariadb.port) as proxy:
        mariadb_venue.database += f"\nport = {proxy.port}"
        mariadb_venue.configure()
        with contextlib.closing(Database(mariadb_venue.settings())) as database:
            pc = Pc(database, "17")
            pc.say(DISK, Stage.LASTS)
            proxy.lose_commits(1)
            pc.deliver(Telling(REJECTED, "17", Stage.ONCE, pc.now, pc.now, quoted("3 files")))
            pc.told.write_notes(pc.table)
            assert proxy.lost_commits == 1
            assert [one.what for one in things(pc)].count(REJECTED) == 1
            pc.deliver(Telling(REJECTED, "17", Stage.ONCE, pc.now, pc.now, quoted("4 files")))
            pc.told.write_notes(pc.table)
            assert [one.what for one in things(pc)].count(REJECTED) == 2


@contextlib.contextmanager
def told_and_altered(venue: Venue, change: str) -> Iterator[Pc]:
    """A PC that has told of its disk, and whose table somebody has altered then."""
    venue.rows()
    with contextlib.closing(Database(venue.settings())) as database:
        pc = Pc(database, "17")
        assert pc.say(DISK, Stage.LASTS) is TELL
        with database.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE PeopleFlowTold {change}"))
        yield pc


def test_a_table_with_another_key(mariadb_venue: Venue) -> None:
    """Where one row is all that it takes of a subject, that is refused; nobody tries for ever."""
    another_key = "DROP PRIMARY KEY, ADD PRIMARY KEY (what)"
    with (
        told_and_altered(mariadb_venue, another_key) as pc,
        pytest.raises(DatabaseRefuses, match="PeopleFlowTold"),
    ):
        pc.told.claim(pc.table, pc.telling(DISK, Stage.LASTS, "18"))


def test_a_table_whose_times_are_texts(mariadb_venue: Venue) -> None:
    """It is another program's: named as missing, and all else is read; alerts go by what is known here."""
    texts = "MODIFY since VARCHAR(40), MODIFY toldAt VARCHAR(40)"
    with told_and_altered(mariadb_venue, texts) as pc:
        with listening(mariadb_venue) as (_, days):
            read = first(days)
        assert [one.table for one in read.missing] == ["PeopleFlowTold"]
        pc.told(DayRead(read))
        answers = [pc.say(what, Stage.LASTS) for what in (DISK, FOLDER)]
        assert answers == [HEARD, TELL]


def test_it_stays_small(pcs: list[Pc]) -> None:
    """Fifty of each subject and camera are kept: an old row is used again."""
    a, _ = pcs
    for number in itertools.count():
        a.deliver(Telling(REJECTED, "17", Stage.ONCE, number, number, quoted(number)))
        if number == KEPT_ROWS + 9:
            break
    a.beat()
    read = sorted(things(a), key=lambda one: one.since)
    assert len(read) == KEPT_ROWS
    assert str(read[-1].reason) == str(KEPT_ROWS + 9)
    assert str(read[0].reason) == "10"


def test_a_long_reason_is_cut(pcs: list[Pc]) -> None:
    """It is no reason to lose the note."""
    a, _ = pcs
    a.deliver(Telling("disk", "17", Stage.LASTS, 0, 0, quoted("資料" * 5000)))
    a.beat()
    assert str(things(a)[0].reason).startswith("資料資料")


def test_with_the_rights_of_the_readme(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """SELECT, INSERT, UPDATE, CREATE are enough, for a thing and for its end."""
    mariadb_venue.rows()
    Cameras(Database(mariadb_venue.settings())).prepare()
    limited(mariadb, mariadb_venue, "SELECT, INSERT, UPDATE, CREATE")
    database = Database(mariadb_venue.settings())
    pc = Pc(database, "17")
    assert [pc.say(DISK, stage) for stage in (Stage.LASTS, Stage.LASTS, Stage.OVER)] == [TELL, HEARD, TELL]
    database.close()
