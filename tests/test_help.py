"""`--help` in the language of the machine."""

import os
import re

import pytest

import callAPI
import uploadData
from tests.venue import Venue
from visitorsflow.command_line import machine_language
from visitorsflow.words import help as texts

PARSERS = {"uploadData.py": uploadData.options_parser, "callAPI.py": callAPI.options_parser}
HAN = re.compile("[\u4e00-\u9fff]")
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")


@pytest.mark.parametrize("script", PARSERS)
def test_every_option_has_its_chinese(script: str) -> None:
    """Each that the script takes, and none that it does not."""
    options = {action.dest for action in PARSERS[script]()._actions}  # noqa: SLF001 - there is no other list
    assert options | {""} == texts.CHINESE[script].keys()


@pytest.mark.parametrize("script", PARSERS)
def test_help_on_a_chinese_machine(sqlite_venue: Venue, script: str) -> None:
    """All of it: the headings too, and what argparse says by itself."""
    done = sqlite_venue.run(script, "--help", env={**os.environ, "LC_ALL": "zh_TW.UTF-8"})
    assert done.stdout.startswith(f"用法：{script}")
    assert not re.search("usage|options|show |default:", done.stdout)
    english = sqlite_venue.run(script, "--help", env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert english.stdout.startswith("usage: ")
    assert not HAN.search(english.stdout)


@pytest.mark.parametrize(
    ("script", "arguments", "said"),
    [
        ("callAPI.py", ["--date", "2026/11/29"], "'2026/11/29' 不是 YYYY-MM-DD，也不是 today 或 yesterday"),
        ("callAPI.py", ["--history", "0"], "'0' 不是 1 到 999999 的數字"),
        ("callAPI.py", ["--date", "2018-05-30..2018-05-31"], "--date A..B 只能跟 --csv 一起用"),
        ("callAPI.py", ["--config", ""], "設定檔的名稱是空的"),
        ("uploadData.py", ["--config", ""], "設定檔的名稱是空的"),
        ("uploadData.py", [""], "資料夾的名稱是空的"),
        ("uploadData.py", ["--forget", ""], "攝影機的名稱是空的"),
        ("uploadData.py", ["--json"], "--json 要跟 --view 一起用"),
        ("uploadData.py", ["--view", "folder"], "--view 沒有資料夾：它只顯示資料庫裡的資料"),
    ],
)
def test_wrong_arguments_on_a_chinese_machine(
    sqlite_venue: Venue, script: str, arguments: list[str], said: str
) -> None:
    """What we say of them is in the language of `--help`."""
    done = sqlite_venue.run(script, *arguments, env={**os.environ, "LC_ALL": "zh_TW.UTF-8"})
    assert (done.returncode, done.stderr.endswith(f"{said}\n")) == (2, True), done.stderr
    english = sqlite_venue.run(script, *arguments, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert not HAN.search(english.stderr)


def test_a_terminal_that_has_no_chinese(sqlite_venue: Venue) -> None:
    """It gets English, and no error."""
    env = {**os.environ, "LC_ALL": "zh_TW.UTF-8", "PYTHONIOENCODING": "ascii"}
    done = sqlite_venue.run("uploadData.py", "--help", env=env)
    assert (done.returncode, done.stdout[:6]) == (0, "usage:")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "zh-TW"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_TW.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh-TW"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_TW:en"}, "zh-TW"),
        ({"LANG": "C", "LANGUAGE": "zh_TW"}, "en"),
    ],
)
def test_the_machines_language(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    """As gettext chooses it."""
    for name in LOCALE:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert machine_language() == language
