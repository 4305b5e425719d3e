"""A start in words: by its run, and where that was deleted since."""

from __future__ import annotations

import pytest

from app.present.schedules import start_words
from tests.support.journals import summary
from workflows.journal.port import Summary
from workflows.unattended.values import Start, StartStatus


@pytest.mark.parametrize(
    ("status", "run", "says"),
    [
        ("started", summary("r1", status="succeeded"), "✓ done, run r1"),
        ("started", None, "– deleted since, run r1"),
        ("skipped", None, "↷ skipped: too late"),
        ("refused", None, "✗ refused: too late"),
    ],
)
def test_a_start_is_told_by_its_run(status: StartStatus, run: Summary | None, says: str) -> None:
    why = "" if status == "started" else "too late"
    start = Start("schedule:x:1", "schedule:x", "x", run_id="r1", status=status, why=why)
    assert start_words(start, run, "UTC").endswith(f": {says}")
