"""Diffs: applying one to the old text gives the new one."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills import difference
from skills.difference import split_lines, unified

lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "-x\n", "+x\n", "\x0c\n", "@@ -1 +1 @@\n"]), max_size=40)
texts = st.builds(lambda body, last: "".join(body) + last, lines, st.sampled_from(["", "end"]))


def apply(before: str, diff: str) -> str:
    """What `patch` does, for one file."""
    old, new, at = split_lines(before), [], 0
    patch = split_lines(diff)[2:]
    for line, following in pairwise([*patch, ""]):
        if header := re.match(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@$", line.rstrip("\n")):
            start = int(header[1]) - (0 if header[2] == "0" else 1)
            new += old[at:start]
            at = start
            continue
        if line.startswith("\\"):
            continue
        text = line[1:-1] if following.startswith("\\") else line[1:]
        if line[0] in " -":
            assert old[at] == text
            at += 1
        if line[0] in " +":
            new.append(text)
    return "".join(new + old[at:])


@given(texts, texts)
def test_a_diff_applies(before: str, after: str) -> None:
    assert apply(before, unified(before, after, "a", "b")) == after


@given(texts, st.integers(0, 200), texts)
def test_a_change_deep_in_a_long_text_has_the_right_lines(middle: str, depth: int, other: str) -> None:
    same = "".join(f"line {number}\n" for number in range(depth))
    before, after = f"{same}{middle}\n{same}", f"{same}{other}\n{same}"
    assert apply(before, unified(before, after, "a", "b")) == after


@given(texts, texts)
def test_too_long_texts_become_blocks_that_apply(before: str, after: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(difference, "_MAX_LINES", 1)
        assert apply(before, unified(before, after, "a", "b")) == after


def test_headings_and_equal_texts() -> None:
    assert unified("a\n", "a\n", "a/x", "b/x") == ""
    assert unified("a\n", "b\n", "a/x", "b/x") == "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
