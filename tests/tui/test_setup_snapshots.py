"""What the screens of skills and of the setup look like, empty, at work and with errors. They were looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import TextArea

from app.tui.modals.choices import Choices
from app.tui.screens.setup import SetupScreen
from app.tui.screens.skills import SkillsScreen
from app.tui.screens.try_skill import TryScreen
from skills.layers import Folder
from tests.support.skill_screens import CRITIC, LINT, put, skills_listed
from tests.support.snapshots import assert_snapshot
from tests.support.stage import House, lines_of, on_stage

SIZES = [(140, 40), (80, 24)]
FOLDER = Path(__file__).parent / "snapshots"
OF_THE_MACHINE = re.compile(r"[✓!✗] ((?:python|sqlite|disk|journal|git|terminal) +)([^│]*)│")


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built-in skills, agents and workflows that stay as they are."""
    skills, agents, workflows = (tmp_path / "library" / name for name in ("skills", "agents", "workflows"))
    for folder in (skills, agents, workflows):
        folder.mkdir(parents=True)
    (skills / "text").mkdir()
    (skills / "text" / "count.py").write_text(LINT.replace("lint", "count").replace("Look for faults", "Count words"))
    (agents / "editor.md").write_text(CRITIC.replace("critic", "editor").replace("tools: [lint]", "tools: [count]"))
    monkeypatch.setattr("skills.discover.BUILT_IN", Folder(skills, "built-in"))
    monkeypatch.setattr("agents.catalog.BUILT_IN", Folder(agents, "built-in"))
    monkeypatch.setattr("app.container.BUILT_IN_WORKFLOWS", workflows)


def keep(house: House, name: str) -> None:
    """Compare the screen; what differs from machine to machine is taken out of it."""
    house.app.clear_notifications()
    text = OF_THE_MACHINE.sub(lambda found: f"✓ {found[1]}{'…':<{len(found[2])}}│", lines_of(house.app))
    # How far a list goes on depends on how many keys there are.
    text = re.sub("[▁▂▃▄▅▆▇](?=│)", " ", text)
    text = re.sub(r"! \d to know", "! n to know", text)
    text = re.sub(r"(│Machine +)! \d", r"\1   ", text)
    text = re.sub("[▁▂▃▄▅▆▇]", " ", text)  # how far a list goes on below: there is a line for every key
    width, height = house.app.size
    assert_snapshot(text, FOLDER / f"{name}-{width}x{height}.txt")


async def quiet(house: House) -> None:
    await house.until(lambda: not house.app._reloaded)  # what is read again is told a little later
    await house.pilot.pause(0.05)
    house.app.clear_notifications()
    await house.until(lambda: not house.app._notifications)
    await house.pilot.pause(0.05)


@pytest.mark.parametrize("size", SIZES)
async def test_skills(tmp_path: Path, size: tuple[int, int]) -> None:
    put(tmp_path / "project", "skills/gone.py", "from skills import skill\n@skill(\n")
    async with skills_listed(tmp_path, size) as house:
        screen = house.app.screen
        assert isinstance(screen, SkillsScreen)
        screen.go_to("skill", "lint")
        await house.shows("used by: weekly")
        await quiet(house)
        keep(house, "skills")
        await house.press("T")
        await house.until(lambda: isinstance(house.app.screen, TryScreen))
        await house.press("f5")
        await house.shows('"faults": 1')
        await quiet(house)
        keep(house, "skills-tried")
        await house.press("escape")
        await house.press("e")
        area = screen.query_one(TextArea)
        area.load_text(LINT.replace("def lint", "def def lint"))
        await house.press("f5")
        await house.shows("✗ line 5")
        await quiet(house)
        keep(house, "skills-editing")
        await house.press("escape", "right")
        await house.shows("✗ invalid syntax")
        await quiet(house)
        keep(house, "skills-error")


@pytest.mark.parametrize("size", SIZES)
async def test_skills_empty_and_setup_without_a_model(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_stage(tmp_path, size, played=False) as house:
        await house.press("6")
        await house.shows("None of your own found.")
        await house.shows("Count words.")
        keep(house, "skills-empty")
        await house.press("7")
        await house.until(lambda: isinstance(house.app.screen, SetupScreen) and not house.app.screen.looking)
        await house.shows("none ready")
        keep(house, "setup-empty")


@pytest.mark.parametrize("size", SIZES)
async def test_setup(tmp_path: Path, size: tuple[int, int]) -> None:
    put(tmp_path / "project", "skills/gone.py", "from skills import skill\n@skill(\n")
    put(tmp_path / "project", "settings.yaml", "permissions: {deny: [count(path=x)], allow: [count, nothing.such]}\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "credentials").write_text("{}")
    environ = {"OPENAI_API_KEY": "sk-nobody-0123456789", "UNDERSTUDY_MODEL": "openai/gpt-4o"}
    async with on_stage(tmp_path, size, played=False, environ=environ) as house:
        await house.until(lambda: isinstance(house.app.screen, Choices))
        await house.press("t")
        (tmp_path / "config" / "mcp.json").write_text('{"mcpServers": {"time": {"command": "uvx", "args": ["time"]}}}')
        house.services.skills.reload()
        await house.press("7")
        await house.until(lambda: isinstance(house.app.screen, SetupScreen) and not house.app.screen.looking)
        screen = house.app.screen
        assert isinstance(screen, SetupScreen)
        await house.shows("time")
        await quiet(house)
        keep(house, "setup")
        await house.press("j", "j", "j", "j")
        await house.until(lambda: screen.line is not None and screen.line.grade == "bad")
        await quiet(house)
        keep(house, "setup-error")
