"""config.py: every mistake is one clear line that names the setting, and no secret shows."""

import os
import time as clocks
from pathlib import Path
from typing import Any

import pytest

from tests.venue import PROJECT, Venue, crossing
from visitorsflow.errors import ConfigurationError
from visitorsflow.settings import Settings, default_camera, load

EXAMPLE = PROJECT / "config.py.example"
MYSQL = 'host = "h"\nuser = "u"\ndb = "d"\n'
BOT = 'api_id = 1\napi_hash = "h"\nbot_token = "42:test"\n'


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "config.py"
    path.write_text(text, encoding="utf-8")
    return load(path, required=True)


@pytest.mark.skipif(not hasattr(clocks, "tzset"), reason="Windows has none")
def test_the_zone_of_this_machine_may_be_set_while_we_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next time is in the new one: open hours and messages do not stay in the old one for months."""
    settings = loaded(tmp_path, "")
    with monkeypatch.context() as machine:
        machine.setenv("TZ", "UTC0")
        before = settings.now()
        machine.setenv("TZ", "CST-8")
        hours = (settings.now() - before).total_seconds() / 3600
    clocks.tzset()
    assert round(hours, 1) == 8


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('pasword = "x"', "unknown setting pasword; did you mean password?"),
        ("Idle_Seconds = 3", "unknown setting Idle_Seconds; did you mean idle_seconds?"),
        ("home = '/'", "unknown setting home"),
        ('idle_seconds = "sixty"', "idle_seconds: should be a valid number"),
        ("idle_seconds = 0", "idle_seconds: should be greater than 0"),
        ("capacity = 0", "capacity: should be greater than 0"),
        ('status_message = "often"', "status_message: should be True or False"),
        (
            'heartbeat_url = "hc-ping.com/x"',
            "heartbeat_url: a URL is written like https://api.example.org/upload",
        ),
        ("idle_seconds = float('nan')", "idle_seconds: should be a finite number"),
        ("settle_seconds = -1", "settle_seconds: should be greater than or equal to 0"),
        (MYSQL + "port = 70000", "port: should be less than or equal to 65535"),
        ('host = "h"\nuser = "u"', "db is missing; host needs it"),
        ('host = "h"\ndb = "d"', "user is missing; host needs it"),
        ('user = "u"', "host is missing; user needs it"),
        (MYSQL + 'database_url = "sqlite://"', "host and database_url are both set"),
        (MYSQL + 'ssl_ca = "none.pem"', "ssl_ca: there is no file .*none.pem"),
        ('camera = ""', "camera: .* at least 1 character"),
        ('camera = "x" * 65', "camera: .* at most 64 characters"),
        ('open_hours = ("8", "22:00")', 'open_hours.0: a time is written "HH:MM"'),
        ('open_hours = ("08:00", "24:01")', 'open_hours.1: a time is written "HH:MM"'),
        ('open_hours = "08:00"', "open_hours: should be several values in brackets"),
        ('timezone = "Asia/Taipeh"', "timezone: .*did you mean Asia/Taipei?"),
        ("api_id = 1", "api_hash is missing; api_id needs it"),
        ('api_id = 1\napi_hash = "h"', "bot_token or phone_number is missing; api_id needs one of them"),
        ('bot_token = "42:test"', "api_id is missing; bot_token needs it"),
        (BOT + 'phone_number = "+886"', "bot_token and phone_number are both set; keep one of them"),
        ('bot_token = "123456789"', "bot_token: write it as @BotFather gives it, like 123456789:AAF"),
        ('bot_token = "@our_bot"', "bot_token: write it as @BotFather gives it, like 123456789:AAF"),
        ('bot_token = ""', "bot_token: write it as @BotFather gives it, like 123456789:AAF"),
        ('api_hash = "h"', "api_id is missing; api_hash needs it"),
        ('api_url = "example.org"', "api_url: a URL is written like https"),
        ('api_url = "http://127.0.0.1:port/"', "api_url: a URL is written like https"),
        ('api_url = "http://:80/"', "api_url: a URL is written like https"),
        ('tag_ids = {"Count": "1"}', "tag_ids needs all of Count, CountAccuIn and CountAccuOut"),
        ('tag_ids = {"Cuont": "1"}', "tag_ids.Cuont"),
        ("tag_ids = ['901']", "tag_ids: should be names and values"),
        ("watch_folder = 3", "watch_folder: should be a path"),
        ("capacity = 1.5", "capacity: should be a whole number"),
        ('language = "de"', "language: should be 'zh-TW' or 'en'"),
        ('open_hours = ("08:00",)', "open_hours.1: is missing"),
        ("ssid = None", "ssid: should be a text in quotes"),
        ('timezone = "UTC+8"', 'timezone: write a place, like "Asia/Taipei", and not the hours from UTC'),
        ('timezone = "GMT+08:00"', 'timezone: write a place, like "Asia/Taipei", and not the hours'),
        ("timezone = 8", 'timezone: write a place, like "Asia/Taipei", and not the hours'),
        ('timezone = "Taiwan"', 'timezone: a time zone is written like "Asia/Taipei"$'),
        ('timezone = "CST"', 'timezone: a time zone is written like "Asia/Taipei"$'),
        ('host = "http://127.0.0.1"', 'host: write a name or an IP address alone, like "192.168.1.10"'),
        ('host = "127.0.0.1:3306"', "host: write a name or an IP address alone, .*; its port stands in port"),
        ('host = "db/x"', "host: write a name or an IP address alone"),
        ('host = "[::1]"', "host: write a name or an IP address alone"),
        ('web_hosts = ("", "a.b:80")', "web_hosts.0: write a name alone"),
        ('web_hosts = ("a.b", "http://a.b:80/")', "web_hosts.1: write a name alone"),
        ('web_hosts = "a.b:80"', "web_hosts.0: write a name alone"),
        ('camera = "n",', "camera: the comma at the end of the line must go"),
        ('password = "x",', "password: the comma at the end of the line must go"),
        ("capacity = 500,", "capacity: the comma at the end of the line must go"),
        ('language = "en",', "language: the comma at the end of the line must go"),
        ('watch_folder = "Files",', "watch_folder: the comma at the end of the line must go"),
        ('timezone = "Asia/Taipei",', "timezone: the comma at the end of the line must go"),
        ('camera_format = "vivotek",', "camera_format: the comma at the end of the line must go"),
        ('open_hours = ("08:00", "22:00"),', "open_hours: the comma at the end of the line must go"),
        ('open_hours = ("08:00", "22:00", "23:00")', "open_hours: should have at most 2 values"),
        (r'watch_folder = "C:\new"', r'watch_folder: a \\ .*: write a path as r"C:'),
        (r'watch_folder = "C:\temp"', r'watch_folder: a \\ .*: write a path as r"C:'),
        (r'watch_folder = "Files\0"', r'watch_folder: a \\ .*: write a path as r"C:'),
        (r'watch_folder = "D:\2018"', r'watch_folder: a \\ .*: write a path as r"C:'),
        (MYSQL + r'ssl_ca = "C:\ca.pem"' + '.replace("c", chr(7))', r"ssl_ca: a \\ .*: write a path"),
        (r'database_url = "sqlite:///C:\new.db"', r'database_url: a \\ .*: write a path as r"C:'),
        ('watch_folder = "~nobody-of-this-name/Files"', "watch_folder: there is no home folder for its ~"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, message: str) -> None:
    """One line with the file, the setting, what is wrong and, where there is one, the nearest right name."""
    with pytest.raises(ConfigurationError, match=message) as error:
        loaded(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("host", ["h", "192.168.1.10", "::1", "fe80::1%eth0", "my_db.venue.lan", "資料庫"])
def test_a_host(tmp_path: Path, host: str) -> None:
    """A name, or an address of either kind."""
    assert loaded(tmp_path, MYSQL + f"host = {host!r}").host == host


def test_one_of_a_few_in_chinese(tmp_path: Path) -> None:
    """All of the line is."""
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, "language = 'de'\ntag_ids = {'Cuont': '1'}")
    assert [line.rpartition("：")[2] for line in error.value.text("zh-TW").splitlines()] == [
        "只能是 'zh-TW' 或 'en'",
        "只能是 'Count', 'CountAccuIn' 或 'CountAccuOut'",
    ]


def test_a_wrong_setting_in_chinese(tmp_path: Path) -> None:
    """What stands in the log in English is for the venue's eyes in its language."""
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, "capacity = 0\npasword = 'x'")
    path = tmp_path / "config.py"
    assert error.value.text("zh-TW") == f"{path}：沒有 pasword 這個設定；是不是 password？"
    assert error.value.language is None
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, "language = 'zh-TW'\ncapacity = 0\nopen_hours = ('8', '9')")
    assert error.value.text("zh-TW").splitlines() == [
        f'{path}：open_hours.0：時間要寫成 "HH:MM"，例如 "08:00"',
        f'{path}：open_hours.1：時間要寫成 "HH:MM"，例如 "08:00"',
        f"{path}：capacity：要大於 0",
    ]
    assert error.value.language == "zh-TW"


