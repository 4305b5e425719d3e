"""A step is found by words, also where there are many, and however fast they are typed."""

from __future__ import annotations

from pathlib import Path

from app.tui.modals.find_step import FindStep
from tests.support.scripts import reviews, streaming
from tests.support.stage import House, lines_of, on_stage
from tests.tui.test_typing_ahead import type_at_once


async def finding(house: House) -> None:
    await house.until(lambda: isinstance(house.app.screen, FindStep))


async def test_words_of_name_and_state_find_it_and_enter_goes_there(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        driver = await reviews(house)
        await house.press("slash")
        await finding(house)
        await house.shows("13 steps of 13")
        await house.press(*"review needs")
        await house.shows("7 steps of 13")
        await house.press("backspace", "backspace", "backspace", "backspace", "backspace", *"[7]")
        await house.shows("1 step of 13")
        await house.press("enter")
        await house.until(lambda: house.app.screen.view.key == "review[7]")
        driver.cancel()


async def test_the_arrows_choose_among_them(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        await house.press("slash")
        await finding(house)
        await house.press("down", "down", "enter")
        await house.until(lambda: house.app.screen.view.key == "notes")
        driver.cancel()


async def test_what_is_typed_at_once_is_not_lost_and_escape_changes_nothing(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await streaming(house)
        before = house.app.screen.view.key
        type_at_once(house, "/tests q")
        await finding(house)
        await house.shows("0 steps of 4")
        await house.press("enter")
        await house.press("escape")
        assert house.app.screen.view.key == before
        assert "find a step" not in lines_of(house.app)
        driver.cancel()
