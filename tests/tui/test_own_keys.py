"""Keys of one's own work on the screens, and help and key bar show them; a clash is told of. Small terminals."""

from __future__ import annotations

import re
from pathlib import Path

from app.tui.screens.history import HistoryScreen
from app.tui.widgets.key_bar import SMALL
from tests.support.stage import lines_of, on_stage


def settings(folder: Path, text: str) -> None:
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "settings.yaml").write_text(text, encoding="utf-8")


async def test_they_do_what_the_tables_keys_did(tmp_path: Path) -> None:
    settings(tmp_path, "keys: {everywhere.history: [f6, H], everywhere.help: f9}\n")
    async with on_stage(tmp_path) as house:
        await house.shows("f9 help")
        await house.press("5")
        assert not isinstance(house.app.screen, HistoryScreen), "the key of the table does it no more"
        await house.press("H")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        await house.press("f9")
        await house.until(lambda: re.search(r"f6, H +See all runs", lines_of(house.app)))


async def test_the_gate_shows_and_takes_them(tmp_path: Path) -> None:
    settings(tmp_path, "keys: {run.approve: ctrl+y}\n")
    async with on_stage(tmp_path) as house:
        driver = await house.perform("name: Play\nsteps:\n  - {id: write, type: play, approve: before}\n")
        await house.shows("ctrl+y  approve")
        await house.wait(1)
        await house.press("a")
        assert driver.committed.open_inquiries
        await house.press("ctrl+y")
        await house.until(lambda: not driver.committed.open_inquiries)
        driver.cancel()


async def test_a_clash_is_told_with_both_names(tmp_path: Path) -> None:
    settings(tmp_path, "keys: {history.filter: r}\n")
    async with on_stage(tmp_path) as house:
        await house.shows("history.again")
        await house.press("5")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        await house.shows("/ filter")


async def test_a_small_terminal_is_told_what_suits(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (60, 18)) as house:
        await house.shows(SMALL)
        await house.press("5")
        await house.until(lambda: isinstance(house.app.screen, HistoryScreen))
        await house.shows(SMALL)
        await house.pilot.resize_terminal(80, 24)
        await house.until(lambda: SMALL not in lines_of(house.app))
