"""From a failed run to a change of its workflow: the key on its screen and in history, the diff, and saving it."""

from __future__ import annotations

from pathlib import Path

from app.tui.screens.compose import ComposeScreen
from app.tui.screens.history import HistoryScreen
from app.tui.screens.run import RunScreen
from tests.support.stage import House, on_stage

READS = """\
# What it reads is not there.
name: Reads
steps:
  - {id: ask, type: agent, agent: writer, input: Hello}  # nobody answers
"""

GOOD = "name: Good\nsteps: [{id: a, type: transform, value: 1}]\n"


async def failed(house: House) -> str:
    """A run that failed, since no model is set for who should answer."""
    house.add("reads", READS)
    house.desk.trust()
    driver = await house.desk.start(house.desk.propose(house.desk.load("reads"), {}), attended=False)
    await house.until(lambda: driver.committed.over)
    assert driver.committed.status == "failed"
    return driver.committed.run_id


async def test_a_failed_run_leads_to_a_change_that_a_person_saves(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (140, 40), {}, played=False) as house:
        run = await failed(house)
        path = house.services.paths.workspace / "workflows" / "reads.yaml"
        await house.app.open_run(run)
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        await house.shows("F fix")
        await house.press("F")
        await house.until(lambda: isinstance(house.app.screen, ComposeScreen))
        await house.shows("[plain-writer]}  # nobody")
        await house.shows("Nothing is written yet: s saves it as reads")
        assert path.read_text() == READS
        await house.press("s")
        await house.shows("save the draft")
        await house.press("enter")
        await house.shows("there is a file of this name")
        await house.press("o")
        await house.until(lambda: path.read_text() != READS)
        assert "# nobody answers" in path.read_text()


async def test_history_leads_there_and_says_why_not_where_nothing_failed(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (140, 40), {}, played=False) as house:
        await failed(house)
        await house.press("5")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        await house.shows("F fix")
        await house.press("F")
        await house.shows("[plain-writer]}  # nobody")
        await house.press("q")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        house.add("good", GOOD)
        driver = await house.desk.start(house.desk.propose(house.desk.load("good"), {}), attended=False)
        await house.until(lambda: driver.committed.over)
        await house.shows("Good")
        await house.press("home", "F")
        await house.shows("fix: no run here that failed")
