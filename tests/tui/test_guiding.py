"""What leads a person on: where the focus is first, how many notices there are, what stands still."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from textual.widgets._toast import Toast

from app.present.status import step_badge
from app.tui.screens.form import FormScreen
from app.tui.widgets.rows import Rows
from tests.support.scripts import streaming
from tests.support.stage import lines_of, on_stage


async def test_where_there_are_no_runs_enter_opens_a_workflow(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        await house.until(lambda: isinstance(house.app.focused, Rows) and house.app.focused.id == "workflows")
        await house.shows("enter open")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))


async def test_files_that_change_together_are_told_of_together(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        for place in range(5):
            house.app._tell_reload(f"found skill{place} (v1)", place == 4)
        await house.shows("and 2 more: 6, then the tab Reloads")
        shown = lines_of(house.app)
        assert shown.index("skill4") < shown.index("skill0")  # what is broken comes first
        assert len(house.app.screen.query(Toast)) == 1


async def test_notices_never_fill_the_screen(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        for place in range(7):
            house.app.tell(f"this happened: {place}")
            house.app.tell(f"this happened: {place}")
        await house.shows("this happened: 6")
        await house.until(lambda: 0 < len(house.app.screen.query(Toast)) <= 3)


async def test_no_step_of_an_interrupted_run_is_shown_as_running(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        state = driver.committed
        running = [step.id for step in state.steps.values() if step.status == "running"]
        assert running
        gone = replace(state, status="interrupted")  # as the desk tells it where nobody drives the run
        assert {step_badge(gone, step).word for step in running} == {"interrupted"}


async def test_what_is_wrong_with_a_workflow_that_can_be_read_is_said_above_its_graph(tmp_path: Path) -> None:
    folder = tmp_path / "project" / ".understudy" / "workflows"
    folder.mkdir(parents=True)
    step = "{id: write, type: skill, skill: file.write, parameters: {path: a.md}}"
    (folder / "notes.yaml").write_text(f"workflow:\n  name: Notes\n  description: Write it\n  steps:\n    - {step}\n")
    async with on_stage(tmp_path, (80, 24), played=False) as house:
        house.desk.trust()
        await house.press("escape", "2")
        await house.until(lambda: house.app.screen.query("#graph, GraphPane"))
        await house.shows("✗ line 5: the skill 'file.write' needs the parameter 'text'")
