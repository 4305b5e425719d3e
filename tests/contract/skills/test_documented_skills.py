"""The command and the folder in docs/skills.md are right, and do what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from skills.discover import workspace_folder
from skills.folders.read import check_folder
from tests.support.skill_calls import Caller
from tests.support.skill_folders import COUNT

PAGE = (Path(__file__).parents[3] / "docs" / "skills.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


async def test_the_command_counts_words(tmp_path: Path) -> None:
    folder = workspace_folder(tmp_path).path
    folder.mkdir(parents=True)
    (folder / "words.yaml").write_text(block("yaml"))
    (tmp_path / "a.txt").write_text("one two\nthree\n")
    call = Caller(tmp_path)
    assert call.registry.snapshot.problems == call.registry.snapshot.notes == ()
    assert (await call("words.count", file="a.txt")).split()[0] == "3"
    assert (await call("words.count", file="a.txt", what="lines")).split()[0] == "2"


def test_the_folder_is_right(tmp_path: Path) -> None:
    path = workspace_folder(tmp_path).path / "release-notes" / "SKILL.md"
    (path.parent / "scripts").mkdir(parents=True)
    path.write_text(block("markdown"))
    (path.parent / "scripts" / "count.py").write_text(COUNT)
    (lost,) = check_folder(path)
    assert lost.message == "there is no file references/tone.md in this folder"
    (path.parent / "references").mkdir()
    (path.parent / "references" / "tone.md").write_text("Calm.\n")
    assert check_folder(path) == ()
    skill = Caller(tmp_path).registry.get("release-notes")
    assert skill.bundle is not None
    assert skill.bundle.body.startswith("# Release notes")
