"""All of what waits, in a box of its own: every line of it, and of the files that it changes. Nothing answers there."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.modals.whole import Whole
from skills.difference import unified
from tests.support.plans import chain, step
from tests.support.scripts import at_gate, failed
from tests.support.stage import House, lines_of, on_stage
from workflows.engine.driver import Driver
from workflows.steps.kind import Shown

BEFORE = "".join(f"line {n}\n" for n in range(1, 31))


async def in_whole(house: House) -> None:
    await house.until(lambda: isinstance(house.app.screen, Whole))


async def changing(house: House) -> Driver:
    """A gate before a change in the middle of a file."""
    (house.services.paths.root / "LIST.md").write_text(BEFORE)
    diff = unified(BEFORE, BEFORE.replace("line 15\n", "line fifteen\n"), "a/LIST.md", "b/LIST.md")
    house.cast.shown["publish"] = Shown("Change LIST.md", diff, {"file": "LIST.md"}, language="diff")
    driver = await house.start(chain(step("publish", "play", approve=True)))
    await house.app.open_run(driver.state.run_id)
    await house.shows("a  approve")
    await house.wait(1)
    return driver


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_v_shows_every_line_from_the_first_to_the_last(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        driver = await at_gate(house)
        assert "v all of it" in lines_of(house.app)
        await house.press("v")
        await in_whole(house)
        for text in ("write NOTES.md", "who ", "backup", "--- a/NOTES.md", "all lines of the files"):
            assert text in lines_of(house.app)
        await house.press("G")
        await house.shows("Change number 29")
        await house.press("a", "enter", "space")
        assert driver.committed.open_inquiries
        await house.press("escape")
        await house.shows("a  approve")
        assert driver.committed.open_inquiries


async def test_again_it_has_all_lines_of_the_file_and_then_only_the_change(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await changing(house)
        await house.press("v")
        await in_whole(house)
        assert "line 12" in lines_of(house.app)
        assert "line 11" not in lines_of(house.app)
        await house.press("v")
        await house.shows("what changes")
        assert "line 2\n" in "\n".join(line.strip(" │") for line in lines_of(house.app).split("\n"))
        await house.press("v")
        await house.shows("all lines of the files")
        assert "line 11" not in lines_of(house.app)


async def test_a_file_that_changed_meanwhile_is_said_to_have(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        await changing(house)
        (house.services.paths.root / "LIST.md").write_text("another\n")
        await house.press("v")
        await in_whole(house)
        await house.press("v")
        await house.shows("is not as it was when this was asked")


async def test_a_failure_is_shown_whole_too(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        await failed(house)
        await house.press("v")
        await in_whole(house)
        await house.shows("Mend the link, or leave the file out.")
        await house.press("v")
        await house.shows("r  retry")


async def test_keys_right_after_it_do_not_answer(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as house:
        driver = await at_gate(house)
        await house.press("v")
        await in_whole(house)
        await house.press("escape", "a")
        assert driver.committed.open_inquiries
        await house.wait(1)
        await house.press("a")
        await house.until(lambda: not driver.committed.open_inquiries)
