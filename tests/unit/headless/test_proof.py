"""The proof that a workflow can run where nobody is: each way to wait is found at its place, and nothing else is."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.support.flows import Flow
from workflows.definition.parse import parse
from workflows.diagnostics import Diagnostic, render
from workflows.unattended.headless import Source, never, prove

OTHERWISE = (
    "{id: a, type: decision, branches: [{when: 'false', steps: [{id: c, type: do}]}],"
    " default: [{id: b, type: approval}]}"
)
SAID = "unattended: {channel: ops, timeout: 2h}\n"


def proof(steps: str, top: str = "", after: str = "", **children: str) -> tuple[Diagnostic, ...]:
    flow = Flow(**children)
    text = f"name: Flow\n{top}steps:\n" + "".join(f"  - {line}\n" for line in steps.strip().split("\n")) + dedent(after)
    plan = flow.plan(text)

    def child(name: str) -> Source | None:
        entry = flow.catalogue.find("workflow", name)
        return Source(f"{name}.yaml", dedent(children[name]), entry.definition) if entry else None

    parsed = parse(text, "flow.yaml", flow.kinds, flow.catalogue)
    assert parsed.workflow is not None
    return prove(plan, Source("flow.yaml", text, parsed.workflow), child, channels=("terminal", "ops"))


def places(found: tuple[Diagnostic, ...]) -> list[tuple[str, int, str]]:
    """The file, the line, and what stands under the caret of each."""
    return [(each.file, each.line, each.source_line[each.column - 1 : each.end_column - 1]) for each in found]


@pytest.mark.parametrize(
    ("step", "caret"),
    [
        ("{id: a, type: approval}", "{id: a, type: approval}"),
        ("{id: a, type: approval, timeout: 5m, default: deny}", "{id: a, type: approval, timeout: 5m, default: deny}"),
        ("{id: a, type: question, ask: Which?, timeout: 5m, default: x}", ""),
        ("{id: a, type: do, approve: before}", "before"),
        ("{id: a, type: do, irreversible: true}", "true"),
        ("{id: a, type: do, on_failure: ask}", "ask"),
        ("{id: a, type: unsafe}", "unsafe"),
        ("{id: a, type: unsafe, verify: {type: do, happened: 'true'}}", "unsafe"),
        ("{id: a, type: do, effect: unsafe}", "do"),
        ("{id: a, type: do, undo: {type: unsafe}}", "unsafe"),
        ("{id: a, type: do, verify: {type: approval}}", ""),
        ("{id: a, type: parallel, steps: [{id: b, type: do, on_failure: ask}]}", "ask"),
        ("{id: a, type: do, foreach: {in: [1, 2]}, on_failure: ask}", "ask"),
        ("{id: a, type: decision, branches: [{when: 'true', steps: [{id: b, type: approval}]}]}", ""),
        (OTHERWISE, ""),
    ],
)
def test_what_can_wait_is_refused_at_its_place_and_passes_where_the_workflow_bounds_it(step: str, caret: str) -> None:
    (found,) = proof(step)
    assert found.code == "waits-for-a-person"
    assert found.line == 3
    assert caret in ("", found.source_line[found.column - 1 : found.end_column - 1])
    assert "unattended: {channel: …, timeout: 2h}" in found.hint
    assert proof(step, SAID) == ()


@pytest.mark.parametrize(
    "step",
    [
        "{id: a, type: transform, value: 1}",
        "{id: a, type: do, retry: {max_attempts: 5}, undo: {type: do}, notify: true, timeout: 5}",
        "{id: a, type: unsafe, effect: idempotent}",
        "{id: a, type: approval, when: 'false'}",
        "{id: a, type: approval, when: 1 > 2 and 'x' in 'xy'}",
        "{id: a, type: parallel, when: 'false', steps: [{id: b, type: approval}]}",
        "{id: a, type: decision, branches: [{when: 1 == 2, steps: [{id: b, type: approval}]}]}",
        "{id: a, type: do, undo: {type: unsafe, when: 'false'}}",
    ],
)
def test_what_never_waits_passes(step: str) -> None:
    assert proof(step) == ()


@pytest.mark.parametrize("when", ["parameters.x", "now() == ''", "file_exists('a')", "item.x", "1 / 0 == 1", "not a +"])
def test_a_condition_is_never_true_only_where_that_is_sure(when: str) -> None:
    assert not never(when)


def test_handlers_rollback_and_finally_are_looked_at() -> None:
    after = """\
    error_handlers:
      - {error: timeout, action: retry, then: escalate}
      - {error: any, action: escalate, steps: [tidy]}
    rollback: {steps: [{id: back, type: do, on_failure: ask}]}
    finally: {steps: [{id: last, type: approval}]}
    """
    lines = places(proof("{id: a, type: do}", after=after))
    assert [(line, caret) for _, line, caret in lines] == [
        (5, "escalate"), (6, "escalate"), (7, "ask"), (8, "{id: last, type: approval}")
    ]  # fmt: skip
    assert proof("{id: a, type: do}", SAID, after) == ()


def test_a_budget_that_asks_counts_only_where_something_costs() -> None:
    budget = "budget: {usd: 1}\n"
    assert proof("{id: a, type: do}", budget) == ()


def test_a_child_is_told_of_in_its_own_file_and_bounded_by_its_caller_or_itself() -> None:
    child = "name: Child\nsteps:\n  - {id: gate, type: approval}\n"
    (found,) = proof("{id: a, type: workflow, workflow: child}", child=child)
    assert (found.file, found.line) == ("child.yaml", 3)
    assert "(called by Flow)" in found.message
    assert proof("{id: a, type: workflow, workflow: child}", SAID, child=child) == ()
    assert proof("{id: a, type: workflow, workflow: child}", child=SAID + child) == ()
    assert proof("{id: a, type: workflow, workflow: child, when: 'false'}", child=child) == ()


def test_a_question_needs_a_default_of_its_own_or_the_word_that_it_fails() -> None:
    (found,) = proof("{id: a, type: question, ask: Which?}", SAID)
    assert "question: fail" in found.hint
    said = "unattended: {channel: ops, timeout: 2h, default: {question: fail}}\n"
    assert proof("{id: a, type: question, ask: Which?}", said) == ()


def test_the_channel_must_be_there() -> None:
    (found,) = proof("{id: a, type: approval}", "unattended: {channel: opps, timeout: 2h}\n")
    assert render(found).split("\n") == [
        "flow.yaml:2:23: error: there is no channel 'opps' [unknown-channel]",
        "  2 | unattended: {channel: opps, timeout: 2h}",
        "    |                       ^~~~",
        "  hint: did you mean 'ops'?",
    ]
