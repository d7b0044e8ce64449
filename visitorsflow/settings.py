"""config.py becomes Settings: checked, with errors that name the setting and never show a secret.

Every setting stands in its section: its type, its default, what it is, and an example where the default is
none. docs/make_tables.py makes config.py.example and the table in docs/settings.md from these.
"""

import contextlib
import inspect
import ipaddress
import os
import re
import socket
import time as clocks
import unicodedata
import zoneinfo
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
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
from visitorsflow.formats import OURS, Format, format_of
from visitorsflow.reasons import Reason, lines_of, nearest, os_reason, quoted
from visitorsflow.words import Language

RETIRED = frozenset({"socketServer"})  # in config.py of the 2018 program; nothing reads it any more
# What pydantic says of a value, where we have words of our own.
_KNOWN = {
    "bool_parsing": "no bool",
    "bool_type": "no bool",
    "dict_type": "no dict",
    "extra_forbidden": "not known",
    "finite_number": "not finite",
    "float_parsing": "no number",
    "float_type": "no number",
    "greater_than": "not above",
    "greater_than_equal": "below",
    "int_from_float": "no int",
    "int_parsing": "no int",
    "int_type": "no int",
    "less_than_equal": "above",
    "missing": "missing",
    "path_type": "no path",
    "string_too_long": "too long",
    "string_too_short": "too short",
    "string_type": "no text",
    "too_long": "too many values",
    "tuple_type": "no tuple",
}
_read_zone = getattr(clocks, "tzset", None)  # not on Windows

TagType = Literal["Count", "CountAccuIn", "CountAccuOut"]


def default_camera() -> str:
    """The last part of this machine's IPv4 address."""
    return own_address().rpartition(".")[2]


def own_address() -> str:
    """This machine's IPv4 address: that of its default route, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: no such host, and UDP sends nothing yet
            return str(probe.getsockname()[0])
        except OSError:  # no network: there is only the machine itself
            return "127.0.0.1"


# --- what people write: a time, a time zone, a URL, a path; checked, with what to write instead ---------


def _clock(value: Any) -> Any:
    """ "HH:MM" becomes a time; 24:00 is the midnight that ends the day."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", value, re.ASCII) if isinstance(value, str) else None
    if match is None or (int(match[1]), int(match[2])) > (24, 0) or int(match[2]) > 59:
        raise ValueError(Reason("no clock"))
    return time(int(match[1]) % 24, int(match[2]))


def _zone(value: Any) -> Any:
    if value is None:
        return None
    with contextlib.suppress(ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        if isinstance(value, str):
            return zoneinfo.ZoneInfo(value)
    if re.match(r"(UTC|GMT)?\s*[+-]?\d", str(value), re.IGNORECASE):
        raise ValueError(Reason("zone by offset"))
    # Of those without a place the nearest may be hours away: Iran for Taiwan, UCT for CST.
    places = {one for one in zoneinfo.available_timezones() if "/" in one and not one.startswith("Etc/")}
    raise ValueError(Reason("no zone", hint=nearest(str(value), places)))


def _url(value: str | None) -> str | None:
    try:
        parts = urlsplit(value or "http://unset")
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return value
    except ValueError:  # a port that is none
        pass
    raise ValueError(Reason("no URL"))


def _host(value: str | None) -> str | None:
    """A name, or an address of IPv4 or IPv6."""
    if value is None or re.fullmatch(r"[\w.-]+", value):
        return value
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise ValueError(Reason("no host")) from None
    return value


def _web_host(value: str) -> str:
    try:
        return _host(value) or value
    except ValueError:
        raise ValueError(Reason("no web host")) from None


def _token(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value(), re.ASCII):
        raise ValueError(Reason("no token"))
    return value


def _web_token(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"[\w.~-]{16,}", value.get_secret_value(), re.ASCII):
        raise ValueError(Reason("no web token"))
    return value


def _without_control(value: Any) -> Any:
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
        raise ValueError(Reason("control sign"))
    return value


def _at_home(path: Path) -> Path:
    """A ~ is the home folder of the user who runs the script, as in a shell."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(Reason("no home")) from None


def _format(value: Any) -> Any:
    return None if value is None else format_of(value)


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _names(value: Any) -> Any:
    """Without those that are empty; an address of IPv6 may stand in the brackets of a link."""
    several = _several(value)
    if not isinstance(several, list | tuple):
        return several
    return [one.strip("[]") if isinstance(one, str) else one for one in several if one != ""]


Clock = Annotated[time, BeforeValidator(_clock)]
Zone = Annotated[zoneinfo.ZoneInfo | None, BeforeValidator(_zone)]
Url = Annotated[str | None, AfterValidator(_url)]
DatabaseUrl = Annotated[SecretStr | None, AfterValidator(_without_control)]
Token = Annotated[SecretStr | None, AfterValidator(_token)]
WebToken = Annotated[SecretStr | None, AfterValidator(_web_token)]
Text = Annotated[str, Field(min_length=1)]
Host = Annotated[Text | None, AfterValidator(_host)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
WebHosts = Annotated[tuple[Annotated[str, AfterValidator(_web_host)], ...], BeforeValidator(_names)]
FormatOfCamera = Annotated[Format | None, BeforeValidator(_format)]
Place = Annotated[Path, AfterValidator(_without_control), AfterValidator(_at_home)]


# --- the sections --------------------------------------------------------------------------------------


class Section(BaseModel):
    """Settings that belong together; the docstring is their heading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # the sections never are; Settings is when config.py has been read
    )


