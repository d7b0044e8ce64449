"""A maker's records: pure, so they are tried with everything."""

import contextlib
import json
import random
import sys
import zoneinfo
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_crossings import json_values
from tests.venue import PROJECT
from visitorsflow.errors import NotCrossings
from visitorsflow.facts import Crossing
from visitorsflow.formats import PRESETS, Format, format_of
from visitorsflow.intake.crossings import Parsed, parse
from visitorsflow.intake.records import time_of

NAME = "20180531101830.json"
SINGLE = {"id": "n", "direction": "d", "in": "IN", "out": ["OUT", 2], "time": "t"}
COUNTS = {"in_count": "in", "out_count": "out", "time": "start", "output_time": "end"}
GOOD = {"n": 17, "d": "IN", "t": "20180531101825"}
COUNT = {"in": 2, "out": 1, "start": "20180531100000", "end": "20180531101500"}
T = datetime(2018, 5, 31, 10, 18, 25)
START, END = datetime(2018, 5, 31, 10), datetime(2018, 5, 31, 10, 15)
TAIPEI = zoneinfo.ZoneInfo("Asia/Taipei")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def form(said: dict[str, Any], zone: zoneinfo.ZoneInfo = TAIPEI, **more: object) -> Format:
    return replace(format_of(said | more), zone=zone)


def read(content: object, chosen: Format, name: str = NAME) -> Parsed:
    return parse(json.dumps(content).encode(), name, chosen, "north")


def reason(content: object, chosen: Format) -> str:
    """Why the only record is rejected."""
    [rejected] = read(content, chosen).rejected
    return str(rejected.reason)


# --- the makers' own --------------------------------------------------------------------------------


def sample(maker: str, zone: zoneinfo.ZoneInfo = TAIPEI) -> list[Parsed]:
    paths = sorted((PROJECT / "samples" / maker).glob("*.json"))
    return [parse(path.read_bytes(), path.name, form(PRESETS[maker], zone), "north") for path in paths]


def test_footfallcam() -> None:
    """An event is a crossing: a text for its number, staff left out, each line by its number."""
    files = sample("footfallcam")
    seen = [(c.time, c.output_time, c.state, c.line) for read in files for c in read.crossings]
    at = datetime(2025, 7, 23, 18, 36, 31)
    seconds = [(0, 0, "1"), (4, 0, "1"), (9, 1, "2"), (47, 1, "1"), (47, 0, "2")]
    assert seen == [(at + timedelta(seconds=s),) * 2 + (state, line) for s, state, line in seconds]
    assert [read.left_out for read in files] == [0, 0, 0, 1, 0, 0]
    assert [read.records for read in files] == [1, 1, 1, 0, 1, 1]
    assert len({c.person for read in files for c in read.crossings}) == 5


def test_vivotek() -> None:
    """The counts of nested lists, in UTC, each rule a line; a rule without anybody is a line too."""
    first, second = sample("vivotek")
    assert first.lines == {"Gate 1", "Gate 2"}
    assert [one.people for one in (*first.intervals, *second.intervals)] == [7, 2, 0, 1, 3, 4, 5, 0]
    assert {(c.time, c.output_time) for c in first.crossings} == {
        (datetime(2018, 11, 3, 10), datetime(2018, 11, 3, 10, 15))
    }
    assert (first.ends, first.longest) == (datetime(2018, 11, 3, 10, 15), timedelta(minutes=15))
    assert (first.records, len(first.crossings), first.rejected) == (2, 10, [])


def test_axis() -> None:
    """Hours in local time, of a device with one line."""
    [read] = sample("axis", BERLIN)
    assert [(one.start.hour, one.state, one.people) for one in read.intervals][2:4] == [(9, 0, 12), (9, 1, 3)]
    assert (len(read.crossings), read.lines, read.longest) == (61, frozenset(), timedelta(hours=1))


# --- single crossings -------------------------------------------------------------------------------


