"""An agent's tools on the command line: asked for, allowed for the run, taken back; and which rules count."""

from __future__ import annotations

from tests.support.command_line import CommandLine

FLOW = """\
name: Notes
steps:
  - {id: note, type: agent, agent: noter, input: Write it down.}
"""

AGENT = """\
---
name: noter
description: Writes notes
tools: [file.write]
script:
  - tool_calls: [{name: file_write, arguments: {path: notes/1.md, text: one}}]
  - tool_calls: [{name: file_write, arguments: {path: notes/2.md, text: two}}]
  - tool_calls: [{name: file_write, arguments: {path: keep/3.md, text: three}}]
  - tool_calls: [{name: file_write, arguments: {path: notes/4.md, text: four}}]
  - Written.
---
"""


def test_tools_wait_are_allowed_for_the_run_and_taken_back(line: CommandLine) -> None:
    line.write("notes.yaml", FLOW)
    line.write(".understudy/agents/noter.md", AGENT)
    line.write(".understudy/settings.yaml", "permissions: {allow: [git.*]}\n")
    before = line.run("permissions", "--json").document
    assert before["rules"] == [], "nothing of a workspace counts before it is trusted"
    line.run("trust", "--yes")
    assert line.run("permissions", "--json").document["rules"][0]["rule"] == "git.*"

    waits = line.run("run", "notes.yaml", "--yes", "--json")
    assert waits.code == 3, "what a model will ask for cannot be approved beforehand"
    (card,) = waits.document["waiting"]
    run = waits.document["run"]
    assert card["title"] == "noter wants to use file.write: Create notes/1.md"
    assert card["facts"]["asked because"] == "no rule allows it, and it is idempotent"
    assert [choice["choice"] for choice in card["choices"]] == ["approve", "allow_pattern", "deny"]
    assert "file.write(path=notes/**)" in card["choices"][1]["leads_to"]

    third = line.run("answer", run, card["entry"], "allow_pattern", "--json")
    assert third.code == 3
    assert (line.cwd / "notes/2.md").exists(), "the second needs no asking"
    (card,) = third.document["waiting"]
    assert "keep/3.md" in card["title"]

    listed = line.run("permissions", run)
    assert "  1  file.write(path=notes/**)  " in listed.stdout
    assert f"{line.cwd}/.understudy/settings.yaml:1" in listed.stdout
    wrong = line.run("permissions", "revoke", run, "2")
    assert (wrong.code, "nothing allowed under the number 2: numbers 1 to 1" in wrong.stderr) == (2, True)
    revoked = line.run("permissions", "revoke", run, "1", "--json").document
    assert (revoked["became"], revoked["allowed"][0]["revoked"] is None) == ("done", False)
    assert "had been taken back before" in line.run("permissions", "revoke", run, "1").stderr

    fourth = line.run("answer", run, card["entry"], "deny", "--note", "not there", "--json")
    (card,) = fourth.document["waiting"]
    assert "notes/4.md" in card["title"], "what was taken back is asked for again"
    line.write(".understudy/settings.yaml", "permissions:\n  allow: [git.*]\n  forbid: [x]\n")
    broken = line.run("permissions")
    assert broken.code == 4
    assert f"{line.cwd}/.understudy/settings.yaml:3:3" in broken.stderr
    line.write(".understudy/settings.yaml", "permissions: {deny: ['file.write(path=notes/4.md)']}\n")
    assert line.run("answer", run, card["entry"], "approve").code == 0
    assert sorted(path.name for path in line.cwd.glob("*/*.md")) == ["1.md", "2.md"], "a new deny counts at once"
    story = line.run("show", run).stdout
    assert "\n1 try · " in story, "waiting for a person, and being stopped meanwhile, is no try"
    assert "file.write(path=notes/**) is allowed for the rest of this run by" in story
    assert "file.write(path=notes/**) is allowed no more by" in story


def test_what_a_project_says_to_agents_waits_for_trust(line: CommandLine) -> None:
    config = line.home / "state" / "config" / "agents"
    config.mkdir(parents=True)
    (config / "reader.md").write_text(
        "---\nname: reader\ndescription: Reads\ntools: [file.read]\nscript: [Read.]\n---\nYou read.\n"
    )
    line.write("read.yaml", "name: Read\nsteps: [{id: a, type: agent, agent: reader, input: Read it.}]\n")
    line.write("AGENTS.md", "Use tabs.\n")
    assert "AGENTS.md is not used" in line.run("run", "read.yaml").stderr
    assert "  AGENTS.md\n" in line.run("trust", "--yes").stderr
    assert "reader uses AGENTS.md (10 bytes)" in line.run("run", "read.yaml").stderr


def test_rules_that_cannot_be_read_end_a_run_before_it_begins(line: CommandLine) -> None:
    line.write("notes.yaml", FLOW)
    line.write(".understudy/agents/noter.md", AGENT)
    broken = 'permissions:\n  deny: no\n  allow: ["file.write(pth=x)"]\n'
    line.write(".understudy/settings.yaml", broken)
    line.run("trust", "--yes")
    for command in ("plan", "run"):
        told = line.run(command, "notes.yaml")
        assert told.code == 4
        first, second = (
            told.stderr.index(f"{line.cwd}/.understudy/settings.yaml:{place}") for place in ("2:9", "3:11")
        )
        assert first < second, "in the order of the lines"
        assert '  3 |   allow: ["file.write(pth=x)"]\n' in told.stderr
    assert line.run("runs", "--json").document["runs"] == []
    assert "settings.yaml:2:9: error" in line.run("doctor").stdout

    (line.cwd / ".understudy" / "settings.yaml").unlink()
    waits = line.run("run", "notes.yaml", "--json").document
    line.write(".understudy/settings.yaml", broken)
    refused = line.run("resume", waits["run"])
    assert (refused.code, "settings.yaml:2:9: error" in refused.stderr) == (4, True)


def test_a_rule_for_no_tool_that_is_here_is_told(line: CommandLine) -> None:
    rules = "permissions: {deny: ['comand(argv=git push)', 'mcp__later__*', 'git.*', skill.run]}\n"
    line.write(".understudy/settings.yaml", rules)
    line.run("trust", "--yes")
    told = line.run("permissions").stderr
    assert "deny comand(argv=git push) is for no tool that is here: did you mean 'command'?" in told
    assert told.count("no tool that is here") == 1
    (lost,) = line.run("permissions", "--json").document["for_no_tool_here"]
    assert lost.startswith("deny comand(argv=git push)")
