"""`text.diff`: how two texts differ."""

from __future__ import annotations

from skills import skill
from skills.difference import split_lines, unified
from workflows.values import Json


@skill(name="text.diff", effect="pure")
def diff(before: str, after: str, name: str = "text") -> dict[str, Json]:
    """Compare two texts line by line.

    Args:
        before: The old text.
        after: The new text.
        name: What the diff's headings call them.

    Returns: {diff, same, added, removed}. `diff` is a unified diff, empty where the texts are the same; `added` and
        `removed` count its lines.
    """
    text = unified(before, after, f"a/{name}", f"b/{name}")
    changes = split_lines(text)[2:]
    return {
        "diff": text,
        "same": not text,
        "added": sum(line.startswith("+") for line in changes),
        "removed": sum(line.startswith("-") for line in changes),
    }
