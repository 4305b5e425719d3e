"""Each rule suggests what it should, says why, and holds back where it would change what a workflow does."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from composer.edit import SetField, apply, value_at
from composer.optimise import RULES, History, Suggestion, Tries, suggestions
from composer.optimise.rules import keeps_meaning
from tests.property.test_optimise import subject_of
from tests.support.optimising import Scripted

A = "- {id: a, type: skill, skill: fetch}"
B = "- {id: b, type: skill, skill: read}"
BRANCH = """
- id: h
  type: decision
  branches:
    - when: 1 < 2
      steps: [{id: a, type: skill, skill: fetch}, {id: b, type: skill, skill: read}, {id: c, type: skill, skill: send}]
"""


def flow(steps: str, head: str = "") -> str:
    return f"name: X\n{head}steps:\n{indent(dedent(steps).strip(), '  ')}\n"


def found(text: str, rule: str, history: History | None = None) -> list[Suggestion]:
    scripted = Scripted()
    subject = subject_of(scripted, text, history)
    assert subject is not None
    return list(suggestions(subject, scripted.read, [rule]))


def tried(performer: str, count: int = 9, good: int = 9, longest: float = 30.0, usd: float | None = None) -> Tries:
    return Tries(performer, count, good, longest, longest, usd)


def test_the_whole_stage_runs_at_the_same_time_each_step_after_what_it_reads() -> None:
    text = flow(f"{A}\n{B}\n- {{id: c, type: transform, value: '${{{{ steps.a.output }}}}'}}")
    (suggestion,) = found(text, "parallelise")
    assert "'a' and 'b'" in suggestion.reason
    assert value_at(apply(text, suggestion.edits), ("stages", 0, "parallel")) is True


def test_many_that_compute_are_no_more_at_once_than_there_are_processors() -> None:
    text = flow("\n".join(f"- {{id: s{n}, type: skill, skill: compute}}" for n in range(4)))
    (suggestion,) = found(text, "parallelise")
    assert value_at(apply(text, suggestion.edits), ("stages", 0, "max_parallel")) == 2


def test_some_of_a_stage_run_at_the_same_time_beside_what_acts() -> None:
    (suggestion,) = found(flow(f"{A}\n{B}\n- {{id: c, type: skill, skill: send}}"), "parallelise")
    assert suggestion.steps == ("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        flow(f"{A}\n- {{id: b, type: skill, skill: send}}"),
        flow(f"{A}\n- {{id: b, type: skill, skill: store}}"),
        flow(f"{A}\n- {{id: b, type: skill, skill: read, when: steps.a.status == 'succeeded'}}"),
        flow(f"{A}\n- {{id: b, type: skill, skill: read, approve: before}}"),
        flow(f"{A}\n- {{id: b, type: delay, for: 1}}"),
        flow(f"{A}\n- {{id: b, type: skill, skill: read, undo: {{type: transform, value: 1}}}}"),
        flow("- {id: a, type: transform, value: 1}\n- {id: b, type: transform, value: 1}"),
        flow(BRANCH),
    ],
)  # fmt: skip
def test_what_acts_waits_reads_or_takes_no_time_stays_in_order(text: str) -> None:
    assert found(text, "parallelise") == []


def test_items_are_done_several_at_a_time() -> None:
    (suggestion,) = found(flow("- {id: a, type: skill, skill: fetch, foreach: {in: [1, 2]}}"), "batch")
    assert suggestion.edits == (SetField(("foreach", "max_parallel"), 4, "a"),)
    assert found(flow("- {id: a, type: skill, skill: send, foreach: {in: [1, 2]}}"), "batch") == []
    assert found(flow("- {id: a, type: skill, skill: fetch, foreach: {in: [1]}}"), "batch") == []


STAGES = """\
name: X
stages:
  - {name: one, steps: [{id: a, type: skill, skill: FIRST}]}
  - {name: two, steps: [{id: b, type: skill, skill: fetch}, {id: c, type: transform, value: "${{ steps.a.output }}"}]}
