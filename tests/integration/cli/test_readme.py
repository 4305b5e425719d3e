"""What the README tells a newcomer to type works as it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.support.command_line import CommandLine

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_workflow_and_its_commands(line: CommandLine) -> None:
    commands = _workflow_and_its_commands(line, "greet")
    assert [words[0] for words in commands[:5]] == ["validate", "trust", "plan", "explain", "run"]
    validate, trust, plan, explain, run = commands[:5]
    assert line.run(*validate).code == 0
    assert line.run(*trust, "--yes").code == 0
    assert "‖ a person decides before it acts" in line.run(*plan).stdout
    assert "A person decides at note" in line.run(*explain).stdout
    assert line.run(*run, "--yes").code == 0
    assert (line.cwd / "greeting.md").read_text() == "Hello, Ada.\n"


def test_when_things_go_wrong(line: CommandLine) -> None:
    commands = _workflow_and_its_commands(line, "prices")
    assert [words[0] for words in commands[:6]] == ["run", "inbox", "answer", "answer", "answer", "show"]
    assert line.run("trust", "--yes").code == 0
    assert [line.run(*words).code for words in commands[:6]] == [3, 0, 3, 3, 1, 0]
    assert "rolled back: 2 steps undone, 1 rollback step done" in line.run(*commands[5]).stdout
    assert [path.name for path in line.cwd.iterdir() if path.is_file()] == ["why.txt"]


def _workflow_and_its_commands(line: CommandLine, name: str) -> list[list[str]]:
    """Write the workflow that the README calls so, and give the words of the commands behind it."""
    before, _, after = README.partition(f"`.understudy/workflows/{name}.yaml`")
    text, _, after = after.partition("```yaml\n")[2].partition("```")
    assert before
    line.write(f".understudy/workflows/{name}.yaml", text)
    return [shlex.split(words) for words in re.findall(r"^    understudy (.*?)(?:  +#.*)?$", after, re.MULTILINE)]


def test_the_commands_at_the_root_are_there() -> None:
    for name in ("demo", "check"):
        assert f"./dev {name}" in README
        assert f'command == "{name}"' in (ROOT / "dev").read_text()


def test_its_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] in ([], ["docs/pictures/run.svg"])
