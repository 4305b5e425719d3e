"""What answers say: the class of their failure, when to come back, their data."""

from __future__ import annotations

import zlib

import pytest

from skills.network.body import Intake, TooLong
from skills.network.port import Answer
from skills.network.reading import failure_of, output_of, retry_after
from skills.network.target import Target

HERE = Target("https", "api.example.org", 443, "/x")
NOW = 1_796_126_400.0  # 2026-12-01T12:00:00Z


def answer(status: int = 200, body: bytes = b"", size: int | None = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body, len(body) if size is None else size, True, HERE)


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (400, {}, "business", None),
        (401, {}, "authentication", None),
        (403, {}, "authentication", None),
        (404, {}, "business", None),
        (408, {}, "transient", None),
        (410, {}, "business", None),
        (422, {}, "business", None),
        (429, {}, "rate_limited", None),
        (429, {"retry_after": "7"}, "rate_limited", 7.0),
        (429, {"retry_after": "Tue, 01 Dec 2026 12:01:30 GMT"}, "rate_limited", 90.0),
        (429, {"retry_after": "Tue, 01 Dec 2026 11:00:00 GMT"}, "rate_limited", 0.0),
        (429, {"retry_after": "soon"}, "rate_limited", None),
        (500, {}, "transient", None),
        (502, {}, "transient", None),
        (503, {}, "transient", None),
        (503, {"retry_after": "3"}, "rate_limited", 3.0),
        (599, {}, "transient", None),
    ],
)
def test_failures(status: int, headers: dict[str, str], kind: str, wait: float | None) -> None:
    failure = failure_of(answer(status, b"no\x1b[2J!", **headers), "GET /x", NOW)
    assert failure is not None
    assert (failure.kind, failure.retry_after) == (kind, wait)
    assert failure.detail["status"] == status
    assert failure.detail["body"] == "no\N{REPLACEMENT CHARACTER}!"
    assert str(status) in failure.message


@pytest.mark.parametrize("status", [200, 204, 301, 304, 399])
def test_no_failures(status: int) -> None:
    assert failure_of(answer(status), "GET /x", NOW) is None


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "", "x", "Tue, 01 Foo"])
def test_retry_after_that_is_none(text: str) -> None:
    assert retry_after({"retry-after": text}, NOW) is None


@pytest.mark.parametrize(
    ("body", "content_type", "data", "note"),
    [
        (b'{"a": [1, 2.5, null]}', "application/json", {"a": [1, 2.5, None]}, ""),
        (b'{"a": 1}', "application/problem+json; charset=utf-8", {"a": 1}, ""),
        (b'\xef\xbb\xbf{"a": 1}', "application/json", {"a": 1}, ""),
        (b'{"a": 1}', "text/plain", '{"a": 1}', ""),
        (b"", "application/json", None, ""),
        (b"", "", "", ""),
        (b"{a", "application/json", "{a", "none"),
        (b"[NaN]", "application/json", "[NaN]", "none"),
        (b"[1e999]", "application/json", "[1e999]", "none"),
        (b"[" * 100_000, "application/json", "[" * 100_000, "none"),
        (b"9" * 5000, "application/json", "9" * 5000, "none"),
        (b"\xe4", "text/plain; charset=iso-8859-1", "ä", ""),
        ("ä".encode(), "text/plain; charset=punycode", "ä", ""),
        ("ä".encode(), 'text/plain; charset="nonsense"', "ä", ""),
        (b"a\x1b]52;c;x\x07b", "text/plain", "a\N{REPLACEMENT CHARACTER}b", ""),
        (b'["\\u001b[2J"]', "application/json", ["\N{REPLACEMENT CHARACTER}"], ""),
        (b"\x89PNG\0\0", "image/png", None, "not text"),
    ],
)
def test_bodies(body: bytes, content_type: str, data: object, note: str) -> None:
    output = output_of(answer(body=body, content_type=content_type), "https://x/")
    assert output["body"] == data
    assert note in output.get("note", "")
    assert bool(note) == ("note" in output)


def test_headers_are_bounded_and_open_no_session() -> None:
    many = {f"h{place}": "v" * 5000 for place in range(300)}
    headers = output_of(answer(set_cookie="session=1", **many), "")["headers"]
    assert "set-cookie" not in headers
    assert len(headers) <= 100
    assert max(map(len, headers.values())) <= 2000


def test_a_long_body_is_cut_and_says_so() -> None:
    output = output_of(answer(body=b"x" * 10, size=99), "")
    assert output["note"] == "only the first 10 of 99 bytes are kept"


def test_a_bomb_is_not_unpacked() -> None:
    pack = zlib.compressobj(9, wbits=31)
    bomb = b"".join(pack.compress(b"\0" * 1_000_000) for _ in range(60)) + pack.flush()
    assert len(bomb) < 100_000
    intake = Intake("gzip")
    with pytest.raises(TooLong):
        intake.take(bomb)
    assert len(intake.kept) == 1024 * 1024


def test_packed_bodies_come_whole_in_any_pieces() -> None:
    text = bytes(range(256)) * 3000
    for wbits in (31, 15):
        packed = zlib.compressobj(9, wbits=wbits)
        data = packed.compress(text) + packed.flush()
        for step in (1, 7, len(data)):
            intake = Intake("gzip")
            for start in range(0, len(data), step):
                intake.take(data[start : start + step])
            intake.end()
            assert (intake.kept == text, intake.readable, intake.size) == (True, True, len(text))


@pytest.mark.parametrize(("encoding", "data"), [("br", b"abc"), ("gzip", b"not gzip"), ("gzip", b"\x1f\x8b\x08")])
def test_what_cannot_be_unpacked_is_not_read(encoding: str, data: bytes) -> None:
    intake = Intake(encoding)
    intake.take(data)
    intake.end()
    assert not intake.readable


def test_what_follows_the_end_counts_too() -> None:
    packed = zlib.compressobj(wbits=31)
    intake = Intake("gzip", limit=1000)
    intake.take(packed.compress(b"x") + packed.flush())
    with pytest.raises(TooLong):
        intake.take(b"\0" * 2000)
