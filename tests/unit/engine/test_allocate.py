"""Which of several equal performers takes a step: each strategy, and the score that it goes by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.catalogue import Listed
from tests.support.flows import Do, DoFields, Flow
from tests.support.plans import until
from workflows.definition.fields import Value
from workflows.engine.allocate import Standing, choose
from workflows.errors import Failure
from workflows.journal.port import Try
from workflows.runs import events as e
from workflows.steps.kind import Catalogue, Description, Entry, Fields

ANN, BOB, CAT = (Standing(name) for name in ("ann", "bob", "cat"))


def busy(standing: Standing, count: int) -> Standing:
    return Standing(standing.name, busy=count)


def tried(standing: Standing, *seconds: float, failures: int = 0) -> Standing:
    for each in seconds:
        standing = standing.after(Try(0.0, each, True))
    for _ in range(failures):
        standing = standing.after(Try(0.0, 1.0, False))
    return standing


@pytest.mark.parametrize(
    ("strategy", "standings", "chosen"),
    [
        ("round_robin", [Standing("ann", turn=3), Standing("bob", turn=1), Standing("cat", turn=2)], 1),
        ("round_robin", [Standing("ann", last=9.0), Standing("bob", last=5.0)], 1),  # by history before this process
        ("round_robin", [Standing("ann", turn=1), Standing("bob", last=5.0)], 1),
        ("round_robin", [ANN, BOB], 0),
        ("priority", [busy(ANN, 1), BOB, CAT], 1),
        ("priority", [busy(ANN, 2), busy(BOB, 1), busy(CAT, 1)], 1),
        ("load_balanced", [busy(ANN, 2), busy(BOB, 1), busy(CAT, 1)], 1),
        ("predictive", [tried(ANN, 10.0, 12.0), tried(BOB, 3.0, 4.0)], 1),
        ("predictive", [tried(ANN, 10.0), BOB], 1),  # who is new is tried
        ("predictive", [tried(ANN, 4.0, failures=9), tried(BOB, 10.0, 10.0)], 1),  # quick, and mostly in vain
        ("predictive", [Standing("ann", 5, tries=9, seconds=9.0), tried(BOB, 3.0, 3.0)], 1),  # quick, and busy
        ("predictive", [tried(ANN, failures=2), tried(BOB, 20.0)], 1),
    ],
)
def test_choose(strategy: Any, standings: list[Standing], chosen: int) -> None:
    assert choose(strategy, standings)[0] == chosen


@given(
    st.sampled_from(["round_robin", "priority", "load_balanced", "predictive"]),
    st.lists(st.builds(Standing, st.just("x"), st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=6),
)
def test_somebody_is_always_chosen_and_says_why(strategy: Any, standings: list[Standing]) -> None:
    index, why = choose(strategy, standings)
    assert standings[index]
    assert why.startswith(strategy.replace("_", " "))


class Cast(Do):
    """A kind with equal performers."""

    name: ClassVar[str] = "cast"

    class CastFields(DoFields):
        agents: Value = ()
        allocate: Value = "round_robin"

    fields: ClassVar[type[Fields]] = CastFields

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return (*fields.agents, *fallback)

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("acts", effect="pure", equals=len(fields.agents), allocate=fields.allocate)


def cast(flow: Flow | None = None) -> Flow:
    flow = flow or Flow()
    flow.kinds["cast"] = Cast(flow.world)
    flow.catalogue = Listed(*flow.catalogue.entries, Entry("agent", "dan"))
    return flow


def who(flow: Flow) -> list[str]:
    return [deed.performer for deed in flow.world.deeds]


EACH = """
name: F
steps:
  - id: each
    type: cast
    agents: [ann, bob, cat]
    allocate: STRATEGY
    foreach: {in: [1, 2, 3, 4, 5, 6], max_parallel: N}
"""


async def test_items_go_round() -> None:
    flow = cast()
    await flow.run(EACH.replace("STRATEGY", "round_robin").replace("N", "1"))
    assert who(flow) == ["ann", "bob", "cat"] * 2


async def test_load_is_balanced_among_those_under_way() -> None:
    flow = cast()
    await flow.run(EACH.replace("STRATEGY", "load_balanced").replace("N", "6"))
    assert sorted(who(flow)) == ["ann", "ann", "bob", "bob", "cat", "cat"]
    assert flow.engine._allocator.standing("ann").busy == 0


async def test_a_retry_and_a_resumed_run_keep_to_what_was_chosen() -> None:
    flow, door = cast(), asyncio.Event()
    tries = 0

    async def act(deed: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise _failed()
        await door.wait()

    flow.world.acts["a"] = act
    retry = "retry: {max_attempts: 3, backoff: immediate}"
    first, second = (f"id: {name}, type: cast, agents: [ann, bob]" for name in "ab")
    text = f"name: F\nsteps: [{{{first}, {retry}}}, {{{second}}}]"
    driver = await flow.start(text)
    await until(lambda: len(flow.world.deeds) == 2)
    driver.stop("the program was closed")
    await flow.finished(driver)
    later = cast(Flow(flow.store, flow.world))
    door.set()
    driver = await later.engine.resume(driver.state.run_id)
    state = await later.finished(driver)
    assert who(flow) == ["ann", "ann", "ann", "bob"]
    chosen = [one.event for one in await flow.store.read(state.run_id) if isinstance(one.event, e.PerformerChosen)]
    assert [(event.step, event.performer) for event in chosen] == [("a", "ann"), ("b", "bob")]


async def test_the_fallback_takes_over_from_whoever_was_chosen() -> None:
    flow = cast()

    async def act(deed: Any) -> Any:
        if deed.performer != "dan":
            raise _failed()

    flow.world.acts["a"] = act
    state = await flow.run("name: F\nsteps: [{id: a, type: cast, agents: [ann, bob, cat], fallback: [dan]}]")
    assert (state.status, who(flow)) == ("succeeded", ["ann", "dan"])
    assert state.steps["a"].understudied


async def test_what_went_before_is_learnt_from_the_journal() -> None:
    flow = cast()

    async def act(deed: Any) -> Any:
        if deed.performer == "ann":
            raise _failed()

    flow.world.acts["a"] = act
    text = "name: F\nsteps: [{id: a, type: cast, agents: [ann, bob], allocate: predictive, on_failure: continue}]"
    for _ in range(2):
        await flow.run(text)
    later = cast(Flow(flow.store, flow.world))
    for _ in range(3):
        await later.run(text)
    assert who(flow) == ["ann", "bob", "bob", "bob", "bob"]


def _failed() -> Exception:
    from workflows.errors import CallFailed

    return CallFailed(Failure("transient", "busy"))
