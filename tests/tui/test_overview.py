"""What the first screen counts: only what runs is called running."""

from __future__ import annotations

from app.present.grouping import going_on
from app.tui.widgets.overview import overview_rows, tally
from workflows.journal.port import Summary


def run(name: str, status: str) -> Summary:
    return Summary(name, "bake", "Bake", status, started=0.0, updated=0.0)


RUNS = [
    run("a", "pending"),
    run("b", "running"),
    run("c", "paused"),
    run("d", "pending"),
    run("e", "waiting"),
    run("f", "succeeded"),
]


def test_what_goes_on_is_counted_by_what_it_does() -> None:
    assert [(badge.word, count) for badge, count in tally(going_on((), RUNS))] == [
        ("running", 1),
        ("queued", 2),
        ("waiting", 1),
        ("paused", 1),
    ]


def test_the_heading_says_the_same() -> None:
    first = overview_rows((), RUNS, 1.0)[0]
    assert first.draw(80).plain.strip() == "Running (1) · queued (2) · waiting (1) · paused (1)"
    assert overview_rows((), RUNS[2:3], 1.0)[0].draw(80).plain.strip() == "Paused (1)"