def test_each_mistake_has_its_line(tmp_path: Path) -> None:
    """Two mistakes are two lines."""
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, "idle_seconds = 'x'\nsettle_seconds = 'y'")
    assert [line.split(": ")[1] for line in str(error.value).splitlines()] == [
        "idle_seconds",
        "settle_seconds",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("password = hunter2-secret", "line 1: NameError"),
        ("\npassword = 'hunter2-secret", "line 2: not valid Python"),
        ("password = 'hunter2-secret'\nport = 1/0", "line 2: ZeroDivisionError"),
        ("api_id = 1\napi_hash = 'h'\nbot_token = 'hunter2-secret'", "bot_token: write it as"),
        ("api_hash = ['hunter2-secret']", "api_hash: should be a text in quotes"),
        ("password = b'hunter2-secret' * 2 + 1", "line 1: TypeError"),
        ("import sys\nsys.exit('hunter2-secret')", "line 2: SystemExit"),
        ("database_url = 7 and ['hunter2-secret']", "database_url: should be a text in quotes"),
    ],
)
def test_no_secret_is_in_an_error(tmp_path: Path, text: str, line: str) -> None:
    """Not even where the secret itself is what Python stumbles over."""
    with pytest.raises(ConfigurationError, match=line) as error:
        loaded(tmp_path, text)
    assert "hunter2" not in str(error.value)
    assert error.value.__suppress_context__


