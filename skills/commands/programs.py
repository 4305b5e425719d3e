"""Files of the workspace that a command runs: what is approved of it is what they hold, not what they are called."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from skills.declare import Preview
from skills.paths import PathRefused, open_beneath, resolve, shown
from workflows.values import Json

SCRIPTS = frozenset(
    {".py", ".pyz", ".sh", ".bash", ".zsh", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb", ".pl", ".php", ".lua", ".jar"}
)
"""How the names of files end that a program which is named before them runs."""


def programs_in(argv: Sequence[str], cwd: Path, root: Path) -> dict[str, str]:
    """The SHA-256, in hex, of each file of the workspace that a command names as a program or a script, by its path."""
    found: dict[str, str] = {}
    for place, word in enumerate(argv):
        if not (place == 0 and "/" in word) and Path(word).suffix.lower() not in SCRIPTS:
            continue
        try:
            path = resolve(root, word, cwd=cwd)
            with open(open_beneath(root, path), "rb") as file:
                found[shown(root, path)] = hashlib.file_digest(file, "sha256").hexdigest()
        except (PathRefused, OSError):
            continue  # it is elsewhere, or nowhere
    return found


def bound(preview: Preview, argv: Sequence[str], cwd: Path, root: Path) -> Preview:
    """The preview of a command, bound to what the files hold that it runs."""
    programs = programs_in(argv, cwd, root)
    if not programs:
        return preview
    said = ", ".join(f"{name} ({digest[:12]})" for name, digest in programs.items())
    binds: Json = {**(preview.binds or {}), "programs": programs}
    return Preview(preview.title, preview.body, {**preview.facts, "runs": said}, binds)