def test_a_crossing_of_a_maker() -> None:
    """Without an output time of its own it has that of the file's name, else its own time; no frame is 0."""
    assert read([GOOD], form(SINGLE)).crossings == [
        Crossing(T, datetime(2018, 5, 31, 10, 18, 30), 17, 0, 0, 0)
    ]
    assert read(GOOD, form(SINGLE), "door.json").crossings == [Crossing(T, T, 17, 0, 0, 0)]
    whole = form(SINGLE, output_time="o", frame="f", line="l")
    record = GOOD | {"o": "20180531101900", "f": "9", "l": " Gate 1 "}
    [found] = read(record, whole).crossings
    assert found == Crossing(T, datetime(2018, 5, 31, 10, 19), 17, 0, 9, 0, "Gate 1")
    assert read(record | {"f": None}, whole).crossings[0].frame == 0
    longest = "x" * 63  # behind no camera's name and a slash
    assert parse(json.dumps(record | {"l": longest}).encode(), NAME, whole).lines == {longest}


@pytest.mark.parametrize(
    ("value", "state"),
    [("IN", 0), (" IN ", 0), ("OUT", 1), (2, 1), ("2", 1), (2.0, 1), ("in", -1), (0, -1), ([], -1), ({},
    -1), (True, -1)],
)  # fmt: skip
def test_directions(value: object, state: int) -> None:
    """What is neither in nor out is stored as -1, and never counted."""
    assert read(GOOD | {"d": value}, form(SINGLE)).crossings[0].state == state


def test_a_text_as_a_number() -> None:
    """It is the same number of 63 bits each time; another text is another; a number in quotes is itself."""
    persons = [
        read(GOOD | {"n": n}, form(SINGLE)).crossings[0].person for n in ("a", " a ", "b", "17", "-3", 5.0)
    ]
    assert persons[0] == persons[1] == 2340832890917691671
    assert persons[2] != persons[0]
    assert persons[3:] == [17, -3, 5]
    many = [read(GOOD | {"n": f"x{n}"}, form(SINGLE)).crossings[0].person for n in range(200)]
    assert all(0 <= person < 2**63 for person in many)
    assert max(many) >= 2**62
    assert read(GOOD | {"n": "\ud800"}, form(SINGLE)).crossings


def test_alike_crossings_of_a_maker_are_numbered() -> None:
    """Per line; and no more of them than the column can number."""
    chosen = form(SINGLE, line="l")
    records = [GOOD | {"l": line} for line in "abaa"]
    assert [(c.line, c.occurrence) for c in read(records, chosen).crossings] == [
        ("a", 0), ("b", 0), ("a", 1), ("a", 2)
    ]  # fmt: skip
    parsed = read([GOOD] * 32_770, form(SINGLE))
    assert [c.occurrence for c in parsed.crossings] == list(range(32_768))
    assert [(bad.number, str(bad.reason)) for bad in parsed.rejected] == [
        (n, "more than 32768 records are alike") for n in (32_769, 32_770)
    ]


