"""What the bytes of a file mean: pure, so it is tried with everything."""

import contextlib
import json
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue import Record, as_json, crossing
from visitorsflow.errors import NotCrossings
from visitorsflow.intake.crossings import Parsed, parse, time_in_name

NAME = "20180531101830.json"
GOOD = crossing("20180531101825", 17, 0, 4711)
BIGINT = r"-9223372036854775808 \.\. 9223372036854775807"
NO_TIME = "no time YYYYMMDDhhmmss"
TOO_DEEP = "is nested too deeply to be a list of crossings"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
# Near enough to crossings that all checks of a record are reached.
nearly_records = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "ID": st.integers() | json_values,
            "inOut": st.integers(-40_000, 40_000) | json_values,
            "time": st.from_regex(r"\A[0-9]{14}\Z") | json_values,
            "frameNumber": st.integers() | json_values,
            "outputTime": st.from_regex(r"\A2018[0-9]{10}\Z") | json_values,
        },
    )
    | json_values
)


def reasons(parsed: Parsed) -> list[str]:
    return [str(record.reason) for record in parsed.rejected]


def test_a_record_becomes_a_crossing() -> None:
    """All fields of a record, and the output time of the file's name."""
    [found] = parse(as_json([GOOD]), NAME).crossings
    assert found == (datetime(2018, 5, 31, 10, 18, 25), datetime(2018, 5, 31, 10, 18, 30), 17, 0, 4711, 0, "")


@pytest.mark.parametrize(
    "raw",
    [
        b'[{"ID": "17", "inOut": "0", "time": 20180531101825, "frameNumber": "4711", "other": [1]}]',
        b'[{"ID": 17.0, "inOut": 0, "time": " 20180531101825 ", "frameNumber": 4711}]',
        b'\xef\xbb\xbf[{"ID": 17, "inOut": 0, "time": "20180531101825", "frameNumber": 4711}]',
        b'{"ID": 17, "inOut": 0, "time": "20180531101825", "frameNumber": 4711}',
        b'\r\n[ {"ID":17,"inOut":0,"time":"20180531101825","frameNumber":4711,"x":"\\ud800"} ]\r\n',
    ],
    ids=["numbers as text", "integral float", "byte order mark", "a single object", "lone surrogate ignored"],
)
def test_ways_to_write_the_same_record(raw: bytes) -> None:
    """Numbers as text, a mark at the start, white space, other keys: all the same crossing."""
    assert parse(raw, NAME) == parse(as_json([GOOD]), NAME)


def test_empty_list_is_a_sign_of_life() -> None:
    """An empty list is no error and holds nothing."""
    assert parse(b"[]", NAME) == Parsed([], [])


def test_missing_frame_number_is_zero() -> None:
    """Some cameras have no frame numbers."""
    for raw in (b"", b',"frameNumber":null'):
        [found] = parse(b'[{"ID":1,"inOut":1,"time":"20180531101825"' + raw + b"}]", NAME).crossings
        assert found.frame == 0


