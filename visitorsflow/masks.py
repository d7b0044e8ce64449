"""Takes the secrets out of a text that leaves the venue. Pure: which secrets there are is passed in.

What is known is hidden in every form in which a log, a URL or JSON may show it. What only looks like a secret
is hidden too: an old log may hold one that config.py does not have any more.
"""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

HIDDEN = "(hidden)"
SHORT = 4  # a shorter secret is hidden where it stands alone, or every second word would be
LONG_PART = 8  # of a URL's path: a shorter one is an ordinary word
_LIKE_SECRETS = re.compile(
    r"(?<=://)[^/\s@]+(?=@)"  # user:password@
    r"|(?<=[?&])[\w.-]*(?:token|key|password|secret|hash|sig|auth)[\w.-]*=[^&\s\"']+"
    r"|(?<!\d)\d{6,}:[\w-]{20,}"  # the token of a bot
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # a UUID, as in the address of a heartbeat
    r"|(?<![\w/+])[0-9a-f]{32,}(?![\w/+])"
    r"|[\w+/=-]{100,}"  # a session as a text
    r"|\+\d[\d ()-]{6,}\d",  # a phone number
    re.ASCII | re.IGNORECASE,
)
_PHONE = re.compile(r"\+?[\d ()./-]{7,24}", re.ASCII)
_TOKEN = re.compile(r"\d+:[\w-]{8,}", re.ASCII)  # the number before it is the bot's, and known to all


class Masks:
    """Hides these secrets.

    >>> Masks(["p@ss"])("mysql://me:p%40ss@db p@ss passage +886912345678")
    'mysql://(hidden)@db (hidden) passage (hidden)'
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        patterns = {pattern for secret in secrets if secret.strip() for pattern in _patterns(secret)}
        longest_first = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
        self._known = re.compile("|".join(longest_first)) if patterns else None

    def __call__(self, text: str) -> str:
        if self._known:
            text = self._known.sub(HIDDEN, text)
        return _LIKE_SECRETS.sub(HIDDEN, text)


def keys_in_url(url: str) -> Iterator[str]:
    """What opens something in a URL that may be known: its password, and the values behind its ?.

    >>> list(keys_in_url("https://me:p%40ss@example.org/upload?key=abcd"))
    ['p%40ss', 'p@ss', 'abcd']
    """
    parts = urlsplit(url)
    if parts.password:
        yield from (parts.password, unquote(parts.password))
    yield from (value for _, value in parse_qsl(parts.query))


def parts_of_url(url: str) -> Iterator[str]:
    """A URL that is secret as a whole, and what of it a message of an HTTP library shows.

    >>> list(parts_of_url("https://hc-ping.com/0b1c2d3e-uuid?a=1"))
    ['https://hc-ping.com/0b1c2d3e-uuid?a=1', '/0b1c2d3e-uuid?a=1', '0b1c2d3e-uuid', '1']
    """
    yield url
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if len(path) > 1:
        yield path
    yield from (part for part in parts.path.split("/") if len(part) >= LONG_PART)
    yield from keys_in_url(url)


def _patterns(secret: str) -> Iterator[str]:
    if _PHONE.fullmatch(secret.strip()):
        digits = re.findall(r"\d", secret, re.ASCII)
        yield r"(?<!\d)\+?" + r"[ ()./-]*".join(digits) + r"(?!\d)"
    if _TOKEN.fullmatch(secret):
        yield re.escape(secret.partition(":")[2])
    for form in (secret, secret.strip()):
        in_json = json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1]
        for shown in {form, quote(form, safe=""), quote(form), quote_plus(form), repr(form)[1:-1], *in_json}:
            escaped = re.escape(shown)
            yield escaped if len(shown) >= SHORT else rf"(?<!\w){escaped}(?!\w)"
