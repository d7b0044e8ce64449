"""News that wait: one message a subject, the newest, and what lasts goes first."""

import math
from dataclasses import replace
from datetime import datetime

from tests.tellings import lasting, over, telling
from visitorsflow.alerts.news import Line, News, OtherCameras, Part, Queue, RejectedFiles, State
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


def test_what_was_told_elsewhere_is_left_out() -> None:
    """A half of it, or all; what is left is another message, and what nobody told is the same one."""
    begun, ended = telling("x", Stage.LASTS), telling("x", Stage.OVER)
    for heard, left in (((begun,), "x over"), ((ended,), "x"), ((), "x → x over"), ((begun, ended), None)):
        queue = queue_of(lasting("x"), over("x"))
        first = queue.take(0)
        assert first.news.claims == (begun, ended)
        waiting = queue.leave_out(heard)
        assert (waiting.news.text if waiting else None) == left
        assert (waiting == first) is (not heard)
        assert queue.undelivered() == ([left] if left else [])


def test_other_cameras_that_were_told_elsewhere_are_left_out() -> None:
    """Each alone; the others are still told, as what they are about."""
    lost_a, back_c = telling("camera", Stage.LASTS, "a"), telling("camera", Stage.OVER, "c")
    for heard, left in (
        ((lost_a,), "CamerasLost b\nCamerasBack c"),
        ((back_c,), "CamerasLost ab"),
        ((lost_a, telling("camera", Stage.LASTS, "b")), "CamerasBack c"),
    ):
        queue = queue_of(others(lost="ab", back="c"))
        told = queue.take(0).news.about
        waiting = queue.leave_out(heard)
        assert waiting
        assert waiting.news.text == left
        assert waiting.news.about == tuple(one for one in told if one not in heard)
    queue = queue_of(others(back="c"))
    queue.take(0)
    assert queue.leave_out((back_c,)) is None


def test_what_nobody_else_can_tell_stays() -> None:
    """A line and rejected files are of this PC alone; each rings."""
    for news in (Line("a"), rejected("a", "b")):
        queue = queue_of(news)
        first = queue.take(0)
        assert not news.lasts
        assert not news.silent
        assert not news.claims
        assert queue.leave_out((telling("x", Stage.LASTS),)) == first


def test_states_ring_and_tell_all_that_they_are_about() -> None:
    """Also what a half tells beside its own; nothing but its own is asked of other PCs."""
    own, also = telling("x", Stage.LASTS), telling("y", Stage.LASTS)
    state = State("x", begun=Part("x and y", own, (also,)))
    both = state.after(lasting("x")), over("x").after(state)
    assert [one.about for one in both] == [(own, also), (own, also, telling("x", Stage.OVER))]
    assert [one.claims for one in both] == [(own,), (own, telling("x", Stage.OVER))]
    assert not any(one.silent for one in (*both, others(lost="a")))


def test_rejected_files_tell_all_that_they_are_about() -> None:
    """Also that of the files that waited before them, in that order."""
    first, second = telling("rejected", Stage.ONCE, "a"), telling("rejected", Stage.ONCE, "b")
    queue = queue_of(replace(rejected("a"), about=(first,)), replace(rejected("b"), about=(second,)))
    assert queue.take(0).news.about == (first, second)


def test_news_that_another_pc_may_tell_wait_for_it() -> None:
    """Until they are due nobody takes them; they are not undelivered, since another PC has them."""
    queue = queue_of(lasting("x"), Line("a"))
    queue.take(0)
    queue.give_back(30.0)
    assert queue.seconds_left(0) == 0
    assert queue.undelivered() == ["a"]
    assert taken(queue) == ["a"]
    assert queue.seconds_left(10) == 20
    assert queue.seconds_left(31) == 0
    assert queue.take(30).news.text == "x"
    queue.give_back(40.0)
    queue.put(lasting("x", "new"))
    assert queue.seconds_left(31) == 0, "what is new is asked for at once"
    assert taken(queue) == ["new"]
