"""What `--check` says of Telegram, with a stand-in for Telethon's client; and whose the session is."""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from telethon import errors, types

from tests.telethon_stand_in import FakeClient, group, supergroup
from tests.test_check import beat
from tests.venue import PROJECT, Venue
from visitorsflow.check import outside
from visitorsflow.check.lines import Line, Mark, Place
from visitorsflow.check.outside import look_at_telegram
from visitorsflow.telegram import account, sign_in
from visitorsflow.words import Words

GUARD = types.User(777, access_hash=70, first_name="Guard", username="staff")


@pytest.fixture
def venue(sqlite_venue: Venue, telegram: type[FakeClient], monkeypatch: pytest.MonkeyPatch) -> Venue:
    """A venue that is signed in to Telegram, as far as it knows."""
    impatient = partial(account.Account, delivery_seconds=3)
    monkeypatch.setattr(account, "Account", impatient)
    telegram.usernames["@staff"] = GUARD
    telegram.chats += [group(555, "展場警報"), GUARD]
    (sqlite_venue.home / "visitorsflow.session").touch()
    return sqlite_venue


def lines(venue: Venue, to: str = "@staff") -> list[Line]:
    venue.configure(api_id=1, api_hash="hash", phone_number="+1", telegram_to=to)
    return list(
        look_at_telegram(Place(venue.home / "config.py", venue.settings(), venue.folder, Words("en")))
    )


def said(venue: Venue, to: str = "@staff") -> list[tuple[Mark, str]]:
    words = Words("en")
    return [(line.mark, line.found(words)) for line in lines(venue, to)]


def test_all_well(venue: Venue) -> None:
    """Who sends, and who gets it."""
    assert said(venue) == [
        (Mark.WELL, "signed in as @lab_account"),
        (Mark.WELL, "alerts go to 777  Guard (person)"),
        (Mark.NOTE, "the phones of the others there ring, those of this account itself do not"),
    ]


def test_a_recipient_that_is_the_account_itself(venue: Venue) -> None:
    """A group is better, and the chats that the account knows stand there with their numbers."""
    *_, better, known = lines(venue, "me")
    words = Words("en")
    assert (better.mark, better.key) == (Mark.NOTE, "check telegram reminder")
    assert "a group is better" in better.advice(words)
    assert known.advice(words).splitlines() == [
        'telegram_to = "-555"  # 展場警報 (group)',
        'telegram_to = "777"  # Guard (person)',
    ]


def looked_at_bot(venue: Venue, to: str) -> list[Line]:
    venue.configure(api_id=1, api_hash="hash", bot_token=FakeClient.token, telegram_to=to)
    return list(
        look_at_telegram(Place(venue.home / "config.py", venue.settings(), venue.folder, Words("en")))
    )


def bot_lines(venue: Venue, to: str) -> list[str]:
    return [line.key.removeprefix("check telegram ") for line in looked_at_bot(venue, to)]


