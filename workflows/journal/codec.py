"""Events as JSON bodies and back, by the fields of their dataclasses: strict both ways, so that nothing is guessed.

A field may be missing where it has its default, so the default of a field that was released never changes.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from workflows.journal.port import StoreError
from workflows.journal.texts import Fields, Written
from workflows.journal.upcasters import UPCASTERS, Upcaster
from workflows.records import dataclass, declared, is_record
from workflows.runs.events import EVENTS, Event
from workflows.values import Json, Plain, plain, quoted, writer

Body: TypeAlias = dict[str, Json]

_NEWER = "Update Understudy: a newer release wrote this journal, or the file is damaged. Nothing was changed."


@dataclass(frozen=True)
class _Shape:
    """How one type of field is written, as JSON and as text, and read. Each raises TypeError or ValueError for what
    does not fit. What is of the type `as_is` fits and is written as it is; `quick` names the type that most values
    have, and what gives the text of one that has it."""

    write: Callable[[Any], Json]
    text: Callable[[Any], str]
    read: Callable[[Json], Any]
    as_is: type | None = None
    quick: tuple[type | None, Callable[[Any], str]] = (None, repr)
    fields: Fields | None = None
    """Those of a record."""


def encode(event: Event) -> Body:
    """The event's fields as plain JSON. Its type is the class name, its version the class's.

    Raises StoreError where the class is not one of EVENTS, or a value is not what the field says or not JSON.
    """
    kind: Any = type(event)
    try:
        return _known(kind).write(event)  # type: ignore[no-any-return]  # a record writes a dict
    except (TypeError, ValueError, RecursionError) as error:
        raise _unwritten(event, error) from error


def encode_text(event: Event) -> str:
    """What `encode` gives as text, without fields that have their default. Raises StoreError as that does."""
    kind: Any = type(event)
    try:
        text = _fields(kind).text(event.__dict__)
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        encode(event)  # says which field it is
        raise _unwritten(event, error) from error
    return text if text.isascii() or _utf8(text) else _ESCAPED.encode(encode(event))


@cache
def _known(kind: Any) -> _Shape:
    if not issubclass(kind, Event) or EVENTS.get(kind.__name__) != kind:
        raise StoreError(f"{kind.__name__} is not an event that journals know.", "This is a mistake in the program.")
    return _record(kind)


@cache
def _fields(kind: Any) -> Fields:
    fields = _known(kind).fields
    assert fields is not None
    return fields


def _unwritten(event: Event, error: Exception) -> StoreError:
    return StoreError(f"The event {type(event).__name__} cannot be written: {error}.")


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


_as_is = writer()
# Nothing that is written can hold itself: it has been made plain before.
_ESCAPED = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)


def value_of(text: str) -> Json:
    """The value that `text_of` wrote. Raises ValueError for any other text."""
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError(f"something follows character {end}")
    return value


_DECODER = json.JSONDecoder()


def text_of(value: Json) -> str:
    """The value as one line of JSON that UTF-8 can hold. Keys keep their order, so that a resumed run sees the same."""
    text = _as_is(value)
    return text if _utf8(text) else _ESCAPED.encode(value)


def _utf8(text: str) -> bool:
    """Whether UTF-8 can hold it. Not half a surrogate pair, as tools print them: only an escape can hold that."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@cache
