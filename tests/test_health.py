"""How a camera is, at its limits: the clock is given."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.days import READ_AT, camera
from visitorsflow.facts import CameraState
from visitorsflow.reasons import Reason, quoted
from visitorsflow.rules.health import (
    Health,
    Reading,
    Trouble,
    health,
    is_alive,
    newest_rejected,
    on_one_clock,
    open_for,
    troubles,
    troubles_text,
)
from visitorsflow.subjects import SUBJECTS

EIGHT_TO_TEN = (time(8), time(22))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (camera(), Reading(Health.WELL, 0)),
        (camera(alive_age=90), Reading(Health.WELL, 0)),
        (camera(alive_age=91), Reading(Health.DEAD, 91)),
        (camera(alive_age=91, stopped_at=READ_AT - timedelta(seconds=91)), Reading(Health.STOPPED, 91)),
        (camera(stopped_at=READ_AT + timedelta(seconds=1)), Reading(Health.STOPPED, 0)),
        (camera(file_age=60), Reading(Health.WELL, 0)),
        (camera(file_age=61), Reading(Health.SILENT, 61)),
        (camera(file_age=61, idle_seconds=61.0), Reading(Health.WELL, 0)),
        (camera(file_age=61, trouble="silence; folder: x"), Reading(Health.SILENT, 61)),
        (camera(file_age=61, open_now=False), Reading(Health.CLOSED, 61)),
        (camera(file_age=60, open_now=False), Reading(Health.WELL, 0)),
        (camera(file_age=61, open_now=False, trouble="silence"), Reading(Health.CLOSED, 61)),
        (camera(trouble="folder: x"), Reading(Health.TROUBLE, 0)),
        (camera(trouble="silence"), Reading(Health.WELL, 0)),
        (camera(file_age=None), Reading(Health.NEW, 0)),
        (camera(file_age=None, trouble="silence"), Reading(Health.NEW, 0)),
        (camera(file_age=None, trouble="database: x"), Reading(Health.TROUBLE, 0)),
    ],
)
def test_the_health_of_a_camera(state: CameraState, expected: Reading) -> None:
    """In one word, and for how long."""
    assert health(state, READ_AT) == expected


def test_silence_before_opening_is_none() -> None:
    """A camera is silent only when it has been so for its whole `idle_seconds` of open time."""
    night = camera(file_age=36_000)
    assert health(night, READ_AT, open_for=60) == Reading(Health.WELL, 0)
    assert health(night, READ_AT, open_for=61) == Reading(Health.SILENT, 36_000)
    assert health(camera(file_age=50), READ_AT, open_for=61) == Reading(Health.WELL, 0)


def test_how_long_it_is_open() -> None:
    """From the last opening on, also one of yesterday; never closed has no opening."""
    assert open_for(time(12), None) is None
    assert open_for(time(8), EIGHT_TO_TEN) == 0
    assert open_for(time(21, 59, 59), EIGHT_TO_TEN) == 14 * 3600 - 1
    assert open_for(time(22), EIGHT_TO_TEN) == 0
    assert open_for(time(0, 30), (time(18, 15), time(2))) == 6 * 3600 + 900


def test_the_worst_first() -> None:
    """What must be seen stands above what is well. The words are those of `--view --json`."""
    by_badness = sorted(Health, key=lambda one: one.badness)
    assert by_badness == ["dead", "silent", "stopped", "trouble", "unknown", "new", "closed", "well"]
    assert Health.DEAD.badness == 0


def test_what_an_older_uploader_says_of_itself() -> None:
    """Subjects and reasons; a reason may hold a colon."""
    said = [Trouble("silence"), Trouble("folder", quoted("D:/Files: gone"))]
    assert troubles("silence; folder: D:/Files: gone") == said
    assert troubles("") == []


REASONS = st.text(max_size=300).map(quoted) | st.just(Reason("unlisted", path="/x", why=Reason("EIO")))


@given(st.lists(st.builds(Trouble, st.sampled_from(sorted(SUBJECTS)), st.none() | REASONS), max_size=5))
def test_what_an_uploader_says_of_itself(lasting: list[Trouble]) -> None:
    """Whatever the reasons hold, each subject arrives, and the text fits into its column."""
    text = troubles_text(lasting, 255)
    assert len(text) <= 255
    assert [one.what for one in troubles(text)] == [one.what for one in lasting]
    if len(troubles_text(lasting, 10_000)) <= 255:
        assert troubles(text) == lasting


def test_a_reason_that_is_too_long_is_cut() -> None:
    """At the longest of a few lengths that fits; the subject is always said."""
    said = [Trouble("folder", quoted("x" * 300))]
    assert troubles(troubles_text(said, 255)) == [Trouble("folder", quoted("x" * 100))]
    assert troubles(troubles_text(said, 99)) == [Trouble("folder", quoted("x" * 60))]
    assert troubles(troubles_text(said, 80)) == [Trouble("folder", quoted("x" * 40))]
    assert troubles(troubles_text(said, 60)) == [Trouble("folder", quoted("x" * 20))]
    assert troubles(troubles_text(said, 30)) == [Trouble("folder")]
    whole = troubles_text(said[:1], 1000)
    assert troubles_text(said, len(whole)) == whole != troubles_text(said, len(whole) - 1)
    assert troubles_text(said, 5) == troubles_text([], 255) == ""


def test_a_reason_in_chinese_takes_a_place_a_letter() -> None:
    """It is written as it is: as JSON's six ASCII letters each it would be cut sooner."""
    said = [Trouble("folder", quoted("磁" * 100))]
    assert troubles(troubles_text(said, 255)) == said


