"""The list of workflows and the preview of one, by its keys."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.widgets import Input

from app.publishing import Publishing, published_words
from app.tui.background import in_background
from app.tui.modals.frame import Modal
from app.tui.screens.form import FormScreen
from app.tui.screens.run import RunScreen
from app.tui.screens.workflows import WorkflowsScreen
from app.tui.widgets.listing import Listing
from app.tui.widgets.rows import Rows
from tests.support.stage import House, lines_of, on_stage
from tests.support.workflow_files import BROKEN, TIDY, put_workflows


@asynccontextmanager
async def listed(
    tmp: Path, size: tuple[int, int] = (140, 40), *, trusted: bool = True, **more: object
) -> AsyncIterator[House]:
    """The screen with three workflows of a project, one of them broken, and the cursor on the first."""
    put_workflows(tmp / "project")
    async with on_stage(tmp, size, played=False, **more) as house:  # type: ignore[arg-type]  # passed on as it is
        await house.until(lambda: isinstance(house.app.screen, Modal))
        await house.press("t" if trusted else "escape")
        await house.press("2")
        await house.until(lambda: isinstance(house.app.screen, WorkflowsScreen) and house.app.screen.chosen)
        yield house


def screen(house: House) -> WorkflowsScreen:
    assert isinstance(house.app.screen, WorkflowsScreen)
    return house.app.screen


async def go_to(house: House, stem: str) -> None:
    """Move the cursor to a workflow."""
    for _ in house.app.workflows:
        chosen = screen(house).chosen
        if chosen is not None and chosen.stem == stem:
            return
        await house.press("j")
    raise AssertionError(f"{stem} is not listed")


async def test_it_says_where_each_comes_from_how_it_stands_and_what_it_would_do(tmp_path: Path) -> None:
    async with listed(tmp_path) as house:
        await house.shows("project  ~/project/.understudy/workflows")
        await house.shows("✗ weekly               line 5: there is no step 'fetc'")
        await house.shows("built in")
        await house.shows("✗ 1 with errors")
        await house.shows("○     log")
        await house.shows("○─┴─╯ notes")
        await house.shows("◆ editor, template-writer")
        await house.shows("‖ asks you")
        await house.shows("1 place where a person decides")
        # A step of the graph leads to its place in the file.
        await house.press("enter", "j", "j", "enter")
        await house.shows("16          - {id: todos")
        await house.press("right")
        await house.shows("one of users, developers · users if not given")
        await house.press("right_square_bracket")
        await house.shows("It was not run yet.")
        await house.press("left", "h", "left_square_bracket")
        assert screen(house).preview.tab == "graph"
        await house.press("escape")
        assert screen(house).query_one("#files", Rows).has_focus
        row = next(at for at, text in enumerate(lines_of(house.app).split("\n")) if "✗ weekly" in text)
        await house.pilot.click(offset=(8, row))
        await house.rest()
        assert screen(house).chosen.stem == "weekly"  # type: ignore[union-attr]  # it was clicked


async def test_v_reads_the_file_again_and_shows_a_problem_in_its_line(tmp_path: Path) -> None:
    async with listed(tmp_path) as house:
        await go_to(house, "weekly")
        await house.press("v")
        await house.shows("✗ there is no step 'fetc' · did you mean 'fetch'?")
        (tmp_path / "project/.understudy/workflows/weekly.yaml").write_text(BROKEN.replace("fetc.", "fetch."))
        await house.press("v")
        await house.shows("weekly.yaml: nothing is wrong with it")
        await house.shows("✓ weekly")


async def test_r_opens_the_form_and_only_of_what_can_run(tmp_path: Path) -> None:
    async with listed(tmp_path) as house:
        await go_to(house, "weekly")
        await house.press("r")
        await house.shows("run: it has errors")
        await house.press("k", "r")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        await house.press("r")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        await house.until(lambda: house.app.screen.state.status == "succeeded")
        await house.press("2")
        await house.press("left")
        await house.shows("✓ done")
        await house.press("enter", "enter")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))


async def test_d_copies_into_the_project_and_replaces_nothing(tmp_path: Path) -> None:
    async with listed(tmp_path) as house:
        await go_to(house, "release-notes")
        await house.press("D")
        await house.shows("duplicate release-notes")
        field = house.app.screen.query_one(Input)
        field.value = "tidy"
        await house.press("enter")
        await house.shows("is there already")
        field.value = "no name"
        await house.press("enter")
        await house.shows("is no name for a workflow")
        field.value = "notes"
        await house.press("enter")
        await house.until(
            lambda: isinstance(house.app.screen, WorkflowsScreen) and screen(house).chosen.stem == "notes"
        )  # type: ignore[union-attr]  # it has the cursor
        await house.press("D")
        await house.shows("notes-2")
    folder = tmp_path / "project/.understudy/workflows"
    assert (folder / "tidy.yaml").read_text() == TIDY
    assert "template:" in (folder / "notes.yaml").read_text()


async def test_words_filter_the_list_and_z_zooms_and_esc_takes_both_back(tmp_path: Path) -> None:
    async with listed(tmp_path, (80, 24)) as house:
        before = screen(house).preview.size.height
        await house.press("z")
        await house.until(lambda: screen(house).preview.size.height > before)
        await house.press("escape")
        await house.until(lambda: screen(house).preview.size.height == before)
        assert screen(house).query_one("#files", Rows).has_focus
        await house.press("slash", *"count")
        await house.until(lambda: "weekly" not in lines_of(house.app))
        await house.shows("tidy")
        await house.press("enter")
        assert screen(house).query_one("#files", Rows).has_focus
        await house.press("slash", *"zzz")
        await house.shows("Nothing has these words.")
        await house.press("escape")
        await house.shows("weekly")


async def test_e_opens_the_file_in_the_persons_editor_and_shows_what_was_saved(tmp_path: Path) -> None:
    script = tmp_path / "edit.py"
    script.write_text(
        "import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\nfile.write_text(file.read_text() + '# seen\\n')\n"
    )
    async with listed(tmp_path, environ={"EDITOR": f"{sys.executable} {script}"}) as house:
        await go_to(house, "tidy")
        await house.press("right", "E")
        await house.shows("# seen")
        await go_to(house, "release-notes")
        await house.press("E")
        await house.shows("duplicate it first")


async def test_a_broken_edit_keeps_the_last_good_version_and_says_so(tmp_path: Path) -> None:
    async with listed(tmp_path, hot=True) as house:
        files = house.services.workflow_files
        assert files is not None
        path = tmp_path / "project/.understudy/workflows/tidy.yaml"
        await house.until(lambda: files.unit(path) is not None)
        path.write_text(TIDY.replace("steps.count.output", "steps.cuont.output"))
        files.reload()
        await go_to(house, "tidy")
        await house.press("v")
        await house.shows("the last good version still runs")
        assert "steps.cuont.output" in screen(house).query_one(Listing).text
        await house.press("r")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))


async def test_an_untrusted_workspace_says_so_and_before_the_journal_is_open_keys_do(tmp_path: Path) -> None:
    async with listed(tmp_path, trusted=False) as house:
        await house.shows("! not trusted (t)")
        await house.press("t")
        await house.shows("trust this workspace?")
        await house.press("escape", "1")
        house.app.detach()
        await house.press("2")
        await house.shows("The journal is not open yet")


async def test_it_says_which_version_is_published_and_whether_the_file_says_otherwise(tmp_path: Path) -> None:
    async with listed(tmp_path) as house:
        done = await Publishing(house.desk).publish("tidy")
        assert done.version.name == "tidy@1"
        await go_to(house, "tidy")
        in_background(screen(house), screen(house).look_again, "look")
        await house.shows("tidy@1 published")
        path = tmp_path / "project" / ".understudy" / "workflows" / "tidy.yaml"
        path.write_text(path.read_text().replace("name: Tidy", "name: Tidier"))
        assert "the file says otherwise now" in await published_words(house.desk, house.desk.load("tidy"))
