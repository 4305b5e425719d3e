"""Writing a workflow: found by words, drafted, looked at, edited, saved. By its keys."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.widgets import Input

from app.tui.screens.compose import ComposeScreen
from app.tui.screens.form import FormScreen
from app.tui.screens.workflows import WorkflowsScreen
from app.tui.widgets.rows import Rows
from tests.support.stage import House, lines_of, on_stage
from tests.support.workflow_files import TIDY, put_workflows


@asynccontextmanager
async def composing(tmp: Path, size: tuple[int, int] = (140, 40), **more: object) -> AsyncIterator[House]:
    """The screen for drafts in a trusted project with three workflows, one of them broken."""
    put_workflows(tmp / "project")
    async with on_stage(tmp, size, played=False, **more) as house:  # type: ignore[arg-type]  # passed on as it is
        house.desk.trust()
        await house.shows("trust this workspace?")
        await house.press("escape", "3")
        await house.until(lambda: isinstance(house.app.screen, ComposeScreen))
        await house.shows("backup-restore")
        yield house


def screen(house: House) -> ComposeScreen:
    assert isinstance(house.app.screen, ComposeScreen)
    return house.app.screen


async def drafted(house: House, words: str, key: str = "enter") -> None:
    """Say what is wanted, and draft from what comes first."""
    if not screen(house).query_one(Input).has_focus:
        await house.press("slash")
    await house.press(*words)
    await house.until(lambda: screen(house)._matches and screen(house)._matches[0].score)
    await house.press(key)
    await house.shows("draft 1 ·")


async def test_words_find_templates_and_say_that_it_is_search(tmp_path: Path) -> None:
    async with composing(tmp_path) as house:
        await house.shows("No model: drafted by word search, no AI.")
        await house.shows("Templates to begin with:")
        await house.shows("search, not AI")
        await house.shows("No draft yet.")
        await house.press(*"notes for developers")
        await house.shows("Templates matching your words:")
        await house.shows("has: notes, developers")
        assert "weekly" not in lines_of(house.app)  # it is broken
        await house.press("escape", *"xyzzy")
        await house.shows("None shares a word with that. All:")
        await house.press("escape")
        assert screen(house).query_one(Input).value == ""


async def test_a_draft_shows_its_plan_its_text_what_changed_and_what_it_needs(tmp_path: Path) -> None:
    async with composing(tmp_path, (140, 80)) as house:
        await drafted(house, "release notes for developers")
        await house.shows("From the template release-notes (built in)")
        await house.shows("audience = developers")
        await house.shows("○ publish")
        await house.press("right")
        await house.shows("10      - {name: audience, default: developers")
        await house.press("right")
        await house.shows("against the template release-notes:")
        await house.shows("+      - {name: audience, default: developers")
        await house.press("right")
        await house.shows("publish: writes · ‖ you are asked before")
        await house.shows("no model is asked, so it costs nothing")
        await house.shows("template-writer takes over")
        assert not house.services.engine.drivers


async def test_it_is_edited_in_place_with_its_problems_and_u_takes_back(tmp_path: Path) -> None:
    async with composing(tmp_path) as house:
        await drafted(house, "tidy", "f5")
        await house.press("e")
        await house.shows("✓ nothing is wrong with it")
        editor = screen(house).view.text.editor
        editor.text = TIDY.replace("steps.count", "steps.cuont")
        await house.shows("✗ line 5, column")
        await house.shows("did you mean 'count'?")
        await house.press("f8")
        assert editor.cursor_location[0] == 4
        await house.press("escape")
        await house.shows("draft 2 · tidy · ✗ 1 error")
        await house.press("r")
        await house.shows("there is no draft without errors")
        await house.press("right")
        await house.shows("against draft 1: 1 added, 1 gone")
        await house.press("u")
        await house.shows("draft 1 · tidy · ✓ ok")
        await house.press("e", "f5")
        assert screen(house).versions.count == 1  # nothing was changed


async def test_saving_names_the_file_and_replaces_nothing_unasked(tmp_path: Path) -> None:
    folder = tmp_path / "project/.understudy/workflows"
    async with composing(tmp_path) as house:
        await drafted(house, "tidy")
        await house.press("e")
        screen(house).view.text.editor.text = TIDY.replace("12", "13")
        await house.press("f5", "s")
        await house.shows("Saved as ~/project/.understudy/workflows/NAME.yaml")
        await house.press("enter")
        await house.shows("there is a file of this name")
        await house.shows("Replaced by the draft: 1 line added, 1 gone.")
        await house.press("enter")  # the harmless one
        assert (folder / "tidy.yaml").read_text() == TIDY
        await house.press("s", "enter", "n")
        house.app.screen.query_one(Input).value = "tidier"
        await house.press("enter")
        await house.shows("saved as tidier")
        assert "13" in (folder / "tidier.yaml").read_text()
        await house.press("s", "enter", "o")
        await house.until(lambda: "13" in (folder / "tidy.yaml").read_text())


async def test_what_is_wrong_is_saved_only_when_it_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "project/.understudy/workflows"
    async with composing(tmp_path) as house:
        await drafted(house, "tidy")
        await house.press("e")
        screen(house).view.text.editor.text = "name: Half\nsteps:"
        await house.press("f5")
        await house.shows("✗ 1 error")
        await house.press("s")
        await house.shows("it has 1 error")
        await house.press("escape")
        assert not (folder / "half.yaml").exists()
        await house.press("s", "w")
        house.app.screen.query_one(Input).value = "half"
        await house.press("enter")
        await house.until(lambda: (folder / "half.yaml").exists())


async def test_r_saves_and_goes_on_to_the_form(tmp_path: Path) -> None:
    async with composing(tmp_path, (80, 24)) as house:
        await drafted(house, "tidy")
        await house.press("z")
        assert screen(house).has_class("-zoom")
        await house.press("escape", "r")
        house.app.screen.query_one(Input).value = "swept"
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        await house.shows("Plan of Tidy")
        await house.press("q", "r")  # it is saved already
        await house.until(lambda: isinstance(house.app.screen, FormScreen))


async def test_what_is_saved_first_in_a_workspace_is_run_when_it_is_trusted(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        await house.press("3")
        await house.shows("backup-restore")
        await drafted(house, "release notes")
        await house.press("r", "enter")
        await house.shows("trust this workspace?")
        await house.press("t")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        await house.shows("ready: f5 starts it")


async def test_the_draft_is_there_when_one_comes_back_and_can_be_edited_elsewhere(tmp_path: Path) -> None:
    script = tmp_path / "edit.py"
    script.write_text("import sys\nopen(sys.argv[1], 'a').write('# seen\\n')\n")
    async with composing(tmp_path, environ={"EDITOR": f"{sys.executable} {script}"}) as house:
        await house.press("down", "2")
        await house.until(lambda: isinstance(house.app.screen, WorkflowsScreen) and house.app.screen.chosen)
        await house.press("c")
        await house.until(lambda: isinstance(house.app.screen, ComposeScreen))
        await house.shows("From the workflow release (project).")
        await house.press("E")
        await house.shows("draft 2 · release · ✓ ok")
        assert screen(house).versions.now.text.endswith("# seen\n")  # type: ignore[union-attr]  # there is one
        await house.press("1", "q")
        await house.shows("a draft that you edited is not saved")
        await house.press("escape", "3")
        await house.shows("draft 2 · release")
        await house.press("h", "left_square_bracket")
        row = next(at for at, text in enumerate(lines_of(house.app).split("\n")) if " tidy " in text)
        await house.pilot.click(offset=(4, row))
        await house.pilot.click(offset=(4, row))
        await house.shows("draft 3 · tidy")
        assert screen(house).query_one("#matches", Rows).key == "tidy"
