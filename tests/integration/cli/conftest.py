"""A user with an empty home in an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return CommandLine(tmp_path / "work", tmp_path / "home")