def test_alike_records_are_numbered() -> None:
    """A simple counter writes the same record for each person: each is kept."""
    other = crossing("20180531101826")
    found = parse(as_json([GOOD, other, GOOD, GOOD]), NAME).crossings
    assert [c.occurrence for c in found] == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b'[{"ID": 1', r"is not \(whole\) JSON: .+ at line 1, column 10"),
        (b"hello", r"is not \(whole\) JSON: .+ at line 1, column 1"),
        (b'[{"ID": 1}]\n trailing', r"is not \(whole\) JSON: Extra data at line 2, column 2"),
        (b'["\xff"]', "is not UTF-8 text: at byte 3"),
        ("[]".encode("utf-16"), "is not UTF-8 text: it looks like UTF-16"),
        (b'"\xed\xa0\x80"', "is not UTF-8 text: at byte 2"),
        (b"12", "holds 12 where a list of crossings is expected"),
        (b'"text"', "holds 'text' where a list of crossings is expected"),
        (b"null", "holds null where a list of crossings is expected"),
        (b"true", "holds true where a list of crossings is expected"),
        (b"false", "holds false where a list of crossings is expected"),
        (b"NaN", "holds nan where a list of crossings is expected"),
        (b"[" * 100_000, rf"{TOO_DEEP}|is not \(whole\) JSON: .*"),
        (b"[" * 100_000 + b"]" * 100_000, TOO_DEEP),
        (b'{"ID":' * 100_000 + b"1" + b"}" * 100_000, TOO_DEEP),
    ],
)
def test_a_file_that_holds_no_list(raw: bytes, reason: str) -> None:
    """The reason says what it is instead, in words that a person can act on."""
    with pytest.raises(NotCrossings, match=rf"\A(?:{reason})\Z"):
        parse(raw, NAME)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("7", "is 7 where an object is expected"),
        ("null", "is null where an object is expected"),
        ("[]", r"is \[\] where an object is expected"),
        ('{"inOut":0,"time":"20180531101825"}', "ID is missing"),
        ('{"ID":1,"time":"20180531101825"}', "inOut is missing"),
        ('{"ID":1,"inOut":0}', "time is missing"),
        ('{"ID":"seven","inOut":0,"time":"20180531101825"}', "ID is 'seven', which is no whole number"),
        ('{"ID":1.5,"inOut":0,"time":"20180531101825"}', "ID is 1.5, which is no whole number"),
        ('{"ID":true,"inOut":0,"time":"20180531101825"}', "ID is true, which is no whole number"),
        ('{"ID":null,"inOut":0,"time":"20180531101825"}', "ID is null, which is no whole number"),
        ('{"ID":"1_0","inOut":0,"time":"20180531101825"}', "ID is '1_0', which is no whole number"),
        ('{"ID":"\\ud800","inOut":0,"time":"20180531101825"}', r"ID is '\\ud800', which is no whole number"),
        ('{"ID":NaN,"inOut":0,"time":"20180531101825"}', "ID is nan, which is no whole number"),
        ('{"ID":Infinity,"inOut":0,"time":"20180531101825"}', "ID is inf, which is no whole number"),
        ('{"ID":1e300,"inOut":0,"time":"20180531101825"}', r"ID is 1e\+300, which is no whole number"),
        (
            '{"ID":9223372036854775808,"inOut":0,"time":"20180531101825"}',
            f"ID is 9223372036854775808, beyond {BIGINT}",
        ),
        (
            '{"ID":' + "9" * 5000 + ',"inOut":0,"time":"20180531101825"}',
            r"ID is '9{27}\.\.\.9{28}', which is no whole number",
        ),
        (
            '{"ID":' + "9" * 100 + ',"inOut":0,"time":"20180531101825","x":' + "9" * 5000 + "}",
            r"ID is '9{27}\.\.\.9{28}', which is no whole number",
        ),
        (
            '{"ID":"' + "9" * 99 + '","inOut":0,"time":"20180531101825"}',
            rf"ID is 9{{28}}\.\.\.9{{29}}, beyond {BIGINT}",
        ),
        (
            '{"ID":9007199254740992.0,"inOut":0,"time":"20180531101825"}',
            r"ID is 9007199254740992\.0, which is no whole number",
        ),
        ('{"ID":1,"inOut":32768,"time":"20180531101825"}', "inOut is 32768, beyond -32768 .. 32767"),
        (
            '{"ID":1,"inOut":0,"time":"20180531101825","frameNumber":[]}',
            r"frameNumber is \[\], which is no whole number",
        ),
        ('{"ID":1,"inOut":0,"time":"20180231101825"}', f"time is '20180231101825', which is {NO_TIME}"),
        ('{"ID":1,"inOut":0,"time":"20180531246060"}', f"time is .*, which is {NO_TIME}"),
        ('{"ID":1,"inOut":0,"time":"00000101000000"}', f"time is .*, which is {NO_TIME}"),
        ('{"ID":1,"inOut":0,"time":"09991231235959"}', f"time is .*, which is {NO_TIME}"),
        ('{"ID":1,"inOut":0,"time":"2018053110182"}', f"time is .*, which is {NO_TIME}"),
        ('{"ID":1,"inOut":0,"time":"２０１８０５３１１０１８２５"}', f"time is .*, which is {NO_TIME}"),
        ('{"ID":1,"inOut":0,"time":null}', f"time is null, which is {NO_TIME}"),
        ('{"ID":1,"inOut":0,"time":{}}', f"time is {{}}, which is {NO_TIME}"),
    ],
)
def test_a_bad_record_does_not_hold_back_its_neighbours(record: str, reason: str) -> None:
    """The good ones are stored, the bad one is named with its number, its field and what was wrong."""
    good = json.dumps(GOOD)
    parsed = parse(f"[{good}, {record},\n{good}]".encode(), NAME)
    assert len(parsed.crossings) == 2
    [rejected] = parsed.rejected
    assert (rejected.number, rejected.text) == (2, record)
    assert re.fullmatch(reason, str(rejected.reason))


