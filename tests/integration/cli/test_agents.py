"""`understudy agents`: looking at one, and writing the beginning of one."""

from __future__ import annotations

from tests.support.command_line import CommandLine

FOREIGN = """\
---
name: code-reviewer
description: Reviews code.
tools: Read, Bash, Task, mcp__github__get_issue
model: sonnet
color: blue
permissionMode: acceptEdits
---
You are a senior reviewer.
"""


def test_all_of_an_agent_that_others_wrote_is_told(line: CommandLine) -> None:
    line.write(".claude/agents/code-reviewer.md", FOREIGN)
    assert line.run("trust", "--yes").code == 0
    shown = line.run("agents", "show", "code-reviewer")
    assert shown.code == 0, shown.stderr
    assert "tools: file.read, command (asks you)\n" in shown.stdout
    assert "will not get its tool 'Task': there is no such skill" in shown.stdout
    assert "ANTHROPIC_API_KEY is not set" in shown.stdout
    assert "not used here: color, permissionMode" in shown.stdout
    assert "prompt:\n  You are a senior reviewer." in shown.stdout
    document = line.run("agents", "code-reviewer", "--json").document["agent"]
    assert (document["tools"], document["asks"]) == (
        ["file.read", "command", "Task", "mcp__github__get_issue"],
        ["command"],
    )
    assert (len(document["refused"]), len(document["cannot_be_asked"])) == (2, 1)
    assert document["prompt"].strip() == "You are a senior reviewer."


def test_what_an_agent_answers_with_is_told_in_words(line: CommandLine) -> None:
    shown = line.run("agents", "triager").stdout
    assert "answers with:\n  summary (a text; required)\n  groups (a list of objects; required)\n    cause" in shown


def test_what_new_writes_can_be_asked(line: CommandLine) -> None:
    written = line.run("agents", "new", "bug-finder")
    assert (written.code, "next: understudy trust" in written.stderr) == (0, True)
    assert line.run("trust", "--yes").code == 0
    shown = line.run("agents", "show", "bug-finder", "--json").document["agent"]
    assert (shown["problems"], shown["refused"], shown["tools"]) == ([], [], ["file.list", "file.read"])
    again = line.run("agents", "new", "bug-finder")
    assert (again.code, "already" in again.stderr) == (2, True)
    assert line.run("agents", "new", "no/name").code == 2


def test_a_name_that_is_none_is_refused_with_one_that_is(line: CommandLine) -> None:
    refused = line.run("agents", "show", "triagr")
    assert (refused.code, "triager" in refused.stderr) == (2, True)
