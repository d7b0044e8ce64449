"""The bytes of one file become crossings and rejected records.

Pure: no clock, no disk. No proper prefix of a JSON list or object is valid JSON, so a file that
parses is whole; and a bad record never holds back its neighbours.
"""

import json
import re
from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from visitorsflow.errors import NotCrossings
from visitorsflow.facts import Crossing
from visitorsflow.formats import OURS, Format
from visitorsflow.intake.records import (
    MOST_ROWS,
    BadRecord,
    Interval,
    TooManyPeople,
    moment,
    reader,
    records_in,
    shown,
)
from visitorsflow.reasons import Reason

MOST_REJECTED = 10_000  # beyond that a file is rejected whole


class RejectedRecord(NamedTuple):
    number: int  # counted from 1
    reason: Reason
    text: str  # the record as it stands in the file, to the letter


class Parsed(NamedTuple):
    """What a file holds. Where it counts per interval, `intervals` are what `crossings` were made of."""

    crossings: list[Crossing]
    rejected: list[RejectedRecord]
    intervals: Sequence[Interval] = ()
    lines: Set[str] = frozenset()  # of the device, with or without anybody
    left_out: int = 0  # records that are not meant: staff, for example

    def summary(self) -> Reason:
        """All that was rejected, in one line; there must be something."""
        bad, total = len(self.rejected), self.records + len(self.rejected)
        first = self.rejected[0]
        return Reason("some rejected", bad=bad, total=total, number=first.number, why=first.reason)

    @property
    def records(self) -> int:
        """The records that are good and meant; that of an interval counts in and out."""
        return len(self.intervals) // 2 or len(self.crossings)

    @property
    def longest(self) -> timedelta:
        """The longest interval; 0 without any."""
        return max((one.end - one.start for one in self.intervals), default=timedelta())

    @property
    def ends(self) -> datetime | None:
        """The end of the last interval, when the camera wrote the file by its own clock; None without any."""
        return max((one.end for one in self.intervals), default=None)


def parse(raw: bytes, name: str, form: Format = OURS, camera: str = "") -> Parsed:
    """Read one file's content; `name` is its name without folders, which tells the output time.

    `camera` is the name that a line's text is put behind. An empty list is fine and gives nothing; a single
    object counts as a list of one. Raises NotCrossings, and nothing else whatever the bytes, when there is no
    list to read.

    >>> parsed = parse(b'[{"ID": 17, "inOut": 0, "time": "20180531101825"}]', "20180531101830.json")
    >>> parsed.crossings[0].output_time
    datetime.datetime(2018, 5, 31, 10, 18, 30)
    """
    text, content, decoder = _decode(raw)
    if not isinstance(content, list | dict):
        raise NotCrossings(Reason("no list", found=shown(content)))
    try:
        records = records_in(content, form.records)
    except BadRecord as error:
        raise NotCrossings(error.reason) from None
    read = reader(form, time_in_name(name), camera)
    reasons: dict[int, Reason] = {}
    add = read.add
    for index, record in enumerate(records):
        try:
            add(record)
        except BadRecord as error:
            reasons[index] = error.reason
            if len(reasons) > MOST_REJECTED:
                raise NotCrossings(Reason("too many bad", most=MOST_REJECTED, why=error.reason)) from None
        except TooManyPeople:
            raise NotCrossings(Reason("too many people", most=MOST_ROWS)) from None
    rejected: list[RejectedRecord] = []
    if reasons and form.records:
        rejected = [RejectedRecord(i + 1, why, _as_text(records[i])) for i, why in reasons.items()]
    elif reasons:
        texts = _texts_of_records(text, decoder) if isinstance(content, list) else [text.strip()]
        rejected = [RejectedRecord(i + 1, reasons[i], part) for i, part in enumerate(texts) if i in reasons]
    return Parsed(read.crossings, rejected, read.intervals, read.lines, read.left_out)


_FOURTEEN_DIGITS = re.compile(r"(?<!\d)[0-9]{14}(?!\d)")


def time_in_name(name: str) -> datetime | None:
    """The output time that a file's name tells: its one 14-digit time that is no part of a longer number.

    What our archive, a file manager or a sync client adds to a name does not make it another file:

    >>> time_in_name("20180531101825.1.json") == time_in_name("Copy of 20180531101825 (2).json")
    True
    """
    times = {time for digits in _FOURTEEN_DIGITS.findall(name) if (time := moment(digits))}
    return times.pop() if len(times) == 1 else None


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


def _as_text(record: Any) -> str:
    """A record that lies somewhere within the file, as JSON."""
    try:
        return json.dumps(record, ensure_ascii=False)
    except RecursionError:
        return shown(record)


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
