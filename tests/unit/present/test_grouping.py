"""A run that was interrupted moves no more; nothing is listed twice, nothing is left out."""

from __future__ import annotations

from app.present.grouping import going_on, looked_back_at
from workflows.journal.port import Summary, Waiting


def run(name: str, status: str) -> Summary:
    return Summary(name, "work", "Work", status, 1.0, 2.0)


RUNS = [run(status, status) for status in ("running", "pending", "waiting", "paused", "interrupted", "failed")]


def test_what_moves_by_itself_and_what_is_looked_back_at() -> None:
    assert [each.run_id for each in going_on((), RUNS)] == ["running", "pending", "waiting", "paused"]
    assert [each.run_id for each in looked_back_at((), RUNS)] == ["interrupted", "failed"]


def test_what_waits_for_a_person_is_listed_as_that_alone() -> None:
    asked = Waiting(run_id="waiting", entry="e", step="s", reason="approval", title="Go on?", asked=1.0)
    assert "waiting" not in [each.run_id for each in (*going_on([asked], RUNS), *looked_back_at([asked], RUNS))]
