"""Which process has a run, and what became of what was wished of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.present.owners import owner_lines, silence, steered_lines
from app.steering import Became, Steered
from tests.support.journals import BEGAN, summary
from workflows.journal.port import RequestKind
from workflows.planning.plan import PlannedStep
from workflows.runs.state import RunState, Scope, StepState

CANCELLING = {"status": "running", "scopes": {"": Scope("", then="cancel")}}
OWNED = replace(summary("r1", owner="pid 4711"), heard=BEGAN)


@pytest.mark.parametrize(("now", "seconds"), [(BEGAN + 19, 0.0), (BEGAN + 40, 40.0)])
def test_an_owner_is_silent_after_a_while(now: float, seconds: float) -> None:
    assert silence(OWNED, now) == seconds
    assert silence(replace(OWNED, owner=""), now) == silence(replace(OWNED, heard=None), now) == 0.0


def test_a_silent_owner_is_told_of_with_what_to_do() -> None:
    assert list(owner_lines(OWNED, BEGAN)) == [("pid 4711 has it", "")]
    said = "\n".join(text for text, _ in owner_lines(OWNED, BEGAN + 40))
    assert "has not been heard of for 40 s; pid 4711 still exists" in said
    assert "kill -CONT 4711" in said
    assert "understudy resume r1" in said


@pytest.mark.parametrize(
    ("what", "became", "state", "says"),
    [
        ("pause", "done", {"status": "paused"}, "Run r1 is paused: no new step starts."),
        ("pause", "so already", {"status": "paused"}, "Run r1 is paused already: no new step starts."),
        ("pause", "done", {"status": "cancelled"}, "Run r1 is over: it was cancelled."),
        ("pause", "done", CANCELLING, "Run r1 is being cancelled, so it is not paused."),
        ("continue", "done", {"status": "succeeded"}, "Run r1 is over: it succeeded."),
        ("continue", "done", {"status": "running"}, "Run r1 goes on, in pid 4711."),
        ("cancel", "done", {"status": "running"}, "Run r1 is being cancelled, by pid 4711."),
        ("cancel", "so already", {"status": "cancelled"}, "Run r1 is cancelled already."),
        ("cancel", "done", {"status": "succeeded"}, "Run r1 succeeded."),
        ("cancel_now", "asked for", {"status": "running"}, "Asked for. pid 4711 ends run r1 as soon as it can."),
    ],
)
def test_what_became_of_a_wish(what: RequestKind, became: Became, state: dict[str, Any], says: str) -> None:
    first, *_ = steered_lines(Steered(what, became, RunState("r1", **state), OWNED, "pid 4711"), BEGAN)
    assert first == says


def test_what_nobody_does_any_more_does_not_go_on() -> None:
    running = StepState("a", PlannedStep("a", "command"), status="running")
    state = RunState("r1", status="paused", steps={"a": running})
    first, *_ = steered_lines(Steered("pause", "done", state, OWNED, "pid 4711"), BEGAN)
    assert first == "Run r1 is paused: no new step starts, and 1 step under way goes on."
    first, *_ = steered_lines(Steered("pause", "done", state, replace(OWNED, owner="")), BEGAN)
    assert first == "Run r1 is paused: no new step starts."


def test_what_goes_on_in_a_silent_process_is_said_to_be_silent() -> None:
    _, silent, _ = steered_lines(Steered("continue", "so already", RunState("r1"), OWNED, "pid 4711"), BEGAN + 40)
    assert "It has not been heard of for 40 s; pid 4711 still exists. It may be stopped (`kill -CONT 4711`" in silent
