"""`file.read`: the text of a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from skills import Context, SkillError, skill
from skills.difference import split_lines
from skills.library.file._content import decode, is_small, read_bytes, sha256
from skills.paths import shown
from workflows.text import safe_text
from workflows.values import Json

_MAX_TEXT = 512 * 1024
"""Characters of one result."""


@skill(name="file.read", effect="pure", touches=["reads"])
async def read(
    context: Context, path: Path, start: int = 1, lines: int | None = None, encoding: str = "utf-8"
) -> dict[str, Json]:
    """Read a text file of the workspace.

    Args:
        path: The file.
        start: The first line to read, counted from 1.
        lines: How many lines to read; all of them if not given.
        encoding: How the file's bytes are text.

    Returns: {path, text, lines, bytes, sha256, truncated, exact}. `lines` and `bytes` are the whole file's, and
        `sha256` is of its bytes. `truncated` says that more follows the text. `exact` is false where the text had
        control characters or other line ends, which results are cleaned of: writing it back would change the file.
    """
    if start < 1 or (lines is not None and lines < 0):
        raise SkillError("lines are counted from 1", "start is at least 1, lines at least 0", "validation")
    if is_small(path):  # passing it to a thread takes longer than reading it
        return _read(context, path, start, lines, encoding)
    return await asyncio.to_thread(_read, context, path, start, lines, encoding)


def _read(context: Context, path: Path, start: int, lines: int | None, encoding: str) -> dict[str, Json]:
    name = shown(context.root, path)
    content = read_bytes(context.root, path)
    all_lines = split_lines(decode(name, content, encoding))
    wanted = all_lines[start - 1 : None if lines is None else start - 1 + lines]
    text = "".join(wanted)
    kept = text[:_MAX_TEXT]
    return {
        "path": name,
        "text": kept,
        "lines": len(all_lines),
        "bytes": len(content),
        "sha256": sha256(content),
        "truncated": len(kept) < len(text) or start - 1 + len(wanted) < len(all_lines),
        "exact": safe_text(kept, max_line=None) == kept,
    }