def test_secrets_do_not_show(tmp_path: Path) -> None:
    """Neither in repr nor in str."""
    chosen = loaded(
        tmp_path,
        'password = "hunter2"\napi_id = 1\napi_hash = "hunter2"\nphone_number = "1"\n'
        'database_url = "mysql+pymysql://u:hunter2@h/d"',
    )
    bot = loaded(tmp_path, 'api_id = 1\napi_hash = "hunter2"\nbot_token = "42:hunter2"')
    assert "hunter2" not in repr(bot) + str(bot)
    assert "hunter2" not in repr(chosen) + str(chosen)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    """Notepad's Big5 is answered with what to do."""
    path = tmp_path / "config.py"
    path.write_bytes('ssid = "花"'.encode("big5"))
    with pytest.raises(ConfigurationError, match="save it as UTF-8"):
        load(path, required=True)


def test_a_missing_file(tmp_path: Path) -> None:
    """Without config.py everything has its default; a --config that is missing is an error."""
    assert load(tmp_path / "config.py", required=False).idle_seconds == 60
    with pytest.raises(ConfigurationError, match="can't be read: No such file"):
        load(tmp_path / "config.py", required=True)


def test_the_example_sets_the_defaults(tmp_path: Path) -> None:
    """config.py.example works unchanged, and changes nothing."""
    text = EXAMPLE.read_text("utf-8")
    assert loaded(tmp_path, text) == load(tmp_path / "none.py", required=False)


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"home"}))
def test_each_setting_is_described(name: str) -> None:
    """It says what it is; without a default it shows an example."""
    setting = Settings.model_fields[name]
    assert (setting.description or "").endswith(".")
    assert setting.examples or setting.default is not None


