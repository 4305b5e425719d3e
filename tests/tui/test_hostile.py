"""Names and words from files, runs and servers are only ever text, on every screen that shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.events import Paste

from app.tui.modals.choices import Choices
from tests.support.plans import parallel, step
from tests.support.skill_screens import put
from tests.support.stage import House, lines_of, on_stage
from tests.tui.test_safety import EVIL, clean

SCREENS = ("home", "workflows", "history", "skills", "setup", "analytics", "compose")
LONG = "long line " * 1_000_000
"""10 MB without a break."""

SEND = "name: send{n}\ndescription: {text}\ncommand: [cp, a, {text}]\neffect: unsafe\n"
CRITIC = "---\nname: critic{n}\ndescription: {text}\nmodel: {text}\n---\n{text}\n"
FLOW = """\
name: {text}
description: {text}
parameters: [{{name: p, description: {text}, default: {text}}}]
stages:
  - name: s
    steps: [{{id: one, type: transform, value: {text}}}]
"""


def put_all(project: Path) -> None:
    """Workflows, skills, agents, servers and rules that say each of the texts, in files that are called so too."""
    for n, evil in enumerate(EVIL):
        text = json.dumps(evil[:3000], ensure_ascii=True)
        put(project, f"workflows/flow{n}.yaml", FLOW.format(text=text))
        put(project, f"workflows/broken{n}.yaml", f"name: {text}\nsteps: [{{id: a, type: {text}}}]\n")
        put(project, f"skills/send{n}.yaml", SEND.format(n=n, text=text))
        put(project, f"agents/critic{n}.md", CRITIC.format(n=n, text=text))
        stem = evil[:40].replace("/", "_").replace("\x00", "")
        put(project, f"workflows/{stem}.yaml", FLOW.format(text=text))
    servers = {evil[:30]: {"command": evil[:200], "args": [evil[:200]]} for evil in EVIL}
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    rules = json.dumps([f"{evil[:50]}(path={evil[:50]})" for evil in EVIL])
    put(project, "settings.yaml", f"permissions: {{deny: {rules}}}\n")


async def walk(house: House) -> None:
    """Down the list of what is shown, with its tabs."""
    for key in ("G", "pageup", "j", "j"):
        await house.press(key)
        clean(house)
    for _ in range(4):
        await house.press("right")
        clean(house)


async def test_what_files_are_called_and_say_is_only_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_all(tmp_path / "project")
    monkeypatch.setattr("app.container.BUILT_IN_WORKFLOWS", tmp_path / "none")
    async with on_stage(tmp_path, played=False) as house:
        await house.until(lambda: isinstance(house.app.screen, Choices))
        clean(house)
        await house.press("t")
        await house.until(lambda: len(house.app.workflows) > 2 * len(EVIL))
        for name in SCREENS:
            getattr(house.app, f"do_{name}")()
            await house.rest()
            clean(house)
            await walk(house)
        readable = [file for file in house.app.workflows if file.workflow is not None]
        assert len(readable) > len(EVIL)
        for file in readable:
            if file.stem.startswith("flow"):
                await house.app.open_form(file.stem)
                await house.rest()
                clean(house)
                await house.press("escape")
        house.app.do_workflows()
        await house.press("colon", *"bold")
        await house.shows("[bold]x[/bold]")
        clean(house)
        assert house.app.is_running


async def test_what_runs_are_called_and_fail_of_is_only_text(tmp_path: Path) -> None:
    async with on_stage(tmp_path, (80, 24)) as house:
        texts = [*EVIL, LONG]
        for n, evil in enumerate(texts):
            plan = parallel(step(f"s{n}", "play", title=evil[:100_000]))
            driver = await house.start(plan, workflow=evil[:200], source=evil[:1000], parameters={"a": evil[:100_000]})
            house.cast[f"s{n}"].fail(evil, hint=evil)
            await house.until(lambda driver=driver: driver.committed.open_inquiries)
            await driver.answer(f"s{n}:1", "abort", note=evil[:1000])
            await house.until(lambda driver=driver: driver.committed.over)
        for name in ("home", "history", "analytics"):
            getattr(house.app, f"do_{name}")()
            await house.rest()
            await walk(house)
        house.app.do_history()
        await house.press("c", "j", "c")
        await house.shows("compare")
        await walk(house)
        await house.press("escape")
        house.app.do_history()
        await house.press("X")
        clean(house)
        await house.press("escape", "y")
        clean(house)
        assert "long line" in LONG
        assert house.app.is_running
        assert lines_of(house.app)


async def test_what_is_pasted_acts_on_nothing(tmp_path: Path) -> None:
    text = "a\x1b[2Jb\x9b2J\u202ec\x07 \u200b[bold]end"
    async with on_stage(tmp_path, played=False) as house:
        for key in ("n", "3"):
            await house.press(key)
            await house.rest()
            house.app.post_message(Paste(text))
            await house.until(lambda: "[bold]end" in lines_of(house.app))
            clean(house)
            await house.press("escape")