class Database(Section):
    """The database."""

    host: Host = Field(
        None,
        description="The MySQL or MariaDB server, best as an IP address; `user` and `db` go with it. Without "
        "it everything is kept in the file visitorsflow.db beside config.py (SQLite): good for a first try.",
        examples=["192.168.1.10"],
    )
    port: int = Field(3306, ge=1, le=65535, description="The server's port.")
    user: Text | None = Field(None, description="Who signs in to the server.", examples=["visitorsflow"])
    password: SecretStr = Field(SecretStr(""), description="That user's password.", examples=["change me"])
    db: Text | None = Field(
        None,
        description="The database. It must exist; the table `PeopleFlow` is made for you.",
        examples=["visitorsflow"],
    )
    ssl_ca: Place | None = Field(
        None,
        description="A CA's certificate file: encrypts, and refuses a server of another name, or one that "
        "this CA did not sign.",
        examples=["mysql-ca.pem"],
    )
    database_url: DatabaseUrl = Field(
        None,
        description="Instead of all of these: any SQLAlchemy URL for MySQL, MariaDB or SQLite.",
        examples=["mysql+pymysql://user:password@192.168.1.10/visitorsflow"],
    )


class Folder(Section):
    """The folder and the camera."""

    watch_folder: Place = Field(
        Path("Files"),
        description="Where the camera's program puts its .json files. It is made when it is missing, "
        "except with `--once`: that ends with exit code 2. The argument of `uploadData.py` goes before it.",
    )
    camera: str = Field(
        default_factory=default_camera,
        min_length=1,
        max_length=64,
        description="The name under which this camera's crossings are stored (column `ip`, at most 64 "
        "characters). By default it is the last part of this PC's IPv4 address. Set it at a venue: an "
        "address may change.",
        examples=["entrance-north"],
    )
    camera_format: FormatOfCamera = Field(
        None,
        description="Another maker's files: the name of a preset, or a description of them "
        "(docs/cameras.md). `uploadData.py --try FILE` shows how they are read. None: the format of "
        "docs/files.md.",
        examples=["vivotek"],
    )
    idle_seconds: float = Field(
        60,
        gt=0,
        allow_inf_nan=False,
        description="An alert is sent when no file has come for this many seconds.",
    )
    settle_seconds: float = Field(
        10,
        ge=0,
        allow_inf_nan=False,
        description="A file that is not whole JSON may still be being written: it is rejected only after it "
        "has not changed for this many seconds. One that its writer still has open is taken after as long.",
    )
    stored_days: int | None = Field(
        None,
        gt=0,
        description="So many days are kept in `stored/`; older ones are deleted, day by day. "
        "None: all are kept. `rejected/` is always kept.",
        examples=[90],
    )
    open_hours: tuple[Clock, Clock] | None = Field(
        None,
        description="When the venue is open; closed time does not count as silence. The end may be after "
        'midnight: `("18:00", "02:00")`. None: always.',
        examples=[("08:00", "22:00")],
    )
    timezone: Zone = Field(
        None,
        description="The time zone of the cameras' clocks. None: that of this PC.",
        examples=["Asia/Taipei"],
    )
    venue: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        None,
        description="The venue's name, in messages, on the picture of the day, on the screen and on the "
        "page. It helps where one phone gets the messages of several venues.",
        examples=["花博"],
    )
    language: Language = Field("zh-TW", description='The language of what staff read: `"zh-TW"` or `"en"`.')


