"""The outbox: messages that arrive, that must wait, and that never will arrive."""

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import pytest

from tests.tellings import lasting, over
from tests.venue import wait_until
from visitorsflow.alerts.alerts import Alerts
from visitorsflow.alerts.news import Line
from visitorsflow.alerts.outbox import USUAL, Outbox, Pace
from visitorsflow.errors import ChannelAway, ChannelBlocked, MessageRefused, VisitorsFlowError
from visitorsflow.events import (
    Began,
    DayClosed,
    Delivered,
    Ended,
    Event,
    Events,
    Lasts,
    Listener,
    Rejected,
    Telling,
)
from visitorsflow.facts import Message, Status
from visitorsflow.reasons import quoted
from visitorsflow.rules.telling import Answer
from visitorsflow.subjects import DATABASE, SILENCE, TELEGRAM
from visitorsflow.words import Words

DAY = date(2018, 11, 3)
HURRIED = Pace(status=0, longest=0.01, blocked=0.01)  # all waits that nobody asked for are short


class Try(NamedTuple):
    message: Message
    at: float


class Shown(NamedTuple):
    status: Status
    at: float


class Postman:
    """A channel: does what it is asked to, or raises what the test has put before it, one error a try."""

    name = "Telegram"
    is_of_many = True

    def __init__(
        self,
        *errors: Exception,
        at_check: Sequence[Exception | None] = (),
        at_show: Sequence[Exception] = (),
        at_picture: Sequence[Exception] = (),
    ) -> None:
        self.at_picture = list(at_picture)
        self.errors, self.at_check, self.at_show = list(errors), list(at_check), list(at_show)
        self.tries: list[Try] = []
        self.arrived: list[str] = []
        self.checks: list[float] = []
        self.shown: list[Shown] = []
        self.asked, self.release = threading.Event(), threading.Event()
        self.release.set()

    def deliver(self, message: Message) -> None:
        self.asked.set()
        self.release.wait(20)
        self.tries.append(Try(message, time.monotonic()))
        if message.picture is not None and self.at_picture:
            raise self.at_picture.pop(0)
        if self.errors:
            raise self.errors.pop(0)
        self.arrived.append(message.text)

    def check(self) -> None:
        self.checks.append(time.monotonic())
        if self.at_check and (error := self.at_check.pop(0)):
            raise error

    def show(self, status: Status) -> None:
        self.shown.append(Shown(status, time.monotonic()))
        if self.at_show:
            raise self.at_show.pop(0)

    def tried(self) -> list[str]:
        return [made.message.text for made in self.tries]

    def waits(self) -> list[float]:
        return [after.at - before.at for before, after in zip(self.tries, self.tries[1:], strict=False)]

    def tried_to_show(self) -> list[str]:
        return [shown.status.text for shown in self.shown]


def outbox_of(postman: Postman, pace: Pace = USUAL, *listeners: Listener) -> Outbox:
    events = Events()
    events.subscribe(*listeners)
    outbox = Outbox(postman, events.tell, pace)
    outbox.start()
    return outbox


def test_messages_arrive_in_order_after_failures() -> None:
    """Tried again until it arrives, always with the same random_id; the ones behind it wait."""
    postman = Postman(*[ChannelAway("away")] * 5)
    outbox = outbox_of(postman, HURRIED)
    for text in "abc":
        outbox.put(text)
    wait_until(lambda: postman.arrived == ["a", "b", "c"])
    assert postman.tried() == ["a"] * 6 + ["b", "c"]
    assert len({made.message.random_id for made in postman.tries}) == 3
    outbox.close(5)


def test_a_refused_message_does_not_hold_the_next(caplog: pytest.LogCaptureFixture) -> None:
    """It is tried once, and the log keeps its text and the reason; the next one goes on at once."""
    postman = Postman(MessageRefused("too long"))
    outbox = outbox_of(postman)
    for text in "ab":
        outbox.put(text)
    outbox.close(20)
    assert postman.tried() == ["a", "b"]
    assert postman.arrived == ["b"]
    assert caplog.messages == ["not delivered to Telegram: a (too long)"]
    assert caplog.records[0].levelname == "WARNING"


