"""Reading a document's mappings key by key, so that what nobody asked for is told; and data that know their source."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import field
from typing import Any, NamedTuple

from workflows.records import dataclass
from workflows.source import Mapping, Node, Report, Scalar, Sequence, is_null, number, value_of
from workflows.values import Json

_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What a YAML file cannot hold as it is, besides what JSON always escapes."""


class At(NamedTuple):
    """A value of the converted workflow, and the node of the document that it comes from. May hold others."""

    value: Any
    node: Node


@dataclass
class Part:
    """One mapping of the document. `noun` names it in messages. What was not taken is told by `finish`."""

    node: Node
    noun: str
    report: Report
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not isinstance(self.node, Mapping):
            self.report(self.node, "wrong-type", f"this {self.noun} must be a mapping")
            self.node = Mapping((), self.node.mark)
        self.entries = {key.text: value for key, value in self.node.entries}

    def take(self, key: str, *, needed: bool = False) -> Node | None:
        """The value of a key, None where it is not given."""
        self.taken.add(key)
        node = self.entries.get(key)
        if node is not None and not (isinstance(node, Scalar) and (is_null(node) or not node.text.strip())):
            return node
        if needed:
            self.report(node or self.node, "missing-key", f"this {self.noun} needs '{key}'")
        return None

    def text(self, key: str, *, needed: bool = False) -> At | None:
        node = self.take(key, needed=needed)
        if node is None or isinstance(node, Scalar):
            return None if node is None else At(node.text, node)
        self.report(node, "wrong-type", f"{key} must be a text")
        return None

    def word(self, key: str, words: tuple[str, ...], default: str) -> str:
        """One of a few words, the default where the key is not given. Another one is reported."""
        found = self.text(key)
        if found is None or found.value in words:
            return default if found is None else str(found.value)
        self.report(found.node, "wrong-value", f"{key} must be one of {', '.join(words)}, not '{found.value}'")
        return default

    def number(self, key: str, least: float = 0.0) -> At | None:
        """A number of at least so much; in `timeout` and delays these are milliseconds."""
        node = self.take(key)
        if node is None:
            return None
        try:
            value = number(node.text) if isinstance(node, Scalar) and node.plain else None
        except ValueError:
            value = None
        if value is None or value < least:
            self.report(node, "wrong-type", f"{key} must be a number of at least {least:g}")
            return None
        return At(int(value) if float(value).is_integer() else value, node)

    def milliseconds(self, key: str, least: float = 0.0) -> At | None:
        """A number of milliseconds, as seconds."""
        found = self.number(key, least)
        return None if found is None else At(found.value / 1000, found.node)

    def items(self, key: str, *, needed: bool = False) -> tuple[Node, ...]:
        node = self.take(key, needed=needed)
        if node is None or isinstance(node, Sequence):
            return () if node is None else node.items
        self.report(node, "wrong-type", f"{key} must be a list")
        return ()

    def part(self, key: str, noun: str) -> Part | None:
        node = self.take(key)
        return None if node is None else Part(node, noun, self.report)

    def finish(self) -> None:
        """Warn of every key that was not taken."""
        assert isinstance(self.node, Mapping), "anything else was replaced"
        for key, _ in self.node.entries:
            if key.text not in self.taken:
                message = f"'{key.text}' of this {self.noun} has no counterpart here and is left out"
                self.report(key, "not-carried-over", message, warning=True)


def plain(node: Node, text: Callable[[Scalar], str], report: Report) -> At:
    """A node as data, each of its texts as the function gives it."""
    match node:
        case Mapping():
            return At({key.text: plain(value, text, report) for key, value in node.entries}, node)
        case Sequence():
            return At([plain(item, text, report) for item in node.items], node)
        case Scalar() if isinstance(value_of(node, report), str):
            return At(text(node), node)
    return At(value_of(node, report), node)


def laid_out(value: Any, whole: Node) -> tuple[str, list[Node]]:
    """The data as JSON, which is YAML, and for each of its lines the node that the line comes from."""
    lines: list[str] = []
    nodes: list[Node] = []

    def add(before: str, item: Any, after: str, node: Node) -> None:
        while isinstance(item, At):
            item, node = item
        match item:
            case dict() if item:
                put(before + "{", node)
                for place, (key, each) in enumerate(item.items(), 1):
                    add(f"{_text(key)}: ", each, "," * (place < len(item)), node)
                put("}" + after, node)
            case list() | tuple() if item:
                put(before + "[", node)
                for place, each in enumerate(item, 1):
                    add("", each, "," * (place < len(item)), node)
                put("]" + after, node)
            case _:
                put(before + _text(item) + after, node)

    def put(line: str, node: Node) -> None:
        lines.append(line)
        nodes.append(node)

    add("", value, "", whole)
    return "\n".join(lines), nodes


def _text(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
