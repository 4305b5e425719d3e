"""Code that is edited while a run waits: what is asked then shows which lines changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from app.kept_code import KEPT_FOR, forget_old
from tests.support.command_line import CommandLine

AGENT = """\
---
name: noter
description: Writes notes
model: demo/scripted
tools: [notes.line]
script: [Written.]
---
You write notes.
Be brief.
"""
SKILL = '''\
from skills import skill


@skill(name="notes.line", effect="pure")
def line() -> str:
    """Give a line."""
    return "one"
'''
FLOW = """\
name: Notes
steps:
  - {id: ask, type: approval, show: Go on?}
  - {id: note, type: agent, agent: noter, input: Write it down.}
"""


def waiting_run(line: CommandLine) -> str:
    line.write("notes.yaml", FLOW)
    line.write(".understudy/agents/noter.md", AGENT)
    line.write(".understudy/skills/line.py", SKILL)
    assert line.run("trust", "--yes").code == 0
    found: str = line.run("run", "notes.yaml", "--json").document["run"]
    return found


def test_lines_that_changed_in_an_agent_and_in_its_tool_are_shown(line: CommandLine) -> None:
    run = waiting_run(line)
    line.write(".understudy/agents/noter.md", AGENT.replace("Be brief.", "Be \x1b[31mvery brief."))
    line.write(".understudy/skills/line.py", SKILL.replace('return "one"', 'return "two"'))
    (waits,) = line.run("answer", run, "ask:1", "approve", "--json").document["waiting"]
    assert waits["title"] == "agent:noter changed since this run began"
    for shown in (line.run("show", run).stdout, line.run("answer", run).stderr):
        assert "  │ --- agent noter, as the run began\n" in shown
        assert "  │ -Be brief.\n" in shown
        assert "very brief." in shown
        assert "\x1b" not in shown
        assert '  │ -    return "one"\n  │ +    return "two"\n' in shown
    assert line.run("answer", run, waits["entry"], "use_new").code == 0


def test_what_is_kept_is_private_and_goes_when_no_run_began_with_it_for_long(line: CommandLine) -> None:
    waiting_run(line)
    folder = line.home / "state" / "data" / "code"
    kept = sorted(folder.iterdir())
    assert len(kept) == 2, "the agent with its tool, and the tool"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    at = kept[0].stat().st_mtime
    assert forget_old(folder, at + KEPT_FOR - 1) == 0
    os.utime(kept[0], (0, 0))
    line.run("run", "notes.yaml")
    assert kept[0].stat().st_mtime > KEPT_FOR, "a run that begins with it keeps it"
    assert forget_old(folder, kept[0].stat().st_mtime + KEPT_FOR + 60) == 2
    assert forget_old(Path("/nowhere"), at) == 0


def test_without_what_was_kept_the_versions_are_told(line: CommandLine) -> None:
    run = waiting_run(line)
    for path in (line.home / "state" / "data" / "code").iterdir():
        path.write_text("[")
    line.write(".understudy/agents/noter.md", AGENT + "More.\n")
    assert line.run("answer", run, "ask:1", "approve", "--json").code == 3
    shown = line.run("show", run).stdout
    assert "began with" in shown
    assert "as the run began" not in shown


def test_whoever_ends_a_run_for_changed_code_is_why_it_failed(line: CommandLine) -> None:
    writes = "  - tool_calls: [{name: file_write, arguments: {path: a.md, text: a}}]\n  - Written."
    agent = AGENT.replace("tools: [notes.line]", "tools: [file.write]").replace(" [Written.]", f"\n{writes}")
    line.write("notes.yaml", FLOW.replace("  - {id: ask, type: approval, show: Go on?}\n", ""))
    line.write(".understudy/agents/noter.md", agent)
    assert line.run("trust", "--yes").code == 0
    stopped = line.run("run", "notes.yaml", "--json").document
    line.write(".understudy/agents/noter.md", agent + "More.\n")
    (waits,) = line.run("answer", stopped["run"], "note:1", "approve", "--json").document["waiting"]
    assert waits["reason"] == "changed"
    ended = line.run("answer", stopped["run"], waits["entry"], "abort", "--json").document
    assert ended["failure"]["message"] == "A person ended the run."
