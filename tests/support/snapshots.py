"""Screens kept as text. `UPDATE_SNAPSHOTS=1` writes them anew; look at the difference before it is committed."""

from __future__ import annotations

import os
from pathlib import Path


def assert_snapshot(text: str, path: Path, replacing: dict[str, str] | None = None) -> None:
    """The text is the same as the file. `replacing` gives what differs each time, such as a run's id, a fixed text."""
    for found, fixed in (replacing or {}).items():
        assert len(found) == len(fixed), "a replacement of another length would move the layout"
        text = text.replace(found, fixed)
    text = "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n") + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path.name} is not there: run once with UPDATE_SNAPSHOTS=1\n{text}"
    assert text == path.read_text(encoding="utf-8"), f"{path.name} shows something else now:\n{text}"
