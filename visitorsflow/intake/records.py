"""One record of a file becomes a crossing, or the counts of an interval: in our own format, or a maker's.

Pure, but for this PC's time zone where no other is set. A reader keeps what one file holds; `add` takes the
next record, and raises BadRecord for one that is neither.
"""

import functools
import hashlib
import re
import reprlib
import unicodedata
from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from visitorsflow.facts import Crossing, camera_of
from visitorsflow.formats import OURS, Format, plain
from visitorsflow.reasons import Reason

BIGINT = 2**63  # what the table's columns hold: -BIGINT .. BIGINT - 1
SMALLINT = 2**15
MOST_ROWS = 1_000_000  # of one file with counts: beyond that it is rejected whole
LONGEST_CAMERA = 64
OTHER_DIRECTION = -1


class BadRecord(Exception):
    """One record that is no crossing, and why."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.reason = Reason(key, **values)


class TooManyPeople(Exception):
    """The counts of one file together are more than can be meant."""


class Interval(NamedTuple):
    """The count of one direction of one line in one interval; local times, naive."""

    start: datetime
    end: datetime
    state: int  # 0 came in, 1 went out
    line: str
    people: int

    def crossing(self, number: int) -> Crossing:
        """The row of one person of it; people of an interval are alike but for the number, from 0 on."""
        return Crossing(self.start, self.end, 0, self.state, 0, number, self.line)

    def next(self) -> Crossing:
        """The row that is in the table only where more people than these were counted."""
        return self.crossing(self.people)


class Reader(Protocol):
    """`crossings` and `intervals` are those of the records so far; `left_out`: how many were not meant."""

    crossings: list[Crossing]
    left_out: int

    @property
    def intervals(self) -> Sequence[Interval]: ...

    @property
    def lines(self) -> Set[str]:
        """Of the device, with or without anybody."""

    def add(self, record: Any) -> None:
        """Take the next record of the file. Raises BadRecord, and TooManyPeople."""


def reader(form: Format, time_in_name: datetime | None, camera: str) -> Reader:
    """The reader of one file; `time_in_name` is the output time that its name tells."""
    if form is OURS:
        return _Ours(time_in_name)
    return (_Intervals if form.counts else _Crossings)(form, time_in_name, camera)


class _Ours:
    """Our own format, a record a crossing. Millions of them are read this way: `add` is all in one piece."""

    intervals: Sequence[Interval] = ()
    left_out = 0
    lines: Set[str] = frozenset()

    def __init__(self, time_in_name: datetime | None) -> None:
        self.crossings: list[Crossing] = []
        self._time_in_name = time_in_name
        self._alike: dict[tuple[datetime, datetime, int, int, int], int] = {}

    def add(self, record: Any) -> None:
        """Without the name's time a record tells its own output time.

        Never another record's: the next time the file may hold its records in another order.
        """
        if not isinstance(record, dict):
            raise BadRecord("no object", found=shown(record))
        if "time" not in record:
            raise BadRecord("field missing", field="time")
        time = moment(record["time"])
        if time is None:
            raise BadRecord("no time", field="time", found=shown(record["time"]))
        person, state, frame = record.get("ID"), record.get("inOut"), record.get("frameNumber")
        if not (type(person) is int and -BIGINT <= person < BIGINT):
            person = _whole_number(record, "ID", BIGINT)
        if not (type(state) is int and -SMALLINT <= state < SMALLINT):
            state = _whole_number(record, "inOut", SMALLINT)
        if not (type(frame) is int and -BIGINT <= frame < BIGINT):
            frame = 0 if frame is None else _whole_number(record, "frameNumber", BIGINT)
        output_time = self._time_in_name or moment(record.get("outputTime")) or time
        seen = (time, output_time, person, state, frame)
        self._alike[seen] = occurrence = self._alike.get(seen, -1) + 1
        if occurrence >= SMALLINT:
            raise BadRecord("too many alike", most=SMALLINT)
        self.crossings.append(Crossing._make((*seen, occurrence, "")))


class _Maker:
    """A maker's format: what both of its shapes have."""

    def __init__(self, form: Format, time_in_name: datetime | None, camera: str) -> None:
        self.crossings: list[Crossing] = []
        self.intervals: list[Interval] = []
        self.left_out = 0
        self.lines: set[str] = set()
        self._form = form
        self._time_in_name = time_in_name
        self._camera = camera

    def add(self, record: Any) -> None:
        if not isinstance(record, dict):
            raise BadRecord("no object", found=shown(record))
        if not all(plain(value_at(record, key)) in values for key, values in self._form.only):
            if all(value_at(record, key) is None for key, _ in self._form.only):
                _given(record, self._form.time)  # without a time either it is of another format: to be seen
            self.left_out += 1
            return
        self._add(record)

    def _add(self, record: dict[str, Any]) -> None:
        raise NotImplementedError

    def _time(self, record: dict[str, Any], key: str) -> datetime:
        """The local time, naive; `fold` is 1 in the second hour of two when clocks go back."""
        value = _given(record, key)
        time = time_of(value, self._form)
        if time is None:
            raise BadRecord("no such time", field=key, found=shown(value), format=self._form.time_format)
        return time

    def _line(self, record: dict[str, Any]) -> str:
        key = self._form.line
        if not key:
            return ""
        value = _given(record, key)
        line = plain(value)
        if not line or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in line):
            raise BadRecord("no line", field=key, found=shown(value))
        name = camera_of(self._camera, line)
        if len(name) > LONGEST_CAMERA:
            raise BadRecord("line too long", field=key, name=shown(name), most=LONGEST_CAMERA)
        self.lines.add(line)
        return line


