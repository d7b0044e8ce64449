"""The reasons that the code gives: each has its text in both languages, with the values that it needs."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import visitorsflow
from tests.venue import PROJECT
from visitorsflow.reasons import Reason
from visitorsflow.words.reasons import TEXTS

# What was written in both languages is read back: each text is a value.
WRITTEN_IN_BOTH = "in both languages"
PACKAGE = Path(visitorsflow.__file__).parent
CODE = sorted((*PACKAGE.rglob("*.py"), *PROJECT.glob("*.py")))


def given(path: Path) -> Iterator[tuple[int, str, set[str | None]]]:
    """The line, the key and the names of the values of each Reason whose key stands in the code.

    A None among the names: there are more, which do not stand there.
    """
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Reason"), args=[ast.Constant(value=str(key))], keywords=values):
                yield node.lineno, key, {value.arg for value in values}


def needed(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(PROJECT))) for path in CODE])
def test_each_reason_has_its_text(path: Path) -> None:
    """A key that is not there would be shown as it is; a value that is not there would raise KeyError."""
    wrong = [
        (line, key)
        for line, key, values in given(path)
        if key not in TEXTS
        or (key != WRITTEN_IN_BOTH and None not in values and needed(TEXTS[key][1]) != values)
    ]
    assert wrong == []


def test_both_languages_need_the_same_values() -> None:
    """None is missing when somebody changes the language."""
    differ = [key for key, (chinese, english) in TEXTS.items() if needed(chinese) != needed(english)]
    assert differ == [WRITTEN_IN_BOTH]


def test_a_reason_within_a_reason_is_in_the_same_language() -> None:
    """Also one that was kept in a table meanwhile; a server's own words stay as they are."""
    reason = Reason("sign in again", why=Reason("signed out", said="SessionRevokedError"))
    assert reason.text("zh-TW").startswith("Telegram 把這台電腦登出了（SessionRevokedError）；請在終端機")
    assert str(reason).startswith("Telegram has signed this machine out (SessionRevokedError); alerts only")
