"""What config.py may say of a maker's files, and what it is told when it is wrong."""

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from visitorsflow import settings
from visitorsflow.errors import ConfigurationError
from visitorsflow.formats import OURS, PRESETS, Format, format_of, plain

SINGLE = {"id": "n", "direction": "d", "in": 1, "out": [2, "OUT"], "time": "t"}
COUNTS = {"in_count": "i", "out_count": "o", "time": "t", "output_time": "u"}


def load(tmp_path: Path, **chosen: object) -> settings.Settings:
    path = tmp_path / "config.py"
    path.write_text("\n".join(f"{name} = {value!r}" for name, value in chosen.items()), "utf-8")
    return settings.load(path, required=True)


def without(said: dict[str, Any], word: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != word}


def test_nothing_said_is_our_own_format(tmp_path: Path) -> None:
    """Without the setting, and with None, the format is the very one that is read by a way of its own."""
    assert load(tmp_path).format is OURS
    assert load(tmp_path, camera_format=None).format is OURS


def test_a_format_does_not_change() -> None:
    """It is read by the loop's thread for months."""
    with pytest.raises(FrozenInstanceError):
        OURS.time = "x"  # type: ignore[misc]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_its_description(tmp_path: Path, name: str) -> None:
    """The name and the description that the documents show are one; its times become those of the venue."""
    by_name = load(tmp_path, camera_format=name, timezone="Asia/Taipei").format
    written = load(tmp_path, camera_format=PRESETS[name], timezone="Asia/Taipei").format
    assert by_name == written
    assert str(by_name.zone) == "Asia/Taipei"


def test_all_words_of_single_crossings() -> None:
    """Each of them goes into the Format under its meaning."""
    said = SINGLE | {
        "records": "a.b[]", "output_time": "u", "frame": "f", "line": "l", "time_format": "unix ms",
        "only": {"kind": [11, " x "], "ok": True},
    }  # fmt: skip
    assert format_of(said) == Format(
        records=("a", "b"), time="t", output_time="u", time_format="unix ms", line="l", id="n", direction="d",
        only=(("kind", frozenset({"11", "x"})), ("ok", frozenset({"true"}))), in_values=frozenset({"1"}),
        out_values=frozenset({"2", "OUT"}), frame="f",
    )  # fmt: skip
    assert not format_of(SINGLE).counts


def test_all_words_of_counts() -> None:
    """They need no person and no direction."""
    assert format_of(COUNTS) == Format(time="t", output_time="u", in_count="i", out_count="o")
    assert format_of(COUNTS).counts


@pytest.mark.parametrize(
    "pattern", ["%Y-%m-%d %H:%M:%S", "%d.%m.%y %H:%M", "%Y%m%dT%H%M%S%z", "%b %d %Y %I:%M %p"]
)
def test_patterns_of_a_whole_time(pattern: str) -> None:
    """Any that tells the date and the minute."""
    assert format_of(COUNTS | {"time_format": pattern}).time_format == pattern


_TIMES = 'time_format is "digits", "iso", "unix", "unix ms", or the pattern of a whole time like .*'
_VALUES = "should be a text, a number, or a list of them"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("vivotec", "there is no 'vivotec'; the presets are .*; did you mean vivotek\\?"),
        ("", "there is no ''; the presets are \"footfallcam\", \"vivotek\", \"axis\""),
        (5, 'should be the name of a preset, or a description like {"time": "..."}'),
        ([], "should be the name of a preset, .*"),
        (COUNTS | {"tme": "t"}, r"tme is not known here; did you mean time\?"),
        (COUNTS | {7: "t"}, "7 is not known here"),
        ({}, "time is missing"),
        (without(SINGLE, "time"), "time is missing"),
        (without(SINGLE, "id"), "id is missing"),
        (without(SINGLE, "direction"), "direction is missing"),
        (without(SINGLE, "in"), "in is missing"),
        (without(SINGLE, "out"), "out is missing"),
        (without(COUNTS, "output_time"), "output_time is missing"),
        (without(COUNTS, "in_count"), "in_count is missing"),
        (without(COUNTS, "out_count"), "out_count is missing"),
        (COUNTS | {"id": "n"},
            "id is for single crossings and in_count for counts per interval: keep one of them"),
        (COUNTS | {"frame": "n"}, "frame is for single crossings .*"),
        (SINGLE | {"out_count": "n"}, "direction is for single crossings and out_count .*"),
        (SINGLE | {"out": [1, 2]}, "1 can't be both in and out"),
        (SINGLE | {"in": []}, f"in {_VALUES}"),
        (SINGLE | {"in": [None]}, f"in {_VALUES}"),
        (SINGLE | {"out": [2, []]}, f"out {_VALUES}"),
        (SINGLE | {"out": ""}, f"out {_VALUES}"),
        (SINGLE | {"id": 5}, "id should be the name of a key in the files"),
        (SINGLE | {"time": ""}, "time should be the name of a key in the files"),
        (SINGLE | {"frame": None}, "frame should be the name of a key in the files"),
        (SINGLE | {"line": 1}, "line should be the name of a key in the files"),
        (COUNTS | {"output_time": []}, "output_time should be the name of a key in the files"),
        (COUNTS | {"in_count": 1}, "in_count should be the name of a key in the files"),
        (COUNTS | {"out_count": 1}, "out_count should be the name of a key in the files"),
        (SINGLE | {"direction": 1}, "direction should be the name of a key in the files"),
        (COUNTS | {"records": 5}, 'records is written like "Data\\[\\].CountingInfo\\[\\]"'),
        (COUNTS | {"records": "a..b"}, "records is written like .*"),
        (COUNTS | {"records": "[]"}, "records is written like .*"),
        (COUNTS | {"only": "x"}, 'only should be keys and values, like {"name": 1}'),
        (COUNTS | {"only": {1: "x"}}, "only should be keys and values, .*"),
        (COUNTS | {"only": {"k": None}}, f"only {_VALUES}"),
        (COUNTS | {"time_format": "unx"}, rf"{_TIMES}; did you mean unix\?"),
        (COUNTS | {"time_format": 5}, _TIMES),
        (COUNTS | {"time_format": "%Y-%m-%d"}, _TIMES),
        (COUNTS | {"time_format": "%H:%M:%S"}, _TIMES),
        (COUNTS | {"time_format": "%Y-%m-%d %I:%M:%S"}, _TIMES),
        (COUNTS | {"time_format": "%Y-%m-%d %H:%M:%S %"}, _TIMES),
    ],
)  # fmt: skip
def test_a_wrong_format_says_so(tmp_path: Path, said: object, why: str) -> None:
    """One line that names the setting and the word, and the known one that is nearest."""
    with pytest.raises(ConfigurationError, match=rf"\A.*config\.py: camera_format: {why}\Z"):
        load(tmp_path, camera_format=said)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1"), (" 1 ", "1"), (1.5, "1.5"), (True, "true"), (False, "false"), ("IN", "IN"),
    (None, None), ([1], None), ({}, None)],
)  # fmt: skip
def test_values_that_are_alike(value: object, text: str | None) -> None:
    """A number is the same in quotes; what is neither a number, a text nor a truth is like nothing."""
    assert plain(value) == text
