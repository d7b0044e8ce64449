"""The authority's API: its name, the way there, and its certificate. Nothing is sent."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from visitorsflow.check.lines import Line, Place, note, well, wrong

CONNECT_SECONDS = 5
ENDS_SOON = timedelta(days=14)


class Way(NamedTuple):
    """How callAPI.py would go: to which machine, over a proxy or not, and whom it trusts."""

    host: str
    port: int
    is_proxy: bool
    trusted: Path


def look(place: Place) -> Iterator[Line]:
    """The connection is closed as soon as it stands."""
    url = place.settings.api_url
    if not url:
        yield note("api none")
        return
    way = _way(url)
    target = {"host": way.host, "port": way.port}
    try:
        addresses = socket.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        yield wrong("api name", reason=getattr(error, "strerror", None) or error, **target)
        return
    try:
        with socket.create_connection((way.host, way.port), CONNECT_SECONDS) as link:
            yield well("api there", address=link.getpeername()[0], **target)
            if way.is_proxy:
                yield note("api proxy", **target)
            elif urlsplit(url).scheme == "https":
                yield _certificate(link, way)
            else:
                yield note("api plain")
    except OSError as error:
        tried = ", ".join(dict.fromkeys(str(one[4][0]) for one in addresses))
        yield wrong("api refused", reason=f"{error.strerror or error} ({tried})", **target)


def _way(url: str) -> Way:
    """As requests finds it, with the environment's proxies and certificates."""
    import requests  # a tenth of our start-up time
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy

    with requests.Session() as session:
        chosen = session.merge_environment_settings(url, {}, None, None, None)
    proxy = select_proxy(url, chosen["proxies"])
    parts = urlsplit(proxy or url)
    trusted = chosen["verify"] if isinstance(chosen["verify"], str) else DEFAULT_CA_BUNDLE_PATH
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Way(parts.hostname or "", port, bool(proxy), Path(trusted))


def _certificate(link: socket.socket, way: Way) -> Line:
    trusted = str(way.trusted)
    try:
        if way.trusted.is_dir():
            context = ssl.create_default_context(capath=trusted)
        else:
            context = ssl.create_default_context(cafile=trusted)
        with context.wrap_socket(link, server_hostname=way.host) as secured:
            shown = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return wrong("api certificate wrong", reason=error.verify_message)
    except OSError as error:  # ssl.SSLError, a closed connection, no such file of certificates
        return wrong("api tls", reason=getattr(error, "reason", None) or error.strerror or error)
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    soon = until - datetime.now(UTC) < ENDS_SOON
    return (note if soon else well)(
        "api certificate ends" if soon else "api certificate", until=f"{until.astimezone():%Y-%m-%d}"
    )
