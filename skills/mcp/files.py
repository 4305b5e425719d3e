"""Where servers may be configured. Nothing else is imported here: most have none, and every start asks."""

from __future__ import annotations

from pathlib import Path

from skills.layers import Scope
from workflows.records import dataclass


@dataclass(frozen=True)
class File:
    """A file that may hold servers. `root` is the workspace it belongs to, None for the user's own."""

    path: Path
    scope: Scope
    root: Path | None = None

    @property
    def folder(self) -> Path:
        """Where its servers are started, unless they say it themselves."""
        return self.root or self.path.parent


def files_of(root: Path, config: Path) -> tuple[File, ...]:
    """The files of a workspace and of the user, the one that wins first."""
    return (
        File(root / ".understudy" / "mcp.json", "workspace", root),
        File(root / ".mcp.json", "workspace", root),
        File(config / "mcp.json", "user"),
    )
