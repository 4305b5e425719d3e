"""Paths into a file that was read: what stands there, and the mark to show."""

from __future__ import annotations

from workflows.source import Mapping as MappingNode
from workflows.source import Mark, Node, Scalar
from workflows.source import Sequence as SequenceNode

Path = tuple[str | int, ...]


def find(node: Node | None, path: Path) -> Node | None:
    """What a path leads to, None where it leads nowhere."""
    for part in path:
        if isinstance(node, MappingNode):
            node = node.get(str(part))
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        else:
            return None
    return node


def entry(node: Node, path: Path) -> Node | None:
    """The key that a path ends with, None where it leads nowhere or to an item of a list."""
    holder = find(node, path[:-1])
    if not path or not isinstance(holder, MappingNode):
        return None
    return next((name for name, _ in holder.entries if name.text == path[-1]), None)


def locate(node: Node, path: Path, *, at_key: bool = False) -> Mark:
    """The mark of what a path leads to, or of the last thing on the way that is there."""
    mark = head(node) if isinstance(node, MappingNode) else node.mark
    for position, part in enumerate(path):
        if isinstance(node, MappingNode):
            entry = next(((name, value) for name, value in node.entries if name.text == part), None)
            if entry is None:
                break
            node = entry[1]
            # A value of several lines, or an empty one, is nothing to point at.
            pointless = not isinstance(node, Scalar) or (node.plain and not node.text)
            mark = entry[0].mark if pointless or (at_key and position == len(path) - 1) else node.mark
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            mark = node.mark
        else:
            break
    return mark


def head(node: Node) -> Mark:
    """The first key of a mapping: a place that people can look at."""
    if isinstance(node, MappingNode) and node.entries and node.mark.end_line != node.mark.line:
        return node.entries[0][0].mark
    return node.mark
