"""What is still to be told: pure."""

from datetime import datetime, timedelta

import pytest

from tests.readings import READ_AT, ago
from visitorsflow.events import Stage
from visitorsflow.facts import NEW_NUMBER, ToldThing
from visitorsflow.reasons import quoted
from visitorsflow.rules.telling import (
    Answer,
    Heard,
    Word,
    heard_since,
    judge,
    last_delivery,
    lasting,
    let_go,
    newest,
    noted,
    taken,
)
from visitorsflow.subjects import CAMERA

WHY = quoted("why")
TOLD = ToldThing("disk", "17", 3, ago(200), ago(170), None, None, "17", None, WHY)
OVER = TOLD._replace(ended_at=ago(60), end_told_at=ago(50))
TAKEN = TOLD._replace(told_at=None, taken_at=ago(89))


def word(stage: Stage, made: float = 10, what: str = "disk") -> Word:
    return Word(what, "17", stage, ago(made + 30), ago(made), WHY)


def answer(thing: ToldThing | None, stage: Stage, made: float = 10, teller: str = "18") -> str:
    return judge(thing, word(stage, made), READ_AT, teller).name


@pytest.mark.parametrize(
    ("thing", "lasts", "over"),
    [
        (None, "TELL", "HEARD"),
        (TOLD, "HEARD", "TELL"),
        (OVER, "TELL", "HEARD"),
        (TAKEN, "LATER", "LATER"),
        (TAKEN._replace(teller="18"), "TELL", "HEARD"),
        (TAKEN._replace(taken_at=ago(90)), "TELL", "HEARD"),
        (TAKEN._replace(taken_at=ago(-1)), "TELL", "HEARD"),
        (TAKEN._replace(taken_at=ago(0)), "LATER", "LATER"),
        (TAKEN._replace(taken_at=None), "TELL", "HEARD"),
        (TOLD._replace(taken_at=ago(5)), "HEARD", "LATER"),
        (TOLD._replace(taken_at=ago(5), teller="18"), "HEARD", "TELL"),
    ],
    ids=str,
)
def test_judged(thing: ToldThing | None, lasts: str, over: str) -> None:
    """Told once; its end once, where it was told; while another PC is about to: later."""
    assert (answer(thing, Stage.LASTS), answer(thing, Stage.OVER)) == (lasts, over)
    assert answer(thing, Stage.ONCE) == "TELL"


def test_late_news() -> None:
    """What has come and gone while a message waited was told; what came after that was not."""
    assert [answer(OVER, Stage.LASTS, made) for made in (167, 168, 173)] == ["TELL", "HEARD", "HEARD"]


def test_a_camera_that_an_older_version_told_of() -> None:
    """It notes that in another table: its return is told, and once."""

    def back(thing: ToldThing | None, made: float = 10) -> Answer:
        return judge(thing, word(Stage.OVER, made, CAMERA.key), READ_AT, "18")

    assert back(None) is Answer.TELL
    assert [back(OVER, made) for made in (47, 48, 53)] == [Answer.TELL, Answer.HEARD, Answer.HEARD]
    assert back(OVER._replace(end_told_at=None)) is Answer.TELL


def test_taken() -> None:
    """A new thing, or the one that nobody could tell, or the end of one."""
    lasts, over = word(Stage.LASTS), word(Stage.OVER)
    new = ToldThing("disk", "17", NEW_NUMBER, ago(40), None, None, None, "18", READ_AT, WHY)
    assert [taken(thing, lasts, READ_AT, "18") for thing in (None, OVER)] == [new, new]
    assert taken(TAKEN, lasts, READ_AT, "18") == new._replace(number=3)
    assert taken(TOLD, over, READ_AT, "18") == TOLD._replace(teller="18", taken_at=READ_AT)
    assert taken(None, over, READ_AT, "18") is taken(OVER, over, READ_AT, "18") is None


