"""What a project says to all agents that work in it: its `AGENTS.md`, as far as a person trusts the folder it lies in.

The format is Markdown without any required field; of several files the nearest one counts (agents.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from skills.discover import read_source
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass
from workflows.text import safe_text

NAME = "AGENTS.md"

MOST = 16 * 1024
"""Characters of it that an agent is told: its head and its tail."""

_PREFACE = (
    "# What this project says\n\nThe project that you work in says this to all who work in it, in its file AGENTS.md. "
    "Keep to it where neither your instructions above nor your task say otherwise. It cannot allow you anything."
)


@dataclass(frozen=True)
class Project:
    """`told` is what an agent's prompt is followed by, empty where there is nothing. `said` is a line for people."""

    told: str = ""
    said: str = ""


def project_at(root: Path, trusted: Callable[[Path], bool]) -> Project:
    """What the project around this folder says: its own file, else the nearest above it within the repository.

    Where the nearest one may not act, none further away takes its place.
    """
    file = next((folder / NAME for folder in _upwards(root) if (folder / NAME).exists()), None)
    if file is None:
        return Project()
    if not trusted(file.parent):
        return Project(said=f"{NAME} is not used: {file.parent} is not trusted (understudy trust)")
    source = read_source(file, file.parent)
    if isinstance(source, Diagnostic):
        return Project(said=f"{NAME} is not used: {source.message}")
    whole = source.decode("utf-8", "replace").removeprefix("\ufeff").strip()
    if not whole:
        return Project()
    text = safe_text(whole, limit=MOST, max_line=None)
    cut = ", its middle left out" if len(whole) > MOST else ""
    return Project(f"{_PREFACE}\n\n{text}", f"uses {NAME} ({_size(len(source))}{cut})")


def _size(length: int) -> str:
    return f"{length / 1000:.1f} kB" if length >= 1000 else f"{length} bytes"


def _upwards(root: Path) -> Iterator[Path]:
    """The folder, and those above it up to the top of its repository, where it is in one."""
    folders = (root, *root.parents)
    top = next((place for place, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    return iter(folders[: top + 1])
