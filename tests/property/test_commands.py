"""Whatever an argument holds, it stays one word of a declared command, as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.commands.fill import fill
from workflows.errors import CallFailed

VALUES = st.text(max_size=40) | st.sampled_from(["{b}", "{{a}}", "-x", "--", "$(id)", "a b", "{a}{b}", ";", "\n"])


@given(VALUES, VALUES, st.lists(VALUES, max_size=4))
def test_every_argument_is_a_word_as_it_is(a: str, b: str, items: list[str]) -> None:
    words = ["tool", "--a={a}", "x{b}y", "{{a}}", "{print $1}", "--", "{a}", "{items}"]
    assert fill(words, {"a": a, "b": b, "items": items}) == [
        "tool",
        f"--a={a}",
        f"x{b}y",
        "{a}",
        "{print $1}",
        "--",
        a,
        *items,
    ]


@given(VALUES)
def test_no_argument_becomes_an_option(a: str) -> None:
    if a.startswith("-"):
        with pytest.raises(CallFailed):
            fill(["tool", "{a}"], {"a": a})
    else:
        assert fill(["tool", "{a}"], {"a": a}) == ["tool", a]
