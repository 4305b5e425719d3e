"""Where expressions, `needs` and handlers name a step or a parameter, and these names made others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from composer.edit import primitives
from composer.edit.page import Page, open_page
from composer.edit.tree import Spot, below, spots
from workflows.definition.places import Path
from workflows.expressions.errors import Refusal
from workflows.expressions.split import Slot, split
from workflows.records import dataclass
from workflows.source import Mapping, Node, Scalar, Sequence

_CONSTANTS = frozenset({"name", "version", "description", "metadata", "template", "parameters", "env", "budget"})
"""Keys of the workflow whose texts are never evaluated."""

_SCHEMAS = frozenset({"output_schema", "schema"})
_CONDITIONS = frozenset({"when", "happened"})
_STRING = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_READS = re.compile(
    rf"""{_STRING}|(?<![\w.])steps\s*(?:\.\s*(?P<a>\w+)|\[\s*(?P<q>['"])(?P<b>\w+)(?P=q)\s*\]|(?P<any>\b))""", re.DOTALL
)

ANY = "*"
"""In place of an id: which step is read is known only when the workflow runs."""


@dataclass(frozen=True)
class Reader:
    """Something that names a step: the innermost step that says so, empty for the workflow itself, and where."""

    step: str
    path: Path
    text: str


@dataclass(frozen=True)
class _Text:
    path: Path
    node: Scalar
    condition: bool


def readers_of(text: str, id_: str) -> tuple[Reader, ...]:
    """Who reads a step in an expression or needs it, in the order of the file; what it holds itself is left out."""
    page = open_page(text)
    own = next((spot.path for spot in spots(page) if spot.id == id_), None)
    reading = [
        Reader(_holder(page, each.path), each.path, each.node.text)
        for each in _texts(page)
        if id_ in _reads(each) and (own is None or each.path[: len(own)] != own)
    ]
    return (*reading, *(Reader(_holder(page, path), path, id_) for path in _namings(page, id_)))


def reads_of(page: Page, spot: Spot) -> frozenset[str]:
    """The ids of the steps that a step or anything in it reads or needs; ANY among them where that is not known."""
    found = {id_ for each in _texts(page) if each.path[: len(spot.path)] == spot.path for id_ in _reads(each)}
    for each in below(page, spot):
        found.update(page.value((*each.path, "needs")) or ())
    return frozenset(found)


def renamed(text: str, root: str, old: str, new: str) -> str:
    """The text with another name in all expressions: of a step (root `steps`) or of a parameter (`parameters`)."""
    pattern = re.compile(
        rf"""{_STRING}|(?<![\w.])(?P<head>{root}\s*(?:\.\s*|\[\s*['"]))(?P<name>{re.escape(old)})(?!\w)""", re.DOTALL
    )
    loose = re.compile(rf"""(?<![\w.])({root}\s*(?:\.\s*|\[\s*\\?['"]+))({re.escape(old)})(?!\w)""", re.DOTALL)
    page = open_page(text)
    for path in [each.path for each in _texts(page)]:
        node = page.node(path)
        assert isinstance(node, Scalar)
        wanted = _replaced(_Text(path, node, _is_condition(path)), pattern, new)
        if wanted == node.text:
            continue
        start, end = node.mark.start, page.end(node)
        candidate = text[:start] + loose.sub(lambda found: found[1] + new, text[start:end]) + text[end:]
        text = candidate if _says(candidate, path, wanted) else primitives.put(text, path, wanted)
        page = open_page(text)
    return text


def named(text: str, id_: str) -> tuple[Path, ...]:
    """The paths of the items of `needs` and of handlers' `steps` that are this step's id."""
    return tuple(_namings(open_page(text), id_))


def _says(text: str, path: Path, wanted: str) -> bool:
    node = open_page(text).node(path)
    return isinstance(node, Scalar) and node.text == wanted


def _replaced(each: _Text, pattern: re.Pattern[str], new: str) -> str:
    def rename(found: re.Match[str]) -> str:
        return f"{found['head']}{new}" if found["name"] else found[0]

    text = each.node.text
    if each.condition and "${{" not in text:
        return pattern.sub(rename, text)
    for slot in reversed(_slots(text)):
        text = text[: slot.at] + pattern.sub(rename, slot.source) + text[slot.at + len(slot.source) :]
    return text


def _reads(each: _Text) -> frozenset[str]:
    text = each.node.text
    sources = [text] if each.condition and "${{" not in text else [slot.source for slot in _slots(text)]
    return frozenset(
        found["a"] or found["b"] or ANY
        for source in sources
        for found in _READS.finditer(source)
        if not found[0].startswith(("'", '"'))
    )


def _slots(text: str) -> list[Slot]:
    try:
        return [part for part in split(text) if isinstance(part, Slot)]
    except Refusal:
        return []  # checking the text says so


def _texts(page: Page) -> list[_Text]:
    """The texts that may hold expressions."""
    return [
        found
        for key, value in page.root.entries
        if key.text not in _CONSTANTS
        for found in _inside(value, (key.text,))
        if found.condition or "${{" in found.node.text
    ]


def _inside(node: Node, path: Path) -> Iterator[_Text]:
    if isinstance(node, Mapping):
        for key, value in node.entries:
            if key.text not in _SCHEMAS or not isinstance(value, Mapping):
                yield from _inside(value, (*path, key.text))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _inside(item, (*path, index))
    else:
        yield _Text(path, node, _is_condition(path))


def _is_condition(path: Path) -> bool:
    """Whether a text is one without needing braces; an argument of that name, and `notify.when`, are none."""
    free = {"parameters", "value", "input", "body", "headers", "notify", "outputs", "show"}
    return path[-1] in _CONDITIONS and not free & {part for part in path[:-1] if isinstance(part, str)}


def _namings(page: Page, id_: str) -> Iterator[Path]:
    for spot in spots(page):
        needs = page.value((*spot.path, "needs"))
        for index, name in enumerate(needs if isinstance(needs, list) else ()):
            if name == id_:
                yield (*spot.path, "needs", index)
    if not any(spot.id == id_ and spot.path[0] == "rollback" for spot in spots(page)):
        return
    handlers = page.value(("error_handlers",))
    for number, handler in enumerate(handlers if isinstance(handlers, list) else ()):
        steps = handler.get("steps") if isinstance(handler, dict) else None
        for index, name in enumerate(steps if isinstance(steps, list) else ()):
            if name == id_:
                yield ("error_handlers", number, "steps", index)


def _holder(page: Page, path: Path) -> str:
    around = [spot for spot in spots(page) if path[: len(spot.path)] == spot.path]
    return max(around, key=lambda spot: len(spot.path)).id if around else ""
