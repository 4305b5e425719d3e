"""Skill folders for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HEAD = """\
---
name: {name}
description: {description}
{more}---
{body}
"""


def write_folder(
    parent: Path,
    name: str,
    *,
    description: str = "Counts words. Use it when words are to be counted.",
    more: str = "",
    body: str = "# How\n\nRun scripts/count.py with the text on its input.",
    files: Mapping[str, str] | None = None,
) -> Path:
    """A skill folder, and the path of its SKILL.md."""
    folder = parent / name
    folder.mkdir(parents=True, exist_ok=True)
    for inside, text in (files or {}).items():
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (folder / inside).write_text(text)
    path = folder / "SKILL.md"
    path.write_text(HEAD.format(name=name, description=description, more=more, body=body))
    return path


COUNT = "import sys\nprint(len(sys.stdin.read().split()), *sys.argv[1:])\n"
"""A script that counts the words of its input."""
