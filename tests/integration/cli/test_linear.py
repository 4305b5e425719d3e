"""`understudy --plain`, and any terminal that draws no screens: the first screen as lines with numbers."""

from __future__ import annotations

from tests.support.command_line import CommandLine
from tests.support.dumb_terminals import Terminal

GATED = """\
name: Gated
parameters: [{name: who, default: world, description: Who is greeted}]
steps:
  - {id: sure, type: approval, show: Really?}
  - {id: say, type: transform, value: "Hello ${{ parameters.who }}"}
outputs: {said: "${{ steps.say.output }}"}
"""


def prepared(line: CommandLine) -> CommandLine:
    folder = line.cwd / ".understudy" / "workflows"
    folder.mkdir(parents=True)
    (folder / "gated.yaml").write_text(GATED, encoding="utf-8")
    assert line.run("trust", "--yes").code == 0
    return line


def test_a_run_is_started_approved_and_looked_at_by_numbers(line: CommandLine) -> None:
    terminal = Terminal(prepared(line))
    listed = terminal.wait_for("then enter:")
    assert "No runs yet. d runs the demo." in listed
    assert "  1  gated  Gated" in listed
    terminal.type("")
    terminal.wait_for("Nothing was chosen")
    terminal.type("1")
    terminal.wait_for('who (Who is greeted) ["world"]:')
    terminal.type("ada")
    terminal.wait_for("Really?")
    terminal.wait_for("choose 1-2 for sure, then enter:")
    terminal.type("1")
    terminal.wait_for("Hello ada")
    assert "Recent\n  1  ✓ done  Gated" in terminal.wait_for("or a letter, then enter:")
    terminal.type("1")
    terminal.wait_for("What happened")
    terminal.wait_for("or a letter, then enter:")
    terminal.type("q")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.shown


def test_what_waits_is_first_and_is_answered_there(line: CommandLine) -> None:
    assert prepared(line).run("run", "gated").code == 3
    terminal = Terminal(line, "--plain")
    assert "Needs you (1)\n  1  ‖ approval  Gated: Really?" in terminal.wait_for("or a letter, then enter:")
    terminal.type("1")
    terminal.wait_for("choose 1-2 for sure, then enter:")
    terminal.type("1")
    terminal.wait_for("Hello world")
    terminal.wait_for("or a letter, then enter:")
    terminal.type("q")
    assert terminal.end() == 0


def test_where_the_input_ends_it_lists_and_leaves(line: CommandLine) -> None:
    ended = prepared(line).run("--plain")
    assert ended.code == 0
    assert "  1  gated  Gated" in ended.stdout
