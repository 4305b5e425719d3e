"""Edits made in a text, one after the other, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from composer.edit import primitives, stages, steps
from composer.edit.page import EditRefused, Page, open_page
from composer.edit.primitives import shown
from composer.edit.render import flow
from composer.edit.tree import spot_of, spots
from composer.edit.tree import stages as stage_names
from composer.edit.values import (
    AddItem,
    AddStage,
    AddStep,
    After,
    AtEnd,
    Before,
    Edit,
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
from workflows.definition.places import Path
from workflows.text import one_line
from workflows.values import Json, plain

_BOM = "\ufeff"

_ORDER = (
    *("name", "version", "description", "metadata", "template", "parameters", "env", "budget", "schedule"),
    *(
        "unattended",
        "context",
        "timeout",
        "max_parallel",
        "resources",
        "stages",
        "steps",
        "error_handlers",
        "rollback",
        "finally",
        "notify",
    ),
    "outputs",
)
"""The order of a workflow's keys, as people write them."""

_HOLDING = ("steps", "branches", "default")
"""Keys that hold steps: a step's other keys stand in front of them."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with these edits, made in order. Raises EditRefused where one cannot be made."""
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    for edit in edits:
        text = _applied(text, edit)
    return mark + text


def steps_of(text: str) -> tuple[str, ...]:
    """The ids of all steps in the order of the file, those inside of others too."""
    return tuple(spot.id for spot in spots(open_page(text)))


def stages_of(text: str) -> tuple[str, ...]:
    """The names of the stages; `main` where the file has steps alone."""
    return stage_names(open_page(text))


def value_at(text: str, path: Path, step: str = "") -> Json:
    """What a field of a step, or without one of the workflow, says; None where it is not there."""
    page = open_page(text)
    return page.value(_path(page, path, step))


def describe(edit: Edit) -> str:
    """An edit in words, such as `set timeout of 'build' to 5m`."""
    match edit:
        case SetField(path, value, step):
            return f"set {shown(path)[1:-1]}{_of(step)} to {one_line(flow(plain(value)), 60)}"
        case RemoveField(path, step):
            return f"take {shown(path)[1:-1]}{_of(step)} out"
        case AddItem(path, value, step):
            return f"add {one_line(flow(plain(value)), 60)} to {shown(path)[1:-1]}{_of(step)}"
        case SetStage(stage, key, value):
            return f"take {key} of stage '{stage}' out" if value is None else f"set {key} of stage '{stage}' to {value}"
        case AddStep(step_added, place):
            return f"add step '{step_added.get('id', '')}' {_where(place)}"
        case RemoveStep(step):
            return f"take step '{step}' out"
        case MoveStep(step, place):
            return f"move step '{step}' {_where(place)}"
        case RenameStep(step, to):
            return f"rename step '{step}' to '{to}'"
        case RenameParameter(parameter, to):
            return f"rename parameter '{parameter}' to '{to}'"
        case RunTogether(ids):
            return f"run {_listed(ids)} at the same time"
        case AddStage(name):
            return f"add stage '{name}'"
        case SplitStage(at, name):
            return f"begin stage '{name}' with step '{at}'"
        case MergeStages(stage):
            return f"put stage '{stage}' into the one before it"


def _applied(text: str, edit: Edit) -> str:
    match edit:
        case SetField(path, value, step):
            return _set(text, path, value, step)
        case RemoveField(path, step):
            return primitives.drop(text, _path(open_page(text), path, step))
        case AddItem(path, value, step, index):
            page = open_page(text)
            whole = _path(page, path, step)
            there = page.value(whole)
            count = len(there) if isinstance(there, list) else 0
            if not count:
                return _set(text, path, [value], step)
            return primitives.insert(text, whole, count if index is None else min(index, count), value)
        case SetStage(stage, key, value):
            return stages.set_stage(text, stage, key, value)
        case AddStep(step_added, place):
            return steps.add(text, plain(step_added), place)
        case RemoveStep(step):
            return steps.remove(text, step)
        case MoveStep(step, place):
            return steps.move(text, step, place)
        case RenameStep(step, to):
            return steps.rename(text, step, to)
        case RenameParameter(parameter, to):
            return steps.rename_parameter(text, parameter, to)
        case RunTogether(ids, most, name):
            return stages.run_together(text, ids, most, name)
        case AddStage(name, contents, after, first, parallel):
            return stages.add_stage(text, name, contents, after, first, parallel)
        case SplitStage(at, name):
            return stages.split(text, at, name)
        case MergeStages(stage):
            return stages.merge(text, stage)


def _set(text: str, path: Path, value: Json, step: str) -> str:
    if not path:
        raise EditRefused("A field that is set has a name.")
    if step and path == ("id",):
        return steps.rename(text, step, str(value))
    page = open_page(text)
    whole = _path(page, path, step)
    # The place matters for the first key on the way that is not there.
    depth = next((n for n in range(1, len(whole) + 1) if page.node(whole[:n]) is None), len(whole))
    return primitives.put(text, whole, value, at=_place(page, whole[: depth - 1], whole[depth - 1]))


def _place(page: Page, holder: Path, key: str | int) -> int | None:
    there = page.value(holder)
    if not isinstance(there, dict) or key in there:
        return None
    keys = list(there)
    if not holder and key in _ORDER:
        before = set(_ORDER[: _ORDER.index(str(key))])
        return max((n + 1 for n, each in enumerate(keys) if each in before), default=0)
    if "id" in there or "name" in there:
        return next((n for n, each in enumerate(keys) if each in _HOLDING), None)
    return None


def _path(page: Page, path: Path, step: str) -> Path:
    return (*spot_of(page, step).path, *path) if step else path


def _of(step: str) -> str:
    return f" of '{step}'" if step else ""


def _where(place: Place) -> str:
    match place:
        case Before(step):
            return f"before '{step}'"
        case After(step):
            return f"after '{step}'"
        case AtEnd(stage):
            return f"at the end of stage '{stage}'" if stage else "at the end"
        case _:
            return f"in {shown(place.path)[1:-1]}{_of(place.step)}"


def _listed(ids: Sequence[str]) -> str:
    return " and ".join([", ".join(f"'{each}'" for each in ids[:-1]), f"'{ids[-1]}'"]) if len(ids) > 1 else str(ids)
