from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path) -> Iterator[None]:
    """Paths on the screen begin with ~, as they do for people, and nothing reads the developer's own files."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        _set_up(tmp_path, monkeypatch)
        time.tzset()
        yield
    time.tzset()


def _set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    # Times of day are the same wherever the tests are.
    monkeypatch.setenv("TZ", "UTC")
    for name in ("NO_COLOR", "TEXTUAL", "UNDERSTUDY_MODEL"):
        monkeypatch.delenv(name, raising=False)
