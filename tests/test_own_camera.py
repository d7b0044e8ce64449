"""What an uploader says of itself, from what has happened; on a clock that the test turns."""

import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from visitorsflow import __version__
from visitorsflow.events import (
    Began,
    DayRead,
    Ended,
    Event,
    Lasts,
    Listed,
    Passed,
    ReadAgain,
    Rejected,
    Stored,
)
from visitorsflow.facts import CameraState, Day, Totals
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.health import Trouble, newest_rejected, troubles
from visitorsflow.settings import Settings
from visitorsflow.subjects import CAMERA, CAPACITY_NEAR, DATABASE, DISK, FILES, REPORT, SILENCE
from visitorsflow.venue.overview import Namesakes, OwnCamera

NOON = datetime(2018, 5, 31, 12)


class Scene:
    """The camera at a venue in Taipei; `now` is its local time, `monotonic` the seconds of the PC."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **chosen: Any) -> None:
        self.now = NOON
        self.monotonic = 1000.0
        self.can_tell = False
        settings = Settings(home=Path("/"), camera="17", timezone="Asia/Taipei", **chosen)
        monkeypatch.setattr(Settings, "now", lambda _settings: self.now)
        self.own = OwnCamera(settings, lambda: self.can_tell, lambda: self.monotonic)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def before(alive_at: datetime, rejected: int) -> CameraState:
    """What an uploader before this one has left."""
    return CameraState(
        "17", alive_at, None, None, "", None, 0, rejected, 60, True, 0, False, "", None, "1.0", "pc"
    )


def test_a_namesake_on_the_same_pc(scene: Scene) -> None:
    """What the table says is not what was said here, three times; whatever became of our own beats."""
    namesakes = Namesakes()
    row: CameraState | None = None

    def beat(waiting: int, *, newest: str = "", arrives: bool = True) -> str:
        nonlocal row
        scene.own(Listed(waiting, bool(newest), newest))
        said = scene.own.beat()
        namesakes.beats(said)
        found, name = row, row.file_name if row and said.file_age is None else said.file_name
        row = before(NOON, 0)._replace(
            waiting=said.waiting, file_name=name, version=said.version, host=said.host
        )
        if not arrives:  # it may be in the table, or not
            return "no answer"
        scene.own.was_said()
        return namesakes.found(found)

    row = before(NOON, 2)._replace(stopped_at=NOON, file_name="old.json")  # the one before us
    assert [beat(0), beat(0), beat(3, newest="1.json"), beat(3), beat(1)] == [""] * 5
    assert [beat(4, newest="2.json", arrives=False), beat(5, arrives=False), beat(6), beat(6)][2:] == ["", ""]
    assert [beat(6, newest="字" * 300), beat(7)] == ["", ""]
    for number in range(1, 5):
        row = row._replace(file_name=f"theirs{number}.json")
        assert beat(7) == (socket.gethostname() if number >= 3 else "")
    for _ in range(200):
        assert beat(7) == ""
    row = row._replace(file_name="an older beat of a cluster's other node")
    assert beat(7) == ""
    row = row._replace(host="pc-2", stopped_at=NOON)  # the one whose place we took
    assert beat(7) == ""
    row = row._replace(host="pc-2", stopped_at=None)
    assert beat(7) == "pc-2"
    assert beat(7) == ""


def test_what_concerns_the_venue_is_no_trouble_of_one_pc(scene: Scene) -> None:
    """That another camera's PC is dead, or that no report is sent, stands in no row; a full disk does."""
    for what in (CAMERA, REPORT, CAPACITY_NEAR, DISK):
        assert scene.own(Began(what, quoted("why"))) == (what is DISK)
        assert scene.own(Lasts(what, quoted("why"), 0)) is False
    assert troubles(scene.own.beat().trouble) == [Trouble("disk", quoted("why"))]
    assert scene.own(Ended(REPORT, 5, told=False, caught_up=0)) is False


def test_before_anything_happens(scene: Scene) -> None:
    """It lives, and knows of no file."""
    beat = scene.own.beat()
    assert (beat.name, beat.file_age, beat.crossing_at) == ("17", None, None)
    assert (beat.waiting, beat.rejected, beat.trouble) == (0, 0, "")
    assert (beat.idle_seconds, beat.open_now, beat.can_tell) == (60, True, False)
    assert (beat.version, beat.host) == (__version__, socket.gethostname())
    scene.can_tell = True
    assert scene.own.beat().can_tell


def test_a_file_is_said_until_that_has_arrived(scene: Scene) -> None:
    """Its age grows while beats are lost; once in the database, only its name is repeated."""
    scene.own(Listed(2, True, "new.json"))
    for age in (0, 7):
        scene.monotonic = 1000 + age
        assert scene.own.beat()[1:3] == (age, "new.json")
    scene.own.was_said()
    assert scene.own.beat()[1:3] == (None, "new.json")
    scene.own(Listed(1, False))
    assert scene.own.beat()[1:3] == (None, "new.json")
    scene.own.beat()
    scene.own(Listed(1, True, "newer.json"))  # while the beat is on its way
    scene.own.was_said()
    assert scene.own.beat()[1:3] == (0, "newer.json")


