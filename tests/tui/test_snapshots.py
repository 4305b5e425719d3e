"""What the screens look like, as text. The pictures were looked at; these keep them so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import TextArea

from app.tui.screens.history import HistoryScreen
from app.tui.stage import Stage
from app.tui.widgets.rows import Rows
from tests.support.plans import parallel, step
from tests.support.scripts import (
    all_choices,
    at_gate,
    child,
    copying,
    failed,
    graph,
    question,
    reviews,
    rolled_back,
    streaming,
)
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage
from tests.support.workflow_files import put_workflows
from workflows.journal.port import Query, StoreError

NOTES = """\
workflow:
  name: Release notes
  description: What changed since the last tag, checked by a person before it is saved
  parameters: [{name: since, description: Where to start}]
  steps: [{id: ask, type: approval, show: hello}]
"""
TIDY = """\
workflow:
  name: Tidy
  description: Remove what nobody uses
  steps: [{id: tidy, type: skil, skill: tidy}]
"""


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built-in workflows that stay as they are: one that is whole, one that is broken."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "release-notes.yaml").write_text(NOTES, encoding="utf-8")
    (folder / "tidy.yaml").write_text(TIDY, encoding="utf-8")
    monkeypatch.setattr("app.container.BUILT_IN_WORKFLOWS", folder)


SIZES = [(140, 40), (80, 24)]
FOLDER = Path(__file__).parent / "snapshots"
IDS = ("7f3a9c2e", "0b1d4e6f", "c0ffee42", "5eed1234")


async def keep(house: House, name: str) -> None:
    """Compare the screen, with fixed texts for the ids of the runs, oldest first."""
    stage = next(screen for screen in reversed(house.app.screen_stack) if isinstance(screen, Stage))
    await stage.look_again()
    await house.rest()
    width, height = house.app.size
    runs = reversed(await house.desk.runs(Query()))
    replacing = dict(zip((run.run_id for run in runs), IDS, strict=False))
    assert_snapshot(lines_of(house.app), FOLDER / f"{name}-{width}x{height}.txt", replacing)


async def past_runs(house: House) -> None:
    """One that succeeded, one that was ended, a while ago."""
    for name, works in (("lint", True), ("deploy", False)):
        driver = await house.start(replace(parallel(step(name, "play")), title=name.title()), workflow=name)
        if works:
            house.cast[name].end({"ok": True})
        else:
            house.cast[name].fail("exit 2: no such host")
            await house.until(lambda driver=driver: driver.committed.open_inquiries)
            await driver.answer(f"{name}:1", "abort")
        await house.until(lambda driver=driver: driver.committed.over)
        await house.clock.advance(3600)


@pytest.mark.parametrize("size", SIZES)
async def test_home_empty(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size, played=False, demo=lambda: pytest.fail("not asked for")) as house:
        await house.shows("Needs a model")
        await house.shows("release-notes")
        await keep(house, "home-empty")


@pytest.mark.parametrize("size", SIZES)
async def test_home_error(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size, played=False) as house:
        await house.shows("release-notes")
        await house.shows("Needs a model")
        house.app.unable(StoreError("The journal ~/data/journal/journal.db is damaged.", "Put a copy in its place."))
        await house.shows("looks closer")
        width, height = size
        assert_snapshot(lines_of(house.app), FOLDER / f"home-error-{width}x{height}.txt")


@pytest.mark.parametrize("size", SIZES)
async def test_home(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await past_runs(house)
        await failed(house)
        await house.press("1")
        await at_gate(house)
        await house.press("1")
        await house.shows("Needs you (2)")
        await house.shows("nothing listening on")
        await keep(house, "home")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "moment",
    [streaming, at_gate, failed, reviews, child, all_choices, question, rolled_back, graph, copying],
    ids=lambda moment: moment.__name__,
)
async def test_run(tmp_path: Path, size: tuple[int, int], moment: Callable[[House], Awaitable[object]]) -> None:
    async with on_stage(tmp_path, size) as house:
        await moment(house)
        await keep(house, f"run-{moment.__name__}")
        for driver in house.services.engine.drivers.values():
            driver.cancel()


@pytest.mark.parametrize("size", SIZES)
async def test_history(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await past_runs(house)
        await streaming(house)
        await house.press("5")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        table = house.app.screen.query_one("#table", Rows)
        await house.until(lambda: len(table.rows) == 3)
        await house.press("j")
        await house.shows("exit 2: no such host")
        await keep(house, "history")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["", "-empty", "-error"])
async def test_workflows(tmp_path: Path, size: tuple[int, int], state: str) -> None:
    if state != "-empty":
        put_workflows(tmp_path / "project")
    async with on_stage(tmp_path, size, played=False) as house:
        if state != "-empty":
            await house.shows("trust this workspace?")
            house.desk.trust()
            await house.press("escape")
        await house.press("2")
        await house.shows("○─┴─╯" if state != "-empty" else "release-notes ·")
        if state == "-error":
            await house.press("j", "j", "v")
            await house.shows("did you mean 'fetch'?")
        await house.until(lambda: "costs nothing" in lines_of(house.app) or state == "-error")
        await keep(house, f"workflows{state}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["", "-empty", "-error"])
async def test_compose(tmp_path: Path, size: tuple[int, int], state: str) -> None:
    async with on_stage(tmp_path, size, played=False) as house:
        await house.press("3")
        await house.shows("No draft yet.")
        if state != "-empty":
            await house.press(*"release notes since v2")
            await house.shows("has: ")
            await house.press("enter")
            await house.shows("draft 1 · release-notes · ✓ ok")
            await house.until(lambda: "costs nothing" in lines_of(house.app))
        if state == "-error":
            await house.press("e")
            editor = house.app.screen.query_one(TextArea)
            editor.text = editor.text.replace("approval", "aproval")
            await house.shows("line 5, column")
        await keep(house, f"compose{state}")
