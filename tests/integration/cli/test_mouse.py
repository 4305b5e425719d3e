"""The mouse is the terminal's where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.command_line import PROGRAM, CommandLine
from tests.support.terminals import Terminal

REPORTS = (b"\x1b[?1000h", b"\x1b[?1003h")
"""What asks a terminal to tell of its mouse (xterm)."""


@pytest.mark.parametrize(("options", "wanted"), [((), True), (("--no-mouse",), False)])
def test_the_mouse_is_asked_for_unless_it_is_left_to_the_terminal(
    line: CommandLine, options: Sequence[str], *, wanted: bool
) -> None:
    terminal = Terminal([PROGRAM, *options], {**line.environment, "TERM": "xterm-256color"}, line.cwd)
    try:
        terminal.until(lambda: b"No runs yet" in terminal.said)
        assert [report in terminal.said for report in REPORTS] == [wanted, wanted]
        terminal.press(b"q")
        assert terminal.end() == 0
    finally:
        terminal.close()
