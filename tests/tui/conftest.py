from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths on the screen begin with ~, as they do for people, and nothing reads the developer's own files."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("NO_COLOR", "TEXTUAL", "UNDERSTUDY_MODEL"):
        monkeypatch.delenv(name, raising=False)
