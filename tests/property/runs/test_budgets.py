"""Random calls side by side, cut off at random: what is spent and held back never comes to more than the budget has."""

from __future__ import annotations

import asyncio
from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.flows import Flow
from tests.support.plans import Deed, World
from workflows.effects import Usage
from workflows.engine.driver import Driver
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.journal.memory import MemoryStore
from workflows.runs import events as e
from workflows.runs.reduce import reduce, replay
from workflows.runs.state import RunState
from workflows.runs.summary import summarise
from workflows.steps.context import Result

WORSTS = st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.3, 0.7])
ENDS = st.sampled_from(["paid", "free", "unknown", "failed", "refused", "lost"])


def workflow(worsts: list[float], on_exceed: str) -> str:
    items = [{"at": place, "worst": worst} for place, worst in enumerate(worsts)]
    return (
        f"name: Flow\nbudget: {{usd: 0.6, on_exceed: {on_exceed}}}\nsteps:\n"
        f"  - {{id: asks, type: paid, with_: '${{{{ item.worst }}}}', foreach: {{in: {items}, max_parallel: 4}}, "
        "on_failure: skip, retry: {max_attempts: 2, backoff: immediate}}\n"
    )


class Asked(World):
    """Acts cost at most what was held back for them, or nobody knows."""

    def __init__(self, ends: list[str]) -> None:
        super().__init__()
        self.ends = deque(ends)

    async def act(self, deed: Deed) -> Result:
        worst = deed.input["with_"]
        for _ in range(len(self.ends) % 3):
            await asyncio.sleep(0)
        end = self.ends[0]
        self.ends.rotate(-1)
        known = Usage("openai/model", 5, 5, cost_usd=worst * 0.5)
        match end:
            case "failed":
                raise CallFailed(Failure("agent", "nonsense"), known)
            case "refused":
                raise CallFailed(Failure("transient", "no connection"))
            case "lost":
                raise OutcomeUnknown(Failure("unknown", "connection lost"))
            case "unknown":
                return Result({}, Usage("openai/model"))
        return Result({}, known if end == "paid" else Usage("openai/model", 5, 5, cost_usd=0.0))


def look(journal: list[e.Recorded]) -> list[str]:
    """What is wrong after any of the events: a call that had no room, or money that became more without one."""
    state, wrong = RunState("looked"), []
    for recorded in journal:
        before = state.purses.get("")
        state = reduce(state, recorded)
        purse = state.purses[""]
        if before is None:
            continue
        room = before.spent + before.reserved
        if isinstance(recorded.event, e.CallStarted):
            room = max(room, before.limit, before.passed.get(recorded.event.step, 0.0))
        if purse.spent + purse.reserved > room + 1e-6:
            wrong.append(f"event {recorded.seq} ({type(recorded.event).__name__}): {purse}")
    return wrong


async def finish(flow: Flow, driver: Driver, answers: deque[str]) -> None:
    done = asyncio.ensure_future(flow.engine.finished(driver.state.run_id))
    async with asyncio.timeout(60):
        while not done.done():
            for inquiry in driver.committed.open_inquiries:
                entry = inquiry.asked.entry
                if driver.state.inquiries[entry].open:
                    value = driver.state.purses[""].spent + 0.8 if answers[0] == "raise" else None
                    await driver.answer(entry, answers[0], value)
                    answers.rotate(-1)
            await asyncio.sleep(0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(WORSTS, min_size=1, max_size=7),
    st.lists(ENDS, min_size=1, max_size=5),
    st.lists(st.sampled_from(["raise", "proceed", "skip"]), min_size=1, max_size=3),
    st.sampled_from(["ask", "abort"]),
    st.floats(0, 1),
)
async def test_no_run_overshoots_its_budget(
    worsts: list[float], ends: list[str], answers: list[str], on_exceed: str, cut: float
) -> None:
    def flow_on(store: MemoryStore) -> Flow:
        world = Asked(ends)
        world.acts = {f"asks[{place}]": world.act for place in range(len(worsts))}
        return Flow(store, world)

    flow = flow_on(MemoryStore())
    driver = await flow.start(workflow(worsts, on_exceed))
    await finish(flow, driver, deque(answers))
    journal = await flow.store.read(driver.state.run_id)
    assert not look(journal)
    assert not replay("whole", journal).purses[""].held, "nothing is held back for what is over"

    # Killed after any of its events, and gone on with: what was held back then is spent.
    prefix = journal[: max(1, round(cut * (len(journal) - 1)))]
    state = replay("cut", prefix)
    store = MemoryStore()
    lease = await store.create("cut", "a process that died", prefix, summarise(state))
    await store.release(lease)
    again = flow_on(store)
    resumed = await again.engine.resume("cut")
    before = state.purses[""]
    assert resumed.state.purses[""].spent >= before.spent + before.reserved - 1e-9
    await finish(again, resumed, deque(answers))
    assert not look(await store.read("cut"))
