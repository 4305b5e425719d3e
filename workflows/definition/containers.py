"""Shapes of values that hold other values: lists, mappings, and keys that take a short and a long form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from workflows.definition.places import entry, find
from workflows.definition.shapes import Free, Holds, Shape, read_value, wrong
from workflows.parts import Part
from workflows.records import dataclass
from workflows.source import Mapping as MappingNode
from workflows.source import Node, Report, Scalar, is_null, value_of
from workflows.source import Sequence as SequenceNode
from workflows.values import Json

_OTHERWISE = re.compile(r"""[][{},:#&*!|>'"%@`?]|^-$""")
"""What means something to YAML within a list."""


@dataclass(frozen=True)
class ListOf:
    """A list. `least` is how many items it must have."""

    item: Shape
    least: int = 0
    wanted: str = "a list"

    @property
    def holds(self) -> Holds:
        return self.item.holds

    def blank(self) -> tuple[Json, ...]:
        return ()

    def read(self, node: Node, key: str, report: Report) -> tuple[Json, ...]:
        if not isinstance(node, SequenceNode):
            hint = (
                f"write it as a list: {_in_a_list(node.text)}" if isinstance(node, Scalar) and not is_null(node) else ""
            )
            return tuple(wrong(self, node, key, report, hint))
        if len(node.items) < self.least:
            report(node, "missing-value", f"{key} must have at least {_count(self.least)}")
        return tuple(read_value(self.item, item, f"an item of '{key}'", report) for item in node.items)

    def schema(self) -> Json:
        return {"type": "array", "items": self.item.schema(), **({"minItems": self.least} if self.least else {})}


@dataclass(frozen=True)
class MapOf:
    """A mapping of free keys to values of one shape."""

    value: Shape
    wanted: str = "a mapping (lines of 'key: value')"

    @property
    def holds(self) -> Holds:
        return self.value.holds

    def blank(self) -> dict[str, Json]:
        return {}

    def read(self, node: Node, key: str, report: Report) -> dict[str, Json]:
        if not isinstance(node, MappingNode):
            return dict(wrong(self, node, key, report))
        return {name.text: read_value(self.value, value, f"{key}.{name.text}", report) for name, value in node.entries}

    def schema(self) -> Json:
        return {"type": "object", "additionalProperties": self.value.schema()}


@dataclass(frozen=True)
class Either:
    """The first shape for a text of its own, the second for a mapping or a list: `cache: true` or `cache: {…}`.

    Where the first is a mapping, the second is a list of such.
    """

    short: Shape
    long: Shape

    @property
    def holds(self) -> Holds:
        return self.long.holds

    @property
    def wanted(self) -> str:
        return f"{self.short.wanted}, or {self.long.wanted}"

    def blank(self) -> Json:
        return self.short.blank()

    def read(self, node: Node, key: str, report: Report) -> Json:
        if isinstance(node, SequenceNode if isinstance(self.long, ListOf) else MappingNode):
            return self.long.read(node, key, report)
        if isinstance(node, Scalar) or (isinstance(self.short, PartOf) and isinstance(node, MappingNode)):
            return self.short.read(node, key, report)
        return wrong(self, node, key, report)

    def schema(self) -> Json:
        return {"anyOf": [self.short.schema(), self.long.schema()]}


@dataclass(frozen=True)
class Schema(Free):
    """A JSON Schema: a mapping in which every keyword holds what it should."""

    mapping: bool = True
    wanted: str = "a mapping: a JSON Schema"

    def read(self, node: Node, key: str, report: Report) -> Json:
        if not isinstance(node, MappingNode):
            return wrong(self, node, key, report)
        from workflows.definition.json_schemas import flaws  # few files hold a schema

        schema = value_of(node, report)
        for flaw in flaws(schema):
            at = entry(node, flaw.path) if flaw.warning else find(node, flaw.path)
            code = "no-effect" if flaw.warning else "wrong-schema"
            report(at or node, code, f"{key}: {flaw.message}", flaw.hint, warning=flaw.warning)
        return schema


@dataclass(frozen=True)
class PartOf:
    """A mapping with keys of its own: another model. `read_part` and `blank_part` are the reader's."""

    model: type[Part]
    read_part: Callable[[MappingNode, type[Part]], Json]
    blank_part: Callable[[type[Part]], Json]
    wanted: str = "a mapping (lines of 'key: value')"
    holds: Holds = "value"

    def blank(self) -> Json:
        return self.blank_part(self.model)

    def read(self, node: Node, key: str, report: Report) -> Json:
        if not isinstance(node, MappingNode):
            return wrong(self, node, key, report)
        return self.read_part(node, self.model)

    def schema(self) -> Json:
        return {"$ref": f"#/definitions/{self.model.__name__}"}


def _count(least: int) -> str:
    return "one item" if least == 1 else f"{least} items"


def _in_a_list(text: str) -> str:
    """A text as it could have been meant: a list of its words, those in quotes that YAML would read otherwise."""
    words = (json.dumps(word, ensure_ascii=False) if _OTHERWISE.search(word) else word for word in text.split())
    return f"[{', '.join(words)}]"
