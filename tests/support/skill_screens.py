"""A project with skills and agents of its own, for the screens that show them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from app.tui.modals.frame import Modal
from app.tui.screens.skills import SkillsScreen
from tests.support.stage import House, on_stage

LINT = '''\
from skills import Context, skill


@skill(name="lint", effect="pure")
def lint(context: Context, path: str = ".", deep: bool = False) -> dict:
    """Look for faults.

    Args:
        path: Where to look.
        deep: In folders too.
    """
    context.log("looking")
    return {"faults": len(path)}
'''

SEND = """\
name: send
description: Send a file to somebody.
parameters:
  - {name: path, type: path, required: true, description: What is sent.}
command: [cp, "{path}", sent.txt]
effect: unsafe
touches: [reads, writes]
"""

CRITIC = """\
---
name: critic
description: Reads what others wrote
model: template/critic
tools: [lint]
---
You are strict.
"""

WEEKLY = """\
name: Weekly
steps:
  - {id: lint, type: skill, skill: lint, parameters: {path: docs}}
  - {id: judge, type: agent, agent: critic, input: look}
"""


def put(root: Path, name: str, text: str) -> Path:
    """A file of the project."""
    path = root / ".understudy" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def put_all(root: Path) -> Path:
    """Two skills, an agent and a workflow that uses them; the path of the first skill."""
    put(root, "skills/send.yaml", SEND)
    put(root, "agents/critic.md", CRITIC)
    put(root, "workflows/weekly.yaml", WEEKLY)
    return put(root, "skills/lint.py", LINT)


@asynccontextmanager
async def skills_listed(
    tmp: Path, size: tuple[int, int] = (140, 40), *, trusted: bool = True, **more: Any
) -> AsyncIterator[House]:
    """The screen of skills and agents, the cursor on the first of the project's."""
    put_all(tmp / "project")
    async with on_stage(tmp, size, played=False, **more) as house:
        await house.until(lambda: isinstance(house.app.screen, Modal))
        await house.press("t" if trusted else "escape")
        await house.until(lambda: house.app.workflows)
        house.app.clear_notifications()
        await house.press("6")
        await house.until(lambda: isinstance(house.app.screen, SkillsScreen) and house.app.screen.entry)
        yield house
