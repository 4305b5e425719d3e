"""A run that nobody would look after any more is stopped, says why, and can be gone on with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import until
from tests.unit.flows.test_failures import for_ever
from workflows.bus import Committed
from workflows.journal.memory import MemoryStore, Shelf
from workflows.journal.port import PostedAnswer
from workflows.runs import events as e

FAULT = "a fault in the program: RuntimeError: torn"


class Torn(MemoryStore):
    """A store that fails as no store should, once `torn` names what of it does."""

    torn = ""

    async def mail(self) -> object:
        self._fail("mail")
        return await super().mail()

    async def answers(self, run_id: str) -> Sequence[PostedAnswer]:
        self._fail("answers")
        return await super().answers(run_id)

    def _fail(self, what: str) -> None:
        if self.torn == what:
            raise RuntimeError("torn")


async def test_a_run_whose_mail_cannot_be_looked_at_stops_its_step_and_says_why() -> None:
    store = Torn(shelf := Shelf())
    flow = Flow(store)
    flow.world.acts["long"] = for_ever
    told: list[e.Event] = []
    flow.bus.subscribe(
        lambda notice: told.extend(each.event for each in notice.events) if isinstance(notice, Committed) else None
    )
    driver = await flow.start(steps("- {id: long, type: do}"))
    await until(lambda: flow.done == ["long"])
    store.torn = "mail"
    await flow.clock.advance(1)
    state = await flow.finished(driver)
    assert (state.status, state.why) == ("interrupted", FAULT)
    assert told[-1] == e.RunInterrupted(FAULT), "whoever follows the run hears of it"

    again = Flow(MemoryStore(shelf), flow.world)
    flow.world.acts.clear()
    assert (await again.finished(await again.engine.resume(state.run_id))).status == "succeeded"


@pytest.mark.parametrize("torn", ["mail", "answers"])
async def test_a_run_that_waits_for_a_person_stops_too_because_nobody_would_hear_the_answer(torn: str) -> None:
    store = Torn(shelf := Shelf())
    flow, other = Flow(store), Flow(MemoryStore(shelf))
    driver = await flow.start(steps("- {id: ok, type: approval, show: Ship?}"))
    await flow.waiting(driver)
    store.torn = torn
    (entry,) = (inquiry.asked.entry for inquiry in driver.committed.open_inquiries)
    await other.store.post_answer(PostedAnswer(0, driver.state.run_id, entry, "approve", by="ada"))
    await flow.clock.advance(1)
    state = await flow.finished(driver)
    assert (state.status, state.why) == ("interrupted", FAULT)

    state = await other.finished(await other.engine.resume(state.run_id))
    assert state.status == "succeeded", "the answer was left, and is taken by who goes on"
