"""Path patterns, and the folders that no listing or search looks into. Imports nothing of ours: `_scan` runs alone."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

SKIPPED = frozenset(
    {".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache", ".ruff_cache"}
    | {".pytest_cache", ".understudy"}
)
"""Names of folders that hold what tools made and not what people wrote."""


def matcher(glob: str) -> Callable[[str], bool]:
    """Whether a relative path matches a pattern: `*`, `?` and `[…]` within one level, `**` for any number of levels."""
    parts = glob.split("/")

    def matches(path: str) -> bool:
        names = path.split("/")
        reached = {0}  # how many of the names the parts so far can have matched
        for part in parts:
            if part == "**":
                reached = set(range(min(reached), len(names) + 1)) if reached else reached
            else:
                reached = {at + 1 for at in reached if at < len(names) and fnmatchcase(names[at], part)}
        return len(names) in reached

    return matches
