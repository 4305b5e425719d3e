"""A workflow that passes the proof comes to an end with nobody there, whatever goes wrong in it, and in time.

Random workflows on the real engine, with a clock that stands still until it is moved. What each step's act comes to is
random too, and so is whether code changes under it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.flows import Do, Flow, failure
from tests.support.plans import Deed
from workflows.definition.parse import parse
from workflows.errors import CallFailed, OutcomeUnknown
from workflows.runs.events import RetryScheduled
from workflows.runs.state import RunState
from workflows.steps.kind import Catalogue, Description, Entry
from workflows.unattended import headless
from workflows.unattended.headless import Source, prove

CHILD = "name: Child\nsteps:\n  - {id: inner, type: unsafe, on_failure: continue}\n"
ASKING = "name: Asking\nunattended: {channel: ops, timeout: 2s}\nsteps:\n  - {id: inner, type: approval}\n"
TIME = 4.0


class Using(Do):
    """Does something with a skill whose code may change."""

    name: ClassVar[str] = "using"

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("uses a skill", uses=(Entry("skill", "tidy", digest="old"),))


class Alone:
    """A flow in which acts go as fate has it, and nobody is there."""

    def __init__(self, fate: dict[str, str], changes: str | None = None) -> None:
        self.flow = Flow(child=CHILD, asking=ASKING)
        self.flow.kinds["using"] = Using(self.flow.world)
        self.flow.code["skill:tidy"] = "old"
        self._changes = changes
        for name, what in fate.items():
            self.flow.world.acts[name] = self._acting(what)

    def _acting(self, what: str) -> Any:
        async def act(deed: Deed) -> Any:
            if self._changes is not None:
                self.flow.code["skill:tidy"] = self._changes
            if what == "lost":
                raise OutcomeUnknown(failure("transient", "the line was cut"))
            if what != "done":
                raise CallFailed(failure(what))
            return {"did": deed.step}

        return act

    def valid(self, text: str) -> bool:
        return parse(text, "flow.yaml", self.flow.kinds, self.flow.catalogue).valid

    def refused(self, text: str) -> bool:
        parsed = parse(text, "flow.yaml", self.flow.kinds, self.flow.catalogue)
        assert parsed.workflow is not None

        def child(name: str) -> Source | None:
            entry = self.flow.catalogue.find("workflow", name)
            return Source(f"{name}.yaml", {"child": CHILD, "asking": ASKING}[name], entry.definition) if entry else None

        return bool(prove(self.flow.plan(text), Source("flow.yaml", text, parsed.workflow), child))

    async def ended(self, text: str) -> RunState | None:
        """The run's end; None where it waits and nothing will ever end that."""
        driver = await self.flow.start(text, cause="schedule:x")
        task = asyncio.create_task(self.flow.finished(driver))
        for _ in range(400):
            await self.flow.clock.advance(1)
            if task.done():
                return await task
            if any(inquiry.asked.until is None for inquiry in driver.state.open_inquiries):
                driver.cancel()
                driver.cancel()
                await self.flow.clock.advance(2)
                await task
                return None
        raise AssertionError("it neither ends nor waits for a person")


FATES = st.sampled_from(["done", "done", "business", "transient", "lost", "timeout"])
WHEN = st.sampled_from([None, None, None, "false", "1 == 2", "true"])


@st.composite
def steps(draw: st.DrawFn, names: list[str], depth: int = 0) -> dict[str, Any]:
    """One step, with others in it."""
    name = f"s{len(names)}"
    names.append(name)
    kinds = ["do", "do", "unsafe", "unsafe", "using", "approval", "question", "workflow"]
    kind = draw(st.sampled_from(kinds + ["parallel", "decision"] * (depth < 2)))
    step: dict[str, Any] = {"id": name, "type": kind}
    if (when := draw(WHEN)) is not None:
        step["when"] = when
    match kind:
        case "workflow":
            step["workflow"] = draw(st.sampled_from(["child", "asking"]))
        case "question":
            step["ask"] = "Which?"
            step |= draw(st.sampled_from([{}, {"default": "x"}, {"timeout": 3, "default": "x"}, {"timeout": 3}]))
        case "approval":
            step |= draw(st.sampled_from([{}, {"timeout": 3}, {"timeout": 3, "default": "approve"}]))
        case "parallel":
            step["steps"] = draw(st.lists(steps(names, depth + 1), min_size=1, max_size=2))
        case "decision":
            branch = draw(st.sampled_from(["true", "false"]))
            inside = draw(st.lists(steps(names, depth + 1), min_size=1, max_size=2))
            step["branches"] = [{"when": branch, "steps": inside}]
        case _:
            more: list[dict[str, Any]] = [{}, {}, {"approve": "before"}, {"irreversible": True}]
            more += [{"verify": {"type": "do"}}, {"undo": {"type": "unsafe"}}, {"effect": "idempotent"}]
            step |= draw(st.sampled_from(more))
            if draw(st.booleans()):
                step["retry"] = {"max_attempts": 2, "delay": 0}
    if draw(st.booleans()):
        step["on_failure"] = draw(st.sampled_from(["ask", "continue", "skip", "rollback", "abort"]))
    return step


