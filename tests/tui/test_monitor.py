"""The Monitor screen: runs of all processes and what they use, alerts, the run behind a line; empty; unreadable."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from app.monitoring.facts import Use
from app.tui.screens.monitor import MonitorScreen
from app.tui.screens.run import RunScreen
from app.tui.widgets.rows import Rows
from tests.support.journals import recorded, started, summary
from tests.support.snapshots import assert_snapshot
from tests.support.stage import START, House, lines_of, on_stage
from workflows.runs import events as e
from workflows.unattended.values import Alert

FOLDER = Path(__file__).parent / "snapshots"
SIZES = [(140, 40), (80, 24)]


class Steady:
    """A machine on which everything always uses a bit more."""

    def __init__(self) -> None:
        self.looks = 0

    def use(self, numbers: Iterable[int] = ()) -> Use:
        self.looks += 1
        return Use(200_000_000 + 10_000_000 * self.looks, None if self.looks == 1 else 7.0 * self.looks, 3)


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonitorScreen, "measuring", Steady)


async def under_way(house: House) -> None:
    """Two runs at work, one that waits for its turn, tries that ended, and two alerts."""
    store = house.services.store
    tries = [
        e.AttemptStarted("collect", 1, "git.log"),
        e.AttemptFinished("collect", 1, "succeeded"),
        e.AttemptStarted("each[2]", 1, "writer"),
        e.AttemptFinished("each[2]", 1, "failed"),
        e.AttemptStarted("each[2]", 2, "writer"),
    ]
    for n, (workflow, status, steps) in enumerate(
        (("release-notes", "running", (3, 1, 9)), ("triage", "running", (0, 0, 4)), ("nightly", "pending", (0, 0, 2)))
    ):
        events = [started(workflow), *(tries if n == 0 else [])]
        told = [replace(one, at=START - 40 + n) for one in recorded(*events)]
        done, failed, total = steps
        line = summary(
            f"{n:08x}",
            workflow=workflow,
            status=status,
            started=START - 65 + n,
            updated=START,
            steps_done=done,
            steps_failed=failed,
            steps_total=total,
        )
        await store.create(line.run_id, "pid 1", told, line)
    text = "release-notes (00000000): it takes 65 s; 95 of 100 took 12.0 s at most"
    slow = Alert("a1", "slow", "00000000", START - 30, None, 65, START - 30, text, {"run": "00000000"})
    await store.standing.put_alert(slow)
    busy = Alert("a2", "cpu", "", START - 90, None, 97, START - 90, "the processors are 97% used", {"run": ""})
    await store.standing.put_alert(busy)


async def at_monitor(house: House) -> MonitorScreen:
    await house.press("9")
    await house.until(lambda: isinstance(house.app.screen, MonitorScreen))
    await house.shows("monitor")
    screen = house.app.screen
    assert isinstance(screen, MonitorScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_how_it_goes(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await under_way(house)
        await at_monitor(house)
        await house.shows("210.0 MB")
        for memory in ("220.0 MB", "230.0 MB", "240.0 MB"):
            await house.wait(1)
            await house.shows(memory)
        assert_snapshot(lines_of(house.app), FOLDER / f"monitor-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_there(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await at_monitor(house)
        await house.shows("No step is at work.")
        assert_snapshot(lines_of(house.app), FOLDER / f"monitor-empty-{size[0]}x{size[1]}.txt")


@pytest.mark.parametrize("size", SIZES)
async def test_a_journal_that_cannot_be_read(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await house.services.store.close()
        await at_monitor(house)
        await house.shows("`understudy doctor` looks closer")
        assert_snapshot(lines_of(house.app), FOLDER / f"monitor-error-{size[0]}x{size[1]}.txt")


async def test_alerts_are_acknowledged_and_the_run_behind_one_is_opened(tmp_path: Path) -> None:
    watched = tmp_path / "data" / "watched"
    watched.parent.mkdir(mode=0o700)
    async with on_stage(tmp_path) as house:
        # Another process watches: the alert stays, though its cause is made up.
        lock = watched.open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        driver = await house.perform("name: Play\nsteps:\n  - {id: sure, type: approval, show: Sure?}\n")
        run = driver.state.run_id
        alert = Alert("a1", "slow", run, START, None, 65, START, "it takes 65 s", {"run": run})
        await house.services.standing.put_alert(alert)
        screen = await at_monitor(house)
        await house.shows("! slow: it takes 65 s")
        await house.press("a")
        await house.shows("1 acknowledged.")
        await house.until(lambda: "alerts" not in screen.facts())
        alerts = screen.query_one("#alerts", Rows)
        await house.press("shift+tab")
        await house.until(lambda: alerts.has_focus)
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, RunScreen))
        shown = house.app.screen
        assert isinstance(shown, RunScreen)
        assert shown.run == run
        driver.cancel()
        lock.close()
