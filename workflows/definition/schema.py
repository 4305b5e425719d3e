"""The JSON Schema of workflow files, for editors: drawn from the same shapes that files are read with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from workflows.definition.model import Workflow
from workflows.definition.shapes import Holds
from workflows.definition.slots import Slot, slots_of
from workflows.parts import Part, declared
from workflows.records import dataclass
from workflows.source import Node, Report
from workflows.steps.kind import StepKind
from workflows.values import Json

DRAFT = "http://json-schema.org/draft-07/schema#"
"""What the YAML language server reads; hence `definitions` and no newer keyword."""


def json_schema(kinds: Mapping[str, StepKind]) -> Json:
    """The draft-07 schema of a workflow file with steps of these kinds, with or without the outer `workflow:`.

    It knows keys, types, words and patterns. What only `parse` knows (expressions, names, order) it leaves open.
    """
    drawing = _Drawing(kinds)
    drawing.part(Workflow)
    return {
        "$schema": DRAFT,
        "title": "Understudy workflow",
        "type": "object",
        "if": {"required": ["workflow"]},
        "then": {
            "properties": {"workflow": {"$ref": "#/definitions/Workflow"}},
            "required": ["workflow"],
            "additionalProperties": False,
        },
        "else": {"$ref": "#/definitions/Workflow"},
        "definitions": dict(sorted(drawing.definitions.items())),
    }


@dataclass
class _Drawing:
    """Draws each model once, as it is met."""

    kinds: Mapping[str, StepKind]
    definitions: dict[str, Json] = field(default_factory=dict)

    def part(self, model: type[Part]) -> None:
        name = model.__name__
        if name in self.definitions:
            return
        self.definitions[name] = {}
        if "fields" in declared(model):
            self.definitions[name] = self._step(model)
        else:
            self.definitions[name] = _mapping(self._slots(model))
        if model is Workflow:
            self._allow_steps(self.definitions[name])

    def _slots(self, model: type[Part]) -> dict[str, Slot]:
        return slots_of(model, lambda part: _Reference(part, self))

    def _step(self, model: type[Part]) -> Json:
        """A step is a choice: its type says which keys it has."""
        shared = self._slots(model)
        keys = f"{model.__name__}Keys"
        self.definitions[keys] = _mapping(shared)
        choices = []
        for name, kind in sorted(self.kinds.items()):
            definition = f"{name}_{model.__name__.lower()}"
            own = self._slots(kind.fields)
            common = {key: slot for key, slot in shared.items() if key not in own and key != "type"}
            drawn = _mapping({**common, **own})
            for key in common:
                drawn["properties"][key] = {"$ref": f"#/definitions/{keys}/properties/{key}"}
            drawn["properties"] = {"type": {"const": name}, **drawn["properties"]}
            self.definitions[definition] = drawn
            condition = {"properties": {"type": {"const": name}}, "required": ["type"]}
            choices.append({"if": condition, "then": {"$ref": f"#/definitions/{definition}"}})
        types = {"enum": sorted(self.kinds), "description": declared(model)["type"].description}
        return {"type": "object", "required": ["type"], "properties": {"type": types}, "allOf": choices}

    def _allow_steps(self, workflow: Json) -> None:
        steps = {
            **self.definitions["Stage"]["properties"]["steps"],
            "description": "In the place of stages: one stage.",
        }
        workflow["properties"]["steps"] = steps
        workflow["required"].remove("stages")
        workflow["oneOf"] = [{"required": ["stages"]}, {"required": ["steps"]}]


@dataclass(frozen=True)
class _Reference:
    """The shape of a nested model, by reference."""

    model: type[Part]
    drawing: _Drawing
    wanted: str = "a mapping"
    holds: Holds = ""

    def blank(self) -> Json:
        raise NotImplementedError("nothing is read while drawing")

    def read(self, node: Node, key: str, report: Report) -> Json:
        raise NotImplementedError("nothing is read while drawing")

    def schema(self) -> Json:
        self.drawing.part(self.model)
        return {"$ref": f"#/definitions/{self.model.__name__}"}


def _mapping(slots: Mapping[str, Slot]) -> Json:
    properties = {key: _property(slot) for key, slot in slots.items()}
    required = [key for key, slot in slots.items() if slot.required]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _property(slot: Slot) -> Json:
    drawn = slot.shape.schema()
    if "$ref" in drawn:
        drawn = {"allOf": [drawn]}  # draft-07 ignores what stands beside a reference
    plain = isinstance(slot.default, (bool, int, float, str)) and slot.default != ""
    default = {"default": slot.default} if plain else {}
    return {**drawn, **default, **({"description": slot.description} if slot.description else {})}
