"""What people write in config.py: a time, a time zone, a URL, a path; checked, with what to write instead."""

import difflib
import re
import socket
import unicodedata
import zoneinfo
from datetime import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from visitorsflow import config_file


def nearest(name: str, known: set[str]) -> str:
    """A hint to the known name that is most like this one; "" when none is.

    >>> nearest("Pasword", {"password", "port"}), nearest("x", {"port"})
    ('; did you mean password?', '')
    """
    folded = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), folded, 1)
    return f"; did you mean {folded[close[0]]}?" if close else ""


def default_camera() -> str:
    """The last part of this machine's IPv4 address: that of its default route, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: no such host, and UDP sends nothing yet
            address = str(probe.getsockname()[0])
        except OSError:  # no network: there is only the machine itself
            address = "127.0.0.1"
    return address.rpartition(".")[2]


def _clock(value: Any) -> Any:
    """ "HH:MM" becomes a time; 24:00 is the midnight that ends the day."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", value, re.ASCII) if isinstance(value, str) else None
    if match is None or (int(match[1]), int(match[2])) > (24, 0) or int(match[2]) > 59:
        raise ValueError('a time is written "HH:MM", for example "08:00"')
    return time(int(match[1]) % 24, int(match[2]))


def _zone(value: Any) -> Any:
    if value is None:
        return None
    try:
        return zoneinfo.ZoneInfo(value)
    except (ValueError, TypeError, OSError, zoneinfo.ZoneInfoNotFoundError):
        hint = nearest(str(value), zoneinfo.available_timezones())
        raise ValueError(f'a time zone is written like "Asia/Taipei"{hint}') from None


def _url(value: str | None) -> str | None:
    try:
        parts = urlsplit(value or "http://unset")
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return value
    except ValueError:  # a port that is none
        pass
    raise ValueError("a URL is written like https://api.example.org/upload")


def _token(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value(), re.ASCII):
        raise ValueError("write it as @BotFather gives it, like 123456789:AAF-and-so-on")
    return value


def _without_control(value: Any) -> Any:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise ValueError(f"a \\ in it became a sign that can't be seen: {config_file.WRITE_PATHS}")
    return value


def _at_home(path: Path) -> Path:
    """A ~ is the home folder of the user who runs the script, as in a shell."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("there is no home folder for its ~: write the whole path") from None


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Clock = Annotated[time, BeforeValidator(_clock)]
Zone = Annotated[zoneinfo.ZoneInfo | None, BeforeValidator(_zone)]
Url = Annotated[str | None, AfterValidator(_url)]
DatabaseUrl = Annotated[SecretStr | None, AfterValidator(_without_control)]
Token = Annotated[SecretStr | None, AfterValidator(_token)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
Place = Annotated[Path, AfterValidator(_without_control), AfterValidator(_at_home)]
