"""An agent's tool waits on the run screen, with all that it would do, and what may be allowed for the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tui.screens.run import RunScreen
from tests.support.scripts import ASKS_AGAIN, NOTES_FLOW, put_noter
from tests.support.stage import PERSON, lines_of, on_stage


@pytest.mark.parametrize("size", [(80, 24), (140, 36)])
async def test_a_tool_is_allowed_for_the_run_with_a_key(tmp_path: Path, size: tuple[int, int]) -> None:
    put_noter(tmp_path)
    async with on_stage(tmp_path, size, played=False) as house:
        house.desk.trust()
        driver = await house.perform(NOTES_FLOW)
        await house.until(lambda: driver.committed.open_inquiries)
        await house.shows("d  deny  ")
        text = " ".join(lines_of(house.app).split())
        for shown in ("noter wants to use file.write", "+one", "a approve", "file.write(path=notes/**)", "d deny"):
            assert shown in text
        await house.wait(1)
        await house.press("A")
        await house.until(lambda: driver.committed.over)
        assert driver.committed.status == "succeeded"
        assert [(permit.pattern, permit.by) for permit in driver.committed.permits] == [
            ("file.write(path=notes/**)", PERSON)
        ]
        assert (tmp_path / "project" / "notes" / "2.md").read_text() == "two"


async def test_a_try_that_was_cut_off_while_it_waited_is_no_failure(tmp_path: Path) -> None:
    put_noter(tmp_path)
    async with on_stage(tmp_path, (140, 36), played=False) as house:
        house.desk.trust()
        driver = await house.perform(NOTES_FLOW)
        await house.until(lambda: driver.committed.open_inquiries)
        driver.stop("nobody is here to answer what waits")
        await house.shows("■ try 1 was cut off: nobody is here to answer what waits")
        assert "class: " not in lines_of(house.app)


@pytest.mark.parametrize("size", [(80, 24), (140, 36)])
async def test_what_was_allowed_is_seen_and_taken_back(tmp_path: Path, size: tuple[int, int]) -> None:
    put_noter(tmp_path, ASKS_AGAIN)
    async with on_stage(tmp_path, size, played=False) as house:
        house.desk.trust()
        driver = await house.perform(NOTES_FLOW)
        await house.until(lambda: driver.committed.open_inquiries)
        await house.shows("d  deny  ")
        assert "P allowed" not in lines_of(house.app)
        await house.wait(1)
        await house.press("A")
        await house.shows("keep/3.md")
        await house.press("P")
        await house.shows("file.write(path=notes/**)")
        await house.shows(f"by {PERSON}")
        await house.press("1")
        await house.until(lambda: driver.committed.permits[0].revoked is not None)
        assert driver.committed.permits[0].revoked_by == PERSON
        (screen,) = (each for each in house.app.screen_stack if isinstance(each, RunScreen))
        await house.until(lambda: screen.state.permits[0].revoked is not None)
        await house.press("P")
        assert "allowed in run" not in lines_of(house.app), "nothing is left to be taken back"