def test_only_those_that_are_meant() -> None:
    """Each key must have one of its values; the others are left out, and counted."""
    chosen = form(SINGLE, only={"kind": [11, "visitor"], "a.ok": True})
    good = GOOD | {"kind": "11", "a": {"ok": True}}
    records = [
        good,
        good | {"kind": 21},
        good | {"a": {}},
        GOOD,
        good | {"kind": "visitor"},
        good | {"kind": []},
    ]
    parsed = read(records, chosen)
    assert (len(parsed.crossings), parsed.left_out, parsed.rejected) == (2, 4, [])
    heartbeat = {"kind": "heartbeat", "ts": 1}
    parsed = read([good, heartbeat, {"another": "format"}], chosen)
    assert (len(parsed.crossings), parsed.left_out) == (1, 1)
    assert [(bad.number, str(bad.reason)) for bad in parsed.rejected] == [(3, "t is missing")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"t": None}, "t is missing"),
        ({"t": "20180231101825"}, "t is '20180231101825', which is no time digits"),
        ({"o": "x"}, "o is 'x', which is no time digits"),
        ({"o": None}, "o is missing"),
        ({"d": None}, "d is missing"),
        ({"n": None}, "n is missing"),
        ({"n": ""}, "n is '', which is no whole number"),
        ({"n": []}, "n is [], which is no whole number"),
        ({"n": True}, "n is true, which is no whole number"),
        ({"n": 2**63}, f"n is {2**63}, beyond {-(2**63)} .. {2**63 - 1}"),
        ({"n": -(2**63) - 1}, f"n is {-(2**63) - 1}, beyond {-(2**63)} .. {2**63 - 1}"),
        ({"f": "x"}, "f is 'x', which is no whole number"),
        ({"f": 2**63}, f"f is {2**63}, beyond {-(2**63)} .. {2**63 - 1}"),
        ({"l": None}, "l is missing"),
        ({"l": " "}, "l is ' ', which can't name a camera"),
        ({"l": []}, "l is [], which can't name a camera"),
        ({"l": "a\nb"}, r"l is 'a\nb', which can't name a camera"),
        ({"l": "\ud800"}, r"l is '\ud800', which can't name a camera"),
        ({"l": "x" * 59},
        f"l makes the camera's name 'north/{'x' * 21}...{'x' * 28}', longer than 64 characters"),
    ],
)  # fmt: skip
def test_a_bad_record_of_a_maker(change: dict[str, object], why: str) -> None:
    """It is rejected with its field and what is wrong; its neighbours are stored."""
    chosen = form(SINGLE, output_time="o", frame="f", line="l")
    good = GOOD | {"o": "20180531101830", "f": 1, "l": "x" * 58}
    parsed = read([good, good | change, good], chosen)
    assert len(parsed.crossings) == 2
    [rejected] = parsed.rejected
    assert (rejected.number, str(rejected.reason)) == (2, why)
    assert json.loads(rejected.text) == good | change
    least = {"n": -(2**63), "f": -(2**63)}
    assert read(good | least, chosen).crossings[0][2:5] == (-(2**63), 0, -(2**63))


# --- counts per interval ------------------------------------------------------------------------------


def test_people_of_an_interval_are_rows() -> None:
    """They are alike but for their number; the file's name tells nothing."""
    expected = [Crossing(START, END, 0, state, 0, n) for state, n in ((0, 0), (0, 1), (1, 0))]
    assert read(COUNT, form(COUNTS)).intervals[0].next() == Crossing(START, END, 0, 0, 0, 2)
    for name in (NAME, "other.json"):
        assert read(COUNT, form(COUNTS), name).crossings == expected
    assert read([], form(COUNTS)) == Parsed([], [], [])


def test_an_interval_again_in_one_file() -> None:
    """Only what is more of it is added, in each direction, for each line."""
    chosen = form(COUNTS, line="l")
    a, b = COUNT | {"l": "a"}, COUNT | {"l": "b"}
    found = read([a, b, a, a | {"in": 4}, a | {"in": 1}], chosen).crossings
    assert len(found) == len(set(found)) == 3 + 3 + 2


def test_the_most_people_of_an_interval() -> None:
    """32,767 in one direction; and a million in a file."""
    most = COUNT | {"in": 32_767, "out": 0}
    assert read(most, form(COUNTS)).crossings[-1].occurrence == 32_766
    assert reason(most | {"in": 32_768}, form(COUNTS)) == "in is 32768, beyond 0 .. 32767"
    assert reason(most | {"out": -1}, form(COUNTS)) == "out is -1, beyond 0 .. 32767"
    many = [most | {"end": f"201805311015{n:02}", "in": 25_000} for n in range(40)]
    assert len(read(many, form(COUNTS)).crossings) == 1_000_000
    with pytest.raises(NotCrossings, match="counts more than 1000000 people in one file"):
        read([*many, COUNT | {"in": 1, "out": 0}], form(COUNTS))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"in": None}, "in is missing"),
        ({"out": "x"}, "out is 'x', which is no whole number"),
        ({"start": "x"}, "start is 'x', which is no time digits"),
        ({"end": None}, "end is missing"),
        ({"end": "20180531095959"}, "ends at 2018-05-31 09:59:59, before it begins at 2018-05-31 10:00:00"),
    ],
)
def test_a_bad_interval(change: dict[str, object], why: str) -> None:
    """It is rejected as a whole: nobody of it is stored."""
    assert reason(COUNT | change, form(COUNTS)) == why
    assert read(COUNT | change, form(COUNTS)).crossings == []
    assert len(read(COUNT | {"end": COUNT["start"]}, form(COUNTS)).crossings) == 3


