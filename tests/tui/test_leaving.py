"""Leaving with runs under way: each way says what it means, and does that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scripts import at_gate, streaming
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage
from workflows.engine.driver import Driver

FOLDER = Path(__file__).parent / "snapshots"


async def leaving(house: House) -> Driver:
    """An agent is at work, and somebody wants to go."""
    driver = await streaming(house)
    await house.press("1")
    await house.press("q")
    await house.shows("1 run under way")
    return driver


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_it_says_what_is_under_way_and_what_each_way_means(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.container.BUILT_IN_WORKFLOWS", tmp_path / "none")
    async with on_stage(tmp_path, size) as house:
        driver = await leaving(house)
        run = driver.state.run_id
        assert_snapshot(lines_of(house.app), FOLDER / f"leaving-{size[0]}x{size[1]}.txt", {run: "7f3a9c2e"})
        driver.cancel()


async def test_keeping_them_running_names_the_runs_for_a_process_of_their_own(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await leaving(house)
        await house.pilot.press("b")
        await house.until(lambda: house.app.return_value == 0)
        assert house.app.kept_running == (driver.state.run_id,)


async def test_pausing_waits_for_what_is_at_work_and_starts_nothing_new(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await leaving(house)
        await house.press("p")
        await house.shows("leaving when what is at work is done")
        await house.wait(5)
        assert house.app.return_value is None
        house.cast["notes"].end({"text": "Written."})
        await house.until(lambda: driver.committed.steps["notes"].over)
        await house.clock.advance(1)
        await house.until(lambda: house.app.return_value == 0)
        assert driver.committed.steps["publish"].status == "pending"


async def test_who_stays_after_all_has_the_runs_go_on(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await leaving(house)
        await house.press("p")
        await house.until(lambda: driver.committed.paused)
        await house.shows("leaving when")
        await house.press("escape")
        await house.until(lambda: not driver.committed.paused)
        await house.wait(2)
        assert house.app.return_value is None
        driver.cancel()


async def test_where_nothing_is_at_work_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.press("1")
        await house.press("q")
        await house.shows("nothing is at work")
        await house.press("p")
        assert not driver.committed.paused
        await house.pilot.press("s")
        await house.until(lambda: house.app.return_value == 0)
        assert not house.app.kept_running
