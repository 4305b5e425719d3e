"""PyYAML's events as nodes (`workflows.source` says which and why)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from typing import Any

import yaml

from workflows.diagnostics import Diagnostic
from workflows.nodes import LINE_END, Document, Mapping, Mark, Node, Scalar, Sequence, position
from workflows.records import dataclass
from workflows.source import DEEPEST, LARGEST, MOST_NODES
from workflows.yaml_errors import explain

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Control characters, lone surrogates, byte order marks inside, and line ends that editors do not count as such."""
_WORD = re.compile(r"[^\s,\[\]{}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


_SMALL = 16 * 1024
"""Characters, or bytes, of a file that is remembered once it was read. Most that are written are smaller."""


def read(text: str | bytes, file: str) -> Document:
    """As `workflows.source.read`. Lists read all files again, and few of them have changed."""
    return _remembered(text, file) if len(text) <= _SMALL else _read(text, file)


@lru_cache(maxsize=64)
def _remembered(text: str | bytes, file: str) -> Document:
    return _read(text, file)


def _read(text: str | bytes, file: str) -> Document:
    decoded = decode(text, file)
    if isinstance(decoded, Diagnostic):
        return Document(file, "", (), None, (decoded,))
    document = Document(file, decoded, tuple(LINE_END.split(decoded)))
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
    except Exception as error:  # of any kind: see below
        # Whatever the parser does with a user's file, it must not end in a traceback.
        problem = f"the file cannot be read as YAML ({type(error).__name__})"
        reading.found.append(document.diagnose(document.mark(0, 0), "bad-yaml", problem))
        root = None
    if any(d.code != "duplicate-key" for d in reading.found):
        root = None
    return Document(file, document.text, document.lines, root, tuple(reading.found))


class _Stop(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def _refused(document: Document, mark: Mark, code: str, message: str, hint: str = "") -> Document:
    found = document.diagnose(mark, code, message, hint)
    return Document(document.file, document.text, document.lines, None, (found,))


def decode(data: str | bytes, file: str) -> str | Diagnostic:
    """The text of a file without its byte order mark, or what keeps it from being UTF-8, and where."""
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
        shown = LINE_END.split(before)[-1] + "\ufffd"
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
