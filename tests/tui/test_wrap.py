from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tui.wrap import breaks, columns

TEXTS = st.text(alphabet=st.sampled_from("ab  \té漢字-xyz"), max_size=120)


@given(TEXTS, st.integers(1, 40))
def test_parts_cover_the_line_without_gaps(text: str, width: int) -> None:
    parts = breaks(text, width)
    assert parts[0][0] == 0
    assert parts[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(parts))


@given(TEXTS, st.integers(2, 40))
def test_no_part_is_wider_than_asked_but_for_blanks_at_its_end(text: str, width: int) -> None:
    for start, end in breaks(text, width):
        assert columns(text[start:end].rstrip()) <= width


@pytest.mark.parametrize(
    ("text", "width", "parts"),
    [
        ("", 10, [""]),
        ("one two three", 8, ["one two ", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("to abcdefghij", 4, ["to ", "abcd", "efgh", "ij"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("a\tb", 4, ["a\t", "b"]),
    ],
)
def test_breaks_come_after_blanks_where_they_can(text: str, width: int, parts: list[str]) -> None:
    assert [text[start:end] for start, end in breaks(text, width)] == parts
