"""What of all that an API can reply means yes; pure."""

from pathlib import Path

import pytest

from visitorsflow.errors import ReportRefused
from visitorsflow.facts import Answer
from visitorsflow.report.verdict import verdict
from visitorsflow.settings import Settings

SETTINGS = Settings(home=Path())
NO_YES = "no Desc, and no value that is one of api_success: 成功, OK; if that was a yes, add the value"


@pytest.mark.parametrize(
    ("status", "reply", "said"),
    [
        (200, b'{"Desc": "\xe6\x88\x90\xe5\x8a\x9f"}', 'HTTP 200: {"Desc": "成功"}'),
        (200, b'\xef\xbb\xbf{"Desc":"OK"}', 'HTTP 200: {"Desc":"OK"}'),
        (200, b"{}", "HTTP 200: {}"),
        (200, b"[ ]", "HTTP 200: [ ]"),
        (200, b'{"Result":{"Text":[" OK "]},"Code":7}', 'HTTP 200: {"Result":{"Text":[" OK "]},"Code":7}'),
        (204, b"", "HTTP 204"),
        (200, b" \r\n", "HTTP 200"),
        (200, b'[{"Desc":"OK"},{"Desc":"OK"}]', 'HTTP 200: [{"Desc":"OK"},{"Desc":"OK"}]'),
        (200, b'{"Result":[{"desc":" OK "}]}', 'HTTP 200: {"Result":[{"desc":" OK "}]}'),
        (200, rb'{"d":"{\"Desc\":\"OK\"}"}', r'HTTP 200: {"d":"{\"Desc\":\"OK\"}"}'),
        (200, rb'{"d":["\ufeff [{\"DESC \":\"OK\"}]"]}', r'HTTP 200: {"d":["\ufeff [{\"DESC \":\"OK\"}]"]}'),
        (200, rb'"{\"Desc\":\"OK\"}"', r'HTTP 200: "{\"Desc\":\"OK\"}"'),
        (200, b'{"Desc":"OK","Note":"[no JSON"}', 'HTTP 200: {"Desc":"OK","Note":"[no JSON"}'),
        (200, b"OK\n", "HTTP 200: OK"),
        (200, rb'"\u6210\u529f"', r'HTTP 200: "\u6210\u529f"'),
    ],
)
def test_accepted(status: int, reply: bytes, said: str) -> None:
    """2xx, and every Desc, wherever it stands, means yes; or nothing or one of api_success was said."""
    assert verdict(status, {}, reply, SETTINGS).said == said


