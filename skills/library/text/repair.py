"""`markdown.repair`: Markdown files with what can be put right by rules put right."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from skills import Context, skill
from skills.library.file._content import decode, read_bytes
from skills.library.file._glob import SKIPPED
from skills.library.text.markdown import markdown_files
from skills.paths import resolve, shown
from workflows.values import Json

_PYTHON = re.compile(
    r"(\bPython\s*(?:>=\s*)?)(\d\.\d{1,2})(\+|\s+(?:or (?:later|newer|above)|and (?:up|later))\b|\b(?!\.))"
)


@skill(name="markdown.repair", effect="pure", touches=["reads"])
def repair(
    context: Context,
    broken: list[dict[str, Any]],
    code: list[dict[str, Any]] | None = None,
    path: Path | None = None,
    glob: str = "**/*.md",
) -> dict[str, Json]:
    """Give Markdown files with what rules can put right put right, and say what is left. The files are not changed.

    A link to a file that is not there leads to the only file of that name, if there is one. The lowest Python that is
    named becomes the one of requires-python in pyproject.toml.

    Args:
        broken: Links that lead to nothing, as markdown.check gives them.
        code: Code that cannot be read or run, as markdown.code gives it.
        path: A file, or a folder; the workspace if not given.
        glob: Which files of a folder.

    Returns: {files: [{path, text, changes, left}]}: the files in which something is not right. `text` is the whole file
        with `changes` made; `left` says what a person or an agent has to look at.
    """
    wanted = _wanted_python(context)
    names = _names(context.root)
    files: list[Json] = []
    for file in markdown_files(context, path, glob):
        name = shown(context.root, file)
        text = decode(name, read_bytes(context.root, file), "utf-8")
        changes: list[str] = []
        left = [f"line {each['line']}: {each['problem']}" for each in code or () if each.get("path") == name]
        for each in (each for each in broken if each.get("path") == name):
            new = _elsewhere(context.root, file, str(each["link"]), names)
            if new:
                text = text.replace(f"]({each['link']})", f"]({new})").replace(f"](<{each['link']}>)", f"]({new})")
                changes.append(f"line {each['line']}: the link to {each['link']} leads to {new}")
            else:
                left.append(f"line {each['line']}: the link to {each['link']}: {each['why']}")
        if wanted:
            text = _PYTHON.sub(lambda match: _newer(match, wanted, changes), text)  # noqa: B023  # used at once
        if changes or left:
            files.append({"path": name, "text": text, "changes": list(changes), "left": list(left)})
    return {"files": files}


def _newer(match: re.Match[str], wanted: tuple[int, int], changes: list[str]) -> str:
    major, minor = match[2].split(".")
    if not match[3] or (int(major), int(minor)) >= wanted or int(major) != wanted[0]:
        return match[0]
    new = f"{match[1]}{wanted[0]}.{wanted[1]}{match[3]}"
    changes.append(f"{match[0].strip()} is {new.strip()}")
    return new


def _wanted_python(context: Context) -> tuple[int, int] | None:
    """The lowest Python that the project runs in."""
    try:
        said = tomllib.loads((context.root / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "requires-python"
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    match = re.search(r">=\s*(\d+)\.(\d+)", str(said))
    return (int(match[1]), int(match[2])) if match else None


def _names(root: Path) -> Mapping[str, Sequence[Path]]:
    found: dict[str, list[Path]] = {}
    for place, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for name in files:
            found.setdefault(name, []).append(Path(place, name))
    return found


def _elsewhere(root: Path, file: Path, link: str, names: Mapping[str, Sequence[Path]]) -> str:
    """The link to the only file of that name; empty where there is none, or more than one."""
    target, mark, fragment = link.partition("#")
    there = names.get(target.rpartition("/")[2], ())
    if not target or len(there) != 1 or there[0] == file:
        return ""
    return os.path.relpath(resolve(root, there[0]), file.parent) + mark + fragment
