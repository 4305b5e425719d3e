"""An agent whose file is mended while its failed step waits: the next try takes the new one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.agents.test_permissions import asked, finished
from tests.support.troupe import Troupe


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    troupe = Troupe(tmp_path / "work", ["Mended."])
    yield troupe
    await troupe.close()


async def test_a_retry_takes_the_agent_that_was_just_mended(troupe: Troupe) -> None:
    broken = troupe.agent(model="demo/nobody")
    driver = await troupe.start(troupe.plan(), attended=True)
    (inquiry,) = await asked(troupe, driver)
    assert inquiry.asked.reason == "intervention"
    mended = troupe.agent()
    await driver.answer(inquiry.asked.entry, "retry", by="ada")
    state = await finished(troupe, driver)
    assert state.status == "succeeded"
    assert [attempt.digest for attempt in state.steps["ask"].attempts] == [broken.digest, mended.digest]


async def test_a_broken_edit_does_not_hinder_the_retry(troupe: Troupe) -> None:
    good = troupe.agent(model="demo/nobody")
    driver = await troupe.start(troupe.plan(), attended=True)
    (inquiry,) = await asked(troupe, driver)
    (troupe.folder / "helper.md").write_text("---\nname: helper\n---\nOops\n")
    (change,) = troupe.catalog.reload()
    assert (change.new, change.problems[0].line) == (good.digest, 2)
    troupe.tell("demo/nobody", ["There after all."])
    await driver.answer(inquiry.asked.entry, "retry", by="ada")
    state = await finished(troupe, driver)
    assert [attempt.digest for attempt in state.steps["ask"].attempts] == [good.digest, good.digest]


async def test_an_agent_that_changed_before_its_first_try_waits_for_a_word(troupe: Troupe) -> None:
    troupe.agent(prompt="One")
    plan = troupe.plan()
    new = troupe.agent(prompt="Two")
    driver = await troupe.start(plan, attended=True)
    (inquiry,) = await asked(troupe, driver)
    assert (inquiry.asked.reason, inquiry.asked.choices) == ("changed", ("use_new", "abort"))
    assert inquiry.asked.title == "agent:helper changed since this run began"
    await driver.answer(inquiry.asked.entry, "use_new", by="ada", digest=inquiry.asked.digest)
    state = await finished(troupe, driver)
    assert state.steps["ask"].output["text"] == "Mended."
    assert [attempt.digest for attempt in state.steps["ask"].attempts] == [new.digest]
