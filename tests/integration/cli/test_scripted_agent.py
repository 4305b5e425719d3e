"""The agent of docs/agents.md whose answers are written down: as a reader of that page would try it."""

from __future__ import annotations

from pathlib import Path

from tests.support.command_line import CommandLine

PAGE = Path(__file__).parents[3] / "docs" / "agents.md"


def test_the_scripted_agent_of_the_page_works_and_its_story_says_what_it_changed(line: CommandLine) -> None:
    written = PAGE.read_text().partition("### Without a model")[2].partition("```markdown\n")[2].partition("```")[0]
    line.write(".understudy/agents/note-taker.md", written)
    line.write("README.md", "# Here\n")
    line.write("w.yaml", "name: W\nsteps: [{id: note, type: agent, agent: note-taker, input: Go.}]\n")
    assert line.run("trust", "--yes").code == 0
    assert line.run("run", "w.yaml").code == 3
    early = line.run("record", "last")
    assert (early.code, "waits for a person" in early.stderr, "understudy show" in early.stderr) == (2, True, True)
    answered = line.run("answer", "last", "note:1", "approve")
    assert answered.code == 0, answered.stderr
    told = line.run("show", "last").stdout
    assert "turn2/tool1: file.write path=notes.md" in told
    assert "answered approve to file.write: Create notes.md by" in told
    assert "turn1/tool1" not in told, "what it looked at is a detail"