class Watch(Section):
    """Watched as well."""

    capacity: int | None = Field(
        None,
        gt=0,
        description="How many people may be inside at once: alerts when 90 % and when 100 % of them are. "
        "None: no alerts.",
        examples=[500],
    )
    status_message: bool | None = Field(
        None,
        description="One message a day that always shows the present state, and at closing a picture of the "
        "day. None: where alerts go to a group or a channel. `True`: to one person too; `False`: never.",
        examples=[True],
    )
    heartbeat_url: Url = Field(
        None,
        description="A watchdog on the internet (healthchecks.io, Uptime Kuma, ...): it is called once a "
        "minute while all is well, and rings when it hears nothing any more.",
        examples=["https://hc-ping.com/your-uuid"],
    )


class Telegram(Section):
    """Alerts by Telegram."""

    api_id: int | None = Field(
        None,
        gt=0,
        description="A number from my.telegram.org: see docs/setup.md, Telegram. Without it alerts go only "
        "to the terminal and the log.",
        examples=[12345],
    )
    api_hash: SecretStr | None = Field(
        None, description="What stands beside `api_id` there.", examples=["0123456789abcdef"]
    )
    bot_token: Token = Field(
        None,
        description="The bot that sends, by the token that @BotFather gives. It signs in by itself.",
        examples=["123456789:AAF-and-so-on"],
    )
    phone_number: Text | None = Field(
        None,
        description="Instead of a bot: the user account that sends. `uploadData.py` asks for the code that "
        "Telegram sends to it.",
        examples=["+886912345678"],
    )
    telegram_to: Text = Field(
        "me",
        description="Who gets the alerts: the number of a group or a person (`uploadData.py --check` shows "
        'the numbers), or `"@name"`. With `phone_number` also the title of a group, or `"me"`: the account '
        'itself, 15 seconds later. A bot needs it: with `"me"` the start ends with exit code 2.',
    )


class Report(Section):
    """The report to the authority's API (callAPI.py)."""

    api_url: Url = Field(
        None,
        description="Where `callAPI.py` sends the report.",
        examples=["https://api.example.org/upload"],
    )
    ssid: Text = Field("SS-007", description="The venue's SSID.")
    tag_ids: dict[TagType, Text] = Field(
        {"Count": "901", "CountAccuIn": "902", "CountAccuOut": "903"},
        description="The TagID of each of the three totals: inside, in, out.",
    )
    api_success: Texts = Field(
        ("成功", "OK"),
        description="What `Desc` in the API's reply says when the report was accepted; in a reply without "
        "`Desc`: some value in it, or the whole text.",
    )
    report_days: int = Field(
        7,
        ge=0,
        le=31,
        description="Rows may come late: so many past days are compared with what was last accepted for "
        "them, and reported again where they differ. 0: never.",
    )


class Web(Section):
    """The page in the browser (uploadData.py --web)."""

    web_token: WebToken = Field(
        None,
        description="The page asks for it: `http://…/?token=…` once in each browser. Where other PCs and "
        "phones can open the page, it is needed: at least 16 letters, digits, `-` and `_`.",
        examples=["at-least-16-letters-of-your-own"],
    )
    web_hosts: WebHosts = Field(
        (),
        description="Names under which browsers may open the page, besides its address.",
        examples=[("visitors.venue.lan",)],
    )


# --- all of them ---------------------------------------------------------------------------------------


