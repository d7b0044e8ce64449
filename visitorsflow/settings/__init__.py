"""config.py becomes Settings: checked, with errors that name the setting and never show a secret."""

import inspect
import os
import time as clocks
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError, model_validator

from visitorsflow import config_file
from visitorsflow.errors import ConfigurationError
from visitorsflow.settings.fields import Database, Folder, Report, TagType, Telegram, Watch
from visitorsflow.settings.values import default_camera, nearest

__all__ = ["RETIRED", "Settings", "TagType", "default_camera", "exposed", "load"]

_read_zone = getattr(clocks, "tzset", None)  # not on Windows
RETIRED = frozenset({"socketServer"})  # in config.py of the 2018 program; nothing reads it any more


class Settings(Report, Telegram, Watch, Folder, Database):  # the first section last: so pydantic orders them
    """Every setting of config.py under its own name, plus `home`, the folder of config.py."""

    home: Path

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
    unknown = [f"unknown setting {n}{nearest(n, known)}" for n in given if n not in known]
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


def _line(item: Any) -> str:
    name = ".".join(str(part) for part in item["loc"])
    message = str(item["msg"]).removeprefix("Value error, ")
    message = message.replace("Input should", "should")
    return f"{name}: {message}" if name else message
