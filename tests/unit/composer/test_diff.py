"""Two workflows compared as workflows."""

from __future__ import annotations

import pytest

from composer.diff import Difference, Field, compare
from composer.edit import (
    AddItem,
    AddStep,
    After,
    AtEnd,
    Before,
    Edit,
    MoveStep,
    RemoveStep,
    RenameStep,
    RunTogether,
    SetField,
    SetStage,
    apply,
)
from workflows.definition.model import Workflow
from workflows.definition.parse import parse
from workflows.steps import built_in

TEXT = """\
name: Some
parameters: [{name: p, default: x}]
stages:
  - name: one
    steps:
      - {id: a, type: transform, value: 1}
      - {id: b, type: transform, value: "${{ steps.a.output }}", timeout: 5}
      - {id: c, type: transform, value: {k: 1, l: 2}}
  - name: two
    steps:
      - {id: d, type: transform, value: "${{ steps.b.output }}"}
error_handlers:
  - {error: timeout, action: skip}
  - {error: any, action: abort}
outputs: {d: "${{ steps.d.output }}"}
"""
NEW = {"id": "new", "type": "transform", "value": 1}


def workflow(text: str) -> Workflow:
    parsed = parse(text, "x.yaml", {kind.name: kind for kind in built_in()})
    assert parsed.workflow is not None, parsed.diagnostics
    return parsed.workflow


@pytest.mark.parametrize(
    ("edits", "found"),
    [
        ([], []),
        ([AddStep(NEW, After("a"))], [("step", "added", "new", "", "stage one")]),
        ([RemoveStep("c")], [("step", "removed", "c", "stage one", "")]),
        ([RenameStep("b", "e")], [("step", "renamed", "e", "b", "e")]),
        (
            [RenameStep("b", "e"), RenameStep("a", "f")],
            [("step", "renamed", "f", "a", "f"), ("step", "renamed", "e", "b", "e")],
        ),
        ([MoveStep("c", Before("a"))], [("step", "moved", "c", "stage one", "stage one, first")]),
        ([MoveStep("c", AtEnd("two"))], [("step", "moved", "c", "stage one", "stage two")]),
        ([SetStage("one", "name", "first")], [("stage", "renamed", "first", "one", "first")]),
        ([SetField(("parameters", 0, "default"), "y")], [("parameter", "changed", "p", "", "")]),
        ([AddItem(("parameters",), {"name": "q"})], [("parameter", "added", "q", "", "")]),
        ([SetField(("error_handlers", 0, "action"), "continue")], [("handler", "changed", "timeout", "", "")]),
        ([SetField(("outputs", "d"), 1)], [("output", "changed", "d", "", "")]),
        ([SetField(("budget", "usd"), 1)], [("workflow", "changed", "Some", "", "")]),
        (
            [RunTogether(("a", "c"))],
            [
                ("step", "added", "together", "", "stage one"),
                ("step", "moved", "a", "stage one", "stage one › together"),
                ("step", "moved", "c", "stage one", "stage one › together"),
            ],
        ),
    ],
)  # fmt: skip
def test_what_an_edit_does_is_what_differs(edits: list[Edit], found: list[tuple[str, ...]]) -> None:
    differences = compare(workflow(TEXT), workflow(apply(TEXT, edits)))
    assert [(each.what, each.how, each.name, each.before, each.after) for each in differences] == found


def test_a_step_changes_field_by_field() -> None:
    edits: list[Edit] = [
        SetField(("value", "k"), 3, "c"),
        SetField(("timeout",), "1m", "b"),
        SetField(("retry",), {"delay": 2}, "b"),
    ]
    assert compare(workflow(TEXT), workflow(apply(TEXT, edits))) == (
        Difference("step", "changed", "b", fields=(Field("timeout", 5, 60), Field("retry", None, {"delay": 2}))),
        Difference("step", "changed", "c", fields=(Field("value.k", 1, 3),)),
    )


def test_comments_and_layout_make_no_difference() -> None:
    other = TEXT.replace("name: Some", "# what\nname: 'Some'").replace("\n", "\r\n")
    assert compare(workflow(TEXT), workflow(other)) == ()
