"""The keys of a model: what each is called in the file, and the shape of its value. Worked out from annotations."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, Literal, Union, get_args, get_origin

from workflows.definition.containers import Either, ListOf, MapOf
from workflows.definition.shapes import OneOf, Shape, Truth
from workflows.parts import Declared, Part, declared
from workflows.records import dataclass

PartShape = Callable[[type[Part]], Shape]
"""Gives the shape of a nested model: the reader and the schema each have their own."""


@dataclass(frozen=True)
class Slot:
    """One key of a model. `field` is its name in Python; `default` is a copy of nothing: only for the schema."""

    key: str
    field: str
    required: bool
    description: str
    default: Any
    _find: Callable[[], Shape]

    @cached_property
    def shape(self) -> Shape:
        """How its value is read. Worked out when it is asked for: a file uses a few keys of many."""
        return self._find()


def slots_of(model: type[Part], part: PartShape) -> dict[str, Slot]:
    """The model's keys, in its order. A step's `fields` are not among them: they stand beside its own keys."""
    return {
        each.key: Slot(each.key, name, each.required, each.description, each.default, partial(_shape_of, each, part))
        for name, each in declared(model).items()
        if name != "fields"
    }


def _shape_of(declared: Declared, part: PartShape) -> Shape:
    return _shape(declared.hint, part, declared.least)


def _shape(annotation: Any, part: PartShape, least: int = 0) -> Shape:
    if hasattr(annotation, "__metadata__"):
        for item in annotation.__metadata__:
            if hasattr(item, "read") and hasattr(item, "wanted"):
                found: Shape = item
                return found
        return _shape(annotation.__origin__, part, least)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        choices = [argument for argument in arguments if argument is not type(None)]
        if len(choices) == 1:
            return _shape(choices[0], part, least)
        return Either(_shape(choices[0], part), _shape(choices[1], part))
    if origin is Literal:
        return OneOf(arguments)
    if origin is tuple:
        return ListOf(_shape(arguments[0], part), least)
    if origin is not None and issubclass(origin, Mapping):
        return MapOf(_shape(arguments[1], part))
    if annotation is bool:
        return Truth()
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return part(annotation)
    raise TypeError(f"no shape for {annotation}: annotate it with one of workflows.definition.fields")
