"""Parts of a file as written: frozen values whose classes say of each key what it may be, its default and its use.

They check nothing: who reads a file checks each key by its annotation (`workflows.definition.slots`), with the place of
every error. What a class declares is worked out when it is first asked for, so that a start pays only for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any, TypeVar, dataclass_transform

from workflows.records import dataclass, evaluated
from workflows.values import Json

_MISSING: Any = object()


@dataclass(frozen=True)
class Declared:
    """What a class says of a field. `key` is what it is called in the file, `least` how many items it must have.

    `annotation` is as it was written, in the module `module`.
    """

    name: str
    key: str
    annotation: Any
    module: str
    description: str
    least: int
    _default: Any
    _factory: Callable[[], Any] | None

    @property
    def required(self) -> bool:
        return self._default is _MISSING and self._factory is None

    @property
    def default(self) -> Any:
        """Its value where none is given; None where it is required."""
        return self._factory() if self._factory else None if self._default is _MISSING else self._default

    @cached_property
    def hint(self) -> Any:
        return evaluated(self.annotation, self.module)


@dataclass(frozen=True)
class _Said:
    default: Any
    factory: Callable[[], Any] | None
    key: str
    description: str
    least: int


def Field(  # noqa: N802, RUF100  # a declaration, and called what everybody calls it
    *,
    default: Any = _MISSING,
    default_factory: Callable[[], Any] | None = None,
    key: str = "",
    description: str = "",
    least: int = 0,
) -> Any:
    """Declare a field of a Part. `key`: what it is called in the file, where Python has the name for something else."""
    return _Said(default, default_factory, key, description, least)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
class Part:
    """The base of what a file may hold. Frozen; equal where all values are."""

    def __init__(self, **given: Any) -> None:
        own = self.__dict__
        for name, field in declared(type(self)).items():
            if name in given:
                own[name] = given.pop(name)
            elif field.required:
                raise TypeError(f"{type(self).__name__} needs '{name}'")
            else:
                own[name] = field.default
        if given:
            raise TypeError(f"{type(self).__name__} has no '{next(iter(given))}'")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to '{name}': {type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete '{name}': {type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


P = TypeVar("P", bound=Part)


def declared(part: type[Part]) -> Mapping[str, Declared]:
    """The fields of a class by name, those of its bases first."""
    found: dict[str, Declared] | None = part.__dict__.get("_declared")
    if found is None:
        found = {}
        for cls in reversed(part.__mro__):
            own: Mapping[str, Any] = vars(cls).get("__annotations__", {})
            for name, annotation in own.items():
                if not str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                    found[name] = _declaration(name, annotation, cls)
        part._declared = found  # type: ignore[attr-defined]  # of this class only: looked for in its own dictionary
    return found


def part_of(cls: type[P], data: Mapping[str, Json]) -> P:
    """A part with these values, by key or by name. Lists of JSON stand where the class has tuples.

    Raises TypeError for keys that it has not, and for those that it needs.
    """
    given = dict(data)
    for name, field in declared(cls).items():
        if field.key in given:
            value = given.pop(field.key)
            given[name] = (
                tuple(value) if isinstance(value, list) and str(field.annotation).startswith("tuple[") else value
            )
    return cls(**given)


def data_of(part: Part, leaving_out: Collection[str] = ()) -> dict[str, Json]:
    """All values of a part by key, as plain JSON, but for the fields of these names."""
    return {
        field.key: _plain(getattr(part, name))
        for name, field in declared(type(part)).items()
        if name not in leaving_out
    }


def changed(part: P, **values: Any) -> P:
    """The part with other values for some fields."""
    return type(part)(**{**part.__dict__, **values})


def _declaration(name: str, annotation: Any, cls: type) -> Declared:
    value = cls.__dict__.get(name, _MISSING)
    said = value if isinstance(value, _Said) else _Said(value, None, "", "", 0)
    key, module = said.key or name, cls.__module__
    return Declared(name, key, annotation, module, said.description, said.least, said.default, said.factory)


def _plain(value: Any) -> Json:
    if isinstance(value, Part):
        return data_of(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
