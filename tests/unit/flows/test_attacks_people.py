"""What people allow and answer: for exactly what they saw, once, and asked again where it is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from tests.support.catalogue import Listed
from tests.support.clocks import leap, let_pass
from tests.support.flows import Do, DoFields, Flow, steps
from tests.support.plans import Deed, until
from tests.unit.flows.test_failures import failing, for_ever
from workflows.definition.fields import Value
from workflows.engine.driver import Driver
from workflows.errors import CallFailed, Failure, UnderstudyError
from workflows.journal.memory import MemoryStore
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.summary import summarise
from workflows.steps.context import Context, Question, Result
from workflows.steps.kind import Entry


def entry(driver: Driver) -> str:
    (inquiry,) = driver.committed.open_inquiries
    return inquiry.asked.entry


class Troupe(Do):
    """Has understudies, each of whom asks before it acts, and acts in its own way."""

    name: ClassVar[str] = "troupe"

    class TroupeFields(DoFields):
        agent: Value = ""

    fields = TroupeFields
    asks = False

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return (fields.agent, *fallback)

    async def run(self, ctx: Context) -> Any:
        async def act(key: str) -> Result:
            deed = Deed(ctx.address, ctx.performer, key, f"{ctx.performer} acts, {len(self.world.deeds)}")
            self.world.deeds.append(deed)
            return Result(deed.input)

        async def report(key: str) -> Result:
            return Result(await self.world.acts[f"{ctx.address}/{ctx.performer}"](Deed(ctx.address, "", key, None)))

        if self.asks:
            answer = await ctx.ask("tool1", Question("approval", f"May {ctx.performer} act?"))
            if answer.choice != "approve":
                raise CallFailed(Failure("denied", "no"))
        await ctx.call("tool1", {"by": ctx.performer, "n": len(self.world.deeds)}, "unsafe", act)
        return await ctx.call("report", {}, "pure", report)


def with_troupe(asks: bool, **outcomes: Any) -> Flow:
    flow = Flow()
    flow.catalogue = Listed(*flow.catalogue.entries, Entry("agent", "two"))
    kind = Troupe(flow.world)
    kind.asks = asks
    flow.kinds["troupe"] = kind
    for performer, act in outcomes.items():
        flow.world.acts[f"a/{performer}"] = act
    return flow


TROUPE = steps("- {id: a, type: troupe, agent: one, fallback: [two]}")


async def fine(deed: Deed) -> Any:
    return "fine"


async def test_what_one_performer_was_allowed_its_understudy_was_not() -> None:
    flow = with_troupe(True, one=failing(), two=fine)
    driver = await flow.start(TROUPE)
    await flow.waiting(driver)
    await driver.answer(entry(driver), "approve", by="ada")
    await until(lambda: len(driver.committed.inquiries) == 2)
    (inquiry,) = driver.committed.open_inquiries
    assert inquiry.asked.title == "May two act?"
    await driver.answer(inquiry.asked.entry, "approve", by="ada")
    assert (await flow.finished(driver)).status == "succeeded"


async def test_the_first_performer_beginning_anew_has_keys_of_its_own() -> None:
    flow = with_troupe(False, one=failing(1, then="fine"), two=failing())
    driver = await flow.start(TROUPE, attended=True)
    await flow.waiting(driver)
    await driver.answer(entry(driver), "retry", by="ada")
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    assert [deed.performer for deed in flow.world.deeds] == ["one", "two", "one"]
    assert len({deed.key for deed in flow.world.deeds}) == 3


async def test_an_answer_counts_only_for_the_question_that_it_was_given_to() -> None:
    """The same key, but what is asked has changed since: the process ended between question and answer."""
    flow = with_troupe(True, one=fine)
    driver = await flow.start(steps("- {id: a, type: troupe, agent: one}"))
    await flow.waiting(driver)
    await flow.engine.close()

    class Other(Troupe):
        async def run(self, ctx: Context) -> Any:
            answer = await ctx.ask("tool1", Question("approval", "May it do something else?"))
            return answer.choice

    again = Flow(flow.store, flow.world)
    again.kinds["troupe"] = Other(flow.world)
    resumed = await again.engine.resume(driver.state.run_id, attended=True)
    await again.waiting(resumed)
    await resumed.answer(entry(resumed), "approve", by="ada")
    await until(lambda: len(resumed.committed.inquiries) == 2)
    await resumed.answer(entry(resumed), "deny", by="ada")
    state = await again.finished(resumed)
    assert state.steps["a"].output == "deny"
    assert next(iter(state.inquiries.values())).voided


async def test_a_question_that_nobody_answered_in_time_is_asked_again_on_retry() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: which, type: question, ask: Which?, timeout: 1h}"), attended=True)
    await flow.waiting(driver)
    await flow.clock.advance(3601)
    await until(lambda: any(each.asked.reason == "intervention" for each in driver.committed.open_inquiries))
    await driver.answer(entry(driver), "retry", by="ada")
    await until(lambda: any(each.asked.reason == "question" for each in driver.committed.open_inquiries))
    await driver.answer(entry(driver), "answer", "v2", by="ada")
    state = await flow.finished(driver)
    assert (state.status, state.steps["which"].output) == ("succeeded", "v2")


async def test_a_question_is_asked_as_often_as_its_retry_says() -> None:
    flow = Flow()
    driver = await flow.start(
        steps("""
        - id: which
          type: question
          ask: Which?
          timeout: 1h
          retry: {max_attempts: 2, backoff: immediate, on: [timeout]}
        """)
    )
    await flow.waiting(driver)
    await flow.clock.advance(3601)
    await until(lambda: len(driver.committed.inquiries) == 2)
    await driver.answer(entry(driver), "answer", 1, by="ada")
    assert (await flow.finished(driver)).steps["which"].output == 1


async def test_an_answer_that_the_step_could_not_use_is_asked_for_again_on_retry() -> None:
    flow = Flow()
    driver = await flow.start(
        steps("- {id: which, type: question, ask: Which?, output_schema: {type: integer}}"), attended=True
    )
    await flow.waiting(driver)
    await driver.answer(entry(driver), "answer", "many", by="ada")
    await until(lambda: any(each.asked.reason == "intervention" for each in driver.committed.open_inquiries))
    await driver.answer(entry(driver), "retry", by="ada")
    await until(lambda: any(each.asked.reason == "question" for each in driver.committed.open_inquiries))
    await driver.answer(entry(driver), "answer", 2, by="ada")
    assert (await flow.finished(driver)).steps["which"].output == 2


async def cut_off_at(flow: Flow, driver: Driver, last: type[e.Event]) -> MemoryStore:
    """The journal as a crash leaves it right after the last event of this type."""
    journal = await flow.store.read(driver.state.run_id)
    length = max(each.seq for each in journal if isinstance(each.event, last))
    store = MemoryStore()
    await store.release(await store.create("r", "dead", journal[:length], summarise(replay("r", journal[:length]))))
    return store


async def test_an_approval_that_was_used_before_a_crash_is_void_where_the_artefact_changed_since() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: a, type: unsafe, approve: before}"))
    await flow.waiting(driver)
    await driver.answer(entry(driver), "approve", by="ada")
    await flow.finished(driver)
    for changed in (False, True):
        again = Flow(await cut_off_at(flow, driver, e.AttemptStarted))
        again.world.shown = "another artefact" if changed else None
        resumed = await again.engine.resume("r")
        if changed:
            await again.waiting(resumed)
            assert again.done == []
            await resumed.answer(entry(resumed), "approve", by="ada")
        assert (await again.finished(resumed)).status == "succeeded"
        assert again.done == ["a"]


async def test_an_approval_is_not_asked_for_again_where_what_it_allowed_is_under_way() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: a, type: do, approve: before}"))
    await flow.waiting(driver)
    await driver.answer(entry(driver), "approve", by="ada")
    await flow.finished(driver)
    again = Flow(await cut_off_at(flow, driver, e.CallStarted))
    again.world.shown = "changed by the very act"
    assert (await again.finished(await again.engine.resume("r"))).status == "succeeded"


async def test_an_approval_of_an_item_is_not_that_of_the_item_that_takes_its_place() -> None:
    flow = Flow()
    flow.world.acts["list"] = _lists(["x"], ["y"])
    flow.world.acts["last"] = failing(1)
    driver = await flow.start(
        steps("""
        - {id: list, type: do}
        - {id: each, type: do, foreach: {in: "${{ steps.list.output }}"}, approve: before, with_: "${{ item }}"}
        - {id: last, type: do}
        """),
        attended=True,
    )
    await flow.waiting(driver)
    await driver.answer(entry(driver), "approve", by="ada")
    await until(lambda: any(each.asked.step == "last" for each in driver.committed.open_inquiries))
    await driver.answer(entry(driver), "retry_from", "list", by="ada")
    await until(lambda: any(each.asked.step == "each[0]" for each in driver.committed.open_inquiries))
    assert "y" in driver.committed.open_inquiries[0].asked.body
    await driver.answer(entry(driver), "approve", by="ada")
    assert (await flow.finished(driver)).steps["each"].output == [{"did": "each[0]"}]


def _lists(*given: Any) -> Any:
    left = list(given)

    async def act(deed: Deed) -> Any:
        return left.pop(0)

    return act


async def test_nobody_chooses_what_was_not_offered_by_calling_themselves_default() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: ok, type: approval, show: Ship?}"))
    await flow.waiting(driver)
    with pytest.raises(UnderstudyError, match="cannot be answered"):
        await driver.answer(entry(driver), "late", by="default")
    driver.stop("enough")


async def test_an_answer_with_the_digest_of_something_else_is_refused() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: a, type: do, approve: before}"))
    await flow.waiting(driver)
    with pytest.raises(UnderstudyError, match="not what waits"):
        await driver.answer(entry(driver), "approve", by="ada", digest="0" * 64)
    driver.stop("enough")


async def test_a_step_that_holds_others_keeps_its_time_while_one_in_it_waits_for_a_person() -> None:
    leap(0)
    flow = Flow()
    driver = await flow.start(
        steps("- {id: both, type: parallel, timeout: 500, steps: [{id: ok, type: approval, show: Ship?}]}")
    )
    await flow.waiting(driver)
    await let_pass(600)
    assert driver.committed.status == "waiting"
    await driver.answer(entry(driver), "approve", by="ada")
    assert (await flow.finished(driver)).status == "succeeded"


async def test_a_failing_item_that_a_handler_lets_go_on_leaves_the_others_alone() -> None:
    flow = Flow()
    flow.world.acts["each[1]"] = failing()
    state = await flow.run("""
    name: Items
    steps: [{id: each, type: do, foreach: {in: [1, 2, 3]}}]
    error_handlers: [{error: any, action: continue}]
    """)
    assert (state.status, state.steps["each"].output[1]) == ("succeeded", None)


async def test_a_run_can_be_stopped_while_it_is_asked(tmp_path: Any) -> None:
    flow = Flow()
    flow.world.acts["long"] = for_ever
    driver = await flow.start(steps("- {id: long, type: do}"))
    await until(lambda: flow.done == ["long"])
    driver.stop("enough")
    assert (await flow.finished(driver)).status == "interrupted"
