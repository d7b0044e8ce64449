"""`uploadData.py --web`: serves the page until Ctrl-C. As `--view` it reads the database and writes nothing.

Whoever asks is checked before anything else: the name that they asked by, the method, the token.
"""

import hashlib
import hmac
import ipaddress
import logging
import re
import secrets
import signal
import socket
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl, quote, urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from visitorsflow import timeouts
from visitorsflow.errors import ConfigurationError, DatabaseAway, TemporaryError
from visitorsflow.reasons import Reason, os_reason
from visitorsflow.rules.period import period_of
from visitorsflow.settings import Settings, own_address
from visitorsflow.signals import end_signals
from visitorsflow.view.answer import answer
from visitorsflow.view.course import Shown, sheet_day
from visitorsflow.view.reading import OtherDays, Reading
from visitorsflow.view.sentence import OLD
from visitorsflow.view.tables import sheet
from visitorsflow.web.connections import Connection
from visitorsflow.web.metrics import CONTENT_TYPE, metrics
from visitorsflow.web.page import Asked, document, fragment, lost, name_of
from visitorsflow.words import Language, Words

COOKIE = "visitorsflow"
COOKIE_SECONDS = 365 * 24 * 3600
MOST_DAYS = 31
YEARS = 2000, 2999
LANGUAGES: tuple[Language, ...] = get_args(Language)
LONGEST_HEADERS = 16 * 1024
AT_END_SECONDS = 1.2
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?", re.ASCII)
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie",
}


