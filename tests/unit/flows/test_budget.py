"""One budget for the whole run: held back before a model call, settled after it, asked about where it is too small."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import Act, Deed, until
from workflows.effects import Usage
from workflows.engine.budget import asked_for_more, raised
from workflows.engine.choices import consequences
from workflows.engine.driver import Driver
from workflows.errors import Failure, UnderstudyError, fail
from workflows.runs import events as e
from workflows.runs.state import Inquiry, RunState
from workflows.steps.context import Result


def costing(usd: float | None, **more: Any) -> Act:
    """An act for which a model was paid."""

    async def act(deed: Deed) -> Result:
        return Result({"did": deed.step}, Usage("openai/model", 10, 10, cost_usd=usd, **more))

    return act


def held_up(go: asyncio.Event, usd: float) -> Act:
    async def act(deed: Deed) -> Result:
        await go.wait()
        return Result({"did": deed.step}, Usage("openai/model", 10, 10, cost_usd=usd))

    return act


def budgeted(text: str, usd: float = 0.5, on_exceed: str = "ask") -> str:
    return steps(text).replace("steps:", f"budget: {{usd: {usd}, on_exceed: {on_exceed}}}\nsteps:", 1)


def purse(state: RunState, scope: str = "") -> tuple[float, float, float, bool]:
    found = state.purses[scope]
    return round(found.limit, 6), round(found.spent, 6), round(found.reserved, 6), found.at_most


def waiting(driver: Driver) -> dict[str, Inquiry]:
    return {inquiry.asked.step: inquiry for inquiry in driver.committed.open_inquiries}


TWO = """
- {id: one, type: paid, with_: 0.3}
- {id: two, type: paid, with_: 0.3}
"""

SIDE_BY_SIDE = """
- id: both
  type: parallel
  steps:
    - {id: one, type: paid, with_: 0.3}
    - {id: two, type: paid, with_: 0.3}
    - {id: free, type: do}
