"""The graph of a run on its screen: moved through, opened from, closed; and the way to the run from anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.tui.screens.history import HistoryScreen
from app.tui.screens.home import HomeScreen
from app.tui.screens.run import RunScreen
from app.tui.widgets.graph import Graph
from app.tui.widgets.rows import Rows
from tests.support.plans import parallel, step
from tests.support.scripts import at_gate, graph, look_from_the_top
from tests.support.stage import House, lines_of, on_stage


def seen(house: House) -> str:
    screen = house.app.screen
    assert isinstance(screen, RunScreen)
    return screen.view.key


async def test_the_graph_is_moved_through_and_enter_goes_to_the_step(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        driver = await graph(house)
        assert house.app.screen.query_one(Graph).has_focus
        way = {"l": "summarize", "up": "classify", "k": "dedupe", "home": "trigger", "h": "trigger", "G": "post_reply"}
        for key, there in way.items():
            await house.press(key)
            await house.until(lambda there=there: seen(house) == there, there)
        # What waits stays on view all the time, and its keys do what they say.
        assert "r  retry" in lines_of(house.app)
        await house.press("enter")
        await house.shows("╭─ steps")
        assert seen(house) == "post_reply"
        assert house.app.screen.query_one("#rail", Rows).key == "post_reply"
        await house.press("g")
        await house.shows("╭─ graph")
        await house.press("escape")
        await house.shows("╭─ steps")
        driver.cancel()


async def test_g_twice_goes_to_the_top_as_elsewhere(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await at_gate(house)
        look_from_the_top(house, "publish")
        await house.press("g", "g")
        assert not house.app.screen.has_class("-graph")
        await house.until(lambda: seen(house) == "*")


async def test_sixty_steps_fit_eighty_columns(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        parts = [step(f"part_{n}", "play") for n in range(59)]
        plan = replace(parallel(*parts, step("join", "play", after=tuple(each.id for each in parts))), title="Wide")
        driver = await house.start(plan)
        await house.app.open_run(driver.state.run_id)
        await house.press("g")
        await house.shows("● part_6")
        await house.press("G")
        await house.shows("▐○ join")
        await house.shows("after part_0")
        driver.cancel()


async def test_four_goes_to_the_run_looked_at_last_or_the_newest(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await house.press("4")
        await house.shows("No run yet")
        first = await house.start(parallel(step("one", "play")))
        second = await house.start(parallel(step("two", "play")))
        await house.press("4")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        assert house.app.screen.run == second.state.run_id
        await house.app.open_run(first.state.run_id)
        await house.press("5")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        await house.press("4")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        assert house.app.screen.run == first.state.run_id
        await house.press("1")
        await house.until(lambda: isinstance(house.app.screen, HomeScreen))
        await house.press("4")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        assert house.app.screen.run == first.state.run_id
        first.cancel()
        second.cancel()


async def test_what_waits_no_longer_is_closed_with_a_word(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await driver.answer("publish:1", "deny", by="grace")
        await house.shows("publish: grace answered: deny")
        assert "approval · publish" not in lines_of(house.app)


async def test_the_menu_says_why_nothing_can_be_done_about_a_failure(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.start(parallel(step("one", "play")))
        await house.app.open_run(driver.state.run_id)
        await house.shows("● running")
        await house.press("i")
        await house.shows("no failed step waits")
        driver.cancel()
