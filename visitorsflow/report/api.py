"""The report is POSTed to the authority's API, and what it replies becomes a verdict."""

import json
import threading
import time
from collections.abc import Mapping

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from visitorsflow.errors import ReportRefused
from visitorsflow.settings import Settings
from visitorsflow.text import printable

CONNECT_SECONDS = 5
ANSWER_SECONDS = 20
RETRIES = 3
LONGEST_WAIT_SECONDS = 30
# All tries and waits together; with the database's time limits a run stays within four minutes.
POST_SECONDS = 200
LONGEST_REPLY = 64 * 2**10


def post(body: str, settings: Settings) -> str:
    """POST the tags; returns what the API said when it accepted them, else raises ReportRefused.

    Tried again on connection errors, 429, 502, 503 and 504, which is safe because the totals are
    cumulative: the last report that arrives is right whatever happened to those before.
    """
    outcome: list[str | Exception] = []

    def attempt() -> None:
        try:
            outcome.append(_post(body, settings))
        except Exception as error:  # noqa: BLE001 - raised below, in the thread that can report it
            outcome.append(error)

    # The time limits below are for single reads: a server that drips could hold us for ever.
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    deadline = time.monotonic() + POST_SECONDS
    while thread.is_alive() and time.monotonic() < deadline:
        thread.join(0.5)  # in slices: a signal that comes just before a wait does not interrupt it
    if not outcome:
        raise ReportRefused(f"the API did not finish its answer within {POST_SECONDS} s")
    if isinstance(outcome[0], (OSError, HTTPError)):  # requests' own are OSErrors
        raise ReportRefused(f"the API can't be reached: {_plain(outcome[0])}") from outcome[0]
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _post(body: str, settings: Settings) -> str:
    assert settings.api_url
    retry = Retry(
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
            headers={"Content-Type": "application/json; charset=utf-8"},
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            return verdict(response.status_code, response.headers, _reply(response), settings)


def verdict(status: int, headers: Mapping[str, str], reply: bytes, settings: Settings) -> str:
    """What the API said, if that means yes: HTTP 2xx and, where the reply has a `Desc`, one of api_success.

    Raises ReportRefused with what it said otherwise.
    """
    text = reply.decode("utf-8-sig", errors="replace").strip()
    said = f"HTTP {status}" + (f": {printable(text[:200])}" if text else "")
    if status in (401, 403):
        raise ReportRefused(f"{said} (has the authority unlocked the IP address of this machine?)")
    if 300 <= status < 400:
        elsewhere = printable(headers.get("Location", "nowhere"))
        raise ReportRefused(
            f"{said} (it redirects to {elsewhere}, where the report is not sent; mend api_url)"
        )
    if not 200 <= status < 300:
        raise ReportRefused(said)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return f"{said} (no JSON: is api_url right?)" if text else said
    if isinstance(content, dict) and "Desc" in content and content["Desc"] not in settings.api_success:
        raise ReportRefused(f"{said} (Desc is none of api_success: {', '.join(settings.api_success)})")
    return said


def _reply(response: requests.Response) -> bytes:
    """The body. Raises ReportRefused when it is longer than any reply to a report can be."""
    reply = b""
    while len(reply) <= LONGEST_REPLY:
        part = response.raw.read1(LONGEST_REPLY, decode_content=True)
        if not part:
            return reply
        reply += part
    raise ReportRefused(f"HTTP {response.status_code}, with a reply of more than {LONGEST_REPLY // 1024} KB")


def _plain(error: Exception) -> str:
    """The innermost reason; the outer ones only wrap it."""
    inner = getattr(error.args[0], "reason", error.args[0]) if error.args else error
    return printable(str(inner) or type(error).__name__)
