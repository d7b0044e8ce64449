"""News that wait: one message a subject, the newest, and what lasts goes first."""

import math
from datetime import datetime

from tests.tellings import lasting, over, telling
from visitorsflow.alerts.news import Line, News, OtherCameras, Queue, RejectedFiles
from visitorsflow.events import CamerasBack, CamerasLost, Stage
from visitorsflow.facts import Absence, Return

SINCE = datetime(2018, 11, 3, 10, 18, 25)


def rejected(*names: str) -> RejectedFiles:
    return RejectedFiles(len(names), names[:5], lambda count, some: f"{count}: {' '.join(some)}")


def others(lost: str = "", back: str = "") -> OtherCameras:
    return OtherCameras(
        CamerasLost(tuple(Absence(name, SINCE, stopped=False) for name in lost)) if lost else None,
        CamerasBack(tuple(Return(name, 7) for name in back)) if back else None,
        lambda event: f"{type(event).__name__} {''.join(one.camera for one in event.cameras)}",
        (
            *(telling("camera", Stage.LASTS, name) for name in lost),
            *(telling("camera", Stage.OVER, name) for name in back),
        ),
    )


def queue_of(*news: News) -> Queue:
    queue = Queue()
    for one in news:
        queue.put(one)
    return queue


def taken(queue: Queue) -> list[str]:
    """All texts in the order in which they go."""
    texts = []
    while queue.seconds_left(0) == 0:
        texts.append(queue.take(0).news.text)
        queue.arrived()
    return texts


def test_what_lasts_goes_first() -> None:
    """Else the oldest; lines are no subject of one another."""
    queue = queue_of(Line("a"), over("x"), lasting("y"), Line("a"), lasting("z"))
    assert queue.undelivered() == ["a", "x over", "y", "a", "z"]
    assert taken(queue) == ["y", "z", "a", "x over", "a"]
    assert not queue.undelivered()


def test_the_newest_of_a_subject() -> None:
    """It takes the place of the one before."""
    queue = queue_of(lasting("x", "old"), lasting("y"), lasting("x", "new"))
    assert taken(queue) == ["new", "y"]


def test_what_is_over_meanwhile_is_one_line() -> None:
    """It tells both, the newest beginning and the end; what lasts again is no more than that."""
    assert taken(queue_of(lasting("x", "1"), over("x"), lasting("x", "2"), over("x"))) == ["2 → x over"]
    assert taken(queue_of(lasting("x", "1"), over("x"), lasting("x", "2"))) == ["2"]
    assert taken(queue_of(over("x", "1"), over("x", "2"))) == ["2"]


def test_it_is_over_while_it_is_delivered() -> None:
    """Two messages if it arrives, and one line if it does not, which goes next."""
    queue = queue_of(lasting("x"))
    queue.take(0)
    assert queue.seconds_left(0) == math.inf
    queue.put(over("x"))
    assert queue.undelivered() == ["x", "x over"]
    queue.arrived()
    assert taken(queue) == ["x over"]

    queue = queue_of(lasting("x"))
    queue.take(0)
    queue.put(over("y"))
    queue.put(over("x"))
    queue.give_back()
    assert queue.undelivered() == ["x → x over", "y over"]


def test_what_was_given_back_is_the_same_message() -> None:
    """The same number in each try, so that it is shown once; another text has another one."""
    queue = queue_of(Line("a"), Line("b"))
    first = queue.take(0)
    queue.give_back()
    assert 0 <= first.random_id < 2**63
    assert queue.take(0) == first
    queue.give_back()
    assert taken(queue) == ["a", "b"]
    queue = queue_of(lasting("x"))
    first = queue.take(0)
    queue.give_back()
    queue.put(lasting("x", "new"))
    assert queue.take(0).random_id != first.random_id


def test_rejected_files_are_one_message() -> None:
    """All are counted, the first five are named."""
    queue = queue_of(rejected("a", "b", "c"), rejected("d"), rejected("e", "f"))
    assert taken(queue) == ["6: a b c d e"]
    assert taken(queue_of(rejected("a"), lasting("x"))) == ["x", "1: a"]


def test_other_cameras_are_one_message() -> None:
    """Each camera once, by what is known last."""
    [text] = taken(queue_of(others(lost="ab"), others(back="c"), others(lost="cd"), others(back="a")))
    assert text == "CamerasLost bcd\nCamerasBack a"
    assert taken(queue_of(others(lost="a"), others(lost="ab"))) == ["CamerasLost ab"]
    assert taken(queue_of(others(lost="a"), others(back="a"))) == ["CamerasBack a"]


def test_other_cameras_that_are_lost_last() -> None:
    """They go before what is over, and what is told of them is told as events."""
    queue = queue_of(over("x"), others(back="a"), others(lost="b"))
    first = queue.take(0).news
    assert [(one.stage, one.camera) for one in first.claims] == [(Stage.OVER, "a"), (Stage.LASTS, "b")]
    queue.arrived()
    assert taken(queue_of(over("x"), others(back="a"))) == ["x over", "CamerasBack a"]
