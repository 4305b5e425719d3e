"""A workflow as YAML text that parses back to the same workflow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import yaml

from workflows.definition.model import Workflow
from workflows.definition.shapes import Number, Span
from workflows.parts import Part, declared
from workflows.source import Mark, Scalar, value_of
from workflows.values import Json, canonical

_NOWHERE = Mark("", 1, 1, 1, 1, 0, 0)


def dump(workflow: Workflow) -> str:
    """The YAML text of a workflow, keys in the model's order, defaults left out. Comments of a file are not kept."""
    text: str = yaml.emit(_document(written(workflow)), allow_unicode=True, width=math.inf)
    return text


def written(part: Part) -> dict[str, Json]:
    """A part of a workflow as the plain data that its file says: keys as in the file, defaults left out."""
    data: dict[str, Json] = {}
    for name, each in declared(type(part)).items():
        value = getattr(part, name)
        if name == "fields":
            # A step's own fields stand beside its kind's, right behind what kind that is.
            head: dict[str, Json] = {key: data.pop(key) for key in ("id", "type") if key in data}
            data = {**head, **_labels(data), **written(value), **data}
        elif each.required or value != each.default:
            data[each.key] = _whole(value) if _is_measure(each.hint) else _plain(value)
    return data


def _labels(data: dict[str, Json]) -> dict[str, Json]:
    return {key: data.pop(key) for key in ("name", "when", "needs") if key in data}


def _plain(value: Any) -> Json:
    if isinstance(value, Part):
        return written(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _is_measure(annotation: Any) -> bool:
    """Whether the field holds a duration or an amount, which reads best as `5` where it is 5.0."""
    marks = (mark for choice in (annotation, *get_args(annotation)) for mark in getattr(choice, "__metadata__", ()))
    return any(isinstance(mark, (Span, Number)) for mark in marks)


def _whole(value: float | str) -> float | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _document(value: Json) -> Iterator[yaml.Event]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=False)
    yield from _events(value)
    yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _events(value: Json) -> Iterator[yaml.Event]:
    if isinstance(value, Mapping):
        yield yaml.MappingStartEvent(None, None, True, flow_style=not value)
        for key, item in value.items():
            yield from _text(key, block=False)
            yield from _events(item)
        yield yaml.MappingEndEvent()
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=_is_short(value))
        for item in value:
            yield from _events(item)
        yield yaml.SequenceEndEvent()
    elif isinstance(value, str):
        yield from _text(value)
    else:
        yield yaml.ScalarEvent(None, None, (True, False), canonical(value))


def _text(text: str, *, block: bool = True) -> Iterator[yaml.Event]:
    """A text in the plainest style that reads back as this text."""
    style = None
    if block and "\n" in text and _is_printable(text):
        style = "|"
    elif not text.isprintable():
        style = '"'  # the only style with escapes
    elif "${{" in text or not _is_text(text):
        # Double quotes as in all examples; but there PyYAML would escape emoji.
        style = '"' if max(text, default="") <= "\uffff" else "'"
    yield yaml.ScalarEvent(None, None, (style is None, True), text, style=style)


def _is_printable(text: str) -> bool:
    """Whether a block can hold the text as it is: ordinary characters, no blanks at the ends of lines or in front."""
    lines = text.split("\n")
    return not text[0].isspace() and all(line.isprintable() and line == line.rstrip() for line in lines)


def _is_text(text: str) -> bool:
    """Whether a plain text would be read as a text, not as a number, a truth value or nothing."""

    def refuse(*_: object, **__: object) -> None:
        return None

    return text != "<<" and isinstance(value_of(Scalar(text, True, _NOWHERE), refuse), str)


def _is_short(values: Sequence[Json]) -> bool:
    scalars = all(not isinstance(value, (Mapping, list, tuple)) for value in values)
    return scalars and sum(len(str(value)) + 2 for value in values) <= 80
