"""docs/screens.md names tests that are there, one at least or a measured line for each requirement."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "screens.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+|) \| (.+?) \| (.*?) \|$", PAGE.partition("what shows it")[2], re.MULTILINE)


def test_every_requirement_is_shown() -> None:
    assert [number for number, _, _ in ROWS if number] == [str(number) for number in range(1, 26)]
    assert [what for _, what, shown in ROWS if not shown.strip()] == []


def test_every_test_that_is_named_is_there() -> None:
    for _, what, shown in ROWS:
        file = ""
        for named in re.findall(r"`([^`]+)`", shown):
            path, _, name = named.rpartition("::")
            file = path or file
            if name.startswith("test_"):
                text = (ROOT / file).read_text(encoding="utf-8")
                assert f"def {name}(" in text, f"{what}: {named}"