@st.composite
def workflows(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    names: list[str] = []
    flow: dict[str, Any] = {"name": "Flow", "steps": draw(st.lists(steps(names), min_size=1, max_size=3))}
    if draw(st.integers(0, 2)):
        said: dict[str, Any] = {"approval": draw(st.sampled_from(["approve", "deny"]))}
        said["intervention"] = draw(st.sampled_from(["abort", "skip", "roll_back"]))
        said["unknown"] = draw(st.sampled_from(["abort", "skip"]))
        said["changed"] = draw(st.sampled_from(["abort", "use_new"]))
        if draw(st.booleans()):
            said["question"] = "fail"
        flow["unattended"] = {"channel": "ops", "timeout": TIME, "default": said}
    if draw(st.booleans()):
        action = draw(st.sampled_from(["escalate", "continue", "retry", "rollback"]))
        flow["error_handlers"] = [{"error": "business", "action": action}]
    for key in ("rollback", "finally"):
        if draw(st.integers(0, 3)) == 0:
            flow[key] = {"steps": [draw(steps(names, 2))]}
    return flow, names


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(workflows(), st.data(), st.sampled_from([None, None, "new", ""]))
async def test_what_passes_comes_to_an_end_in_time(
    made: tuple[dict[str, Any], list[str]], data: st.DataObject, changes: str | None
) -> None:
    flow, names = made
    fate = {name: data.draw(FATES) for name in names}
    alone, text = Alone(fate, changes), yaml.safe_dump(flow, sort_keys=False)
    assume(alone.valid(text) and not alone.refused(text))
    state = await alone.ended(text)
    assert state is not None, "it waits for ever, and passed"
    assert state.ended is not None
    waited = sum((inquiry.asked.until or 0) - inquiry.at for inquiry in state.inquiries.values())
    journal = await alone.flow.store.read(state.run_id)
    delays = sum(max(0, each.event.at - each.at) for each in journal if isinstance(each.event, RetryScheduled))
    assert state.ended - state.started <= waited + delays + len(state.inquiries) + 1


WAIT = {
    "approval": ("{id: a, type: approval}", {}),
    "question": ("{id: a, type: question, ask: Which?}", {}),
    "a gate": ("{id: a, type: do, approve: before}", {}),
    "irreversible": ("{id: a, type: do, irreversible: true}", {}),
    "on_failure": ("{id: a, type: do, on_failure: ask}", {"a": "business"}),
    "an unknown outcome": ("{id: a, type: unsafe}", {"a": "lost"}),
    "a verification that cannot tell": ("{id: a, type: unsafe, verify: {type: do}}", {"a": "lost"}),
    "an undo whose outcome is unknown": (
        "{id: a, type: do, undo: {type: unsafe}}\n  - {id: b, type: do, on_failure: rollback}",
        {"a~undo": "lost", "b": "business"},
    ),
    "inside": ("{id: p, type: parallel, steps: [{id: a, type: approval}]}", {}),
    "items": ("{id: a, type: do, foreach: {in: [1]}, on_failure: ask}", {"a[0]": "business"}),
    "a child": ("{id: a, type: workflow, workflow: child}", {"a>inner": "lost"}),
    "a handler": ("{id: a, type: do}\nerror_handlers: [{error: any, action: escalate}]", {"a": "business"}),
    "the end": ("{id: a, type: do}\nfinally: {steps: [{id: last, type: approval}]}", {}),
}


@pytest.mark.parametrize("reason", WAIT)
async def test_what_is_refused_would_have_waited_for_ever(reason: str) -> None:
    step, fate = WAIT[reason]
    text = f"name: Flow\nsteps:\n  - {step}\n"
    alone = Alone(fate)
    assert alone.refused(text)
    assert await alone.ended(text) is None


async def test_a_hole_in_the_proof_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless._Walk, "_waits", lambda *_: iter(()))
    alone, text = Alone({"a": "lost"}), "name: Flow\nsteps:\n  - {id: a, type: unsafe}\n"
    assert not alone.refused(text)
    assert await alone.ended(text) is None
