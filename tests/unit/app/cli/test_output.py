"""Lines for people, as wide as their terminal."""

from __future__ import annotations

import io

import pytest

from app.cli.output import Output


class Screen(io.StringIO):
    """A terminal, as far as who prints can tell."""

    def isatty(self) -> bool:
        return True


LINES = (
    "  ○ read  Read the whole of the log file",
    "          path: ${{ parameters.input }} and more",
    "10 steps · 1 place where a person decides",
)


def test_a_long_line_goes_on_below_where_its_text_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "32")
    screen = Screen()
    for line in LINES:
        Output(plain=True, log=screen).folded(line)
    assert screen.getvalue().splitlines() == [
        "  ○ read  Read the whole of the",
        "          log file",
        "          path: ${{",
        "          parameters.input }}",
        "          and more",
        "10 steps · 1 place where a",
        "person decides",
    ]


def test_where_no_terminal_is_a_line_stays_one_line() -> None:
    pipe = io.StringIO()
    for line in LINES:
        Output(plain=True, log=pipe).folded(line)
    assert tuple(pipe.getvalue().splitlines()) == LINES
