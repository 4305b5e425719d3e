"""The default model: shown on the Setup screen, chosen there, kept in the settings file, and used at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.paths import Paths
from app.tui.app import UnderstudyApp
from app.tui.modals.entry import Entry
from app.tui.screens.setup import SetupScreen
from app.tui.session import serve
from tests.support.plans import chain, step
from tests.support.stage import House, on_stage

KEY = {"OPENAI_API_KEY": "sk-nobody-0123456789"}


async def setup(house: House) -> SetupScreen:
    await house.press("7")
    await house.until(lambda: isinstance(house.app.screen, SetupScreen) and not house.app.screen.looking)
    screen = house.app.screen
    assert isinstance(screen, SetupScreen)
    return screen


async def test_a_model_is_chosen_and_kept_beside_what_else_is_set(tmp_path: Path) -> None:
    settings = tmp_path / "config" / "settings.yaml"
    settings.parent.mkdir()
    settings.write_text("# mine\nsandbox: off  # for now\n")
    async with on_stage(tmp_path, played=False, environ=KEY) as house:
        await setup(house)
        await house.shows("none chosen")
        await house.shows("enter choose model")
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, Entry))
        await house.press(*"no name", "enter")
        await house.shows("Give its provider and its name")
        await house.press(*["backspace"] * 7, *"openai/gpt-4o", "enter")
        await house.until(lambda: not house.app.openings.empty())
        await house.shows("(not tested)")
    assert settings.read_text() == "# mine\nsandbox: off  # for now\nmodel: openai/gpt-4o\n"


async def test_while_runs_are_under_way_it_is_kept_for_the_next_start(tmp_path: Path) -> None:
    async with on_stage(tmp_path, environ=KEY) as house:
        await house.start(chain(step("one", "play")))
        await setup(house)
        await house.press("c")
        await house.until(lambda: isinstance(house.app.screen, Entry))
        await house.press(*"openai/gpt-4o", "enter")
        await house.shows("It counts from the next start")
        assert house.app.openings.empty()


async def test_a_variable_that_would_win_is_told_of_instead(tmp_path: Path) -> None:
    async with on_stage(tmp_path, played=False, environ={**KEY, "UNDERSTUDY_MODEL": "openai/gpt-4o"}) as house:
        await setup(house)
        await house.press("c")
        await house.shows("UNDERSTUDY_MODEL is set, and wins")
    assert not (tmp_path / "config" / "settings.yaml").exists()


@asynccontextmanager
async def served(tmp: Path) -> AsyncIterator[House]:
    """The app with services that it opens itself, as it does for people."""
    root = tmp / "project"
    root.mkdir()
    app = UnderstudyApp(Paths(tmp / "config", tmp / "data", tmp / "log", root), person="ada")
    environ = {"PATH": "/usr/bin:/bin", "OLLAMA_API_BASE": "http://127.0.0.1:1", **KEY}
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        serving = asyncio.create_task(serve(app, environ))
        house = House(app, pilot, None, None, None, None)  # type: ignore[arg-type]  # only what is on the screen
        await house.until(lambda: app.ready)
        yield house
        app.openings.put_nowait(None)
        await serving


async def test_what_is_chosen_counts_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await setup(house)
        await house.press("enter")
        await house.until(lambda: isinstance(house.app.screen, Entry))
        await house.press(*"openai/gpt-4o", "enter")
        await house.until(lambda: house.app.ready and house.app.desk.services.settings.model == "openai/gpt-4o")
        await house.shows("openai/gpt-4o (not tested)")
        assert isinstance(house.app.screen, SetupScreen)