def test_files_of_empty_lists_are_life(scene: Scene) -> None:
    """They have no last crossing; that of the file before stays."""
    scene.own(Stored(1, 3, NOON))
    scene.own(Stored(1, 0, None))
    assert scene.own.beat().crossing_at == NOON


def test_what_waits(scene: Scene) -> None:
    """As many as were listed, less those that have been stored since."""
    scene.own(Listed(5, True, "e.json"))
    scene.own(Stored(3, 9, NOON))
    assert scene.own.beat().waiting == 2
    scene.own(Stored(3, 9, NOON))
    assert scene.own.beat().waiting == 0
    scene.own(Listed(4, False))
    assert scene.own.beat().waiting == 4


def test_rejected_since_midnight(scene: Scene) -> None:
    """A new day begins at zero."""
    for name in ("a", "b"):
        scene.own(Rejected(name, quoted("is empty")))
    assert scene.own.beat().rejected == 2
    scene.now = datetime(2018, 6, 1)
    assert scene.own.beat().rejected == 0
    scene.own(Rejected("c", quoted("is empty")))
    assert scene.own.beat().rejected == 1


def test_a_restart_goes_on_counting(scene: Scene) -> None:
    """What was rejected earlier today, by the venue's own midnight, counts."""
    scene.own(Rejected("a", quoted("is empty")))
    assert scene.own.go_on_from(before(datetime(2018, 5, 30, 16, 0), 4))  # 00:00 in Taipei
    assert scene.own.beat().rejected == 5
    assert not scene.own.go_on_from(before(datetime(2018, 5, 30, 15, 59), 4))
    assert not scene.own.go_on_from(before(datetime(2018, 5, 31, 3, 0), 0))
    assert not scene.own.go_on_from(None)
    assert scene.own.beat().rejected == 5


def test_which_file_was_rejected_last(scene: Scene) -> None:
    """It stands beside the troubles, is none of them, and ends with its day; a restart keeps it."""
    scene.own(Began(FILES, quoted("why")))
    for name in ("a.json", "b.json"):
        scene.own(Rejected(name, Reason("is empty")))
    said = scene.own.beat().trouble
    assert newest_rejected(said) == Reason("rejected file", name="b.json", why=Reason("is empty"))
    assert troubles(said) == [Trouble("files", quoted("why"))]
    scene.now = datetime(2018, 6, 1)
    assert newest_rejected(scene.own.beat().trouble) is None
    old = before(datetime(2018, 5, 31, 16, 0), 4)._replace(trouble=said)
    assert scene.own.go_on_from(old)
    assert newest_rejected(scene.own.beat().trouble) == newest_rejected(said)
    scene.own(Rejected("c.json", Reason("is empty")))
    assert scene.own.go_on_from(old)
    assert "c.json" in str(newest_rejected(scene.own.beat().trouble))


def test_what_lasts_now(scene: Scene) -> None:
    """Each subject with its newest reason, as long as it lasts; one that has no reason by its name alone."""
    scene.own(Began(FILES, quoted("a.json\ncan't be moved")))
    scene.own(Lasts(SILENCE, None, 60))
    said = [Trouble("files", quoted("a.json\ncan't be moved")), Trouble("silence")]
    assert troubles(scene.own.beat().trouble) == said
    assert "\n" not in scene.own.beat().trouble
    scene.own(Began(FILES, quoted("b.json can't be moved")))
    said = [Trouble("files", quoted("b.json can't be moved")), Trouble("silence")]
    assert troubles(scene.own.beat().trouble) == said
    scene.own(Ended(FILES, 12, False, 0))
    scene.own(Ended(DATABASE, 12, False, 0))
    assert troubles(scene.own.beat().trouble) == [Trouble("silence")]


def test_open_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the venue's hours at the moment of the beat."""
    scene = Scene(monkeypatch, open_hours=("08:00", "12:00"))
    assert not scene.own.beat().open_now
    scene.now = datetime(2018, 6, 1, 8)
    assert scene.own.beat().open_now


def test_what_does_not_wait_for_the_next_beat(scene: Scene) -> None:
    """Whatever changes the row; a listing in which nothing is new does not."""
    day = Day(NOON, NOON.date(), Totals(0, 0, None, None), 0, (), (), None, ())
    told: list[tuple[Event, bool]] = [
        (Listed(0, False), False),
        (Listed(1, True, "a.json"), True),
        (Listed(1, True, "b.json"), True),
        (Listed(1, False), False),
        (Listed(0, False), True),
        (Stored(1, 0, None), True),
        (Rejected("a", quoted("is empty")), True),
        (Began(FILES, quoted("x")), True),
        (Lasts(FILES, quoted("x"), 30), False),
        (Ended(FILES, 60, True, 0), True),
        (Ended(FILES, 60, True, 0), False),
        (ReadAgain("a"), False),
        (Passed(), False),
        (DayRead(day), False),
    ]
    assert [(event, scene.own(event)) for event, _ in told] == told
