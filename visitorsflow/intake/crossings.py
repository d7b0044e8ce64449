"""The bytes of one file become crossings and rejected records.

Pure: no clock, no disk. No proper prefix of a JSON list or object is valid JSON, so a file that
parses is whole; and a bad record never holds back its neighbours.
"""

import functools
import json
import re
import reprlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from visitorsflow.errors import NotCrossings
from visitorsflow.facts import Crossing
from visitorsflow.reasons import Reason

BIGINT = 2**63  # what the table's columns hold: -BIGINT .. BIGINT - 1
SMALLINT = 2**15
MOST_REJECTED = 10_000  # beyond that a file is rejected whole


class RejectedRecord(NamedTuple):
    number: int  # counted from 1
    reason: Reason
    text: str  # the record as it stands in the file, to the letter


class Parsed(NamedTuple):
    crossings: list[Crossing]
    rejected: list[RejectedRecord]

    def summary(self) -> Reason:
        """All that was rejected, in one line; there must be something."""
        bad, total = len(self.rejected), len(self.crossings) + len(self.rejected)
        first = self.rejected[0]
        return Reason("some rejected", bad=bad, total=total, number=first.number, why=first.reason)


def parse(raw: bytes, name: str) -> Parsed:
    """Read one file's content; `name` is its name without folders, which tells the output time.

    An empty list is fine and gives nothing; a single object counts as a list of one.
    Raises NotCrossings, and nothing else whatever the bytes, when there is no list to read.

    >>> parsed = parse(b'[{"ID": 17, "inOut": 0, "time": "20180531101825"}]', "20180531101830.json")
    >>> parsed.crossings[0].output_time
    datetime.datetime(2018, 5, 31, 10, 18, 30)
    """
    text, content, decoder = _decode(raw)
    if not isinstance(content, list | dict):
        raise NotCrossings(Reason("no list", found=_shown(content)))
    records = content if isinstance(content, list) else [content]
    time_of_all = time_in_name(name)
    crossings: list[Crossing] = []
    reasons: dict[int, Reason] = {}
    alike: dict[_Fields, int] = {}
    for index, record in enumerate(records):
        try:
            seen = _fields(record, time_of_all)
        except _BadRecordError as error:
            reasons[index] = error.reason
            if len(reasons) > MOST_REJECTED:
                raise NotCrossings(Reason("too many bad", most=MOST_REJECTED, why=error.reason)) from None
            continue
        alike[seen] = occurrence = alike.get(seen, -1) + 1
        if occurrence >= SMALLINT:
            reasons[index] = Reason("too many alike", most=SMALLINT)
            continue
        crossings.append(Crossing(*seen, occurrence))
    if not reasons:
        return Parsed(crossings, [])
    texts = _texts_of_records(text, decoder) if isinstance(content, list) else [text.strip()]
    return Parsed(
        crossings,
        [RejectedRecord(i + 1, reasons[i], part) for i, part in enumerate(texts) if i in reasons],
    )


_FOURTEEN_DIGITS = re.compile(r"(?<!\d)[0-9]{14}(?!\d)")


def time_in_name(name: str) -> datetime | None:
    """The output time that a file's name tells: its one 14-digit time that is no part of a longer number.

    What our archive, a file manager or a sync client adds to a name does not make it another file:

    >>> time_in_name("20180531101825.1.json") == time_in_name("Copy of 20180531101825 (2).json")
    True
    """
    times = {time for digits in _FOURTEEN_DIGITS.findall(name) if (time := _moment(digits))}
    return times.pop() if len(times) == 1 else None


class _BadRecordError(Exception):
    """One record that is no crossing, and why."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.reason = Reason(key, **values)


_DECODER = json.JSONDecoder()
# Python refuses to read an integer of more than 4,300 digits; kept as text it fails as one record.
_DECODER_OF_HUGE_NUMBERS = json.JSONDecoder(parse_int=lambda s: int(s) if len(s) < 100 else s)


def _decode(raw: bytes) -> tuple[str, Any, json.JSONDecoder]:
    if not raw.strip():
        raise NotCrossings(Reason("is empty"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
        hint = Reason("looks like UTF-16") if utf16 else Reason("at byte", byte=error.start + 1)
        raise NotCrossings(Reason("is not UTF-8", hint=hint)) from None
    decoder = _DECODER
    try:
        try:
            return text, decoder.decode(text), decoder
        except json.JSONDecodeError:
            raise
        except ValueError:
            decoder = _DECODER_OF_HUGE_NUMBERS
            return text, decoder.decode(text), decoder
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise NotCrossings(Reason("is not JSON", message=error.msg, **where)) from None
    except RecursionError:
        raise NotCrossings(Reason("is nested too deeply")) from None


_Fields = tuple[datetime, datetime, int, int, int]


def _fields(record: Any, output_time: datetime | None) -> _Fields:
    """A record's fields in the order of Crossing. Without the name's `output_time` it tells its own.

    Never another record's: the next time the file may hold its records in another order.
    """
    if not isinstance(record, dict):
        raise _BadRecordError("no object", found=_shown(record))
    if "time" not in record:
        raise _BadRecordError("field missing", field="time")
    time = _moment(record["time"])
    if time is None:
        raise _BadRecordError("no time", field="time", found=_shown(record["time"]))
    return (
        time,
        output_time or _moment(record.get("outputTime")) or time,
        _whole_number(record, "ID", BIGINT),
        _whole_number(record, "inOut", SMALLINT),
        _whole_number(record, "frameNumber", BIGINT) if record.get("frameNumber") is not None else 0,
    )


def _moment(value: Any) -> datetime | None:
    """YYYYMMDDhhmmss as text or number; None if that is no time a DATETIME column can hold."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str):
        return None
    text = text.strip()
    return _moment_of(text) if len(text) == 14 else None


@functools.lru_cache  # neighbours cross in the same second
def _moment_of(text: str) -> datetime | None:
    if not text.isascii() or not text.isdigit():
        return None
    try:
        moment = datetime(
            int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]), int(text[12:])
        )
    except ValueError:
        return None
    return moment if moment.year >= 1000 else None


_WHOLE_NUMBER = re.compile(r"\s*-?\d{1,99}\s*", re.ASCII)


def _whole_number(record: dict[str, Any], field: str, limit: int) -> int:
    value = record.get(field)
    if type(value) is int:
        number = value
    elif (isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value)) or (
        isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    ):
        number = int(value)
    elif field not in record:
        raise _BadRecordError("field missing", field=field)
    else:
        raise _BadRecordError("no whole number", field=field, found=_shown(value))
    if not -limit <= number < limit:
        raise _BadRecordError(
            "out of range", field=field, found=_shown(number), lowest=-limit, highest=limit - 1
        )
    return number


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 60


def _shown(value: Any) -> str:
    """The value for a message: short, in JSON's words, whatever it is."""
    words: dict[Any, str] = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return words[value]
    return _SHORT.repr(value)


_SPACE_OR_COMMA = re.compile(r"[ \t\n\r,]*")


def _texts_of_records(text: str, decoder: json.JSONDecoder) -> Iterator[str]:
    """The text of each record of a list that is known to parse."""
    position = text.index("[") + 1
    while True:
        start = _SPACE_OR_COMMA.match(text, position)
        assert start is not None  # it matches the empty string too
        if text[start.end()] == "]":
            return
        _, position = decoder.raw_decode(text, start.end())
        yield text[start.end() : position]