class Settings(
    Web, Report, Telegram, Watch, Folder, Database
):  # the first section last: so pydantic orders them
    """Every setting of config.py under its own name, plus `home`, the folder of config.py."""

    home: Path

    _retired: tuple[str, ...] = PrivateAttr(())

    @property
    def retired(self) -> tuple[str, ...]:
        """The settings in config.py that an older program had, and that are not used any more."""
        return self._retired

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for one, other in (("host", "database_url"), ("bot_token", "phone_number")):
            if getattr(self, one) and getattr(self, other):
                raise ValueError(Reason("both set", one=one, other=other))
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
                    raise ValueError(Reason("needs", missing=other, first=first))
        if self.api_id and not (self.bot_token or self.phone_number):
            raise ValueError(Reason("no sender"))
        if len(self.tag_ids) != len(get_args(TagType)):
            raise ValueError(Reason("not all tags"))
        if self.ssl_ca and not self.under_home(self.ssl_ca).is_file():
            raise ValueError(Reason("no ssl_ca", path=str(self.under_home(self.ssl_ca))))
        return self

    @property
    def may_show_status(self) -> bool:
        """Is there a status message; with an "@name" only if that turns out to be a group or channel."""
        if self.status_message is not None or self.api_id is None:
            return bool(self.status_message)
        return self.telegram_to != "me" and not re.fullmatch(r"\+?\d+", self.telegram_to, re.ASCII)

    @property
    def format(self) -> Format:
        """The format of the camera's files, whose times become those of `timezone`."""
        return replace(self.camera_format, zone=self.timezone) if self.camera_format else OURS

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
            unread = Reason("config unread", path=str(path), why=os_reason(error))
            raise ConfigurationError(config_file.misnamed(path) or unread) from None
        return Settings(home=home)
    known = set(Settings.model_fields) - {"home"}
    given = {
        name: value
        for name, value in names.items()
        if name in known or not (name.startswith("_") or inspect.ismodule(value) or callable(value))
    }
    retired = tuple(sorted(RETIRED & given.keys()))
    given = {name: value for name, value in given.items() if name not in retired}
    wrong = [Reason("unknown setting", name=n, hint=nearest(n, known)) for n in given if n not in known]
    if not wrong:
        try:
            chosen = Settings(home=home, **given)
        except ValidationError as error:
            items = error.errors(include_input=False, include_url=False)
            wrong = list(dict.fromkeys(_reason(item, given) for item in items))
        else:
            chosen._retired = retired  # noqa: SLF001 - set once, here where it is made
            return chosen
    language = given.get("language")
    raise ConfigurationError(
        lines_of([Reason("in config", path=str(path), why=why) for why in wrong]),
        language=language if language in get_args(Language) else None,
    ) from None


def exposed(config: Path, settings: Settings) -> Reason | None:
    """Say when others on this machine can read the secrets in config.py."""
    password = settings.password.get_secret_value()
    secrets = (password, settings.database_url, settings.api_hash, settings.bot_token, settings.web_token)
    if os.name == "nt" or not any(secrets) or not config.exists() or not config.stat().st_mode & 0o077:
        return None
    return Reason("exposed", path=str(config))


def _reason(item: Any, given: dict[str, Any]) -> Reason:
    """Say what pydantic found wrong with a setting."""
    values = item.get("ctx", {})
    first, *inside = item["loc"] or ("",)
    value = given.get(first)  # Python makes a tuple of `name = value,`
    if isinstance(value, tuple) and len(value) == 1 and (not inside or isinstance(value[0], tuple)):
        return Reason("setting", name=first, why=Reason("comma at the end"))
    if item["type"] == "value_error":
        [why] = values["error"].args
    elif item["type"] == "literal_error":
        others, _, last = values["expected"].rpartition(" or ")
        why = Reason("none of", expected=Reason("or", one=others, other=last) if others else last)
    elif item["type"] in _KNOWN:
        why = Reason(_KNOWN[item["type"]], **values)
    else:
        why = quoted(str(item["msg"]).replace("Input should", "should"))
    name = ".".join(str(part) for part in item["loc"])
    return Reason("setting", name=name, why=why) if name else why
