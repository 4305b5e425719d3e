"""What the value of a key may look like: how its text is read, what it is called in errors, and its JSON Schema.

A model's annotations are made of these, so that the reader, the errors and the schema for editors cannot differ.
Each shape always gives a value of its type: where the text does not fit it reports that and gives a blank, so that one
error never hides another.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, Protocol

from workflows.definition.durations import PATTERN, seconds
from workflows.diagnostics import suggest
from workflows.records import dataclass
from workflows.source import FALSE, TRUE, Node, Report, Scalar, integer, is_null, number, value_of
from workflows.source import Mapping as MappingNode
from workflows.source import Sequence as SequenceNode
from workflows.values import Json

Holds = Literal["", "text", "condition", "value"]
"""Whether a value may have expressions in it: none, text around `${{ }}`, a condition, or any JSON with such texts."""


class Shape(Protocol):
    """How one value is read. `wanted` completes "must be …"."""

    @property
    def wanted(self) -> str: ...

    @property
    def holds(self) -> Holds: ...

    def blank(self) -> Json:
        """A value of the right type where none could be read."""
        ...

    def read(self, node: Node, key: str, report: Report) -> Json: ...

    def schema(self) -> Json: ...


@dataclass(frozen=True)
class Text:
    """A text, kept as written: `1.10`, `NO` and `on` are texts. A name has no expression in it.

    A label is for people: an expression in it is warned of, as it would be shown and not evaluated.
    """

    holds: Holds = ""
    name: bool = False
    label: bool = False
    pattern: str = ""
    wanted: str = "a text"

    def blank(self) -> str:
        return ""

    def read(self, node: Node, key: str, report: Report) -> str:
        if not isinstance(node, Scalar):
            return str(wrong(self, node, key, report))
        if self.name and "${{" in node.text:
            report(
                node, "wrong-type", f"{key} must be a name, not an expression", "what is used is known before the run"
            )
            return ""
        if self.label and "${{" in node.text:
            report(node, "no-effect", f"{key} is shown as it is: an expression in it is not evaluated", warning=True)
        if (self.name or self.pattern or self.holds == "condition") and not re.fullmatch(
            self.pattern or r".*\S.*", node.text, re.DOTALL
        ):
            return str(wrong(self, node, key, report))
        return node.text

    def schema(self) -> Json:
        if self.pattern:
            return {"type": "string", "pattern": f"^{self.pattern}$"}
        if self.name:
            return {"type": "string", "minLength": 1}
        # What editors take for a number or a truth value is a text here.
        return {"type": ["string", "boolean"] if self.holds == "condition" else ["string", "number", "boolean"]}


@dataclass(frozen=True)
class Whole:
    """A whole number of at least `least`, and at most `most` where there is one."""

    least: int = 0
    most: int | None = None
    holds: Holds = ""

    @property
    def wanted(self) -> str:
        return f"a whole number from {self.least}" + ("" if self.most is None else f" to {self.most}")

    def blank(self) -> int:
        return self.least

    def read(self, node: Node, key: str, report: Report) -> int:
        value = _parsed(node, integer)
        fits = value is not None and self.least <= value <= (value if self.most is None else self.most)
        return int(value if fits else wrong(self, node, key, report))

    def schema(self) -> Json:
        return {"type": "integer", "minimum": self.least, **({} if self.most is None else {"maximum": self.most})}


@dataclass(frozen=True)
class Number:
    """A number above `above`, or with `zero` from it on."""

    above: float = 0.0
    zero: bool = False
    holds: Holds = ""

    @property
    def wanted(self) -> str:
        return f"a number {'from' if self.zero else 'above'} {self.above:g}"

    def blank(self) -> float:
        return self.above + 1.0

    def read(self, node: Node, key: str, report: Report) -> float:
        value = _parsed(node, number)
        fits = value is not None and (value > self.above or (self.zero and value == self.above))
        return float(value if value is not None and fits else wrong(self, node, key, report))

    def schema(self) -> Json:
        return {"type": "number", "minimum" if self.zero else "exclusiveMinimum": self.above}


@dataclass(frozen=True)
class Truth:
    """`true` or `false`; `yes`, `no`, `on` and `off` are texts and refused."""

    wanted: str = "true or false"
    holds: Holds = ""

    def blank(self) -> bool:
        return False

    def read(self, node: Node, key: str, report: Report) -> bool:
        if isinstance(node, Scalar) and node.plain and node.text in TRUE | FALSE:
            return node.text in TRUE
        return bool(wrong(self, node, key, report))

    def schema(self) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Span:
    """A duration, kept in seconds. With `expression`, a text with an expression in it is kept as text."""

    zero: bool = False
    expression: bool = False

    @property
    def wanted(self) -> str:
        return f"a duration{'' if self.zero else ' above 0'} (seconds, or such as 30s, 5m, 2h)"

    @property
    def holds(self) -> Holds:
        return "text" if self.expression else ""

    def blank(self) -> float:
        return 1.0

    def read(self, node: Node, key: str, report: Report) -> float | str:
        if not isinstance(node, Scalar):
            return float(wrong(self, node, key, report))
        if self.expression and "${{" in node.text:
            return node.text
        try:
            value = seconds(node.text)
        except ValueError:
            return float(wrong(self, node, key, report))
        return value if value > 0 or self.zero else float(wrong(self, node, key, report))

    def schema(self) -> Json:
        pattern = f"^{PATTERN}$" + (r"|\$\{\{" if self.expression else "")
        least = {"minimum": 0} if self.zero else {"exclusiveMinimum": 0}
        return {"anyOf": [{"type": "number", **least}, {"type": "string", "pattern": pattern}]}


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]
    holds: Holds = ""

    @property
    def wanted(self) -> str:
        return self.words[0] if len(self.words) == 1 else f"one of {', '.join(self.words)}"

    def blank(self) -> str:
        return self.words[0]

    def read(self, node: Node, key: str, report: Report) -> str:
        if isinstance(node, Scalar) and node.text in self.words:
            return node.text
        if isinstance(node, Scalar) and not is_null(node):
            report(node, "wrong-value", f"{key} must be {self.wanted}, not {got(node)}", suggest(node.text, self.words))
            return self.blank()
        return str(wrong(self, node, key, report))

    def schema(self) -> Json:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Free:
    """Any JSON value, typed by YAML 1.2's core schema. With `mapping`, it is a mapping at the top."""

    holds: Holds = ""
    mapping: bool = False

    @property
    def wanted(self) -> str:
        return "a mapping" if self.mapping else "a value"

    def blank(self) -> Json:
        return {} if self.mapping else None

    def read(self, node: Node, key: str, report: Report) -> Json:
        if self.mapping and not isinstance(node, MappingNode):
            return wrong(self, node, key, report)
        return value_of(node, report)

    def schema(self) -> Json:
        return {"type": "object"} if self.mapping else {}


