"""What the run screen and its boxes look like in moments that are not usual, as text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.tui.bridge import JournalStuck
from app.tui.stage import Stage
from tests.support.plans import chain, parallel, step
from tests.support.scripts import all_choices, at_gate, look_from_the_top, reviews, streaming
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage
from workflows.planning.plan import RetryPolicy

FOLDER = Path(__file__).parent / "snapshots"
SIZES = [(140, 40), (80, 24)]


async def whole(house: House) -> None:
    """All of what waits."""
    await at_gate(house)
    await house.press("v")
    await house.shows("where you answer")


async def menu(house: House) -> None:
    """All that can be done with a run of which a step failed."""
    await all_choices(house)
    await house.press("i")
    await house.shows("nothing is allowed for the rest")


async def finding(house: House) -> None:
    """A step is looked for among many."""
    await reviews(house)
    await house.press("slash")
    await house.press(*"review needs")
    await house.shows("7 steps of 13")


async def stalled(house: House) -> None:
    """An agent says nothing for long."""
    await streaming(house)
    await house.wait(45)
    await house.shows("no tokens for 45 s")


async def retrying(house: House) -> None:
    """A step waits for its next try."""
    again = RetryPolicy(3, "fixed", 20.0, jitter=False)
    driver = await house.start(parallel(step("call", "play", retry=again), step("other", "play")))
    await house.app.open_run(driver.state.run_id)
    house.cast["call"].fail("nobody is there", kind="transient", hint="Is it up?")
    await house.until(lambda: driver.committed.steps["call"].retry_at)
    look_from_the_top(house, "call")
    await house.wait(5)
    await house.shows("↻ tried again in 15 s")


async def not_begun(house: House) -> None:
    """A step on view that has not begun."""
    driver = await house.start(chain(step("first", "play"), step("second", "play")))
    await house.app.open_run(driver.state.run_id)
    look_from_the_top(house, "second")
    await house.shows("waits for: first")
    await house.wait(1)


async def stuck(house: House) -> None:
    """The journal refuses what the run writes."""
    driver = await streaming(house)
    house.app._deliver(JournalStuck(driver.state.run_id, "The disk is full.", "Make room."))
    await house.shows("The disk is full.")


async def unknown(house: House) -> None:
    """A run that is not there."""
    await house.app.open_run("0123abcd")
    await house.shows("run 0123abcd cannot be shown")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "moment",
    [whole, menu, finding, stalled, retrying, not_begun, stuck, unknown],
    ids=lambda moment: moment.__name__,
)
async def test_moment(tmp_path: Path, size: tuple[int, int], moment: Callable[[House], Awaitable[object]]) -> None:
    async with on_stage(tmp_path, size) as house:
        await moment(house)
        if isinstance(house.app.screen, Stage):
            await house.shows("━╺")  # the line below the open tab
        replacing = dict.fromkeys(house.services.engine.drivers, "7f3a9c2e")
        assert_snapshot(lines_of(house.app), FOLDER / f"run-{moment.__name__}-{size[0]}x{size[1]}.txt", replacing)
        for driver in house.services.engine.drivers.values():
            driver.cancel()
