"""A person does not want to wait: for the time of the next try, or for a try that shows no sign of life."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.flows import Flow
from tests.support.plans import Deed, until
from tests.unit.flows.test_failures import failing
from workflows.engine.driver import Driver
from workflows.journal.port import Request
from workflows.runs import events as e

SLOW = "name: S\nsteps: [{id: slow, type: do, retry: {max_attempts: 3, delay: 1h, backoff: fixed}}]"


def hanging(times: int = 1, then: Any = "done") -> Any:
    left = [times]

    async def act(deed: Deed) -> Any:
        if left[0]:
            left[0] -= 1
            await asyncio.Event().wait()
        return then

    return act


def hurry(driver: Driver, step: str = "slow", by: str = "ada") -> None:
    driver.obey(Request(0, driver.state.run_id, "hurry", step, by))


async def test_the_next_try_is_made_now_and_not_when_its_time_comes() -> None:
    flow = Flow()
    flow.world.acts["slow"] = failing(1, "transient")
    driver = await flow.start(SLOW)
    await until(lambda: driver.committed.steps["slow"].retry_at is not None)
    before = flow.clock.now()
    hurry(driver)
    state = await flow.finished(driver)
    assert (state.status, flow.clock.now()) == ("succeeded", before)
    assert [attempt.status for attempt in state.steps["slow"].attempts] == ["failed", "succeeded"]
    told = [each.event for each in await flow.store.read(state.run_id)]
    assert e.RequestTaken(0, "hurry", "ada") in told
    assert any(isinstance(event, e.RetryScheduled) and "ada did not want to wait" in event.why for event in told)


async def test_a_try_that_shows_no_sign_of_life_is_begun_anew_and_counts_as_none() -> None:
    flow = Flow()
    flow.world.acts["slow"] = hanging()
    driver = await flow.start(SLOW)
    await until(lambda: flow.done == ["slow"])
    hurry(driver)
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    first, second = state.steps["slow"].attempts
    assert (first.status, first.counts, second.status) == ("cancelled", False, "succeeded")
    assert first.failure is not None
    assert first.failure.message == "ada had it begun anew"
    assert flow.done == ["slow", "slow"]


async def test_an_unsafe_call_that_was_cut_off_is_asked_about_and_not_made_again() -> None:
    flow = Flow()
    flow.world.acts["slow"] = hanging()
    driver = await flow.start(SLOW.replace("type: do", "type: unsafe"))
    await until(lambda: flow.done == ["slow"])
    hurry(driver)
    await until(lambda: bool(driver.committed.open_inquiries))
    assert driver.committed.open_inquiries[0].asked.reason == "unknown"
    assert flow.done == ["slow"]
    driver.cancel()
    await flow.finished(driver)


@pytest.mark.parametrize("step", ["slow", "gone", "each"])
async def test_what_waits_for_a_person_or_holds_others_or_is_not_there_is_left_alone(step: str) -> None:
    flow = Flow()
    flow.world.acts["slow"] = failing(1)
    text = "name: S\nsteps: [{id: slow, type: do, on_failure: ask}, {id: each, type: do, foreach: {in: [1]}}]"
    driver = await flow.start(text)
    await until(lambda: bool(driver.committed.open_inquiries))
    hurry(driver, step)
    await driver.answer("slow:1", "skip")
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("succeeded", ["slow", "each[0]"])


async def test_it_counts_once() -> None:
    flow = Flow()
    flow.world.acts["slow"] = failing(2, "transient")
    driver = await flow.start(SLOW)
    await until(lambda: driver.committed.steps["slow"].retry_at is not None)
    hurry(driver)
    hurry(driver)
    await until(lambda: flow.done == ["slow", "slow"] and driver.committed.steps["slow"].retry_at is not None)
    hurry(driver)
    assert (await flow.finished(driver)).status == "succeeded"
