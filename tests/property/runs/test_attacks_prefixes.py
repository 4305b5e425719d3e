"""Whatever is done about a failure goes on to the same end, wherever its journal was cut off, and repeats nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import Deed
from workflows.clock import SystemClock
from workflows.engine.driver import Driver
from workflows.engine.ledger import Ledger
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.journal.memory import MemoryStore
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.state import RunState
from workflows.runs.summary import summarise

CHILD = """
name: Child
steps:
  - {id: c1, type: do, undo: {type: do}, notify: true}
  - {id: c2, type: unsafe, approve: before, undo: {type: do, with_: "${{ output.did }}"}}
  - {id: bad, type: do}
error_handlers: [{error: any, action: rollback, steps: [tidy], notify: true}]
rollback: {steps: [{id: c3, type: do}]}
finally: {steps: [{id: c4, type: do}]}
"""

ROLLED_BACK = """
name: Rolled back
steps:
  - {id: a, type: do, undo: {type: do}}
  - {id: each, type: unsafe, foreach: {in: [1, 2], max_parallel: 2}, undo: {type: do, with_: "${{ item }}"}}
  - {id: both, type: parallel, steps: [{id: l, type: do, undo: {type: do}}, {id: r, type: question, ask: Which?}]}
  - {id: call, type: workflow, workflow: child, on_failure: rollback}
  - {id: never, type: do}
rollback: {steps: [{id: restore, type: unsafe}]}
finally: {steps: [{id: last, type: do, notify: true}]}
"""

HANDLED = """
name: Handled
max_parallel: 2
steps:
  - {id: a, type: do, undo: {type: do}, cache: true}
  - id: both
    type: parallel
    on_failure: continue
    retry: {max_attempts: 2, backoff: immediate}
    steps:
      - {id: good, type: unsafe}
      - {id: went, type: do, on_failure: continue, retry: {max_attempts: 1, backoff: immediate}}
      - {id: bad, type: do, needs: [good, went], retry: {max_attempts: 1, backoff: immediate}}
  - {id: choose, type: decision, branches: [{when: 1 < 2, steps: [{id: yes, type: do}, {id: out, type: do}]}]}
error_handlers: [{error: any, action: retry, max_retries: 1, then: abort, steps: [tidy]}]
finally: {steps: [{id: last, type: do}]}
"""

FOUND_OUT = steps("""
- {id: lost, type: unsafe, verify: {type: do, happened: "1 == 1", result: {did: seen}}}
- id: each
  type: workflow
  workflow: small
  foreach: {in: [1, 2], max_parallel: 2}
  on_failure: continue
  parameters: {n: "${{ item }}"}
- {id: after, type: do, with_: "${{ steps.each.output }}"}
""")

SMALL = """
name: Small
parameters: [{name: n, type: integer}]
steps:
  - {id: s1, type: unsafe, when: parameters.n == 1}
  - {id: lost, type: unsafe, retry: {max_attempts: 1, backoff: immediate}, verify: {type: do, happened: "1 == 2"}}
finally: {steps: [{id: s3, type: do}]}
outputs: {n: "${{ parameters.n }}"}
"""

ALWAYS = ("bad", "went")


def made(store: MemoryStore) -> Flow:
    flow = Flow(store, child=CHILD, small=SMALL)
    flow.engine._clock = SystemClock()

    async def act(deed: Deed) -> Any:
        await asyncio.sleep(0)
        name = deed.step.rpartition(">")[2]
        if name in ALWAYS:
            raise CallFailed(Failure("business", "exit 1"))
        if name == "lost":
            raise OutcomeUnknown(Failure("transient", "the connection broke"))
        return {"did": deed.step}

    class Acts(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return act

    flow.world.acts = Acts()
    return flow


async def finish(flow: Flow, driver: Driver) -> RunState:
    answers = {"approval": "approve", "question": "answer", "unknown": "happened"}
    done = asyncio.ensure_future(flow.engine.finished(driver.state.run_id))
    async with asyncio.timeout(60):
        while not done.done():
            for inquiry in driver.committed.open_inquiries:
                asked = inquiry.asked
                if driver.state.inquiries[asked.entry].open:
                    await driver.answer(asked.entry, answers[asked.reason], {"did": asked.step}, by="ada")
            await asyncio.sleep(0)
    return done.result()


async def resume(run: str, prefix: Sequence[e.Recorded]) -> tuple[RunState, Flow, list[e.Recorded]]:
    store = MemoryStore()
    await store.release(await store.create(run, "dead", prefix, summarise(replay(run, prefix))))
    flow = made(store)
    state = await finish(flow, await flow.engine.resume(run))
    return state, flow, await store.read(run)


def finished(journal: Sequence[e.Recorded]) -> set[str]:
    """The idempotency keys of the calls that were finished."""
    found: set[str] = set()
    started: dict[tuple[str, str], str] = {}
    for recorded in journal:
        match recorded.event:
            case e.CallStarted(step=step, key=key, idempotency_key=idempotency_key):
                started[step, key] = idempotency_key
            case e.CallFinished(step=step, key=key):
                found.add(started[step, key])
    return found


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The numbers of the events after which a journal can be cut off: what is posted together is kept together."""
    ends: set[int] = set()
    post = Ledger.post

    def noting(self: Ledger, *given: Any) -> Any:
        future = post(self, *given)
        ends.add(self.state.seq)
        return future

    monkeypatch.setattr(Ledger, "post", noting)
    return ends


@pytest.mark.parametrize("text", [ROLLED_BACK, HANDLED, FOUND_OUT], ids=["rolled back", "handled", "found out"])
async def test_every_prefix_goes_on_to_the_same_end(text: str, groups: set[int]) -> None:
    flow = made(MemoryStore())
    expected = await finish(flow, await flow.start(text))
    run = expected.run_id
    whole = await flow.store.read(run)
    ends = {step.id: step.status for step in expected.steps.values()}
    for length in sorted({1, *groups} - {len(whole)}):
        prefix = whole[:length]
        state, again, journal = await resume(run, prefix)
        assert (state.status, state.failure) == (expected.status, expected.failure), length
        assert {step.id: step.status for step in state.steps.values()} == ends, length
        assert replay(run, journal) == state
        assert not any(scope.open and scope.name for scope in state.scopes.values())
        assert all(attempt.status != "started" for step in state.steps.values() for attempt in step.attempts)
        assert all(call.status != "started" for step in state.steps.values() for call in step.calls.values())
        assert not finished(prefix) & {deed.key for deed in again.world.deeds}, f"done again after {length} events"
        for name in {deed.step for deed in flow.world.deeds if "lost" not in deed.step}:
            times = len(again.world.of(name)), len(flow.world.of(name))
            assert times[0] <= times[1], f"{name} was done too often after {length} events"
