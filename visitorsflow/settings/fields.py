"""Every setting, in its section: its type, its default, what it is, and an example where the default is none.

docs/make_tables.py makes config.py.example and the table in docs/settings.md from these.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from visitorsflow.settings.values import (
    Clock,
    DatabaseUrl,
    Place,
    Text,
    Texts,
    Token,
    Url,
    Zone,
    default_camera,
)
from visitorsflow.words import Language

TagType = Literal["Count", "CountAccuIn", "CountAccuOut"]


class Section(BaseModel):
    """Settings that belong together; the docstring is their heading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        arbitrary_types_allowed=True,
    )


class Database(Section):
    """The database."""

    host: Text | None = Field(
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
        description="Where the camera's program puts its .json files. It is made when it is missing. "
        "The argument of `uploadData.py` goes before it.",
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
    language: Language = Field("zh-TW", description='The language of what staff read: `"zh-TW"` or `"en"`.')


class Watch(Section):
    """What else is watched."""

    capacity: int | None = Field(
        None,
        gt=0,
        description="How many people may be inside at once: alerts when 90 % and when 100 % of them are. "
        "None: no alerts.",
        examples=[500],
    )
    status_message: bool = Field(
        False,
        description="One message a day that always shows the present state, and at closing a picture of the "
        "day.",
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
        description="A number from my.telegram.org: see README, Telegram. Without it alerts only go to the "
        "terminal and the log.",
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
        description="What `Desc` in the API's reply, or a reply that is a mere text, says when the report "
        "was accepted.",
    )
