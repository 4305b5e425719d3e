"""Where two values part, and how that is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.present.differences import MOST, difference_lines, differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab\n", max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab .", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (1, 1.0, []),
        (1, True, ["it: 1 → true"]),
        ({"a": 1, "b c": 2}, {"a": 3, "d": 4}, ["it.a: 1 → 3", 'it["b c"]: 2 → (not there)', "it.d: (not there) → 4"]),
        ([1, 2, 3], [1, 3], ["it[1]: 2 → (not there)"]),
        ([1, 3], [1, 2, 3], ["it[1]: (not there) → 2"]),
        ([{"n": 1}, 2], [{"n": 2}, 2], ["it[0].n: 1 → 2"]),
        ("one", "two", ["it: one → two"]),
        ("one", "one\n", ['it: "one" → "one\\n"']),
        ("a\nb\nc", "a\nx\nc", ["it:", "  @@ -1,3 +1,3 @@", "   a", "  -b", "  +x", "   c"]),
        ("", None, ['it: "" → null']),
        ("\x1b[31mred", "x", ["it: red → x"]),
    ],
)
def test_what_is_told(before: Any, after: Any, told: list[str]) -> None:
    assert [line for each in differences(before, after) for line in difference_lines("it", each)] == told


def test_long_texts_are_shortened_where_that_is_asked_for() -> None:
    (found,) = differences("a\n" * 50, "b\n" * 50)
    lines = list(difference_lines("it", found, most=5))
    assert len(lines) == 7
    assert lines[-1] == "  … 96 more lines"


@given(VALUES, VALUES)
def test_the_same_values_and_only_those_have_no_difference(before: Any, after: Any) -> None:
    found = differences(before, after)
    assert bool(found) == (not _same(before, after))
    for each in found:
        assert list(difference_lines("x", each))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def test_not_more_places_are_looked_for_than_anybody_reads() -> None:
    assert len(differences(list(range(5_000)), list(range(1, 5_001)))) == MOST