class _Crossings(_Maker):
    """A record a crossing."""

    def __init__(self, form: Format, time_in_name: datetime | None, camera: str) -> None:
        super().__init__(form, time_in_name, camera)
        self._alike: dict[tuple[datetime, datetime, int, int, int, str], int] = {}

    def _add(self, record: dict[str, Any]) -> None:
        form = self._form
        time = self._time(record, form.time).replace(fold=0)
        if form.output_time:
            output_time = self._time(record, form.output_time).replace(fold=0)
        else:
            output_time = self._time_in_name or time
        state = self._state(_given(record, form.direction))
        person = _person(_given(record, form.id), form.id)
        frame = value_at(record, form.frame) if form.frame else None
        frame = 0 if frame is None else whole_number(frame, form.frame, -BIGINT, BIGINT)
        line = self._line(record)
        seen = (time, output_time, person, state, frame, line)
        occurrence = self._alike.get(seen, -1) + 1
        if occurrence >= SMALLINT:
            raise BadRecord("too many alike", most=SMALLINT)
        self._alike[seen] = occurrence
        self.crossings.append(Crossing(time, output_time, person, state, frame, occurrence, line))

    def _state(self, value: Any) -> int:
        said = plain(value)
        if said in self._form.in_values:
            return 0
        return 1 if said in self._form.out_values else OTHER_DIRECTION


class _Intervals(_Maker):
    """A record the counts of an interval: n people are n rows, which are alike but for their number.

    So the same interval again adds nothing, and a higher count the difference.
    """

    def __init__(self, form: Format, time_in_name: datetime | None, camera: str) -> None:
        super().__init__(form, None, camera)
        self._known: dict[tuple[datetime, datetime, int, str], int] = {}

    def _add(self, record: dict[str, Any]) -> None:
        form = self._form
        start, end = self._time(record, form.time), self._time(record, form.output_time)
        if start.fold:  # both hours have the same local times: the second would vanish in the first
            raise BadRecord("twice an hour", field=form.time, found=shown(_given(record, form.time)))
        end = end.replace(fold=0)
        if end < start:
            raise BadRecord("ends early", since=str(start), until=str(end))
        counts = [
            whole_number(_given(record, key), key, 0, SMALLINT) for key in (form.in_count, form.out_count)
        ]
        line = self._line(record)
        if len(self.crossings) + sum(counts) > MOST_ROWS:
            raise TooManyPeople
        for state, count in enumerate(counts):
            interval = Interval(start, end, state, line, count)
            known = self._known.get(interval[:4], 0)
            self._known[interval[:4]] = max(known, count)
            self.intervals.append(interval)
            self.crossings += map(interval.crossing, range(known, count))


