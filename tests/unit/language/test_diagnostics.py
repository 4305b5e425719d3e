"""How a diagnostic is shown: place, line, caret, hint; and nothing in it can act on the terminal."""

from __future__ import annotations

import json

import pytest

from workflows.diagnostics import Diagnostic, render, suggest, to_json


def shown(line: str, column: int, end: int, **more: str) -> list[str]:
    return render(
        Diagnostic(
            "error",
            "unknown-key",
            "unknown key",
            file="f.yaml",
            line=3,
            column=column,
            end_column=end,
            source_line=line,
            **more,
        )
    ).splitlines()


def test_a_whole_diagnostic() -> None:
    assert shown("  agnet: writer", 3, 8, hint="did you mean 'agent'?") == [
        "f.yaml:3:3: error: unknown key [unknown-key]",
        "  3 |   agnet: writer",
        "    |   ^~~~~",
        "  hint: did you mean 'agent'?",
    ]


@pytest.mark.parametrize(
    ("line", "column", "end", "text", "caret"),
    [
        ("名前: 値", 5, 6, "名前: 値", "      ^~"),  # wide characters take two columns
        ("a\tb", 3, 4, "a   b", "    ^"),  # tabs reach to the next stop
        ("\tb", 1, 2, "    b", "^~~~"),
        ("e\u0301: x", 5, 6, "e\u0301: x", "   ^"),  # combining marks take none
        ("x", 2, 3, "x", " ^"),  # behind the end
        ("abc", 2, 99, "abc", " ^~"),
    ],
)
def test_the_caret_stands_below(line: str, column: int, end: int, text: str, caret: str) -> None:
    _, first, second = shown(line, column, end)
    assert first == f"  3 | {text}"
    assert second == f"    | {caret}"


def test_of_a_long_line_the_part_around_the_caret_is_shown() -> None:
    _, line, caret = shown("a" * 5000 + "X" + "b" * 5000, 5001, 5002)
    assert len(line) < 200
    assert line[caret.index("^")] == "X"


def test_what_comes_from_the_file_is_cleaned() -> None:
    hostile = "\x1b]52;c;eA==\x07\x1b[2J\u202ename\n"
    found = Diagnostic(
        "error", "x", f"unknown {hostile}", f"did you mean {hostile}", f"f{hostile}.yaml", 1, 1, 5, hostile
    )
    text = render(found)
    for bad in ("\x1b", "\x07", "\u202e"):
        assert bad not in text
        assert bad not in json.dumps(to_json(found), ensure_ascii=False)
    assert len(text.splitlines()) == 4, "a newline in a name does not forge a line"


def test_json_has_one_key_a_field() -> None:
    assert to_json(Diagnostic("warning", "no-effect", "m", "h", "f", 1, 2, 3, "line")) == {
        "severity": "warning",
        "code": "no-effect",
        "message": "m",
        "hint": "h",
        "file": "f",
        "line": 1,
        "column": 2,
        "end_column": 3,
        "source_line": "line",
    }


def test_suggestions() -> None:
    assert suggest("agnet", ["agent", "stages"]) == "did you mean 'agent'?"
    assert suggest("zzz", ["agent", "stages"]) == ""
    assert suggest("x", []) == ""
