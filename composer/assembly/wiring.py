"""Steps of skills, their inputs bound: what the request says, what earlier steps give, else what a run is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from composer.filling.places import places
from composer.intent import fill
from composer.inventory import Inventory, Item
from composer.shapes import Shape, shape_of_returns
from composer.words import QUOTED
from workflows.definition.parameters import Parameter
from workflows.records import dataclass
from workflows.values import Json

DEEPEST = 2
"""How many steps are put before one to prepare what it needs."""

READERS = ("csv.read", "data.read", "file.read", "git.log", "git.diff", "git.tags", "web.page", "file.list")
"""Skills that may be put before others because of what they give, the first that fits."""


@dataclass
class Bench:
    """What is being put together. Steps are as their file says them."""

    request: str
    inventory: Inventory
    root: Path
    steps: list[dict[str, Json]] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    parameters: dict[str, dict[str, Json]] = field(default_factory=dict)

    def add(self, skill: Item, clause: str, depth: int = 0) -> str:
        """A step of the skill, and before it what prepares its inputs. The step's id."""
        said = self._said(skill, clause)
        bound: dict[str, Json] = {}
        for name, rules in _properties(skill).items():
            required = name in skill.parameters.get("required", ())
            if (given := self._given(name)) and required and name not in ("path", "source", "target"):
                bound[name] = given
            elif name in said:
                bound[name] = said[name]
            elif required:
                bound[name] = given or self._prepared(name, clause, depth) or self._asked(skill, name, rules)
        id_ = self._free(skill.name.rpartition(".")[2])
        step: dict[str, Json] = {"id": id_, "type": "skill", "skill": skill.name}
        if bound:
            step["parameters"] = bound
        if skill.effect != "pure" and "writes" in skill.touches:
            step["approve"] = "before"
        self.place(step, shape_of_returns(skill.returns))
        return id_

    def place(self, step: dict[str, Json], shape: Shape) -> None:
        self.steps.append(step)
        self.shapes[str(step["id"])] = shape

    def latest(self, name: str) -> str:
        """The expression for the newest output that has this field; empty where none has."""
        for id_ in reversed(self.shapes):
            fields = self.shapes[id_].fields
            if fields is not None and name in fields:
                return f"${{{{ steps.{id_}.output.{name} }}}}"
        return ""

    def _said(self, skill: Item, clause: str) -> Mapping[str, Json]:
        parameters = [_parameter(name, rules) for name, rules in _properties(skill).items()]
        found = {each.name: each.value for each in fill(clause, parameters, self.root)}
        if not found:
            found = {each.name: each.value for each in fill(self.request, parameters, self.root)}
        return {**found, **self._pair(skill, clause), **self._texts(skill, clause), **self._quoted(skill)}

    def _pair(self, skill: Item, clause: str) -> Mapping[str, Json]:
        """From where to where, of a skill that takes both: as they are said one after the other."""
        required = set(skill.parameters.get("required", ()) if skill.parameters else ())
        start = next((name for name in ("source", "path") if name in required), "")
        there = places(clause, self.root)
        if not start or "target" not in required or len(there) < 2:
            return {}
        return {start: there[0].text, "target": there[1].text}

    def _given(self, name: str) -> str:
        return self.latest(name)

    def _texts(self, skill: Item, clause: str) -> Mapping[str, Json]:
        """Two texts that are compared: those of the two files that are named."""
        there = places(clause, self.root)
        reader = self.inventory.find("skill", "file.read")
        if reader is None or len(there) < 2 or not {"before", "after"} <= set(_properties(skill)):
            return {}
        found: dict[str, Json] = {}
        for name, place in zip(("before", "after"), there, strict=False):
            id_ = self._free(f"read_{name}")
            self.place(
                {"id": id_, "type": "skill", "skill": reader.name, "parameters": {"path": place.text}},
                shape_of_returns(reader.returns),
            )
            found[name] = f"${{{{ steps.{id_}.output.text }}}}"
        return found

    def _quoted(self, skill: Item) -> Mapping[str, Json]:
        """What is to take the place of what: as they stand in quotes, one after the other."""
        said = [next(filter(None, groups)) for groups in QUOTED.findall(self.request)]
        return dict(zip(("old", "new"), said, strict=False)) if {"old", "new"} <= set(_properties(skill)) else {}

    def _prepared(self, name: str, clause: str, depth: int) -> str:
        """What a skill gives that is put before, where there is one that gives such and knows what to read."""
        if depth >= DEEPEST or name in ("path", "source", "target", "paths"):
            return ""
        for reader in READERS:
            skill = self.inventory.find("skill", reader)
            if skill is None:
                continue
            fields = shape_of_returns(skill.returns).fields
            needed = set(skill.parameters.get("required", ()))
            if fields and name in fields and needed <= set(self._said(skill, clause)):
                self.add(skill, clause, depth + 1)
                return self.latest(name)
        return ""

    def _asked(self, skill: Item, name: str, rules: Mapping[str, Json]) -> str:
        own = name if name not in self.parameters else f"{name}_of_{skill.name.rpartition('.')[2]}"
        parameter = _parameter(name, rules)
        self.parameters[own] = {
            "name": own,
            **({"type": parameter.type} if parameter.type != "string" else {}),
            "required": True,
            **({"description": str(rules["description"])} if rules.get("description") else {}),
        }
        return f"${{{{ parameters.{own} }}}}"

    def _free(self, wanted: str) -> str:
        taken = {step["id"] for step in self.steps}
        return next(name for name in _numbered(wanted) if name not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def _properties(skill: Item) -> Mapping[str, Mapping[str, Json]]:
    found: Mapping[str, Mapping[str, Json]] = skill.parameters.get("properties", {}) if skill.parameters else {}
    return found


def _parameter(name: str, rules: Mapping[str, Json]) -> Parameter:
    """A skill's parameter as one of a workflow."""
    types = rules.get("type", "string")
    kind: Any = next((each for each in types if each != "null"), "string") if isinstance(types, list) else types
    if rules.get("format") == "path":
        kind = "path"
    items = rules.get("items") or {}
    enum = tuple(value for value in rules.get("enum", ()) if isinstance(value, str))
    if kind not in ("string", "number", "integer", "boolean", "array", "object", "path"):
        kind = "string"
    inner: Any = "path" if items.get("format") == "path" else "string" if items.get("type") == "string" else None
    return Parameter(
        name=name,
        type=kind,
        enum=enum,
        items=inner if kind == "array" else None,
        description=str(rules.get("description", "")),
    )
