"""The plan does each step of the file once, after all that it needs or reads, however deep it stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.catalogue import Listed
from tests.support.kinds import all_kinds
from tests.support.plan_order import disorder, play
from workflows.definition.model import Workflow
from workflows.definition.outline import Placed, outline
from workflows.definition.parse import parse
from workflows.planning.make import make_plan
from workflows.planning.reading import plan_from_json
from workflows.values import canonical

KINDS = all_kinds()
SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def files(draw: st.DrawFn) -> tuple[Workflow, list[tuple[str, str]]]:
    """A workflow of nested steps that wait for each other without a knot, and who reads whom."""
    numbers = count()

    def steps(depth: int) -> list[dict[str, Any]]:
        return [step(depth) for _ in range(draw(st.integers(1, 3)))]

    def step(depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"id": f"s{next(numbers)}"}
        match draw(st.sampled_from(["transform", "transform", "parallel", "decision"] if depth else ["transform"])):
            case "parallel":
                made |= {"type": "parallel", "steps": steps(depth - 1)}
            case "decision":
                made |= {"type": "decision", "branches": [{"when": "true", "steps": steps(depth - 1)}]}
                if draw(st.booleans()):
                    made["default"] = steps(depth - 1)
            case _:
                made |= {"type": "transform", "value": []}
        if draw(st.integers(0, 5)) == 0:
            made["foreach"] = {"in": [1, 2]}
        return made

    data: dict[str, Any] = {"name": "x", "stages": []}
    for number in range(draw(st.integers(1, 3))):
        data["stages"].append({"name": f"g{number}", "parallel": draw(st.booleans()), "steps": steps(2)})
    if draw(st.booleans()):
        data["finally"] = {"steps": steps(1)}
    whole = outline(read(data))
    leaves = {made["id"]: made for made in _all(data) if made["type"] == "transform"}
    rank = dict(zip(leaves, draw(st.permutations(range(len(leaves)))), strict=True))
    read_by: list[tuple[str, str]] = []
    for placed in whole.placed:
        if placed.step.id not in leaves:
            continue
        for other in draw(st.lists(st.sampled_from(whole.placed), max_size=3)):
            if _may_read(placed, other, whole.relation(placed, other), rank):
                leaves[placed.step.id]["value"].append(f"${{{{ steps.{other.step.id}.status }}}}")
                read_by.append((placed.step.id, other.step.id))
                if draw(st.booleans()) and placed.siblings is not None and placed.siblings == other.siblings:
                    leaves[placed.step.id]["needs"] = [other.step.id]
    result = parse(canonical(data), "x.yaml", KINDS, Listed())
    if result.workflow is None:  # siblings whose inner steps read each other
        assert {each.code for each in result.errors} == {"cycle"}, result.diagnostics
        return read(
            {"name": "x", "stages": [{"name": "g", "steps": [{"id": "a", "type": "transform", "value": 1}]}]}
        ), []
    return result.workflow, read_by


def read(data: dict[str, Any]) -> Workflow:
    result = parse(canonical(data), "x.yaml", KINDS, Listed())
    assert result.workflow is not None, result.diagnostics
    return result.workflow


def _may_read(placed: Placed, other: Placed, relation: str, rank: dict[str, int]) -> bool:
    walled = any(step.foreach and not any(step is each for each in placed.inside) for step in other.inside)
    if walled or (placed.stage is None) != (other.stage is None):
        return False
    if relation == "sibling":
        return rank.get(other.step.id, 10**6) < rank[placed.step.id]
    return relation == "before"


def _all(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        if "id" in data:
            yield data
        for value in data.values():
            yield from _all(value)
    elif isinstance(data, list):
        for value in data:
            yield from _all(value)


@SLOWLY
@given(files(), st.data())
def test_each_step_is_done_once_after_what_it_needs(
    file: tuple[Workflow, list[tuple[str, str]]], data: st.DataObject
) -> None:
    workflow, read_by = file
    plan = make_plan(workflow, KINDS, Listed())
    told = play(plan, lambda ready: data.draw(st.sampled_from(ready)))
    assert list(disorder(workflow, told)) == []
    for reader, other in read_by:
        assert told.index(f"-{other}") < told.index(f"+{reader}")


@SLOWLY
@given(files())
def test_a_plan_is_kept_as_it_was_made(file: tuple[Workflow, list[tuple[str, str]]]) -> None:
    plan = make_plan(file[0], KINDS, Listed())
    assert plan_from_json(plan.to_json()) == plan
    assert set(plan.reach) == {step.id for step in plan.steps}


@SLOWLY
@given(files())
def test_no_path_that_is_ahead_is_longer_than_it_is_said_to_be(file: tuple[Workflow, list[tuple[str, str]]]) -> None:
    plan = make_plan(file[0], KINDS, Listed())
    ahead, stages = plan.precedence.ahead, plan.precedence.stages
    for step in plan.steps:
        for other in plan.dependents[step.id]:
            assert stages[other] > stages[step.id] or ahead[step.id] > ahead[other]
    assert sorted(plan.precedence.ranks.values()) == list(range(len(plan.steps)))
