"""Changes of a text at one place: a value put, an entry taken out, an item put into a list. All else stays as it is.

Each is checked: what the text says afterwards is what it said before but for the change, or the change is refused.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from difflib import SequenceMatcher

from composer.edit import blocks, flows, render
from composer.edit.page import EditRefused, Page, is_flow, open_page
from workflows.definition.places import Path
from workflows.source import Mapping, Node, Scalar, is_null
from workflows.source import Sequence as SequenceNode
from workflows.values import Json, canonical, plain


def put(text: str, path: Path, value: Json, *, at: int | None = None) -> str:
    """The text with this value at the path: what is there is changed as little as can be, what is not is added.

    `at` is the place of a new key among its mapping's, the end where it is not given.
    """
    page = open_page(text)
    value = plain(value)
    try:
        wanted = _with(page.data, path, value)
    except LookupError:
        raise EditRefused(f"{shown(path)} cannot be set: what leads to it holds nothing by that name.") from None
    return _checked(_put(page, path, value, at), wanted, path)


def drop(text: str, path: Path) -> str:
    """The text without the key or item at the path and its comments, nor what held nothing else."""
    page = open_page(text)
    if page.node(path) is None:
        raise EditRefused(f"There is no {shown(path)} to take out.")
    holder = page.node(path[:-1])
    assert isinstance(holder, (Mapping, SequenceNode))
    if len(holder.entries if isinstance(holder, Mapping) else holder.items) == 1:
        if len(path) == 1:
            raise EditRefused(f"{shown(path)} is all that the workflow has.")
        return drop(text, path[:-1])
    wanted = _without(page.data, path)
    return _checked(_drop(page, holder, path), wanted, path)


def insert(text: str, path: Path, index: int, value: Json) -> str:
    """The text with one item more in the list at the path, which is made where there is none."""
    page = open_page(text)
    value = plain(value)
    holder = page.node(path)
    if holder is None or is_null(holder):
        return put(text, path, [value])
    items = _items(holder, path)
    wanted = _inserted(page.data, path, index, value)
    if not items.items:
        return put(text, path, [value])
    return _checked(_insert(page, path, items, index, value), wanted, path)


def paste(text: str, path: Path, index: int, lines: Sequence[str], value: Json) -> str:
    """As `insert`, with the item's own lines, not indented, as `cut_lines` gives them. `value` is what they say."""
    page = open_page(text)
    items = page.node(path)
    if not isinstance(items, SequenceNode) or not items.items or page.in_flow(path):
        return insert(text, path, index, value)
    wanted = _inserted(page.data, path, index, value)
    return _checked(blocks.insert(page, items, index, lines), wanted, path)


def duplicate(text: str, path: Path, to: Path, index: int, above: Sequence[str] = ()) -> str:
    """The text with a list's item once more in a list, as it is written, with its comments and below these."""
    page = open_page(text)
    value, node, target = page.value(path), page.node(path), page.node(to)
    lines = lines_of(page, path)
    if lines is not None:
        return paste(text, to, index, [*above, *lines], value)
    if node is not None and isinstance(target, SequenceNode) and target.items and page.in_flow(to):
        raw = text[node.mark.start : page.end(node)]
        return _checked(flows.insert(page, target, index, raw), _inserted(page.data, to, index, value), to)
    return insert(text, to, index, value)


def lines_of(page: Page, path: Path) -> list[str] | None:
    """The lines of a list's item with its comments, not indented, its dash first but for these. None where it is
    written inside of brackets."""
    items, index = _items(page.node(path[:-1]), path), path[-1]
    assert isinstance(index, int)
    return None if page.in_flow(path[:-1]) else blocks.lines_of(page, items, index)


def shown(path: Path) -> str:
    """A path as people write it: `budget.usd`, `stages[0]`."""
    words = ""
    for part in path:
        words += f"[{part}]" if isinstance(part, int) else f".{part}" if words else part
    return f"'{words}'"


def _put(page: Page, path: Path, value: Json, at: int | None) -> str:
    if not path:
        return _merged(page, path, page.root, value)
    node, holder = page.node(path), page.node(path[:-1])
    if node is not None:
        return _replaced(page, path, node, value)
    key = path[-1]
    if holder is None or is_null(holder):
        return _put(page, path[:-1], {key: value} if isinstance(key, str) else [value], at)
    if isinstance(key, int):
        return _insert(page, path[:-1], _items(holder, path), key, value)
    if not isinstance(holder, Mapping):
        raise EditRefused(f"{shown(path[:-1])} is not a mapping, so nothing can be put in it by the name '{key}'.")
    if page.in_flow(path[:-1]):
        return flows.insert(page, holder, at, f"{render.key(key)}: {render.flow(value)}")
    if not holder.entries:
        return _replaced(page, path[:-1], holder, {key: value})
    column = holder.mark.column - 1
    return blocks.insert(page, holder, at, render.entry(key, value, column, page.indent, page.list_indent))