def test_the_hour_that_comes_twice() -> None:
    """Counts of its second pass would vanish in the first: rejected. Single crossings are stored."""
    times = {"time_format": "iso"}
    first, second, after = (f"2018-10-28T0{hour}:30:00Z" for hour in (0, 1, 2))
    intervals = [COUNT | {"start": first, "end": second}, COUNT | {"start": second, "end": after}]
    parsed = read(intervals, form(COUNTS, BERLIN, **times))
    assert [str(bad.reason) for bad in parsed.rejected] == [
        f"start is '{second}', in the hour that comes twice when clocks go back: counts can't tell which"
    ]
    assert {(c.time, c.output_time) for c in parsed.crossings} == {(datetime(2018, 10, 28, 2, 30),) * 2}
    assert all(c.time.fold == c.output_time.fold == 0 for c in parsed.crossings)
    singles = read(
        [GOOD | {"t": first}, GOOD | {"t": second, "n": 18}], form(SINGLE, BERLIN, **times, output_time="t")
    )
    assert [(c.time, c.time.fold, c.output_time.fold) for c in singles.crossings] == [
        (datetime(2018, 10, 28, 2, 30), 0, 0)
    ] * 2


# --- where the records are --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("", [GOOD]), ("", GOOD), ("a", {"a": [GOOD]}), ("a[]", {"a": GOOD}), ("a[]", [{"a": [GOOD]},
        {"b": 1}]),
        ("a[].b[]", {"a": [{"b": []}, {"b": [GOOD]}, {"zone": 1}]}), ("a.b", {"a": {"b": [GOOD]}}),
    ],
)  # fmt: skip
def test_where_the_records_are(path: str, content: object) -> None:
    """At the top or below it, in lists of lists; reports of other kinds beside them are left alone."""
    assert len(read(content, form(SINGLE, records=path)).crossings) == 1


@pytest.mark.parametrize("content", [[], {"a": []}, {"a": [{"b": []}]}])
def test_lists_without_records(content: object) -> None:
    """They are a sign of life."""
    assert read(content, form(SINGLE, records="a[].b[]")) == Parsed([], [], [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"A": 1}, "holds no records at a, but {'A': 1}"),
        ({"a": None}, "holds no records at a, but {'a': None}"),
        ({"a": [{"B": 1}]}, "holds no records at b, but {'B': 1}"),
        ({"a": 5}, "holds no records at b, but 5"),
        ([7], "holds no records at a, but 7"),
        (7, "holds 7 where a list of crossings is expected"),
    ],
)
def test_a_file_of_another_shape(content: object, why: str) -> None:
    """It is rejected whole, and the reason names the key that is not there."""
    with pytest.raises(NotCrossings) as refused:
        read(content, form(SINGLE, records="a[].b[]"))
    assert str(refused.value) == why


def test_keys_with_dots() -> None:
    """A dot leads into an object, unless the whole is a key."""
    chosen = form(SINGLE, id="who.n", time="at.t")
    [found] = read(GOOD | {"who": {"n": 5}, "at.t": GOOD["t"]}, chosen).crossings
    assert (found.person, found.time) == (5, T)
    assert reason(GOOD | {"who": 5, "at": {"t": GOOD["t"]}}, chosen) == "who.n is missing"
    assert reason([7], chosen) == "is 7 where an object is expected"