@dataclass(frozen=True)
class Later(Free):
    """Any JSON value whose type another key gives: the model reads it itself, from the node."""

    def read(self, node: Node, key: str, report: Report) -> Json:
        return None


def read_value(shape: Shape, node: Node, key: str, report: Report) -> Json:
    """Read a value that must be there: an empty one (or `null`, `~`) is an error, except where any JSON may stand."""
    if is_null(node) and not isinstance(shape, Free):
        report(node, "missing-value", f"{key} has no value", "give it one, or take the key out")
        return shape.blank()
    return shape.read(node, key, report)


def wrong(shape: Shape, node: Node, key: str, report: Report, hint: str = "") -> Json:
    """Say what was wanted and what stands there; gives the shape's blank."""
    if not hint and isinstance(node, Scalar):
        if "${{" in node.text:
            hint = "an expression cannot stand here: this is read before the run starts"
        elif not node.plain and not isinstance(shape, (Text, OneOf)):
            hint = "take the quotes off"
    report(node, "wrong-type", f"{key} must be {shape.wanted}, not {got(node)}", hint)
    return shape.blank()


def got(node: Node) -> str:
    """What stands there, for the end of "must be …, not …"."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if is_null(node):
        return "nothing"
    if "${{" in node.text:
        return "an expression"
    shown = node.text if len(node.text) <= 40 else node.text[:39] + "…"
    return f"'{shown}'" if node.plain else f"the text '{shown}'"


def _parsed(node: Node, parse: Callable[[str], Json]) -> Json:
    """What a plain text parses to, None where it is not one."""
    if not isinstance(node, Scalar) or not node.plain:
        return None
    try:
        return parse(node.text)
    except ValueError:
        return None
