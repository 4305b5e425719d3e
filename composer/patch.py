"""Fills parameters in a workflow's own text: its comments and its order stay, and only what is filled changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from workflows.nodes import LINE_END
from workflows.source import Mapping as MappingNode
from workflows.source import Node, Scalar, Sequence, read
from workflows.values import Json, canonical

Edit = tuple[int, int, str]
"""From where to where in the text, and what stands there instead."""

PLAIN = re.compile(r"[A-Za-z][\w./-]*")
"""Texts that mean themselves without quotes, but for these words."""

WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def patched(text: str, values: Mapping[str, Json]) -> str | None:
    """The text with these values as defaults of its parameters, and without its `template`.

    None where its form makes that unsure: where what comes out would say anything else besides.
    """
    text = text.removeprefix("\ufeff")
    root = _root(text)
    if root is None:
        return None
    for start, end, new in sorted(_edits(text, root, values), reverse=True):
        text = text[:start] + new + text[end:]
    after = _root(text)
    if after is None or _said(after, values) != _said(root, values) or after.get("template") is not None:
        return None
    return text if all(_has(after, name, value) for name, value in values.items()) else None


def _root(text: str) -> MappingNode | None:
    root = read(text, "").root
    inner = root.get("workflow") if isinstance(root, MappingNode) else None
    found = inner if inner is not None else root
    return found if isinstance(found, MappingNode) else None


def _edits(text: str, root: MappingNode, values: Mapping[str, Json]) -> Iterator[Edit]:
    for key, value in root.entries:
        if key.text == "template":
            # The whole of its lines: in a block, nothing else stands in them.
            start, end = key.mark.start - (key.mark.column - 1), _line_end(text, _end(text, value))
            yield start, min(len(text), end + len(_break_at(text, end))), ""
    for parameter in _parameters(root):
        if (name := _name(parameter)) in values:
            yield from _filled(text, parameter, _flow(values[name]))


def _filled(text: str, parameter: MappingNode, value: str) -> Iterator[Edit]:
    required, default = parameter.get("required"), parameter.get("default")
    if required is not None:
        yield required.mark.start, _end(text, required), "false"
    if default is not None:
        yield default.mark.start, _end(text, default), value
        return
    key, last = parameter.entries[-1]
    end = _end(text, last)
    if text[parameter.mark.start] == "{":
        yield end, end, f", default: {value}"
    else:
        end = _line_end(text, end)
        yield end, end, f"\n{' ' * (key.mark.column - 1)}default: {value}"


def _parameters(root: MappingNode) -> Iterator[MappingNode]:
    found = root.get("parameters")
    for item in found.items if isinstance(found, Sequence) else ():
        if isinstance(item, MappingNode):
            yield item


def _name(parameter: MappingNode) -> str:
    name = parameter.get("name")
    return name.text if isinstance(name, Scalar) else ""


def _end(text: str, node: Node) -> int:
    """Where a value ends; the marks of blocks reach to whatever comes next."""
    if not isinstance(node, Scalar) and text[node.mark.end - 1] not in "]}":
        children = [value for _, value in node.entries] if isinstance(node, MappingNode) else node.items
        return _end(text, children[-1]) if children else node.mark.end
    return node.mark.start + len(text[node.mark.start : node.mark.end].rstrip())


def _line_end(text: str, at: int) -> int:
    found = LINE_END.search(text, at)
    return found.start() if found else len(text)


def _break_at(text: str, at: int) -> str:
    found = LINE_END.match(text, at)
    return found[0] if found else ""


def _flow(value: Json) -> str:
    """A value as it can stand anywhere in YAML, without quotes where they are not needed."""
    if isinstance(value, str):
        plain = PLAIN.fullmatch(value) and value.lower() not in WORDS
        return value if plain else json.dumps(value, ensure_ascii=False)
    return canonical(value)


def _said(root: MappingNode, values: Mapping[str, Json]) -> Json:
    """All that the text says, but for what is to change."""
    data = {key.text: _data(value) for key, value in root.entries if key.text not in ("template", "parameters")}
    data["parameters"] = [
        {
            key.text: _data(value)
            for key, value in parameter.entries
            if key.text not in ("default", "required") or _name(parameter) not in values
        }
        for parameter in _parameters(root)
    ]
    return data


def _data(node: Node | None) -> Json:
    if isinstance(node, MappingNode):
        return {key.text: _data(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_data(item) for item in node.items]
    return [node.text, node.plain] if isinstance(node, Scalar) else None


def _has(root: MappingNode, name: str, value: Json) -> bool:
    for parameter in _parameters(root):
        if _name(parameter) == name:
            wanted, default = read(_flow(value), "").root, parameter.get("default")
            return default is not None and _data(default) == _data(wanted)
    return False