def test_a_bot(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """It signs in by itself; where it has no recipient, the chats in which somebody writes are shown."""
    monkeypatch.setattr("visitorsflow.check.outside.HEAR_SECONDS", 0.1)
    assert bot_lines(venue, "-555") == ["signed in", "recipient"]
    assert bot_lines(venue, "me") == ["signed in", "recipient of bot", "wait", "nobody"]
    FakeClient.heard.append(GUARD)
    assert bot_lines(venue, "me") == ["signed in", "recipient of bot", "wait", "chats"]


def test_nobody_has_set_the_recipient_yet(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no fault but the next step, and the number that is found is a line to paste."""
    monkeypatch.setattr("visitorsflow.check.outside.HEAR_SECONDS", 0.1)
    FakeClient.heard.append(group(555, "展場警報"))
    venue.configure(api_id=1, api_hash="hash", bot_token=FakeClient.token)
    _, unset, _, found = look_at_telegram(
        Place(venue.home / "config.py", venue.settings(), venue.folder, Words("en"))
    )
    assert (unset.mark, unset.key) == (Mark.NOTE, "check telegram to nobody yet")
    assert "make a group, add the bot" in unset.advice(Words("en"))
    assert found.advice(Words("en")) == 'telegram_to = "-555"  # 展場警報 (group)'


def test_a_minus_is_missing(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group with that number is found, and its line can be pasted."""
    monkeypatch.setattr("visitorsflow.check.outside.HEAR_SECONDS", 0.1)
    FakeClient.chats.append(supergroup(1234567, "場館群組"))
    for wrong, right in (("555", "-555"), ("1000001234567", "-1000001234567")):
        _, minus = looked_at_bot(venue, wrong)  # and nobody has to write anything
        assert (minus.mark, minus.key) == (Mark.WRONG, "check telegram minus")
        assert f'telegram_to = "{right}"' in minus.advice(Words("en"))
    assert bot_lines(venue, "999")[1] == "recipient of bot"


def test_the_wait_ends_soon_after_a_message(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sits there for twenty seconds who has written already."""
    monkeypatch.setattr("visitorsflow.telegram.recipients.SOON_SECONDS", 0.1)
    FakeClient.heard.append(GUARD)
    began = time.monotonic()
    assert bot_lines(venue, "me")[-1] == "chats"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("to", "words"),
    [("-555", "every phone there should have rung"), ("me", None)],
)
def test_a_test_message(venue: Venue, monkeypatch: pytest.MonkeyPatch, to: str, words: str | None) -> None:
    """It is sent when somebody wants it, and says what must have rung."""
    monkeypatch.setattr("visitorsflow.check.outside.HEAR_SECONDS", 0.1)
    asked: list[str] = []

    def yes(recipient: str) -> bool:
        asked.append(recipient)
        return True

    venue.configure(
        api_id=1, api_hash="hash", bot_token=FakeClient.token, telegram_to=to, camera="東門", venue="花博"
    )
    place = Place(venue.home / "config.py", venue.settings(), venue.folder, Words("zh-TW"), yes)
    lines = list(look_at_telegram(place))
    if words is None:
        assert (asked, FakeClient.sent()) == ([], [])
        return
    assert asked == ["展場警報 (群組)"]
    [sent] = FakeClient.sent()
    assert sent.message.startswith("ℹ️ 測試訊息：花博 東門 的通知會送到這裡 [")
    assert lines[-1].mark is Mark.WELL
    assert words in lines[-1].found(Words("en"))


def test_a_test_message_by_an_account(venue: Venue) -> None:
    """It rings at the others'; to oneself it is a reminder."""
    for to, words in (("@staff", "the phones of the others"), ("me", "comes as a reminder in 15 s")):
        venue.configure(api_id=1, api_hash="hash", phone_number="+1", telegram_to=to)
        place = Place(
            venue.home / "config.py", venue.settings(), venue.folder, Words("en"), lambda _recipient: True
        )
        assert any(words in line.found(Words("en")) for line in look_at_telegram(place))


@pytest.mark.parametrize(("name", "command"), [("gate_bot", "/start@gate_bot"), (None, "/start")])
def test_what_to_write_in_a_group(
    venue: Venue, monkeypatch: pytest.MonkeyPatch, name: str | None, command: str
) -> None:
    """A command for this bot: a plain text in a group does not reach a bot that was set up as usual."""
    monkeypatch.setattr("visitorsflow.check.outside.HEAR_SECONDS", 0.1)
    monkeypatch.setattr(FakeClient, "own", types.User(42, first_name="Gate", username=name))
    _, _, wait, _ = looked_at_bot(venue, "me")
    assert f"write {command} in the group" in wait.found(Words("en"))
    assert f"群組裡輸入 {command}，" in wait.found(Words("zh-TW"))


def test_not_signed_in(venue: Venue) -> None:
    """There is no session: nothing is asked of Telegram."""
    (venue.home / "visitorsflow.session").unlink()
    assert said(venue) == [(Mark.WRONG, "not signed in")]
    assert FakeClient.made == []


def test_an_unknown_recipient(venue: Venue) -> None:
    """The text names it; the chats that the account knows follow."""
    _, (mark, text), (known, _) = said(venue, "@nobody")
    assert known is Mark.NOTE
    assert (mark, "Telegram knows no '@nobody'" in text) == (Mark.WRONG, True)


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        (errors.AuthKeyUnregisteredError(None), "check telegram refused"),
        (ConnectionError("no route"), "check telegram away"),
        ("silence", "check telegram away"),
    ],
)
def test_signed_out_or_away(venue: Venue, trouble: Any, key: str) -> None:
    """Told apart, since one needs a person."""
    FakeClient.at_connect.append(trouble)
    [line] = lines(venue)
    assert (line.mark, line.key) == (Mark.WRONG, key)


def hold(session: Path) -> "subprocess.Popen[str]":
    """Another process that uses the session."""
    code = (
        "import pathlib; from visitorsflow.telegram import sign_in\n"
        f"sign_in.hold(pathlib.Path({str(session)!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}; print('held', flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_session_that_an_uploader_uses(venue: Venue) -> None:
    """It is not opened; what that uploader says of itself is said, until it has died, however it died."""
    process = hold(venue.home / "visitorsflow.session")
    try:
        assert [line.key for line in lines(venue)] == ["check telegram used"]
        beat(venue, "17", host=outside.HOST, can_tell=True)
        assert said(venue) == [(Mark.WELL, "uploadData.py is using it, and its alerts arrive")]
        beat(venue, "17", host=outside.HOST, trouble="telegram: not signed in")
        [(mark, text)] = said(venue)
        assert (mark, text.endswith("do not go out: not signed in")) == (Mark.WRONG, True)
        beat(venue, "17", host="another-pc", can_tell=True)
        assert [line.key for line in lines(venue)] == ["check telegram used"]
        assert FakeClient.made == []
    finally:
        process.kill()
        process.communicate()
    assert len(lines(venue)) == 3


def test_asking_makes_no_file(tmp_path: Path) -> None:
    """Nor does holding fail where it can't be done."""
    assert not sign_in.is_held(tmp_path / "visitorsflow.session")
    assert list(tmp_path.iterdir()) == []
    sign_in.hold(tmp_path / "missing" / "visitorsflow.session")
