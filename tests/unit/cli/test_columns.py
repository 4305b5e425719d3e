"""Tables that fit a terminal: what is left out, what is broken at words, and what is never lost."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.columns import lay_out, wrap
from app.cli.output import Output
from workflows.diagnostics import terminal_width

ROWS = [
    ("SKILL", "TOUCHES", "STATE", "WHAT IT DOES"),
    ("archive.create", "network,reads,writes", "ready", "Pack a folder or a file of the workspace"),
    ("日本語", "–", "ready", "Short"),
]


def test_without_a_terminal_every_row_is_one_whole_line() -> None:
    lines, left_out = lay_out(ROWS, None, spare=(1,), brief=True)
    assert (lines[1], left_out) == (
        "archive.create  network,reads,writes  ready  Pack a folder or a file of the workspace",
        (),
    )
    assert lines[2] == "日本語          –                     ready  Short"


def test_what_can_be_spared_goes_first_and_the_rest_is_cut_or_goes_on() -> None:
    lines, left_out = lay_out(ROWS, 58, spare=(1,), brief=True)
    assert left_out == (1,)
    assert lines == [
        "SKILL           STATE  WHAT IT DOES",
        "archive.create  ready  Pack a folder or a file of the wor…",
        "日本語          ready  Short",
    ]
    lines, left_out = lay_out(ROWS, 58, spare=(1,))
    assert lines[1:3] == [
        "archive.create  ready  Pack a folder or a file of the",
        "                       workspace",
    ]


def test_nothing_is_left_out_where_there_is_room() -> None:
    assert lay_out(ROWS, 86, spare=(1,), brief=True) == lay_out(ROWS, None)


@given(st.text(alphabet="ab 日́", max_size=60), st.integers(2, 20))
def test_a_wrapped_text_fits_and_loses_no_letter(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(terminal_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_text_behind_a_label_goes_on_below_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "30")
    screen, pipe = Screen(), io.StringIO()
    for stream in (screen, pipe):
        Output(plain=True, log=stream).item("  next: ", "say which of the models it is")
    assert screen.getvalue() == "  next: say which of the\n        models it is\n"
    assert pipe.getvalue() == "  next: say which of the models it is\n"