def serve(settings: Settings, address: str) -> int:
    """Serve until Ctrl-C or SIGTERM, then end within two seconds. Returns the exit code.

    `address`: ADDRESS:PORT. Raises ConfigurationError when others could look without a token.
    """
    listening = _listen(settings, address)
    reading = Reading(settings)
    config = uvicorn.Config(
        Guard(application(settings, reading, OtherDays(settings)), settings),
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        headers=[("Connection", "close")],  # so that a connection has a length: see Connection
        h11_max_incomplete_event_size=LONGEST_HEADERS,
        timeout_graceful_shutdown=1,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what strangers send is no news
    server = uvicorn.Server(config)
    is_over = threading.Event()
    for number in end_signals():
        signal.signal(number, lambda *_: is_over.set())
    # Not in the main thread: there uvicorn would take the signals.
    thread = threading.Thread(target=server.run, args=([listening],), name="web", daemon=True)
    reading.start()
    thread.start()
    print(Words(settings.language)("web address", url=_url(settings, listening)), flush=True)
    while thread.is_alive() and not is_over.wait(0.2):
        pass
    server.should_exit = True
    reading.close()
    thread.join(AT_END_SECONDS)
    timeouts.leave_behind(thread)
    return 0 if is_over.is_set() else 1


def _listen(settings: Settings, address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        if not (host and re.fullmatch(r"\d{1,5}", port, re.ASCII) and int(port) < 2**16):
            raise socket.gaierror
        family, *_, where = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise ConfigurationError(Reason("web no address", address=address)) from None
    if not (settings.web_token or ipaddress.ip_address(where[0]).is_loopback):
        proposed = f'web_token = "{secrets.token_urlsafe(24)}"'
        raise ConfigurationError(Reason("web needs token", address=address), proposed)
    try:
        both = where[0] == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(where[:2], family=family, backlog=128, dualstack_ipv6=both)
    except OSError as error:
        raise TemporaryError(Reason("web not listening", address=address, why=os_reason(error))) from None


def _url(settings: Settings, listening: socket.socket) -> str:
    """The address to open; the token itself stands in config.py, and in no log."""
    host, port = listening.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = settings.web_hosts[0] if settings.web_hosts else own_address()
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}/{'?token=…' if settings.web_token else ''}"


# --- who may ask -----------------------------------------------------------------------------------


class Guard:
    """Refuses whoever may not look, and gives every answer the headers that keep a browser safe."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = {host.lower() for host in settings.web_hosts}
        self._token = settings.web_token.get_secret_value() if settings.web_token else ""
        self._cookie = hashlib.sha256(f"visitorsflow cookie {self._token}".encode()).hexdigest()
        self._words = Words(settings.language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers[name] = value
            await send(message)

        refused = self._refuse(Request(scope))
        await (refused or self._app)(scope, receive, send_safely)

    def _refuse(self, request: Request) -> Response | None:
        """The answer to whoever may not look, or comes with the link; None for the others."""
        if not self._is_ours(request):
            return PlainTextResponse(self._words("page wrong host"), 421)
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse(self._words("page only get"), 405, {"Allow": "GET, HEAD"})
        query = parse_qsl(request.url.query, keep_blank_values=True)
        given = dict(query).get("token", "")
        if self._token and request.url.path == "/" and given and _alike(given, self._token):
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            answer = RedirectResponse(f"/?{rest}" if rest else "/", 303)
            # Not "strict": then a browser would not send it on, on its way here from a chat.
            answer.set_cookie(COOKIE, self._cookie, COOKIE_SECONDS, httponly=True, samesite="lax")
            return answer
        if self._token and not self._is_known(request):
            return PlainTextResponse(self._words("page no token", link="/?token=…"), 401)
        return None

    def _is_ours(self, request: Request) -> bool:
        """Did they ask by an address of ours: a page elsewhere can give its own name our address."""
        match = HOST.fullmatch(request.headers.get("host", ""))
        if not match:
            return False
        host = match[1].strip("[]").lower()
        if host in self._hosts:
            return True
        try:
            here = ipaddress.ip_address((request.scope.get("server") or ("",))[0])
            here = getattr(here, "ipv4_mapped", None) or here
            return here.is_loopback if host == "localhost" else ipaddress.ip_address(host) == here
        except ValueError:
            return False

    def _is_known(self, request: Request) -> bool:
        """Has the browser the cookie; or a program, as Prometheus, the token itself."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        by_cookie = _alike(request.cookies.get(COOKIE, ""), self._cookie)
        return by_cookie or (scheme.lower() == "bearer" and _alike(bearer, self._token))


def _alike(given: str, secret: str) -> bool:
    """Compare in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


# --- what they get ---------------------------------------------------------------------------------


def application(settings: Settings, reading: Reading, other_days: OtherDays) -> Starlette:
    """All addresses: none of them is a path to a file."""
    usual = Words(settings.language)

    async def page(request: Request) -> Response:
        asked, words = _asked(request, settings)
        today = settings.now().date()
        if asked.day and asked.day != today:
            shown = await run_in_threadpool(other_days.shown, asked.day, today)
        else:
            shown = reading.shown()
        return Response(document(shown, asked, words, settings.venue or ""), media_type="text/html")

    async def part(request: Request) -> Response:
        """Answered with 304 where nothing has changed; the headers tell how old it is, in any case."""
        asked, words = _asked(request, settings)
        shown = reading.shown()
        html = fragment(shown, asked, words)
        headers = {"ETag": f'"{hashlib.sha256(html.encode()).hexdigest()[:16]}"', **_moment(shown, words)}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(html, headers=headers, media_type="text/html")

    async def state(_request: Request) -> Response:
        model = reading.shown().model
        return Response(answer(model, usual) if model else "", media_type="application/json")

    async def numbers(_request: Request) -> Response:
        return Response(metrics(reading.shown()), headers={"Content-Type": CONTENT_TYPE})

    async def csv(request: Request) -> Response:
        asked, words = _asked(request, settings)
        now = settings.now()
        first = asked.day or now.date()
        last = _day(request.query_params.get("to")) or first
        if last < first:
            return PlainTextResponse(words("page wrong order"), 400)
        if (last - first).days >= MOST_DAYS:
            return PlainTextResponse(words("page many days", most=MOST_DAYS), 400)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        sheets = [
            sheet_day(
                await run_in_threadpool(other_days.read, day), period_of(day, now), reading.missing_in(day)
            )
            for day in days
        ]
        name = f"visitorsflow-{first}.csv" if first == last else f"visitorsflow-{first}_{last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        text = sheet(sheets, settings.open_hours, words)
        return Response(text.encode("utf-8-sig"), headers=headers, media_type="text/csv")

    async def away(_request: Request, error: Exception) -> Response:
        why = usual.say(error.reason) if isinstance(error, DatabaseAway) else ""
        return PlainTextResponse(f"{usual('page busy')}\n{why}", 503)

    def saying(key: str, status: int) -> ExceptionHandler:
        async def say(_request: Request, _error: Exception) -> Response:
            return PlainTextResponse(usual(key), status)

        return say

    def asset(name: str, kind: str) -> Route:
        content = (Path(__file__).parent / name).read_text("utf-8")

        async def send(_request: Request) -> Response:
            return Response(content, media_type=kind)

        return Route(f"/{name}", send)

    pages = {"/": page, "/fragment": part, "/state.json": state, "/metrics": numbers, "/day.csv": csv}
    kinds = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
    handlers: dict[Any, ExceptionHandler] = {
        404: saying("page not found", 404),
        NoDay: saying("page wrong day", 400),
        FarDay: saying("page far day", 400),
    }
    app = Starlette(
        routes=[*(Route(*one) for one in pages.items()), *(asset(*one) for one in kinds.items())],
        exception_handlers={**handlers, DatabaseAway: away},
    )
    app.router.redirect_slashes = False
    return app


class NoDay(ValueError):
    """Raised for what is no day."""


class FarDay(ValueError):
    """Raised for a day before 2000 or after 2999."""


def _asked(request: Request, settings: Settings) -> tuple[Asked, Words]:
    query = request.query_params
    lang = next((one for one in LANGUAGES if one == query.get("lang")), None)
    return Asked(lang, _day(query.get("day")), wall="wall" in query), Words(lang or settings.language)


def _day(text: str | None) -> date | None:
    """The day that was asked for, if any. Raises NoDay and FarDay."""
    if not text:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise NoDay
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NoDay from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise FarDay
    return day


def _moment(shown: Shown, words: Words) -> dict[str, str]:
    """Headers that the page's script reads."""
    headers = {"X-Page": name_of(shown)}
    if shown.model:
        headers |= {"X-Age": f"{int(shown.model.age or 0)}", "X-Lost": quote(lost(shown.model, words))}
        headers |= {"X-Old": "1"} if shown.model.database in OLD else {}
    return headers