def test_a_rejected_record_somewhere_within() -> None:
    """Its text is its own, not that of the whole file."""
    parsed = read({"a": [GOOD, {"n": "北"}]}, form(SINGLE, records="a"))
    [rejected] = parsed.rejected
    assert (rejected.number, rejected.text) == (2, '{"n": "北"}')
    assert str(parsed.summary()) == "1 of 2 records rejected; record 2: t is missing"
    counts = read([COUNT, COUNT, {}], form(COUNTS))
    assert str(counts.summary()) == "1 of 3 records rejected; record 3: start is missing"


def test_a_record_that_is_nested_to_the_limit() -> None:
    """Where the file can be read, its record can be rejected, and is shown in short if need be."""
    chosen = form(SINGLE, records="a")
    for depth in range(sys.getrecursionlimit() - 200, sys.getrecursionlimit()):
        with contextlib.suppress(NotCrossings):
            raw = '{"a": {"n": ' + "[" * depth + "]" * depth + "}}"
            [rejected] = parse(raw.encode(), NAME, chosen, "north").rejected
            assert rejected.text.replace("'", '"').startswith('{"n": [[[[')


# --- times ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time_format", "value", "expected"),
    [
        ("digits", "20180531101825", T), ("digits", 20180531101825, T),
        ("digits", "2018-05-31 10:18:25", None),
        ("iso", "2018-05-31T10:18:25", T), ("iso", " 2018-05-31 10:18:25.987 ", T),
        ("iso", "20180531T101825", T),
        ("iso", "2018-05-31T02:18:25Z", T), ("iso", "2018-05-31T04:18:25.9999999+02:00", T),
        ("iso", "2018-05-31T10:18", T.replace(second=0)),
        ("iso", "2018-05-31", None), ("iso", "2018-W22-4T10:18", None), ("iso", "2018-02-31T10:18:25", None),
        ("iso", 20180531, None), ("iso", True, None), ("iso", "0999-05-31T10:18:25", None),
        ("iso", None, None),
        ("iso", "1000-01-01T00:00:00", datetime(1000, 1, 1)), ("iso", "9999-12-31T23:59:59Z", None),
        ("iso", "0001-01-01T00:00:00+14:00", None), ("iso", {}, None),
        ("unix", 1527733105, T), ("unix", "1527733105", T), ("unix", 1527733105.9, T),
        ("unix", "1527733105.9", T),
        ("unix", 0, datetime(1970, 1, 1, 8)), ("unix", -1, datetime(1970, 1, 1, 7, 59, 59)),
        ("unix", True, None), ("unix", "x", None), ("unix", [], None), ("unix", float("nan"), None),
        ("unix", 10**15, None), ("unix", 999_999_999_999_999, None), ("unix", 1e300, None),
        ("unix", "１", None),
        ("unix ms", 1527733105987, T), ("unix ms", 1527733105987.5, T), ("unix ms", "1527733105000", T),
        ("%d/%m/%Y %H:%M:%S", "31/05/2018 10:18:25", T), ("%d/%m/%Y %H:%M:%S", "10:18", None),
        ("%Y-%m-%d %H:%M:%S.%f", "2018-05-31 10:18:25.9", T),
        ("%Y-%m-%d %H:%M:%S%z", "2018-05-31 02:18:25+0000", T),
        ("%Y%m%d%H%M", 201805311018, T.replace(second=0)),
    ],
)  # fmt: skip
def test_times(time_format: str, value: object, expected: datetime | None) -> None:
    """With a zone they are converted to the venue's, without one they are local; fractions are cut."""
    assert time_of(value, form(COUNTS, time_format=time_format)) == expected


