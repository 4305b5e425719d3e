"""Beginning a new run at the step on view: what it means is said first, and the new run is shown."""

from __future__ import annotations

from pathlib import Path

from app.tui.screens.run import RunScreen
from app.tui.widgets.rail import THE_RUN
from tests.support.plans import chain, step
from tests.support.stage import House, lines_of, on_stage
from workflows.effects import Usage
from workflows.journal.port import Query
from workflows.runs.state import RunState


async def finished(house: House) -> str:
    plan = chain(step("first", "play"), step("second", "unsafe"), step("third", "play"))
    driver = await house.start(plan)
    house.cast["first"].end("one", Usage("openai/some-model", 10, 10, 0, 0.25))
    house.cast["second"].end("two")
    house.cast["third"].end("three")
    await house.app.open_run(driver.state.run_id)
    await house.until(lambda: driver.committed.over)
    await house.wait()
    return driver.state.run_id


async def test_what_it_means_is_said_before_and_nothing_begins_without_a_key(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        run = await finished(house)
        bar = lines_of(house.app).rstrip().splitlines()[-1]
        assert "B begin again" in bar
        assert "pause" not in bar
        assert "abort" not in bar
        screen = house.app.screen
        assert isinstance(screen, RunScreen)
        screen.look_at("second")
        await house.press("B")
        await house.shows("begin a new run?")
        shown = lines_of(house.app)
        assert f"Reuses 1 step of run {run} ($0.25 not paid again); does 2 again." in shown
        assert "is done once more: second" in shown
        await house.press("enter")  # the cursor is on what changes nothing
        await house.until(lambda: house.app.screen is screen)
        assert len(await house.desk.runs(Query())) == 1

        await house.press("B")
        await house.shows("begin a new run?")
        await house.press("B")
        await house.until(lambda: isinstance(house.app.screen, RunScreen) and house.app.screen.run != run)
        house.cast["second"].end("2")
        house.cast["third"].end("3")
        await house.until(lambda: state_of(house).over)
        assert [each.output for each in state_of(house).steps.values()] == ["one", "2", "3"]
        await house.shows(f"run {run} again from second: 1 step reused")
        house.app.screen.look_at("first")
        await house.shows(f"Reused from run {run}")


async def test_at_the_line_of_the_run_all_of_it_is_done_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await finished(house)
        house.app.screen.view.show(THE_RUN)
        await house.press("B")
        await house.shows("begin at the beginning")
        assert "Does 3 steps again ($0.25 was paid for that)." in lines_of(house.app)


def state_of(house: House) -> RunState:
    state: RunState = house.app.screen.state
    return state
