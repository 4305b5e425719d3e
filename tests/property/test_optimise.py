"""No rule changes what a workflow does: random ones are run with and without each suggestion on the real engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from composer.edit import SetField, apply
from composer.optimise import RULES, History, Subject, Suggestion, Tries, suggestions
from composer.optimise.subject import Fact
from tests.support.layouts import layouts
from tests.support.optimising import Scripted
from workflows.planning.make import make_plan
from workflows.runs.state import RunState
from workflows.values import canonical

SLOWLY = settings(
    deadline=None,
    max_examples=int(os.environ.get("UNDERSTUDY_OPTIMISE", "12")),
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to make one smaller takes minutes
)
SEEN = (Tries("large", 9, 9, 90.0, 20.0, 0.5), Tries("small", 9, 9, 90.0, 20.0, 0.1), Tries("", 9, 9, 90.0, 20.0, None))


def prone(rule: str, data: dict[str, Any], *, gone_past: bool) -> dict[str, Any]:
    """The workflow with something that the rule is about, where chance alone brings that seldom."""
    look, other = ({"id": id_, "type": "skill", "skill": "fetch"} for id_ in ("x1", "x2"))
    reads = {"id": "x3", "type": "transform", "value": "${{ steps.x1.output }}"}
    stages = data["stages"]
    match rule:
        case "prune":
            sends = {"id": "x2", "type": "skill", "skill": "send", "on_failure": "continue"}
            stages[-1]["steps"] += [sends, {"id": "x1", "type": "transform", "value": 1}]
            data["outputs"] = {"first": f"${{{{ steps.{stages[0]['steps'][0]['id']}.output }}}}"}
        case "batch":
            for step, skill in ((look, "send"), (other, "fetch")):
                stages[0]["steps"].append({**step, "skill": skill, "foreach": {"in": [1, 2, 3]}})
        case "prefetch":
            stages[0:0] = [{"name": "x1", "steps": [look]}, {"name": "x2", "steps": [other, reads]}]
        case "undo":
            stages.insert(0, {"name": "x1", "steps": [{**look, "skill": "replace"}]})
            # What is gone past bears no rollback, so there is little of it.
            stages.append({"name": "x2", "steps": [{**other, "on_failure": "continue"} if gone_past else other]})
    if rule in ("prune", "prefetch"):
        data.pop("context", None)
        data.get("outputs", {}).pop("context", None)
    return data


@st.composite
def workflows(draw: st.DrawFn, rule: str) -> dict[str, Any]:
    """Workflows of skills, agents and values, some of which read others, are done for each item, or fail."""
    count = 0
    over: list[str] = []
    in_order = draw(st.booleans())

    def value() -> Any:
        if over and draw(st.booleans()):
            id_ = draw(st.sampled_from(over))
            return draw(st.sampled_from([f"${{{{ steps.{id_}.output }}}}", f"${{{{ steps.{id_}.status }}}} of it"]))
        return draw(st.sampled_from(["text", 1, [1, 2]]))

    def step(depth: int) -> dict[str, Any]:
        nonlocal count
        count += 1
        found: dict[str, Any] = {"id": f"s{count}"}
        match draw(st.sampled_from(["skill", "skill", "skill", "agent", "transform", "parallel", "decision"])):
            case "skill":
                names = ["compute", "read", "fetch", "fetch", "store", "send", "replace"]
                found |= {"type": "skill", "skill": draw(st.sampled_from(names)), "parameters": {"given": value()}}
            case "agent":
                found |= {"type": "agent", "agent": "large", "input": value()}
                if draw(st.booleans()):
                    found["fallback"] = ["small"]
            case "parallel" if depth and not in_order:
                found |= {"type": "parallel", "steps": [step(depth - 1) for _ in range(draw(st.integers(1, 2)))]}
                return found
            case "decision" if depth:
                held = [step(depth - 1) for _ in range(draw(st.integers(1, 3)))]
                branch = {"when": draw(st.sampled_from(["1 < 2", "1 > 2"])), "steps": held}
                found |= {"type": "decision", "branches": [branch]}
                return found
            case _:
                found |= {"type": "transform", "value": value()}
        if draw(st.integers(0, 4)) == 0:
            found["foreach"] = {"in": draw(st.sampled_from([[1, 2, 3], []]))}
        if draw(st.integers(0, 4)) == 0 and rule != "undo":
            found["on_failure"] = draw(st.sampled_from(["continue", "skip"]))
        if draw(st.integers(0, 6)) == 0:
            found["when"] = draw(st.sampled_from(["1 < 2", "1 > 2"]))
        return found

    data: dict[str, Any] = {"name": "Random", "stages": []}
    if rule == "gates" and draw(st.integers(0, 4)) == 0:
        data["schedule"] = {"every": "1h"}
    if draw(st.integers(0, 4)) == 0:
        data["context"] = {"preserve": True}
    for number in range(draw(st.integers(1, 3))):
        steps = []
        for _ in range(draw(st.integers(1, 4))):
            steps.append(step(1))
            over.append(steps[-1]["id"])
        parallel = {"parallel": True} if not in_order and draw(st.integers(0, 3)) == 0 else {}
        data["stages"].append({"name": f"g{number}", **parallel, "steps": steps})
    read = draw(st.lists(st.sampled_from(over), max_size=3, unique=True))
    if read:
        data["outputs"] = {id_: f"${{{{ steps.{id_}.output }}}}" for id_ in read}
        if "context" in data:
            data["outputs"]["context"] = "${{ context }}"
    return prone(rule, data, gone_past=draw(st.integers(0, 3)) == 0)


def subject_of(flow: Scripted, text: str, history: History | None = None) -> Subject | None:
    workflow = flow.read(text)
    if workflow is None:
        return None  # such as a cycle in a parallel stage
    return Subject(text, workflow, make_plan(workflow, flow.kinds, flow.catalogue), history or {}, cores=2)


@dataclass(frozen=True)
class Ran:
    """How the last of so many runs ended, what it gave back, and what changed something outside, in order."""

    status: str
    outputs: dict[str, Any]
    acts: list[str]


async def ran(text: str, failing: frozenset[str], times: int, *, looking: bool, flaky: str = "") -> Ran:
    flow = Scripted(failing, looking=looking)
    flow.said.flaky |= {flaky} - {""}
    state = await flow.whole(text)
    for _ in range(times - 1):
        flow.said.begin_anew()
        state = await flow.whole(text)
    return Ran(state.status, {"": state.outputs, **outputs_of(state)}, list(flow.said.effects))


def outputs_of(state: RunState) -> dict[str, list[str]]:
    """What each step gave, wherever it stands."""
    found: dict[str, list[str]] = {}
    for step in state.steps.values():
        if "~" not in step.id:
            found.setdefault(step.id.rsplit(">", 1)[-1], []).append(canonical(step.output))
    return {id_: sorted(each) for id_, each in found.items()}


def who_fails(draw: st.DataObject, facts: Sequence[Fact], suggestion: Suggestion) -> frozenset[str]:
    """What is gone past, one of the steps that the suggestion is about, or any two; of agents the one that
    would begin."""
    ids = [fact.id for fact in facts]
    gone_past = [fact.id for fact in facts if fact.one.on_failure]
    match draw.draw(st.integers(0, 3)):
        case 0:
            return frozenset(gone_past[-1:])
        case 1 | 2 if suggestion.steps:
            id_ = draw.draw(st.sampled_from(suggestion.steps))
            return frozenset({f"{id_}/small"} if suggestion.rule == "cheaper" else {id_})
        case _:
            return frozenset(draw.draw(st.lists(st.sampled_from(ids), max_size=2)))


def limits_of(suggestion: Suggestion) -> Iterator[float]:
    """The seconds of the timeouts that are suggested."""
    for edit in suggestion.edits:
        if isinstance(edit, SetField) and edit.path == ("timeout",):
            assert isinstance(edit.value, str)
            yield 60.0 * int(edit.value.removesuffix("m"))


def compare(text: str, suggestion: Suggestion, failing: frozenset[str]) -> None:
    """Run it with and without. What is about failing may make a run of it end well; it repeats nothing even then."""
    in_order = "parallel" not in text  # else the order is that of chance
    times = 2 if suggestion.rule == "cache" else 1
    after_text = apply(text, suggestion.edits)
    before = asyncio.run(ran(text, failing, times, looking=in_order))
    after = asyncio.run(ran(after_text, failing, times, looking=in_order))
    if before.status == "failed" and suggestion.rule in ("undo", "retries", "cheaper", "timeouts"):
        return
    assert after.status == before.status, suggestion
    ended_well = before.status == "succeeded"  # else what changes nothing may have been begun or not
    same = {id_: each for id_, each in before.outputs.items() if id_ in after.outputs and (ended_well or not id_)}
    assert {id_: after.outputs[id_] for id_ in same} == same, suggestion
    assert sorted(after.acts) == sorted(before.acts), suggestion
    if in_order:
        assert after.acts == before.acts, suggestion
    if suggestion.rule == "retries":
        for id_ in suggestion.steps:
            again = asyncio.run(ran(after_text, failing, 1, looking=in_order, flaky=id_))
            assert max(map(again.acts.count, again.acts), default=1) == 1, suggestion


def check(rule: str) -> None:
    """Hold random workflows, with and without what a rule suggests, against each other."""

    @SLOWLY
    @given(workflows(rule).flatmap(lambda data: st.tuples(st.just(data), layouts(data))), st.data())
    def same(drawn: tuple[dict[str, Any], str], more: st.DataObject) -> None:
        text = drawn[1]
        flow = Scripted()
        bare = subject_of(flow, text)
        assume(bare is not None)
        assert bare is not None
        ids = [fact.id for fact in bare.facts]
        subject = subject_of(flow, text, dict.fromkeys(ids, SEEN))
        assert subject is not None
        offered = suggestions(subject, flow.read, only=[rule])[:3]
        assume(offered)  # else there is nothing to compare, and another one is made
        for suggestion in offered:
            assert not (rule == "gates" and subject.workflow.schedules), "nobody is there to say yes"
            longest = max((subject.longest(id_)[0] for id_ in suggestion.steps), default=0.0)
            assert all(limit >= 2 * longest for limit in limits_of(suggestion)), suggestion
            for failing in dict.fromkeys((frozenset(), who_fails(more, subject.facts, suggestion))):
                compare(text, suggestion, failing)

    same()


@pytest.mark.parametrize("rule", RULES)
def test_what_a_workflow_gives_and_does_is_the_same_with_the_suggestion(rule: str) -> None:
    check(rule)
