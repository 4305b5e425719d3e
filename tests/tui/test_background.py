"""Work beside a screen: it ends the program where it is at fault, and not where the screen was left meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import WorkerFailed

from app.tui.background import in_background
from app.tui.screens.home import HomeScreen
from tests.support.stage import lines_of, on_stage


class Slow(Screen[None]):
    """Writes what it found where it may not be any more."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.begun, self.found = asyncio.Event(), asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Static(id="here", markup=False)

    def on_mount(self) -> None:
        in_background(self, self.look, "look")

    async def look(self) -> None:
        self.begun.set()
        try:
            await self.found.wait()
        except asyncio.CancelledError:
            pass  # as does what is in a thread: it comes to its end
        self.query_one(self.wanted, Static).update("found")


async def test_work_that_ends_when_its_screen_is_left_is_no_fault() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen = Slow("#here")
        await app.push_screen(screen)
        await screen.begun.wait()
        await app.pop_screen()
        screen.found.set()
        await pilot.pause()
        assert not screen.query("#here")
        assert app.is_running


async def test_a_fault_of_a_screen_that_is_there_is_not_hidden() -> None:
    async def play() -> None:
        app: App[None] = App()
        async with app.run_test() as pilot:
            screen = Slow("#nowhere")
            await app.push_screen(screen)
            screen.found.set()
            await pilot.pause()

    with pytest.raises(WorkerFailed) as failed:
        await play()
    assert isinstance(failed.value.error, NoMatches)


@pytest.mark.parametrize("turns", [1, 2, 100])
async def test_services_that_are_put_away_while_they_are_read_end_no_program(tmp_path: Path, turns: int) -> None:
    """As when another workspace is gone to: those of that one are opened next."""
    async with on_stage(tmp_path) as house:
        screen = house.app.screen
        assert isinstance(screen, HomeScreen)
        in_background(screen, screen.look_again, "look")
        for _ in range(turns):
            await asyncio.sleep(0)
        house.app.detach()
        in_background(screen, screen._detect, "detect")
        await house.rest()
        assert house.app.is_running
        assert "not open" not in lines_of(house.app)
