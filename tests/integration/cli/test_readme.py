"""What the README tells a newcomer to type works as it says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.command_line import CommandLine

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_workflow_and_its_commands(line: CommandLine) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    line.write(".understudy/workflows/greet.yaml", text)
    after = README.partition(text)[2]
    commands = [words.split() for words in re.findall(r"^    understudy (.*?)(?:  +#.*)?$", after, re.MULTILINE)]
    assert [words[0] for words in commands[:4]] == ["validate", "trust", "plan", "run"]
    validate, trust, plan, run = commands[:4]
    assert line.run(*validate).code == 0
    assert line.run(*trust, "--yes").code == 0
    assert "‖ a person decides before it acts" in line.run(*plan).stdout
    assert line.run(*run, "--yes").code == 0
    assert (line.cwd / "greeting.md").read_text() == "Hello, Ada.\n"


def test_the_commands_at_the_root_are_there() -> None:
    for name in ("demo", "check"):
        assert f"./dev {name}" in README
        assert f'command == "{name}"' in (ROOT / "dev").read_text()


def test_its_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] in ([], ["docs/pictures/run.svg"])
