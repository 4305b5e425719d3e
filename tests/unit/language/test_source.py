"""YAML text to nodes: what a text means, where it stands, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import workflows.yaml_reading
from workflows.source import Document, Mapping, Node, Scalar, Sequence, read, value_of
from workflows.values import Json


def value(text: str) -> Json:
    document = read(text, "f.yaml")
    assert document.root is not None, document.diagnostics
    problems: list[str] = []

    def report(node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        problems.append(code)

    result = value_of(document.root, report)
    assert problems == []
    return result


def codes(text: str | bytes) -> list[str]:
    return [diagnostic.code for diagnostic in read(text, "f.yaml").diagnostics]


@pytest.fixture(autouse=True)
def _each_is_read_anew() -> Iterator[None]:
    workflows.yaml_reading._remembered.cache_clear()
    yield
    workflows.yaml_reading._remembered.cache_clear()


@pytest.fixture(params=["c", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "python":
        # What a machine has whose PyYAML was built without its C library.
        monkeypatch.setattr(workflows.yaml_reading, "_parser", lambda: yaml.SafeLoader)
    return str(request.param)


def test_a_block_expression_needs_no_quotes() -> None:
    assert value("a: ${{ parameters.version }}\nb:\n  - ${{ x | default('y') }}\n") == {
        "a": "${{ parameters.version }}",
        "b": ["${{ x | default('y') }}"],
    }


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("12:30:00", "12:30:00"),
        ("2024-13-45", "2024-13-45"),
        ("1_000", "1_000"),
        ("1.10", 1.1),
        ("1e10", 1e10),
        (".5", 0.5),
        ("-0", 0),
        ("0x1F", 31),
        ("0o17", 15),
        ("+12", 12),
        ("9223372036854775807", 2**63 - 1),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("'1.10'", "1.10"),
        ('"true"', "true"),
        ("=", "="),
        ("0b1", "0b1"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_texts_mean_what_the_core_schema_of_yaml_1_2_says(text: str, meaning: Json) -> None:
    found = value(f"a: {text}\n")["a"]
    assert found == meaning
    assert type(found) is type(meaning)


@pytest.mark.parametrize("text", ["a: .nan", "a: -.inf", "a: 9223372036854775808", "a: 1e999", "a: " + "9" * 6000])
def test_numbers_that_json_cannot_hold_are_refused(text: str) -> None:
    document = read(text, "f.yaml")
    found: list[str] = []
    assert document.root is not None
    value_of(document.root, lambda node, code, message, hint="", *, warning=False: found.append(code))
    assert found == ["bad-number"]


def test_a_leading_zero_is_decimal_and_warned_of() -> None:
    document = read("a: 010", "f.yaml")
    found: list[Any] = []
    assert document.root is not None
    result = value_of(document.root, lambda node, code, *_, warning=False: found.append((code, warning)))
    assert (result, found) == ({"a": 10}, [("leading-zero", True)])


def test_every_node_knows_where_it_stands(parser: str) -> None:
    root = read("name: é字 x\nlist:\n  - {a: 'b c'}\n", "f.yaml").root
    assert isinstance(root, Mapping)
    name = root.get("name")
    assert isinstance(name, Scalar)
    assert (name.mark.file, name.mark.line, name.mark.column, name.mark.end_column) == ("f.yaml", 1, 7, 11)
    items = root.get("list")
    assert isinstance(items, Sequence)
    inner = items.items[0]
    assert isinstance(inner, Mapping)
    text = inner.entries[0][1]
    assert isinstance(text, Scalar)
    assert (text.text, text.plain, text.mark.line, text.mark.column, text.mark.end_column) == ("b c", False, 3, 9, 14)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_offsets_and_lines_hold_for_every_line_end(line_end: str, parser: str) -> None:
    text = line_end.join(["a: 1", "b: [2, 3]", "c: x", ""])
    document = read(text, "f.yaml")
    assert isinstance(document.root, Mapping)
    for key, node in document.root.entries:
        assert text[key.mark.start : key.mark.end] == key.text
        assert document.lines[key.mark.line - 1].startswith(key.text)
        assert node.mark.line == key.mark.line
        assert document.mark(key.mark.start, key.mark.end) == key.mark


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1\nb: *x\n", "reference"),
        ("<<: {a: 1}\n", "reference"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("a: ! x\n", "tag"),
        ("? [a, b]\n: c\n", "bad-key"),
        ("a: 1\n---\nb: 2\n", "bad-yaml"),
        ("a: 1\na: 2\n", "duplicate-key"),
        ("a: {b: 1, b: 2}\n", "duplicate-key"),
        ("", "empty-file"),
        ("# nothing\n", "empty-file"),
        ("--- \n...\n", None),
        ("a: \x00\n", "bad-character"),
        ("a: \x1b[2J\n", "bad-character"),
        ("a: b\u2028c\n", "bad-character"),
        ("a: b\ufeffc\n", "bad-character"),
        ("a: \ud800\n", "bad-character"),
        ("a: ${{ x }}: y", "quote-expression"),
        ("{a: ${{ x }}}", "quote-expression"),
        ("[${{ x }}, 1]", "quote-expression"),
        ("a: {b: [x, ${{ steps['a'].output }}]}", "quote-expression"),
    ],
)
def test_what_is_refused(text: str, code: str | None, parser: str) -> None:
    assert (codes(text)[:1] or [None])[0] == code


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        ("a: 1".encode("utf-16"), "bad-encoding", (1, 1)),
        ("a: 1".encode("utf-16-be"), "bad-encoding", (1, 1)),
        (b"a: 1\nb: \xe9\n", "bad-encoding", (2, 4)),
        (b"\xef\xbb\xbfa: 1\n", None, None),
    ],
)
def test_bytes_that_are_not_utf8(data: bytes, code: str | None, place: tuple[int, int] | None) -> None:
    found = read(data, "f.yaml").diagnostics
    assert [d.code for d in found] == ([code] if code else [])
    assert [(d.line, d.column) for d in found] == ([place] if place else [])


def test_a_duplicate_key_leaves_the_rest_readable() -> None:
    document = read("a: 1\na: 2\nb: 3\n", "f.yaml")
    assert document.root is not None
    (found,) = document.diagnostics
    assert (found.line, found.column, found.end_column, found.source_line) == (2, 1, 2, "a: 2")


def test_half_of_a_surrogate_pair_never_gets_in(parser: str) -> None:
    assert codes('a: "\\ud800"') in (["bad-character"], ["bad-yaml"])


def test_limits(parser: str) -> None:
    assert codes("[" * 100_000) == ["too-deep"]
    assert codes("a: " + "[" * 49 + "]" * 49) == []
    assert codes("a: x\n" * 0 + "- 1\n" * 20_001) == ["too-large"]
    assert codes("# " + "x" * 262_144) == ["too-large"]
    assert codes("a: " + "é" * 131_072) == ["too-large"], "the limit counts bytes"


def test_a_parser_that_fails_in_any_way_gives_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def __init__(self, text: str) -> None: ...

        def get_event(self) -> None:
            raise RecursionError("deep inside")

        def dispose(self) -> None: ...

    monkeypatch.setattr(workflows.yaml_reading, "_parser", lambda: Failing)
    document: Document = read("a: 1", "f.yaml")
    assert document.root is None
    assert [d.code for d in document.diagnostics] == ["bad-yaml"]