"""


async def test_what_a_call_cost_takes_the_place_of_what_was_held_back_for_it() -> None:
    flow, go = Flow(), asyncio.Event()
    flow.world.acts |= {"one": held_up(go, 0.1), "two": costing(0.25)}
    driver = await flow.start(budgeted(TWO))
    await until(lambda: flow.done == ["one"])
    assert purse(driver.committed) == (0.5, 0, 0.3, False), "it is durable before the call is made"
    go.set()
    state = await flow.finished(driver)
    assert (state.status, purse(state)) == ("succeeded", (0.5, 0.35, 0, False))
    assert state == await flow.replayed(state.run_id)


async def test_a_call_waits_for_those_under_way_where_it_would_fit_without_them() -> None:
    flow, go = Flow(), asyncio.Event()
    flow.world.acts |= {"both>one": held_up(go, 0.1), "both>two": held_up(go, 0.1)}
    driver = await flow.start(budgeted(SIDE_BY_SIDE))
    await until(lambda: "both>free" in flow.done and driver.committed.steps["both>free"].over)
    assert sorted(flow.done) == ["both>free", "both>one"], "together they could cost more than there is"
    go.set()
    state = await flow.finished(driver)
    assert (state.status, purse(state), len(flow.done)) == ("succeeded", (0.5, 0.2, 0, False), 3)


async def test_a_run_without_a_budget_holds_nothing_back() -> None:
    flow = Flow()
    flow.world.acts["one"] = costing(9.0)
    state = await flow.run(steps(TWO))
    assert state.status == "succeeded"
    assert not state.purses
    assert state.steps["one"].calls["act"].reserved_usd is None


async def test_a_call_that_does_not_fit_ends_the_run_where_the_file_says_so() -> None:
    flow = Flow()
    flow.world.acts["one"] = costing(0.3)
    driver = await flow.start(budgeted(TWO, on_exceed="abort"), attended=True)
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("failed", ["one"])
    assert state.failure is not None
    assert state.failure.kind == "budget"
    assert "A call of openai/model may cost $0.30" in state.failure.message
    assert "$0.30 of $0.50 spent" in state.failure.message


async def test_an_understudy_that_costs_nothing_takes_over_where_the_budget_aborts() -> None:
    flow = Flow()
    state = await flow.run(budgeted("- {id: one, type: paid, with_: 0.6, fallback: [free]}", on_exceed="abort"))
    assert (state.status, [deed.performer for deed in flow.world.deeds]) == ("succeeded", ["free"])


async def stopped(flow: Flow, **more: Any) -> tuple[Driver, Inquiry]:
    """A run whose second call does not fit, and what it asks."""
    flow.world.acts["one"] = costing(0.3)
    driver = await flow.start(budgeted(TWO), **more)
    await flow.waiting(driver)
    return driver, waiting(driver)["two"]


@pytest.mark.parametrize("attended", [True, False])
async def test_a_person_is_asked_before_the_call_that_does_not_fit(attended: bool) -> None:
    flow = Flow()
    driver, inquiry = await stopped(flow, attended=attended)
    asked = inquiry.asked
    assert (asked.reason, asked.choices) == ("budget", ("raise", "proceed", "skip", "abort"))
    assert asked.facts["spent"] == "$0.30 of $0.50"
    assert asked.facts["this call at worst"] == "$0.30 (1,000 tokens in, 1,000 out)"
    assert all(consequences(driver.committed, inquiry).values())
    assert flow.done == ["one"]
    await driver.answer(asked.entry, "raise", 1.0, by="ada")
    state = await flow.finished(driver)
    assert (state.status, purse(state)[0], flow.done) == ("succeeded", 1.0, ["one", "two"])


async def test_a_raise_must_be_enough_and_a_number() -> None:
    flow = Flow()
    driver, inquiry = await stopped(flow)
    for value in (0.55, "much", None, True, float("inf"), -1, 10**400, 1e10):
        with pytest.raises(UnderstudyError):
            await driver.answer(inquiry.asked.entry, "raise", value)
    assert waiting(driver)
    await driver.answer(inquiry.asked.entry, "raise", 0.6)
    assert (await flow.finished(driver)).status == "succeeded"


async def test_one_call_may_pass_and_the_next_asks_again() -> None:
    flow = Flow()
    flow.world.acts |= {"one": costing(0.3), "two": costing(0.3)}
    driver = await flow.start(budgeted(TWO + "- {id: three, type: paid, with_: 0.1}"))
    await flow.waiting(driver)
    await driver.answer(waiting(driver)["two"].asked.entry, "proceed", by="ada")
    await until(lambda: "three" in waiting(driver))
    assert purse(driver.committed)[:2] == (0.5, 0.6)
    assert flow.done == ["one", "two"]


async def test_what_a_call_that_was_let_pass_did_not_use_is_not_for_others() -> None:
    flow = Flow()
    flow.world.acts |= {"one": costing(0.3), "two": costing(0.01)}
    driver = await flow.start(budgeted(TWO + "- {id: three, type: paid, with_: 0.25}"))
    await flow.waiting(driver)
    await driver.answer(waiting(driver)["two"].asked.entry, "proceed", by="ada")
    await until(lambda: "three" in waiting(driver))
    assert (purse(driver.committed)[:2], flow.done) == ((0.5, 0.31), ["one", "two"])
    assert waiting(driver)["three"].asked.facts["spent"] == "$0.31 of $0.50"


async def test_going_on_without_it_and_ending_the_run() -> None:
    flow = Flow()
    driver, inquiry = await stopped(flow)
    await driver.answer(inquiry.asked.entry, "skip", by="ada")
    assert (await flow.finished(driver)).steps["two"].status == "skipped"
    flow = Flow()
    driver, inquiry = await stopped(flow)
    await driver.answer(inquiry.asked.entry, "abort", by="ada")
    state = await flow.finished(driver)
    assert state.status == "failed"
    assert state.failure is not None
    assert state.failure.kind == "budget"


async def test_a_person_lets_the_understudy_do_it() -> None:
    flow = Flow()
    driver = await flow.start(budgeted("- {id: one, type: paid, with_: 0.6, fallback: [free]}"))
    await flow.waiting(driver)
    entry = waiting(driver)["one"].asked
    assert "fallback" in entry.choices
    await driver.answer(entry.entry, "fallback", "free", by="ada")
    state = await flow.finished(driver)
    assert (state.status, [deed.performer for deed in flow.world.deeds]) == ("succeeded", ["free"])


async def test_siblings_that_need_no_model_go_on() -> None:
    flow = Flow()
    text = SIDE_BY_SIDE.replace("with_: 0.3", "with_: 0.6") + "    - {id: more, type: do}\n"
    driver = await flow.start(budgeted(text))
    await flow.waiting(driver, 2)
    await until(lambda: sorted(flow.done) == ["both>free", "both>more"])
    await until(lambda: driver.committed.status == "waiting")


async def test_one_answer_frees_all_that_it_has_room_for() -> None:
    flow = Flow()
    text = SIDE_BY_SIDE.replace("with_: 0.3", "with_: 0.6", 1).replace("with_: 0.3", "with_: 0.9", 1)
    flow.world.acts |= {"both>one": costing(0.01), "both>two": costing(0.01)}
    driver = await flow.start(budgeted(text))
    await flow.waiting(driver, 2)
    await driver.answer(waiting(driver)["both>one"].asked.entry, "raise", 0.95, by="ada")
    state = await flow.finished(driver)
    assert (state.status, sorted(flow.done)) == ("succeeded", ["both>free", "both>one", "both>two"])
    assert [inquiry.answer is None for inquiry in state.inquiries.values()].count(True) == 1


async def test_the_answer_of_another_process_counts() -> None:
    flow = Flow()
    driver, inquiry = await stopped(flow)
    await flow.engine.close()
    again = Flow(flow.store, flow.world)
    resumed = await again.engine.resume(driver.state.run_id)
    await again.waiting(resumed)
    assert flow.done == ["one"], "resumed, it asks before the call as before"
    await resumed.answer(inquiry.asked.entry, "raise", 1.0, by="bob")
    state = await again.finished(resumed)
    assert (state.status, purse(state)[0], flow.done) == ("succeeded", 1.0, ["one", "two"])


async def test_what_was_cut_off_stays_spent_after_a_crash() -> None:
    flow, never = Flow(), asyncio.Event()
    flow.world.acts["one"] = held_up(never, 0)
    driver = await flow.start(budgeted(TWO))
    await until(lambda: flow.done == ["one"])
    journal = await flow.store.read(driver.state.run_id)
    assert isinstance(journal[-1].event, e.CallStarted)
    await flow.engine.close()  # as a crash: the call is cut off, and nobody knows what it cost
    again = Flow(flow.store, flow.world)
    flow.world.acts["one"] = costing(0.1)
    resumed = await again.engine.resume(driver.state.run_id)
    await again.waiting(resumed)
    assert purse(resumed.committed) == (0.5, 0.3, 0, True)
    assert "at most $0.30 of $0.50 spent" in waiting(resumed)["one"].asked.title


@pytest.mark.parametrize(
    ("usage", "failed", "spent"),
    [
        (Usage("openai/model", 10, 10, cost_usd=0.2), True, 0.2),
        (Usage("openai/model"), True, 0.3),
        (None, True, 0.0),
        (Usage("openai/model", 10, 10), False, 0.3),
        (Usage("openai/model", 10, 10, at_most_usd=0.15), False, 0.15),
        (None, False, 0.3),
        (Usage("openai/model", 10, 10, cost_usd=-1.0), False, 0.3),
    ],
)
async def test_what_nobody_knows_is_never_zero(usage: Usage | None, failed: bool, spent: float) -> None:
    flow = Flow()

    async def act(deed: Deed) -> Result:
        if failed:
            raise type(fail("agent", "it said nonsense"))(Failure("agent", "it said nonsense"), usage)
        return Result({}, usage)

    flow.world.acts["one"] = act
    state = await flow.run(budgeted("- {id: one, type: paid, with_: 0.3, on_failure: continue}"))
    assert purse(state) == (0.5, spent, 0, not (usage and usage.cost_usd == 0.2) and spent > 0)


async def test_an_unknown_price_is_asked_before_the_first_call() -> None:
    flow = Flow()
    flow.world.acts |= {"one": costing(None), "two": costing(None)}
    driver = await flow.start(budgeted(TWO.replace("0.3", "null")))
    await flow.waiting(driver)
    asked = waiting(driver)["one"].asked
    assert asked.choices == ("price", "retry", "skip", "abort")
    assert "No price of openai/model is known" in asked.title
    assert flow.done == []
    with pytest.raises(UnderstudyError):
        await driver.answer(asked.entry, "price", "cheap")
    await driver.answer(asked.entry, "price", 100, by="ada")  # 2,000 tokens may cost $0.20, the 20 that were used 0.002
    state = await flow.finished(driver)
    assert (state.status, purse(state)) == ("succeeded", (0.5, 0.004, 0, True))
    assert state.steps["one"].calls["act"].reserved_usd == pytest.approx(0.2)


async def test_a_child_has_a_budget_of_its_own_within_the_runs() -> None:
    flow = Flow(child=budgeted(TWO, usd=0.4))
    flow.world.acts |= {f"call{n}>{name}": costing(0.2) for n in (1, 2) for name in ("one", "two")}
    text = "- {id: call1, type: workflow, workflow: child}\n- {id: call2, type: workflow, workflow: child}"
    driver = await flow.start(budgeted(text, usd=0.9))
    await flow.waiting(driver)
    asked = waiting(driver)["call1>two"].asked
    assert "the budget of call1 has no room" in asked.title
    await driver.answer(asked.entry, "raise", 5, by="ada")  # more than the run has: both must have room
    await until(lambda: "call2>two" in waiting(driver))
    assert purse(driver.committed, "call1")[:2] == (5, 0.4)
    assert purse(driver.committed, "call2")[:2] == (0.4, 0.2)
    assert purse(driver.committed)[:2] == (0.9, 0.6)


async def test_undo_and_handlers_draw_on_the_same_budget() -> None:
    flow = Flow()

    async def breaks(deed: Deed) -> Any:
        raise fail("business", "exit 1")

    flow.world.acts |= {"one": costing(0.3), "bad": breaks}
    text = """
    - id: one
      type: paid
      with_: 0.3
      undo: {type: paid, with_: 0.1}
    - {id: bad, type: do, on_failure: rollback}
    """
    flow.world.acts["one~undo"] = costing(0.05)
    state = await flow.run(budgeted(text))
    assert flow.done == ["one", "bad", "one~undo"]
    assert purse(state) == (0.5, 0.35, 0, False)


async def test_a_price_that_was_set_meanwhile_counts_when_somebody_looks_again() -> None:
    flow = Flow()
    driver = await flow.start(budgeted("- {id: one, type: paid, with_: null}"))
    await flow.waiting(driver)
    asked = waiting(driver)["one"].asked
    await driver.answer(asked.entry, "retry", by="ada")
    await until(lambda: len(driver.committed.inquiries) == 2)
    assert waiting(driver)["one"].asked.title == asked.title, "nothing has changed, so it asks again"


async def test_a_step_that_only_says_so_is_not_over_budget() -> None:
    """Skills choose their failures: one that looks like ours is a failure like any other."""
    flow = Flow()

    async def act(deed: Deed) -> Any:
        raise fail("budget", "no money", scope="", usd=None)

    flow.world.acts["one"] = act
    state = await flow.run(budgeted("- {id: one, type: do}"))
    assert (state.status, state.inquiries) == ("failed", {})


async def test_a_limit_given_unasked_holds_from_then_on() -> None:
    flow = Flow()
    flow.world.acts["one"] = costing(0.3)
    gated = TWO.replace("- {id: two", "- {id: ok, type: approval, show: Go?}\n- {id: two")
    driver = await flow.start(steps(gated))
    await flow.waiting(driver)
    with pytest.raises(UnderstudyError, match=r"has spent \$0.30 already, and \$0.20 is less"):
        raised(driver.state, 0.2, "ada")
    await driver.post(*raised(driver.state, 0.4, "ada"))
    assert purse(driver.committed) == (0.4, 0.3, 0, False)
    assert raised(driver.state, 0.4, "ada") == (), "said twice it counts once"
    with pytest.raises(UnderstudyError, match=r"may spend \$0.40 as it is: a limit can be raised, and \$0.35 is lower"):
        raised(driver.state, 0.35, "ada")
    await driver.answer("ok:1", "approve")
    await until(lambda: "two" in waiting(driver))
    asked = asked_for_more(driver.state)
    assert asked is not None
    assert (asked.step, flow.done) == ("two", ["one"])
    await driver.answer(asked.entry, "raise", 0.6, by="ada")
    state = await flow.finished(driver)
    assert (state.status, purse(state)[0], state) == ("succeeded", 0.6, await flow.replayed(state.run_id))


async def test_what_nobody_knows_the_cost_of_cannot_be_limited_afterwards() -> None:
    flow = Flow()
    flow.world.acts["one"] = costing(None)
    driver = await flow.start(steps("- {id: one, type: paid, with_: 0.3}\n- {id: ok, type: approval, show: Go?}"))
    await flow.waiting(driver)
    with pytest.raises(UnderstudyError, match="what it has spent is not known") as refused:
        raised(driver.state, 5.0, "ada")
    assert f"understudy rerun {driver.state.run_id} --from STEP --budget 5" in refused.value.hint


async def test_an_answer_that_was_left_before_never_lowers_a_limit() -> None:
    flow = Flow()
    driver, inquiry = await stopped(flow)
    await driver.post(*raised(driver.state, 2.0, "ada"))
    await driver.answer(inquiry.asked.entry, "raise", 1.0, by="bob")
    assert purse(await flow.finished(driver))[0] == 2.0


async def test_a_fork_spends_by_itself() -> None:
    flow = Flow()
    flow.world.acts |= {"one": costing(0.3), "two": costing(0.25)}
    origin = await flow.run(budgeted(TWO, usd=0.7))
    assert purse(origin)[:2] == (0.7, 0.55)
    driver = await flow.fork(origin, "two", text=budgeted(TWO, usd=0.31))
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("succeeded", ["one", "two", "two"])
    assert (purse(state)[:2], state.spent.cost_usd) == ((0.31, 0.25), 0.25), "what is reused is not paid again"
