"""The edits of a workflow's text, as values: what is to change, not how. `composer.edit.apply` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from workflows.definition.places import Path
from workflows.records import dataclass
from workflows.values import Json


@dataclass(frozen=True)
class Before:
    """In front of a step, in the same list."""

    step: str


@dataclass(frozen=True)
class After:
    """Behind a step, in the same list."""

    step: str


@dataclass(frozen=True)
class AtEnd:
    """The last of a stage, by its name; of the last stage where none is named."""

    stage: str = ""


@dataclass(frozen=True)
class Inside:
    """The last of a list of steps inside of a step, such as `("steps",)` or `("branches", 0, "steps")`; without a step
    of one of the workflow's own, such as `("rollback", "steps")`, which is made where there is none."""

    path: Path = ("steps",)
    step: str = ""


Place: TypeAlias = Before | After | AtEnd | Inside


@dataclass(frozen=True)
class SetField:
    """A field of a step, at any depth; without a step one of the workflow. What leads to it is made where it is not
    there: `SetField(("retry", "max_attempts"), 3, "build")`, `SetField(("budget", "usd"), 1)`."""

    path: Path
    value: Json
    step: str = ""


@dataclass(frozen=True)
class RemoveField:
    """A field, or an item of a list, is taken out; with it what held nothing else."""

    path: Path
    step: str = ""


@dataclass(frozen=True)
class AddItem:
    """One item more in a list, such as `parameters` or `error_handlers`, which is made where there is none. `index` is
    its place, the end where it is not given."""

    path: Path
    value: Json
    step: str = ""
    index: int | None = None


@dataclass(frozen=True)
class SetStage:
    """A field of a stage, by the stage's name: `parallel`, `max_parallel`, `name`. None takes it out."""

    stage: str
    key: str
    value: Json


@dataclass(frozen=True)
class AddStep:
    """A step, as the file would say it. Where steps run at the same time it is tied in with `needs`, unless it has
    its own: before a step, that one waits for it; behind a step, it waits, and so do those that needed that one."""

    step: Mapping[str, Json]
    place: Place


@dataclass(frozen=True)
class RemoveStep:
    """A step is taken out, and the stage or block that held nothing else. Who needed it needs what it needed; what
    reads it stays as it is (`readers_of` tells who), so that checking the text says so."""

    step: str


@dataclass(frozen=True)
class MoveStep:
    """A step with its comments is put elsewhere. `needs` that mean nothing there are taken out."""

    step: str
    place: Place


@dataclass(frozen=True)
class RenameStep:
    """A step gets another id, in all that names it: expressions, needs, handlers."""

    step: str
    to: str


@dataclass(frozen=True)
class RenameParameter:
    """A parameter gets another name, in all expressions too."""

    parameter: str
    to: str


@dataclass(frozen=True)
class RunTogether:
    """These steps run at the same time: their stage is made parallel where it has no others, else they are put into a
    parallel step `id`. Refused where one reads or needs another."""

    steps: tuple[str, ...]
    max_parallel: int | None = None
    id: str = "together"


@dataclass(frozen=True)
class AddStage:
    """A stage with its steps, behind the stage `after`, at the end where none is named, first with `first`."""

    name: str
    steps: tuple[Mapping[str, Json], ...]
    after: str = ""
    first: bool = False
    parallel: bool = False


@dataclass(frozen=True)
class SplitStage:
    """From the step `at` on, a stage's steps become a stage of their own behind it."""

    at: str
    name: str


@dataclass(frozen=True)
class MergeStages:
    """A stage's steps are put at the end of the stage before it."""

    stage: str


Edit: TypeAlias = (
    SetField
    | RemoveField
    | AddItem
    | SetStage
    | AddStep
    | RemoveStep
    | MoveStep
    | RenameStep
    | RenameParameter
    | RunTogether
    | AddStage
    | SplitStage
    | MergeStages
)
