"""The report is POSTed to the authority's API, within a time limit whatever that does."""

import zlib

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from visitorsflow.errors import ReportRefused
from visitorsflow.facts import Answer
from visitorsflow.reasons import Reason
from visitorsflow.report.verdict import verdict
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.timeouts import call_with_timeout

CONNECT_SECONDS = 5
ANSWER_SECONDS = 20
RETRIES = 3
LONGEST_WAIT_SECONDS = 30
# All tries and waits together; with the database's time limits a run stays within four minutes.
POST_SECONDS = 190
LONGEST_REPLY = 64 * 2**10
_TOO_LONG = Reason("reply too long", kilobytes=LONGEST_REPLY // 1024)
LONGEST_REASON = 200  # of the system's own words: what is kept of a report has 500 signs


def post(body: str, settings: Settings, seconds: float | None = None) -> Answer:
    """POST the tags, and return what the API said when it accepted them; else raises ReportRefused.

    All of it takes at most `seconds`; POST_SECONDS when that is None.

    Tried again on connection errors, 429, 502, 503 and 504, which is safe because the totals are
    cumulative: the last report that arrives is right whatever happened to those before.
    """
    seconds = seconds or POST_SECONDS
    try:
        # The time limits below are for single reads: a server that drips could hold us for ever.
        return call_with_timeout(seconds, lambda: _post(body, settings))
    except TimeoutError as error:
        raise ReportRefused(Reason("api slow", seconds=seconds)) from error
    except (OSError, HTTPError) as error:  # requests' own are OSErrors
        raise ReportRefused(Reason("api away", why=_plain(error))) from error


def _post(body: str, settings: Settings) -> Answer:
    assert settings.api_url
    retry = _Retry(
        total=RETRIES,
        allowed_methods={"POST"},
        status_forcelist=(429, 502, 503, 504),
        backoff_factor=1,
        backoff_max=LONGEST_WAIT_SECONDS,
        retry_after_max=LONGEST_WAIT_SECONDS,
        raise_on_status=False,
    )
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        with session.post(
            settings.api_url,
            data=body.encode(),
            headers={"Content-Type": "application/json; charset=utf-8", "Accept-Encoding": "identity"},
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            return verdict(response.status_code, response.headers, _reply(response), settings)


class _Retry(Retry):
    """Waits as it would without the header where `Retry-After` is neither seconds nor a date that exists."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except (InvalidHeader, ValueError, OverflowError):
            return 0


def _reply(response: requests.Response) -> bytes:
    """The body, unpacked. Raises ReportRefused when it is longer than any reply to a report can be."""
    reply = b""
    while part := response.raw.read1(LONGEST_REPLY, decode_content=False):
        reply += part
        if len(reply) > LONGEST_REPLY:
            raise _unreadable(response, _TOO_LONG)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if not reply or encoding in ("", "identity"):
        return reply
    # We ask for none, but something on the way may pack it; urllib3 takes a cut one for whole.
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS + 32)  # gzip or zlib
    try:
        if encoding not in ("gzip", "x-gzip", "deflate"):
            raise zlib.error("not asked for")
        unpacked = unpacker.decompress(reply, LONGEST_REPLY + 1)
    except zlib.error as error:
        raise _unreadable(
            response, Reason("reply packed", encoding=_short(encoding), error=str(error))
        ) from None
    if len(unpacked) > LONGEST_REPLY:
        raise _unreadable(response, _TOO_LONG)
    if not unpacker.eof:
        raise _unreadable(response, Reason("reply cut", encoding=encoding))
    return unpacked


def _unreadable(response: requests.Response, why: Reason) -> ReportRefused:
    return ReportRefused(Reason("unreadable", status=response.status_code, why=why), response.status_code)


def _plain(error: Exception) -> str:
    """Take the innermost reason; the outer ones only wrap it."""
    inner = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    return _short(str(inner) or type(error).__name__)


def _short(text: str) -> str:
    return printable(text)[:LONGEST_REASON]
