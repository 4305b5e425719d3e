"""Cleaned text holds nothing forbidden, whatever it was, and cleaning it again changes nothing."""

from __future__ import annotations

import re
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from workflows import cleaning as text_module
from workflows.text import MAX_COMBINING, one_line, safe_json, safe_text

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)

SPITEFUL = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=8),
        st.sampled_from(
            ["\x1b", "\x1b[", "\x1b]", "\x1b\\", "\x1bP", "\x9b", "\x9c", "\x9d", "\x07", "\r", "\n", "\x18"]
        ),
        st.sampled_from(["[0m", "0m", "\u202e", "\u200d", "\ufeff", "\ud800", "\udc00", "\U000e0041", "x" * 60]),
        st.sampled_from(["\u0301" * 5, "\u0301" * 12]),
    ),
    max_size=30,
).map("".join)


def longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        longest = max(longest, run)
    return longest


@given(SPITEFUL)
def test_nothing_forbidden_is_left(text: str) -> None:
    clean = safe_text(text)
    assert not FORBIDDEN.search(clean)
    assert longest_run_of_marks(clean) <= MAX_COMBINING
    clean.encode("utf-8")


@given(SPITEFUL, st.none() | st.integers(0, 300), st.none() | st.integers(0, 120))
def test_cleaning_twice_changes_nothing(text: str, limit: int | None, max_line: int | None) -> None:
    clean = safe_text(text, limit=limit, max_line=max_line)
    assert safe_text(clean, limit=limit, max_line=max_line) == clean
    assert limit is None or len(clean) <= limit
    assert max_line is None or limit is not None or all(len(line) <= max_line for line in clean.split("\n"))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_letters_digits_and_signs_are_left_alone(text: str) -> None:
    assert safe_text(text) == text


@given(SPITEFUL, st.integers(-2, 60))
def test_a_title_fits(text: str, width: int) -> None:
    line = one_line(text, width)
    assert len(line) <= max(width, 0)
    assert "\n" not in line
    assert "\t" not in line
    assert not FORBIDDEN.search(line)
    assert one_line(line, width) == line


@given(st.recursive(st.none() | st.booleans() | st.integers() | SPITEFUL, lambda inner: st.lists(inner, max_size=3)))
def test_json_keeps_its_shape(value: object) -> None:
    clean = safe_json(value)
    assert safe_json(clean) == clean
    assert type(clean) is type(value)


def test_every_combining_mark_is_looked_for() -> None:
    run = text_module._MAYBE_COMBINING
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Mn", "Me"):
            assert run.fullmatch(chr(code) * (MAX_COMBINING + 1)), hex(code)
