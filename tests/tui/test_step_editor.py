"""A step's input is edited as data or as the text it is, for this run or for the workflow's file too."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import TextArea

from app.tui.modals.choices import Choices
from app.tui.modals.step_editor import StepEditor
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage
from workflows.engine.driver import Driver

FOLDER = Path(__file__).parent / "snapshots"

ASKS = """\
name: Play
# Why it is so is said here.
steps:
  - {id: find, type: play}
  - id: ask
    type: agent
    agent: writer
    given: {more: "${{ steps.find.output.n }}", path: docs}  # what it is about
  - {id: last, type: play}
"""


async def editing(house: House, text: str = ASKS, *, file: bool = True) -> tuple[Driver, StepEditor]:
    """A step of a workflow's file failed, and its input is open."""
    if file:
        house.add("play", text)
    driver = await house.perform(text)
    house.cast["find"].end({"n": 3})
    house.cast["ask"].fail("exit 1")
    await house.until(lambda: driver.committed.open_inquiries)
    await house.shows("e  edit & retry")
    await house.wait(1)
    await house.press("e")
    await house.until(lambda: isinstance(house.app.screen, StepEditor))
    screen = house.app.screen
    assert isinstance(screen, StepEditor)
    return driver, screen


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_it_says_where_it_will_count_and_how_to_go_on(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        driver, _ = await editing(house)
        run = driver.state.run_id
        assert_snapshot(lines_of(house.app), FOLDER / f"run-editing-{size[0]}x{size[1]}.txt", {run: "7f3a9c2e"})
        driver.cancel()


async def test_without_being_told_the_file_stays_as_it_is(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver, screen = await editing(house)
        screen.query_one(TextArea).load_text('{"agent": "writer", "given": {"more": 3, "path": "guide"}}')
        await house.press("f5")
        await house.until(lambda: len(driver.committed.steps["ask"].attempts) == 2)
        assert (house.services.paths.workspace / "workflows" / "play.yaml").read_text() == ASKS
        driver.cancel()


async def test_what_is_also_for_the_file_is_shown_and_written_on_a_yes(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver, screen = await editing(house)
        await house.press("f4")
        await house.shows("and play.yaml from now on")
        screen.query_one(TextArea).load_text('{"agent": "writer", "given": {"more": 3, "path": "guide"}}')
        await house.press("f5")
        await house.until(lambda: len(driver.committed.steps["ask"].attempts) == 2)
        await house.until(lambda: isinstance(house.app.screen, Choices))
        path = house.services.paths.workspace / "workflows" / "play.yaml"
        assert path.read_text() == ASKS
        await house.shows("+    given:")
        await house.press("enter")
        assert path.read_text() == ASKS
        driver.cancel()


async def test_only_what_changed_is_written_and_the_rest_keeps_its_expressions_and_comments(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver, screen = await editing(house)
        await house.press("f4")
        screen.query_one(TextArea).load_text('{"agent": "writer", "given": {"more": 3, "path": "guide"}}')
        await house.press("f5")
        await house.until(lambda: isinstance(house.app.screen, Choices))
        await house.press("w")
        path = house.services.paths.workspace / "workflows" / "play.yaml"
        await house.until(lambda: path.read_text() != ASKS)
        assert path.read_text() == ASKS.replace("path: docs", "path: guide")
        driver.cancel()


async def test_where_there_is_no_file_of_ones_own_it_says_why(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver, screen = await editing(house, file=False)
        await house.shows("for this run only · the file: ")
        await house.press("f4")
        assert not screen.also
        driver.cancel()


async def test_a_text_is_edited_as_it_is_read(tmp_path: Path) -> None:
    text = ASKS.replace('{more: "${{ steps.find.output.n }}", path: docs}  # what it is about', "x").replace(
        "given: x", "given: |\n      first\n      second"
    )
    async with on_stage(tmp_path) as house:
        driver, screen = await editing(house, text)
        assert "first\\nsecond" in screen.query_one(TextArea).text
        await house.press("f3")
        await house.until(lambda: screen.query_one(TextArea).text == "first\nsecond\n")
        screen.query_one(TextArea).load_text('third\n"quoted"\n')
        await house.press("f3")
        await house.until(lambda: '"third\\n\\"quoted\\"\\n"' in screen.query_one(TextArea).text)
        await house.press("f3")
        await house.press("f5")
        await house.until(lambda: len(driver.committed.steps["ask"].attempts) == 2)
        assert driver.committed.steps["ask"].input["given"] == 'third\n"quoted"\n'
        driver.cancel()


async def test_what_does_not_read_as_data_keeps_its_tab(tmp_path: Path) -> None:
    text = ASKS.replace('{more: "${{ steps.find.output.n }}", path: docs}  # what it is about', '"a\\nb"')
    async with on_stage(tmp_path) as house:
        driver, screen = await editing(house, text)
        screen.query_one(TextArea).load_text('{"given": ')
        await house.press("f3")
        await house.shows("it is not JSON")
        assert screen.query_one(TextArea).text == '{"given": '
        driver.cancel()


TALKS = 'name: Play\nsteps: [{id: talk, type: agent, agent: talker, input: "Say hi.\\nThen go."}]\n'
TALKER = """\
---
name: talker
description: Talks
model: demo/scripted
script: [{fail: {kind: authentication, message: no key}}]
---
"""


async def test_of_an_agent_the_prompt_and_the_model_have_tabs(tmp_path: Path) -> None:
    agents = tmp_path / "project" / ".understudy" / "agents"
    agents.mkdir(parents=True)
    (agents / "talker.md").write_text(TALKER)
    async with on_stage(tmp_path, played=False) as house:
        house.desk.trust()
        house.add("play", TALKS)
        driver = await house.perform(TALKS)
        await house.until(lambda: driver.committed.open_inquiries)
        await house.shows("e  edit & retry")
        await house.wait(1)
        await house.press("e")
        await house.until(lambda: isinstance(house.app.screen, StepEditor))
        area = house.app.screen.query_one(TextArea)
        await house.press("f3")
        await house.until(lambda: area.text == "Say hi.\nThen go.")
        await house.press("f3")
        await house.shows("empty: the one that its agent names")
        area.load_text("nobody/such-model\n")
        await house.press("f5")
        await house.until(lambda: len(driver.committed.steps["talk"].attempts) == 2)
        given = driver.committed.steps["talk"].input
        assert (given["input"], given["model"]) == ("Say hi.\nThen go.", "nobody/such-model")
        await house.until(lambda: driver.committed.open_inquiries)
        assert "nobody/such-model" in driver.committed.open_inquiries[0].asked.title
        driver.cancel()
