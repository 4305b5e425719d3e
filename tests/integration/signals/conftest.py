"""A workspace for a case, and a terminal in it that leaves nothing behind."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.terminals import Terminal
from tests.support.under_way import Outside, Workspace

Open = Callable[[Sequence[str | Path]], Terminal]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    with Outside(tmp_path / "work" / "go") as outside:
        yield Workspace.at(CommandLine(tmp_path / "work", tmp_path / "home"), outside, secrets.token_hex(8))


@pytest.fixture
def terminal(workspace: Workspace) -> Iterator[Open]:
    opened: list[Terminal] = []

    def open_terminal(argv: Sequence[str | Path]) -> Terminal:
        opened.append(Terminal(argv, workspace.line.environment, workspace.line.cwd))
        return opened[-1]

    yield open_terminal
    for found in opened:
        found.close()
