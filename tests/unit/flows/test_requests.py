"""What other processes ask of a run: its owner takes it, once; without an owner it is done directly."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import until
from tests.unit.flows.test_failures import for_ever
from workflows.engine.driver import Driver
from workflows.errors import UnderstudyError
from workflows.journal.memory import MemoryStore, Shelf
from workflows.journal.port import NotWaiting, PostedAnswer, Query, Request, RequestKind, RunOwned

TWO = "name: T\nsteps: [{id: long, type: do}, {id: next, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}"


class Two:
    """A flow, and another process at the same journal."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.flow = Flow(MemoryStore(self.shelf))
        self.other = Flow(MemoryStore(self.shelf), self.flow.world)

    async def begin(self) -> Driver:
        self.flow.world.acts["long"] = for_ever
        driver = await self.flow.start(TWO)
        await until(lambda: "long" in self.flow.done)
        return driver

    async def ask(self, driver: Driver, what: RequestKind, why: str = "because") -> None:
        """Ask from the other process, and wait until the owner has taken it."""
        posted = await self.other.store.post_request(Request(0, driver.state.run_id, what, why, "ada"))
        await self.flow.clock.advance(1)
        await until(lambda: driver.committed.requested == posted.id)

    async def end(self) -> None:
        """The end of the owner's process, which closes nothing."""
        await self.flow.store.close()


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    found = Two()
    yield found
    for flow in (found.flow, found.other):
        await flow.engine.close()


async def test_an_owner_pauses_and_goes_on_when_asked_and_asking_twice_changes_nothing(two: Two) -> None:
    driver = await two.begin()
    await two.ask(driver, "pause", "lunch")
    assert (driver.committed.status, driver.committed.why) == ("paused", "lunch")
    before = driver.committed.seq
    await two.ask(driver, "pause")
    assert driver.committed.seq == before + 1, "only that it was asked"
    await two.ask(driver, "continue")
    assert driver.committed.status == "running"


async def test_a_cancel_is_taken_and_what_finishes_is_done(two: Two) -> None:
    driver = await two.begin()
    await two.other.store.post_request(Request(0, driver.state.run_id, "cancel"))
    await two.other.store.post_request(Request(0, driver.state.run_id, "cancel"))
    await two.flow.clock.advance(1)
    state = await two.flow.finished(driver)
    assert (state.status, two.flow.done) == ("cancelled", ["long", "tidy"])


async def test_ending_at_once_leaves_out_what_finishes(two: Two) -> None:
    driver = await two.begin()
    await two.other.store.post_request(Request(0, driver.state.run_id, "cancel_now"))
    await two.flow.clock.advance(1)
    state = await two.flow.finished(driver)
    assert (state.status, two.flow.done) == ("cancelled", ["long"])


async def test_a_cancel_that_a_dead_owner_never_saw_counts_for_the_next_and_a_pause_does_not(two: Two) -> None:
    driver = await two.begin()
    run = driver.state.run_id
    await two.end()
    await two.other.store.post_request(Request(0, run, "pause"))
    two.flow.world.acts.clear()
    resumed = await two.other.engine.resume(run)
    state = await two.other.finished(resumed)
    assert (state.status, state.requested) == ("succeeded", 1)


async def test_a_cancel_waits_for_whoever_resumes(two: Two) -> None:
    driver = await two.begin()
    run = driver.state.run_id
    await two.end()
    await two.other.store.post_request(Request(0, run, "cancel"))
    state = await two.other.finished(await two.other.engine.resume(run))
    assert (state.status, two.flow.done) == ("cancelled", ["long", "tidy"])


async def test_a_run_that_nobody_owns_is_paused_directly_and_its_open_work_closed(two: Two) -> None:
    driver = await two.begin()
    run = driver.state.run_id
    with pytest.raises(RunOwned):
        await two.other.engine.pause(run)
    await two.end()
    for _ in range(2):
        await two.other.engine.pause(run, "lunch")
    (summary,) = await two.other.store.runs(Query())
    assert (summary.status, summary.owner) == ("paused", "")
    two.flow.world.acts.clear()
    state = await two.other.finished(await two.other.engine.resume(run))
    assert state.status == "succeeded"


async def test_of_answers_from_two_processes_the_first_counts_and_the_other_is_told(two: Two) -> None:
    driver = await two.flow.start(steps("- {id: which, type: question, ask: Which?}"))
    await two.flow.waiting(driver)
    run, entry = driver.state.run_id, driver.state.open_inquiries[0].asked.entry
    await two.other.store.post_answer(PostedAnswer(0, run, entry, "answer", "left", by="bob"))
    with pytest.raises(NotWaiting, match="It was answered already: answer by bob"):
        await driver.answer(entry, "answer", "right", by="ada")
    await two.flow.clock.advance(1)
    state = await two.flow.finished(driver)
    assert state.steps["which"].output == "left"


async def test_an_answer_at_the_last_moment_counts_before_the_default(two: Two) -> None:
    text = "- {id: which, type: question, ask: Which?, timeout: 10, default: none}"
    driver = await two.flow.start(steps(text))
    await two.flow.waiting(driver)
    run, entry = driver.state.run_id, driver.state.open_inquiries[0].asked.entry
    await two.flow.clock.advance(9.9)
    await two.other.store.post_answer(PostedAnswer(0, run, entry, "answer", "late", by="bob"))
    await two.flow.clock.advance(0.6)
    state = await two.flow.finished(driver)
    assert (state.steps["which"].output, state.inquiries[entry].answer.by) == ("late", "bob")


async def test_what_is_over_is_not_paused_and_stays_without_an_owner() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: a, type: do}"))
    await flow.finished(driver)
    for way in (flow.engine.pause, flow.engine.resume):
        with pytest.raises(UnderstudyError, match="is over: it succeeded"):
            await way(driver.state.run_id)
    assert (await flow.store.runs(Query()))[0].owner == ""
