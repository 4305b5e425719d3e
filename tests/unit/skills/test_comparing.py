"""Comparing lines in a bounded number of steps."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.comparing import TooManySteps, compared

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=30)


@given(LINES, LINES)
def test_a_diff_is_that_of_difflib(a: list[str], b: list[str]) -> None:
    assert [*compared(a, b, "x", "y", 3, 10**9)] == [*difflib.unified_diff(a, b, "x", "y", n=3)]


def test_more_steps_than_are_allowed_are_not_made() -> None:
    a = [f"{place % 9}\n" for place in range(150)]
    b = [f"{place * 5 % 9}\n" for place in range(150)]
    with pytest.raises(TooManySteps):
        list(compared(a, b, "x", "y", 3, 1000))