def test_a_file_of_nothing_but_bad_records_is_rejected_whole() -> None:
    """Beyond 10,000 of them it is not worth telling them apart."""
    with pytest.raises(NotCrossings, match="has more than 10000 bad records; this one is 0 where an object"):
        parse(b"[" + b"0," * 20_000 + b"0]", NAME)
    assert len(parse(b"[" + b"0," * 9_999 + b"0]", NAME).rejected) == 10_000
    with pytest.raises(NotCrossings):
        parse(b"[" + b"0," * 10_000 + b"0]", NAME)


def test_what_was_rejected_in_one_line() -> None:
    """How many of how many, and the first of them."""
    parsed = parse(as_json([GOOD, {}, GOOD]), NAME)
    assert str(parsed.summary()) == "1 of 3 records rejected; record 2: time is missing"


def test_no_more_alike_records_than_the_column_can_number() -> None:
    """The 32,769th is rejected, with its reason; the others are stored."""
    parsed = parse(as_json([GOOD] * 32_769), NAME)
    assert [crossing.occurrence for crossing in parsed.crossings] == list(range(32_768))
    assert reasons(parsed) == ["more than 32768 records are alike"]
    assert parsed.rejected[0].number == 32_769


def test_a_bad_single_object_is_rejected_whole() -> None:
    """A file that is one bad record has that record as its rejected text."""
    [rejected] = parse(b' {"ID": 1}\n', NAME).rejected
    assert rejected.text == '{"ID": 1}'


def test_the_largest_values_that_the_columns_hold() -> None:
    """The limits themselves are fine."""
    raw = as_json(
        [crossing("99991231235959", 2**63 - 1, 2**15 - 1, -(2**63)), crossing("10000101000000", 0, -(2**15))]
    )
    assert len(parse(raw, NAME).crossings) == 2
    largest = as_json([crossing("20180531101825") | {"ID": 2.0**53 - 1}])
    assert parse(largest, NAME).crossings[0].person == 2**53 - 1


NAMES_OF_COPIES = [
    "20180531101830.json", "20180531101830.JSON", "20180531101830.1.json", "20180531101830 (2).json",
    "20180531101830 - Copy.json", "20180531101830 (2).1.1.json", "20180531101830 - Copy (2).7.json",
    "20180531101830 - 複製 (2).json", "20180531101830_b.json", "20180531101830 copy.json",
    "20180531101830 拷貝.json", "20180531101830 (副本).json", "20180531101830 (第 2 個複本).json",
    "20180531101830_1.json", "20180531101830-1.json", "Copy of 20180531101830.json",
    "複製 20180531101830.json",
    "20180531101830-conflict.json", "20180531101830 (Konflikt PC1).json", "20180531101830.bak.json",
    "20180531101830.json.json", "20180531101830.1543234567890123456.json", "20180531101830" + "x" * 200,
    "20180531101830 (copy of 20180531101830).json", "99999999999999 20180531101830.json",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES_OF_COPIES)
