"""A run that nobody drives any more: the screen says where it stands, and goes on only when told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scripts import streaming
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage
from workflows.engine.driver import Driver

FOLDER = Path(__file__).parent / "snapshots"


async def interrupted(house: House) -> Driver:
    """An agent was at work when whoever ran it went."""
    driver = await streaming(house)
    driver.stop("The program was closed")
    await house.until(lambda: driver.state.run_id not in house.services.engine.drivers)
    await house.wait(1)
    await house.shows("! interrupted")
    return driver


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_it_says_at_which_step_and_what_that_means(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        driver = await interrupted(house)
        await house.press("g", "g", "home")
        await house.shows("whoever ran it is gone")
        await house.shows("━╺")  # the line below the open tab
        run = driver.state.run_id
        assert_snapshot(lines_of(house.app), FOLDER / f"run-interrupted-{size[0]}x{size[1]}.txt", {run: "7f3a9c2e"})


async def test_it_goes_on_from_there_when_told_and_not_before(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await interrupted(house)
        assert "at step notes" in lines_of(house.app).split("\n")[0]
        await house.wait(60)
        assert not house.services.engine.drivers
        await house.press("space")
        await house.until(lambda: driver.state.run_id in house.services.engine.drivers)
        again = house.services.engine.drivers[driver.state.run_id]
        house.cast["notes"].end({"text": "Written."})
        await house.until(lambda: again.committed.steps["notes"].over)
        assert [step for step, _ in house.cast.inputs] == ["log", "tests", "notes", "notes"]
        assert "at step" not in lines_of(house.app).split("\n")[0]
        again.cancel()