def _record(kind: Any) -> _Shape:
    shapes = {name: _shape(each.hint) for name, each in declared(kind).items()}
    required = {name for name, each in declared(kind).items() if each.required}

    readers = {name: (shape.as_is, shape.read) for name, shape in shapes.items()}
    writers = [(name, shape.as_is, shape.write) for name, shape in shapes.items()]
    fields = Fields(
        [
            Written(name, each.required, each.default, *shapes[name].quick, shapes[name].text)
            for name, each in declared(kind).items()
        ]
    )

    def write(value: Any) -> Json:
        if type(value) is not kind:
            raise TypeError(f"{type(value).__name__} is not {kind.__name__}")
        body, own, name = {}, value.__dict__, ""
        try:
            for name, as_is, convert in writers:
                item = own[name]
                body[name] = item if type(item) is as_is else convert(item)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: {error}") from None
        return body

    def text(value: Any) -> str:
        if type(value) is not kind:
            raise TypeError(f"{type(value).__name__} is not {kind.__name__}")
        try:
            return fields.text(value.__dict__)
        except (TypeError, ValueError, KeyError):
            write(value)  # says which field it is
            raise

    def read(body: Json) -> Any:
        if not isinstance(body, dict):
            raise TypeError(f"{kind.__name__} is not an object")
        if body.keys() != readers.keys():
            if strange := sorted(body.keys() - readers.keys()):
                raise ValueError(f"{kind.__name__} has no field {', '.join(strange)}")
            if missing := sorted(required - body.keys()):
                raise ValueError(f"{kind.__name__} lacks {', '.join(missing)}")
        values, name = {}, ""
        try:
            for name, item in body.items():
                as_is, convert = readers[name]
                values[name] = item if type(item) is as_is else convert(item)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: {error}") from None
        return kind(**values)

    return _Shape(write, text, read, fields=fields)


def _shape(hint: Any) -> _Shape:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return _Shape(plain, _plain_text, lambda value: value, str, (str, quoted))
    if hint is str:
        check = _exactly(str)
        return _Shape(check, lambda value: quoted(check(value)), check, str, (str, quoted))
    if hint is bool:
        return _Shape(check := _exactly(bool), lambda value: "true" if check(value) else "false", check, bool)
    if hint is int:
        check = _exactly(int)
        return _Shape(check, lambda value: int.__repr__(check(value)), check, int, (int, repr))
    if hint is float:
        return _Shape(_number, lambda value: _as_is(_number(value)), _number)
    if origin is Literal:
        known = _one_of(inner)
        texts = {word: _as_is(word) for word in inner}
        return _Shape(known, lambda value: texts[known(value)], known, None, (str, texts.__getitem__))
    if origin in (Union, types.UnionType) and len(inner) == 2 and inner[1] is type(None):
        return _optional(_shape(inner[0]))
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return _sequence(_shape(inner[0]))
    if origin is dict and inner[0] is str:
        return _mapping(_shape(inner[1]))
    if isinstance(hint, type) and is_record(hint):
        return _record(hint)
    raise TypeError(f"no way is known to write {hint}")


def _plain_text(value: Any) -> str:
    """The text of any JSON. What never changes is written once, however many events hold it."""
    kind = type(value)
    if kind is dict:
        # A few fields mostly: written here sooner than looked through, copied, and then written in C.
        items = [
            f"{quoted(key)}:{quoted(item) if type(item) is str else _plain_text(item)}" for key, item in value.items()
        ]
        return f"{{{','.join(items)}}}"
    if kind is str:
        return quoted(value)
    if value is None:
        return "null"
    if kind is int:
        return repr(value)
    value = plain(value)
    return value.text if isinstance(value, Plain) else _as_is(value)


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
        lambda value: "null" if value is None else shape.text(value),
        lambda value: None if value is None else shape.read(value),
        type(None),
    )


def _sequence(shape: _Shape) -> _Shape:
    def write(value: Any) -> Json:
        return [shape.write(item) for item in _exactly(tuple)(value)]

    def read(value: Json) -> Any:
        return tuple(shape.read(item) for item in _exactly(list)(value))

    return _Shape(write, lambda value: _as_is(write(value)), read)


def _mapping(shape: _Shape) -> _Shape:
    key = _exactly(str)

    def write(value: Any) -> Json:
        return {key(name): shape.write(item) for name, item in _exactly(dict)(value).items()}

    def read(value: Json) -> Any:
        return {key(name): shape.read(item) for name, item in _exactly(dict)(value).items()}

    return _Shape(write, lambda value: _as_is(write(value)), read)
