"""YAML text as nodes that know where they stand: only the parser's events are read, and every value stays text.

PyYAML's composer and constructors are never used: aliases and merge keys can blow up, deep files can end the process,
and YAML 1.1 turns `NO`, `on` and `12:30` into something else. Here a file is small, has no references, and a schema
(or `value_of`, by YAML 1.2's core schema) says what a text means.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

import yaml

from workflows.diagnostics import Diagnostic
from workflows.values import Json
from workflows.yaml_errors import explain

LARGEST = 256 * 1024
"""Bytes of a file, in UTF-8."""
DEEPEST = 50
MOST_NODES = 20_000
GREATEST_INTEGER = 2**63 - 1


class Mark(NamedTuple):
    """Where a node stands. Lines and columns count from 1; `start` and `end` are offsets into the document's text."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written, without quotes. `plain` is true where it stood without quotes and not as a block."""

    text: str
    plain: bool
    mark: Mark


@dataclass(frozen=True, slots=True)
class Mapping:
    entries: tuple[tuple[Scalar, Node], ...]
    mark: Mark

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)


@dataclass(frozen=True, slots=True)
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
        line, column = position(self.text, start)
        end_line, end_column = position(self.text, end)
        return Mark(self.file, line, column, end_line, end_column, start, end)


class Report(Protocol):
    """Where a reader of nodes says what is wrong with one."""

    def __call__(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None: ...


def read(text: str | bytes, file: str) -> Document:
    """Read one YAML document. Never raises: whatever is wrong becomes a diagnostic with its place.

    Duplicate keys leave a usable root (the first one stands); anything else that is wrong does not.
    """
    decoded = _decode(text, file)
    if isinstance(decoded, Diagnostic):
        return Document(file, "", (), None, (decoded,))
    document = Document(file, decoded, tuple(_LINE_END.split(decoded)))
    if len(decoded.encode("utf-8", "surrogatepass")) > LARGEST:
        problem = f"the file is larger than {LARGEST // 1024} KB"
        return _refused(document, document.mark(0, 0), "too-large", problem, "split it into several workflows")
    if bad := _UNREADABLE.search(decoded):
        message = f"the character U+{ord(bad[0]):04X} cannot stand in a file"
        hint = 'take it out, or write it as an escape such as "\\u0007" in double quotes'
        return _refused(document, document.mark(bad.start(), bad.end()), "bad-character", message, hint)
    reading = _Reading(document)
    try:
        root = reading.document()
    except _Stop as stop:
        reading.found.append(stop.diagnostic)
        root = None
    except yaml.YAMLError as error:
        place = explain(error, decoded)
        mark = document.mark(place.start, place.end)
        reading.found.append(document.diagnose(mark, place.code, place.message, place.hint))
        root = None
    except Exception as error:
        # Whatever the parser does with a user's file, it must not end in a traceback.
        problem = f"the file cannot be read as YAML ({type(error).__name__})"
        reading.found.append(document.diagnose(document.mark(0, 0), "bad-yaml", problem))
        root = None
    if any(d.code != "duplicate-key" for d in reading.found):
        root = None
    return Document(file, document.text, document.lines, root, tuple(reading.found))


def value_of(node: Node, report: Report) -> Json:
    """A node as plain JSON, its texts typed by YAML 1.2's core schema: null, true, false, integers and numbers.

    `on`, `NO` and `12:30` are text. `010` is the integer 10, as the core schema has it, and is warned of. What JSON
    cannot hold (NaN, infinities) and integers beyond 64 bits are reported and become null.
    """
    if isinstance(node, Mapping):
        return {key.text: value_of(value, report) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [value_of(item, report) for item in node.items]
    if not node.plain:
        return node.text
    return _resolve(node, report)


def is_null(node: Node) -> bool:
    """Whether nothing is written here: an empty value, `null` or `~`."""
    return isinstance(node, Scalar) and node.plain and node.text in _NULL


_NULL = frozenset({"", "~", "null", "Null", "NULL"})
TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Control characters, lone surrogates, byte order marks inside, and line ends that editors do not count as such."""
_WORD = re.compile(r"[^\s,\[\]{}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def integer(text: str) -> int | None:
    """The integer that a text is by the core schema, None where it is none. Raises ValueError beyond 64 bits."""
    if not _INTEGER.fullmatch(text):
        return None
    if len(text) > 70:
        raise ValueError("too many digits")
    number = int(text[2:], {"o": 8, "x": 16}[text[1]]) if text[:2] in ("0o", "0x") else int(text)
    if abs(number) > GREATEST_INTEGER:
        raise ValueError("beyond 64 bits")
    return number


def number(text: str) -> float | None:
    """The number that a text is by the core schema, None where it is none. Raises ValueError where it is not finite."""
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("not finite")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("too great")
    return value


def _resolve(node: Scalar, report: Report) -> Json:
    text = node.text
    if text in _NULL:
        return None
    if text in TRUE or text in FALSE:
        return text in TRUE
    first = text[0]
    if not (first in "+-." or first.isdigit()):
        return text
    try:
        whole = integer(text)
        if whole is None:
            fraction = number(text)
            return text if fraction is None else fraction
    except ValueError:
        shown = text if len(text) <= 30 else text[:27] + "…"
        report(
            node, "bad-number", f"{shown} is not a number that can be kept", "put quotes around it to keep it as text"
        )
        return None
    if re.match(r"[-+]?0[0-9]", text):
        hint = "put quotes around it to keep it as text"
        report(node, "leading-zero", f"{text} is read as the number {whole}", hint, warning=True)
    return whole


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    before = _LINE_END.split(text[:offset])
    return len(before), len(before[-1]) + 1


class _Stop(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def _refused(document: Document, mark: Mark, code: str, message: str, hint: str = "") -> Document:
    found = document.diagnose(mark, code, message, hint)
    return Document(document.file, document.text, document.lines, None, (found,))


def _decode(data: str | bytes, file: str) -> str | Diagnostic:
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:2].count(0):
        return Diagnostic("error", "bad-encoding", "the file is UTF-16, not UTF-8", "save it as UTF-8", file)
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = position(before, len(before))
        message = f"the byte 0x{data[error.start]:02X} is not UTF-8"
        shown = _LINE_END.split(before)[-1] + "\ufffd"
        return Diagnostic("error", "bad-encoding", message, "save it as UTF-8", file, line, column, column + 1, shown)


def _parser() -> Any:
    """The C parser where PyYAML was built with it: ten times as fast, the same events."""
    try:
        from yaml._yaml import CParser
    except ImportError:
        return yaml.SafeLoader
    return CParser


@dataclass
class _Reading:
    """One pass over the events of one document."""

    source: Document
    found: list[Diagnostic] = field(default_factory=list)
    count: int = 0

    def document(self) -> Node | None:
        parser = _parser()(self.source.text)
        try:
            root: Node | None = None
            events: Iterator[Any] = iter(parser.get_event, None)
            for event in events:
                if isinstance(event, yaml.StreamEndEvent):
                    break
                if isinstance(event, yaml.DocumentStartEvent):
                    if root is not None:
                        raise _Stop(self._at(event, "bad-yaml", "a file holds one document; this '---' starts another"))
                    root = self._node(next(events), events, 0)
        finally:
            parser.dispose()
        if root is None:
            raise _Stop(self.source.diagnose(self.source.mark(0, 0), "empty-file", "the file is empty"))
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        self.count += 1
        if self.count > MOST_NODES:
            raise _Stop(self._at(event, "too-large", f"the file has more than {MOST_NODES:,} values"))
        if depth > DEEPEST:
            raise _Stop(self._at(event, "too-deep", f"values are nested more than {DEEPEST} deep"))
        kind = type(event)
        if kind is yaml.AliasEvent:
            self._refuse(
                event, "reference", f"references such as '*{event.anchor}' are not read", "write the value out"
            )
            return Scalar("", True, self._mark(event, event))
        if event.anchor is not None:
            self._refuse_word(event, "reference", "anchors such as '{}' are not read", "write the value out")
        if event.tag is not None:
            self._refuse_word(
                event, "tag", "tags such as '{}' are not read", "take it out; the schema says what a value is"
            )
        if kind is yaml.ScalarEvent:
            text: str = event.value
            if not text.isascii() and _SURROGATE.search(text):
                self._refuse(
                    event, "bad-character", "half of a surrogate pair is no character", "write the character itself"
                )
            return Scalar(text, event.implicit[0], self._mark(event, event))
        return (self._sequence if kind is yaml.SequenceStartEvent else self._mapping)(event, events, depth)

    def _sequence(self, start: Any, events: Iterator[Any], depth: int) -> Sequence:
        items: list[Node] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return Sequence(tuple(items), self._mark(start, event))
            items.append(self._node(event, events, depth + 1))
        raise AssertionError("the parser ends what it starts")

    def _mapping(self, start: Any, events: Iterator[Any], depth: int) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return Mapping(tuple(entries.values()), self._mark(start, event))
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                hint = (
                    "an expression stands in ${{ }}, in quotes" if "{{" in self.source.lines[key.mark.line - 1] else ""
                )
                self._refuse(event, "bad-key", "a key must be a text", hint)
            elif key.plain and key.text == "<<":
                self._refuse(event, "reference", "merge keys ('<<') are not read", "write the keys out")
            elif key.text in entries:
                first = entries[key.text][0].mark.line
                hint = f"it stands in line {first} already; only one can hold"
                self._refuse(event, "duplicate-key", f"the key '{key.text}' is given twice", hint)
            else:
                entries[key.text] = (key, value)
        raise AssertionError("the parser ends what it starts")

    def _mark(self, first: Any, last: Any) -> Mark:
        a, b = first.start_mark, last.end_mark
        return Mark(self.source.file, a.line + 1, a.column + 1, b.line + 1, b.column + 1, a.index, b.index)

    def _at(self, event: Any, code: str, message: str, hint: str = "") -> Diagnostic:
        return self.source.diagnose(self._mark(event, event), code, message, hint)

    def _refuse(self, event: Any, code: str, message: str, hint: str = "") -> None:
        self.found.append(self._at(event, code, message, hint))

    def _refuse_word(self, event: Any, code: str, message: str, hint: str) -> None:
        """Refuse what stands in front of a value."""
        start = event.start_mark.index
        word = _WORD.match(self.source.text, start)
        end = word.end() if word else start + 1
        found = self.source.diagnose(
            self.source.mark(start, end), code, message.format(self.source.text[start:end]), hint
        )
        self.found.append(found)
