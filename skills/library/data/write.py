"""`data.write`: data as a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skills import Context, Preview, SkillError, skill
from skills.library.file._put import put
from skills.library.file.write import preview as file_preview
from workflows.values import Json


@skill(
    name="data.write",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}},
)
def write(context: Context, path: Path, value: Any, indent: int = 2, sort_keys: bool = False) -> dict[str, Json]:
    """Write data to a JSON file of the workspace; to a `.jsonl` file, a list with one item a line. JSON is YAML, too.

    Args:
        path: The file.
        value: The data.
        indent: Blanks a level; 0 for all on one line.
        sort_keys: Put the keys of objects into the order of the alphabet.

    Returns: {path, bytes, sha256, backup, created}. `backup` is the id for file.restore.
    """
    return put(context, path, _text(path, value, indent, sort_keys).encode("utf-8", "surrogatepass"))


@write.preview
def preview(context: Context, path: Path, value: Any, indent: int = 2, sort_keys: bool = False) -> Preview:
    """The change as a unified diff."""
    shown: Preview = file_preview(context, path, _text(path, value, indent, sort_keys))
    return shown


def _text(path: Path, value: Any, indent: int, sort_keys: bool) -> str:
    if not 0 <= indent <= 8:
        raise SkillError(f"indent is {indent}", "from 0 to 8", "validation")
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        if not isinstance(value, list):
            raise SkillError("a file of JSON lines holds a list", "", "validation")
        return "".join(json.dumps(item, ensure_ascii=False, sort_keys=sort_keys) + "\n" for item in value)
    return json.dumps(value, ensure_ascii=False, indent=indent or None, sort_keys=sort_keys) + "\n"
