"""A maker's format as a value: where the list of records is in a file, and which key says what.

`camera_format` in config.py names a preset or is such a description itself; it becomes one frozen Format, and
only `intake.records` reads by it. From there on nobody knows makers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from visitorsflow.reasons import Reason, nearest

Key = str  # of a record's field; a dot leads into an object
Values = frozenset[str]  # as `plain` writes them

PRESETS: dict[str, dict[str, Any]] = {
    # FootfallCam 3D Pro2 2025, WebSocket Integration Guide, "Time Granularity: Per Event".
    "footfallcam": {
        "id": "UUID",
        "direction": "MetricId",
        "in": 1,
        "out": 2,
        "time": "EventEndTime",
        "output_time": "EventEndTime",
        "time_format": "unix",
        "line": "RoiId",
        "only": {"CombineObjectTypeId": 11},
    },
    # VIVOTEK SC8131, User's Manual, "Report Push" in JSON.
    "vivotek": {
        "records": "Data[].CountingInfo[]",
        "in_count": "In",
        "out_count": "Out",
        "time": "StartTime",
        "output_time": "EndTime",
        "time_format": "iso",
        "line": "RuleName",
    },
    # Axis P8815-2 3D People Counter API, "Download foot traffic statistics" in JSON.
    "axis": {
        "records": "data[]",
        "in_count": "in",
        "out_count": "out",
        "time": "start",
        "output_time": "end",
        "time_format": "%Y-%m-%d %H:%M:%S",
    },
}
TIME_FORMATS = ("digits", "iso", "unix", "unix ms")
_CROSSINGS = {"id", "direction", "in", "out"}  # each of them is needed
_INTERVALS = {"in_count", "out_count", "output_time"}
_COMMON = {"records", "time", "time_format", "line", "only"}
WORDS = _CROSSINGS | _INTERVALS | _COMMON | {"frame"}  # single crossings may have an output_time too


@dataclass(frozen=True)
class Format:
    """Single crossings have `direction`, counts per interval `in_count` and `out_count`; never both.

    Times without a zone are local; those with one are converted to `zone`, None being that of this PC.
    """

    records: tuple[str, ...] = ()  # keys from the top of the file down to the list
    time: Key = ""
    output_time: Key = ""  # "": single crossings have it from the file's name
    time_format: str = "digits"
    line: Key = ""  # "": the device has one line
    only: tuple[tuple[Key, Values], ...] = ()
    id: Key = ""
    direction: Key = ""
    in_values: Values = frozenset()
    out_values: Values = frozenset()
    frame: Key = ""
    in_count: Key = ""
    out_count: Key = ""
    zone: tzinfo | None = None

    @property
    def counts(self) -> bool:
        """Are its records counts per interval."""
        return bool(self.in_count)


OURS = Format()  # the one that config.py need not name: its records are read by a way of their own


def format_of(said: object) -> Format:
    """The Format of what config.py says: a preset's name, or a description.

    Raises ValueError with a Reason that names the word that is wrong, missing or too much.
    """
    if isinstance(said, str):
        if said not in PRESETS:
            known = ", ".join(f'"{name}"' for name in PRESETS)
            raise ValueError(Reason("no preset", name=said, known=known, hint=nearest(said, PRESETS)))
        said = PRESETS[said]
    if not isinstance(said, Mapping):
        raise ValueError(Reason("no format"))
    for word in said:
        if word not in WORDS:
            raise ValueError(Reason("format unknown", word=word, hint=nearest(str(word), WORDS)))
    _check_shape(said)
    made = Format(
        records=_path(said.get("records", "")),
        time_format=_time_format(said.get("time_format", "digits")),
        only=_only(said.get("only", {})),
        in_values=_values("in", said["in"]) if "in" in said else frozenset(),
        out_values=_values("out", said["out"]) if "out" in said else frozenset(),
        time=_key("time", said),
        output_time=_key("output_time", said),
        line=_key("line", said),
        id=_key("id", said),
        direction=_key("direction", said),
        frame=_key("frame", said),
        in_count=_key("in_count", said),
        out_count=_key("out_count", said),
    )
    if both := made.in_values & made.out_values:
        raise ValueError(Reason("format both ways", value=min(both)))
    return made


def plain(value: object) -> str | None:
    """A value as it is compared: 1, 1.0 and " 1 " are alike, true is "true". None for any other kind."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value).strip()
    return None


def _check_shape(said: Mapping[str, Any]) -> None:
    """Raises ValueError unless it is one shape, and whole."""
    counts = {"in_count", "out_count"} & said.keys()
    singles = (_CROSSINGS | {"frame"}) & said.keys()
    if counts and singles:
        raise ValueError(Reason("format mixed", one=min(singles), other=min(counts)))
    for word in ("time", *sorted(_INTERVALS if counts else _CROSSINGS)):
        if word not in said:
            raise ValueError(Reason("format missing", word=word))


def _key(word: str, said: Mapping[str, Any]) -> Key:
    if word not in said:
        return ""
    key = said[word]
    if not isinstance(key, str) or not key:
        raise ValueError(Reason("format no key", word=word))
    return key


def _path(said: object) -> tuple[str, ...]:
    """The keys of a path; "[]" behind one says that a list is there, which is seen anyway.

    >>> _path("Data[].CountingInfo[]"), _path("")
    (('Data', 'CountingInfo'), ())
    """
    if not isinstance(said, str):
        raise ValueError(Reason("format no path"))
    keys = tuple(part.removesuffix("[]") for part in said.split(".")) if said else ()
    if not all(keys):
        raise ValueError(Reason("format no path"))
    return keys


def _time_format(said: object) -> str:
    if said in TIME_FORMATS:
        return str(said)
    if isinstance(said, str) and _can_be_read_back(said):
        return said
    known = ", ".join(f'"{name}"' for name in TIME_FORMATS)
    raise ValueError(Reason("no time format", known=known, hint=nearest(str(said), TIME_FORMATS)))


def _can_be_read_back(pattern: str) -> bool:
    """Does a strptime pattern tell a whole time, to the minute at least."""
    moment = datetime(2018, 11, 3, 20, 25)
    try:
        read = datetime.strptime(moment.astimezone().strftime(pattern), pattern)  # noqa: DTZ007
    except (ValueError, re.error):
        return False
    return read.replace(tzinfo=None) == moment


def _only(said: object) -> tuple[tuple[Key, Values], ...]:
    if not isinstance(said, Mapping) or not all(isinstance(key, str) for key in said):
        raise ValueError(Reason("format no only"))
    return tuple((key, _values("only", value)) for key, value in said.items())


def _values(word: str, said: object) -> Values:
    several = said if isinstance(said, list | tuple | set | frozenset) else [said]
    values = [plain(value) for value in several]
    found = frozenset(value for value in values if value)
    if not found or len(found) != len(set(values)):
        raise ValueError(Reason("format no values", word=word))
    return found
