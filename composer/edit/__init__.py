"""Edits of a workflow's text that change nothing but what they say: comments, quotes, order and empty lines stay.

    from composer.edit import AddStep, Before, SetField, apply

    text = apply(text, [
        SetField(("budget", "usd"), 1),                              # of the workflow
        SetField(("approve",), "before", "deploy"),                  # of a step, however deep it stands
        AddStep({"id": "check", "type": "skill", "skill": "test_runner"}, Before("deploy")),
        RunTogether(("unit", "integration")),
        RenameStep("deploy", "release"),                             # in all that names it
    ])

`apply` is pure and knows no skills: the caller parses what comes out, checks it, and shows the diff. It raises
EditRefused, with a reason for people, where an edit cannot be made; then nothing is changed. Every change is checked:
the text says afterwards what it said before, but for the change. A value that is set keeps the form of what it
replaces: only the parts of a mapping or list that differ are written.

`readers_of(text, id)` tells who reads or needs a step, before it is taken out. `steps_of(text)` gives the ids of all
steps, `stages_of(text)` the names of the stages, `value_at(text, path, step)` what a field says.
`describe(edit)` is the edit in words.
"""

from composer.edit.apply import apply, describe, stages_of, steps_of, value_at
from composer.edit.page import EditRefused
from composer.edit.references import Reader, readers_of
from composer.edit.values import (
    AddItem,
    AddStage,
    AddStep,
    After,
    AtEnd,
    Before,
    Edit,
    Inside,
    MergeStages,
    MoveStep,
    Place,
    RemoveField,
    RemoveStep,
    RenameParameter,
    RenameStep,
    RunTogether,
    SetField,
    SetStage,
    SplitStage,
)

__all__ = [
    "AddItem",
    "AddStage",
    "AddStep",
    "After",
    "AtEnd",
    "Before",
    "Edit",
    "EditRefused",
    "Inside",
    "MergeStages",
    "MoveStep",
    "Place",
    "Reader",
    "RemoveField",
    "RemoveStep",
    "RenameParameter",
    "RenameStep",
    "RunTogether",
    "SetField",
    "SetStage",
    "SplitStage",
    "apply",
    "describe",
    "readers_of",
    "stages_of",
    "steps_of",
    "value_at",
]
