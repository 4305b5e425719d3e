"""A workflow's text with its nodes, and where in the text each of them stands with what belongs to it."""

from __future__ import annotations

import re
from functools import cached_property

from workflows.definition.places import Path, find
from workflows.errors import UnderstudyError
from workflows.nodes import LINE_END
from workflows.records import dataclass
from workflows.source import Document, Mapping, Node, Scalar, Sequence, read, value_of
from workflows.values import Json

_COMMENT = re.compile(r"([ \t]*)#[^\r\n]*")
_BLANK = re.compile(r"[ \t]*")
_COLON = re.compile(r"[ \t]*:")


class EditRefused(UnderstudyError):
    """An edit that cannot be made; the text stays as it is."""


@dataclass(frozen=True)
class Extent:
    """Where an entry of a block stands. `start` is its key or dash, `end` the end of its value.

    `lead` is where the comments above it begin, `tail` the end of the last line that is its own: of what stands behind
    its value, and of comments below that are indented deeper. `shares` says that its line begins with something else.
    """

    start: int
    end: int
    lead: int
    tail: int
    shares: bool


@dataclass(frozen=True)
class Page:
    """A text that was read. Paths lead from the workflow's own mapping, whether or not `workflow:` is around it."""

    document: Document
    root: Mapping

    @property
    def text(self) -> str:
        return self.document.text

    @cached_property
    def newline(self) -> str:
        """How its lines end: as the first one does."""
        found = LINE_END.search(self.text)
        return found[0] if found else "\n"

    @cached_property
    def data(self) -> Json:
        """All that it says, as plain data."""
        return value_of(self.root, _silent)

    def node(self, path: Path) -> Node | None:
        return find(self.root, path)

    def value(self, path: Path) -> Json:
        """What stands at a path as plain data; None where nothing does."""
        node = self.node(path)
        return None if node is None else value_of(node, _silent)

    def in_flow(self, path: Path) -> bool:
        """Whether what stands at a path is written in braces or brackets, or inside of some."""
        return any(is_flow(self.text, self.node(path[:depth])) for depth in range(len(path) + 1))

    @cached_property
    def list_indent(self) -> int:
        """How much deeper than its key the dashes of a list stand: as most do, 2 where there is none."""
        depths = [
            node.mark.column - key.mark.column
            for key, node in _entries(self.root)
            if isinstance(node, Sequence) and node.items and not is_flow(self.text, node)
        ]
        return max(set(depths), key=depths.count) if depths else 2

    @cached_property
    def indent(self) -> int:
        """How much deeper than its key the keys of a mapping stand: as most do, 2 where there is none."""
        depths = [
            node.mark.column - key.mark.column
            for key, node in _entries(self.root)
            if isinstance(node, Mapping) and node.mark.line != key.mark.line and not is_flow(self.text, node)
        ]
        return max(set(depths), key=depths.count) if depths else 2

    def line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        """Where the line ends, its end not counted."""
        found = LINE_END.search(self.text, at)
        return found.start() if found else len(self.text)

    def line_above(self, at: int) -> tuple[int, int] | None:
        """Start and end of the line above the one that starts here."""
        if at == 0:
            return None
        end = at - 2 if self.text[at - 2 : at] == "\r\n" else at - 1
        return self.line_start(end), end

    def line_below(self, at: int) -> tuple[int, int] | None:
        """Start and end of the line below the one that ends here."""
        found = LINE_END.match(self.text, at)
        return (found.end(), self.line_end(found.end())) if found else None

    def is_blank(self, line: tuple[int, int]) -> bool:
        return bool(_BLANK.fullmatch(self.text, *line))

    def comment_indent(self, line: tuple[int, int]) -> int | None:
        """How deep the comment is indented that is all of a line."""
        found = _COMMENT.fullmatch(self.text, *line)
        return len(found[1]) if found else None

    def end(self, node: Node) -> int:
        """Where a value ends; the marks of blocks reach to whatever comes next."""
        text = self.text
        if not isinstance(node, Scalar) and not is_flow(text, node):
            children = [value for _, value in node.entries] if isinstance(node, Mapping) else node.items
            return self.end(children[-1]) if children else node.mark.end
        raw = text[node.mark.start : node.mark.end]
        if isinstance(node, Scalar) and raw[:1] in ("|", ">") and "+" in raw[:3]:
            return node.mark.start + len(re.sub(r"(\r\n|\r|\n)\Z", "", raw))  # it keeps the empty lines at its end
        return node.mark.start + len(raw.rstrip())

    def starts(self, node: Mapping | Sequence) -> list[int]:
        """Where each entry of a block or flow begins: its key, its dash, or in brackets the item itself."""
        if isinstance(node, Mapping):
            return [key.mark.start for key, _ in node.entries]
        if is_flow(self.text, node):
            return [item.mark.start for item in node.items]
        found: list[int] = []
        dash = re.compile(rf"[\r\n] {{{node.mark.column - 1}}}(?=-(?:\s|\Z))")
        for index in range(len(node.items)):
            if index == 0:
                found.append(node.mark.start)
                continue
            at = dash.search(self.text, self.end(node.items[index - 1]))
            if at is None:
                raise EditRefused(f"The list in line {node.mark.line} has a form that cannot be edited.")
            found.append(at.end())
        return found

    def extents(self, node: Mapping | Sequence) -> list[Extent]:
        """Where the entries of a block stand."""
        children = [value for _, value in node.entries] if isinstance(node, Mapping) else list(node.items)
        return [self._extent(node, index, start, children) for index, start in enumerate(self.starts(node))]

    def after_colon(self, key: Scalar) -> int:
        """Right behind the colon of a key."""
        found = _COLON.match(self.text, key.mark.end)
        if found is None:
            raise EditRefused(f"The key in line {key.mark.line} has a form that cannot be edited.")
        return found.end()

    def _extent(self, parent: Mapping | Sequence, index: int, start: int, children: list[Node]) -> Extent:
        line = self.line_start(start)
        shares = not self.is_blank((line, start))
        lead = start if shares else line
        if not shares and not (index == 0 and parent is self.root):  # what stands above the first key is the file's
            above = self.line_above(lead)
            while above and self.comment_indent(above) == start - line:
                lead = above[0]
                above = self.line_above(lead)
        end = max(self.end(children[index]), start + 1)
        return Extent(start, end, lead, self._tail(end, start - line), shares)

    def _tail(self, end: int, column: int) -> int:
        tail = at = self.line_end(end)
        while below := self.line_below(at):
            depth = self.comment_indent(below)
            if depth is not None and depth > column:
                tail = below[1]
            elif not self.is_blank(below):
                break
            at = below[1]
        return tail


def open_page(text: str) -> Page:
    """Read a text to edit it. Raises EditRefused with what is wrong where it cannot be read."""
    document = read(text, "")
    if document.diagnostics:
        first = document.diagnostics[0]
        raise EditRefused(f"The text cannot be edited: line {first.line}: {first.message}.", first.hint)
    root = document.root
    inner = root.get("workflow") if isinstance(root, Mapping) else None
    if isinstance(inner, Mapping):
        root = inner
    if not isinstance(root, Mapping):
        raise EditRefused("The text is no workflow: lines such as 'name: …' and 'stages: …'.")
    return Page(document, root)


def is_flow(text: str, node: Node | None) -> bool:
    """Whether a mapping or list is written in braces or brackets."""
    return isinstance(node, (Mapping, Sequence)) and text[node.mark.start : node.mark.start + 1] in ("{", "[")


def _entries(node: Node) -> list[tuple[Scalar, Node]]:
    found: list[tuple[Scalar, Node]] = []
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Mapping):
            found += here.entries
            waiting += [value for _, value in here.entries]
        elif isinstance(here, Sequence):
            waiting += here.items
    return found


def _silent(*_: object, **__: object) -> None:
    return None