def test_without_a_zone_set_it_is_this_pcs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the settings say of timezone = None."""
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert time_of(0, format_of(COUNTS | {"time_format": "unix"})) == datetime(1970, 1, 1, 9)
    finally:
        monkeypatch.undo()
        time.tzset()


# --- whatever comes -----------------------------------------------------------------------------------

nearly = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "n": st.integers() | st.text() | json_values,
            "d": st.sampled_from(["IN", "OUT", 2]) | json_values,
            "t": st.from_regex(r"\A2018[0-9]{10}\Z") | json_values,
            "l": st.text() | json_values,
            "in": st.integers(-2, 40_000) | json_values,
            "out": st.integers(0, 9) | json_values,
            "start": st.just("20180531100000") | json_values,
            "end": st.just("20180531101500") | json_values,
        },
    )
    | json_values
)
LINED = {"line": "l"}


@given(
    nearly,
    st.sampled_from(
        [
            form(SINGLE | LINED),
            form(COUNTS | LINED),
            form(SINGLE | {"time_format": "iso"}),
            form(COUNTS | {"time_format": "unix"}),
        ]
    ),
)
def test_any_records_are_crossings_or_a_clear_error(records: list[object], chosen: Format) -> None:
    """Each record is read or rejected with a text, whatever it holds; each row fits into the table."""
    parsed = read(records, chosen)
    assert parsed.records + len(parsed.rejected) == len(records)
    assert all(str(bad.reason) for bad in parsed.rejected)
    assert len(set(parsed.crossings)) == len(parsed.crossings)
    assert all(0 <= c.occurrence < 2**15 and len(c.line) <= 58 for c in parsed.crossings)


@given(json_values, st.sampled_from(["", "a", "a[].b[]"]))
def test_any_content_is_read_or_refused(content: object, path: str) -> None:
    """Nothing else than NotCrossings comes out of it."""
    with contextlib.suppress(NotCrossings):
        read({"a": content}, form(COUNTS, records=path))


intervals = st.dictionaries(
    st.tuples(st.integers(0, 5), st.sampled_from("ab")),
    st.tuples(st.integers(0, 30), st.integers(0, 30)),
    min_size=1,
)


@given(intervals, st.integers(0, 2**32), st.data())
def test_counts_however_they_come(
    truth: dict[tuple[int, str], tuple[int, int]], seed: int, data: st.DataObject
) -> None:
    """Replayed, reordered, split over files, renamed and corrected upwards: the table is the same truth."""
    chance = random.Random(seed)
    records: list[dict[str, object]] = []
    for (hour, line), (came_in, went_out) in truth.items():
        final = {
            "l": line,
            "start": f"201805311{hour}0000",
            "end": f"201805311{hour}5900",
            "in": came_in,
            "out": went_out,
        }
        early = final | {"in": data.draw(st.integers(0, came_in)), "out": data.draw(st.integers(0, went_out))}
        records += [final, early, final]
    chance.shuffle(records)
    table: set[Crossing] = set()
    while records:
        count = chance.randint(1, 4)
        some, records = records[:count], records[chance.choice((1, count)) :]
        table.update(read(some, form(COUNTS | LINED), f"{chance.random()}.json").crossings)
    counted = {key: [0, 0] for key in truth}
    for row in table:
        counted[row.time.hour - 10, row.line][row.state] += 1
    assert {key: tuple(both) for key, both in counted.items()} == truth


@given(
    st.lists(
        st.tuples(st.text(min_size=1), st.sampled_from(["IN", "OUT"]), st.integers(0, 59)),
        unique_by=lambda one: one[0].strip(),
    ),
    st.integers(0, 2**32),
)
def test_events_however_they_come(events: list[tuple[str, str, int]], seed: int) -> None:
    """Single crossings with a number and an output time of their own: the same, whatever the files are."""
    chosen = form(SINGLE, output_time="t")
    records = [{"n": n, "d": d, "t": f"201805311018{s:02}"} for n, d, s in events if n.strip()]
    whole = set(read(records, chosen).crossings)
    chance = random.Random(seed)
    again = [*records, *records]
    chance.shuffle(again)
    table: set[Crossing] = set()
    for record in again:
        table.update(read(record, chosen, f"{chance.random()}.json").crossings)
    assert table == whole


def test_the_samples_are_named_in_the_documents() -> None:
    """Each preset has samples, and each folder of samples is a preset."""
    folders = {path.name for path in Path(PROJECT / "samples").iterdir() if path.is_dir()}
    assert folders == set(PRESETS)
