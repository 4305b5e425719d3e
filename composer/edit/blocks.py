"""Entries of blocks, where each has lines of its own: put in, taken out and written anew by whole lines."""

from __future__ import annotations

from collections.abc import Sequence as Several

from composer.edit import render
from composer.edit.page import EditRefused, Extent, Page
from workflows.definition.places import Path
from workflows.source import Mapping, Node, Sequence
from workflows.values import Json


def insert(page: Page, holder: Mapping | Sequence, index: int | None, lines: Several[str]) -> str:
    """The text with these lines, not indented, as an entry more. `index` is its place, the end where it is not given.

    Where entries are parted by empty lines, the new one is too.
    """
    found = page.extents(holder)
    column = holder.mark.column - 1
    new = page.newline.join(" " * column + line if line else line for line in lines)
    if index is None or index > len(found):
        index = len(found)
    if index == 0:
        return _insert_first(page, found, new, column)
    previous = found[index - 1]
    parted = _is_parted(page, found, index) and (isinstance(holder, Sequence) or len(lines) > 1)
    gap = page.newline * (2 if parted else 1)
    return page.text[: previous.tail] + gap + new + page.text[previous.tail :]


def drop(page: Page, holder: Mapping | Sequence, index: int) -> str:
    """The text without an entry that is not the only one, its comments and the empty lines that parted it."""
    found = page.extents(holder)
    gone = found[index]
    text = page.text
    if gone.shares:
        following = found[index + 1]
        if text[gone.end : following.start].strip():
            return text[: gone.start].rstrip(" ") + text[gone.end :]  # comments stand in between
        return text[: gone.start] + text[following.start :]
    above = page.line_above(gone.lead)
    start, end = (above[1] if above else 0), gone.tail
    if index == 0:
        while (below := page.line_below(end)) and page.is_blank(below) and below[1] < len(text):
            end = below[1]
    else:
        below = page.line_below(end)
        is_last = index == len(found) - 1
        while above and page.is_blank(above) and (is_last or below is None or page.is_blank(below)):
            above = page.line_above(above[0])
            start = above[1] if above else 0
    if above is None:  # the first line of all
        following_line = page.line_below(end)
        end = following_line[0] if following_line else end
    return text[:start] + text[end:]


def replace(page: Page, path: Path, node: Node, value: Json) -> str:
    """The text with another value, of any form, behind a key or a dash."""
    text, end = page.text, page.end(node)
    holder = page.node(path[:-1])
    if isinstance(holder, Mapping):
        name, _ = next(each for each in holder.entries if each[0].text == path[-1])
        column, behind, lines = name.mark.column - 1, page.after_colon(name), None
        if isinstance(value, str) and (found := render.literal(value)) is not None:
            head = " " + found[0]
            lines = [" " * page.indent + line if line else line for line in found[1:]]
        elif render.fits_line(value, column + behind - name.mark.start):
            head = " " + render.inline(value)
        else:
            head, lines = "", render.block(value, column, page.indent, page.list_indent)
    elif isinstance(holder, Sequence) and isinstance(path[-1], int):
        start = page.starts(holder)[path[-1]]
        column, behind = holder.mark.column - 1, start + 1
        first, *rest = render.item(value, column, page.indent, page.list_indent)
        head, lines = first[1:], rest
    else:
        raise EditRefused("The text has a form that cannot be edited.")
    # A comment behind the key, or behind a value of one line, keeps its place.
    old = text[node.mark.start : end]
    between = text[behind : node.mark.start]
    is_below = page.line_start(node.mark.start) > behind
    remark = between.splitlines()[0].rstrip() if is_below and between.strip() and between.splitlines() else ""
    below = text[behind + len(remark) : node.mark.start] if is_below else ""
    comments = [line for line in below.splitlines()[1:] if line.strip()]
    if comments and isinstance(node, (Mapping, Sequence)):
        remark += "".join(page.newline + line for line in comments)
    elif not is_below and not _spans_lines(old):
        remark = text[end : page.line_end(end)].rstrip()
        end = max(end, page.line_end(end)) if remark else end
    body = "".join(page.newline + (" " * column + line if line else line) for line in lines or ())
    return text[:behind] + head + remark + body + text[end:]


def lines_of(page: Page, items: Sequence, index: int) -> list[str]:
    """The lines of an item with its comments, as they are without the list's indentation."""
    extent = page.extents(items)[index]
    if extent.shares:
        raise EditRefused(f"The list in line {items.mark.line} has a form that cannot be edited.")
    column = items.mark.column - 1
    lines = page.text[extent.lead : extent.tail].splitlines()
    return [line[column:] if line[:column].strip() == "" else line.lstrip() for line in lines]


def _insert_first(page: Page, found: list[Extent], new: str, column: int) -> str:
    first = found[0]
    at = first.start if first.shares else first.lead
    parted = len(found) > 1 and _is_parted(page, found, 1)
    gap = page.newline * (2 if parted else 1)
    if first.shares:
        return page.text[:at] + new.lstrip(" ") + gap + " " * column + page.text[at:]
    return page.text[:at] + new + gap + page.text[at:]


def _is_parted(page: Page, found: list[Extent], index: int) -> bool:
    """Whether an empty line stands where an entry is put in; at the end, whether one stands before the last."""
    before = index - 1 if index < len(found) else index - 2
    if before < 0:
        return False
    below = page.line_below(found[before].tail)
    return below is not None and page.is_blank(below)


def _spans_lines(raw: str) -> bool:
    return "\n" in raw or "\r" in raw
