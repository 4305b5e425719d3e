"""Dotted paths such as `steps.log.output`: most expressions are one, and none needs a grammar."""

from __future__ import annotations

import re
from collections.abc import Collection

from workflows.expressions.nodes import Node, Path
from workflows.expressions.references import Reference
from workflows.records import dataclass

_PATH = re.compile(r" *([A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*){0,100}) *")
_WORDS = frozenset({"and", "else", "false", "if", "in", "is", "none", "not", "null", "or", "true"})
"""What means something else at the beginning of an expression than a name; some also with a capital."""


@dataclass(frozen=True)
class Parsed:
    """A tree that may be walked, what it reads, and of how many parts it is made."""

    tree: Node
    references: frozenset[Reference]
    size: int


def parse_path(source: str, roots: Collection[str]) -> Parsed | None:
    """What `parse_expression` gives for a path that starts with one of the roots; None for everything else."""
    found = _PATH.fullmatch(source)
    if found is None or found[1] not in roots or found[1].lower() in _WORDS:
        return None
    root, at = found[1], found.end(1)
    keys = tuple(found[2].split(".")[1:])
    places: list[int] = []
    for key in keys:
        places.append(at + 1)
        at += 1 + len(key)
    return Parsed(Path(found.start(1), root, keys, tuple(places)), frozenset({Reference(root, keys)}), 1 + len(keys))
