"""Events as JSON bodies and back, by the fields of their dataclasses: strict both ways, so that nothing is guessed."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from workflows.journal.port import StoreError
from workflows.journal.upcasters import UPCASTERS, Upcaster
from workflows.records import dataclass
from workflows.runs.events import EVENTS, Event
from workflows.values import Json, plain

Body: TypeAlias = dict[str, Json]

_NEWER = "Update Understudy: a newer release wrote this journal, or the file is damaged. Nothing was changed."


@dataclass(frozen=True)
class _Shape:
    """How one type of field is written and read. Both raise TypeError or ValueError for what does not fit."""

    write: Callable[[Any], Json]
    read: Callable[[Json], Any]


def encode(event: Event) -> Body:
    """The event's fields as plain JSON. Its type is the class name, its version the class's.

    Raises StoreError where the class is not one of EVENTS, or a value is not what the field says or not JSON.
    """
    kind: Any = type(event)
    if not issubclass(kind, Event) or EVENTS.get(kind.__name__) != kind:
        raise StoreError(f"{kind.__name__} is not an event that journals know.", "This is a mistake in the program.")
    try:
        return _record(kind).write(event)  # type: ignore[no-any-return]  # a record writes a dict
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"The event {kind.__name__} cannot be written: {error}.") from error


def decode(
    kind: str,
    version: int,
    body: Body,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> Event:
    """The event that was written as this type, version and body. Old versions go through the upcasters first.

    Fields that have a default may be missing: they were added later. Raises StoreError for everything else that
    does not fit: an unknown type, version or field, or a value of another type.
    """
    name = f"{kind} (version {version})"
    while (kind, version) in upcasters:
        kind, version, body = upcasters[kind, version](dict(body))
    event: Any = EVENTS.get(kind)
    if event is None or event.version != version:
        raise StoreError(f"The event {name} is not known to this release.", _NEWER)
    try:
        return _record(event).read(body)  # type: ignore[no-any-return]  # a record's shape reads its class
    except (TypeError, ValueError) as error:
        raise StoreError(f"The event {name} cannot be read: {error}.", _NEWER) from error


# Nothing that is written can hold itself: it has been made plain before.
_AS_IS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False)
_ESCAPED = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)


def text_of(value: Json) -> str:
    """The value as one line of JSON that UTF-8 can hold. Keys keep their order, so that a resumed run sees the same."""
    text = _AS_IS.encode(value)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, as tools print them: only an escape can hold it
        return _ESCAPED.encode(value)
    return text


@cache
def _record(kind: Any) -> _Shape:
    hints = get_type_hints(kind)
    shapes = {each.name: _shape(hints[each.name]) for each in fields(kind)}
    required = {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}

    readers = {name: shape.read for name, shape in shapes.items()}
    writers = [(name, shape.write) for name, shape in shapes.items()]

    def write(value: Any) -> Json:
        if type(value) is not kind:
            raise TypeError(f"{type(value).__name__} is not {kind.__name__}")
        body = {}
        for name, convert in writers:
            try:
                body[name] = convert(getattr(value, name))
            except (TypeError, ValueError) as error:
                raise type(error)(f"{name}: {error}") from None
        return body

    def read(body: Json) -> Any:
        if not isinstance(body, dict):
            raise TypeError(f"{kind.__name__} is not an object")
        if strange := sorted(body.keys() - shapes.keys()):
            raise ValueError(f"{kind.__name__} has no field {', '.join(strange)}")
        if missing := sorted(required - body.keys()):
            raise ValueError(f"{kind.__name__} lacks {', '.join(missing)}")
        values = {}
        for name, item in body.items():
            try:
                values[name] = readers[name](item)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{name}: {error}") from None
        return kind(**values)

    return _Shape(write, read)


def _shape(hint: Any) -> _Shape:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return _Shape(plain, lambda value: value)
    if hint in (str, bool, int):
        return _Shape(_exactly(hint), _exactly(hint))
    if hint is float:
        return _Shape(_number, _number)
    if origin is Literal:
        return _Shape(_one_of(inner), _one_of(inner))
    if origin in (Union, types.UnionType) and len(inner) == 2 and inner[1] is type(None):
        return _optional(_shape(inner[0]))
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return _sequence(_shape(inner[0]))
    if origin is dict and inner[0] is str:
        return _mapping(_shape(inner[1]))
    if is_dataclass(hint) and isinstance(hint, type):
        return _record(hint)
    raise TypeError(f"no way is known to write {hint}")


def _exactly(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise TypeError(f"{type(value).__name__} where {kind.__name__} belongs")
        return value

    return check


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{type(value).__name__} where a number belongs")
    return float(plain(value))


def _one_of(words: tuple[Any, ...]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value not in words:
            raise ValueError(f"{value!r} is none of {', '.join(map(repr, words))}")
        return value

    return check


def _optional(shape: _Shape) -> _Shape:
    return _Shape(
        lambda value: None if value is None else shape.write(value),
        lambda value: None if value is None else shape.read(value),
    )


def _sequence(shape: _Shape) -> _Shape:
    def write(value: Any) -> Json:
        return [shape.write(item) for item in _exactly(tuple)(value)]

    def read(value: Json) -> Any:
        return tuple(shape.read(item) for item in _exactly(list)(value))

    return _Shape(write, read)


def _mapping(shape: _Shape) -> _Shape:
    key = _exactly(str)

    def write(value: Any) -> Json:
        return {key(name): shape.write(item) for name, item in _exactly(dict)(value).items()}

    def read(value: Json) -> Any:
        return {key(name): shape.read(item) for name, item in _exactly(dict)(value).items()}

    return _Shape(write, read)
