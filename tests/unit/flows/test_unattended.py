"""What becomes of what a run asks that nobody attends: the workflow says it, and the run comes to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from tests.support.flows import Do, Flow, failure, steps
from tests.support.plans import Deed
from workflows.errors import CallFailed, OutcomeUnknown
from workflows.runs.state import RunState
from workflows.steps.kind import Catalogue, Description, Entry

SAID = "unattended: {channel: ops, timeout: 20s}\n"
FAILS = "{id: a, type: do, on_failure: ask}"


class Using(Do):
    """Does something with a skill whose code may change."""

    name: ClassVar[str] = "using"

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("uses a skill", uses=(Entry("skill", "tidy", digest="old"),))


async def fails(deed: Deed) -> None:
    raise CallFailed(failure())


async def is_lost(deed: Deed) -> None:
    raise OutcomeUnknown(failure("transient", "the line was cut"))


def waits(state: RunState) -> list[int]:
    """For how many seconds each entry is waited for."""
    return [round((inquiry.asked.until or 0) - inquiry.at) for inquiry in state.inquiries.values()]


def said(**default: str) -> str:
    words = ", ".join(f"{reason}: {word}" for reason, word in default.items())
    return f"unattended: {{channel: ops, timeout: 20s, default: {{{words}}}}}\n"


async def alone(flow: Flow, text: str) -> RunState:
    """The run's state at its end, with nobody there."""
    driver = await flow.start(text)
    task = asyncio.create_task(flow.finished(driver))
    for _ in range(40):
        await flow.clock.advance(7)
        if task.done():
            break
    return await task


@pytest.mark.parametrize(
    ("default", "status"), [({}, "failed"), ({"intervention": "skip"}, "succeeded"), ({"unknown": "skip"}, "failed")]
)
async def test_a_failed_step_that_nobody_looks_after_ends_as_the_workflow_says(
    default: dict[str, str], status: str
) -> None:
    flow = Flow()
    flow.world.acts["a"] = fails
    state = await alone(flow, said(**default) + steps("- " + FAILS) if default else SAID + steps("- " + FAILS))
    assert state.status == status
    (inquiry,) = state.inquiries.values()
    assert inquiry.asked.until == inquiry.at + 20
    assert inquiry.answer is not None
    assert inquiry.answer.by == "default"


async def test_a_call_that_may_have_happened_is_not_repeated_by_nobody() -> None:
    flow = Flow()
    flow.world.acts["a"] = is_lost
    state = await alone(flow, SAID + steps("- {id: a, type: unsafe, retry: {max_attempts: 5}}"))
    assert state.status == "failed"
    assert flow.done == ["a"]


async def test_what_is_irreversible_is_never_approved_by_nobody() -> None:
    flow = Flow()
    text = steps(
        """
        - {id: a, type: do, approve: before}
        - {id: b, type: do, irreversible: true, on_failure: continue}
        """
    )
    state = await alone(flow, said(approval="approve") + text)
    assert flow.done == ["a"]
    assert [each.answer.choice for each in state.inquiries.values()] == ["approve", "deny"]
    assert state.steps["b"].failure.message == "Nobody answered in time, so the approval was denied."


async def test_what_changed_after_nobody_had_approved_it_is_denied() -> None:
    flow = Flow()
    driver = await flow.start(said(approval="approve") + steps("- {id: a, type: do, approve: before}"))
    await flow.waiting(driver)
    flow.world.shown = "something else"
    await flow.clock.advance(21)
    await flow.waiting(driver)
    await flow.clock.advance(21)
    state = await flow.finished(driver)
    assert state.status == "failed"
    assert flow.done == []


@pytest.mark.parametrize(
    ("digest", "default", "status"),
    [("new", "use_new", "succeeded"), ("new", "abort", "failed"), ("", "use_new", "failed")],
)
async def test_code_that_changed_counts_as_the_workflow_says_and_code_that_is_gone_ends_the_run(
    digest: str, default: str, status: str
) -> None:
    flow = Flow()
    flow.kinds["using"] = Using(flow.world)
    flow.code["skill:tidy"] = "old"
    driver = await flow.start(said(changed=default) + steps("- {id: a, type: delay, for: 20s}\n- {id: c, type: using}"))
    flow.code["skill:tidy"] = digest
    task = asyncio.create_task(flow.finished(driver))
    for _ in range(5):
        await flow.clock.advance(15)
    assert (await task).status == status


async def test_a_question_keeps_its_own_time_and_default() -> None:
    flow = Flow()
    text = steps(
        """
        - {id: a, type: question, ask: Which?, timeout: 5s, default: this}
        - {id: b, type: question, ask: Which?, default: that}
        - {id: c, type: question, ask: Which?, on_failure: continue}
        """
    )
    state = await alone(flow, said(question="fail") + text)
    assert [state.steps[name].output for name in "abc"] == ["this", "that", None]
    assert state.steps["c"].failure.kind == "timeout"
    assert waits(state) == [5, 20, 20]


async def test_a_child_has_what_its_caller_says_unless_it_says_so_itself() -> None:
    flow = Flow(
        plain="name: Plain\nsteps: [{id: gate, type: approval, on_failure: continue}]",
        own="name: Own\nunattended: {channel: x, timeout: 5s}\nsteps: [{id: g, type: approval, on_failure: continue}]",
    )
    text = SAID + steps("- {id: p, type: workflow, workflow: plain}\n- {id: o, type: workflow, workflow: own}")
    state = await alone(flow, text)
    assert waits(state) == [20, 5]


async def test_where_somebody_attends_the_run_nothing_is_taken_for_an_answer() -> None:
    flow = Flow()
    driver = await flow.start(SAID + steps("- {id: a, type: do, approve: before}"), attended=True)
    await flow.waiting(driver)
    assert driver.state.open_inquiries[0].asked.until is None
    driver.cancel()
    await flow.finished(driver)


@pytest.mark.parametrize(
    "step",
    [
        "{id: a, type: approval, on_failure: continue}",
        "{id: a, type: do, approve: before, on_failure: continue}",
        "{id: a, type: question, ask: Which?, default: 1}",
        "{id: a, type: do, on_failure: ask}",
        "{id: a, type: unsafe}",
    ],
)
async def test_what_was_asked_while_somebody_was_there_is_bounded_once_nobody_is(step: str) -> None:
    flow = Flow()
    flow.world.acts["a"] = is_lost if "unsafe" in step else fails
    driver = await flow.start(SAID + steps("- " + step), attended=True)
    await flow.waiting(driver)
    (before,) = driver.committed.open_inquiries
    assert before.asked.until is None
    await flow.engine.close()
    driver = await flow.engine.resume(driver.state.run_id)
    task = asyncio.create_task(flow.finished(driver))
    for _ in range(40):
        await flow.clock.advance(7)
        if task.done():
            break
    state = await task
    assert state.over
    assert state.inquiries[before.asked.entry].voided == "nobody attends the run any more"
    assert [each.answer.by for each in state.inquiries.values() if each.answer] == ["default"]
