"""What lists say of runs besides their state: where one was interrupted, and that its folder is gone."""

from __future__ import annotations

from pathlib import Path

from app.present.remarks import stopped_at
from app.tui.screens.history import HistoryScreen
from tests.support.plans import chain, parallel, step
from tests.support.scripts import streaming
from tests.support.stage import House, lines_of, on_stage


async def interrupted(house: House, *ids: str) -> str:
    """A run whose first steps were at work when the program ended."""
    driver = await house.start(parallel(*(step(id_, "play") for id_ in ids)), workflow="night")
    await house.until(lambda: len(house.cast.inputs) == len(ids))
    driver.stop("the program was closed")
    await house.until(lambda: driver.state.run_id not in house.services.engine.drivers)
    return driver.state.run_id


async def test_a_run_that_was_interrupted_says_at_which_step(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        run = await interrupted(house, "fetch")
        await house.shows("! interrupted")
        await house.shows("at step fetch")
        await house.press("5")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        await house.shows("at step fetch")
        assert await house.app.remarks.of([await house.desk.summary(run)]) == {run: "at step fetch"}


async def test_of_several_steps_the_first_is_named_and_the_others_are_counted(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        run = await interrupted(house, "fetch", "read", "write")
        assert stopped_at(await house.desk.state(run)) == "at step fetch and 2 more"


async def test_a_step_that_is_at_work_is_where_it_would_be_interrupted(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        assert stopped_at(driver.committed) == "at step notes"


async def test_a_folder_that_is_gone_is_told_of_by_its_runs_and_by_the_first_screen(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    async with on_stage(tmp_path, (80, 24)) as house:
        for root in (elsewhere, tmp_path / "project"):
            driver = await house.start(chain(step("one", "play")), workflow="night", root=root)
            house.cast["one"].end(1)
            await house.until(lambda driver=driver: driver.committed.over)
        await house.shows("✓ done")
        elsewhere.rmdir()
        await house.wait()
        await house.shows("its folder is gone")
        assert lines_of(house.app).count("gone") == 1
        (tmp_path / "project").rmdir()
        await house.wait()
        await house.shows("! ~/project is gone: nothing can be read or run in it.")
        assert lines_of(house.app).count("its folder is gone") == 2
        (tmp_path / "project").mkdir()
        await house.wait()
        await house.until(lambda: "nothing can be read" not in lines_of(house.app))