def test_the_output_time_in_a_name(name: str) -> None:
    """Whatever somebody has added to it: a copy of a file is the same file, and adds nothing."""
    assert time_in_name(name) == datetime(2018, 5, 31, 10, 18, 30)
    assert parse(as_json([GOOD, GOOD]), name) == parse(as_json([GOOD, GOOD]), NAME)


@pytest.mark.parametrize(
    "name",
    [
        "201805311018305.json", "1 0201805311018305.json", "20180231101830.json", "count.json",
        "２０１８０５３１１０１８３０.json", "20180531101830５.json", "2018-05-31 10.18.30.json",
        "20180531101830 20180531101831.json",
    ],
)  # fmt: skip
def test_a_name_that_tells_no_time(name: str) -> None:
    """None at all, a part of a longer number, or two of them: then nobody knows which."""
    assert time_in_name(name) is None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (GOOD | {"outputTime": "20180531111111"}, datetime(2018, 5, 31, 11, 11, 11)),
        (GOOD | {"outputTime": 20180531111111}, datetime(2018, 5, 31, 11, 11, 11)),
        (GOOD | {"outputTime": "nonsense"}, datetime(2018, 5, 31, 10, 18, 25)),
        (GOOD | {"outputTime": None}, datetime(2018, 5, 31, 10, 18, 25)),
        (GOOD, datetime(2018, 5, 31, 10, 18, 25)),
    ],
)
def test_the_output_time_when_the_name_is_no_time(record: Record, expected: datetime) -> None:
    """Then it is the record's own outputTime, else its own time, whatever stands beside it."""
    others = [GOOD | {"ID": 99, "outputTime": "20180531120000"}, 7]
    for records in ([record, *others], [*others, record]):
        found = parse(json.dumps(records).encode(), "count.json").crossings
        assert {c.output_time for c in found if c.person == 17} == {expected}


def test_another_order_in_a_file_without_a_time() -> None:
    """door.json with [a], later with [b, a]: a is the same crossing in both."""
    a, b = crossing("20180531101825", 1), crossing("20180531101800", 2)
    first = parse(as_json([a]), "door.json").crossings
    assert set(first) < set(parse(as_json([b, a]), "door.json").crossings)


def test_alike_records_with_different_output_times() -> None:
    """They are not alike in everything: each is the first of its kind."""
    records = [GOOD | {"outputTime": "20180531111111"}, GOOD | {"outputTime": "20180531111112"}]
    assert [c.occurrence for c in parse(json.dumps(records).encode(), "door.json").crossings] == [0, 0]


@given(
    st.binary() | nearly_records.map(json.dumps).map(str.encode) | json_values.map(json.dumps).map(str.encode)
)
def test_any_bytes_are_crossings_or_a_clear_error(raw: bytes) -> None:
    """Parsing raises NotCrossings, with a text, and nothing else; and no record gets lost on the way."""
    with contextlib.suppress(NotCrossings):
        parsed = parse(raw, NAME)
        content = json.loads(raw.decode("utf-8-sig"))
        expected = len(content) if isinstance(content, list) else 1
        assert len(parsed.crossings) + len(parsed.rejected) == expected


@given(st.lists(st.builds(crossing, st.just("20180531101825"), st.integers(0, 99))) | st.just(GOOD))
def test_no_piece_of_a_file_passes_for_the_whole(content: object) -> None:
    """Every proper prefix of a list or an object fails to parse: that is why no waiting is needed."""
    raw = json.dumps(content).encode()
    parse(raw, NAME)
    for length in range(len(raw)):
        with pytest.raises(NotCrossings):
            parse(raw[:length], NAME)


@given(nearly_records)
def test_rejected_records_are_kept_to_the_letter(records: list[object]) -> None:
    """Each rejected record is the very text that stands in the file, and says the same when read again."""
    raw = json.dumps(records, indent=1)
    for record in parse(raw.encode(), NAME).rejected:
        assert record.text in raw
        assert repr(json.loads(record.text)) == repr(json.loads(json.dumps(records[record.number - 1])))