def test_noted() -> None:
    """It has arrived: a note that comes again changes nothing."""
    lasts, over = word(Stage.LASTS), word(Stage.OVER)
    at = ago(5)
    told = ToldThing("disk", "17", NEW_NUMBER, ago(40), at, None, None, "18", None, WHY)
    assert [noted(thing, lasts, at, "18") for thing in (None, OVER)] == [told, told]
    assert noted(TAKEN, lasts, at, "18") == told._replace(number=3)
    assert noted(told, lasts, at, "18") is None
    ended = told._replace(ended_at=ago(10), end_told_at=at)
    assert noted(told, over, at, "18") == ended
    assert noted(TOLD._replace(taken_at=ago(3)), over, at, "18") == TOLD._replace(
        ended_at=ago(10), end_told_at=at, teller="18"
    )
    assert noted(ended, over, READ_AT, "18") is noted(ended, lasts, READ_AT, "18") is None
    assert noted(None, over, at, "18") is noted(TAKEN, over, at, "18") is None
    late = ended._replace(told_at=ago(13))
    assert noted(late, lasts, at, "18") == told
    assert noted(late._replace(told_at=ago(12)), lasts, at, "18") is None


def test_what_needs_no_end() -> None:
    """It is over when it is told, and is another thing each time, but for a note that comes again."""
    once = ToldThing("disk", "17", NEW_NUMBER, ago(40), ago(5), ago(10), ago(5), "18", None, WHY)
    befores = None, once._replace(since=ago(43)), once._replace(since=ago(37)), once._replace(reason=None)
    assert [noted(thing, word(Stage.ONCE), ago(5), "18") for thing in befores] == [once] * 4
    agains = [once._replace(since=ago(seconds)) for seconds in (42, 40, 38)]
    assert [noted(thing, word(Stage.ONCE), ago(5), "18") for thing in agains] == [None] * 3


def test_let_go() -> None:
    """Only by the one that has it."""
    assert let_go(TAKEN, "17") == TAKEN._replace(taken_at=None)
    assert [let_go(thing, "17") for thing in (None, TOLD, TAKEN._replace(teller="18"))] == [None] * 3


def test_the_newest_counts() -> None:
    """Of each subject and camera; what lasts is what was told, and not its end."""
    again = TOLD._replace(number=0, since=ago(30))
    other = TAKEN._replace(camera="19")
    assert newest([again, OVER, other]) == {("disk", "17"): again, ("disk", "19"): other}
    assert lasting([again, OVER, other]) == [again]
    assert newest([TOLD, TOLD._replace(number=4)])["disk", "17"].number == 4


def test_the_events_of_today() -> None:
    """In the order in which they were told, each end for itself; without what nobody was told."""
    rejected = ToldThing("rejected", "18", 0, ago(90), ago(80), ago(90), ago(80), "18", None, WHY)
    assert heard_since([OVER, rejected, TAKEN], ago(170)) == [
        Heard(ago(170), "disk", "17", False, WHY, ago(200), ago(60)),
        Heard(ago(80), "rejected", "18", False, WHY, ago(90), ago(90)),
        Heard(ago(50), "disk", "17", True, WHY, ago(200), ago(60)),
    ]
    assert [one.over for one in heard_since([OVER], ago(169))] == [True]
    assert heard_since([OVER], ago(49)) == []
    both = OVER._replace(told_at=ago(50))
    assert [one.over for one in heard_since([both], ago(50))] == [False, True]


def test_the_last_delivery() -> None:
    """Of whatever, by any PC."""
    assert last_delivery([TOLD, OVER, TAKEN]) == ago(50)
    assert last_delivery([TOLD, TAKEN]) == ago(170)
    assert last_delivery([]) is last_delivery([TAKEN]) is None
    assert isinstance(last_delivery([TOLD]), datetime)


def test_a_second_is_not_a_new_thing() -> None:
    """The table holds whole seconds: what was told two seconds before the message is what it tells."""
    for seconds, expected in ((2, "HEARD"), (2.1, "TELL")):
        thing = OVER._replace(told_at=ago(100) - timedelta(seconds=seconds))
        assert answer(thing, Stage.LASTS, 100) == expected
