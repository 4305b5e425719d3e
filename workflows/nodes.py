"""What a YAML file is read into: frozen nodes that know where they stand, and the document that holds them."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple, Protocol, TypeAlias

from workflows.diagnostics import Diagnostic
from workflows.records import dataclass

LINE_END = re.compile(r"\r\n|\r|\n")


class Mark(NamedTuple):
    """Where a node stands. Lines and columns count from 1; `start` and `end` are offsets into the document's text."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


@dataclass(frozen=True)
class Scalar:
    """A text as written, without quotes. `plain` is true where it stood without quotes and not as a block."""

    text: str
    plain: bool
    mark: Mark


@dataclass(frozen=True)
class Mapping:
    entries: tuple[tuple[Scalar, Node], ...]
    mark: Mark

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)


@dataclass(frozen=True)
class Sequence:
    items: tuple[Node, ...]
    mark: Mark


Node: TypeAlias = Scalar | Mapping | Sequence


@dataclass(frozen=True)
class Document:
    """A file that was read. `root` is None where it is not usable at all; then `diagnostics` says why.

    `lines` are without their ends; `text` is what offsets count in, its byte order mark taken off.
    """

    file: str
    text: str
    lines: tuple[str, ...]
    root: Node | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    def diagnose(self, mark: Mark, code: str, message: str, hint: str = "", *, warning: bool = False) -> Diagnostic:
        """A diagnostic at a mark. Of a place of several lines, its first line is marked."""
        line = self.lines[mark.line - 1] if mark.line <= len(self.lines) else ""
        end = mark.end_column if mark.end_line == mark.line else len(line) + 1
        return Diagnostic(
            severity="warning" if warning else "error",
            code=code,
            message=message,
            hint=hint,
            file=self.file,
            line=mark.line,
            column=mark.column,
            end_column=max(end, mark.column + 1),
            source_line=line,
        )

    def mark(self, start: int, end: int) -> Mark:
        """The mark of a stretch of the text, given by offsets."""
        return Mark(self.file, *self._position(start), *self._position(end), start, end)

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Where each line starts. A file may have thousands of faults, and each is looked for in it."""
        return (0, *(found.end() for found in LINE_END.finditer(self.text)))


class Report(Protocol):
    """Where a reader of nodes says what is wrong with one."""

    def __call__(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None: ...


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    before = LINE_END.split(text[:offset])
    return len(before), len(before[-1]) + 1
