"""A dotted path is read without the grammar as with it, or not at all."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from workflows.expressions.errors import Refusal
from workflows.expressions.parse import parse_expression
from workflows.expressions.paths import Parsed, parse_path
from workflows.expressions.references import ROOTS

NAMES = (*ROOTS, "a", "true", "Not", "if", "is", "null", "outputs", "é", "x1", "_")
PIECES = (*NAMES, ".", ".", ".", " ", "\t", "\n", "0", "[0]", "()", "-", "|")


def grammar(source: str, roots: frozenset[str]) -> Parsed | None:
    try:
        return parse_expression(source, roots)
    except Refusal:
        return None


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join))
@example("steps.log.output.commits")
@example("  steps.log.output  ")
@example("steps . log")
@example("steps.not.if.true")
@example("steps.a.0")
@example("item")
@example("item\n")
@example(".".join(["steps", *"a" * 200]))
@example(".".join(["steps", *"a" * 600]))
def test_it_is_read_as_the_grammar_reads_it(source: str) -> None:
    roots = frozenset({*ROOTS, "a"})
    found = parse_path(source, roots)
    assert found is None or found == grammar(source, roots)


def test_most_expressions_are_read_so() -> None:
    for source in ("steps.log.output.commits", " item ", "parameters.x", "run.id"):
        assert parse_path(source, ROOTS) is not None
    for source in ("steps['a']", "steps.a | length", "not item", "nobody.x", "", "steps.", "1"):
        assert parse_path(source, ROOTS) is None