def test_when_every_message_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Each stands in the log with its text."""
    postman = Postman(*[MessageRefused("unknown")] * 3)
    outbox = outbox_of(postman)
    for text in "abc":
        outbox.put(text)
    outbox.close(20)
    assert caplog.messages == [f"not delivered to Telegram: {text} (unknown)" for text in "abc"]


def test_a_message_may_wait_first_and_be_refused_then(caplog: pytest.LogCaptureFixture) -> None:
    """The waiting is over with it."""
    postman = Postman(ChannelAway("away"), MessageRefused("too long"), ChannelAway("away"))
    outbox = outbox_of(postman, HURRIED)
    for text in "ab":
        outbox.put(text)
    wait_until(lambda: postman.arrived == ["b"])
    assert postman.tried() == ["a", "a", "b", "b"]
    assert caplog.messages == [
        "alerts wait: away",
        "not delivered to Telegram: a (too long)",
        "alerts wait: away",
    ]
    outbox.close(5)


def test_what_telegram_asks_for_is_waited_for() -> None:
    """No further try before a flood wait is over, also when more messages come."""
    postman = Postman(ChannelAway("flood", retry_after=0.5))
    outbox = outbox_of(postman, HURRIED)
    outbox.put("a")
    wait_until(lambda: postman.tries)
    outbox.put("b")
    wait_until(lambda: postman.arrived == ["a", "b"])
    assert postman.tried() == ["a", "a", "b"]
    assert postman.waits()[0] >= 0.5
    outbox.close(5)


def test_the_waits_grow() -> None:
    """A second first, then twice as long; after a success a second again."""
    away = ChannelAway("away")
    postman = Postman(away, away)
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: postman.arrived == ["a"])
    postman.errors.append(away)
    outbox.put("b")
    wait_until(lambda: postman.arrived == ["a", "b"])
    first, second, _, again = postman.waits()
    assert first >= 1
    assert second >= 2
    assert 1 <= again < 2
    outbox.close(5)


def test_a_person_is_waited_for() -> None:
    """Signed out, or the recipient wrong: the messages wait for minutes, none is lost."""
    postman = Postman(ChannelBlocked("not signed in"))
    outbox = outbox_of(postman, HURRIED._replace(blocked=0.5))
    for text in "ab":
        outbox.put(text)
    wait_until(lambda: postman.arrived == ["a", "b"])
    assert postman.waits()[0] >= 0.5
    outbox.close(5)


def test_the_first_message_waits_for_what_the_check_was_told() -> None:
    """A flood wait that comes at the start holds for the first message too."""
    postman = Postman(at_check=[ChannelAway("flood", retry_after=0.5)])
    outbox = Outbox(postman, Events().tell, HURRIED)
    outbox.put("a")
    outbox.start()
    wait_until(lambda: postman.arrived == ["a"])
    assert postman.tries[0].at - postman.checks[0] >= 0.5
    outbox.close(5)


def test_putting_never_waits(caplog: pytest.LogCaptureFixture) -> None:
    """However long a delivery hangs, and it is said at the end what was not delivered."""
    postman = Postman()
    postman.release.clear()
    outbox = outbox_of(postman)
    for number in range(100):
        outbox.put(str(number))
    outbox.close(0.05)
    assert caplog.messages == [f"not delivered to Telegram: {number}" for number in range(100)]
    postman.release.set()


def test_a_trouble_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Not once a try; and when it is over, that is said too."""
    caplog.set_level("INFO")
    postman = Postman(*[ChannelBlocked("not signed in")] * 3, *[ChannelAway("away")] * 3, ValueError("bug"))
    outbox = outbox_of(postman, HURRIED)
    for text in "ab":
        outbox.put(text)
    outbox.close(20)
    assert postman.arrived == ["a", "b"]
    assert caplog.messages == [
        "alerts wait: not signed in",
        "alerts wait: away",
        "delivering an alert failed",
        "alerts wait: bug",
        "Telegram works again",
    ]


def test_the_sign_in_is_checked_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """A machine that is signed out is known at once, not at the first alert."""
    outbox_of(Postman(at_check=[ChannelBlocked("signed out")]))
    wait_until(lambda: caplog.messages == ["alerts wait: signed out"])


def test_closing_delivers_what_waits() -> None:
    """With --once an alert of the last moment still goes out."""
    postman = Postman()
    outbox = outbox_of(postman)
    for number in range(10):
        outbox.put(str(number))
    outbox.close(10)
    assert postman.arrived == [str(number) for number in range(10)]


