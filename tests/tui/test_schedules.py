"""What starts by itself, on its screen: looked at, paused, asked for, removed; empty, and where nothing can be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.tui.modals.choices import Choices
from app.tui.screens.run import RunScreen
from app.tui.screens.schedules import SchedulesScreen
from tests.support.journals import recorded, started, summary
from tests.support.snapshots import assert_snapshot
from tests.support.stage import START, House, lines_of, on_stage
from workflows.runs import events as e
from workflows.unattended.values import Schedule, Start, Trigger, Version

FOLDER = Path(__file__).parent / "snapshots"
SIZES = [(140, 40), (80, 24)]
TEXT = "name: Nightly\nsteps: [{id: a, type: transform, value: 1}]\n"


async def stand(house: House) -> None:
    """Two schedules, one of them paused, and a trigger; the first had a run that went well."""
    standing = house.services.standing
    await standing.publish(Version("nightly", 0, "d" * 64, TEXT))
    night = Schedule(
        "night",
        "nightly",
        cron="30 7 * * mon-fri",
        timezone="Europe/Madrid",
        parameters={"team": "sales"},
        created=START - 86400,
        since=START - 86400,
        by="ada",
    )
    await standing.put_schedule(night)
    await standing.put_schedule(replace(night, id="often", cron="", every=1800.0, paused=True, note="Too loud"))
    config = {"glob": "/home/ada/inbox/*.csv", "give": "path"}
    await standing.put_trigger(Trigger("inbox", "nightly", "file", config, created=START, by="ada"))
    due = START - 3 * 3600
    await standing.ask(
        Start("schedule:night:1", "schedule:night", "nightly", due=due, at=due, run_id="0000aaaa", by="ada")
    )
    store = house.services.store
    line = summary("0000aaaa", workflow="nightly", status="succeeded", started=due, finished=due + 1)
    lease = await store.create("0000aaaa", "pid 1", recorded(started("nightly"), e.RunFinished("succeeded")), line)
    await store.release(lease)
    await standing.settle("schedule:night:1", "started")


async def at_schedules(house: House) -> SchedulesScreen:
    await house.press("0")
    await house.until(lambda: isinstance(house.app.screen, SchedulesScreen))
    screen = house.app.screen
    assert isinstance(screen, SchedulesScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_what_starts_by_itself_is_shown(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await stand(house)
        await at_schedules(house)
        await house.shows("30 7 * * mon-fri")
        assert_snapshot(lines_of(house.app), FOLDER / f"schedules-{size[0]}x{size[1]}.txt")
        await house.press("X")
        await house.shows("is not started by night any more")
        assert_snapshot(lines_of(house.app), FOLDER / f"schedules-remove-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_starts_by_itself(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await at_schedules(house)
        await house.shows("Nothing starts by itself yet.")
        assert_snapshot(lines_of(house.app), FOLDER / f"schedules-empty-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("size", SIZES)
async def test_what_cannot_be_read_says_why(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await house.services.store.close()
        await at_schedules(house)
        await house.shows("`understudy doctor` looks closer.")
        assert_snapshot(lines_of(house.app), FOLDER / f"schedules-error-{size[0]}x{size[1]}.txt")


async def test_enter_opens_the_last_run(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False) as house:
        house.add("nightly", TEXT)
        standing = house.services.standing
        await standing.put_schedule(Schedule("night", "nightly", cron="30 7 * * mon-fri", created=START))
        start, _ = await standing.ask(Start("schedule:night:1", "schedule:night", "nightly", due=START))
        proposal = house.desk.propose(house.desk.load("nightly"), {})
        driver = await house.services.engine.start(
            proposal.plan,
            workflow="nightly",
            source=TEXT,
            parameters={},
            root=house.services.paths.root,
            environment={},
            attended=False,
            run_id=start.run_id,
        )
        await house.until(lambda: driver.committed.over)
        await standing.settle(start.key, "started")
        await at_schedules(house)
        await house.shows("30 7 * * mon-fri")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))


async def test_one_is_paused_resumed_run_now_and_removed(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await stand(house)
        await at_schedules(house)
        await house.shows("30 7 * * mon-fri")
        standing = house.services.standing
        for key, says in (("p", "night is paused."), ("n", "A run of night is asked for."), ("X", "night is removed")):
            await house.press(key)
            await house.until(lambda: isinstance(house.app.screen, Choices))
            await house.press("d" if key == "X" else key)
            await house.shows(says)
            await house.until(lambda: isinstance(house.app.screen, SchedulesScreen))
            if key == "p":
                assert [each.paused for each in await standing.schedules()] == [True, True]
                await house.shows("resume")
                await house.press("p")
                await house.shows("night counts again.")
        assert [each.id for each in await standing.schedules()] == ["often"]
        (asked,) = await standing.starts(cause="person:night")
        assert (asked.status, asked.parameters) == ("queued", {"team": "sales"})
