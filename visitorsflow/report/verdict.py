"""The API's reply becomes a verdict: accepted, or not. Pure.

A refusal that is taken for a yes is the worst that can happen, because nobody would look. So a reply
must say yes, or say nothing at all.
"""

import contextlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from visitorsflow.errors import ReportRefused
from visitorsflow.facts import Answer
from visitorsflow.reasons import Reason, quoted
from visitorsflow.settings import Settings
from visitorsflow.text import printable

_BLANK = " \t\r\n\ufeff"  # before JSON


def verdict(status: int, headers: Mapping[str, str], reply: bytes, settings: Settings) -> Answer:
    """Return what the API said, if that means yes. Raises ReportRefused with what it said otherwise.

    Yes is HTTP 2xx with one of these: no reply at all, `{}` or `[]`; JSON in which every `Desc`, however
    deep, is one of api_success; JSON without any `Desc` in which some value is one of api_success; or a
    plain text that is one of api_success. All else is no yes: JSON that was cut, a web page to sign in on.
    """
    text = _readable(reply, headers, settings.api_success).strip()
    said = Reason("its words", text=printable(text[:200])) if text else quoted("")
    is_accepted = 200 <= status < 300
    if is_accepted and reply.strip() and text not in settings.api_success:
        objection = _objection(text, settings.api_success)
    else:
        objection = _advice(status, headers)
    why = Reason("objection", why=objection) if objection else quoted("")
    reason = Reason("api said", status=status, said=said, objection=why)
    if objection or not is_accepted:
        raise ReportRefused(reason, status, text)
    return Answer(status, text, str(reason))


def _advice(status: int, headers: Mapping[str, str]) -> Reason | None:
    """Say what to do about a refusal by its status alone, where that is known."""
    if status in (401, 403):
        return Reason("not unlocked")
    if 300 <= status < 400:
        elsewhere = printable(headers.get("Location", "nowhere"))
        return Reason("redirects", elsewhere=elsewhere)
    return None


def _objection(text: str, api_success: tuple[str, ...]) -> Reason | None:
    """Say why a reply does not mean yes; None when it does."""
    words = ", ".join(api_success)
    said = _Said([], [])
    try:
        content = _look_into(text, said)
    except (ValueError, RecursionError):
        if text.startswith(("{", "[")):
            return Reason("cut JSON")
        return Reason("no JSON", words=words)
    if said.descs:
        return (
            None if all(word in api_success for word in said.descs) else Reason("Desc says no", words=words)
        )
    if content in ((), []) or any(word in api_success for word in said.values):
        return None
    return Reason("nothing says yes", words=words)


class _Said(NamedTuple):
    """The words of a reply: of each `Desc` (None where it has no word), and of each single value."""

    descs: list[str | None]
    values: list[str | None]


class _Object(tuple[tuple[str, object], ...]):
    """The pairs of a JSON object: a key may stand there twice."""

    __slots__ = ()


def _look_into(text: str, said: _Said) -> object:
    """Add to `said` all that a JSON text says, and return its content. Raises ValueError when it is no JSON.

    ASP.NET's older services wrap JSON as a text into JSON: that is looked into as well. A mere number, true,
    false or null is taken for no JSON.
    """
    content: object = json.loads(text, object_pairs_hook=_Object)
    if content is None or isinstance(content, int | float):
        raise ValueError("neither an object nor a list nor a text")
    _collect(content, said)
    return content


def _collect(content: object, said: _Said) -> None:
    if isinstance(content, _Object):
        for key, value in content:
            if key.strip().lower() == "desc":
                said.descs.append(_word(value))
            _collect(value, said)
    elif isinstance(content, list):
        for value in content:
            _collect(value, said)
    else:
        said.values.append(_word(content))
        if isinstance(content, str) and (text := content.strip(_BLANK)).startswith(("{", "[", '"')):
            with contextlib.suppress(ValueError):
                _look_into(text, said)


def _word(value: object) -> str | None:
    """A single value as it is written in api_success: a text without blanks around it, or 0, true, …"""
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value) if isinstance(value, int | float) else None


def _readable(reply: bytes, headers: Mapping[str, str], words: Iterable[str]) -> str:
    """The reply as text: in UTF-8 if it can be, else in the first encoding in which it has one of `words`.

    Text in Big5 or GBK is no UTF-8, but may be text in the other one too, and the header's charset is
    often just the server's default.
    """
    try:
        return reply.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":  # cut within a character
            return reply.decode("utf-8-sig", errors="replace")
    declared = re.search(r"(?i)charset\s*=\s*[\"']?([A-Z0-9_.:-]+)", headers.get("Content-Type", ""))
    readings = []
    for encoding in (declared[1] if declared else "", "cp950", "gb18030"):
        with contextlib.suppress(ValueError, LookupError):
            readings.append(reply.decode(encoding))
    readings.append(reply.decode(errors="replace"))
    return next((text for text in readings if any(word in text for word in words)), readings[0])
