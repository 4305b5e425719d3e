"""Nodes to models: every key checked, every error with its place, and always a value, so that all errors are found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any

from workflows.definition.containers import PartOf
from workflows.definition.fields import Definition
from workflows.definition.model import Block, Stage, Step, Workflow
from workflows.definition.modifiers import Foreach, Retry, Verify
from workflows.definition.places import Path, find, head, locate
from workflows.definition.shapes import read_value
from workflows.definition.slots import Slot, slots_of
from workflows.diagnostics import Diagnostic, suggest
from workflows.parts import Part, declared, part_of
from workflows.records import dataclass
from workflows.source import Document, Mark, Node, Scalar
from workflows.source import Mapping as MappingNode
from workflows.steps.kind import Fields, Finding, StepKind

MOST = 500
"""Diagnostics of one file: who has more has another kind of file."""

AT_KEY = frozenset({"unknown-key", "unknown-argument"})
"""Codes of findings that are shown at the key, not at its value."""


@dataclass
class Reader:
    """Reads one document. `found` has what was wrong; `broken` has the offsets of steps that were not read whole."""

    document: Document
    kinds: Mapping[str, StepKind]
    found: list[Diagnostic] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    errors: int = 0
    _slots: dict[type[Part], dict[str, Slot]] = field(default_factory=dict)

    def report(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        self.report_at(node.mark, code, message, hint, warning=warning)

    def report_at(self, mark: Mark, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        self.errors += not warning
        self.found.append(self.document.diagnose(mark, code, message, hint, warning=warning))

    def report_finding(self, node: Node, finding: Finding) -> None:
        """Report what a check found, at the place that its path leads to from the node."""
        mark = locate(node, finding.path, at_key=finding.code in AT_KEY)
        self.report_at(mark, finding.code, finding.message, finding.hint, warning=finding.warning)

    def broken_at(self, root: Node, path: Path) -> bool:
        """Whether the step at this path could not be read whole."""
        node = find(root, path)
        return node is None or node.mark.start in self.broken

    def workflow(self, root: MappingNode) -> Workflow:
        found: Workflow = self.part(root, Workflow)
        return found

    def slots(self, model: type[Part]) -> dict[str, Slot]:
        """The keys of a model."""
        if model not in self._slots:
            self._slots[model] = slots_of(model, lambda part: PartOf(part, self.part, self._blank))
        return self._slots[model]

    def part(self, node: MappingNode, model: type[Part]) -> Any:
        """The model that a mapping stands for, blanks where it is wrong."""
        if "fields" in declared(model):
            return self._step(node, model)
        before = self.errors
        values = self._values(node, self.slots(model), _noun(model))
        return self._built(model, values, node, before)

    def _step(self, node: MappingNode, model: type[Part]) -> Any:
        before = self.errors
        kind = self._kind(node)
        noun = f"{kind.name} {_noun(model)}" if kind else _noun(model)
        own = self.slots(kind.fields) if kind else {}
        common = {key: slot for key, slot in self.slots(model).items() if key not in own}
        # Of a step whose kind is not known, no key of any kind is unknown.
        strangers = {} if kind else {key: None for other in self.kinds.values() for key in self.slots(other.fields)}
        values = self._values(node, {**common, **own}, noun, strangers)
        fields = {key: values.pop(key) for key in own if key in values}
        values["fields"] = self._built(kind.fields if kind else Fields, fields, node, before)
        step = self._built(model, values, node, before)
        if self.errors > before:
            self.broken.add(node.mark.start)
        return step

    def _kind(self, node: MappingNode) -> StepKind | None:
        written = node.get("type")
        if not isinstance(written, Scalar) or not written.text:
            return None  # reported as a key that is missing, or a value that is wrong
        kind = self.kinds.get(written.text)
        if kind is None:
            hint = suggest(written.text, self.kinds) or f"kinds are {', '.join(self.kinds)}"
            self.report(written, "unknown-kind", f"there is no kind of step '{written.text}'", hint)
        return kind

    def _likely(self, node: MappingNode, missing: str) -> str:
        """For a step without a type: the kind whose name stands among its keys."""
        if missing != "type":
            return ""
        return next((f"add 'type: {name}'" for name in self.kinds if node.get(name)), f"one of {', '.join(self.kinds)}")

    def _values(
        self, node: MappingNode, slots: Mapping[str, Slot], noun: str, ignored: Collection[str] = ()
    ) -> dict[str, Any]:
        """The values of a mapping's keys, as far as they are known; blanks where they are missing or wrong."""
        values: dict[str, Any] = {}
        also = ("steps",) if "stages" in slots else ()  # a stage without its name
        for key, value in node.entries:
            if slot := slots.get(key.text):
                values[key.text] = read_value(slot.shape, value, key.text, self.report)
            elif key.text not in ignored:
                self.report(
                    key, "unknown-key", f"unknown key '{key.text}' in {_a(noun)}", self._hint(key.text, slots, also)
                )
        for name, slot in slots.items():
            if slot.required and name not in values:
                self.report_at(head(node), "missing-key", f"{_a(noun)} needs '{name}'", self._likely(node, name))
                values[name] = slot.shape.blank()
        return values

    def _built(self, model: type[Part], values: dict[str, Any], node: MappingNode, before: int) -> Any:
        """The model with these values; where no error came up since `before`, also what is wrong between them."""
        if issubclass(model, Definition):
            model.settle(values, node, self.report)
        built = part_of(model, values)
        # Definitions have findings; a kind's fields may.
        findings = getattr(built, "findings", None)
        if findings is not None and self.errors == before:
            for finding in findings():
                self.report_finding(node, finding)
        return built

    def _blank(self, model: type[Part]) -> Any:
        values = {slot.key: slot.shape.blank() for slot in self.slots(model).values() if slot.required}
        if "fields" in declared(model):
            values["fields"] = Fields()
        return part_of(model, values)

    def _hint(self, key: str, slots: Mapping[str, Slot], also: Collection[str] = ()) -> str:
        """Where the key belongs, else the known key that is most like it."""
        for name, kind in self.kinds.items():
            if key in self.slots(kind.fields):
                return f"'{key}' belongs to {_a(name)} step"
        for part in (Workflow, Stage, Step, Block, Retry, Foreach, Verify):
            if key in self.slots(part):
                return f"'{key}' belongs to {_a(_noun(part))}"
        return suggest(key, [*slots, *also]) or f"known keys are {', '.join(slots)}"


def _noun(model: type[Part]) -> str:
    noun: str = getattr(model, "noun", "mapping")
    return noun


def _a(noun: str) -> str:
    if noun in ("retry", "metadata", "foreach", "context", "cache", "notify"):
        return noun
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