def records_in(content: Any, path: Iterable[str]) -> list[Any]:
    """The records at a path from the top down. Lists on the way are gone through, and so may be the top.

    Where a list holds several kinds of reports, those without the next key are left out. Raises BadRecord
    when none has it.
    """
    found = content if isinstance(content, list) else [content]
    for key in path:
        inner = []
        has_key = not found
        for one in found:
            if not isinstance(one, dict):
                raise BadRecord("no records", path=key, found=shown(one))
            if one.get(key) is not None:
                has_key = True
                inner.append(one[key])
        if not has_key:
            raise BadRecord("no records", path=key, found=shown(found[0]))
        found = [each for one in inner for each in (one if isinstance(one, list) else [one])]
    return found


def value_at(record: dict[str, Any], key: str) -> Any:
    """The value of a key; a dot in it leads into an object, unless the whole is a key. None without any."""
    if key in record:
        return record[key]
    value: Any = record
    for part in key.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _given(record: dict[str, Any], key: str) -> Any:
    value = value_at(record, key)
    if value is None:
        raise BadRecord("field missing", field=key)
    return value


# --- values: times, numbers, persons -------------------------------------------------------------------


def moment(value: Any) -> datetime | None:
    """YYYYMMDDhhmmss as text or number; None if that is no time a DATETIME column can hold."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str):
        return None
    text = text.strip()
    return _moment_of(text) if len(text) == 14 else None


@functools.lru_cache  # neighbours cross in the same second
def _moment_of(text: str) -> datetime | None:
    if not text.isascii() or not text.isdigit() or text[8:10] > "23":  # Python 3.14 takes 24:00:00
        return None
    try:
        found = datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
    except ValueError:
        return None
    return found if found.year >= 1000 else None


_ISO = re.compile(r"\d{4}-?\d\d-?\d\d[T ]\d\d:?\d\d.*", re.ASCII)  # with its hours and minutes
_NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_of(value: Any, form: Format) -> datetime | None:
    """A maker's time as local time, naive, whole seconds; None if it is none, or beyond a DATETIME column.

    `fold` is 1 for what the clock shows for the second time, when it has been set back.
    """
    if form.time_format == "digits":
        return moment(value)
    try:
        found = _written(value, form.time_format)
        if found is None:
            return None
        if found.tzinfo:
            found = found.astimezone(form.zone).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(microsecond=0) if found.year >= 1000 else None


def _written(value: Any, time_format: str) -> datetime | None:
    """The time as the maker wrote it, with its zone where it has one."""
    if isinstance(value, bool):
        return None
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if time_format in ("unix", "unix ms"):
        if not _NUMBER.fullmatch(text):
            return None
        whole = int(text.partition(".")[0])
        return _EPOCH + timedelta(seconds=whole // 1000 if time_format == "unix ms" else whole)
    if time_format == "iso":
        return datetime.fromisoformat(text) if _ISO.fullmatch(text) else None
    return datetime.strptime(text, time_format)  # noqa: DTZ007 - a time without a zone is local


def _person(value: Any, key: str) -> int:
    """The number of a person or an event; a text becomes a number of 63 bits, the same each time."""
    text = value.strip() if isinstance(value, str) else ""
    if text and not _WHOLE_NUMBER.fullmatch(text):
        return (
            int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
            >> 1
        )
    return whole_number(value, key, -BIGINT, BIGINT)


_WHOLE_NUMBER = re.compile(r"\s*-?\d{1,99}\s*", re.ASCII)


def _whole_number(record: dict[str, Any], field: str, limit: int) -> int:
    if field not in record:
        raise BadRecord("field missing", field=field)
    return whole_number(record[field], field, -limit, limit)


def whole_number(value: Any, field: str, lowest: int, limit: int) -> int:
    """The number, with lowest <= number < limit. Raises BadRecord."""
    if type(value) is int:
        number = value
    elif (isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value)) or (
        isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    ):
        number = int(value)
    else:
        raise BadRecord("no whole number", field=field, found=shown(value))
    if not lowest <= number < limit:
        raise BadRecord("out of range", field=field, found=shown(number), lowest=lowest, highest=limit - 1)
    return number


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 60


def shown(value: Any) -> str:
    """The value for a message: short, in JSON's words, whatever it is."""
    words: dict[Any, str] = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return words[value]
    return _SHORT.repr(value)