def test_the_newest_rejected_file_is_no_trouble() -> None:
    """It stands among them in the text, and is read out of it alone."""
    text = troubles_text([Trouble("silence")], 255, quoted("a.json is empty"))
    assert newest_rejected(text) == quoted("a.json is empty")
    assert troubles(text) == [Trouble("silence")]
    assert newest_rejected(troubles_text([Trouble("silence")], 255)) is None
    assert newest_rejected('[["rejected", ["quoted", {"text": "b"}]]]') == quoted("b")


def test_who_lives() -> None:
    """Its PC has beaten in the last 90 seconds, and its uploader was not ended."""
    found = [is_alive(camera(alive_age=age), READ_AT) for age in (0, 89, 90, 91)]
    assert found == [True, True, False, False]
    assert is_alive(camera(alive_age=89, stopped_at=READ_AT), READ_AT) is False


def test_a_cluster_whose_nodes_have_two_clocks() -> None:
    """A camera that beats at a node whose clock is 150 s behind lives; at one ahead nothing changes."""
    ours, other = camera("a", clock_offset=1), camera("b", alive_age=150, clock_offset=151)
    assert health(other, READ_AT).health is Health.DEAD
    moved = on_one_clock([ours, other], "a")
    assert moved[0] == ours
    assert health(moved[1], READ_AT) == Reading(Health.WELL, 0)
    assert moved[1].alive_at == READ_AT
    ended = other._replace(stopped_at=other.alive_at, file_at=None)
    [_, moved_too] = on_one_clock([ours, ended], "a")
    assert (moved_too.stopped_at, moved_too.file_at) == (READ_AT, None)
    ahead = camera("b", alive_age=-150, clock_offset=-149)
    assert on_one_clock([ours, ahead], "a") == (ours, ahead)
    assert on_one_clock([ours, other], "not here") == (ours, other)


def test_a_pc_whose_own_clock_is_wrong_is_dead_a_little_later() -> None:
    """By five minutes at most."""
    ours = camera("a", clock_offset=0)
    for offset, died, is_dead in (
        (10, 91, True),
        (11, 101, False),
        (3600, 389, False),
        (3600, 391, True),
        (-3600, 91, True),
    ):
        [_, moved] = on_one_clock([ours, camera("b", alive_age=died, clock_offset=offset)], "a")
        assert (health(moved, READ_AT).health is Health.DEAD) == is_dead


def test_a_long_reason_can_still_be_said_in_chinese() -> None:
    """What a server says in it is cut, not what we say: English has no place on a screen in Chinese."""
    away = Trouble("telegram", Reason("telegram away", said="Connection to Telegram failed " * 9))
    bad = Reason("some rejected", total=2, bad=1, number=2, why=Reason("field missing", field="inOut"))
    rejected = Reason("rejected file", name="20261129155320.json", why=bad)
    text = troubles_text([away], 255, rejected)
    [kept], newest = troubles(text), newest_rejected(text)
    assert kept.reason is not None
    assert kept.reason.key == "telegram away"
    assert str(kept.reason).startswith("Telegram can't be reached: Connection to")
    assert newest == rejected
