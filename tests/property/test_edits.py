"""Edits of texts of every layout: they say what the edited data says, keep every comment, and can be taken back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composer.edit import (
    AddStep,
    After,
    Before,
    EditRefused,
    MoveStep,
    RemoveField,
    RemoveStep,
    RenameStep,
    RunTogether,
    SetField,
    apply,
    stages_of,
    steps_of,
    value_at,
)
from tests.support.layouts import layouts, workflows
from workflows.source import read, value_of

SLOWLY = settings(
    deadline=None, max_examples=int(os.environ.get("UNDERSTUDY_EDITS", "30")), suppress_health_check=list(HealthCheck)
)
STEP = {"id": "new", "type": "skill", "skill": "x", "parameters": {"a": "x\ny\n", "b": ["1", True]}, "timeout": "5m"}
FIELDS: dict[str, Any] = {
    "approve": "before",
    "idle_timeout": 30,
    "parameters": {"text": "# what", "list": [{"a": 1}, "b: c"]},
    "undo": {"type": "transform", "value": "line\nline\n"},
    "value": "another",
    "timeout": "1h",
    "retry": {"max_attempts": 5, "delay": 2},
}


@st.composite
def texts(draw: st.DrawFn) -> str:
    return draw(layouts(draw(workflows())))


def said(text: str) -> Any:
    """All that a text says, as plain data."""
    document = read(text, "")
    assert not document.diagnostics, document.diagnostics
    assert document.root is not None
    data = value_of(document.root, lambda *_, **__: None)
    return data.get("workflow", data)


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"# (?:above|remark|the) ?\w+", text))


def step_in(data: Any, id_: str) -> Any:
    """The mapping of a step, wherever it is."""
    if isinstance(data, dict):
        if data.get("id") == id_ and "type" in data:
            return data
        return next(filter(None, (step_in(each, id_) for each in data.values())), None)
    return next(filter(None, (step_in(each, id_) for each in data)), None) if isinstance(data, list) else None


def list_of(data: Any, id_: str) -> Any:
    """The list that holds a step."""
    if isinstance(data, list) and any(isinstance(each, dict) and each.get("id") == id_ for each in data):
        return data
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return next((found for each in inner if (found := list_of(each, id_)) is not None), None)


def edited(text: str, change: Callable[[Any], object]) -> Any:
    data = said(text)
    change(data)
    return data


@SLOWLY
@given(texts(), st.data())
def test_a_field_of_a_step_is_set_and_taken_back(text: str, data: st.DataObject) -> None:
    id_ = data.draw(st.sampled_from(steps_of(text)))
    key = data.draw(st.sampled_from(sorted(FIELDS)))
    before = value_at(text, (key,), id_)
    after = apply(text, [SetField((key,), FIELDS[key], id_)])
    assert said(after) == edited(text, lambda data: step_in(data, id_).update({key: FIELDS[key]}))
    assert key in ("retry", "value") or comments(after) == comments(text)
    if before is None and key not in step_in(said(text), id_):
        assert apply(after, [RemoveField((key,), id_)]) == text
    elif not isinstance(before, (list, dict)):
        assert said(apply(after, [SetField((key,), before, id_)])) == said(text)


@SLOWLY
@given(texts(), st.sampled_from([("budget", "usd"), ("timeout",), ("error_handlers",), ("schedule",)]))
def test_a_field_of_the_workflow_is_set_and_taken_back(text: str, path: tuple[str, ...]) -> None:
    value: Any = [{"error": "any", "action": "escalate"}] if path == ("error_handlers",) else 7
    before = value_at(text, path)
    after = apply(text, [SetField(path, value)])
    assert value_at(after, path) == value
    assert comments(after) == comments(text)
    assert apply(after, [RemoveField(path) if before is None else SetField(path, before)]) == text


@SLOWLY
@given(texts(), st.booleans(), st.data())
def test_a_step_is_added_and_taken_out_again(text: str, first: bool, data: st.DataObject) -> None:
    id_ = data.draw(st.sampled_from(steps_of(text)))

    def add(data: Any) -> None:
        steps = list_of(data, id_)
        at = [each["id"] for each in steps].index(id_)
        step = dict(STEP)
        if any(each is steps for each in parallel_lists(data)):
            step = {**STEP, "needs": [id_]} if not first else step
            if first:
                steps[at]["needs"] = ["new"]
        steps.insert(at if first else at + 1, step)

    after = apply(text, [AddStep(STEP, Before(id_) if first else After(id_))])
    assert said(after) == edited(text, add)
    assert comments(after) == comments(text)
    assert apply(after, [RemoveStep("new")]) == text


def parallel_lists(data: Any) -> list[Any]:
    found = []
    if isinstance(data, dict):
        if data.get("type") == "parallel":
            found.append(data["steps"])
        for each in data.values():
            found += parallel_lists(each)
    elif isinstance(data, list):
        for each in data:
            found += parallel_lists(each)
    return found


@SLOWLY
@given(texts(), st.data())
def test_a_step_is_renamed_and_renamed_back(text: str, data: st.DataObject) -> None:
    id_ = data.draw(st.sampled_from(steps_of(text)))
    after = apply(text, [RenameStep(id_, "other")])
    assert f"steps.{id_}.output" not in after
    assert f"steps['{id_}']" not in after
    assert steps_of(after) == tuple("other" if each == id_ else each for each in steps_of(text))
    assert comments(after) == comments(text)
    assert apply(after, [RenameStep("other", id_)]) == text


@SLOWLY
@given(texts(), st.data())
def test_a_step_is_moved_and_moved_back(text: str, data: st.DataObject) -> None:
    ids = steps_of(text)
    id_ = data.draw(st.sampled_from(ids))
    beside = [each["id"] for each in list_of(said(text), id_)]
    to = data.draw(st.sampled_from(beside))
    if to == id_:
        return
    after = apply(text, [MoveStep(id_, After(to))])

    def move(data: Any) -> None:
        steps = list_of(data, id_)
        step = next(each for each in steps if each["id"] == id_)
        steps.remove(step)
        steps.insert([each["id"] for each in steps].index(to) + 1, step)

    assert said(after) == edited(text, move)
    assert comments(after) == comments(text)
    at = beside.index(id_)
    back = After(beside[at - 1]) if at else Before(beside[1])
    assert apply(after, [MoveStep(id_, back)]) == text


@SLOWLY
@given(texts(), st.data())
def test_steps_that_run_together_say_what_they_said(text: str, data: st.DataObject) -> None:
    ids = (
        data.draw(st.lists(st.sampled_from(steps_of(text)), min_size=2, max_size=3, unique=True).map(tuple))
        if len(steps_of(text)) > 1
        else ()
    )
    try:
        after = apply(text, [RunTogether(ids)])
    except EditRefused:
        return
    # A stage that was left with nothing is gone, with what was said of it.
    assert comments(after) == comments(text) or len(stages_of(after)) < len(stages_of(text))
    assert all(step_in(said(after), id_) == step_in(said(text), id_) for id_ in steps_of(text))


@SLOWLY
@given(texts(), st.data())
def test_a_step_taken_out_leaves_all_others(text: str, data: st.DataObject) -> None:
    id_ = data.draw(st.sampled_from(steps_of(text)))
    inner = {each for each in steps_of(text) if step_in(step_in(said(text), id_), each)}
    try:
        after = apply(text, [RemoveStep(id_)])
    except EditRefused:
        return  # it is the only step
    left = [each for each in steps_of(text) if each not in inner]
    gone = [each for each in left if each not in steps_of(after)]
    assert all(step_in(said(text), each)["type"] == "parallel" for each in gone)  # they held nothing else
    for each in set(left) - set(gone):
        if not step_in(step_in(said(text), each), id_):
            assert step_in(said(after), each) == step_in(said(text), each)