@pytest.mark.parametrize(
    ("status", "reply", "said"),
    [
        (
            200,
            b'{"Desc": "\xe5\xa4\xb1\xe6\x95\x97"}',
            "失敗.*Desc is none of api_success: 成功, OK",
        ),
        (200, b'\xef\xbb\xbf{"Desc": null}', "Desc is none of api_success"),
        (200, b'[{"Desc": "no object"}]', "Desc is none of api_success"),
        (200, b'[{"Desc":"OK"},{"Desc":"no"}]', "Desc is none of api_success"),
        (200, b'{"Desc":"no","Desc":"OK"}', "Desc is none of api_success"),
        (200, b'{"a":{"b":[{"DESC":"no"}]}}', "Desc is none of api_success"),
        (200, rb'{"d":"{\"Desc\":\"no\"}"}', "Desc is none of api_success"),
        (200, rb'{"d":" {\"Desc\":\"no\"}"}', "Desc is none of api_success"),
        (200, rb'{"x":["{\"Desc\":\"no\"}"],"y":"OK"}', "Desc is none of api_success"),
        (200, rb'{"x":["OK","\"{\\\"Desc\\\":\\\"no\\\"}\""]}', "Desc is none of api_success"),
        (200, b'{"Desc":"no","Code":"OK"}', "Desc is none.*if that was a yes, add its word to api_success"),
        (200, b'{"success":false,"Message":"no OK"}', NO_YES),
        (200, b'{"Message":"Authorization has been denied for this request."}', NO_YES),
        (200, b'{"ReturnCode":-1,"OK":"no"}', NO_YES),
        (200, b'{"d":null}', NO_YES),
        (200, b'{"d":[]}', NO_YES),
        (200, b"[{}]", NO_YES),
        (200, b"[1, null, {}]", NO_YES),
        (200, rb'{"d":"{\"Desc\":\"OK"}', NO_YES),
        (200, rb'{"d":"~{\"Desc\":\"OK\"}"}', NO_YES),
        (200, b'"no"', NO_YES),
        (200, b'""', NO_YES),
        (200, b'"{}"', NO_YES),
        (200, b'{"Desc":{"Desc":"OK"}}', "Desc is none of api_success"),
        (200, b'{"Desc":"OK', "begins like JSON and is none: was it cut"),
        (200, b'{"Desc":"\xe5\xa4\xb1\xe6', '{"Desc":"失\ufffd .begins like JSON and is none'),
        (200, b'[{"Desc":"OK"}', "begins like JSON and is none: was it cut"),
        (200, b'{"Desc":"OK"}}', "begins like JSON and is none: was it cut"),
        (200, b"[" * 60_000, "begins like JSON and is none: was it cut"),
        (200, b"\xef\xbb\xbf", "neither JSON nor one of api_success: 成功, OK; is api_url right"),
        (200, b"\xef\xbb", "neither JSON nor one of api_success"),
        (201, b"<html>fine</html>", "HTTP 201: <html>fine</html> .neither JSON nor one of api_success"),
        (200, b"NOT OK", "neither JSON nor one of api_success"),
        (200, b"null", "neither JSON nor one of api_success"),
        (200, b"0", "neither JSON nor one of api_success"),
        (200, b"false", "neither JSON nor one of api_success"),
        (401, b"", "HTTP 401 .*has the authority unlocked the IP address of this machine"),
        (403, b"go\naway", r"HTTP 403: go\\naway .*unlocked"),
        (404, b"<html>", "HTTP 404: <html>"),
        (500, b"x" * 10_000, r"HTTP 500: x{200}\Z"),
        (302, b"", "it redirects to https://elsewhere.example/, where the report is not sent"),
    ],
)
def test_refused(status: int, reply: bytes, said: str) -> None:
    """Anything else is a refusal that says what the API said, in one line: a login page is no yes."""
    with pytest.raises(ReportRefused, match=said):
        verdict(status, {"Location": "https://elsewhere.example/"}, reply, SETTINGS)


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (b'{"ReturnCode":0}', "0"),
        (b'{"success":true,"Message":null}', "true"),
        (b'{"Desc":0}', "0"),
        (b'{"rate":0.5}', "0.5"),
        (b"0", "0"),
        (b"Thanks!", "Thanks!"),
    ],
)
def test_a_yes_of_another_kind_can_be_set(reply: bytes, word: str) -> None:
    """api_success takes numbers, true and false as JSON writes them, as the refusal advises."""
    with pytest.raises(ReportRefused, match=r"add .* to api_success in config\.py"):
        verdict(200, {}, reply, SETTINGS)
    assert verdict(200, {}, reply, Settings(home=Path(), api_success=(word,))).status == 200


@pytest.mark.parametrize(
    ("status", "advice"), [(299, "yes"), (300, "redirects"), (399, "redirects"), (400, "")]
)
def test_the_status_decides_first(status: int, advice: str) -> None:
    """2xx alone can be a yes, and 3xx alone is a redirect; where to is said when the API says it."""
    if advice == "yes":
        assert verdict(status, {}, b"OK", SETTINGS).status == status
        return
    with pytest.raises(ReportRefused):
        verdict(status, {}, b'{"Desc":"OK"}', SETTINGS)
    with pytest.raises(ReportRefused) as refused:
        verdict(status, {}, b"OK", SETTINGS)
    said = str(refused.value)
    assert ("redirects to nowhere, where" in said) is (advice == "redirects"), said


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [
        ("big5", "big5"), ("big5", "utf-8"), ("big5", "ISO-8859-1"), ("big5", "no-such"), ("big5", None),
        ("gb18030", "GBK"), ("gb18030", "big5"), ("gb18030", None),
        ("utf-8", "big5"), ("utf-16", '"UTF-16"'),
    ],
)  # fmt: skip
def test_an_older_encoding_is_read(encoding: str, charset: str | None) -> None:
    """A yes in Big5 or GBK is seen as one, whatever the header says; a no is none in any reading."""
    headers = {"Content-Type": f"application/json; charset={charset}"} if charset else {}
    yes, no = '{"Desc":"成功"}', '{"Desc":"失敗"}'
    assert verdict(200, headers, yes.encode(encoding), SETTINGS) == Answer(200, yes, f"HTTP 200: {yes}")
    with pytest.raises(ReportRefused, match="Desc is none of api_success"):
        verdict(200, headers, no.encode(encoding), SETTINGS)


def test_a_no_in_an_older_encoding_is_readable() -> None:
    """By the header's charset, and as Big5 where there is none."""
    for encoding, headers in (("gbk", {"Content-Type": "text/plain;charset='gbk'"}), ("big5", {})):
        with pytest.raises(ReportRefused, match="HTTP 500: 伺服器忙碌中"):
            verdict(500, headers, "伺服器忙碌中".encode(encoding), SETTINGS)


def test_bytes_in_no_encoding_are_no_yes() -> None:
    """They are shown as far as they go."""
    with pytest.raises(ReportRefused, match=r"HTTP 200: OK\ufffd\ufffd .neither JSON nor one of api_success"):
        verdict(200, {}, b"OK\xff\xff", SETTINGS)