"""


def test_what_reads_nothing_of_the_stages_before_begins_beside_them() -> None:
    text = STAGES.replace("FIRST", "read")
    (suggestion,) = found(text, "prefetch")
    after = apply(text, suggestion.edits)
    assert value_at(after, ("stages", 0, "parallel")) is True
    assert [step["id"] for step in value_at(after, ("stages", 0, "steps"))] == ["a", "b"]
    assert found(STAGES.replace("FIRST", "send"), "prefetch") == []  # what it looks at may be what that did
    assert found(text.replace("name: X", "name: X\ncontext: {preserve: true}"), "prefetch") == []


def test_what_nobody_reads_and_cannot_fail_the_run_is_taken_out() -> None:
    head = "outputs: {b: '${{ steps.b.output }}'}\n"
    constant = "- {id: x, type: transform, value: 1}"
    assert found(flow(f"{constant}\n{B}", head), "prune")[0].steps == ("x",)
    assert found(flow(f"{constant}\n{B}"), "prune") == []  # it does not say what it gives back
    assert found(flow(f"{A}\n{B}", head), "prune") == []  # it may be there to fail
    assert found(flow(f"{A[:-1]}, on_failure: continue}}\n{B}", head), "prune")[0].steps == ("a",)
    assert found(flow(f"{A[:-1]}, on_failure: continue, notify: true}}\n{B}", head), "prune") == []


def test_what_computes_for_long_is_remembered() -> None:
    text = flow("- {id: a, type: skill, skill: compute}")
    assert found(text, "cache") == []
    assert found(text, "cache", {"a": (tried(""),)})[0].edits == (SetField(("cache",), True, "a"),)
    assert found(text, "cache", {"a": (tried("", longest=0.1),)}) == []
    assert found(text, "cache", {"a": (tried("", good=8),)}) == []
    assert found(text.replace("compute", "fetch"), "cache", {"a": (tried(""),)}) == []


def test_an_agent_that_did_as_well_for_less_begins() -> None:
    text = flow("- {id: a, type: agent, agent: large, input: Hello, fallback: [small]}")
    good = {"a": (tried("large", usd=0.5), tried("small", usd=0.1))}
    (suggestion,) = found(text, "cheaper", good)
    after = apply(text, suggestion.edits)
    assert (value_at(after, ("agent",), "a"), value_at(after, ("fallback",), "a")) == ("small", ["large"])
    assert "$0.10" in suggestion.reason
    for other in (
        tried("small", good=8, usd=0.1),
        tried("small", count=4, good=4, usd=0.1),
        tried("small", usd=0.4),
        tried("small"),
    ):
        assert found(text, "cheaper", {"a": (tried("large", usd=0.5), other)}) == []


def test_what_can_be_repeated_is_tried_again() -> None:
    assert found(flow(A), "retries")[0].edits == (SetField(("retry",), {"max_attempts": 3}, "a"),)
    program = "- {id: a, type: skill, skill: program}"  # such as one that reads this machine's logs
    for other in ("- {id: a, type: skill, skill: send}", program, f"{A[:-1]}, retry: {{max_attempts: 1}}}}", B):
        assert found(flow(other), "retries") == []
    assert found(flow(A, "metadata: {retry_policy: {max_attempts: 2}}\n"), "retries") == []


def test_what_may_hang_has_a_limit() -> None:
    (suggestion,) = found(flow(A), "timeouts", {"a": (tried("", longest=50.0),)})
    assert suggestion.edits == (SetField(("timeout",), "4m", "a"),)
    assert found(flow("- {id: a, type: agent, agent: large, input: x}"), "timeouts")[0].edits[0] == SetField(
        ("timeout",), "15m", "a"
    )
    assert found(flow(A), "timeouts") == []
    assert found(flow(A, "timeout: 1h\n"), "timeouts", {"a": (tried(""),)}) == []


def test_what_can_be_undone_is_undone_when_a_later_step_fails() -> None:
    text = flow(f"- {{id: r, type: skill, skill: replace}}\n{A}")
    (suggestion,) = found(text, "undo")
    assert value_at(apply(text, suggestion.edits), ("error_handlers",)) == [{"error": "any", "action": "rollback"}]
    assert found(flow(f"{A}\n- {{id: r, type: skill, skill: replace}}"), "undo") == []
    assert found(text.replace("fetch", "fetch, on_failure: rollback"), "undo") == []
    assert found(text.replace("fetch", "fetch, on_failure: continue"), "undo") == []  # that would end the run then


def test_what_cannot_be_undone_waits_for_a_yes() -> None:
    send = "- {id: s, type: skill, skill: send}"
    assert found(flow(send), "gates")[0].edits == (SetField(("approve",), "before", "s"),)
    assert found(flow(f"- {{id: g, type: approval, show: Go?}}\n{send}"), "gates") == []
    assert found(flow(f"{send[:-1]}, undo: {{type: transform, value: 1}}}}"), "gates") == []
    assert found(flow(send, "schedule: {every: 1h}\n"), "gates") == []


@pytest.mark.parametrize("rule", RULES)
def test_a_suggestion_that_changes_anything_else_is_left_out(rule: str) -> None:
    scripted = Scripted()
    text = flow(f"{A}\n{B}")
    subject = subject_of(scripted, text)
    assert subject is not None
    for edit in (SetField(("parameters", "x"), 1, "a"), SetField(("effect",), "unsafe", "a"), SetField(("name",), "Y")):
        assert not keeps_meaning(subject, Suggestion(rule, "", (edit,), ("a",)), scripted.read)