def test_the_example_uncommented(tmp_path: Path) -> None:
    """The examples in it are valid ones (without ssl_ca's file and what is an alternative to another one)."""
    left_out = ("ssl_ca", "database_url", "phone_number")
    lines = [
        line.lstrip("# ")
        for line in EXAMPLE.read_text("utf-8").splitlines()
        if " = " in line and not any(name in line for name in left_out)
    ]
    chosen = loaded(tmp_path, "\n".join(lines))
    assert (chosen.host, chosen.api_id, chosen.camera) == ("192.168.1.10", 12345, "entrance-north")


def test_helpers_in_config_are_no_settings(tmp_path: Path) -> None:
    """It is Python: imports, functions and _names may help."""
    chosen = loaded(
        tmp_path, "import os\nfrom pathlib import Path\n_x = 1\ndef f(): return 5\nidle_seconds = f()"
    )
    assert chosen.idle_seconds == 5


def test_numbers_where_text_is_meant(tmp_path: Path) -> None:
    """camera = 4 and telegram_to = 12345 are what people write."""
    chosen = loaded(tmp_path, "camera = 4\ntelegram_to = -100123\ntag_ids = {'Count': 901, "
                    "'CountAccuIn': 902, 'CountAccuOut': 903}\napi_success = 'OK'")  # fmt: skip
    assert (chosen.camera, chosen.telegram_to, chosen.tag_ids["Count"]) == ("4", "-100123", "901")
    assert chosen.api_success == ("OK",)


def test_paths_are_relative_to_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """cron starts the scripts elsewhere."""
    monkeypatch.chdir(os.sep)
    chosen = loaded(tmp_path, "watch_folder = 'in'")
    assert chosen.under_home(chosen.watch_folder) == tmp_path.resolve() / "in"


def test_a_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """~ is the home folder of the user who runs the script, in config.py as in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path / "venue"))
    chosen = loaded(tmp_path, 'watch_folder = "~/Files"')
    assert chosen.under_home(chosen.watch_folder) == tmp_path / "venue" / "Files"


def test_a_home_folder_on_the_command_line(sqlite_venue: Venue) -> None:
    """A service manager hands over ~/Files as it is written."""
    environment = os.environ | {"HOME": str(sqlite_venue.home)}
    sqlite_venue.drop("20180531101900.json", [crossing("20180531101825")])
    done = sqlite_venue.run("uploadData.py", "--once", "~/Files", env=environment, cwd=sqlite_venue.home)
    assert done.returncode == 0, done.stderr
    assert len(sqlite_venue.rows()) == 1
    assert not (sqlite_venue.home / "~").exists()


def test_the_default_camera_is_a_part_of_an_address() -> None:
    """The last of the four numbers of an IPv4 address."""
    assert 0 <= int(default_camera()) <= 255


@pytest.mark.parametrize(
    ("chosen", "is_shown"),
    [
        ({"telegram_to": "-555"}, True),
        ({"telegram_to": "展場警報"}, True),
        ({"telegram_to": "@venue"}, True),
        ({"telegram_to": "777"}, False),
        ({"telegram_to": "+886912345678"}, False),
        ({}, False),
        ({"telegram_to": "777", "status_message": True}, True),
        ({"telegram_to": "-555", "status_message": False}, False),
    ],
)
def test_where_there_may_be_a_status_message(chosen: dict[str, Any], is_shown: bool) -> None:
    """By itself in groups and channels; never without Telegram; set, it is as it is set."""
    account = {"api_id": 1, "api_hash": "h", "phone_number": "+1"}
    assert Settings(home=Path("/"), **account, **chosen).may_show_status == is_shown
    assert not Settings(home=Path("/"), telegram_to="-555").may_show_status


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ("", ()),
        (("a.lan", ""), ("a.lan",)),
        ("[fd00::1]", ("fd00::1",)),
        (["a.lan", "b.lan"], ("a.lan", "b.lan")),
    ],
)
def test_web_hosts(given: object, hosts: tuple[str, ...]) -> None:
    """One or several; an emptied one is none."""
    assert Settings(home=Path("/"), web_hosts=given).web_hosts == hosts
