"""config.py becomes Settings: checked, with errors that name the setting and never show a secret."""

import difflib
import inspect
import os
import re
import socket
import time as clocks
import unicodedata
import zoneinfo
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)

from visitorsflow import config_file
from visitorsflow.errors import ConfigurationError
from visitorsflow.words import Language

TagType = Literal["Count", "CountAccuIn", "CountAccuOut"]
_read_zone = getattr(clocks, "tzset", None)  # not on Windows
RETIRED = frozenset({"socketServer"})  # in config.py of the 2018 program; nothing reads it any more


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
        hint = _nearest(str(value), zoneinfo.available_timezones())
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
Text = Annotated[str, Field(min_length=1)]
Place = Annotated[Path, AfterValidator(_without_control), AfterValidator(_at_home)]


class Settings(BaseModel):
    """Every setting of config.py under its own name, plus `home`, the folder of config.py."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        arbitrary_types_allowed=True,
    )

    home: Path

    host: Text | None = None
    port: int = Field(3306, ge=1, le=65535)
    user: Text | None = None
    password: SecretStr = SecretStr("")
    db: Text | None = None
    ssl_ca: Place | None = None
    database_url: Annotated[SecretStr | None, AfterValidator(_without_control)] = None

    watch_folder: Place = Path("Files")
    camera: str = Field(default_factory=lambda: default_camera(), min_length=1, max_length=64)
    idle_seconds: float = Field(60, gt=0, allow_inf_nan=False)
    settle_seconds: float = Field(10, ge=0, allow_inf_nan=False)
    open_hours: tuple[Clock, Clock] | None = None
    timezone: Annotated[zoneinfo.ZoneInfo | None, BeforeValidator(_zone)] = None

    language: Language = "zh-TW"

    capacity: int | None = Field(None, gt=0)
    status_message: bool = False
    heartbeat_url: Annotated[str | None, AfterValidator(_url)] = None

    api_id: int | None = Field(None, gt=0)
    api_hash: SecretStr | None = None
    bot_token: Annotated[SecretStr | None, AfterValidator(_token)] = None
    phone_number: Text | None = None
    telegram_to: Text = "me"

    api_url: Annotated[str | None, AfterValidator(_url)] = None
    ssid: Text = "SS-007"
    tag_ids: dict[TagType, Text] = {"Count": "901", "CountAccuIn": "902", "CountAccuOut": "903"}
    api_success: Annotated[tuple[str, ...], BeforeValidator(_several)] = ("成功", "OK")

    _retired: tuple[str, ...] = PrivateAttr(())

    @property
    def retired(self) -> tuple[str, ...]:
        """The settings in config.py that an older program had, and that are not used any more."""
        return self._retired

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.host and self.database_url:
            raise ValueError("host and database_url are both set; keep one of them")
        if self.bot_token and self.phone_number:
            raise ValueError("bot_token and phone_number are both set; keep one of them")
        for first, others in {
            "host": ("user", "db"),
            "user": ("host",),
            "db": ("host",),
            "ssl_ca": ("host",),
            "api_id": ("api_hash",),
            "api_hash": ("api_id",),
            "bot_token": ("api_id",),
        }.items():
            for other in others:
                if getattr(self, first) is not None and getattr(self, other) is None:
                    raise ValueError(f"{other} is missing; {first} needs it")
        if self.api_id and not (self.bot_token or self.phone_number):
            raise ValueError("bot_token or phone_number is missing; api_id needs one of them")
        if len(self.tag_ids) != 3:
            raise ValueError("tag_ids needs all of Count, CountAccuIn and CountAccuOut")
        if self.ssl_ca and not self.under_home(self.ssl_ca).is_file():
            raise ValueError(f"ssl_ca: there is no file {self.under_home(self.ssl_ca)}")
        return self

    def under_home(self, path: Path) -> Path:
        """A relative path in config.py is relative to config.py, wherever cron starts the script."""
        return self.home / path

    def now(self) -> datetime:
        """The local time of the venue: aware with `timezone`, else naive; `fold` is set in both."""
        if self.timezone is None and _read_zone:  # somebody may have set this machine's zone meanwhile
            _read_zone()
        return datetime.now(self.timezone)


def load(path: Path, required: bool) -> Settings:
    """Read config.py at `path`; where it is missing and not required, everything has its default.

    Raises ConfigurationError, one line for each thing that is wrong.
    """
    home = path.parent.resolve()
    try:
        names = config_file.names_in(path)
    except FileNotFoundError as error:
        if required or path.is_symlink():
            hint = config_file.misnamed(path)
            raise ConfigurationError(hint or f"{path} can't be read: {error.strerror}") from None
        return Settings(home=home)
    known = set(Settings.model_fields) - {"home"}
    given = {
        name: value
        for name, value in names.items()
        if name in known or not (name.startswith("_") or inspect.ismodule(value) or callable(value))
    }
    retired = tuple(sorted(RETIRED & given.keys()))
    given = {name: value for name, value in given.items() if name not in retired}
    unknown = [f"unknown setting {n}{_nearest(n, known)}" for n in given if n not in known]
    if unknown:
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in unknown))
    try:
        chosen = Settings(home=home, **given)
    except ValidationError as error:
        lines = [_line(item) for item in error.errors(include_input=False, include_url=False)]
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in lines)) from None
    chosen._retired = retired  # noqa: SLF001 - set once, here where it is made
    return chosen


def exposed(config: Path, settings: Settings) -> str:
    """What is wrong when others on this machine can read the secrets in config.py; "" when nothing is."""
    password = settings.password.get_secret_value()
    secrets = (password, settings.database_url, settings.api_hash, settings.bot_token)
    if os.name == "nt" or not any(secrets) or not config.exists() or not config.stat().st_mode & 0o077:
        return ""
    return f"others can read {config}, which holds secrets: chmod 600 {config}"


def default_camera() -> str:
    """The last part of this machine's IPv4 address: that of its default route, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: no such host, and UDP sends nothing yet
            address = str(probe.getsockname()[0])
        except OSError:  # no network: there is only the machine itself
            address = "127.0.0.1"
    return address.rpartition(".")[2]


def _line(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    message = str(item["msg"]).removeprefix("Value error, ")
    message = message.replace("Input should", "should")
    return f"{name}: {message}" if name else message


def _nearest(name: str, known: set[str]) -> str:
    folded = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), folded, 1)
    return f"; did you mean {folded[close[0]]}?" if close else ""
