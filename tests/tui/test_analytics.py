"""Analytics: the figures of a period, which keys change; empty, and where the journal cannot be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.tui.screens.analytics import AnalyticsScreen
from app.tui.screens.run import RunScreen
from app.tui.widgets.rows import Rows
from tests.support.journals import recorded, started, summary
from tests.support.snapshots import assert_snapshot
from tests.support.stage import START, House, lines_of, on_stage
from workflows.effects import Usage
from workflows.errors import Failure
from workflows.runs import events as e

FOLDER = Path(__file__).parent / "snapshots"
SIZES = [(140, 40), (80, 24)]
DAY = 86400.0


async def past(house: House) -> None:
    """Runs of two weeks: most went well, the model was too busy at times, one has a price that nobody knows."""
    failure = Failure("rate_limited", "429 from the model")
    for n in range(40):
        model = "openai/gpt-4o" if n % 2 else "ollama_chat/qwen"
        at, workflow, bad = START - n * DAY / 3 - 600, "triage" if n % 3 else "release", n % 7 == 3
        took = 5 + n % 11 * 4.0
        events = [
            started(workflow),
            e.AttemptStarted(f"each[{n}]", 1, "git.log"),
            e.AttemptFinished(f"each[{n}]", 1, "succeeded"),
            e.AttemptStarted("write", 1, "writer"),
            e.CallFinished("write", "turn1", {}, Usage(model, 900, 80, 0, 0.01)),
            e.AttemptFinished("write", 1, "failed", failure) if bad else e.AttemptFinished("write", 1, "succeeded"),
            e.RunFinished("failed" if bad else "succeeded", {}, failure if bad else None),
        ]
        times = [at, at, at + 1, at + 1, at + 2, at + took, at + took]
        told = [replace(one, at=when) for one, when in zip(recorded(*events), times, strict=True)]
        line = summary(
            f"{n:08x}",
            workflow=workflow,
            version=f"{workflow}@{1 + n % 2}" if n < 9 else "",
            title=workflow.title(),
            status="failed" if bad else "succeeded",
            started=at,
            updated=at + took,
            finished=at + took,
            tokens_in=900,
            tokens_out=80,
            cost_usd=0.01,
            cost_known=n != 2,
        )
        store = house.services.store
        await store.release(await store.create(line.run_id, "pid 1", told, line))


async def at_analytics(house: House) -> AnalyticsScreen:
    await house.press("8")
    await house.until(lambda: isinstance(house.app.screen, AnalyticsScreen))
    await house.shows("analytics")
    screen = house.app.screen
    assert isinstance(screen, AnalyticsScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_figures_of_a_period(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await past(house)
        await at_analytics(house)
        await house.shows("21 runs")
        assert_snapshot(lines_of(house.app), FOLDER / f"analytics-{size[0]}x{size[1]}.txt")
        await house.press("right_square_bracket")
        await house.shows("[30 days]" if size == SIZES[0] else "[30d]")
        await house.shows("40 runs")
        await house.press("left", "left")
        await house.shows("[today]")
        await house.shows("runs by the hour")


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_there(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await at_analytics(house)
        await house.shows("No runs in the last 7 days.")
        assert_snapshot(lines_of(house.app), FOLDER / f"analytics-empty-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("size", SIZES)
async def test_a_journal_that_cannot_be_read(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await house.services.store.close()
        await at_analytics(house)
        await house.shows("`understudy doctor` looks closer")
        assert_snapshot(lines_of(house.app), FOLDER / f"analytics-error-{size[0]}x{size[1]}.txt")


async def test_only_some_workflows(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await past(house)
        await at_analytics(house)
        await house.shows("21 runs")
        await house.press("slash", *"TRI")
        await house.shows("14 runs")
        # The field takes the arrows for itself, and the bar says so.
        assert "→ longer" not in lines_of(house.app)
        await house.press(*"x")
        await house.shows("No runs of a workflow with “TRIx” in its name in the last 7 days.")
        await house.press("escape")
        await house.shows("21 runs")


async def test_the_run_behind_a_figure_is_opened(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await house.perform("name: Play\nsteps:\n  - {id: write, type: play, agent: writer}\n")
        house.cast["write"].fail("the paper is out")
        await house.until(lambda: driver.committed.open_inquiries)
        screen = await at_analytics(house)
        await house.shows("1× business")
        await house.press("tab")
        errors = screen.query_one("#errors", Rows)
        await house.until(lambda: errors.has_focus)
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        shown = house.app.screen
        assert isinstance(shown, RunScreen)
        assert shown.run == driver.state.run_id
        driver.cancel()
