"""A finding inside a text, and where in the file that is."""

from __future__ import annotations

import re

from workflows.expressions.references import Reference
from workflows.records import dataclass
from workflows.source import Document, Mark, Scalar
from workflows.steps.kind import Finding


@dataclass(frozen=True)
class FindingInside(Finding):
    """A finding at a stretch of the text that `path` leads to, counted in characters of that text."""

    offset: int = 0
    length: int = 1


def spot(text: str, reference: Reference, key: int) -> tuple[int, int]:
    """Offset and length of a reference's key in a text (-1: of its root); the whole text where it is not found."""
    pattern = rf"(?<![\w.])(?P<root>{re.escape(reference.root)})"
    for index, part in enumerate(reference.path[: key + 1]):
        name = re.escape(str(part))
        pattern += rf"\s*(?:\.\s*(?P<a{index}>{name})(?!\w)|\[\s*['\"]?(?P<b{index}>{name})['\"]?\s*\])"
    found = re.search(pattern, text)
    if found is None:
        return 0, len(text)
    group = "root" if key < 0 else f"a{key}" if found[f"a{key}"] is not None else f"b{key}"
    return found.start(group), len(found[group])


def mark_inside(document: Document, node: Scalar, offset: int, length: int) -> Mark:
    """The mark of a stretch of a scalar's text; the whole scalar where quoting or folding hides it."""
    raw = document.text[node.mark.start : node.mark.end]
    at = _aligned(raw, node.text, offset)
    if at is None:
        return node.mark
    line_end = raw.find("\n", at)
    last = len(raw) if line_end < 0 else line_end
    end = max(min(at + max(length, 1), last), at + 1)
    return document.mark(node.mark.start + at, node.mark.start + end)


def _aligned(raw: str, text: str, offset: int) -> int | None:
    """Where the character at this offset of the text stands in its raw form."""
    if (verbatim := raw.find(text)) >= 0:
        return verbatim + offset
    # Blocks are indented, quotes have escapes: count expressions, then go on inside the one that is meant.
    nth = text.count("${{", 0, offset + 3)
    start_in_text = start_in_raw = -3
    for _ in range(nth):
        start_in_text = text.find("${{", start_in_text + 3)
        start_in_raw = raw.find("${{", start_in_raw + 3)
    if nth == 0 or start_in_raw < 0 or start_in_text > offset:
        return None
    between = "".join(text[start_in_text:offset].split())
    at = start_in_raw
    for character in between:
        at = raw.find(character, at) + 1
        if at == 0:
            return None
    while at < len(raw) and raw[at].isspace() and not text[offset : offset + 1].isspace():
        at += 1
    return at if at < len(raw) else None
