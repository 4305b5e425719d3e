"""Entries in braces and brackets: put in and taken out with their commas."""

from __future__ import annotations

from composer.edit.page import EditRefused, Page, is_flow
from workflows.source import Mapping, Node, Sequence


def insert(page: Page, holder: Mapping | Sequence, index: int | None, new: str) -> str:
    """The text with an entry more. `index` is its place, the end where it is not given."""
    text, children = page.text, _children(page, holder)
    if index is None or index > len(children):
        index = len(children)
    if not children:
        at = holder.mark.start + 1
        return text[:at] + new + text[at:]
    if index < len(children):
        at = page.starts(holder)[index]
        return text[:at] + new + _separator(page, holder, index) + text[at:]
    at = page.end(children[-1])
    return text[:at] + _separator(page, holder, len(children)) + new + text[at:]


def drop(page: Page, holder: Mapping | Sequence, index: int) -> str:
    """The text without an entry that is not the only one."""
    text, children, starts = page.text, _children(page, holder), page.starts(holder)
    end = page.end(children[index])
    if index + 1 < len(children):
        return text[: starts[index]] + text[starts[index + 1] :]
    before = page.end(children[index - 1])
    if "#" in text[before : starts[index]]:  # a comment on what stays: its comma may stay too
        return text[: starts[index]].rstrip(" ") + text[end:]
    return text[:before] + text[end:]


def _separator(page: Page, holder: Mapping | Sequence, index: int) -> str:
    """What parts two entries: a comma, and a new line where others have one."""
    starts, children = page.starts(holder), _children(page, holder)
    near = min(max(index, 1), len(children) - 1)
    if near < 1:
        return ", "
    between = page.text[page.end(children[near - 1]) : starts[near]]
    if "\n" not in between and "\r" not in between:
        return ", "
    column = starts[near] - page.line_start(starts[near])
    return "," + page.newline + " " * column


def _children(page: Page, holder: Mapping | Sequence) -> list[Node]:
    if not is_flow(page.text, holder):
        raise EditRefused(f"Line {holder.mark.line} is written in a form that cannot be edited.", "Change it by hand.")
    return [value for _, value in holder.entries] if isinstance(holder, Mapping) else list(holder.items)
