"""Data as lines for people: nothing of how a program writes it is left."""

from __future__ import annotations

import pytest

from workflows.readable import readable
from workflows.values import Json


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ({"exit": 3, "output": "no ok file"}, "exit: 3\noutput: no ok file"),
        ({"at": ["19: nothing there", "21: nor there"]}, "at:\n  - 19: nothing there\n  - 21: nor there"),
        ([{"line": 3, "why": "a\nb\n"}, "plain"], "- line: 3\n  why:\n    a\n    b\n- plain"),
        ({"ok": True, "off": False, "gone": None, "empty": []}, "ok: yes\noff: no\ngone: none\nempty: none"),
        ({"in": {"path": "a.md"}}, "in:\n  path: a.md"),
        ("a text\nof two lines", "a text\nof two lines"),
        (1.5, "1.5"),
    ],
)
def test_it_reads_like_notes(value: Json, lines: str) -> None:
    assert readable(value) == lines
