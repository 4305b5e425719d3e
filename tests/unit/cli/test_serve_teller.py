"""What a server says while it runs."""

from __future__ import annotations

import asyncio

import pytest

from app.cli.output import Output
from app.cli.serve import Teller
from tests.support.flows import Flow, steps


async def test_it_says_that_a_run_waits_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    flow = Flow()
    flow.bus.subscribe(Teller(False, Output(plain=True)).hear)
    driver = await flow.start(steps("- {id: a, type: approval, show: 'Ship\\x1b[2J it?'}"))
    await flow.waiting(driver)
    await asyncio.sleep(0)
    said = capsys.readouterr().err
    assert f"run {driver.state.run_id} waits for a person: Ship" in said
    assert "\x1b" not in said
    driver.cancel()
    await flow.finished(driver)