def _replaced(page: Page, path: Path, node: Node, value: Json) -> str:
    old = page.value(path)
    if canonical(old) == canonical(value):
        return page.text
    if isinstance(node, Mapping) and isinstance(value, dict) and set(value) & {key.text for key, _ in node.entries}:
        return _merged(page, path, node, value)
    if isinstance(node, SequenceNode) and node.items and isinstance(value, list) and value:
        return _relisted(page, path, old, value)
    if isinstance(node, Scalar) and not isinstance(value, (dict, list)) and not _is_long(node, value, page.text):
        raw = page.text[node.mark.start : page.end(node)]
        if raw or page.in_flow(path):
            new = render.restyled(raw, isinstance(old, str), value, in_flow=page.in_flow(path))
            return page.text[: node.mark.start] + new + page.text[node.mark.start + len(raw) :]
    if page.in_flow(path[:-1]):
        return page.text[: node.mark.start] + render.flow(value) + page.text[page.end(node) :]
    return blocks.replace(page, path, node, value)


def _is_long(node: Scalar, value: Json, text: str) -> bool:
    """Whether the new or the old text is one of several lines, written as a block."""
    return text[node.mark.start : node.mark.start + 1] in ("|", ">") or (isinstance(value, str) and "\n" in value)


def _merged(page: Page, path: Path, node: Mapping, value: dict[str, Json]) -> str:
    text, old = page.text, page.value(path)
    for key, _ in node.entries:
        if key.text in value and canonical(old[key.text]) != canonical(value[key.text]):
            text = put(text, (*path, key.text), value[key.text])
    for name in value:
        if node.get(name) is None:
            text = put(text, (*path, name), value[name])
    for key, _ in node.entries:
        if key.text not in value:
            text = drop(text, (*path, key.text))
    return text


def _relisted(page: Page, path: Path, old: list[Json], new: list[Json]) -> str:
    """A list made into another one item by item, from its end: steps and the like are told apart by their ids."""
    text = page.text
    steps = SequenceMatcher(None, [*map(_identity, old)], [*map(_identity, new)], autojunk=False).get_opcodes()
    for what, start, end, from_, to in reversed(steps):
        named = what == "replace" and any(_identity(each)[0] == "=" for each in (*old[start:end], *new[from_:to]))
        common = 0 if named else min(end - start, to - from_)
        for index in reversed(range(from_ + common, to)):
            text = insert(text, path, start + common, new[index])
        for index in reversed(range(start + common, end)):
            text = drop(text, (*path, index))
        for index in reversed(range(common)):
            if canonical(old[start + index]) != canonical(new[from_ + index]):
                text = put(text, (*path, start + index), new[from_ + index])
    return text


def _identity(item: Json) -> str:
    """What says of a list's item which one it is: the id of a step, the name of a stage; else all of it."""
    if isinstance(item, dict):
        for key in ("id", "name"):
            if isinstance(item.get(key), str):
                return f"={item[key]}"
    return " " + canonical(item)


def _insert(page: Page, path: Path, items: SequenceNode, index: int, value: Json) -> str:
    if not items.items:
        return _replaced(page, path, items, [value])
    if page.in_flow(path):
        return flows.insert(page, items, index, render.flow(value))
    as_flow = all(is_flow(page.text, each) for each in items.items)
    lines = render.item(value, items.mark.column - 1, page.indent, page.list_indent, as_flow=as_flow)
    return blocks.insert(page, items, index, lines)


def _drop(page: Page, holder: Mapping | SequenceNode, path: Path) -> str:
    index = path[-1]
    if isinstance(holder, Mapping):
        index = next(place for place, (key, _) in enumerate(holder.entries) if key.text == path[-1])
    assert isinstance(index, int)
    return flows.drop(page, holder, index) if page.in_flow(path[:-1]) else blocks.drop(page, holder, index)


def _items(node: Node | None, path: Path) -> SequenceNode:
    if not isinstance(node, SequenceNode):
        raise EditRefused(f"{shown(path)} is not a list.")
    return node


def _checked(text: str, wanted: Json, path: Path) -> str:
    after = open_page(text)
    if canonical(after.data) != canonical(wanted):
        raise EditRefused(f"{shown(path)} is written in a form that cannot be edited.", "Change it by hand.")
    return text


def _with(data: Json, path: Path, value: Json) -> Json:
    if not path:
        return value
    found = copy.copy(data)
    if found is None:
        found = {} if isinstance(path[0], str) else []
    key = path[0]
    if isinstance(found, dict):
        found[key] = _with(found.get(key), path[1:], value)
    elif isinstance(found, list) and isinstance(key, int) and key <= len(found):
        found[key : key + 1] = [_with(found[key] if key < len(found) else None, path[1:], value)]
    else:
        raise LookupError(key)
    return found


def _without(data: Json, path: Path) -> Json:
    found = copy.copy(data)
    if len(path) == 1:
        del found[path[0]]
    else:
        found[path[0]] = _without(found[path[0]], path[1:])
    return found


def _inserted(data: Json, path: Path, index: int, value: Json) -> Json:
    found = copy.deepcopy(data)
    items = found
    for part in path[:-1]:
        items = items[part]
    if not items.get(path[-1]) if isinstance(items, dict) else False:
        items[path[-1]] = [value]
    else:
        items[path[-1]].insert(index, value)
    return found
