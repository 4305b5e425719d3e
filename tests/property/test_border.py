"""What is let in at once, as plain text is, is what the long way lets in."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from workflows.border import admit
from workflows.secrets import Redactor, Secret
from workflows.values import Json

REDACTOR = Redactor([Secret('pass"word\n1'), Secret("123456789")])
TEXTS = st.sampled_from(["", "a b", "\t\n", 'pass"word\n1', "\\u001b[2J", "\r", "\x1b[2J", "\x7f", "⟦secret:A:1⟧", "é"])
WORDS = st.none() | st.booleans() | st.sampled_from([1.5, 7, 123456789, 10**4299]) | TEXTS
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


@given(VALUES)
@example([10**3950])
@example([(1, 2), {"a": (3,)}])
def test_the_short_way_is_the_long_way(value: Json) -> None:
    # A letter beyond ASCII in the same data has all of it go the long way.
    assert admit([value, "é"], redactor=REDACTOR)[0] == admit([value], redactor=REDACTOR)[0]


@given(st.integers(1, 200))
def test_depth_is_the_same_either_way(deep: int) -> None:
    value: Json = "a"
    for _ in range(deep):
        value = [value]
    assert admit([value, "é"], redactor=REDACTOR)[0] == admit([value], redactor=REDACTOR)[0]
