"""Step kinds: the port that each fills, and those that need neither a model nor a skill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.steps.kind import StepKind

BUILT_IN: Mapping[str, str] = {
    "approval": "Approval",
    "decision": "Decision",
    "delay": "Delay",
    "parallel": "Parallel",
    "question": "AskQuestion",
    "transform": "Transform",
    "workflow": "ChildWorkflow",
}
"""This layer's kinds: each in the module of its name."""


def built_in() -> tuple[StepKind, ...]:
    """This layer's kinds. Skills and agents add theirs."""
    return tuple(make() for make in makers().values())


def makers() -> Mapping[str, Callable[[], StepKind]]:
    """What makes each of this layer's kinds, and imports it only then: a kind may need the whole language."""
    return {name: partial(_made, name) for name in BUILT_IN}


def _made(name: str) -> StepKind:
    kind: StepKind = getattr(import_module(f"workflows.steps.{name}"), BUILT_IN[name])()
    return kind
