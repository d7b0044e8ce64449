"""What `--check` says of Telegram, with a stand-in for Telethon's client; and whose the session is."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from telethon import errors

from tests.telethon_stand_in import FakeClient, group
from tests.test_check import beat
from tests.venue import PROJECT, Venue
from visitorsflow.alerts import in_use
from visitorsflow.check import cameras
from visitorsflow.check.lines import Line, Mark, Place
from visitorsflow.check.telegram import look
from visitorsflow.words import Words

USER: dict[str, object] = {"phone_number": "+886"}
BOT: dict[str, object] = {"bot_token": FakeClient.token}


@pytest.fixture
def venue(sqlite_venue: Venue, telegram: object, monkeypatch: pytest.MonkeyPatch) -> Venue:
    """A venue whose user account is signed in, and is in a group with @staff."""
    monkeypatch.setattr("visitorsflow.check.telegram.HEAR_SECONDS", 0.05)
    FakeClient.chats += [group(555, "展場警報"), FakeClient.usernames["@staff"]]
    (sqlite_venue.home / "visitorsflow.session").touch()
    return sqlite_venue


def lines(venue: Venue, to: str = "@staff", account: dict[str, object] = USER) -> list[Line]:
    venue.configure(api_id=1, api_hash="hash", telegram_to=to, **account)
    return list(look(Place(venue.home / "config.py", venue.settings(), venue.folder, Words("en"))))


def said(venue: Venue, to: str = "@staff", account: dict[str, object] = USER) -> list[tuple[Mark, str]]:
    words = Words("en")
    return [(line.mark, words(line.key, **line.values)) for line in lines(venue, to, account)]


def test_an_account_that_sends_to_others(venue: Venue) -> None:
    """Who sends, and who gets it; and whose phones do not ring."""
    assert said(venue, "展場警報") == [
        (Mark.WELL, "signed in as @lab_account"),
        (Mark.WELL, "alerts go to -555  展場警報 (group)"),
        (Mark.NOTE, "the phones of the others there ring, those of this account itself do not"),
    ]


def test_a_bot(venue: Venue) -> None:
    """All phones ring; nobody has to sign in."""
    assert said(venue, "-555", BOT)[1:] == [(Mark.WELL, "alerts go to -555  展場警報 (group)")]


def test_a_recipient_that_is_the_account_itself(venue: Venue) -> None:
    """A group is better, and the chats that the account knows stand there with their numbers."""
    *_, better, known = lines(venue, "me")
    words = Words("en")
    assert (better.mark, better.key) == (Mark.NOTE, "check telegram reminder")
    assert "a group is better" in words(f"{better.key} do")
    assert words(f"{known.key} do", **known.values) == "-555  展場警報 (group)\n777  staff (person)"


def test_a_bot_whose_group_is_not_known_yet(venue: Venue) -> None:
    """Where somebody writes while it waits, that chat's number stands there."""
    FakeClient.heard.append(group(555, "展場警報"))
    *_, missing, waits, known = lines(venue, "-7", BOT)
    assert (missing.mark, missing.key) == (Mark.WRONG, "check telegram recipient wrong")
    assert waits.key == "check telegram wait"
    assert known.values == {"chats": "-555  展場警報 (group)"}
    FakeClient.heard.clear()
    assert lines(venue, "me", BOT)[-1].key == "check telegram nobody"


def test_not_signed_in(venue: Venue) -> None:
    """There is no session: nothing is asked of Telegram."""
    (venue.home / "visitorsflow.session").unlink()
    assert said(venue) == [(Mark.WRONG, "not signed in")]
    assert FakeClient.made == []


def test_a_token_that_is_none(venue: Venue) -> None:
    """The advice names the setting, and no line the token."""
    [line] = lines(venue, "-555", {"bot_token": "42:wrong"})
    assert (line.mark, line.key) == (Mark.WRONG, "check telegram token")
    assert "42:wrong" not in str(line.values["reason"])


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
        f"import pathlib; from visitorsflow.alerts import in_use; in_use.hold(pathlib.Path({str(session)!r}))"
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
        beat(venue, "17", host=cameras.HOST, can_tell=True)
        assert said(venue) == [(Mark.WELL, "uploadData.py is using it, and its alerts arrive")]
        beat(venue, "17", host=cameras.HOST, trouble="telegram: not signed in")
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
    assert not in_use.is_held(tmp_path / "visitorsflow.session")
    assert list(tmp_path.iterdir()) == []
    in_use.hold(tmp_path / "missing" / "visitorsflow.session")
