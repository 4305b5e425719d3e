"""Random workflows with steps inside steps, random failures, and a random person: every run ends legally.

Whatever is cancelled, stopped and resumed on the way: no attempt, call or scope is left open, what succeeded is not
done again, a replay of the journal gives the same state, and nobody acts after the end.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.flows import Flow
from tests.support.plans import Deed, World
from workflows.clock import SystemClock
from workflows.definition.parse import parse
from workflows.engine.driver import Driver
from workflows.errors import CallFailed, Failure, OutcomeUnknown, UnderstudyError
from workflows.journal.memory import MemoryStore
from workflows.runs import events as e
from workflows.runs.front import front_of
from workflows.runs.reduce import reduce, replay
from workflows.runs.state import RunState
from workflows.values import canonical

WORDS = [None, "abort", "continue", "skip", "rollback", "ask"]
FAILURES = ["transient", "business", "validation", "lost", "denied"]


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.sampled_from(["do", "unsafe"])},
        optional={
            "on_failure": st.sampled_from(WORDS[1:]),
            "retry": st.just({"max_attempts": 2, "backoff": "immediate"}),
            "approve": st.just("before"),
            "undo": st.just({"type": "do"}),
            "verify": st.just({"type": "do", "happened": "1 == 1"}),
            "notify": st.just(True),
            "foreach": st.sampled_from([{"in": [1, 2, 3], "max_parallel": 2}, {"in": []}, {"in": [1, 2]}]),
            "when": st.sampled_from(["1 == 1", "1 == 2"]),
        },
    )


def holders(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(inner, min_size=1, max_size=3)
    more = {
        "on_failure": st.sampled_from(["continue", "abort"]),
        "retry": st.just({"max_attempts": 2, "backoff": "immediate"}),
        "foreach": st.just({"in": [1, 2], "max_parallel": 2}),
    }
    block = {"type": st.just("parallel"), "steps": some, "wait_for": st.sampled_from(["all", "first"])}
    choice = {
        "type": st.just("decision"),
        "branches": st.builds(
            lambda when, steps: [{"when": when, "steps": steps}], st.sampled_from(["1 < 2", "1 > 2"]), some
        ),
        "default": some,
    }
    child = {"type": st.just("workflow"), "workflow": st.just("child")}
    return st.one_of(*(st.fixed_dictionaries(kind, optional=more) for kind in (block, choice, child)))


def trees() -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(leaves(), holders, max_leaves=6)


def workflows() -> st.SearchStrategy[dict[str, Any]]:
    handler = st.fixed_dictionaries(
        {
            "error": st.sampled_from(["any", "business", "transient"]),
            "action": st.sampled_from(["abort", "continue", "skip", "rollback", "compensate", "escalate"]),
        },
        optional={"steps": st.just(["tidy"]), "notify": st.just(True)},
    )
    block = st.builds(lambda steps: {"steps": steps}, st.lists(leaves(), min_size=1, max_size=2))
    return st.fixed_dictionaries(
        {
            "name": st.just("Random"),
            "stages": st.lists(
                st.fixed_dictionaries(
                    {"name": st.just("s"), "steps": st.lists(trees(), min_size=1, max_size=3)},
                    optional={"parallel": st.just(True)},
                ),
                min_size=1,
                max_size=2,
            ),
        },
        optional={
            "error_handlers": st.lists(handler, min_size=1, max_size=1),
            "rollback": block,
            "finally": block,
            "max_parallel": st.integers(1, 3),
        },
    )


def numbered(value: Any, ids: Any) -> Any:
    """The same with an id for every step."""
    if isinstance(value, list):
        return [numbered(item, ids) for item in value]
    if not isinstance(value, dict):
        return value
    named = {key: numbered(item, ids) for key, item in value.items() if key not in ("undo", "verify", "foreach")}
    kept = {key: value[key] for key in ("undo", "verify", "foreach") if key in value}
    return {**({"id": f"s{next(ids)}"} if "type" in value else {}), **named, **kept}


CHILD = canonical(
    {
        "name": "Child",
        "steps": [
            {"id": "c1", "type": "do", "undo": {"type": "do"}},
            {"id": "c2", "type": "unsafe", "approve": "before"},
        ],
        "rollback": {"steps": [{"id": "c3", "type": "do"}]},
        "finally": {"steps": [{"id": "c4", "type": "do"}]},
    }
)


class Chance:
    """What happens by chance in one run: the same for the same number."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.deeds: Counter[str] = Counter()

    async def act(self, deed: Deed) -> Any:
        await asyncio.sleep(0)
        if self._random.random() < 0.6:
            return {"did": deed.step}
        word = self._random.choice(FAILURES)
        if word == "lost":
            raise OutcomeUnknown(Failure("transient", "the connection broke"))
        raise CallFailed(Failure(word, word))  # type: ignore[arg-type]  # drawn from the classes

    def choose(self, choices: Any) -> Any:
        return self._random.choice(choices)

    def often(self, share: float) -> bool:
        return self._random.random() < share


