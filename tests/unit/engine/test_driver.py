"""Runs driven by the real engine on the memory store: order, failure, people, stopping and resuming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.clocks import VirtualClock, leap, let_pass
from tests.support.plans import Deed, World, chain, kinds, parallel, step, until
from workflows.bus import Bus, Committed
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.errors import Failure, OutcomeUnknown, UnderstudyError, fail
from workflows.journal.memory import MemoryStore
from workflows.planning.plan import Plan, RetryPolicy, Use
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.state import RunState


class Desk:
    """An engine with a world to act in."""

    def __init__(self, store: MemoryStore | None = None, world: World | None = None) -> None:
        self.world = world or World()
        self.store = store or MemoryStore()
        self.clock = VirtualClock()
        self.bus = Bus()
        self.code: dict[str, str] = {}
        self.engine = Engine(
            self.store, kinds(self.world), self.bus, self.clock, code=lambda name: self.code.get(name, "")
        )

    async def start(self, plan: Plan, *, attended: bool = False, **parameters: Any) -> Driver:
        return await self.engine.start(
            plan, workflow="test", source="", parameters=parameters, root=Path("."), attended=attended
        )

    async def run(self, plan: Plan, **parameters: Any) -> RunState:
        driver = await self.start(plan, **parameters)
        async with asyncio.timeout(60):  # a run that stands still for ever is a failure, not a long test
            return await self.engine.finished(driver.state.run_id)

    async def waiting(self, driver: Driver, count: int = 1) -> None:
        await until(lambda: len(driver.committed.open_inquiries) == count)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    await desk.engine.close()


def failing(*failures: Failure | Exception, then: Any = "done") -> Any:
    """An act that fails these ways, one a time, and then succeeds."""
    left = list(failures)

    async def act(deed: Deed) -> Any:
        if left:
            failure = left.pop(0)
            raise failure if isinstance(failure, Exception) else fail(failure.kind, failure.message)
        return then

    return act


TRANSIENT = Failure("transient", "overloaded")


async def test_steps_run_in_order_and_outputs_are_evaluated(desk: Desk) -> None:
    plan = chain(
        step("a", fields={"text": "${{ parameters.who }}"}),
        step("b", fields={"text": "${{ steps.a.output.did }}"}),
        outputs={"last": "${{ steps.b.output.did }}"},
    )
    state = await desk.run(plan, who="you")
    assert state.status == "succeeded"
    assert state.outputs == {"last": "b"}
    assert [(deed.step, deed.input) for deed in desk.world.deeds] == [("a", {"text": "you"}), ("b", {"text": "a"})]


async def test_the_end_of_a_step_and_the_start_of_the_next_share_a_commit(desk: Desk) -> None:
    commits: list[list[str]] = []
    desk.bus.subscribe(
        lambda notice: (
            commits.append([type(r.event).__name__ for r in notice.events]) if isinstance(notice, Committed) else None
        )
    )
    await desk.run(chain(step("a"), step("b")))
    shared = [names for names in commits if "CallFinished" in names and "CallStarted" in names]
    assert len(shared) == 1
    assert len(commits) == 4  # started; a's call; a's end with b's call; b's end with the run's


async def test_nothing_acts_before_its_intent_is_durable(desk: Desk) -> None:
    seen: list[bool] = []

    async def act(deed: Deed) -> Any:
        (run,) = desk.engine.drivers
        durable = await desk.store.read(run)
        seen.append(any(isinstance(r.event, e.CallStarted) and r.event.step == deed.step for r in durable))
        return None

    desk.world.acts = {"a": act, "b": act}
    await desk.run(chain(step("a"), step("b")))
    assert seen == [True, True]


async def test_parallel_steps_start_together_as_far_as_there_is_room(desk: Desk) -> None:
    gate = asyncio.Event()
    at_once: list[int] = []
    running = 0

    async def act(deed: Deed) -> Any:
        nonlocal running
        running += 1
        at_once.append(running)
        await gate.wait()
        running -= 1

    desk.world.acts = dict.fromkeys("abcd", act)
    driver = await desk.start(parallel(*(step(name) for name in "abcd"), width=3))
    await until(lambda: len(desk.world.deeds) == 3)
    gate.set()
    state = await desk.engine.finished(driver.state.run_id)
    assert state.status == "succeeded"
    assert max(at_once) == 3


async def test_a_parallel_step_waits_for_what_it_reads_only(desk: Desk) -> None:
    hold = asyncio.Event()

    async def slow(deed: Deed) -> Any:
        await hold.wait()

    desk.world.acts["slow"] = slow
    driver = await desk.start(parallel(step("slow"), step("first"), step("second", after=("first",))))
    await until(lambda: bool(desk.world.of("second")))
    assert driver.state.steps["slow"].status == "running"
    hold.set()
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


async def test_a_false_condition_skips_and_reads_as_null(desk: Desk) -> None:
    plan = chain(
        step("a", when="parameters.go"),
        step("b", fields={"text": "${{ steps.a.output.did }}"}),
    )
    state = await desk.run(plan, go=False)
    assert state.steps["a"].status == "skipped"
    assert desk.world.of("b")[0].input == {"text": None}


async def test_a_condition_that_is_no_boolean_fails_the_step(desk: Desk) -> None:
    state = await desk.run(chain(step("a", when="parameters.go")), go="yes")
    assert state.status == "failed"
    assert state.failure is not None
    assert state.failure.kind == "validation"
    assert desk.world.deeds == []


async def test_retry_waits_and_counts_and_keeps_its_key(desk: Desk) -> None:
    desk.world.acts["a"] = failing(TRANSIENT, TRANSIENT)
    driver = await desk.start(chain(step("a", retry=RetryPolicy(3, "fixed", 10.0))))
    await until(lambda: driver.committed.steps["a"].retry_at is not None)
    assert len(desk.world.deeds) == 1
    await desk.clock.advance(9.5)
    assert len(desk.world.deeds) == 1
    await desk.clock.advance(1)
    await until(lambda: len(desk.world.deeds) == 2)
    await until(lambda: driver.committed.steps["a"].retry_at is not None)
    await desk.clock.advance(11)
    state = await desk.engine.finished(driver.state.run_id)
    assert state.status == "succeeded"
    assert [a.status for a in state.steps["a"].attempts] == ["failed", "failed", "succeeded"]
    assert len({deed.key for deed in desk.world.deeds}) == 1


@pytest.mark.parametrize("kind", ["authentication", "validation", "dependency", "denied"])
async def test_what_cannot_get_better_is_not_retried(desk: Desk, kind: Any) -> None:
    desk.world.acts["a"] = failing(Failure(kind, "no"))
    state = await desk.run(chain(step("a", retry=RetryPolicy(3, "immediate"))))
    assert state.status == "failed"
    assert len(desk.world.deeds) == 1


async def test_an_understudy_takes_over_and_the_record_says_why(desk: Desk) -> None:
    async def act(deed: Deed) -> Any:
        if deed.performer != "third":
            raise fail("authentication", f"{deed.performer} has no key")
        return "written"

    desk.world.acts["a"] = act
    state = await desk.run(chain(step("a", performers=("first", "second", "third"))))
    assert state.status == "succeeded"
    assert [deed.performer for deed in desk.world.deeds] == ["first", "second", "third"]
    journal = await desk.store.read(state.run_id)
    taken = [r.event for r in journal if isinstance(r.event, e.FallbackTaken)]
    assert [(t.instead_of, t.performer) for t in taken] == [("first", "second"), ("second", "third")]
    assert "has no key" in taken[0].why


@pytest.mark.parametrize(
    ("policy", "run", "status"),
    [("continue", "succeeded", "failed"), ("skip", "succeeded", "skipped"), ("abort", "failed", "failed")],
)
async def test_on_failure(desk: Desk, policy: Any, run: str, status: str) -> None:
    desk.world.acts["a"] = failing(Failure("business", "exit 1"))
    state = await desk.run(chain(step("a", on_failure=policy), step("b")))
    assert (state.status, state.steps["a"].status) == (run, status)
    assert bool(desk.world.of("b")) == (run == "succeeded")


async def test_abort_cancels_siblings_and_leaves_no_open_attempt(desk: Desk) -> None:
    async def for_ever(deed: Deed) -> Any:
        await asyncio.Event().wait()

    desk.world.acts = {"long": for_ever, "bad": failing(Failure("business", "exit 1"))}
    state = await desk.run(parallel(step("long", "unsafe"), step("bad"), step("later", after=("long",))))
    assert state.status == "failed"
    assert state.steps["long"].status == "cancelled"
    assert state.steps["later"].status == "blocked"
    assert all(a.status != "started" for each in state.steps.values() for a in each.attempts)


async def test_a_failed_step_asks_a_person_where_one_is_there(desk: Desk) -> None:
    desk.world.acts["a"] = failing(Failure("business", "exit 1"))
    driver = await desk.start(parallel(step("a"), step("b")), attended=True)
    await desk.waiting(driver)
    assert desk.world.of("b")
    (inquiry,) = driver.committed.open_inquiries
    assert inquiry.asked.choices == ("retry", "output", "skip", "abort")
    await driver.answer(inquiry.asked.entry, "retry", by="someone")
    state = await desk.engine.finished(driver.state.run_id)
    assert state.status == "succeeded"
    assert len(desk.world.of("a")) == 2


async def test_an_edited_input_is_what_the_next_try_gets_under_a_new_key(desk: Desk) -> None:
    desk.world.acts["a"] = failing(Failure("business", "exit 1"))
    driver = await desk.start(chain(step("a", fields={"n": 1})), attended=True)
    await desk.waiting(driver)
    await driver.answer("a:1", "edit", {"n": 2})
    await desk.engine.finished(driver.state.run_id)
    first, second = desk.world.deeds
    assert (first.input, second.input) == ({"n": 1}, {"n": 2})
    assert first.key != second.key


async def test_skip_and_abort_by_a_person(desk: Desk) -> None:
    for choice, status in (("skip", "succeeded"), ("abort", "failed")):
        desk.world.acts["a"] = failing(Failure("business", "exit 1"))
        driver = await desk.start(chain(step("a")), attended=True)
        await desk.waiting(driver)
        await driver.answer("a:1", choice)
        assert (await desk.engine.finished(driver.state.run_id)).status == status


async def test_a_retry_after_the_whole_chain_failed_begins_with_the_one_named(desk: Desk) -> None:
    mended = False

    async def act(deed: Deed) -> Any:
        if not mended:
            raise fail("authentication", "no key")
        return "written"

    desk.world.acts["a"] = act
    driver = await desk.start(chain(step("a", performers=("first", "second"))), attended=True)
    await desk.waiting(driver)
    mended = True
    await driver.answer("a:1", "retry")
    state = await desk.engine.finished(driver.state.run_id)
    assert state.status == "succeeded"
    assert [deed.performer for deed in desk.world.deeds] == ["first", "second", "first"]


async def test_an_approval_is_asked_before_acting_and_used_once(desk: Desk) -> None:
    desk.world.acts["a"] = failing(TRANSIENT)
    driver = await desk.start(chain(step("a", approve=True, retry=RetryPolicy(2, "immediate"))))
    await desk.waiting(driver)
    assert desk.world.deeds == []
    await driver.answer("a:1", "approve", by="someone")
    await until(lambda: len(desk.world.deeds) == 1)
    # The first approval was used up by the try that failed: the second try asks again.
    await desk.waiting(driver)
    await driver.answer("a:2", "approve")
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


async def test_a_denied_approval_is_final(desk: Desk) -> None:
    plan = chain(step("a", approve=True, performers=("one", "two"), retry=RetryPolicy(3, "immediate")))
    driver = await desk.start(plan, attended=True)
    await desk.waiting(driver)
    await driver.answer("a:1", "deny", note="not today")
    state = await desk.engine.finished(driver.state.run_id)
    assert state.status == "failed"
    assert state.failure is not None
    assert "not today" in state.failure.message
    assert desk.world.deeds == []


async def test_an_approval_is_void_when_what_was_shown_changed(desk: Desk) -> None:
    desk.world.shown = "before"
    driver = await desk.start(chain(step("a", approve=True)))
    await desk.waiting(driver)
    desk.world.shown = "after"
    await driver.answer("a:1", "approve")
    await until(lambda: [i.asked.entry for i in driver.committed.open_inquiries] == ["a:2"])
    assert desk.world.deeds == []
    assert driver.committed.inquiries["a:1"].voided
    await driver.answer("a:2", "approve")
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


async def test_answers_are_refused_where_they_make_no_sense(desk: Desk) -> None:
    driver = await desk.start(chain(step("a", approve=True)))
    await desk.waiting(driver)
    with pytest.raises(UnderstudyError, match="cannot be answered"):
        await driver.answer("a:1", "yes please")
    with pytest.raises(UnderstudyError, match="not what waits"):
        await driver.answer("a:1", "approve", digest="of something else")
    with pytest.raises(UnderstudyError, match="Nothing waits"):
        await driver.answer("b:9", "approve")
    await driver.answer("a:1", "approve")
    with pytest.raises(UnderstudyError, match="Nothing waits"):
        await driver.answer("a:1", "approve")
    await desk.engine.finished(driver.state.run_id)


async def test_a_question_from_within_a_step_and_its_answer_by_another_process(desk: Desk) -> None:
    from workflows.journal.port import PostedAnswer

    driver = await desk.start(chain(step("a", "ask")))
    await desk.waiting(driver)
    await desk.store.post_answer(PostedAnswer(0, driver.state.run_id, "a:1", "left", by="elsewhere"))
    await desk.clock.advance(1)
    state = await desk.engine.finished(driver.state.run_id)
    assert state.steps["a"].output == {"went": "left"}
    answer = state.inquiries["a:1"].answer
    assert answer is not None
    assert answer.by == "elsewhere"


async def test_a_timeout_is_for_the_work_and_not_for_people(desk: Desk) -> None:
    leap(0)
    driver = await desk.start(chain(step("a", "ask", timeout=500)))
    await desk.waiting(driver)
    await let_pass(600)  # longer than the timeout: it must stand still while a person thinks
    await driver.answer("a:1", "right")
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


async def test_a_timed_out_pure_step_is_timed_out_and_an_unsafe_one_unknown(desk: Desk) -> None:
    async def for_ever(deed: Deed) -> Any:
        await asyncio.Event().wait()

    desk.world.acts = {"pure": for_ever, "unsafe": for_ever}
    driver = await desk.start(
        parallel(step("pure", timeout=500, on_failure="continue"), step("unsafe", "unsafe", timeout=500))
    )
    await until(lambda: len(desk.world.deeds) == 2)
    leap(500)
    await desk.waiting(driver)
    await until(lambda: driver.committed.steps["pure"].over)
    assert driver.committed.steps["pure"].attempts[0].status == "timed_out"
    (inquiry,) = driver.committed.open_inquiries
    assert (inquiry.asked.step, inquiry.asked.reason) == ("unsafe", "unknown")
    await driver.answer("unsafe:1", "happened", {"seen": True})
    state = await desk.engine.finished(driver.state.run_id)
    assert state.steps["unsafe"].output == {"seen": True}
    assert len(desk.world.of("unsafe")) == 1


async def test_an_unknown_outcome_is_repeated_only_when_a_person_says_so(desk: Desk) -> None:
    lost = OutcomeUnknown(Failure("unknown", "the connection broke"))
    desk.world.acts["a"] = failing(lost)
    driver = await desk.start(chain(step("a", "unsafe", retry=RetryPolicy(5, "immediate"), performers=("x", "y"))))
    await desk.waiting(driver)
    assert len(desk.world.deeds) == 1
    await driver.answer("a:1", "again")
    state = await desk.engine.finished(driver.state.run_id)
    assert state.status == "succeeded"
    first, second = desk.world.deeds
    assert first.key != second.key


async def test_changed_code_waits_and_a_chosen_retry_takes_it(desk: Desk) -> None:
    use = Use("skill", "work", "old")
    desk.code["skill:work"] = "old"
    desk.world.acts["a"] = failing(Failure("business", "broken"))
    plan = chain(step("a", performers=("work",), uses=(use,)), step("b", performers=("work",), uses=(use,)))
    driver = await desk.start(plan, attended=True)
    await desk.waiting(driver)
    desk.code["skill:work"] = "new"
    await driver.answer("a:1", "retry")
    state = await desk.engine.finished(driver.state.run_id)
    assert state.status == "succeeded"
    assert [a.digest for a in state.steps["a"].attempts] == ["old", "new"]


async def test_code_that_changed_under_a_run_is_not_mixed_in(desk: Desk) -> None:
    use = Use("skill", "work", "old")
    desk.code["skill:work"] = "new"
    driver = await desk.start(chain(step("a", performers=("work",), uses=(use,))))
    await desk.waiting(driver)
    assert desk.world.deeds == []
    await driver.answer("a:1", "use_new")
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


async def test_pause_starts_nothing_and_continue_goes_on(desk: Desk) -> None:
    hold = asyncio.Event()

    async def slow(deed: Deed) -> Any:
        await hold.wait()

    desk.world.acts["a"] = slow
    driver = await desk.start(chain(step("a"), step("b")))
    await until(lambda: bool(desk.world.deeds))
    await driver.pause()
    hold.set()
    await until(lambda: driver.committed.steps["a"].over)
    assert desk.world.of("b") == []
    await driver.proceed()
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


async def test_cancel_ends_what_is_under_way(desk: Desk) -> None:
    async def for_ever(deed: Deed) -> Any:
        await asyncio.Event().wait()

    desk.world.acts["a"] = for_ever
    driver = await desk.start(chain(step("a"), step("b")))
    await until(lambda: bool(desk.world.deeds))
    driver.cancel()
    state = await desk.engine.finished(driver.state.run_id)
    assert (state.status, state.steps["a"].status) == ("cancelled", "cancelled")


async def test_a_stopped_run_is_resumed_and_repeats_nothing_that_was_done(desk: Desk) -> None:
    hold = asyncio.Event()

    async def slow(deed: Deed) -> Any:
        await hold.wait()
        return "late"

    desk.world.acts["b"] = slow
    driver = await desk.start(chain(step("a"), step("b"), step("c")))
    await until(lambda: bool(desk.world.of("b")))
    run_id = driver.state.run_id
    driver.stop("closed")
    assert (await desk.engine.finished(run_id)).status == "interrupted"
    hold.set()
    later = Desk(desk.store, desk.world)
    await later.engine.resume(run_id)
    state = await later.engine.finished(run_id)
    assert state.status == "succeeded"
    assert [deed.step for deed in desk.world.deeds] == ["a", "b", "b", "c"]
    assert len({deed.key for deed in desk.world.of("b")}) == 1


async def test_an_unsafe_call_that_a_stop_cut_off_asks_on_resume(desk: Desk) -> None:
    async def for_ever(deed: Deed) -> Any:
        await asyncio.Event().wait()

    desk.world.acts["a"] = for_ever
    driver = await desk.start(chain(step("a", "unsafe")))
    await until(lambda: bool(desk.world.deeds))
    run_id = driver.state.run_id
    driver.stop("closed")
    await desk.engine.finished(run_id)
    later = Desk(desk.store, desk.world)
    resumed = await later.engine.resume(run_id)
    await later.waiting(resumed)
    assert resumed.committed.open_inquiries[0].asked.reason == "unknown"
    assert len(desk.world.deeds) == 1
    await resumed.answer("a:1", "happened", "by hand")
    assert (await later.engine.finished(run_id)).steps["a"].output == "by hand"


async def test_a_waiting_run_is_left_and_taken_up_again(desk: Desk) -> None:
    driver = await desk.start(chain(step("a", "ask"), step("b", approve=True)))
    await desk.waiting(driver)
    run_id = driver.state.run_id
    driver.stop("nobody is here")
    assert (await desk.engine.finished(run_id)).status == "waiting"
    later = Desk(desk.store, desk.world)
    resumed = await later.engine.resume(run_id)
    await later.waiting(resumed)
    await resumed.answer("a:1", "left")
    await until(lambda: any(i.asked.step == "b" for i in resumed.committed.open_inquiries))
    await resumed.answer("b:1", "approve")
    state = await later.engine.finished(run_id)
    assert state.status == "succeeded"
    assert state.steps["a"].output == {"went": "left"}


async def test_a_run_that_is_over_is_not_resumed(desk: Desk) -> None:
    state = await desk.run(chain(step("a")))
    with pytest.raises(UnderstudyError, match="is over"):
        await desk.engine.resume(state.run_id)


async def test_a_fault_in_a_kind_is_a_failed_step_and_not_a_dead_run(desk: Desk) -> None:
    desk.world.acts["a"] = failing(ZeroDivisionError("oops"))
    state = await desk.run(chain(step("a")))
    assert state.status == "failed"
    assert state.failure is not None
    assert "ZeroDivisionError: oops" in state.failure.message


async def test_the_committed_state_is_what_the_journal_comes_to(desk: Desk) -> None:
    desk.world.acts["a"] = failing(TRANSIENT)
    state = await desk.run(chain(step("a", retry=RetryPolicy(2, "immediate")), step("b")))
    assert replay(state.run_id, await desk.store.read(state.run_id)) == state


async def test_what_was_told_of_stays_as_it_was(desk: Desk) -> None:
    told: list[RunState] = []
    desk.bus.subscribe(lambda notice: told.append(notice.state) if isinstance(notice, Committed) else None)
    desk.world.acts["a"] = failing(TRANSIENT)
    last = await desk.run(chain(step("a", retry=RetryPolicy(2, "immediate")), step("b"), step("c")))
    journal = await desk.store.read(last.run_id)
    assert [state.seq for state in told][-1] == len(journal)
    for state in told:
        assert replay(last.run_id, journal[: state.seq]) == state


class SlowStore(MemoryStore):
    """A store whose commits take a while, so that events are posted meanwhile."""

    async def append(self, *args: Any) -> None:
        await super().append(*args)
        for _ in range(50):
            await asyncio.sleep(0)


async def test_what_is_posted_during_a_commit_is_in_the_next_one() -> None:
    desk = Desk(SlowStore())

    def after(turns: int) -> Any:
        async def act(deed: Deed) -> Any:
            for _ in range(turns):
                await asyncio.sleep(0)

        return act

    names = [f"s{n}" for n in range(12)]
    desk.world.acts = {name: after(7 * place) for place, name in enumerate(names)}
    state = await desk.run(parallel(*(step(name) for name in names), width=12))
    assert state.status == "succeeded"
    journal = await desk.store.read(state.run_id)
    assert [r.seq for r in journal] == list(range(1, len(journal) + 1))
    assert replay(state.run_id, journal) == state


async def test_waiting_for_the_journal_does_not_count_against_a_timeout() -> None:
    class Sluggish(MemoryStore):
        async def append(self, *args: Any) -> None:
            leap(6)
            await asyncio.sleep(0)
            await super().append(*args)

    leap(0)
    desk = Desk(Sluggish())
    state = await desk.run(chain(step("a", timeout=5)))
    assert state.status == "succeeded"


async def test_a_model_call_that_was_cut_off_has_an_unknown_cost(desk: Desk) -> None:
    async def for_ever(deed: Deed) -> Any:
        await asyncio.Event().wait()

    desk.world.acts["a"] = for_ever
    driver = await desk.start(chain(step("a", "paid", timeout=500)))
    await until(lambda: len(desk.world.deeds) == 1)
    leap(500)
    state = await desk.engine.finished(driver.state.run_id)
    assert state.steps["a"].attempts[0].status == "timed_out"
    assert not state.spent.cost_known
    driver = await desk.start(chain(step("a", "paid")))
    await until(lambda: len(desk.world.deeds) == 2)
    driver.stop("closed")
    assert not (await desk.engine.finished(driver.state.run_id)).spent.cost_known


async def test_code_that_is_gone_waits_to_be_put_back(desk: Desk) -> None:
    desk.code["skill:work"] = ""
    driver = await desk.start(chain(step("a", performers=("work",), uses=(Use("skill", "work", "old"),))))
    await desk.waiting(driver)
    assert "not there any more" in driver.committed.open_inquiries[0].asked.title
    desk.code["skill:work"] = "old"
    await driver.answer("a:1", "use_new")
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


@pytest.mark.parametrize(
    "value", [None, "text", [1], {}, {"skill": "work", "n": 1, "more": 2}, {"skill": "other", "n": 2}]
)
async def test_an_edit_keeps_the_fields_and_who_performs_the_step(desk: Desk, value: Any) -> None:
    desk.world.acts["a"] = failing(Failure("business", "exit 1"))
    plan = chain(step("a", performers=("work",), fields={"skill": "work", "n": 1}))
    driver = await desk.start(plan, attended=True)
    await desk.waiting(driver)
    before = driver.state.seq
    with pytest.raises(UnderstudyError, match=r"input of a|who performs"):
        await driver.answer("a:1", "edit", value)
    assert driver.state.seq == before
    await driver.answer("a:1", "edit", {"skill": "work", "n": 2})
    assert (await desk.engine.finished(driver.state.run_id)).status == "succeeded"


async def test_a_run_that_was_stopped_between_two_tries_is_interrupted(desk: Desk) -> None:
    desk.world.acts["a"] = failing(TRANSIENT)
    driver = await desk.start(chain(step("a", retry=RetryPolicy(2, "fixed", 60.0))))
    await until(lambda: driver.committed.steps["a"].retry_at is not None)
    driver.stop("closed")
    assert (await desk.engine.finished(driver.state.run_id)).status == "interrupted"
