"""What boxes over the screens look like, the form, and the trying of a skill: empty, at work and with errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.command import CommandList
from textual.widgets import Input, TextArea
from textual.widgets._toast import Toast

from app.tui.modals.choices import Choices
from app.tui.modals.entry import Entry
from app.tui.modals.help import Help
from app.tui.modals.json_editor import JsonEditor
from app.tui.modals.masked import Masked
from app.tui.modals.pick import Pick
from app.tui.modals.reason import Reason
from app.tui.modals.whole import Whole
from app.tui.screens.form import FormScreen
from app.tui.screens.setup import SetupScreen
from app.tui.screens.try_skill import TryScreen
from tests.support.scripts import at_gate, failed
from tests.support.skill_screens import LINT, put, skills_listed
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage

SIZES = [(140, 40), (80, 24)]
FOLDER = Path(__file__).parent / "snapshots"
GREET = """\
name: Greeting
description: Says hello to somebody
parameters:
  - {name: who, required: true, description: Who is greeted}
  - {name: times, type: integer, default: 2}
  - {name: style, enum: [plain, loud], default: plain}
steps:
  - {id: hello, type: transform, value: "hello ${{ parameters.who }}"}
  - {id: check, type: approval, show: "${{ steps.hello.output }}"}
"""
PLAIN = "name: Plain\nsteps:\n  - {id: hello, type: transform, value: hello}\n"


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No workflows but those of a test."""
    (tmp_path / "library").mkdir()
    monkeypatch.setattr("app.container.BUILT_IN_WORKFLOWS", tmp_path / "library")


async def keep(house: House, name: str, box: bool = True) -> None:
    """Compare the screen; of a box only that: what lies below it has pictures of its own."""
    await house.until(lambda: not house.app._reloaded)  # what is read again is told a little later
    house.app.clear_notifications()
    await house.until(lambda: not house.app.screen.query(Toast))
    text = re.sub(r"\b[0-9a-f]{8}\b", "7f3a9c2e", lines_of(house.app))
    # How far a list goes on depends on how many keys there are.
    text = re.sub("[▁▂▃▄▅▆▇](?= *│)", " ", text)
    width, height = house.app.size
    if box:
        found = house.app.screen.query_one("#box").region
        text = "\n".join(row[found.x : found.right] for row in text.split("\n")[found.y : found.bottom])
    assert_snapshot(text, FOLDER / f"{name}-{width}x{height}.txt")


async def reach(house: House, modal: type[object]) -> None:
    await house.until(lambda: isinstance(house.app.screen, modal) and house.app.screen.is_mounted)
    await house.rest()


@pytest.mark.parametrize("size", SIZES)
async def test_help_and_palette(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await house.press("5")
        await house.shows("No runs yet.")
        await house.press("question_mark")
        await reach(house, Help)
        await keep(house, "help")
        await house.press(*"of no use")
        await house.shows("Nothing here has these words.")
        await keep(house, "help-empty")
        await house.press("escape", "colon")
        await house.until(lambda: "Find any action" in lines_of(house.app))
        await keep(house, "palette", box=False)
        await house.press(*"xyzzy")
        await house.until(lambda: "No matches found" in lines_of(house.app))
        listed = house.app.screen.query_one(CommandList)
        await house.until(lambda: listed.option_count == 1)
        await house.rest()
        await keep(house, "palette-empty", box=False)


@pytest.mark.parametrize("size", SIZES)
async def test_form_and_trust(tmp_path: Path, size: tuple[int, int]) -> None:
    put(tmp_path / "project", "workflows/greet.yaml", GREET)
    put(tmp_path / "project", "workflows/plain.yaml", PLAIN)
    async with on_stage(tmp_path, size, played=False) as house:
        await reach(house, Choices)
        await keep(house, "trust")
        await house.press("t")
        await house.until(lambda: house.app.workflows)
        await house.app.open_form("plain")
        await reach(house, FormScreen)
        await house.shows("hello")
        await keep(house, "form-empty", box=False)
        await house.press("escape")
        await house.app.open_form("greet", {"who": "Ada"}, {"who": "you said 'Ada'"})
        await reach(house, FormScreen)
        await house.shows("check")
        await keep(house, "form", box=False)
        for field in house.app.screen.query(Input):
            field.value = "" if field.value == "Ada" else "many" if field.value == "2" else field.value
        await house.rest()
        await house.until(lambda: "✗" in lines_of(house.app))
        await keep(house, "form-error", box=False)


@pytest.mark.parametrize("size", SIZES)
async def test_boxes_of_a_run(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size) as house:
        await at_gate(house)
        await house.wait()
        await house.press("v")
        await reach(house, Whole)
        await keep(house, "whole")
        await house.press("escape")
        await house.wait()
        await house.press("d")
        await reach(house, Reason)
        await keep(house, "reason")
        await house.press("escape", "y")
        await reach(house, Choices)
        await keep(house, "copy")
        await house.press("escape")
        await failed(house)
        await house.wait()
        await house.press("e")
        await reach(house, JsonEditor)
        await keep(house, "edit")
        house.app.screen.query_one(TextArea).text = '{"path": '
        await house.press("f5")
        await house.rest()
        await keep(house, "edit-error")
        for driver in house.services.engine.drivers.values():
            driver.cancel()


@pytest.mark.parametrize("size", SIZES)
async def test_boxes_of_the_setup(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size, played=False) as house:
        await house.press("7")
        await house.until(lambda: isinstance(house.app.screen, SetupScreen) and not house.app.screen.looking)
        await house.press("k")
        await reach(house, Pick)
        await keep(house, "pick")
        await house.press("1", "2")
        await reach(house, Masked)
        await keep(house, "masked")
        await house.press(*"two words", "enter")
        await house.rest()
        await keep(house, "masked-error")
        await house.press("escape", "c")
        await reach(house, Entry)
        await keep(house, "entry")
        await house.press(*"gpt", "enter")
        await house.shows("Give its provider")
        await keep(house, "entry-error")


@pytest.mark.parametrize("size", SIZES)
async def test_trying_a_skill(tmp_path: Path, size: tuple[int, int]) -> None:
    broken = LINT.replace('return {"faults": len(path)}', 'raise ValueError("no such folder")')
    async with skills_listed(tmp_path, size) as house:
        put(tmp_path / "project", "skills/lint.py", broken)
        house.services.skills.reload()
        house.app.screen.go_to("skill", "lint")  # type: ignore[attr-defined]  # the screen of skills
        await house.press("T")
        await reach(house, TryScreen)
        await keep(house, "try", box=False)
        await house.press("f5")
        await house.shows("✗ failed")
        await keep(house, "try-error", box=False)
