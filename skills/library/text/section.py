"""`markdown.section`: lines put into a section of a Markdown file."""

from __future__ import annotations

import re
from pathlib import Path

from skills import Context, skill
from skills.library.file._content import decode, read_bytes
from skills.paths import shown
from workflows.values import Json

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")


@skill(name="markdown.section", effect="pure", touches=["reads"])
def section(context: Context, path: Path, heading: str, text: str, title: str = "Changelog") -> dict[str, Json]:
    """Put text into a section of a Markdown file, and give the whole as text. The file itself is not changed.

    Where the text has headings of its own, its lines go under those of the section that are called the same. Lines that
    stand there already are not put in again. A section that is missing is made before the first of the second level.

    Args:
        path: The file; where there is none, a new one is begun.
        heading: The section, such as Unreleased; brackets around it do not count.
        text: What is put in.
        title: The heading that a new file begins with.

    Returns: {path, text, added, created}. `added` is how many lines are new.
    """
    name, there = shown(context.root, path), path.is_file()
    old = decode(name, read_bytes(context.root, path), "utf-8") if there else f"# {title}\n"
    lines = old.rstrip("\n").split("\n")
    start = _find(lines, heading)
    if start is None:
        start = next((at for at, line in enumerate(lines) if line.startswith("## ")), len(lines))
        made = [*([""] if start == len(lines) else []), f"## {heading}", "", *([""] if start < len(lines) else [])]
        lines[start:start] = made
        start = _find(lines, heading)
    assert start is not None  # it was made
    level = len(lines[start]) - len(lines[start].lstrip("#"))
    end = next((at for at in range(start + 1, len(lines)) if 0 < _level(lines[at]) <= level), len(lines))
    body, added = _merged(lines[start + 1 : end], text.strip("\n").split("\n"), level + 1)
    after = [*lines[: start + 1], "", *body, *([""] if end < len(lines) else []), *lines[end:]]
    return {"path": name, "text": "\n".join(after).rstrip("\n") + "\n", "added": added, "created": not there}


def _find(lines: list[str], heading: str) -> int | None:
    wanted = heading.strip("[] ").casefold()
    for at, line in enumerate(lines):
        if (match := _HEADING.fullmatch(line)) and re.split(r"\s+-\s|\]\(", match[2])[0].strip(
            "[] "
        ).casefold() == wanted:
            return at
    return None


def _level(line: str) -> int:
    match = _HEADING.fullmatch(line)
    return len(match[1]) if match else 0


def _merged(old: list[str], new: list[str], level: int) -> tuple[list[str], int]:
    """The section's own lines with the new ones under the headings that they belong to."""
    parts, added = _parts(old), 0
    for title, lines in _parts(new).items():
        there = parts.setdefault(title, [])
        fresh = [line for line in lines if line.strip() and line.strip() not in {each.strip() for each in there}]
        added += len(fresh)
        parts[title] = [*fresh, *there] if not title else [*there, *fresh]
    blocks: list[str] = []
    for title, lines in parts.items():
        block = [*([f"{'#' * level} {title}", ""] if title else []), *lines]
        blocks += [*block, ""] if any(line.strip() for line in block) else []
    return blocks[:-1], added


def _parts(lines: list[str]) -> dict[str, list[str]]:
    """Lines by the heading they stand under, without empty ones around them; "" for those before the first."""
    parts: dict[str, list[str]] = {"": []}
    title = ""
    for line in lines:
        if match := _HEADING.fullmatch(line):
            title = match[2]
            parts.setdefault(title, [])
        else:
            parts[title].append(line)
    return {title: "\n".join(each).strip("\n").split("\n") if any(each) else [] for title, each in parts.items()}
