"""The checks of `./dev proof models`, on journals as a run leaves them: each planted fault is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.proof.model_cases import Case, aimock_cases, mock_ai_api_cases, violations

CASE = Case("tool", ("openai/some",), asked=1, tools=1, cost="known", timeout=1)
SPENT = {"cost_known": True, "cost_usd": 0.01}

Events = list[dict[str, Any]]


def journal() -> Events:
    """The events of a run of the case, with what the checks read of them."""
    counted = {"tokens_in": 1, "tokens_out": 2, "cost_usd": 0.01}
    turn, tool = (
        {"key": "turn1", "at": "2026-11-21T14:00:00.000Z"},
        {"key": "turn1/tool1", "at": "2026-11-21T14:00:01Z"},
    )
    return [
        {"event": "AttemptStarted"},
        {"event": "CallStarted", **turn},
        {"event": "CallFinished", **turn, "output": {"text": ""}, "usage": counted},
        {"event": "CallStarted", **tool},
        {"event": "CallFinished", **tool, "output": {"text": "", "misuse": False}, "usage": None},
        {"event": "StepFinished", "status": "succeeded", "failure": None},
        {"event": "RunFinished", "status": "succeeded"},
    ]


def change(number: int, **fields: Any) -> Events:
    events = journal()
    events[number].update(fields)
    return events


def test_a_run_as_it_should_be_is_no_violation() -> None:
    assert violations(CASE, journal(), {"spent": SPENT}) == []


@pytest.mark.parametrize(
    ("events", "spent", "said"),
    [
        (journal()[:-1], SPENT, "the run's ends"),
        (change(5, status="failed", failure={"kind": "agent"}), SPENT, "the failure's class"),
        (journal()[:2] + journal()[3:], SPENT, "calls without an end"),
        (change(4, output={"misuse": True}), SPENT, "tools that ran"),
        (journal()[:1] + journal()[3:], SPENT, "turns asked for"),
        (change(2, at="2026-11-21T14:01:00Z"), SPENT, "turns that took longer"),
        (change(2, usage={"tokens_in": 1, "tokens_out": 2, "cost_usd": 0}), SPENT, "that nobody counted"),
        (change(2, usage={"tokens_in": None, "tokens_out": None, "cost_usd": 0.1}), SPENT, "that nobody counted"),
        (journal(), {"cost_known": True, "cost_usd": 0}, "the cost: 'zero'"),
        (journal(), {"cost_known": False, "cost_usd": None}, "the cost: 'unknown'"),
        (journal(), None, "the cost: 'none'"),
    ],
)
def test_what_is_wrong_is_found(events: Events, spent: Mapping[str, Any] | None, said: str) -> None:
    found = violations(CASE, events, {"spent": spent} if spent else {})
    assert any(said in each for each in found), found


def test_each_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in (*aimock_cases(), *mock_ai_api_cases())]
    assert len(names) == len(set(names)) > 70
