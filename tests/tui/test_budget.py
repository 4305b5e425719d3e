"""A call that the budget has no room for, on the screen: what it shows, and each way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.modals.entry import Entry
from tests.support.scripts import done
from tests.support.stage import House, lines_of, on_stage
from workflows.effects import Usage
from workflows.engine.driver import Driver

COSTS = """
name: Costs
budget: {usd: 0.5}
steps:
  - {id: first, type: paid}
  - {id: second, type: paid}
"""


async def asked(house: House) -> Driver:
    """The second call does not fit beside what the first one cost."""
    driver = await house.perform(COSTS)
    house.cast["first"].end({}, Usage("openai/dear", 500, 900, cost_usd=0.25))
    await house.shows("over budget")
    await house.wait(1)
    return driver


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_what_was_spent_and_every_choice_are_there(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await asked(house)
        shown = lines_of(house.app)
        assert "$0.25 of $0.50" in shown.split("\n")[0], "the header"
        assert "A call of openai/dear may cost $0.30" in shown
        for key, label in {"m": "more money", "$": "this once", "s": "skip", "x": "abort"}.items():
            assert f" {key}  {label}" in shown
        assert "price" not in shown


async def test_the_limit_is_raised_by_what_is_typed_in(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house)
        await house.press("m")
        await house.until(lambda: isinstance(house.app.screen, Entry))
        await house.shows("The new limit in US dollars, 0.55 at least")
        await house.press(*"0.4", "enter")
        await house.shows("0.4 is less than")
        assert driver.committed.open_inquiries
        await house.press("backspace", "8", "enter")
        house.cast["second"].end({}, Usage("openai/dear", 500, 900, cost_usd=0.25))
        await done(house, driver, "second")
        await house.shows("$0.50 of $0.80")


async def test_one_call_passes(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await asked(house)
        await house.press("dollar_sign")
        house.cast["second"].end({}, Usage("openai/dear", 500, 900, cost_usd=0.25))
        await done(house, driver, "second")
        purse = driver.committed.purses[""]
        assert (purse.limit, purse.passed) == (0.5, {}), "for that call only"
