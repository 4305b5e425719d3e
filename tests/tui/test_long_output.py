"""A step that says very much: how many lines there were is told, and all of them can be read."""

from __future__ import annotations

from pathlib import Path

from app.tui.screens.run import RunScreen
from app.tui.widgets.detail import Detail
from tests.support.scripts import look_from_the_top
from tests.support.stage import on_stage

NUMBERS = """\
name: numbers.list
description: List numbers.
parameters: [{name: upto, type: integer, required: true, description: The last one.}]
command: [seq, "{upto}"]
effect: pure
"""


async def test_the_lines_of_a_long_output_are_counted_and_all_within_reach(tmp_path: Path) -> None:
    folder = tmp_path / "project" / ".understudy" / "skills"
    folder.mkdir(parents=True)
    (folder / "numbers.yaml").write_text(NUMBERS)
    async with on_stage(tmp_path, played=False) as house:
        house.desk.trust()
        driver = await house.perform(
            "name: Numbers\nsteps:\n  - {id: list, type: skill, skill: numbers.list, parameters: {upto: 100000}}\n"
        )
        await house.until(lambda: driver.committed.over)
        look_from_the_top(house, "list")
        screen = house.app.screen
        assert isinstance(screen, RunScreen)
        detail = screen.query_one(Detail)
        await house.until(lambda: "of 100000 lines · o opens all" in str(detail.border_subtitle))
        assert detail.output.tail.text.rstrip().endswith("100000")
        whole = screen.view.whole("output")
        assert whole.split() == [str(number) for number in range(1, 100_001)]
