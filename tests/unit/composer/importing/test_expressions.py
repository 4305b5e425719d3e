"""Expressions of service documents, as ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.importing.expressions import Known, Rewriter
from workflows.expressions import compile_text

STEPS = {
    "fetch": Known("http"),
    "both": Known("parallel", inside=("left", "right")),
    "left": Known("transform", "result"),
    "right": Known("agent"),
    "total": Known("transform", "total"),
    "odd": Known("transform", "output"),
}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("input.order_id", "parameters.order_id"),
        ("input['order id'][0]", "parameters['order id'][0]"),
        ("steps.fetch.body.total > 1000", "steps.fetch.output.body.total > 1000"),
        ("steps['fetch'].status_code == 200", "steps.fetch.output.status == 200"),
        ("steps.total.total", "steps.total.output.total"),
        ("steps.total.output.total", "steps.total.output.total"),
        ("steps.odd.output", "steps.odd.output.output"),
        ("steps.right.response", "steps.right.output.text"),
        ("steps.both.results[0].output.result", "steps.left.output.result"),
        ("steps.both.results[1].output.text", "steps.right.output.text"),
        ("steps.both.results[1].success", "(steps.right.status == 'succeeded')"),
        ("input.a && !input.b||input.c", "parameters.a and (not parameters.b) or parameters.c"),
        ("!(input.a == 1) && !!f(input.b)[0]", "(not (parameters.a == 1)) and (not (not f(parameters.b)[0]))"),
        ("!input.a == true", "(not parameters.a) == true"),
        ("input.a === 1 or input.a !== 2", "parameters.a == 1 or parameters.a != 2"),
        ("input.a ? 1 : 2", "(1 if parameters.a else 2)"),
        ("input.a ? input.b ? 1 : 2 : 3", "((1 if parameters.b else 2) if parameters.a else 3)"),
        ("{'k': input.a ? 1 : 2, 'l': [1, 2]}", "{'k': (1 if parameters.a else 2), 'l': [1, 2]}"),
        ("input.user?.name ?? 'nobody'", "((parameters.user.name) | default('nobody'))"),
        ("'input.a is' ~ ' steps.fetch ? no : yes'", "'input.a is' ~ ' steps.fetch ? no : yes'"),
        ("data.input.steps", "data.input.steps"),
        ("max(1, 2) - 3 % 2", "max(1, 2) - 3 % 2"),
    ],
)
def test_an_expression_becomes_one_of_ours(theirs: str, ours: str) -> None:
    assert Rewriter(STEPS).expression(theirs) == ours


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("{{ input.a }}", "${{ parameters.a }}"),
        ("{{input.a}}/x/${{ steps.fetch.body }}", "${{ parameters.a }}/x/${{ steps.fetch.output.body }}"),
        ("{{ {'a': '}}'}['a'] }}!", "${{ {'a': '}}'}['a'] }}!"),
        ("no expression, { {a} }", "no expression, { {a} }"),
        ("open {{ input.a", "open {{ input.a"),
        ("open ${{ input.a", "open $${{ input.a"),
    ],
)
def test_texts_keep_what_is_around_expressions(theirs: str, ours: str) -> None:
    assert Rewriter(STEPS).text(theirs) == ours
    compile_text(ours)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("steps.total.total > 1000", "steps.total.output.total > 1000"),
        ("{{ steps.total.total }} > 1000", "(steps.total.output.total) > 1000"),
        ("'{{ input.env }}' == 'prod'", "(parameters.env) == 'prod'"),
        ("${{ steps.fetch.body.ok }}", "bool(steps.fetch.output.body.ok)"),
        ("input.go", "parameters.go"),
        ("not steps.fetch.body.ok", "not steps.fetch.output.body.ok"),
    ],
)
def test_conditions_are_true_or_false(theirs: str, ours: str) -> None:
    assert Rewriter(STEPS).condition(theirs) == ours


def test_the_types_of_inputs_are_told_by_their_use() -> None:
    rewriter = Rewriter(STEPS)
    for source in ("input.text ~ 'x'", "input.n > 3", "5 * input.m", "input.flag == true", "!input.no"):
        rewriter.expression(source)
    for source in ("input.user.name", "input.list[0]", "input.n ~ 'again'", "input.text"):
        rewriter.expression(source)
    rewriter.condition("{{ input.go }}")
    assert rewriter.inputs == {
        "text": "",
        "n": "number",
        "m": "number",
        "flag": "boolean",
        "no": "boolean",
        "user": "object",
        "list": "array",
        "go": "boolean",
    }


@pytest.mark.parametrize("source", ["steps", "steps.both.errors", "steps.right.usage.total_tokens"])
def test_what_is_not_the_same_here_is_noted(source: str) -> None:
    rewriter = Rewriter(STEPS)
    rewriter.expression(source)
    assert len(rewriter.notes) == 1


PIECES = ["input", "steps", ".", "?.", "?", ":", "??", "!", "&&", "||", "(", ")", "[", "]", "{", "}", "{{", "}}", "${{"]
PIECES += ["fetch", "both", "results", "0", "'", '"', "\\", " ", ",", "===", "é", "\n", "'a'", "output", "1.5"]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=25).map("".join))
def test_nothing_ends_in_an_exception(source: str) -> None:
    rewriter = Rewriter(STEPS)
    for rewrite in (rewriter.text, rewriter.bare, rewriter.condition, rewriter.expression):
        assert isinstance(rewrite(source), str)
