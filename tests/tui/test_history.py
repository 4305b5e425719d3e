"""History: what is typed filters it, two runs are compared, one is run again or forgotten; and what each key says."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from app.reruns import Wanted, begin, propose
from app.tui.modals.choices import Choices
from app.tui.screens.compare import CompareScreen
from app.tui.screens.form import FormScreen
from app.tui.screens.history import HistoryScreen
from app.tui.screens.run import RunScreen
from app.tui.widgets.rows import Rows
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage
from workflows.journal.port import Query
from workflows.runs.state import RunState

FOLDER = Path(__file__).parent / "snapshots"
SIZES = [(140, 40), (80, 24)]
GREET = """\
name: Greet
parameters: [{name: who, default: world}, {name: often, type: integer, default: 1}]
steps:
  - {id: greet, type: transform, value: "Hello ${{ parameters.who }}"}
  - id: list
    type: decision
    branches:
      - {when: parameters.often > 1, steps: [{id: many, type: transform, value: "a\\nb\\n${{ parameters.often }}"}]}
    default: [{id: one, type: transform, value: one}]
"""


async def greeted(house: House, **given: object) -> RunState:
    """A run of a workflow that can be named, over."""
    if not (house.services.paths.workspace / "workflows" / "greet.yaml").exists():
        house.add("greet", GREET)
    proposal = house.desk.propose(house.desk.load("greet"), given)  # type: ignore[arg-type]  # plain JSON
    driver = await house.desk.start(proposal, attended=True)
    await house.until(lambda: driver.committed.over)
    await house.clock.advance(60)
    return driver.committed


async def at_history(house: House, count: int) -> HistoryScreen:
    await house.press("5")
    await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
    screen = house.app.screen
    assert isinstance(screen, HistoryScreen)
    await house.until(lambda: len(screen.query_one("#table", Rows).rows) == count)
    return screen


async def keep(house: House, name: str, *runs: RunState) -> None:
    replacing = dict(zip((run.run_id for run in runs), ("aaaaaaaa", "bbbbbbbb", "cccccccc"), strict=False))
    width, height = house.app.size
    assert_snapshot(lines_of(house.app), FOLDER / f"{name}-{width}x{height}.txt", replacing)


@pytest.mark.parametrize("size", SIZES)
async def test_two_runs_are_compared(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size, played=False) as house:
        runs = [await greeted(house), await greeted(house, who="ada", often="3")]
        await at_history(house, 2)
        await house.press("j", "c", "k")
        await house.shows(f"a {runs[0].run_id}: c on another run compares them")
        await keep(house, "history-marked", *runs)
        await house.press("c")
        await house.until(lambda: isinstance(house.app.screen, CompareScreen))
        await house.shows("They part at the inputs.")
        await house.press("j", "j")
        await house.shows("many: only in b")
        await keep(house, "compare", *runs)
        await house.press("s")
        await house.shows("many: only in a")
        await house.press("b")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        assert isinstance(house.app.screen, RunScreen)
        assert house.app.screen.run == runs[0].run_id


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_there(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await at_history(house, 0)
        await house.shows("No runs yet.")
        await keep(house, "history-empty")


@pytest.mark.parametrize("size", SIZES)
async def test_a_journal_that_cannot_be_read(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await house.services.store.close()
        await at_history(house, 0)
        await house.shows("`understudy doctor` looks closer")
        assert "No runs" not in lines_of(house.app)
        await keep(house, "history-error")


@pytest.mark.parametrize("size", SIZES)
async def test_two_runs_that_are_the_same_and_then_are_gone(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size, played=False) as house:
        runs = [await greeted(house), await greeted(house)]
        await at_history(house, 2)
        await house.press("c", "c")
        await house.until(lambda: "compares them" not in lines_of(house.app))
        await house.press("c", "j", "c")
        await house.shows("The same: text, inputs, 3 steps, decisions and outputs.")
        await keep(house, "compare-same", *runs)
        for run in runs:  # of one that is left it depends on chance whether its id is near
            await house.desk.delete(run.run_id)
        screen = house.app.screen
        assert isinstance(screen, CompareScreen)
        await screen.look_again()
        await house.shows("✗ ")
        await keep(house, "compare-error", *runs)


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_is_forgotten_after_it_was_said_what_goes(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size, played=False) as house:
        runs = [await greeted(house), await greeted(house)]
        await at_history(house, 2)
        # Over as they are, the process that ran them still has them as long as it has not let go.
        await house.until(lambda: not house.services.engine.drivers)
        await house.press("X")
        await house.until(lambda: isinstance(house.app.screen, Choices))
        await keep(house, "history-delete", *runs)
        await house.press("enter")
        assert len(await house.desk.runs(Query())) == 2, "enter takes the harmless way"
        await house.press("X", "d")
        await house.shows("Forgot run")
        assert [run.run_id for run in await house.desk.runs(Query())] == [runs[0].run_id]


async def test_a_run_that_somebody_has_is_not_forgotten(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.perform("name: Play\nsteps:\n  - {id: write, type: play}\n")
        await at_history(house, 1)
        await house.press("X")
        await house.shows("or it is under way")
        assert isinstance(house.app.screen, HistoryScreen)
        driver.cancel()


async def test_running_again_as_it_was_and_with_edits(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        await greeted(house, who="ada", often=2)
        await at_history(house, 1)
        await house.press("r")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        assert not isinstance(house.app.screen.focused, Input)
        await house.press("escape", "R")
        await house.until(lambda: isinstance(house.app.screen, FormScreen))
        field = house.app.screen.focused
        assert isinstance(field, Input)
        assert field.value == "ada"


async def test_what_is_copied_of_a_run(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False, environ={"TERM": "xterm-256color"}) as house:
        run = await greeted(house)
        await at_history(house, 1)
        await house.press("y")
        await house.shows(f"understudy show {run.run_id}")
        await house.press("s")
        await house.until(lambda: house.app.clipboard == f"understudy show {run.run_id}")


async def test_a_run_whose_file_is_gone_can_still_be_begun_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        run = await greeted(house)
        (house.services.paths.workspace / "workflows" / "greet.yaml").unlink()
        await at_history(house, 1)
        await house.press("r")
        await house.shows(f"Open run {run.run_id} and press B")


async def test_what_is_typed_filters_and_what_is_not_understood_is_said(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24), played=False) as house:
        runs = [await greeted(house), await greeted(house, who="ada")]
        screen = await at_history(house, 2)
        table = screen.query_one("#table", Rows)
        await house.press("slash", *"until:90s coust>1")
        await house.shows("“until:90s” (at 1): takes how long ago")
        await house.shows("“coust>1” (at 11): nothing to measure is called 'coust'; did you mean 'cost'?")
        await keep(house, "history-problem", *runs)
        await house.pilot.resize_terminal(140, 40)
        await keep(house, "history-problem", *runs)
        await house.pilot.resize_terminal(80, 24)
        screen.query_one("#filter", Input).value = "wf:gre until:1m"
        await house.until(lambda: [row.key for row in table.rows] == [runs[1].run_id, runs[0].run_id])
        screen.query_one("#filter", Input).value = "wf:gre cost>0.1"
        await house.shows("Nothing matches. esc clears the filter")
        await keep(house, "history-nothing", *runs)
        await house.pilot.resize_terminal(140, 40)
        await keep(house, "history-nothing", *runs)
        await house.press("escape")
        await house.until(lambda: len(table.rows) == 2)


async def test_a_run_that_was_begun_again_says_of_which(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        first = await greeted(house)
        again = await begin(house.desk, await propose(house.desk, first.run_id, Wanted("list")), attended=True)
        await house.until(lambda: again.committed.over)
        await at_history(house, 2)
        await house.shows("↳ ✓ done")
        await house.shows(f"again of run {first.run_id}, from list")