def test_closing_makes_a_last_try() -> None:
    """Telegram may be back by now: the end does not wait until the next try is due."""
    postman = Postman(*[ChannelAway("away")] * 3)
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: len(postman.tries) == 3)
    outbox.close(2)
    assert postman.arrived == ["a"]
    assert postman.waits()[2] < 2, "the next try was due after 4 s"


def test_closing_makes_one_last_try(caplog: pytest.LogCaptureFixture) -> None:
    """When it fails too, no more tries are made than otherwise."""
    postman = Postman(*[ChannelAway("away")] * 100)
    outbox = outbox_of(postman)
    outbox.put("a")
    wait_until(lambda: len(postman.tries) == 2)
    outbox.close(0.5)
    assert len(postman.tries) <= 3
    assert caplog.messages == ["alerts wait: away", "not delivered to Telegram: a"]


@pytest.mark.parametrize("error", [ChannelAway("flood", retry_after=600), ChannelBlocked("signed out")])
def test_closing_does_not_cut_short_what_was_asked_for(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """A try before the end of a flood wait, or before a person has acted, would be of no use."""
    postman = Postman(error)
    outbox = outbox_of(postman, HURRIED._replace(blocked=600))
    outbox.put("a")
    wait_until(lambda: postman.tries)
    outbox.close(0.5)
    assert postman.tried() == ["a"]
    assert caplog.messages == [f"alerts wait: {error}", "not delivered to Telegram: a"]


def test_a_picture_goes_the_way_of_a_text() -> None:
    """Once, after the texts that wait."""
    postman = Postman()
    postman.release.clear()
    outbox = outbox_of(postman)
    outbox.put("before")
    assert postman.asked.wait(20)
    outbox.put_picture(b"png", "caption")
    outbox.put("after")
    postman.release.set()
    outbox.close(10)
    assert [(made.message.text, made.message.picture) for made in postman.tries] == [
        ("before", None),
        ("after", None),
        ("caption", b"png"),
    ]
    assert len({made.message.random_id for made in postman.tries}) == 3


def test_a_picture_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """It is dropped, its caption stands in the log, the next one goes on."""
    postman = Postman(MessageRefused("no image"))
    outbox = outbox_of(postman)
    outbox.put_picture(b"png", "refused")
    outbox.put_picture(b"png", "after")
    outbox.close(10)
    assert postman.arrived == ["after"]
    assert caplog.messages == ["not delivered to Telegram: refused (no image)"]


def test_it_is_told_that_it_arrived() -> None:
    """Once, after the delivery and not before; never for one that is refused."""
    postman = Postman(ChannelAway("away"), MessageRefused("too long"))
    heard: list[tuple[Event, int]] = []
    outbox = outbox_of(postman, HURRIED, lambda event: heard.append((event, len(postman.arrived))))
    of = {text: DayClosed(date(2018, 11, day)) for day, text in enumerate("abc", 1)}
    postman.release.clear()
    for text in "ab":
        outbox.put(Line(text, (of[text],)))
    outbox.put_picture(b"png", "c", of["c"])
    outbox.put("d")
    postman.release.set()
    outbox.close(10)
    assert postman.tried() == ["a", "a", "b", "d", "c"]
    delivered = [(event, arrived) for event, arrived in heard if isinstance(event, Delivered)]
    assert delivered == [(Delivered(of["b"]), 1), (Delivered(of["c"]), 3)]


def test_what_follows_a_delivery_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    """The message has arrived: it is not delivered again."""
    postman = Postman()

    def fail(_event: Event) -> None:
        raise ValueError("bug")

    outbox = outbox_of(postman, USUAL, fail)
    outbox.put(Line("a", (DayClosed(DAY),)))
    outbox.put("b")
    outbox.close(10)
    assert postman.tried() == ["a", "b"]
    assert caplog.messages == [f"a listener failed at {Delivered(DayClosed(DAY))}"]


class Broken:
    """A register with a defect."""

    def claim(self, *tellings: Telling) -> dict[Telling, Answer]:
        raise TypeError("no time")

    def give_up(self, *tellings: Telling) -> None:
        raise TypeError("no time")


def test_nobody_can_say_what_was_told(caplog: pytest.LogCaptureFixture) -> None:
    """Told twice is better than never: an outbox that has died would be a silent one."""
    postman = Postman(ChannelAway("away"))
    outbox = Outbox(postman, Events().tell, HURRIED, Broken())
    outbox.start()
    for subject in ("disk", "files"):
        outbox.put(lasting(subject))
    wait_until(lambda: sorted(postman.arrived) == ["disk", "files"])
    outbox.close(20)
    assert "no time" in caplog.text


def test_the_newest_status_is_shown() -> None:
    """Those that came while alerts waited are never shown."""
    postman = Postman()
    outbox = outbox_of(postman)
    wait_until(lambda: outbox.can_tell)
    postman.release.clear()
    outbox.put("alert")
    for text in ("10:00", "10:01", "10:02"):
        outbox.show_status(DAY, text)
    postman.release.set()
    wait_until(lambda: postman.shown)
    assert [shown.status for shown in postman.shown] == [Status(DAY, "10:02")]
    assert postman.arrived == ["alert"]
    outbox.close(5)


def test_edits_wait_while_alerts_wait() -> None:
    """Also while these wait for their next try."""
    postman = Postman(*[ChannelAway("away", retry_after=0.1)] * 3)
    outbox = outbox_of(postman, HURRIED)
    outbox.put("alert")
    outbox.show_status(DAY, "text")
    wait_until(lambda: postman.shown)
    assert postman.arrived == ["alert"]
    outbox.close(5)


def test_a_flood_wait_on_an_edit_holds_edits_only(caplog: pytest.LogCaptureFixture) -> None:
    """Alerts go on, no check is needed, and after the wait the newest text is shown."""
    postman = Postman(at_show=[ChannelAway("asks to wait", retry_after=2)])
    outbox = outbox_of(postman)
    outbox.show_status(DAY, "one")
    wait_until(lambda: postman.shown)
    outbox.show_status(DAY, "two")
    outbox.show_status(DAY, "three")
    outbox.put("alert")
    wait_until(lambda: postman.arrived)
    assert postman.tried_to_show() == ["one"]
    assert outbox.can_tell
    wait_until(lambda: len(postman.shown) == 2)
    assert postman.tried_to_show() == ["one", "three"]
    assert len(postman.checks) == 1
    assert caplog.messages == ["the status message is not up to date: asks to wait"]
    outbox.close(5)


def test_what_has_to_be_seen_does_not_wait_for_its_minute() -> None:
    """The database is away: the message must not go on saying that all is well."""
    postman = Postman()
    outbox = outbox_of(postman)
    outbox.show_status(DAY, "well")
    wait_until(lambda: postman.shown)
    outbox.show_status(DAY, "away", at_once=True)
    wait_until(lambda: postman.tried_to_show() == ["well", "away"])
    outbox.close(5)


def test_a_status_that_is_dropped_is_not_shown() -> None:
    """Another PC shows it meanwhile; the next one is shown again, also one that was shown here before."""
    postman = Postman()
    outbox = outbox_of(postman, Pace(status=0.3))
    outbox.show_status(DAY, "one")
    wait_until(lambda: postman.shown)
    outbox.show_status(DAY, "two")
    outbox.drop_status()
    time.sleep(0.5)  # "two" would be shown after 0.3 s
    assert postman.tried_to_show() == ["one"]
    outbox.show_status(DAY, "one")
    wait_until(lambda: len(postman.shown) == 2)
    assert postman.tried_to_show() == ["one", "one"]
    outbox.close(5)


def test_the_status_is_shown_once_a_minute() -> None:
    """However often it is read; and what was read last is what is shown."""
    assert USUAL.status == 60
    postman = Postman()
    outbox = outbox_of(postman, Pace(status=1))
    outbox.show_status(DAY, "0")
    wait_until(lambda: postman.shown)
    for number in range(1, 100):
        outbox.show_status(DAY, str(number))
    wait_until(lambda: len(postman.shown) == 2)
    assert postman.tried_to_show() == ["0", "99"]
    assert postman.shown[1].at - postman.shown[0].at >= 1
    outbox.close(5)


def test_a_status_that_has_not_changed_is_not_shown_again() -> None:
    """Another text, or another day, is."""
    postman = Postman()
    outbox = outbox_of(postman, HURRIED)
    for day, text in ((DAY, "a"), (DAY, "a"), (DAY, "b"), (DAY, "b"), (date(2018, 11, 4), "b")):
        outbox.show_status(day, text)
        status = Status(day, text)
        wait_until(lambda status=status: postman.shown and postman.shown[-1].status == status)  # type: ignore[misc]
    assert postman.tried_to_show() == ["a", "b", "b"]
    outbox.close(5)


def test_an_edit_that_is_refused_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    """Each reason is said once until it works; alerts are not concerned."""
    postman = Postman(at_show=[MessageRefused("closed"), MessageRefused("closed"), ValueError("bug")])
    outbox = outbox_of(postman, HURRIED)
    for number in range(5):
        outbox.show_status(DAY, str(number))
        wait_until(lambda number=number: len(postman.shown) == number + 1)  # type: ignore[misc]
    assert outbox.can_tell
    assert caplog.messages == [
        "the status message is not up to date: closed",
        "the status message is not up to date: a defect",
        "the status message is not up to date: bug",
    ]
    outbox.close(5)


@pytest.mark.parametrize("error", [ChannelAway("away"), ChannelBlocked("signed out")])
def test_an_edit_that_fails_is_a_reason_to_look(error: VisitorsFlowError) -> None:
    """The alerts would fail too: that is known at once, and so is that it works again."""
    told: list[Event] = []
    postman = Postman(at_check=[None, error, error], at_show=[error])
    outbox = outbox_of(postman, HURRIED, told.append)
    outbox.show_status(DAY, "text")
    wait_until(lambda: len(told) == 2)
    assert told[0] == Began(TELEGRAM, error.reason)
    assert isinstance(told[1], Ended)
    assert outbox.can_tell
    assert postman.tried_to_show() == ["text"]
    outbox.close(5)


def test_closing_waits_for_no_edit() -> None:
    """Nobody needs it when the program ends."""
    postman = Postman(at_show=[ChannelAway("asks to wait", retry_after=600)])
    outbox = outbox_of(postman)
    outbox.show_status(DAY, "one")
    wait_until(lambda: postman.shown)
    outbox.show_status(DAY, "two")
    began = time.monotonic()
    outbox.close(20)
    assert time.monotonic() - began < 10
    assert postman.tried_to_show() == ["one"]


def test_it_can_tell_when_the_last_try_has_worked() -> None:
    """Not before the first check; not while messages wait; again after a delivery."""
    told: list[Event] = []
    postman = Postman(ChannelAway("away"), ChannelAway("away"), ChannelAway("flood", retry_after=0.5))
    events = Events()
    events.subscribe(told.append)
    outbox = Outbox(postman, events.tell, HURRIED)
    assert not outbox.can_tell
    outbox.start()
    wait_until(lambda: outbox.can_tell)
    assert told == []
    outbox.put("a")
    wait_until(lambda: len(told) == 2)
    assert not outbox.can_tell
    wait_until(lambda: postman.arrived)
    wait_until(lambda: outbox.can_tell)
    wait_until(lambda: len(told) == 3)
    assert told[:2] == [Began(TELEGRAM, quoted("away")), Began(TELEGRAM, quoted("flood"))]
    assert isinstance(told[2], Ended)
    assert (told[2].what, told[2].told, told[2].seconds >= 0.5) == (TELEGRAM, False, True)
    outbox.close(5)


def test_a_check_that_fails_is_made_again() -> None:
    """Before it has something to say, this PC knows if it can."""
    postman = Postman(at_check=[ChannelAway("away"), ChannelBlocked("signed out"), None])
    outbox = outbox_of(postman, HURRIED)
    wait_until(lambda: outbox.can_tell)
    assert len(postman.checks) == 3
    outbox.close(5)


def test_after_an_outage_the_alert_of_now_does_not_wait() -> None:
    """One message a subject: what lasts first, then a line for each that is over."""
    postman = Postman(*[ChannelAway("away", retry_after=1)] * 2)
    outbox = outbox_of(postman)
    minutes = iter(range(60))
    alerts = Alerts(outbox, Words("en"), lambda: datetime(2018, 11, 3, 10, next(minutes)), lambda: 0.0)
    alerts(Lasts(DATABASE, quoted("gone"), 30))
    wait_until(lambda: postman.tries)
    alerts(Ended(DATABASE, 45, told=True, caught_up=1))
    for number in range(8):
        alerts(Lasts(DATABASE, quoted("gone"), 30))
        alerts(Ended(DATABASE, 45, told=True, caught_up=number))
        alerts(Rejected(f"{number}.json", quoted("is empty")))
        alerts.say_what_was_rejected()
    alerts(Lasts(SILENCE, None, 60))
    wait_until(lambda: len(postman.arrived) == 3)
    silence, database, rejected = postman.arrived
    assert silence.startswith("No file has come for 1 minute")
    assert database == (
        "🔴 The database can't be reached; files waiting: 0 [2018-11-03 10:23:00] "
        "→ 🟢 The database is back; files stored since: 7 [2018-11-03 10:24:00]"
    )
    assert "(8): 0.json (is empty), 1.json (is empty), 2.json" in rejected
    outbox.close(5)


def test_a_message_that_arrives_is_not_said_again() -> None:
    """The end of a trouble comes while its beginning is being delivered: two messages, each once."""
    postman = Postman()
    outbox = outbox_of(postman)
    wait_until(lambda: outbox.can_tell)
    postman.release.clear()
    outbox.put(lasting("silence", "silent"))
    assert postman.asked.wait(10)
    outbox.put(over("silence", "over"))
    postman.release.set()
    outbox.close(10)
    assert postman.arrived == ["silent", "over"]


@pytest.mark.parametrize(
    "error",
    [ChannelAway("flood", retry_after=600), ChannelAway("silent"), ChannelBlocked("no pictures here")],
)
def test_a_picture_that_waits_holds_no_text(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """However long it must wait; Telegram works meanwhile, and its reason is said once."""
    postman = Postman(at_picture=[error] * 50)
    outbox = outbox_of(postman)
    outbox.put_picture(b"png", "caption")
    wait_until(lambda: postman.tries)
    wait_until(lambda: outbox.can_tell)
    outbox.put("alert")
    wait_until(lambda: postman.arrived == ["alert"], seconds=2)
    outbox.close(5)
    assert caplog.messages == [f"a picture waits: {error}", "not delivered to Telegram: caption"]


def test_a_picture_arrives_after_its_wait() -> None:
    """Sent again as the same message, so that it is shown once."""
    postman = Postman(
        at_picture=[ChannelAway("away"), ChannelAway("flood", retry_after=0.5), ValueError("bug")]
    )
    told: list[Event] = []
    outbox = outbox_of(postman, HURRIED._replace(picture=0.01), told.append)
    outbox.put_picture(b"png", "caption", DayClosed(DAY))
    wait_until(lambda: postman.arrived == ["caption"])
    assert len(postman.tries) == 4
    assert len({made.message.random_id for made in postman.tries}) == 1
    wait_until(lambda: told == [Delivered(DayClosed(DAY))])
    outbox.close(5)


def test_it_asks_once_an_hour_if_an_alert_can_go() -> None:
    """Whoever is kicked out of the group knows it before the next alert is needed."""
    assert USUAL.check == 3600
    told: list[Event] = []
    postman = Postman(at_check=[None, None, ChannelBlocked("kicked")])
    outbox = outbox_of(postman, HURRIED._replace(check=0.3), told.append)
    wait_until(lambda: told)
    assert told[0] == Began(TELEGRAM, quoted("kicked"))
    assert postman.checks[2] - postman.checks[1] >= 0.3
    wait_until(lambda: outbox.can_tell)
    outbox.close(5)


def test_a_delivery_is_as_good_as_asking() -> None:
    """The hour begins anew with each."""
    postman = Postman()
    outbox = outbox_of(postman, USUAL._replace(check=1))
    wait_until(lambda: postman.checks)
    for _ in range(15):
        outbox.put("alert")
        time.sleep(0.1)
    wait_until(lambda: len(postman.arrived) == 15)
    assert len(postman.checks) == 1
    wait_until(lambda: len(postman.checks) == 2)
    outbox.close(5)


def test_after_a_dropped_message_it_asks_at_once() -> None:
    """It may have been refused for a reason that all others will meet."""
    postman = Postman(MessageRefused("closed"), at_check=[None, ChannelBlocked("closed")])
    outbox = outbox_of(postman)
    outbox.put("alert")
    wait_until(lambda: len(postman.checks) == 2)
    wait_until(lambda: not outbox.can_tell)
    outbox.close(5)


def test_a_delivery_that_hangs_can_not_tell() -> None:
    """It may never end; once it has, all is well."""
    assert USUAL.slow == 5
    postman = Postman()
    outbox = outbox_of(postman, USUAL._replace(slow=0.3))
    wait_until(lambda: outbox.can_tell)
    postman.release.clear()
    outbox.put("alert")
    wait_until(lambda: not outbox.can_tell)
    postman.release.set()
    wait_until(lambda: outbox.can_tell)
    outbox.close(5)