def made(store: MemoryStore, world: World, chance: Chance) -> Flow:
    flow = Flow(store, world, child=CHILD)
    world.acts = _Every(chance.act)
    flow.engine._clock = SystemClock()  # waits of no length pass at once
    return flow


class _Every(dict[str, Any]):
    """The same act for every step."""

    def __init__(self, act: Any) -> None:
        super().__init__()
        self._act = act

    def get(self, key: str, default: Any = None) -> Any:
        return self._act


async def person(driver: Driver, chance: Chance) -> None:
    """Answer one entry in some way; wrong answers are refused and change nothing."""
    entries = driver.state.open_inquiries
    if not entries or not chance.often(0.7):
        return
    asked = chance.choose(entries).asked
    choice = chance.choose(asked.choices)
    step = driver.state.steps[asked.step]
    value: Any = {"typed": True}
    if choice == "edit":
        value = {**step.input, "with_": chance.choose([1, 2, "x"])} if isinstance(step.input, dict) else None
    if choice == "retry_from":
        value = step.id
    if chance.often(0.1):
        value = None
    try:
        await driver.answer(asked.entry, choice, value, by="chance")
    except UnderstudyError:
        return


async def run(document: dict[str, Any], seed: int, attended: bool) -> tuple[RunState, list[e.Recorded]]:
    told = dict[int, RunState]()
    store, world, chance = MemoryStore(), World(), Chance(seed)
    flow = made(store, world, chance)
    driver = await flow.start(canonical(numbered(document, count())), attended=attended)
    run_id = driver.state.run_id
    async with asyncio.timeout(60):
        for turn in range(100_000):
            done = run_id not in flow.engine._tasks  # whether it ended by itself
            if done and driver.committed.over:
                break
            if done or (turn < 300 and chance.often(0.02)):
                await flow.engine.close()
                if driver.committed.over:
                    break
                flow = made(store, world, chance)
                driver = await flow.engine.resume(run_id, attended=attended)
                continue
            if turn > 3000 or (turn > 5 and chance.often(0.01)):
                driver.cancel()
            await person(driver, chance)
            await asyncio.sleep(0)
            if turn < 40:
                told[driver.committed.seq] = driver.committed
        else:
            raise AssertionError("the run never ended")
    journal = await store.read(run_id)
    for seq, state in told.items():
        assert replay(run_id, journal[:seq]) == state, "what was committed has changed since"
    return driver.committed, journal


def replayed_with_a_look(run_id: str, journal: list[e.Recorded]) -> RunState:
    """The state at the end; after each event, what is kept about it must be what looking through all of it gives."""
    state = RunState(run_id)
    for recorded in journal:
        state = reduce(state, recorded)
        for scope in state.scopes.values():
            assert not scope.open or scope.front == front_of(scope, state.steps)
            assert scope.counts.items() >= Counter(state.steps[name].status for name in scope.steps).items()
        open_ = [scope for scope in state.scopes.values() if scope.open]
        assert state.startable == {scope.name for scope in open_ if scope.room > 0}
        assert state.closable >= {scope.name for scope in open_ if scope.aborting or scope.all_over}
        assert state.unanswered == tuple(name for name, inquiry in state.inquiries.items() if inquiry.open)
    return state


@settings(max_examples=150, deadline=None)
@given(workflows(), st.integers(0, 1_000_000), st.booleans())
def test_every_run_ends_legally(document: dict[str, Any], seed: int, attended: bool) -> None:
    text = canonical(numbered(document, count()))
    flow = Flow(child=CHILD)
    if any(each.is_error for each in parse(text, "r.yaml", flow.kinds, flow.catalogue).diagnostics):
        return  # an undo beside what cannot have one, and the like
    state, journal = asyncio.run(run(document, seed, attended))
    assert state.over
    assert replayed_with_a_look(state.run_id, journal) == state
    for step in state.steps.values():
        assert step.over, step
        assert all(attempt.status != "started" for attempt in step.attempts), step
        assert all(call.status != "started" for call in step.calls.values()), step
    assert not any(scope.open and scope.name for scope in state.scopes.values())
    finished: set[tuple[str, str]] = set()
    ended = False
    for recorded in journal:
        assert not ended, "something was recorded after the end"
        match recorded.event:
            case e.CallFinished(step=name, key=key):
                spent = state.steps[name].calls
                assert any(call.key == key for call in spent.values())
            case e.CallStarted(step=name, idempotency_key=key):
                assert (name, key) not in finished, "a finished call was made again"
            case e.RunFinished():
                ended = True
        if isinstance(recorded.event, e.CallFinished):
            call = next(
                each.event.idempotency_key
                for each in reversed(journal[: recorded.seq])
                if isinstance(each.event, e.CallStarted)
                and (each.event.step, each.event.key) == (recorded.event.step, recorded.event.key)
            )
            finished.add((recorded.event.step, call))
