"""What the workspace's rules make of the tools of agents, where nobody is there to be asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.container import open_services
from app.desk import Desk
from app.paths import find_paths
from app.proving import prove_headless

AGENT = """\
---
name: {name}
description: Helps
model: demo/scripted
{more}
script: [Hi]
---
You help.
"""


async def found(tmp_path: Path, agents: Mapping[str, str], settings: str = "", flow: str = "") -> str:
    """What the proof says of a workflow that asks the agent `helper`."""
    home, root = tmp_path / "home", tmp_path / "work"
    (home / "config" / "agents").mkdir(parents=True)
    root.mkdir()
    (home / "config" / "settings.yaml").write_text(settings)
    for name, more in agents.items():
        (home / "config" / "agents" / f"{name}.md").write_text(AGENT.format(name=name, more=more))
    (root / "flow.yaml").write_text(
        flow or "name: Flow\nsteps:\n  - {id: a, type: agent, agent: helper, input: Hello}\n"
    )
    environ = {"PATH": os.environ["PATH"], "UNDERSTUDY_HOME": str(home)}
    async with open_services(find_paths(environ, root), environ, trusted=True) as services:
        desk = Desk(services)
        file = desk.load(str(root / "flow.yaml"))
        assert not file.errors, file.errors
        return " / ".join(each.message for each in prove_headless(desk, file))


@pytest.mark.parametrize(
    ("more", "settings", "waits"),
    [
        ("", "", ""),
        ("tools: [file.read, file.list]", "", ""),
        ("tools: [file.read, file.write]", "", "file.write"),
        ("tools: [file.write]", "permissions: {allow: [file.write]}\n", "file.write"),
        ("tools: [file.write]", "permissions: {deny: [file.write]}\n", ""),
        ("tools: [file.read]", "permissions: {ask: ['file.read(path=secret/**)']}\n", "file.read"),
        ("tools: [file.list]", "permissions: {deny: ['file.list(path=secret/**)']}\n", "file.list"),
        ("tools: [file.read]\npermissions: {ask: [file.read]}", "", "file.read"),
        ("tools: [git.log, git.diff]", "", ""),
        ("tools: [command]", "permissions: {allow: ['command(argv=ls *)']}\n", "command"),
        ("tools: [mcp__notthere]", "", "mcp__notthere"),
    ],
)
async def test_what_rules_may_ask_about_needs_somebody(tmp_path: Path, more: str, settings: str, waits: str) -> None:
    said = await found(tmp_path, {"helper": more}, settings)
    assert said == (
        f"'a' may wait for a person: about what agent helper does with {waits}, and nobody may be there"
        if waits
        else ""
    )


async def test_those_whom_an_agent_hands_over_to_count_too(tmp_path: Path) -> None:
    said = await found(tmp_path, {"helper": "agents: [other]", "other": "tools: [file.write]"})
    assert "agent helper does with file.write" in said


async def test_the_same_with_somebody_who_is_told(tmp_path: Path) -> None:
    top = "name: Flow\nunattended: {channel: terminal, timeout: 1h}\n"
    flow = top + "steps:\n  - {id: a, type: agent, agent: helper, input: Hi}\n"
    assert await found(tmp_path, {"helper": "tools: [file.write]"}, flow=flow) == ""
